//! From a provider's rows to transactions, exactly or not at all.

use barq_plugin::decimal::{Decimal, Separator};
use barq_plugin::money::minor_digits;
use barq_plugin::time::{Moment, Zone, parse_epoch, parse_moment};
use barq_plugin::{Failure, FuelProduct, FuelTransaction, GeoPoint, Money, Result, UnreadableRow};
use barq_plugin_common::fuel::{content_id, guess_product, location, plates};
use barq_plugin_common::value::{at as at_path, text_of};
use serde_json::{Map, Value};

use crate::mapping::{FACTORS, Mapping, known_product};

/// Rows beyond this that are all unreadable mean that the format changed, not that a row is broken.
const TELLING_ROWS: usize = 3;

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
        let (plate_ref, plate_ref_ar) = plates(self.text(row, "plate"), self.text(row, "plate_ar"));
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
            ..FuelTransaction::new(String::new(), at, volume_ml, Money { minor, currency })
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
        let degrees = |field| self.scaled(row, field, 7).ok()?;
        location(degrees("latitude"), degrees("longitude"))
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
