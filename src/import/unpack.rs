//! Events that PostHog packed: gzip in a string, a byte a character. Unpacked to the event as rrweb told it.

use super::Wrong;
use super::json::Json;
use super::scan::EVENT_BYTES_MAX;
use flate2::read::GzDecoder;
use std::borrow::Cow;
use std::io::Read;

/// The data of an event as JSON; packed or not.
pub fn data<'d>(event: Json<'d>) -> Result<Cow<'d, str>, Wrong> {
    let data = event.get("data").ok_or_else(|| Wrong::event("it has no data"))?;
    if event.get("cv").is_none() {
        return Ok(Cow::Borrowed(data.raw()));
    }
    if let Some(packed) = data.text() {
        return unpacked(&packed, EVENT_BYTES_MAX).map(Cow::Owned);
    }
    let mut out = String::from("{");
    for (name, value) in data.fields() {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&serde_json::Value::from(name.as_ref()).to_string());
        out.push(':');
        match value.text().filter(|text| text.starts_with("\u{1f}\u{8b}")) {
            Some(packed) => out.push_str(&unpacked(&packed, EVENT_BYTES_MAX.saturating_sub(out.len()))?),
            None => out.push_str(value.raw()),
        }
    }
    out.push('}');
    Ok(Cow::Owned(out))
}

fn unpacked(packed: &str, bytes_max: usize) -> Result<String, Wrong> {
    let broken = || Wrong::event("its data is packed in a way that is not known");
    let bytes: Option<Vec<u8>> = packed.chars().map(|sign| u8::try_from(u32::from(sign)).ok()).collect();
    let mut out = String::new();
    let bytes = bytes.ok_or_else(broken)?;
    GzDecoder::new(bytes.as_slice()).take(bytes_max as u64 + 1).read_to_string(&mut out).map_err(|_| broken())?;
    if out.len() > bytes_max {
        return Err(Wrong::large(format!("Unpacked, an event is larger than {} MiB.", EVENT_BYTES_MAX >> 20)));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::json::Document;
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn packed(text: &str) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text.as_bytes()).unwrap();
        let signs: String = encoder.finish().unwrap().into_iter().map(char::from).collect();
        serde_json::Value::from(signs).to_string()
    }

    fn unpack(event: &str) -> Result<String, Wrong> {
        data(Document::parse(event).unwrap().root()).map(Cow::into_owned)
    }

    #[test]
    fn packed_data_is_read_whole_or_field_by_field() {
        let whole = format!(r#"{{"type":2,"cv":"2024-10","data":{}}}"#, packed("{\"node\":1}"));
        assert_eq!(unpack(&whole).unwrap(), "{\"node\":1}");
        let fields = format!(r#"{{"cv":"x","data":{{"source":0,"adds":{},"removes":[]}}}}"#, packed("[1]"));
        assert_eq!(unpack(&fields).unwrap(), r#"{"source":0,"adds":[1],"removes":[]}"#);
        assert_eq!(unpack(r#"{"data":{"a":"x"}}"#).unwrap(), r#"{"a":"x"}"#);
        for broken in [r#"{"cv":1,"data":"x"}"#, r#"{"cv":1,"data":"ř"}"#, r#"{"cv":1}"#] {
            assert!(unpack(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = format!(r#"{{"cv":1,"data":{}}}"#, packed(&" ".repeat(EVENT_BYTES_MAX + 1)));
        assert!(unpack(&bomb).unwrap_err().is_large());
    }
}
