//! From a provider's rows to transactions: which of its fields is which of ours, and in what form.

use std::collections::BTreeMap;

use barq_plugin::decimal::{Decimal, Separator};
use barq_plugin::time::{Moment, Zone, parse_epoch, parse_moment};
use barq_plugin::{Failure, FuelProduct, FuelTransaction, GeoPoint, Money, Result, UnreadableRow, fuel_transaction};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::reply::hex;

/// Fields of ours that a mapping can name.
const FIELDS: &[&str] = &[
    "external_id",
    "occurred_at",
    "volume",
    "amount",
    "unit_price",
    "vat",
    "currency",
    "product",
    "card",
    "plate",
    "plate_ar",
    "vin",
    "internal_number",
    "driver",
    "station",
    "city",
    "latitude",
    "longitude",
    "odometer",
    "receipt_no",
];
const REQUIRED: &[&str] = &["occurred_at", "volume", "amount"];
const FACTORS: &[&str] = &["volume", "amount", "unit_price", "vat", "odometer"];
/// Rows beyond this that are all unreadable mean that the format changed, not that a row is broken.
const TELLING_ROWS: usize = 3;

/// Places to look for a value, the first one that has any. `a.b` goes into objects, `a+b` joins two with a blank.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paths(Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(path) => Ok(Self(vec![path])),
            Value::Array(paths) => paths
                .iter()
                .map(|path| path.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Self)
                .ok_or_else(|| serde::de::Error::custom("a list of paths holds texts")),
            _ => Err(serde::de::Error::custom("a path is a text or a list of texts")),
        }
    }
}

impl std::ops::Deref for Paths {
    type Target = [String];

    fn deref(&self) -> &[String] {
        &self.0
    }
}

fn paths(list: &[&str]) -> Paths {
    Paths(list.iter().map(|path| (*path).to_owned()).collect())
}

/// How a provider writes what we want to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where the list is; JSON only.
    #[serde(default)]
    pub rows: Paths,
    #[serde(default)]
    pub last_page: Paths,
    #[serde(default)]
    pub next: Paths,
    fields: BTreeMap<String, Paths>,
    /// Kept with the transaction under the given name.
    #[serde(default)]
    attributes: BTreeMap<String, Paths>,
    /// Tried in order; `epoch` stands for seconds or milliseconds since 1970.
    #[serde(default = "iso")]
    date_format: Paths,
    /// What a value is multiplied by to become litres, the major unit of the currency, or kilometres.
    #[serde(default)]
    factors: BTreeMap<String, String>,
    /// The provider's words for `gasoline91`, `gasoline95`, `gasoline98`, `diesel`, `electric`.
    #[serde(default)]
    products: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "one_byte")]
    pub delimiter: Option<u8>,
    /// Whether there are pages; decided by the address, not by the mapping.
    #[serde(skip)]
    pub paged: bool,
}

fn iso() -> Paths {
    paths(&["YYYY-MM-DD HH:mm:ss", "YYYY/MM/DD HH:mm:ss"])
}

fn one_byte<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u8>, D::Error> {
    match Option::<String>::deserialize(deserializer)?
        .as_deref()
        .map(str::as_bytes)
    {
        None => Ok(None),
        Some([byte]) if byte.is_ascii() => Ok(Some(*byte)),
        Some(_) => Err(serde::de::Error::custom("a delimiter is one character")),
    }
}

