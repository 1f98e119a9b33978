//! The server through its front door: the real binary, real HTTP, a client that shares no code with either end.

#[path = "../common/mod.rs"]
mod common;

mod accounts;
mod api;
mod assets;
mod audit;
mod backup;
mod country;
mod crash;
mod disk;
mod door;
mod findings;
mod forged;
mod forgeries;
mod identity;
mod import;
mod keys;
mod less;
mod list;
mod officer;
mod policy;
mod preview;
mod recordings;
mod restriction;
mod start;
mod visitor;
