//! A disk of its own for a test, in memory.

use std::path::Path;
use std::process::Command;

/// A mounted disk; goes with its value. Drop it before the directory that it is mounted on.
pub struct Disk(String);

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["-l", &self.0]).status();
    }
}

impl Disk {
    /// None where this system does not let us: mounting needs root, or a system that lets anybody.
    pub fn mount(path: &Path, mib: usize) -> Option<Self> {
        let path = path.to_str().unwrap().to_owned();
        let size = format!("size={mib}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs", &path]).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(path))
    }

    /// Let it be written to, or not.
    pub fn remount(&self, how: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}"), &self.0]).status();
        assert!(done.unwrap().success(), "remount {how}");
    }
}
