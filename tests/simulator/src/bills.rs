//! Bills that are a function of vehicle and day: the same for everyone who asks, for any period, without a clock.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Config, Mode};

/// How the provider knows a vehicle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Vehicle {
    pub internal_number: String,
    /// Latin letters and digits.
    pub plate: String,
    pub plate_ar: String,
    pub vin: String,
    pub card: String,
    /// What it had driven on the first of January 2026.
    pub odometer_km: u32,
}

impl Vehicle {
    /// As PetroApp's list has it.
    pub(crate) fn petroapp(&self) -> Value {
        let spaced = |text: &str| text.chars().map(String::from).collect::<Vec<_>>().join(" ");
        let (letters, digits) = self.plate.split_once(' ').unwrap_or_default();
        let (letters_ar, digits_ar) = self.plate_ar.rsplit_once(' ').unwrap_or_default();
        json!({
            "branch_name": "Riyadh", "internal_number": self.internal_number, "arabic_plate_letter": letters_ar,
            "english_plate_letter": spaced(letters), "english_plate_number": spaced(digits),
            "arabic_plate_number": spaced(digits_ar),
        })
    }
}

/// Twelve vehicles for whoever brings none.
pub fn default_fleet() -> Vec<Vehicle> {
    let letters = [("ABJ", "ا ب ح"), ("DRS", "د ر س"), ("XTE", "ص ط ع"), ("GKL", "ق ك ل")];
    let vehicle = |i: u32| {
        let (latin, arabic) = letters[i as usize % letters.len()];
        let number = 1_001 + i * 37;
        Vehicle {
            internal_number: format!("V-{:03}", i + 1),
            plate: format!("{latin} {number}"),
            plate_ar: format!("{arabic} {}", arabic_digits(&number.to_string())),
            vin: format!("JTDBR32E72{:07}", 1_000_000 + i * 7_919),
            card: format!("7005{:08}", 10_000_000 + i * 104_729),
            odometer_km: 20_000 + i * 4_321,
        }
    };
    (0..12).map(vehicle).collect()
}

/// One purchase. Figures are in the smallest unit that is exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bill {
    pub id: u64,
    pub vehicle: Vehicle,
    /// Position of the vehicle in the fleet.
    pub index: usize,
    /// Riyadh time.
    pub at: NaiveDateTime,
    pub volume_ml: u64,
    pub cost_halalas: u64,
    pub odometer_km: u64,
    /// A vehicle that is in nobody's fleet.
    pub stranger: bool,
}

/// The day odometers are counted from; there is no bill before.
pub fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).expect("the first of January exists")
}

/// The bills of a period in the order of time.
pub fn between(config: &Config, from: NaiveDate, to: NaiveDate) -> Vec<Bill> {
    let first = config.first_day.max(epoch());
    // Whoever asks for a century gets ten years.
    let last = first
        .checked_add_signed(TimeDelta::days(3_650))
        .unwrap_or(first)
        .min(to);
    let days = first.iter_days().take_while(|day| *day <= last);
    let mut bills: Vec<_> = days.flat_map(|day| of_day(&config.fleet, day)).collect();
    bills.sort_by_key(|bill| (bill.at, bill.id));
    bills.truncate(config.bills.unwrap_or(usize::MAX));
    bills.retain(|bill| bill.at.date() >= from);
    if config.mode == Mode::Changed {
        for bill in &mut bills {
            bill.cost_halalas += 100;
        }
    }
    bills
}

fn of_day(fleet: &[Vehicle], day: NaiveDate) -> Vec<Bill> {
    let number = u64::try_from((day - epoch()).num_days()).unwrap_or(0);
    let bill = |(index, vehicle): (usize, &Vehicle)| {
        let i = index as u64;
        // A fill every two to four days, and 60 to 130 km a day.
        let (every, daily_km) = (2 + i % 3, 60 + (i * 17) % 70);
        if number == 0 || !(number + i).is_multiple_of(every) {
            return None;
        }
        let noise = mix(i, number);
        // 9 to 14 km a litre, a little different each time.
        let metres_per_litre = 9_000 + (i * 700) % 5_000 + noise % 800;
        let volume_ml = every * daily_km * 1_000_000 / metres_per_litre;
        let minutes = i64::try_from(6 * 60 + noise % (15 * 60)).unwrap_or(0);
        Some(Bill {
            id: number * 1_000 + i + 1,
            vehicle: vehicle.clone(),
            index,
            at: day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes),
            volume_ml,
            // 2.18 SAR a litre, rounded to halalas.
            cost_halalas: (volume_ml * 218 + 500) / 1_000,
            odometer_km: u64::from(vehicle.odometer_km) + number * daily_km,
            stranger: noise.is_multiple_of(23),
        })
    };
    fleet.iter().enumerate().filter_map(bill).collect()
}

