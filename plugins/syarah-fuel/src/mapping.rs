//! How a provider writes what we want to know: which of its fields is which of ours, and in what form. Reading rows with
//! it is in `rows`.

use std::collections::BTreeMap;

use barq_plugin::decimal::{Decimal, Separator};
use barq_plugin::{Failure, FuelProduct, Result};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

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
/// Fields of ours that are figures.
pub const FACTORS: &[&str] = &["volume", "amount", "unit_price", "vat", "odometer"];

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
    pub attributes: BTreeMap<String, Paths>,
    /// Tried in order; `epoch` stands for seconds or milliseconds since 1970.
    #[serde(default = "iso")]
    pub date_format: Paths,
    /// What a value is multiplied by to become litres, the major unit of the currency, or kilometres.
    #[serde(default)]
    pub factors: BTreeMap<String, String>,
    /// The provider's words for `gasoline91`, `gasoline95`, `gasoline98`, `diesel`, `electric`.
    #[serde(default)]
    pub products: BTreeMap<String, String>,
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

    /// Where a field of ours is.
    pub fn paths(&self, field: &str) -> &[String] {
        self.fields.get(field).map_or(&[], |paths| paths)
    }
}

pub fn known_product(word: &str) -> Option<FuelProduct> {
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

#[cfg(test)]
mod tests;