impl Mapping {
    /// PetroApp's bills, with every key its API was seen to use.
    pub fn petroapp() -> Self {
        let fields: &[(&str, &[&str])] = &[
            ("external_id", &["id", "bill_id"]),
            ("occurred_at", &["bill_date", "billDate"]),
            ("volume", &["num_of_liters"]),
            ("amount", &["cost"]),
            ("unit_price", &["liter_price", "unit_price"]),
            ("vat", &["vat_amount", "vat"]),
            ("product", &["fuel_type", "product"]),
            ("card", &["vehicle_card_id", "fuel_card_number", "card_number"]),
            ("plate", &["plate_snum", "english_plate_letter+english_plate_number"]),
            ("plate_ar", &["arabic_plate_letter+arabic_plate_number"]),
            ("vin", &["vin", "vin_number", "structure_number"]),
            ("internal_number", &["internal_number"]),
            ("driver", &["delegate_name"]),
            ("station", &["station_name"]),
            ("city", &["city"]),
            ("latitude", &["station_lat"]),
            ("longitude", &["station_lng"]),
            ("odometer", &["odometer"]),
        ];
        let attributes: &[(&str, &[&str])] = &[
            ("provider_vehicle_id", &["vehicle_id"]),
            ("serial_number", &["serial_number"]),
            ("trip_number", &["trip_number"]),
            ("payment_method", &["payment_method_text", "payment_method"]),
            ("branch", &["branch_name"]),
            ("district", &["district"]),
        ];
        let owned = |list: &[(&str, &[&str])]| list.iter().map(|(k, v)| ((*k).to_owned(), paths(v))).collect();
        Self {
            rows: paths(&["data.data", "data"]),
            last_page: paths(&["data.last_page", "last_page", "meta.last_page"]),
            next: paths(&["data.next_page_url", "next_page_url", "links.next"]),
            fields: owned(fields),
            attributes: owned(attributes),
            date_format: paths(&[
                "YYYY-MM-DD HH:mm:ss",
                "YYYY/MM/DD HH:mm:ss",
                "DD-MM-YYYY HH:mm:ss",
                "DD/MM/YYYY HH:mm:ss",
                "YYYY-MM-DD hh:mm:ss A",
            ]),
            factors: BTreeMap::new(),
            products: BTreeMap::new(),
            delimiter: None,
            paged: true,
        }
    }

    /// Refuses a mapping that cannot work, in words for who wrote it.
    pub fn check(&mut self, paged: bool) -> Result<()> {
        self.paged = paged;
        let bad = |message: String| Err(Failure::config("mapping", message));
        if let Some(name) = self.fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return bad(format!(
                "The mapping names {name:?}; known fields: {}.",
                FIELDS.join(", ")
            ));
        }
        if let Some(name) = REQUIRED.iter().find(|name| self.paths(name).is_empty()) {
            return bad(format!("The mapping must say where {name} is."));
        }
        if let Some((name, _)) = self.factors.iter().find(|(name, factor)| {
            !FACTORS.contains(&name.as_str()) || Decimal::parse(factor, Separator::Point).is_none()
        }) {
            return bad(format!(
                "The factor of {name:?} is not a number for one of {}.",
                FACTORS.join(", ")
            ));
        }
        if let Some(word) = self.products.values().find(|word| known_product(word).is_none()) {
            return bad(format!(
                "{word:?} is not a product: gasoline91, gasoline95, gasoline98, diesel, electric, other."
            ));
        }
        Ok(())
    }

    /// The columns that every file must have, each as its alternatives.
    pub fn required_columns(&self) -> impl Iterator<Item = &[String]> {
        REQUIRED.iter().map(|name| self.paths(name))
    }

    fn paths(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], |paths| paths)
    }
}

/// The value at `a.b.c`; the whole for an empty path.
pub fn at_path<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .filter(|part| !part.is_empty())
        .try_fold(value, |value, part| value.get(part))
}

/// A value as the provider wrote it; nothing for null, blank, list or object.
pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// What a page came to.
#[derive(Debug, Default)]
pub struct Page {
    pub transactions: Vec<FuelTransaction>,
    pub unreadable: Vec<UnreadableRow>,
    /// Rows looked at.
    pub rows: usize,
    /// Rows of the page that are still to be returned.
    pub rest: usize,
}

/// How one page is read.
struct Reader<'a> {
    mapping: &'a Mapping,
    separator: Separator,
    currency: &'a str,
    zone: Zone,
}

/// Reads `most` rows of a page, beginning with row `from`.
pub fn read(
    rows: &[Map<String, Value>],
    from: usize,
    most: usize,
    mapping: &Mapping,
    separator: Option<Separator>,
    currency: &str,
    zone: Zone,
) -> Result<Page> {
    let separator = separator.map_or_else(|| proven_separator(rows, mapping), Ok)?;
    let reader = Reader {
        mapping,
        separator,
        currency,
        zone,
    };
    let part = &rows[from.min(rows.len())..rows.len().min(from.saturating_add(most))];
    let mut page = Page {
        rows: part.len(),
        rest: rows.len().saturating_sub(from + part.len()),
        ..Page::default()
    };
    for row in part {
        match reader.transaction(row) {
            Ok(transaction) => page.transactions.push(transaction),
            Err((field, reason)) => {
                let external_id = reader.text(row, "external_id").unwrap_or_default();
                page.unreadable.push(UnreadableRow {
                    external_id,
                    field: field.to_owned(),
                    reason: reason.to_owned(),
                });
            }
        }
    }
    if page.transactions.is_empty()
        && page.rows > TELLING_ROWS
        && let Some(row) = page.unreadable.first()
    {
        let message = format!(
            "None of {} rows can be read; the first one: {} {}.",
            page.rows, row.field, row.reason
        );
        return Err(Failure::permanent("unreadable_page", message));
    }
    Ok(page)
}

