//! Builds the recorder and the dashboard with npm, when their inputs changed, and lays out what the binary embeds:
//! `OUT_DIR/embedded/{recorder,dashboard,demo}`, each file with `.br` and `.gz` variants beside it.
//!
//! `HUSHREEL_UI=DIR` takes a finished `DIR/recorder` and `DIR/dashboard` instead; `HUSHREEL_UI=skip` embeds only the demo shop.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

type Outcome<T = ()> = Result<T, String>;

/// What the front ends are made from.
const INPUTS: &[&str] = &[
    "package.json",
    "package-lock.json",
    "assets/recorder/package.json",
    "assets/recorder/build.mjs",
    "assets/recorder/src",
    "dashboard-ui/package.json",
    "dashboard-ui/vite.config.ts",
    "dashboard-ui/vite.frame.config.ts",
    "dashboard-ui/vite.visitor.config.ts",
    "dashboard-ui/vite.alone.config.ts",
    "dashboard-ui/svelte.config.js",
    "dashboard-ui/tsconfig.json",
    "dashboard-ui/index.html",
    "dashboard-ui/public",
    "dashboard-ui/src",
    "assets/demo",
];
const NODE_MIN: (u32, u32) = (20, 19);
/// Smaller files gain nothing from compression.
const COMPRESS_BYTES_MIN: usize = 512;

fn main() {
    if let Err(reason) = build() {
        println!("cargo::error={reason}");
        std::process::exit(1);
    }
}

fn build() -> Outcome {
    println!("cargo::rerun-if-env-changed=HUSHREEL_UI");
    println!("cargo::rerun-if-changed=build.rs");
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    let choice = std::env::var("HUSHREEL_UI").unwrap_or_default();
    let out = PathBuf::from(std::env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let embedded = out.join("embedded");
    let stamp = out.join("embedded.hash");
    let hash = hash_of(&choice)?;
    if embedded.is_dir() && fs::read_to_string(&stamp).is_ok_and(|old| old == hash) {
        return Ok(());
    }
    let _ = fs::remove_file(&stamp);
    let _ = fs::remove_dir_all(&embedded);
    match choice.as_str() {
        "" => {
            npm_build()?;
            copy(Path::new("assets/recorder/dist"), &embedded.join("recorder"))?;
            copy(Path::new("dashboard-ui/dist"), &embedded.join("dashboard"))?;
        }
        "skip" => fs::create_dir_all(&embedded).map_err(|error| error.to_string())?,
        prebuilt => {
            for part in ["recorder", "dashboard"] {
                println!("cargo::rerun-if-changed={prebuilt}/{part}");
                copy(&Path::new(prebuilt).join(part), &embedded.join(part))?;
            }
        }
    }
    copy(Path::new("assets/demo"), &embedded.join("demo"))?;
    compress(&embedded)?;
    fs::write(&stamp, hash).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Install what the lock file names, unless it is installed already, and build both front ends.
fn npm_build() -> Outcome {
    check_node()?;
    let lock = fs::read("package-lock.json").map_err(|error| format!("package-lock.json: {error}"))?;
    let installed = Path::new("node_modules/.installed");
    let wanted = hex(&lock);
    if !fs::read_to_string(installed).is_ok_and(|old| old == wanted) {
        npm(&["ci", "--ignore-scripts"])?;
        fs::write(installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))?;
    }
    npm(&["run", "build", "--workspaces", "--if-present"])
}

fn check_node() -> Outcome {
    let needed = format!(
        "Node.js {}.{} or newer builds the recorder and the dashboard. Install it (Debian: nodejs and npm), \
         or set HUSHREEL_UI to a directory with finished front ends",
        NODE_MIN.0, NODE_MIN.1
    );
    let output = Command::new("node").arg("--version").output().map_err(|_| needed.clone())?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut parts = text.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < NODE_MIN { Err(format!("{needed}; this is {text}")) } else { Ok(()) }
}

fn npm(arguments: &[&str]) -> Outcome {
    let line = format!("npm {}", arguments.join(" "));
    let output = Command::new("npm").args(arguments).output().map_err(|error| format!("{line}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    let last: Vec<_> = told.lines().rev().take(30).collect();
    for line in last.into_iter().rev() {
        println!("cargo::warning={line}");
    }
    Err(format!("{line} failed; its last lines stand above"))
}

/// A name for everything that the result depends on.
fn hash_of(choice: &str) -> Outcome<String> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(choice.as_bytes());
    context.update(include_bytes!("build.rs"));
    for input in INPUTS {
        for path in files(Path::new(input))? {
            context.update(path.to_string_lossy().as_bytes());
            context.update(&fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?);
        }
    }
    Ok(data_encoding::HEXLOWER.encode(context.finish().as_ref()))
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref())
}

/// All files at or below `path`, in order; none where nothing is there.
fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| format!("{}: {error}", path.display()))?;
        for entry in entries {
            found.extend(files(&entry.map_err(|error| error.to_string())?.path())?);
        }
        found.sort();
    }
    Ok(found)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    for file in files(from)? {
        let target = to.join(file.strip_prefix(from).map_err(|error| error.to_string())?);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        fs::copy(&file, &target).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// Write a `.br` and a `.gz` beside each file that gains from it.
fn compress(folder: &Path) -> Outcome {
    for file in files(folder)? {
        let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        if bytes.len() < COMPRESS_BYTES_MIN {
            continue;
        }
        let mut brotli = Vec::new();
        let settings = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut &bytes[..], &mut brotli, &settings).map_err(|error| error.to_string())?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&bytes).map_err(|error| error.to_string())?;
        let gzip = gzip.finish().map_err(|error| error.to_string())?;
        for (ending, packed) in [("br", brotli), ("gz", gzip)] {
            if packed.len() < bytes.len() {
                let path = format!("{}.{ending}", file.display());
                fs::write(&path, packed).map_err(|error| format!("{path}: {error}"))?;
            }
        }
    }
    Ok(())
}
