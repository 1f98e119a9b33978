//! `make bench`: batches a second through HTTP, through the same pipeline called in-process, and into a bare table, in one run.
//! CPU is that of the process that keeps the batches; the client's is not in it. Rounds alternate, and medians are told.

#[path = "../../tests/common/mod.rs"]
mod common;

mod http;
mod limit;
mod meter;
mod pipeline;
mod visit;

use common::client::{ROOMY, Server};
use hushreel::model::{PageId, PolicyHash, Timestamp};
use hushreel::policy::Preset;
use hushreel::store::Place;
use meter::{Cost, Meter};
use pipeline::{Pipeline, Spot, groups};
use std::collections::BTreeSet;
use std::sync::Arc;
use visit::Batch;

/// Connections, and tasks in-process; each has one batch under way.
const LANES: usize = 32;
const VISITS_PER_LANE: usize = 16;
const BATCHES: usize = LANES * VISITS_PER_LANE * visit::BATCHES;
/// How many times as many connections at once, in the end.
const OVERLOAD: usize = 10;
/// Odd, so that a median is a round.
const ROUNDS: usize = 7;
/// Text is shown, so that the door has something to read.
const PRESET: Preset = Preset::Balanced;

/// One round of each, made one after the other.
struct Round {
    limit: Cost,
    pipeline: Cost,
    http: Cost,
}

fn main() {
    let pipeline = Pipeline::open(PRESET, "tests");
    let mut server = Server::start_with(ROOMY);
    let site = server.site(&["--preset", PRESET.as_str()]);
    let policy = pipeline.policy();
    assert_eq!(policy, PolicyHash(site.policy), "both judge by one policy");
    tell_batch(policy);

    let client = http::Client::of(&server.url, &site.key);
    let limit = limit::Limit::open();
    let mut sent = BTreeSet::new();
    let mut groups_seen = 0;
    // The first warms up: files are made, pages of the program are read.
    let rounds: Vec<Round> = (0..=ROUNDS)
        .map(|round| {
            let lanes = lanes(round, policy);
            sent.extend(lanes.iter().flat_map(|lane| lane.iter()).map(spot));
            let requests: Vec<Arc<[Vec<u8>]>> = lanes.iter().map(|lane| client.requests(lane).into()).collect();
            let through_http = || {
                let meter = Meter::start(server.pid());
                client.post(requests.clone());
                meter.stop(BATCHES)
            };
            let in_process = || {
                let meter = Meter::start(std::process::id());
                pipeline.keep(lanes.clone());
                meter.stop(BATCHES)
            };
            let (http, pipeline_cost) = if round % 2 == 0 {
                let first = through_http();
                (first, in_process())
            } else {
                let first = in_process();
                (through_http(), first)
            };
            let groups = groups(pipeline.place(), groups_seen);
            groups_seen = groups.keys().next_back().copied().unwrap_or(groups_seen);
            let meter = Meter::start(std::process::id());
            limit.insert(groups.values().map(|group| group.iter().map(|(_, bytes)| &**bytes).collect()));
            Round { limit: meter.stop(BATCHES), pipeline: pipeline_cost, http }
        })
        .skip(1)
        .collect();

    assert!(held(pipeline.place()) == sent, "the store in-process holds every batch, and no other");
    let peak_bytes = server.peak_kib() as usize * 1024;
    let lanes: Vec<_> = (1..=OVERLOAD).flat_map(|round| lanes(ROUNDS + round, policy)).collect();
    sent.extend(lanes.iter().flat_map(|lane| lane.iter()).map(spot));
    let requests = lanes.iter().map(|lane| client.requests(lane).into()).collect();
    let meter = Meter::start(server.pid());
    let flood = client.flood(requests);
    let overload = meter.stop(BATCHES * OVERLOAD);
    let flooded_bytes = server.peak_kib() as usize * 1024;
    assert_eq!(server.terminate(), Some(0));
    let place = Place::new(&server.data(), None).expect("the server's data directory");
    assert!(held(&place) == sent, "the server's store holds every batch, and no other");
    tell(&rounds);
    row("server under this load, most resident", &kilobytes(peak_bytes), "aim 200 000 kB");
    let goodput = overload.per_second() / median(&rounds, |round| round.http.per_second());
    let each = format!("{} connections that never wait; {} times told to come again", LANES * OVERLOAD, flood.refused);
    row(
        &format!("{OVERLOAD} times as many connections, batches/s ÷ those before"),
        &format!("{goodput:.2}"),
        "aim 0.70",
    );
    let ms = |percent| format!("{:.1} ms", flood.wait(percent).as_secs_f64() * 1000.0);
    row("  a batch waits, p50", &ms(50), &each);
    row("  a batch waits, p99", &ms(99), "");
    row("  server, most resident", &kilobytes(flooded_bytes), "aim 200 000 kB");
}

