//! Builds `shim.c`, which stands between the server and its C library. It does nothing to a statically linked server.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

static BUILT: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c");
    let built = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shim-{}.so", std::process::id()));
    let done = Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&built).arg(source).status();
    done.is_ok_and(|status| status.success()).then_some(built)
});

/// The built library; none without a C compiler, which is said.
pub fn shim(what: &str) -> Option<&'static str> {
    let built = BUILT.as_ref().and_then(|path| path.to_str());
    if built.is_none() {
        crate::report(what, "left out: there is no C compiler (`cc`) here");
    }
    built
}
