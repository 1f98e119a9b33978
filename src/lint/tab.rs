//! One page, visited: loaded with the recorder in it, planted, listened to.

use super::browser::Browser;
use super::search::{END, Sent};
use super::verdict::Place;
use crate::auditor::marked_selector;
use crate::error::{Error, Result};
use crate::policy::Policy;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Finds places and plants words, in a world of its own.
const PAGE: &str = include_str!("page.js");
/// A page that loads longer is looked at as it is then.
const LOAD_MAX: Duration = Duration::from_secs(15);
/// Scripts build their page for so long after it has loaded, at most: until the network is idle.
const IDLE_MAX: Duration = Duration::from_secs(3);
/// Time for what nobody can await: late frames, looks at what no event tells of.
const SETTLE: Duration = Duration::from_millis(900);
/// A last batch that has not left by then will not.
const END_MAX: Duration = Duration::from_secs(15);

pub struct Visit {
    pub places: Vec<Place>,
    pub links: Vec<String>,
    pub sent: Sent,
}

/// The tab, and what is known of it.
struct Tab<'b> {
    browser: &'b mut Browser,
    session: String,
    state: State,
}

#[derive(Default)]
struct State {
    session: String,
    frame: String,
    origin: String,
    /// From here on nothing but batches is let through.
    closed: bool,
    loaded: bool,
    idle: bool,
    sent: Sent,
    broken: Option<Error>,
}

/// Load `address`, plant, listen, and close the tab again.
pub fn visit(browser: &mut Browser, address: &str, recorder: &str, policy: &Policy) -> Result<Visit> {
    let nothing = |_: &mut Browser, _| Ok(());
    // A context of its own: no page sees what another has stored.
    let context = browser.call(None, "Target.createBrowserContext", json!({}), nothing)?;
    let context = &context["browserContextId"];
    let target = json!({ "url": "about:blank", "browserContextId": context });
    let target = browser.call(None, "Target.createTarget", target, nothing)?;
    let attach = json!({ "targetId": target["targetId"], "flatten": true });
    let attached = browser.call(None, "Target.attachToTarget", attach, nothing)?;
    let session = text(&attached["sessionId"]);
    let state = State { session: session.clone(), origin: origin_of(address).to_owned(), ..State::default() };
    let mut tab = Tab { browser, session, state };
    let visit = tab.look(address, recorder, policy);
    let gone = json!({ "browserContextId": context });
    tab.browser.call(None, "Target.disposeBrowserContext", gone, nothing)?;
    visit
}