/// The decimal separator that the page's own numbers prove. `12,500` alone could be twelve and a half or twelve thousand:
/// guessing would store a wrong figure.
fn proven_separator(rows: &[Map<String, Value>], mapping: &Mapping) -> Result<Separator> {
    let mut proven = None;
    let mut open = None;
    for row in rows {
        for field in FACTORS.iter().chain(&["latitude", "longitude"]) {
            let texts = mapping
                .paths(field)
                .iter()
                .filter_map(|path| at(row, path))
                .filter(|value| value.is_string());
            for text in texts.filter_map(text_of) {
                match Decimal::evidence(&text) {
                    Some(found) if proven.is_some_and(|proven| proven != found) => {
                        let message =
                            format!("The page writes decimals with a point and with a comma, for example {text}.");
                        return Err(Failure::permanent("decimal_separator", message));
                    }
                    Some(found) => proven = Some(found),
                    // A point alone is a decimal point the world over; a comma alone is not a decimal comma.
                    None if text.contains(',')
                        && Decimal::parse(&text, Separator::Comma) != Decimal::parse(&text, Separator::Point) =>
                    {
                        open.get_or_insert(text);
                    }
                    None => {}
                }
            }
        }
    }
    match (proven, open) {
        (Some(separator), _) => Ok(separator),
        (None, None) => Ok(Separator::Point),
        (None, Some(text)) => Err(Failure::config(
            "decimal_separator",
            format!("{text} can be read in two ways: set the decimal separator of the provider."),
        )),
    }
}

fn at<'a>(row: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    // A column's name may itself contain a point.
    if let Some(value) = row.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    at_path(row.get(first)?, rest)
}

type Unreadable = (&'static str, &'static str);

