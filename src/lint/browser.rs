//! A Chromium of our own, driven by the DevTools protocol over a pair of pipes: no port is opened that others could speak to.

use crate::error::{Error, Result};
use crate::seal;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// What Chromium calls itself on PATH, the likeliest first.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// A browser that takes longer to answer hangs.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// Nothing of these reaches the network by itself.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,800",
];
/// The protocol's ends are file descriptors 3 and 4. The shell moves them there: to do it between fork and exec takes `unsafe`.
const MOVE_PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// The browser's program: as told, else `$CHROMIUM`, else what PATH has.
pub fn find(told: Option<&Path>) -> Result<PathBuf> {
    let missing = |path: &Path| {
        Error::Unavailable(format!("There is no browser at {}. Say where Chromium is with --browser.", path.display()))
    };
    let set = std::env::var_os("CHROMIUM").filter(|path| !path.is_empty()).map(PathBuf::from);
    let named = told.map(Path::to_owned).or(set);
    if let Some(path) = named {
        return if path.is_file() { Ok(path) } else { Err(missing(&path)) };
    }
    let folders: Vec<PathBuf> =
        std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let all = NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|path| path.is_file()).ok_or_else(|| {
        Error::Unavailable(
            "No Chromium was found on PATH. Install it (Debian, Ubuntu: `apt install chromium`; Fedora: `dnf install chromium`), \
             or say where it is with --browser or $CHROMIUM."
                .to_owned(),
        )
    })
}

/// Removed, with all that is in it, when the browser ends.
struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct Browser {
    child: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    last_id: u64,
    _profile: Profile,
}

impl Browser {
    /// Start `program` with a profile of its own.
    pub fn start(program: &Path, trust_any_certificate: bool) -> Result<Self> {
        let name = format!("hushreel-lint-{}", data_encoding::HEXLOWER.encode(&seal::random::<8>()?));
        let profile = Profile(std::env::temp_dir().join(name));
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&profile.0)
            .map_err(|cause| Error::Failed(format!("{} cannot be made: {cause}.", profile.0.display())))?;
        let mut command = Command::new("/bin/sh");
        command.args(["-c", MOVE_PIPES]).arg(program).args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.0.display()));
        if rustix::process::geteuid().is_root() {
            // Chromium refuses to run as root with its sandbox.
            command.arg("--no-sandbox");
        }
        if trust_any_certificate {
            command.arg("--ignore-certificate-errors");
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|cause| Error::internal("starting the browser", cause))?;
        let (to, out) = (child.stdin.take(), child.stdout.take());
        let out = out.ok_or_else(|| Error::internal("starting the browser", "it has no output"))?;
        let (sender, from) = mpsc::channel();
        std::thread::spawn(move || {
            for message in BufReader::new(out).split(0).map_while(std::io::Result::ok) {
                let read = serde_json::from_slice(&message).or_else(|_| serde_json::from_str(&whole_signs(&message)));
                let Ok(message) = read else { continue };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, to, from, last_id: 0, _profile: profile })
    }

    /// Ask something, of a tab or of the browser as a whole; the number that its answer will carry.
    pub fn ask(&mut self, tab: Option<&str>, method: &str, params: Value) -> Result<u64> {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(tab) = tab {
            message["sessionId"] = tab.into();
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let to = self.to.as_mut().ok_or_else(ended)?;
        to.write_all(&bytes).and_then(|()| to.flush()).map_err(|_| ended())?;
        Ok(self.last_id)
    }

    /// The next thing that the browser says; `None` if it says nothing until then.
    pub fn hear(&mut self, until: Instant) -> Result<Option<Value>> {
        match self.from.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(ended()),
        }
    }

    /// Ask, and wait for the answer. What happens meanwhile goes to `meanwhile`.
    pub fn call(
        &mut self,
        tab: Option<&str>,
        method: &str,
        params: Value,
        mut meanwhile: impl FnMut(&mut Self, Value) -> Result<()>,
    ) -> Result<Value> {
        let id = self.ask(tab, method, params)?;
        let until = Instant::now() + ANSWER_MAX;
        loop {
            let Some(mut message) = self.hear(until)? else {
                return Err(Error::Failed(format!("The browser did not answer {method} within 30 s.")));
            };
            if message["id"] != id {
                meanwhile(self, message)?;
            } else if message["error"].is_null() {
                return Ok(message["result"].take());
            } else {
                return Err(Error::Failed(format!("The browser refused {method}: {}", message["error"]["message"])));
            }
        }
    }
}

/// A message as JSON that can be read: the browser writes what a request brings as text too, whatever bytes it is, and so halves of
/// surrogate pairs, which stand for no sign.
fn whole_signs(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let is_half = |escape: &str| {
            let digits = escape.strip_prefix("\\u").and_then(|digits| digits.get(..4));
            digits
                .and_then(|digits| u16::from_str_radix(digits, 16).ok())
                .is_some_and(|code| (0xd800..0xe000).contains(&code))
        };
        let length = escape.char_indices().nth(2).map_or(escape.len(), |(end, _)| end);
        if is_half(escape) {
            out.push_str("\\ufffd");
            rest = &escape[6..];
        } else {
            out.push_str(&escape[..length]);
            rest = &escape[length..];
        }
    }
    out.push_str(rest);
    out
}

fn ended() -> Error {
    Error::Unavailable(
        "The browser ended by itself. Try it alone: `chromium --headless=new --dump-dom about:blank`.".to_owned(),
    )
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.ask(None, "Browser.close", json!({}));
        // With its pipes closed it ends even where it did not hear that.
        self.to = None;
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until && matches!(self.hear(until), Ok(Some(_) | None)) {}
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_half_a_sign_in_it_is_read_all_the_same() {
        let message = br#"{"a":"x\\ud800\ud800y\n\udc00","b":"\u010d"}"#;
        assert!(serde_json::from_slice::<Value>(message).is_err());
        let read: Value = serde_json::from_str(&whole_signs(message)).unwrap();
        assert_eq!((&read["a"], &read["b"]), (&json!("x\\ud800\u{fffd}y\n\u{fffd}"), &json!("\u{10d}")));
    }
}