impl Tab<'_> {
    fn look(&mut self, address: &str, recorder: &str, policy: &Policy) -> Result<Visit> {
        self.open(address, recorder)?;
        let world =
            self.call("Page.createIsolatedWorld", json!({ "frameId": self.state.frame, "worldName": "lint" }))?;
        let world = Some(&world["executionContextId"]);
        let marked = [&policy.mask, &policy.block, &policy.ignore].into_iter().flatten().cloned();
        let marked = std::iter::once(marked_selector()).chain(marked).collect::<Vec<_>>().join(",");
        let script = PAGE.replacen("__MARKED__", &Value::from(marked).to_string(), 1).replacen(
            "__SHOW__",
            &json!(policy.show).to_string(),
            1,
        );
        self.evaluate(&format!("{script};0"), world)?;
        let links = self.evaluate("lint.links()", world)?;
        if self.evaluate("hushreelLint('recording')", None)?.is_null() {
            return Err(Error::Failed(format!(
                "{address}: the recorder did not start. A selector of the policy may not parse in a browser, or the page stopped it."
            )));
        }
        // What is planted must not reach the site: nothing but batches gets out from here on.
        self.state.closed = true;
        self.evaluate(
            "WebSocket.prototype.send = () => {}; addEventListener('submit', (event) => event.preventDefault(), true)",
            None,
        )?;
        self.plant(policy, world)?;
        self.listen(Instant::now() + SETTLE, |_| false)?;
        self.evaluate(&format!("hushreelLint('event', '{END}'); hushreelLint('stop')"), None)?;
        self.listen(Instant::now() + END_MAX, |state| state.sent.ended)?;
        let places = self.evaluate("lint.places()", world)?;
        if let Some(broken) = self.state.broken.take() {
            return Err(broken);
        }
        let sent = std::mem::take(&mut self.state.sent);
        if !sent.ended || !sent.snapshot {
            let why = self.evaluate("hushreelLint.why", None)?;
            return Err(Error::Failed(format!(
                "{address}: the recorder did not say all it had to say (it stopped: {}). Try again.",
                why.as_str().unwrap_or("it did not")
            )));
        }
        let read = |cause| Error::internal("reading what was planted", cause);
        Ok(Visit {
            places: serde_json::from_value(places).map_err(read)?,
            links: serde_json::from_value(links).map_err(read)?,
            sent,
        })
    }

    /// Load the page with the recorder in it before anything else.
    fn open(&mut self, address: &str, recorder: &str) -> Result<()> {
        self.call("Page.enable", json!({}))?;
        self.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }))?;
        self.call("Page.setBypassCSP", json!({ "enabled": true }))?;
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }))?;
        self.call("Fetch.enable", json!({ "patterns": [{ "urlPattern": "*" }] }))?;
        let tree = self.call("Page.getFrameTree", json!({}))?;
        self.state.frame = text(&tree["frameTree"]["frame"]["id"]);
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": injected(recorder) }))?;
        let went = self.call("Page.navigate", json!({ "url": address }))?;
        if let Some(error) = went["errorText"].as_str() {
            return Err(Error::Failed(format!("{address} cannot be opened: {error}.")));
        }
        self.listen(Instant::now() + LOAD_MAX, |state| state.loaded)?;
        self.listen(Instant::now() + IDLE_MAX, |state| state.idle)?;
        if let Some(broken) = self.state.broken.take() {
            return Err(broken);
        }
        Ok(())
    }

    fn plant(&mut self, policy: &Policy, world: Option<&Value>) -> Result<()> {
        // As a visitor does first: policies may wait for that.
        self.call("Input.dispatchMouseEvent", json!({ "type": "mouseMoved", "x": 40, "y": 40 }))?;
        let fields = self.evaluate("lint.fields()", world)?;
        let fields: Vec<Place> =
            serde_json::from_value(fields).map_err(|cause| Error::internal("reading the page's fields", cause))?;
        for (at, field) in fields.iter().enumerate().filter(|(_, field)| field.typed) {
            if self.evaluate(&format!("lint.focus({at})"), world)? == true {
                self.call("Input.insertText", json!({ "text": field.canary }))?;
            }
            self.evaluate(&format!("lint.typed({at})"), world)?;
        }
        self.evaluate("lint.set()", world)?;
        self.evaluate("lint.attributes()", world)?;
        self.evaluate(&format!("lint.address({})", json!(policy.query)), world)?;
        Ok(())
    }

    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        let state = &mut self.state;
        self.browser.call(Some(&self.session), method, params, |browser, event| state.hear(browser, event))
    }

    fn evaluate(&mut self, expression: &str, world: Option<&Value>) -> Result<Value> {
        let mut params = json!({ "expression": expression, "returnByValue": true });
        if let Some(world) = world {
            params["contextId"] = world.clone();
        }
        let mut said = self.call("Runtime.evaluate", params)?;
        match said["exceptionDetails"]["exception"]["description"].as_str() {
            Some(cause) => Err(Error::internal("looking at a page", cause)),
            None => Ok(said["result"]["value"].take()),
        }
    }

    /// Hear what happens until `done` says so.
    fn listen(&mut self, until: Instant, done: fn(&State) -> bool) -> Result<()> {
        while !done(&self.state) {
            let Some(event) = self.browser.hear(until)? else { return Ok(()) };
            self.state.hear(self.browser, event)?;
        }
        Ok(())
    }
}

