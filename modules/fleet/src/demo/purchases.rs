//! Six months of driving and filling up.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::draw::Draw;
use super::machines::Vehicle;
use super::{Company, Row, row};

/// Days that are driven.
pub(super) const DAYS: u64 = 182;

/// A purchase of fuel.
pub(super) struct Purchase {
    /// Position of the vehicle.
    pub(super) vehicle: usize,
    pub(super) day: NaiveDate,
    /// Minutes since midnight in Riyadh.
    minute: i64,
    volume_ml: i64,
    odometer_m: Option<i64>,
    full: bool,
    station: &'static str,
    city: &'static str,
}

const STATIONS: &[&str] = &[
    "محطة النخيل",
    "محطة الواحة",
    "محطة طريق الملك",
    "Al Wadi Station",
    "محطة الروابي",
    "Corniche Station",
];

/// Drives every vehicle day by day and fills it when it runs low. Moves the odometers on.
pub(super) fn drive(company: Company, draw: &mut Draw, vehicles: &mut [Vehicle], today: NaiveDate) -> Vec<Purchase> {
    let first = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let mut purchases = Vec::new();
    for (place, vehicle) in vehicles.iter_mut().enumerate().filter(|(_, vehicle)| vehicle.drives) {
        // Riders differ, and city traffic is not the brochure.
        let metres_per_l = vehicle.model.metres_per_l * draw.from(88, 106) / 100;
        let mut burned_ml = 0;
        for day in first.iter_days().take_while(|day| *day < today) {
            if draw.percent(14) {
                continue;
            }
            let metres = draw.from(vehicle.model.day_km.0 * 1000, vehicle.model.day_km.1 * 1000);
            vehicle.odometer_m += metres;
            burned_ml += metres * 1000 / metres_per_l * draw.from(94, 106) / 100;
            if burned_ml * 100 < vehicle.model.tank_ml * draw.from(55, 80) {
                continue;
            }
            let full = !draw.percent(5);
            // Pumps show hundredths of a litre; a tank holds no more than its figure.
            let wanted_ml = if full { burned_ml } else { burned_ml / 2 };
            let volume_ml = wanted_ml.min(vehicle.model.tank_ml) / 10 * 10;
            burned_ml = if full { 0 } else { burned_ml - volume_ml };
            purchases.push(Purchase {
                vehicle: place,
                day,
                minute: draw.from(6 * 60, 22 * 60),
                volume_ml,
                odometer_m: (!draw.percent(5)).then_some(vehicle.odometer_m / 1000 * 1000),
                full,
                station: draw.word(STATIONS),
                city: draw.word(company.cities()),
            });
        }
        let mileage = Decimal::new(vehicle.odometer_m, 3).round_dp(2);
        vehicle.row.insert("mileage_km".into(), mileage.to_string().into());
    }
    purchases
}

impl Purchase {
    fn cost_minor(&self, vehicle: &Vehicle) -> i64 {
        (self.volume_ml * vehicle.model.price_halalas + 500) / 1000
    }

    fn odometer_km(&self) -> Option<String> {
        self.odometer_m.map(|metres| format!("{}.00", metres / 1000))
    }

    /// As somebody writes it down.
    pub(super) fn log(&self, vehicle: &Vehicle) -> Row {
        row(json!({
            "filled_on": self.day,
            "volume_l": Decimal::new(self.volume_ml, 3).to_string(),
            "cost": Decimal::new(self.cost_minor(vehicle), 2).to_string(),
            "unit_price": Decimal::new(vehicle.model.price_halalas, 2).to_string(),
            "odometer_km": self.odometer_km(),
            "is_full_tank": self.full,
            "product": vehicle.model.product,
            "station": self.station,
            "payment_method": "cash",
        }))
    }

    /// As the provider of the fuel card reports it: in the form of `platform-plugin-records`.
    pub(super) fn record(&self, vehicle: &Vehicle, number: usize, draw: &mut Draw) -> Json {
        let minute = self.minute - 3 * 60;
        let cost_minor = self.cost_minor(vehicle);
        let mut record = json!({
            "external_id": format!("T{number:06}"),
            "occurred_at": format!("{}T{:02}:{:02}:00Z", self.day, minute / 60, minute % 60),
            "time_known": true,
            "product": vehicle.model.product,
            "volume_ml": self.volume_ml,
            "unit_price_e4": vehicle.model.price_halalas * 100,
            "amount_minor": cost_minor,
            "currency": "SAR",
            "vat_minor": cost_minor * 15 / 115,
            "card_ref": vehicle.card,
            "plate_ref": vehicle.plate,
            "station_name": self.station,
            "station_city": self.city,
            "odometer_m": self.odometer_m,
            "attributes": {"payment_method": "fuel card"},
        });
        spoil(&mut record, vehicle, number, draw);
        record
    }
}

/// What goes wrong at pumps, now and then: the matching has something to say about each.
fn spoil(record: &mut Json, vehicle: &Vehicle, number: usize, draw: &mut Draw) {
    let (letters, digits) = vehicle.plate.split_once(' ').unwrap_or((&vehicle.plate, ""));
    match number % 120 {
        // The letters of the plate in the order of the screen.
        17 => {
            record["card_ref"] = Json::Null;
            record["plate_ref"] = format!("{} {digits}", letters.chars().rev().collect::<String>()).into();
        }
        // A card that nobody has registered, and no plate.
        43 => {
            record["card_ref"] = format!("7009{}", draw.digits(12)).into();
            record["plate_ref"] = Json::Null;
        }
        // A jerrycan as well.
        66 => {
            let volume_ml = vehicle.model.tank_ml * 13 / 10;
            record["volume_ml"] = volume_ml.into();
            record["amount_minor"] = ((volume_ml * vehicle.model.price_halalas + 500) / 1000).into();
        }
        // A digit of the odometer left out.
        81 => {
            if let Some(metres) = record["odometer_m"].as_i64() {
                record["odometer_m"] = (metres / 10_000 * 1000).into();
            }
        }
        // Other references only.
        98 => {
            record["card_ref"] = Json::Null;
            record["plate_ref"] = Json::Null;
            record["vin_ref"] = vehicle.vin.clone().into();
            record["internal_ref"] = vehicle.internal_number.clone().into();
        }
        _ => {}
    }
}
