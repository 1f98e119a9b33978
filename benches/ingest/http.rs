//! The same bodies through the front door: HTTP/1.1 with keep-alive against the binary, by a client that does as little as it can.

use crate::common::client::ORIGIN;
use crate::visit::Batch;
use std::sync::Arc;
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
