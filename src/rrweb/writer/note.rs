//! What the browser and the page's own code say of the page, as events of our own.

use super::Writer;
use crate::mirror::Held;
use crate::rrweb::json;
use crate::rrweb::masked::drawn;
use crate::stream::{Asking, Level, Op, Value, Vital};

impl Writer {
    pub(super) fn note(&mut self, op: &Op<'_>, out: &mut Vec<u8>) {
        match *op {
            Op::Vital { kind, number } => self.custom("hushreel.vital", out, |out| {
                json::text(out, "{\"name\":", vital(kind));
                match kind {
                    Vital::Shift => out.extend(format!(",\"value\":{}}}", f64::from(number) / 1_000.0).into_bytes()),
                    Vital::FirstByte | Vital::FirstPaint | Vital::LargestPaint | Vital::Interaction => {
                        json::number(out, ",\"value\":", number);
                        out.push(b'}');
                    }
                }
            }),
            Op::Error { name, message, url, line, column } => self.custom("hushreel.error", out, |out| {
                json::text(out, "{\"name\":", name);
                words(out, ",\"message\":", message);
                json::text(out, ",\"url\":", url);
                json::number(out, ",\"line\":", line);
                json::number(out, ",\"column\":", column);
                out.push(b'}');
            }),
            Op::Log { level, message } => self.custom("hushreel.console", out, |out| {
                json::text(out, "{\"level\":", word_of(level));
                words(out, ",\"message\":", message);
                out.push(b'}');
            }),
            Op::Request { kind, url, status, ms, bytes } => self.custom("hushreel.request", out, |out| {
                json::text(out, "{\"kind\":", asking(kind));
                json::text(out, ",\"url\":", url);
                json::number(out, ",\"status\":", status);
                json::number(out, ",\"ms\":", ms);
                json::number(out, ",\"bytes\":", bytes);
                out.push(b'}');
            }),
            Op::Event { name, properties } => self.custom("hushreel.event", out, |out| {
                json::text(out, "{\"name\":", name);
                out.extend(b",\"properties\":{");
                for (property, value) in properties {
                    json::comma(out);
                    json::key(out, property);
                    words(out, "", *value);
                }
                out.extend(b"}}");
            }),
            Op::Tag { name, value } => self.custom("hushreel.tag", out, |out| {
                json::text(out, "{\"name\":", name);
                words(out, ",\"value\":", value);
                out.push(b'}');
            }),
            _ => {}
        }
    }
}

fn words(out: &mut Vec<u8>, before: &str, value: Value<'_>) {
    json::text(out, before, &drawn(&Held::from(value)));
}

fn vital(kind: Vital) -> &'static str {
    match kind {
        Vital::FirstByte => "TTFB",
        Vital::FirstPaint => "FCP",
        Vital::LargestPaint => "LCP",
        Vital::Interaction => "INP",
        Vital::Shift => "CLS",
    }
}

fn word_of(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Log => "log",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

fn asking(kind: Asking) -> &'static str {
    match kind {
        Asking::Fetch => "fetch",
        Asking::Xhr => "xhr",
        Asking::Beacon => "beacon",
    }
}
