//! Vehicles of the demonstration companies, and how they are driven and filled.

use chrono::{Days, NaiveDate};
use serde_json::json;

use super::draw::Draw;
use super::{Company, Row, row};

/// A kind of vehicle: what it drinks and how much of it.
pub(super) struct Model {
    vehicle_type: &'static str,
    make: &'static str,
    name: &'static str,
    fuel_type: &'static str,
    engine_capacity_cc: i64,
    price: i64,
    /// Product as providers name it, and halalas for a litre.
    pub(super) product: &'static str,
    pub(super) price_halalas: i64,
    pub(super) tank_ml: i64,
    /// Metres on a litre.
    pub(super) metres_per_l: i64,
    /// Kilometres of a working day, least and most.
    pub(super) day_km: (i64, i64),
}

const MODELS: &[Model] = &[
    Model {
        vehicle_type: "motorcycle",
        make: "Honda",
        name: "CG 125",
        fuel_type: "gasoline",
        engine_capacity_cc: 125,
        price: 7200,
        product: "gasoline91",
        price_halalas: 218,
        tank_ml: 12_000,
        metres_per_l: 38_000,
        day_km: (70, 150),
    },
    Model {
        vehicle_type: "motorcycle",
        make: "Bajaj",
        name: "Boxer 150",
        fuel_type: "gasoline",
        engine_capacity_cc: 150,
        price: 6100,
        product: "gasoline91",
        price_halalas: 218,
        tank_ml: 11_000,
        metres_per_l: 33_000,
        day_km: (70, 150),
    },
    Model {
        vehicle_type: "car",
        make: "Toyota",
        name: "Yaris",
        fuel_type: "gasoline",
        engine_capacity_cc: 1500,
        price: 62_000,
        product: "gasoline91",
        price_halalas: 218,
        tank_ml: 42_000,
        metres_per_l: 13_000,
        day_km: (90, 210),
    },
    Model {
        vehicle_type: "car",
        make: "Hyundai",
        name: "Accent",
        fuel_type: "gasoline",
        engine_capacity_cc: 1600,
        price: 58_000,
        product: "gasoline95",
        price_halalas: 233,
        tank_ml: 45_000,
        metres_per_l: 11_800,
        day_km: (90, 210),
    },
    Model {
        vehicle_type: "van",
        make: "Toyota",
        name: "Hiace",
        fuel_type: "diesel",
        engine_capacity_cc: 2800,
        price: 115_000,
        product: "diesel",
        price_halalas: 166,
        tank_ml: 70_000,
        metres_per_l: 9_500,
        day_km: (110, 240),
    },
];

/// What is known of a vehicle while its months are driven.
pub(super) struct Vehicle {
    pub(super) row: Row,
    pub(super) model: &'static Model,
    pub(super) plate: String,
    pub(super) internal_number: String,
    pub(super) vin: String,
    pub(super) card: Option<String>,
    pub(super) odometer_m: i64,
    pub(super) drives: bool,
}

/// Letters of Saudi plates.
const LETTERS: &[char] = &[
    'A', 'B', 'J', 'D', 'R', 'S', 'X', 'T', 'E', 'G', 'K', 'L', 'Z', 'N', 'H', 'U', 'V',
];
/// Letters and digits of vehicle identification numbers: no I, O and Q.
const VIN: &[u8] = b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ";

/// Vehicles in the order of their numbers: mostly motorcycles, some cars, few vans.
pub(super) fn vehicles(company: Company, draw: &mut Draw, today: NaiveDate) -> Vec<Vehicle> {
    let mut plates: Vec<String> = Vec::new();
    (1..=company.vehicles())
        .map(|number| {
            let model = &MODELS[match number % 10 {
                1 | 4 | 7 => 0,
                2 | 5 | 8 => 1,
                3 | 6 => 2,
                9 => 3,
                _ => 4,
            }];
            let plate = loop {
                let letters: String = (0..3).map(|_| *draw.one_of(LETTERS)).collect();
                let plate = format!("{letters} {}", draw.from(1000, 9999));
                let turned: String = letters.chars().rev().collect();
                if turned != letters && !plates.contains(&plate) {
                    break plate;
                }
            };
            plates.push(plate.clone());
            vehicle(company, draw, today, model, plate, number)
        })
        .collect()
}

fn vehicle(
    company: Company,
    draw: &mut Draw,
    today: NaiveDate,
    model: &'static Model,
    plate: String,
    number: usize,
) -> Vehicle {
    let before = |days: i64| today.checked_sub_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    let after = |days: i64| today.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    let internal_number = format!("{}-V{number:03}", company.prefix());
    let vin: String = (0..17).map(|_| char::from(*draw.one_of(VIN))).collect();
    let card = draw.percent(70).then(|| format!("7001{}", draw.digits(12)));
    let odometer_m = draw.from(4_000_000, 90_000_000);
    let status = match number {
        5 => "maintenance",
        8 => "repair",
        12 => "inactive",
        14 => "retired",
        _ => "active",
    };
    let leased = draw.percent(25);
    let capacity = model.tank_ml / 1000;
    let row = row(json!({
        "plate_number": plate,
        "internal_number": internal_number,
        "vehicle_type": model.vehicle_type,
        "status": status,
        "retired_on": (status == "retired").then(|| before(210)),
        "make": model.make,
        "model": model.name,
        "year": 2018 + draw.from(0, 7),
        "color": draw.word(&["white", "silver", "black", "red"]),
        "ownership_type": if leased { "leased" } else { "owned" },
        "assigned_to_city": draw.word(company.cities()),
        "is_pool_vehicle": false,
        "registration_number": draw.digits(9),
        "registration_expires_on": if draw.percent(15) { after(draw.from(3, 85)) } else { after(draw.from(100, 900)) },
        "insurance_company": draw.word(&["Tawuniya", "Bupa Arabia", "Walaa"]),
        "insurance_policy_number": draw.digits(10),
        "insurance_expires_on": if draw.percent(10) { before(draw.from(1, 15)) } else { after(draw.from(40, 360)) },
        "vin_number": vin,
        "engine_capacity_cc": model.engine_capacity_cc,
        "transmission": if model.vehicle_type == "car" { "automatic" } else { "manual" },
        "fuel_type": model.fuel_type,
        "fuel_capacity_l": capacity.to_string(),
        "fuel_card_number": card,
        "purchase_price": (!leased).then(|| format!("{}.00", model.price)),
        "purchased_on": (!leased).then(|| before(draw.from(300, 1800))),
        "monthly_lease_cost": leased.then(|| format!("{}.00", model.price / 40)),
        "next_service_on": after(draw.from(0, 90)),
    }));
    Vehicle {
        row,
        model,
        plate,
        internal_number,
        vin,
        card,
        odometer_m,
        drives: status == "active",
    }
}
