//! Amounts in minor units, exactly.

use crate::Money;
use crate::decimal::{Decimal, Separator};

/// Decimals of a currency (ISO 4217); two unless it is one of the few others.
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "JPY" | "KRW" | "VND" => 0,
        _ => 2,
    }
}

impl Money {
    pub fn new(minor: i64, currency: &str) -> Self {
        Self {
            minor,
            currency: currency.to_owned(),
        }
    }

    /// Halalas.
    pub fn sar(halalas: i64) -> Self {
        Self::new(halalas, "SAR")
    }

    /// Reads an amount as people write it, with a decimal point: `"18.50"` SAR is 1,850 halalas. More decimals than the
    /// currency has are rounded half away from zero.
    pub fn parse(text: &str, currency: &str) -> Option<Self> {
        let minor = Decimal::parse(text, Separator::Point)?.scaled(minor_digits(currency))?;
        Some(Self::new(minor, currency))
    }

    /// A number or a text of JSON, as platforms write prices. `serde_json` keeps the digits of a number as they came.
    pub fn from_json(value: &serde_json::Value, currency: &str) -> Option<Self> {
        match value {
            serde_json::Value::String(text) => Self::parse(text.trim(), currency),
            serde_json::Value::Number(number) => Self::parse(&number.to_string(), currency),
            _ => None,
        }
    }

    /// The amount with the decimals of its currency: `18.50`.
    pub fn decimal(&self) -> String {
        let digits = minor_digits(&self.currency);
        let (sign, minor) = (if self.minor < 0 { "-" } else { "" }, self.minor.unsigned_abs());
        let unit = 10_u64.pow(digits);
        match usize::try_from(digits) {
            Ok(width) if width > 0 => format!("{sign}{}.{:0width$}", minor / unit, minor % unit),
            _ => format!("{sign}{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let minor = |text, currency| Money::parse(text, currency).map(|money| money.minor);
        assert_eq!(minor("18.5", "SAR"), Some(1_850));
        assert_eq!(minor("-0.01", "SAR"), Some(-1));
        assert_eq!(minor("1.234", "KWD"), Some(1_234));
        assert_eq!(minor("500", "JPY"), Some(500));
        assert_eq!(minor("abc", "SAR"), None);
        // The nearest double of this is 0.2899999…: read as text, it stays what it is.
        let json: serde_json::Value = serde_json::from_str(r#"[0.29, "0.29", 70]"#).unwrap();
        let read: Vec<_> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|v| Money::from_json(v, "SAR").unwrap().minor)
            .collect();
        assert_eq!(read, [29, 29, 7_000]);
    }

    #[test]
    fn amounts_are_written_with_their_decimals() {
        for (minor, currency, text) in [
            (1_850, "SAR", "18.50"),
            (-1, "SAR", "-0.01"),
            (5, "KWD", "0.005"),
            (500, "JPY", "500"),
            (i64::MIN, "SAR", "-92233720368547758.08"),
        ] {
            assert_eq!(Money::new(minor, currency).decimal(), text);
        }
    }
}
