//! Moments as platforms write them in JSON.

use barq_plugin::time::{Date, Zone, parse_epoch, parse_moment};
use serde_json::Value;

use crate::value::text;

/// An instant in ISO 8601, UTC where it names no zone.
pub fn iso(value: &Value, paths: &[&str]) -> Option<i64> {
    let text = text(value, paths)?;
    parse_moment(&text, "YYYY-MM-DD HH:mm:ss", Zone::UTC).map(|moment| moment.instant_ms)
}

/// An instant in seconds or milliseconds since 1970.
pub fn epoch(value: &Value, paths: &[&str]) -> Option<i64> {
    parse_epoch(&text(value, paths)?).map(|moment| moment.instant_ms)
}

/// An instant as RFC 3339 in UTC, to the second.
pub fn rfc3339(instant_ms: i64) -> String {
    let second = instant_ms.div_euclid(1_000).rem_euclid(86_400);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", Date::at(instant_ms, Zone::UTC))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_and_written() {
        let value = json!({"a": "2026-11-20T08:55:10.000Z", "b": "2026-11-20T11:55:10+03:00", "s": 1_795_164_910, "ms": "1795164910000"});
        let at = 1_795_164_910_000;
        assert_eq!((iso(&value, &["a"]), iso(&value, &["x", "b"])), (Some(at), Some(at)));
        assert_eq!((epoch(&value, &["s"]), epoch(&value, &["ms"])), (Some(at), Some(at)));
        assert_eq!(
            (iso(&value, &["s"]), rfc3339(at).as_str()),
            (None, "2026-11-20T08:55:10Z")
        );
    }
}
