//! Values of foreign JSON, taken as they are written and read exactly or not at all.

use barq_plugin::decimal::{Decimal, Separator};
use serde_json::Value;

/// The value at `a.b.0`; the whole for an empty path.
pub fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .filter(|part| !part.is_empty())
        .try_fold(value, |value, part| match value {
            Value::Array(list) => list.get(part.parse::<usize>().ok()?),
            other => other.get(part),
        })
}

/// A value as it was written; nothing for null, blank, list or object.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The first of several places that has a text.
pub fn text(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| at(value, path).and_then(text_of))
}

/// A decimal with a point, as JSON number or text, in steps of 10^-`digits`. `Err` when there is something that is no number.
pub fn scaled(value: &Value, paths: &[&str], digits: u32) -> Result<Option<i64>, ()> {
    let Some(text) = text(value, paths) else {
        return Ok(None);
    };
    let number = decimal(&text).and_then(|number| number.scaled(digits));
    number.map(Some).ok_or(())
}

/// A decimal as JSON writes it: also with an exponent, as some encoders do for round amounts.
fn decimal(text: &str) -> Option<Decimal> {
    let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else {
        return Decimal::parse(text, Separator::Point);
    };
    let exponent: i32 = exponent.parse().ok()?;
    let power = usize::try_from(exponent.unsigned_abs())
        .ok()
        .filter(|power| *power <= 12)?;
    let factor = if exponent < 0 {
        format!("0.{}1", "0".repeat(power.checked_sub(1)?))
    } else {
        format!("1{}", "0".repeat(power))
    };
    Decimal::parse(mantissa, Separator::Point)?.times(Decimal::parse(&factor, Separator::Point)?)
}

/// A whole number, as JSON number or text.
pub fn whole(value: &Value, paths: &[&str]) -> Option<i64> {
    text(value, paths)?.parse().ok()
}

/// Degrees × 10^7 of a latitude and longitude, when they are on earth and not the zero that stands for nothing.
pub fn location(latitude: Option<i64>, longitude: Option<i64>) -> Option<(i32, i32)> {
    let (lat_e7, lon_e7) = (i32::try_from(latitude?).ok()?, i32::try_from(longitude?).ok()?);
    let on_earth = lat_e7.abs() <= 900_000_000 && lon_e7.abs() <= 1_800_000_000;
    (on_earth && (lat_e7, lon_e7) != (0, 0)).then_some((lat_e7, lon_e7))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_and_read_exactly() {
        let value: Value = serde_json::from_str(
            r#"{"a": {"b": [{"c": " x "}, 12.50]}, "n": 1.10, "s": "25.505", "e": 1e2, "f": 2.5E-1, "z": "", "w": "7"}"#,
        )
        .expect("it is JSON");
        assert_eq!(text(&value, &["a.b.0.c"]).as_deref(), Some("x"));
        assert_eq!(text(&value, &["z", "n"]).as_deref(), Some("1.10"));
        assert_eq!(scaled(&value, &["a.b.1"], 2), Ok(Some(1_250)));
        assert_eq!(scaled(&value, &["s"], 2), Ok(Some(2_551)));
        assert_eq!(scaled(&value, &["e"], 2), Ok(Some(10_000)));
        assert_eq!(scaled(&value, &["f"], 2), Ok(Some(25)));
        assert_eq!(scaled(&value, &["missing"], 2), Ok(None));
        assert_eq!(scaled(&json!({"s": "ten"}), &["s"], 2), Err(()));
        assert_eq!(whole(&value, &["w"]), Some(7));
    }

    #[test]
    fn zero_and_beyond_the_earth_are_no_place() {
        assert_eq!(
            location(Some(247_000_000), Some(467_000_000)),
            Some((247_000_000, 467_000_000))
        );
        assert_eq!(location(Some(0), Some(0)), None);
        assert_eq!(location(Some(910_000_000), Some(0)), None);
        assert_eq!(location(None, Some(1)), None);
    }
}
