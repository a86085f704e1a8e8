//! Bills of fuel cards, the same for every provider.

use barq_plugin::decimal::{Decimal, Separator};
use barq_plugin::{FuelProduct, FuelTransaction, GeoPoint};
use sha2::{Digest, Sha256};

use crate::value::{self, hex};

/// A provider's one plate field in our two: Latin and Arabic.
pub fn plates(plate: Option<String>, arabic: Option<String>) -> (Option<String>, Option<String>) {
    match arabic {
        Some(arabic) => (plate, Some(arabic)),
        None if plate.as_deref().is_some_and(has_arabic_letters) => (None, plate),
        None => (plate, None),
    }
}

/// A station's place.
pub fn location(latitude_e7: Option<i64>, longitude_e7: Option<i64>) -> Option<GeoPoint> {
    value::location(latitude_e7, longitude_e7).map(|(lat_e7, lon_e7)| GeoPoint { lat_e7, lon_e7 })
}

fn has_arabic_letters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, 'ء'..='ي' | 'ٱ'..='ۓ'))
}

/// What a provider's word for a product most likely means.
pub fn guess_product(name: &str) -> FuelProduct {
    let name = name
        .to_lowercase()
        .replace('٩', "9")
        .replace('١', "1")
        .replace('٥', "5")
        .replace('٨', "8");
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match () {
        () if has(&["diesel", "ديزل", "سولار"]) => FuelProduct::Diesel,
        () if has(&["electric", "kwh", "كهرب"]) => FuelProduct::Electric,
        () if has(&["91"]) => FuelProduct::Gasoline91,
        () if has(&["95"]) => FuelProduct::Gasoline95,
        () if has(&["98"]) => FuelProduct::Gasoline98,
        () => FuelProduct::Other,
    }
}

/// An id for a bill without one: the same bill has the same content.
pub fn content_id(bill: &FuelTransaction) -> String {
    let attribute = |name: &str| {
        bill.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let texts = [
        attribute("trip_number"),
        bill.internal_ref.as_deref(),
        bill.vin_ref.as_deref(),
        bill.plate_ref.as_deref().or(bill.plate_ref_ar.as_deref()),
        bill.card_ref.as_deref(),
        bill.station_name.as_deref(),
        bill.receipt_no.as_deref(),
    ];
    let mut hasher = Sha256::new();
    for number in [bill.occurred_at, bill.volume_ml, bill.amount.minor] {
        hasher.update(number.to_be_bytes());
    }
    for text in texts {
        hasher.update(text.unwrap_or_default().trim());
        hasher.update([0]);
    }
    format!("h-{}", hex(&hasher.finalize()[..16]))
}

/// A number that can be read in one way only: `40,125` could be forty litres or forty thousand.
pub fn unmistakable(text: &str) -> Option<Decimal> {
    let read = |separator| Decimal::parse(text, separator);
    let point = read(Separator::Point)?;
    let one_reading = !text.contains([',', '،']) || read(Separator::Comma) == Some(point);
    one_reading.then_some(point)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_two_readings_is_not_guessed() {
        let read = |text: &str| unmistakable(text).and_then(|number| number.scaled(3));
        for (text, expected) in [
            ("40.125", Some(40_125)),
            ("87,20", Some(87_200)),
            ("1,234.50", Some(1_234_500)),
            ("٤٠٫٥", Some(40_500)),
            ("40,125", None),
            ("x", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn one_plate_field_is_latin_or_arabic() {
        let own = |text: &str| Some(text.to_owned());
        assert_eq!(plates(own("ABJ 1234"), None), (own("ABJ 1234"), None));
        assert_eq!(plates(own("أ ب ح ١٢٣٤"), None), (None, own("أ ب ح ١٢٣٤")));
        assert_eq!(plates(own("A"), own("أ")), (own("A"), own("أ")));
    }
}