/// Visits that no other round has, dealt to as many lanes as there are connections.
fn lanes(round: usize, policy: PolicyHash) -> Vec<Arc<[Batch]>> {
    let first = round * LANES * VISITS_PER_LANE;
    (0..LANES)
        .map(|lane| {
            let visits = (0..VISITS_PER_LANE).map(|place| first + place * LANES + lane);
            visits.flat_map(|number| visit::visit(number as u64 + 1, policy)).collect()
        })
        .collect()
}

fn spot(batch: &Batch) -> Spot {
    (batch.address.recording, batch.address.page.0, batch.address.seq)
}

fn held(place: &Place) -> BTreeSet<Spot> {
    groups(place, 0).into_values().flatten().map(|(spot, _)| spot).collect()
}

/// How large a batch is: as sent, and as rrweb would write it.
fn tell_batch(policy: PolicyHash) {
    let visits: Vec<_> = (1..=8).map(|number| visit::visit(number, policy)).collect();
    let batches: Vec<_> = visits.iter().flatten().collect();
    let mean = |total: usize| kilobytes(total / batches.len());
    let bodies: Vec<_> = (0..batches.len()).map(|seed| visit::body(seed as u64 + 8, 0)).collect();
    let rrweb = bodies.iter().map(|body| {
        let mut json = Vec::new();
        let mut writer = hushreel::rrweb::Writer::new();
        writer.batch(PageId([1; 8]), Timestamp(1_700_000_000_000), body, &mut json).expect("a body reads");
        writer.finish(&mut json);
        json.len()
    });
    row("mean batch, written as rrweb JSON", &mean(rrweb.sum()), "");
    row("  in our grammar", &mean(bodies.iter().map(Vec::len).sum()), "");
    row("  as sent, gzip", &mean(batches.iter().map(|batch| batch.sent.len()).sum()), "");
}

fn tell(rounds: &[Round]) {
    let rate = |cost: fn(&Round) -> Cost| median(rounds, |round| cost(round).per_second());
    let cpu = |cost: fn(&Round) -> Cost| median(rounds, |round| cost(round).cpu_us());
    let times = |ratio: f64| format!("{ratio:.2}");
    let each = format!("{ROUNDS} rounds of {BATCHES} batches, {LANES} at once, medians");
    row("bare insert loop, batches/s", &whole(rate(|round| round.limit)), &each);
    row("pipeline in-process, batches/s", &whole(rate(|round| round.pipeline)), "");
    row("through HTTP/1.1, batches/s", &whole(rate(|round| round.http)), "the client runs on the same machine");
    let ratio = median(rounds, |round| round.http.per_second() / round.pipeline.per_second());
    row("  HTTP ÷ in-process, batches/s", &times(ratio), "");
    let ratio = median(rounds, |round| round.pipeline.per_second() / round.limit.per_second());
    row("  in-process ÷ bare insert loop, batches/s", &times(ratio), "");
    row("bare insert loop, CPU a batch", &micros(cpu(|round| round.limit)), "");
    row("pipeline in-process, CPU a batch", &micros(cpu(|round| round.pipeline)), "aim 70 µs");
    row("through HTTP/1.1, server CPU a batch", &micros(cpu(|round| round.http)), "");
    let added = median(rounds, |round| round.http.cpu_us() - round.pipeline.cpu_us());
    row("  HTTP adds, CPU a batch", &micros(added), "aim 20 µs");
    let ratio = median(rounds, |round| round.http.cpu_us() / round.pipeline.cpu_us());
    row("  HTTP ÷ in-process, CPU a batch", &times(ratio), "");
}

fn median(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> f64 {
    let mut figures: Vec<_> = rounds.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn kilobytes(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

fn micros(us: f64) -> String {
    format!("{us:.0} µs")
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

/// As `run.mjs` prints it.
fn row(what: &str, value: &str, beside: &str) {
    println!("{what:<58} {value:>12}  {beside}");
}
