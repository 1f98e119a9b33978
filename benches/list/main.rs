//! `make bench-list`: lists over a million recordings, through HTTP against the binary: every filter, every pair of them, every order,
//! search, deep pages, counts. Also what a new recording costs with and without all that lists need. `--readme` puts the figures into
//! README.md; RECORDINGS says how many.

#[path = "../../tests/common/mod.rs"]
mod common;

mod fill;
mod kinds;
mod random;

use common::client::{ROOMY, Server, Visit};
use common::wire::Body;
use std::time::{Duration, Instant};

/// Requests of each kind that has only one.
const TIMES: usize = 40;
const AIM_MS: f64 = 50.0;

/// One kind of request, how long each took in milliseconds, and how many of them the server's processors worked for one.
struct Row {
    what: &'static str,
    took: Vec<f64>,
    cpu: f64,
}

impl Row {
    fn of(what: &'static str, server: &Server, took: impl Iterator<Item = f64>) -> Self {
        let before = worked_ms(server.pid());
        let took: Vec<f64> = took.collect();
        let cpu = (worked_ms(server.pid()) - before) / took.len() as f64;
        Self { what, took, cpu }
    }

    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.took.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len()) - 1]
    }
}

fn main() {
    let count = std::env::var("RECORDINGS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let mut server = Server::start_with(ROOMY);
    let sites: Vec<_> = (0..4).map(|_| server.site(&["--preset", "full"])).collect();
    let made = server.cli_json(&["token", "create", "--name", "bench", "--role", "viewer"]);
    let text = |name: &str| made[name].as_str().expect("a token's text").to_owned();
    let (token, watcher) = (text("token"), text("id"));
    server.terminate();

    let began = Instant::now();
    let cost = fill::fill(&server.data(), count, &watcher);
    println!("{count} recordings made in {:.0} s", began.elapsed().as_secs_f64());
    let idle = Instant::now();
    server.run();
    let client = Client::of(&server, token);
    // The first waits until everything is in memory.
    let all = client.json("/api/v1/recordings?facets=true");
    let ready = idle.elapsed().as_secs_f64();
    assert_eq!(all["count"], count as u64, "every recording is listed");
    let visitor = all["items"][0]["visitor"].as_str().map(str::to_owned);
    println!("listed {ready:.1} s after the start");

    let mut rows: Vec<Row> = Vec::new();
    for (what, queries) in kinds::kinds(&sites[0].key, visitor.as_deref()) {
        let rounds = TIMES.div_ceil(queries.len());
        let took = (0..rounds).flat_map(|_| &queries).map(|query| client.took(&format!("/api/v1/recordings?{query}")));
        rows.push(Row::of(what, &server, took));
    }
    let walks = kinds::ORDERS.iter().flat_map(|order| client.walk(order));
    rows.push(Row::of("page after page, 200 of them in each order", &server, walks));
    let terms = kinds::SUGGESTIONS.iter().cycle().take(TIMES);
    let suggested = terms.map(|terms| client.took(&format!("/api/v1/recordings/terms?{terms}")));
    rows.push(Row::of("suggestions of paths, events and tags", &server, suggested));
    let mut visit = sites[0].visit(0xee);
    assert_eq!(visit.send(&server, 0, Visit::first()).status, 204);
    let arriving = (1..=TIMES).map(|seq| {
        assert_eq!(visit.send(&server, seq as u64, Body::new(1_000 * seq as u64).visible(true)).status, 204);
        client.took("/api/v1/recordings?facets=true")
    });
    rows.push(Row::of("with counts, each after a batch came in", &server, arriving));

    println!("{:<52} {:>8} {:>10} {:>10} {:>10}", "", "requests", "p50", "p95", "CPU");
    for row in &rows {
        let (p50, p95) = (row.at(0.5), row.at(0.95));
        println!("{:<52} {:>8} {p50:>7.1} ms {p95:>7.1} ms {:>7.1} ms", row.what, row.took.len(), row.cpu);
    }
    println!(
        "a new recording, kept and counted: {:.0} µs with what lists need, {:.0} µs without",
        cost.with, cost.without
    );
    let resident = server.peak_kib() as f64 / 1024.0;
    println!("server, most resident: {resident:.0} MiB");
    if std::env::args().any(|arg| arg == "--readme") {
        write_readme(&rows, count, ready, resident, &cost);
    }
    let slow: Vec<_> = rows.iter().filter(|row| row.at(0.95) > AIM_MS).map(|row| row.what).collect();
    assert!(slow.is_empty(), "slower than {AIM_MS} ms: {slow:?}");
}

fn write_readme(rows: &[Row], count: usize, ready: f64, resident: f64, cost: &fill::Cost) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).expect("README.md");
    let mut table = String::from("| what | requests | p50 | p95 | aim | CPU of one |\n|---|---|---|---|---|---|\n");
    for row in rows {
        let (p50, p95) = (row.at(0.5), row.at(0.95));
        let (what, requests, cpu) = (row.what, row.took.len(), row.cpu);
        table += &format!("| {what} | {requests} | {p50:.1} ms | {p95:.1} ms | {AIM_MS:.0} ms | {cpu:.1} ms |\n");
    }
    let about = format!(
        "{count} recordings of four sites. The server lists {ready:.1} s after its start, and had {resident:.0} MiB resident at most. A new recording takes\n\
         {:.0} µs of the writer's time, {:.0} µs without what lists need.",
        cost.with, cost.without
    );
    let (before, rest) = readme.split_once("<!-- list -->\n").expect("a place for the table");
    let (_, after) = rest.split_once("<!-- /list -->").expect("its end");
    std::fs::write(path, format!("{before}<!-- list -->\n{about}\n\n{table}<!-- /list -->{after}")).expect("README.md");
}

/// What all threads of a process have worked so far, by the kernel's own clock. Threads that ended meanwhile are missing; the server's stay.
fn worked_ms(pid: u32) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("the server runs").flatten();
    let worked = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("schedstat")).ok());
    worked.filter_map(|text| text.split(' ').next()?.parse::<f64>().ok()).sum::<f64>() / 1e6
}

/// Asks over one connection that stays open, as a browser does.
struct Client {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Client {
    fn of(server: &Server, token: String) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(120))).build();
        Self { agent: config.into(), url: server.url.clone(), token: format!("Bearer {token}") }
    }

    fn text(&self, path: &str) -> String {
        let answer = self.agent.get(format!("{}{path}", self.url)).header("authorization", &self.token).call();
        let mut answer = answer.unwrap_or_else(|error| panic!("{path}: {error}"));
        answer.body_mut().read_to_string().expect("an answer is text")
    }

    fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.text(path)).expect("an answer is JSON")
    }

    /// From the request to the last byte of the answer, in milliseconds.
    fn took(&self, path: &str) -> f64 {
        let began = Instant::now();
        self.text(path);
        began.elapsed().as_secs_f64() * 1_000.0
    }

    fn walk(&self, order: &str) -> Vec<f64> {
        let (mut took, mut cursor) = (Vec::new(), String::new());
        for _ in 0..200 {
            let began = Instant::now();
            let text = self.text(&format!("/api/v1/recordings?{order}{cursor}"));
            took.push(began.elapsed().as_secs_f64() * 1_000.0);
            let page: serde_json::Value = serde_json::from_str(&text).expect("an answer is JSON");
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        took
    }
}
