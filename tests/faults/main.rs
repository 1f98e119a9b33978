//! An unlucky machine: killed processes, torn and corrupt files, full and failing disks, wrong clocks, few descriptors. A short set in
//! `cargo test`; the whole, and a table of what was tried, by `make faults`.

#[path = "../common/mod.rs"]
mod common;

mod chance;
mod clock;
mod corrupt;
mod descriptors;
mod disk;
mod failing;
mod kill;
mod shim;
mod stop;
mod unsynced;
mod upgrade;
mod wal;

use std::io::Write;

/// How often each thing is tried.
pub struct Counts {
    pub kills: u32,
    pub torn_logs: u32,
    pub full_disks: u32,
    pub upgrades: u32,
    pub power_cuts: u32,
}

const SHORT: Counts = Counts { kills: 6, torn_logs: 18, full_disks: 10, upgrades: 5, power_cuts: 4 };
const WHOLE: Counts = Counts { kills: 200, torn_logs: 500, full_disks: 100, upgrades: 20, power_cuts: 200 };

/// `FAULTS=whole` tries everything as often as `make faults` promises.
pub fn counts() -> Counts {
    if std::env::var("FAULTS").is_ok_and(|how| how == "whole") { WHOLE } else { SHORT }
}

/// One line of the table of `make faults`: what was tried, and what came of it.
pub fn report(tried: &str, found: &str) {
    println!("{tried}: {found}");
    if let Some(path) = std::env::var_os("FAULTS_TABLE") {
        let mut table = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(table, "{tried}|{found}").unwrap();
    }
}