/// Well spread and always the same.
fn mix(a: u64, b: u64) -> u64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    x = (x ^ (x >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^ (x >> 32)
}

pub const CSV_HEADER: &str = "Receipt;Date;Plate;Card;Litres;Total;Km;Station";

/// What one bill says about its vehicle: providers rarely say everything.
struct References {
    card: String,
    plate: String,
    vin: String,
    internal: String,
}

impl Bill {
    fn references(&self) -> References {
        let mut all = References {
            card: String::new(),
            plate: String::new(),
            vin: String::new(),
            internal: String::new(),
        };
        if self.stranger {
            all.plate = format!("ZZZ {}", 9_000 + self.id % 999);
            return all;
        }
        match self.index % 5 {
            0 => all.card.clone_from(&self.vehicle.card),
            1 => all.plate.clone_from(&self.vehicle.plate),
            2 => all.plate.clone_from(&self.vehicle.plate_ar),
            3 => all.vin.clone_from(&self.vehicle.vin),
            _ => all.internal.clone_from(&self.vehicle.internal_number),
        }
        all
    }

    fn litres(&self, mode: Mode) -> String {
        styled(
            &format!("{}.{:03}", self.volume_ml / 1_000, self.volume_ml % 1_000),
            mode,
        )
    }

    fn cost(&self, mode: Mode) -> String {
        styled(
            &format!("{}.{:02}", self.cost_halalas / 100, self.cost_halalas % 100),
            mode,
        )
    }

    fn station(&self) -> (&'static str, &'static str, &'static str) {
        const STATIONS: [(&str, &str, &str); 3] = [
            ("محطة العليا", "24.6908000", "46.6853000"),
            ("Exit 5 Station", "24.7743000", "46.7386000"),
            ("محطة طريق الملك", "24.7136000", "46.6753000"),
        ];
        STATIONS[usize::try_from(self.id % 3).unwrap_or(0)]
    }

    /// As PetroApp writes it.
    pub fn petroapp(&self, mode: Mode) -> Value {
        let (station, lat, lng) = self.station();
        let references = self.references();
        let mut bill = json!({
            "id": self.id,
            "bill_date": styled(&self.at.format("%Y-%m-%d %H:%M:%S").to_string(), mode),
            "vehicle_id": self.index + 1,
            "vehicle_card_id": references.card,
            "internal_number": references.internal,
            "structure_number": references.vin,
            "plate_snum": references.plate,
            "trip_number": null,
            "station_name": station,
            "station_lat": lat,
            "station_lng": lng,
            "num_of_liters": self.litres(mode),
            "cost": self.cost(mode),
            "odometer": self.odometer_km,
            "payment_method": 1,
            "payment_method_text": "Chip",
            "fuel_type": "بنزين ٩١",
            "branch_name": "Riyadh",
            "city": "Riyadh",
            "district": "Olaya",
            "delegate_name": format!("Driver {}", self.index + 1),
        });
        if let (Mode::NoIds, Some(bill)) = (mode, bill.as_object_mut()) {
            bill.remove("id");
        }
        bill
    }

    /// As another provider's JSON export writes it.
    pub fn export(&self, mode: Mode) -> Value {
        let references = self.references();
        json!({
            "receipt": if mode == Mode::NoIds { Value::Null } else { json!(format!("R-{}", self.id)) },
            "when": (self.at - TimeDelta::hours(3)).and_utc().timestamp(),
            "vehicle": {"plate": references.plate, "card": references.card, "vin": references.vin, "number": references.internal},
            "quantity_ml": self.volume_ml,
            "total": self.cost(mode),
            "km": self.odometer_km,
        })
    }

    /// As a line of a file.
    pub fn csv_line(&self, mode: Mode) -> String {
        let references = self.references();
        let id = if mode == Mode::NoIds {
            String::new()
        } else {
            format!("R-{}", self.id)
        };
        let when = self.at.format("%d/%m/%Y %H:%M");
        let (litres, total) = (self.litres(mode), self.cost(mode));
        format!(
            "{id};{when};{};{};{litres};{total};{};{}",
            references.plate,
            references.card,
            self.odometer_km,
            self.station().0
        )
    }
}

fn styled(number: &str, mode: Mode) -> String {
    match mode {
        Mode::Comma if !number.contains(':') => number.replace('.', ","),
        Mode::ArabicDigits => arabic_digits(number).replace('.', "٫"),
        _ => number.to_owned(),
    }
}

fn arabic_digits(text: &str) -> String {
    let arabic = |c: char| {
        c.to_digit(10)
            .and_then(|digit| char::from_u32(u32::from('٠') + digit))
            .unwrap_or(c)
    };
    text.chars().map(arabic).collect()
}
