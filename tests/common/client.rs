//! Starts the binary in a directory of its own, and speaks to it as browsers, programs and operators do.

use super::wire::{Body, Head};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub const ORIGIN: &str = "https://shop.example.com";
/// High enough that no test but those of the limits meets them.
pub const ROOMY: &str = "client_batches_per_second = 1000000\nsite_batches_per_second = 1000000\n";

/// A data directory, its configuration, and the server on it while it runs.
pub struct Server {
    pub dir: TempDir,
    child: Option<Child>,
    pub url: String,
    pub setup: Option<String>,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The name of the problem, without its common beginning.
    pub fn problem(&self) -> String {
        let kind = self.json()["type"].as_str().unwrap_or_default().to_owned();
        assert_eq!(self.header("content-type"), "application/problem+json");
        kind.trim_start_matches("/problems/").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn cookie(&self) -> String {
        self.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
    }
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(ROOMY)
    }

    pub fn start_with(config: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), config)
    }

    pub fn start_in(dir: TempDir, config: &str) -> Self {
        let mut server = Self::in_dir(dir, config);
        server.run();
        server
    }

    /// One that does not run yet.
    pub fn in_dir(dir: TempDir, config: &str) -> Self {
        std::fs::write(dir.path().join("config.toml"), config).unwrap();
        Self { dir, child: None, url: String::new(), setup: None }
    }

    /// Start the binary on this directory, and wait until it says where it is.
    pub fn run(&mut self) {
        self.run_telling("info");
    }

    /// The same, with this much in its log: `log` in the server's directory.
    pub fn run_telling(&mut self, filter: &str) {
        self.run_with("127.0.0.1:0", &[("RUST_LOG", filter)]);
    }

    /// Start it on this address, with this in its environment.
    pub fn run_with(&mut self, listen: &str, environment: &[(&str, &str)]) {
        let path = self.dir.path().join("log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        let mut child = self
            .command(&["serve", "--json", "--listen", listen])
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("it did not start: {}", self.log()));
        self.url = format!("http://{}", said["listen"][0].as_str().unwrap());
        self.setup = said["setup"].as_str().map(str::to_owned);
        self.child = Some(child);
    }

    pub fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ask the server to stop, as a service manager does; returns its exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        Command::new("kill").arg(child.id().to_string()).status().unwrap();
        child.wait().unwrap().code()
    }

    /// Send it a signal, and go on at once.
    pub fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.pid().to_string()]).status().unwrap();
    }

    /// What it has logged, in all its runs.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("log")).unwrap_or_default()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// The most memory that the server has had resident, in KiB.
    pub fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = hushreel(args);
        command.arg("--data").arg(self.data()).arg("--config").arg(self.dir.path().join("config.toml"));
        command
    }

    /// Run a command beside the server.
    pub fn cli(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn cli_json(&self, args: &[&str]) -> Value {
        let output = self.command(args).arg("--json").output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    pub fn token(&self, role: &str) -> String {
        let made = self.cli_json(&["token", "create", "--name", "test", "--role", role]);
        made["token"].as_str().unwrap().to_owned()
    }

    pub fn site(&self, more: &[&str]) -> Site {
        let mut args = vec!["site", "add", "--name", "Shop", "--origin", ORIGIN, "--purpose", "tests"];
        args.extend(more);
        let made = self.cli_json(&args);
        let key = made["key"].as_str().unwrap().to_owned();
        let policy = self.cli_json(&["site", "policy", "show", &key]);
        // The command returns before the running server has looked; it looks several times a second.
        self.wait_for(|| self.get(&format!("/r/{key}.js"), &[]).status == 200);
        Site { key, policy: hex(policy["hash"].as_str().unwrap()) }
    }

    pub fn wait_for(&self, mut ready: impl FnMut() -> bool) {
        let began = std::time::Instant::now();
        while !ready() {
            assert!(began.elapsed() < Duration::from_secs(10), "waited for too long");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, None).unwrap()
    }

    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.get(path, &[("authorization", &format!("Bearer {token}"))])
    }

    pub fn send_json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("content-type", "application/json"));
        self.ask(method, path, &headers, Some(body.to_string().as_bytes())).unwrap()
    }

    /// One request; an error where the connection breaks.
    pub fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(bytes) => agent().run(request.body(bytes).unwrap()),
            None => agent().run(request.body(()).unwrap()),
        };
        read(answer?)
    }

    /// What an endless answer says up to the end of the line that holds `wanted`.
    pub fn hear(&self, token: &str, path: &str, wanted: &str) -> String {
        let request = ureq::http::Request::get(format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {token}")).body(()).unwrap();
        let (mut lines, mut heard) =
            (std::io::BufReader::new(agent().run(request).unwrap().into_body().into_reader()), String::new());
        while !heard.contains(wanted) {
            assert!(lines.read_line(&mut heard).unwrap() > 0, "it ended after {heard}");
        }
        heard
    }

    /// Post a body that is made while it is read.
    pub fn pour(&self, path: &str, mut body: impl Read) -> Result<Answer, ureq::Error> {
        let request = ureq::http::Request::post(format!("{}{path}", self.url)).header("origin", ORIGIN);
        read(agent().run(request.body(ureq::SendBody::from_reader(&mut body)).unwrap())?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.child.is_some() {
            self.kill();
        }
    }
}

/// A recorded site, and the recorder that a visitor's browser would run.
pub struct Site {
    pub key: String,
    pub policy: [u8; 8],
}

impl Site {
    pub fn visit(&self, recording: u8) -> Visit {
        let head = Head {
            granted: true,
            policy: self.policy,
            secret: [recording; 16],
            page: [recording; 8],
            seq: 0,
            sent_at: 5_000,
        };
        Visit { key: self.key.clone(), recording: format!("{recording:02x}").repeat(16), head }
    }
}

/// One tab of one visitor.
#[derive(Clone)]
pub struct Visit {
    pub key: String,
    pub recording: String,
    pub head: Head,
}

impl Visit {
    pub fn path(&self) -> String {
        let page: String = self.head.page.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("/i/v1/{}/{}/{page}/{}", self.key, self.recording, self.head.seq)
    }

    /// Send a batch as the page's `seq`-th.
    pub fn send(&mut self, server: &Server, seq: u64, body: Body) -> Answer {
        self.head.seq = seq;
        self.post(server, &self.head.with(&body.bytes()))
    }

    pub fn post(&self, server: &Server, bytes: &[u8]) -> Answer {
        server.ask("POST", &self.path(), &[("origin", ORIGIN)], Some(bytes)).unwrap()
    }

    /// A first batch as any page sends it.
    pub fn first() -> Body {
        Body::new(0).snapshot("https://shop.example.com/start", "Welcome").time(900).click(4)
    }
}

pub fn hushreel(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hushreel"));
    command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).stdin(Stdio::null());
    command
}

/// Every byte of every file under a directory.
pub fn all_bytes(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(all_bytes(&path));
        } else {
            found.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
        }
    }
    found.sort();
    found
}

pub fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn read(answer: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let (parts, body) = answer.into_parts();
    let mut bytes = Vec::new();
    body.into_reader().read_to_end(&mut bytes)?;
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: bytes })
}

fn hex(text: &str) -> [u8; 8] {
    let mut bytes = [0; 8];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap();
    }
    bytes
}