impl State {
    fn hear(&mut self, browser: &mut Browser, event: Value) -> Result<()> {
        if event["sessionId"] != self.session.as_str() {
            return Ok(());
        }
        let params = &event["params"];
        match event["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Page.lifecycleEvent")
                if params["name"] == "networkIdle" && params["frameId"] == self.frame.as_str() =>
            {
                self.idle = self.loaded;
            }
            Some("Page.javascriptDialogOpening") => {
                let no = json!({ "accept": false });
                browser.ask(Some(&self.session), "Page.handleJavaScriptDialog", no)?;
            }
            Some("Fetch.requestPaused") => self.decide(browser, params)?,
            _ => {}
        }
        Ok(())
    }

    /// What becomes of a request.
    fn decide(&mut self, browser: &mut Browser, asked: &Value) -> Result<()> {
        let request = &asked["request"];
        let url = request["url"].as_str().unwrap_or_default();
        let id = &asked["requestId"];
        let path = url.strip_prefix(self.origin.as_str()).unwrap_or_default();
        let (method, params) = if path.starts_with("/i/v1/") {
            if !path.ends_with("/assets")
                && let Err(error) = self.sent.add(&body_of(request))
            {
                self.broken.get_or_insert(error);
            }
            ("Fetch.fulfillRequest", json!({ "requestId": id, "responseCode": 204 }))
        } else if self.closed || self.leads_away(asked, url) {
            ("Fetch.failRequest", json!({ "requestId": id, "errorReason": "BlockedByClient" }))
        } else {
            ("Fetch.continueRequest", json!({ "requestId": id }))
        };
        browser.ask(Some(&self.session), method, params)?;
        Ok(())
    }

    /// Whether the page itself would come from another origin than the one that was asked for.
    fn leads_away(&mut self, asked: &Value, url: &str) -> bool {
        let page = asked["resourceType"] == "Document" && asked["frameId"] == self.frame.as_str();
        let away = page && origin_of(url) != self.origin;
        if away {
            self.broken = Some(Error::Failed(format!(
                "{} leads to {}, another origin. Name that one.",
                self.origin,
                origin_of(url)
            )));
        }
        away
    }
}

/// The recorder as the first script of the page alone, not of its frames. What the page says to it about consent is not heard: this
/// visitor agreed.
fn injected(recorder: &str) -> String {
    format!(
        "(() => {{ if (window !== top) return;
        const begin = () => {{
          // What outlives its page is loaded past the protocol, and would wait for ever.
          const fetch = window.fetch;
          window.fetch = (url, init) => fetch(url, {{ ...init, keepalive: false }});
          {recorder}
          window.fetch = fetch;
          const recorder = window.hushreel;
          window.hushreelLint = recorder;
          recorder('on', 'stopped', (why) => (recorder.why ??= why));
          window.hushreel = (name, ...values) => /^(consent|start|pause|resume|stop)$/.test(name) ? undefined : recorder(name, ...values);
          window.hushreel.ready = true;
        }};
        if (document.documentElement) begin();
        else new MutationObserver((_, observer) => {{
          if (!document.documentElement) return;
          observer.disconnect();
          begin();
        }}).observe(document, {{ childList: true }}); }})();"
    )
}

fn body_of(request: &Value) -> Vec<u8> {
    let parts = request["postDataEntries"].as_array().into_iter().flatten();
    let decode = |part: &Value| data_encoding::BASE64.decode(part["bytes"].as_str().unwrap_or_default().as_bytes());
    parts.filter_map(|part| decode(part).ok()).flatten().collect()
}

/// Scheme, host and port of an address.
fn origin_of(address: &str) -> &str {
    let from = address.find("://").map_or(0, |at| at + 3);
    address[from..].find(['/', '?', '#']).map_or(address, |at| &address[..from + at])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