impl Reader<'_> {
    fn text(&self, row: &Map<String, Value>, field: &str) -> Option<String> {
        self.mapping.paths(field).iter().find_map(|path| joined(row, path))
    }

    fn number(
        &self,
        row: &Map<String, Value>,
        field: &'static str,
    ) -> std::result::Result<Option<Decimal>, Unreadable> {
        let Some(value) = self
            .mapping
            .paths(field)
            .iter()
            .find_map(|path| at(row, path).filter(|v| text_of(v).is_some()))
        else {
            return Ok(None);
        };
        // A JSON number always has a point.
        let separator = if value.is_number() {
            Separator::Point
        } else {
            self.separator
        };
        let text = text_of(value).unwrap_or_default();
        let number = Decimal::parse(&text, separator).ok_or((field, "is not a number"))?;
        let Some(factor) = self.mapping.factors.get(field) else {
            return Ok(Some(number));
        };
        let factor = Decimal::parse(factor, Separator::Point).ok_or((field, "has a factor that is not a number"))?;
        number.times(factor).map(Some).ok_or((field, "is too large"))
    }

    fn scaled(
        &self,
        row: &Map<String, Value>,
        field: &'static str,
        digits: u32,
    ) -> std::result::Result<Option<i64>, Unreadable> {
        match self.number(row, field)? {
            None => Ok(None),
            Some(number) => number.scaled(digits).map(Some).ok_or((field, "is too large")),
        }
    }

    fn transaction(&self, row: &Map<String, Value>) -> std::result::Result<FuelTransaction, Unreadable> {
        let at = self.moment(row)?;
        let volume_ml = self.scaled(row, "volume", 3)?.ok_or(("volume", "is missing"))?;
        let currency = self
            .text(row, "currency")
            .unwrap_or_else(|| self.currency.to_owned())
            .to_ascii_uppercase();
        let digits = minor_digits(&currency);
        let minor = self.scaled(row, "amount", digits)?.ok_or(("amount", "is missing"))?;
        let mut attributes: Vec<_> = self
            .mapping
            .attributes
            .iter()
            .filter_map(|(name, paths)| {
                paths
                    .iter()
                    .find_map(|path| joined(row, path))
                    .map(|text| (name.clone(), text))
            })
            .collect();
        attributes.truncate(32);
        let plate = self.text(row, "plate");
        let (plate_ref, plate_ref_ar) = match self.text(row, "plate_ar") {
            Some(arabic) => (plate, Some(arabic)),
            None => (
                plate.clone().filter(|plate| !has_arabic_letters(plate)),
                plate.filter(|plate| has_arabic_letters(plate)),
            ),
        };
        let product_name = self.text(row, "product");
        let mut transaction = FuelTransaction {
            product: product_name
                .as_deref()
                .map_or(FuelProduct::Other, |name| self.product(name)),
            product_name,
            unit_price_e4: self.scaled(row, "unit_price", 4)?,
            vat_minor: self.scaled(row, "vat", digits)?,
            card_ref: self.text(row, "card"),
            plate_ref,
            plate_ref_ar,
            vin_ref: self.text(row, "vin"),
            internal_ref: self.text(row, "internal_number"),
            driver_ref: self.text(row, "driver"),
            station_name: self.text(row, "station"),
            station_city: self.text(row, "city"),
            station_location: self.location(row),
            // Zero is what a pump sends when nobody typed it in.
            odometer_m: self.scaled(row, "odometer", 3)?.filter(|metres| *metres > 0),
            receipt_no: self.text(row, "receipt_no"),
            attributes,
            ..fuel_transaction(String::new(), at, volume_ml, Money { minor, currency })
        };
        transaction.external_id = self
            .text(row, "external_id")
            .unwrap_or_else(|| content_id(&transaction));
        Ok(transaction)
    }

    fn moment(&self, row: &Map<String, Value>) -> std::result::Result<Moment, Unreadable> {
        let text = self.text(row, "occurred_at").ok_or(("occurred_at", "is missing"))?;
        let read = |format: &String| match format.as_str() {
            "epoch" => parse_epoch(&text),
            format => parse_moment(&text, format, self.zone),
        };
        self.mapping
            .date_format
            .iter()
            .find_map(read)
            .ok_or(("occurred_at", "is not a date in the expected format"))
    }

    /// A place that cannot be read is no reason to lose a bill.
    fn location(&self, row: &Map<String, Value>) -> Option<GeoPoint> {
        let degrees = |field| i32::try_from(self.scaled(row, field, 7).ok()??).ok();
        let (lat_e7, lon_e7) = (degrees("latitude")?, degrees("longitude")?);
        let on_earth = lat_e7.abs() <= 900_000_000 && lon_e7.abs() <= 1_800_000_000;
        (on_earth && (lat_e7, lon_e7) != (0, 0)).then_some(GeoPoint { lat_e7, lon_e7 })
    }

    fn product(&self, name: &str) -> FuelProduct {
        let mapped = self.mapping.products.get(name).and_then(|word| known_product(word));
        mapped.unwrap_or_else(|| guess_product(name))
    }
}

fn joined(row: &Map<String, Value>, path: &str) -> Option<String> {
    if let Some(text) = at(row, path).and_then(text_of) {
        return Some(text);
    }
    let parts: Option<Vec<_>> = path
        .split('+')
        .map(|part| at(row, part.trim()).and_then(text_of))
        .collect();
    parts.filter(|parts| parts.len() > 1).map(|parts| parts.join(" "))
}

fn has_arabic_letters(text: &str) -> bool {
    text.chars().any(|c| matches!(c, 'ء'..='ي' | 'ٱ'..='ۓ'))
}

fn known_product(word: &str) -> Option<FuelProduct> {
    Some(match word {
        "gasoline91" => FuelProduct::Gasoline91,
        "gasoline95" => FuelProduct::Gasoline95,
        "gasoline98" => FuelProduct::Gasoline98,
        "diesel" => FuelProduct::Diesel,
        "electric" => FuelProduct::Electric,
        "other" => FuelProduct::Other,
        _ => return None,
    })
}

fn guess_product(name: &str) -> FuelProduct {
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

/// Decimals of a currency (ISO 4217); two unless it is one of the few others.
fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        "JPY" | "KRW" | "VND" => 0,
        _ => 2,
    }
}

/// An id for a bill without one: the same bill has the same content.
fn content_id(bill: &FuelTransaction) -> String {
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

#[cfg(test)]
mod tests;
