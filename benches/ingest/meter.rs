//! What a stretch of work cost: the clock on the wall, and the CPU of one process.

use std::time::{Duration, Instant};

/// The kernel counts in these for programs, whatever its own ticks are.
const TICKS_PER_S: f64 = 100.0;

pub struct Meter {
    pid: u32,
    began: Instant,
    ticks: u64,
}

/// What `batches` batches took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub batches: usize,
    pub wall: Duration,
    pub cpu: Duration,
}

impl Meter {
    pub fn start(pid: u32) -> Self {
        Self { pid, began: Instant::now(), ticks: ticks(pid) }
    }

    pub fn stop(self, batches: usize) -> Cost {
        let wall = self.began.elapsed();
        let cpu = Duration::from_secs_f64((ticks(self.pid) - self.ticks) as f64 / TICKS_PER_S);
        Cost { batches, wall, cpu }
    }
}

impl Cost {
    pub fn per_second(&self) -> f64 {
        self.batches as f64 / self.wall.as_secs_f64()
    }

    pub fn cpu_us(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.batches as f64
    }
}

/// User and system time of a process with all its threads, also those that have ended.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("the process runs");
    let (_, behind_name) = stat.rsplit_once(')').expect("a name stands in brackets");
    let fields: Vec<_> = behind_name.split_whitespace().collect();
    // `utime` and `stime` are the 14th and 15th of proc(5); the name is the second.
    fields[11..13].iter().map(|field| field.parse::<u64>().expect("ticks are a number")).sum()
}
