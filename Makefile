# Thin: cargo and npm do the work.
SHELL := bash
TARGET := $(or $(CARGO_TARGET_DIR),target)

.PHONY: build run test check unit browser picture bench bench-recorder bench-seek bench-size bench-list never-lost replays leaks licences faults check-all tools fuzz

build:
	cargo build

# A shop to be recorded in and a dashboard to watch it, on loopback, with throw-away data.
run:
	cargo run -- demo

# Everything that must pass before a change lands.
test: tools check unit browser

check:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	npm run check --workspaces --if-present

unit:
	cargo test
	npm run test --workspaces --if-present

# Real Chromium, real pages, the real binary.
browser: tools
	cargo build
	HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node --test --test-force-exit --test-concurrency=1 --test-reporter=spec tests/browser/*.test.mjs
	PRESETS=strict HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node --test --test-force-exit --test-concurrency=2 --test-reporter=spec tests/privacy/*.test.mjs

# The leak suite in every preset, beside a naive recorder; its table goes into README.md.
leaks: tools
	cargo build
	ALL_VISITS=1 HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node --test --test-force-exit --test-concurrency=1 --test-reporter=spec tests/privacy/*.test.mjs
	node tests/privacy/table.mjs --readme
	node tests/privacy/alarms.mjs --readme

# The picture of the dashboard in README.md, from a real run of the demo.
picture: tools
	cargo build
	HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node tests/browser/picture.mjs

# The benchmark's build makes the release binary too; one build serves both.
bench: tools
	cargo bench --bench ingest --no-run
	HUSHREEL_BIN=$(abspath $(TARGET))/release/hushreel node benches/run.mjs
	cargo bench --bench ingest

# Our recorder beside its peers; goes on where it was stopped. ARGS: --fresh, --minutes N, --rounds N, --recorders a,b, names of workloads or pages.
bench-recorder:
	bash benches/recorder/tools.sh
	cargo build --release
	HUSHREEL_BIN=$(abspath $(TARGET))/release/hushreel node benches/recorder/run.mjs $(ARGS)

# How soon a watcher sees the right page, anywhere in an hour of 100,000 events; its table goes into README.md.
bench-seek: tools
	cargo build --release
	HUSHREEL_BIN=$(abspath $(TARGET))/release/hushreel node benches/seek.mjs --readme

# What visits to real web sites take on disk, beside rrweb's events of the same visits; its table goes into README.md.
bench-size: tools
	cargo build --release
	HUSHREEL_BIN=$(abspath $(TARGET))/release/hushreel node benches/size.mjs --readme

# How soon lists of a million recordings come, by every filter and in every order; its table goes into README.md.
bench-list: tools
	cargo bench --bench list -- --readme

# What takes longer than a change should wait for.
check-all: test replays leaks licences never-lost faults bench bench-recorder bench-seek bench-size bench-list

# The same as in `browser`, with five minutes without a network.
never-lost: tools
	cargo build
	OFFLINE_MS=300000 HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node --test --test-force-exit --test-reporter=spec tests/browser/never-lost.test.mjs

# Replays of every web site that the tests can visit; `browser` visits one of each kind.
replays: tools
	cargo build
	ALL_VISITS=1 HUSHREEL_BIN=$(abspath $(TARGET))/debug/hushreel node --test --test-force-exit --test-reporter=spec tests/browser/replay.test.mjs

# An unlucky machine: each fault as often as ARCHITECTURE.md promises, and a table of what was found. Some need root (mount) and a C compiler; what is left out is said.
faults:
	@rm -f "$(abspath $(TARGET))/faults.txt"
	FAULTS=whole FAULTS_TABLE="$(abspath $(TARGET))/faults.txt" cargo test --test faults -- --test-threads=1
	@column -t -s '|' "$(abspath $(TARGET))/faults.txt"

licences:
	cargo deny --version >/dev/null 2>&1 || cargo install --locked cargo-deny
	cargo deny check licenses bans sources

tools:
	@bash tests/browser/tools.sh

# Whatever bytes a stranger, a disk or a backup may bring: each target so many seconds (make fuzz SECONDS_EACH=3600). What it finds stays in fuzz/artifacts.
SECONDS_EACH ?= 30
fuzz:
	command -v cargo-fuzz > /dev/null || cargo install --locked cargo-fuzz
	for target in $$(cd fuzz && cargo +nightly fuzz list); do \
	  (cd fuzz && mkdir -p corpus/$$target seeds/$$target && \
	    HUSHREEL_UI=skip cargo +nightly fuzz run $$target corpus/$$target seeds/$$target -- -max_total_time=$(SECONDS_EACH) -max_len=8192) || exit 1; \
	done
