//! The provider's rows as fuel transactions, without I/O. Figures stay exact: JSON numbers keep their digits.

use barq_plugin::decimal::{Decimal, Separator};
use barq_plugin::time::{Zone, parse_moment};
use barq_plugin::{FuelProduct, FuelTransaction, Money, UnreadableRow};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
pub struct Page {
    pub rows: Vec<Row>,
    /// Where the next page begins; absent on the last one.
    pub next: Option<String>,
}

#[derive(Deserialize)]
pub struct Row {
    #[serde(default)]
    id: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    litres: Value,
    #[serde(default)]
    amount: Value,
    card: Option<String>,
    plate: Option<String>,
    station: Option<String>,
    product: Option<String>,
}

impl Row {
    /// The same row has the same id whenever it is read: that is what keeps it from being stored twice.
    pub fn read(self, zone: Zone) -> Result<FuelTransaction, UnreadableRow> {
        let wrong = |field: &str, reason: &str| UnreadableRow::new(self.id.clone(), field, reason);
        if self.id.is_empty() {
            return Err(wrong("id", "is missing"));
        }
        let at = parse_moment(&self.at, "YYYY-MM-DDTHH:mm:ss", zone).ok_or_else(|| wrong("at", "is no time"))?;
        let volume_ml = litres(&self.litres).ok_or_else(|| wrong("litres", "is no number"))?;
        let amount = Money::from_json(&self.amount, "SAR").ok_or_else(|| wrong("amount", "is no number"))?;
        let product = match self.product.as_deref() {
            Some("91") => FuelProduct::Gasoline91,
            Some("95") => FuelProduct::Gasoline95,
            Some("diesel") => FuelProduct::Diesel,
            _ => FuelProduct::Other,
        };
        Ok(FuelTransaction {
            product,
            product_name: self.product,
            card_ref: self.card,
            plate_ref: self.plate,
            station_name: self.station,
            ..FuelTransaction::new(self.id, at, volume_ml, amount)
        })
    }
}

fn litres(value: &Value) -> Option<i64> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Decimal::parse(&text, Separator::Point)?.scaled(3)
}
