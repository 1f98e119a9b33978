//! The same bodies through the front door: HTTP/1.1 with keep-alive against the binary, by a client that does as little as it can.

use crate::common::client::ORIGIN;
use crate::visit::Batch;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

/// Posts to one site of a server.
pub struct Client {
    runtime: tokio::runtime::Runtime,
    host: String,
    key: String,
}

impl Client {
    pub fn of(url: &str, key: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, host: url.trim_start_matches("http://").to_owned(), key: key.to_owned() }
    }

    /// The requests of a lane, ready to be written.
    pub fn requests(&self, lane: &[Batch]) -> Vec<Vec<u8>> {
        lane.iter().map(|batch| self.request(batch)).collect()
    }

    /// Post everything, each lane over a connection of its own, the next once the last is answered. Every answer has to be 204.
    pub fn post(&self, lanes: Vec<Arc<[Vec<u8>]>>) {
        self.runtime.block_on(async {
            let lanes: Vec<_> =
                lanes.into_iter().map(|requests| tokio::spawn(post_lane(self.host.clone(), requests))).collect();
            for lane in lanes {
                lane.await.expect("a lane comes to its end");
            }
        });
    }

    /// Post everything as fast as the server answers, whatever it answers: one that has no room is asked again at once, as no recorder would.
    pub fn flood(&self, lanes: Vec<Arc<[Vec<u8>]>>) -> Flood {
        self.runtime.block_on(async {
            let lanes: Vec<_> =
                lanes.into_iter().map(|requests| tokio::spawn(flood_lane(self.host.clone(), requests))).collect();
            let mut all = Flood::default();
            for lane in lanes {
                let Flood { refused, waits } = lane.await.expect("a lane comes to its end");
                all.refused += refused;
                all.waits.extend(waits);
            }
            all.waits.sort();
            all
        })
    }

    /// As Chromium posts a batch from a page.
    fn request(&self, batch: &Batch) -> Vec<u8> {
        let Batch { address, sent } = batch;
        let mut request = format!(
            "POST /i/v1/{key}/{recording}/{page}/{seq} HTTP/1.1\r\n\
             Host: {host}\r\n\
             Connection: keep-alive\r\n\
             Content-Length: {length}\r\n\
             sec-ch-ua-platform: \"Linux\"\r\n\
             User-Agent: {USER_AGENT}\r\n\
             sec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n\
             Content-Type: text/plain\r\n\
             sec-ch-ua-mobile: ?0\r\n\
             Accept: */*\r\n\
             Origin: {ORIGIN}\r\n\
             Sec-Fetch-Site: cross-site\r\n\
             Sec-Fetch-Mode: cors\r\n\
             Sec-Fetch-Dest: empty\r\n\
             Accept-Encoding: gzip, deflate, br\r\n\
             Accept-Language: en-US,en;q=0.9\r\n\r\n",
            key = self.key,
            recording = address.recording,
            page = address.page,
            seq = address.seq,
            host = self.host,
            length = sent.len(),
        )
        .into_bytes();
        request.extend(sent);
        request
    }
}

/// What came of a flood.
#[derive(Default)]
pub struct Flood {
    /// Answers that said to come again.
    pub refused: usize,
    /// How long each batch that was kept waited for its answer, the shortest first.
    pub waits: Vec<Duration>,
}

impl Flood {
    /// Of a hundred batches, so many waited no longer.
    pub fn wait(&self, percent: usize) -> Duration {
        self.waits[(self.waits.len() * percent / 100).min(self.waits.len() - 1)]
    }
}

async fn flood_lane(host: String, requests: Arc<[Vec<u8>]>) -> Flood {
    let mut stream = TcpStream::connect(&host).await.expect("the server listens");
    stream.set_nodelay(true).expect("TCP");
    let mut flood = Flood::default();
    for request in &*requests {
        loop {
            let asked = Instant::now();
            stream.write_all(request).await.expect("the server reads");
            match answer(&mut stream).await.as_str() {
                "204" => break flood.waits.push(asked.elapsed()),
                "503" | "429" => flood.refused += 1,
                other => panic!("an honest batch is answered {other}"),
            }
        }
    }
    flood
}

/// Read one answer with its body; its status.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = stream.read(&mut part).await.expect("the server answers");
        assert!(read > 0, "an answer breaks off: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&part[..read]);
        let Some(head) = answer.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let told = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
        let length =
            told.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
        if answer.len() >= head + 4 + length {
            return told[9..12].to_owned();
        }
    }
}

async fn post_lane(host: String, requests: Arc<[Vec<u8>]>) {
    // Opened anew each round: the server closes a connection that says nothing for a while.
    let mut stream = TcpStream::connect(&host).await.expect("the server listens");
    stream.set_nodelay(true).expect("TCP");
    for request in &*requests {
        stream.write_all(request).await.expect("the server reads");
        expect_kept(&mut stream).await;
    }
}

/// Read one answer; a 204 has no body behind its head.
async fn expect_kept(stream: &mut TcpStream) {
    let mut answer = [0; 4096];
    let mut length = 0;
    while !answer[..length].ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut answer[length..]).await.expect("the server answers");
        assert!(read > 0, "an answer breaks off: {}", String::from_utf8_lossy(&answer[..length]));
        length += read;
        let told = &answer[..length.min(12)];
        assert!(b"HTTP/1.1 204".starts_with(told), "{}", String::from_utf8_lossy(&answer[..length]));
    }
}
