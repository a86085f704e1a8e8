//! A believable fleet for demonstrations: couriers with papers, vehicles with plates, who drives what, and six months of fuel.
//! The same seed and day make the same fleet. Fuel cards' transactions go through the same sink as a provider's, so they are
//! matched, doubted and left open by the same rules.

mod draw;
mod machines;
mod people;
mod purchases;
mod records;

use chrono::{Days, NaiveDate};
use platform_core::{Cx, Problem, Source};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::{
    ACCIDENT_LOGS, COURIER_POSITIONS, COURIERS, DOCUMENTS, FUEL_LOGS, SHIFTS, VEHICLE_ASSIGNMENTS, VEHICLE_INSPECTIONS,
    VEHICLE_LOGS, VEHICLE_MAINTENANCE, VEHICLES, expiries, sink,
};

type Row = Map<String, Json>;

/// The companies of a demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// A larger one in Riyadh that writes Arabic.
    NajdExpress,
    /// A smaller one at the coast that writes English.
    RedSeaCouriers,
}

impl Company {
    /// Both.
    pub const ALL: [Self; 2] = [Self::NajdExpress, Self::RedSeaCouriers];

    /// The company's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NajdExpress => "Najd Express",
            Self::RedSeaCouriers => "Red Sea Couriers",
        }
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::NajdExpress => "NJD",
            Self::RedSeaCouriers => "RSC",
        }
    }

    /// Domain of its people's addresses.
    pub const fn domain(self) -> &'static str {
        match self {
            Self::NajdExpress => "najd-express.example",
            Self::RedSeaCouriers => "red-sea-couriers.example",
        }
    }

    const fn cities(self) -> &'static [&'static str] {
        match self {
            Self::NajdExpress => &["الرياض", "الرياض", "الخرج", "بريدة"],
            Self::RedSeaCouriers => &["Jeddah", "Jeddah", "Makkah", "Yanbu"],
        }
    }

    const fn couriers(self) -> usize {
        match self {
            Self::NajdExpress => 42,
            Self::RedSeaCouriers => 26,
        }
    }

    const fn vehicles(self) -> usize {
        match self {
            Self::NajdExpress => 32,
            Self::RedSeaCouriers => 20,
        }
    }
}

/// The installation of a fuel card's plugin that the transactions are said to have come through.
#[derive(Clone, Copy, Debug)]
pub struct Installation<'a> {
    /// Its row.
    pub id: Uuid,
    /// Name of the plugin.
    pub provider: &'a str,
}

/// A fleet that is not stored yet. Rows name others by position.
#[derive(Debug, Default, PartialEq)]
pub struct Demo {
    /// Rows of couriers.
    pub couriers: Vec<Map<String, Json>>,
    /// Rows of vehicles.
    pub vehicles: Vec<Map<String, Json>>,
    /// Vehicle, courier and row of each assignment.
    pub assignments: Vec<(usize, usize, Map<String, Json>)>,
    /// Vehicle, courier and row of each fuel log.
    pub fuel_logs: Vec<(usize, Option<usize>, Map<String, Json>)>,
    /// Records of fuel cards in the form of `platform-plugin-records`.
    pub records: Vec<Json>,
}

/// How many rows were stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seeded {
    /// Couriers.
    pub couriers: usize,
    /// Vehicles.
    pub vehicles: usize,
    /// Assignments.
    pub assignments: usize,
    /// Fuel logs.
    pub fuel_logs: usize,
    /// Fuel transactions.
    pub fuel_transactions: usize,
}

/// Without its nulls: an absent field takes its default.
fn row(json: Json) -> Row {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// A company's fleet up to the day before `today`. With `by_card`, vehicles that have a fuel card fill up with it, and the
/// provider reports that; otherwise everything is written down by hand.
pub fn demo(company: Company, seed: u64, today: NaiveDate, by_card: bool) -> Demo {
    let mut draw = draw::Draw::new(seed ^ (company.name().bytes().map(u64::from).sum::<u64>() << 32));
    let couriers = people::couriers(company, &mut draw, today);
    let mut vehicles = machines::vehicles(company, &mut draw, today);
    let assignments = assignments(&couriers, &vehicles, today);
    let purchases = purchases::drive(company, &mut draw, &mut vehicles, today);
    let mut demo = Demo::default();
    for purchase in &purchases {
        let vehicle = &vehicles[purchase.vehicle];
        if by_card && vehicle.card.is_some() {
            let number = demo.records.len() + 1;
            demo.records.push(purchase.record(vehicle, number, &mut draw));
        } else {
            let courier = driver(&assignments, purchase.vehicle, purchase.day);
            demo.fuel_logs.push((purchase.vehicle, courier, purchase.log(vehicle)));
        }
    }
    Demo {
        couriers,
        vehicles: vehicles.into_iter().map(|vehicle| vehicle.row).collect(),
        assignments,
        ..demo
    }
}

/// Whether none of these papers has expired.
fn good(row: &Row, papers: &[&str], today: NaiveDate) -> bool {
    let today = today.to_string();
    let expired = |paper: &&str| {
        row.get(*paper)
            .and_then(Json::as_str)
            .is_some_and(|day| day < today.as_str())
    };
    !papers.iter().any(expired)
}

/// Active couriers drive active vehicles, both with good papers; every third pair has known each other for a part of the time
/// only.
fn assignments(couriers: &[Row], vehicles: &[machines::Vehicle], today: NaiveDate) -> Vec<(usize, usize, Row)> {
    let before = |days| today.checked_sub_days(Days::new(days)).unwrap_or(today);
    let active: Vec<usize> = (0..couriers.len())
        .filter(|place| couriers[*place]["status"] == "active")
        .filter(|place| good(&couriers[*place], &["iqama_expires_on", "license_expires_on"], today))
        .collect();
    let driven: Vec<usize> = (0..vehicles.len())
        .filter(|place| vehicles[*place].drives)
        .filter(|place| {
            let papers = &["registration_expires_on", "insurance_expires_on"];
            good(&vehicles[*place].row, papers, today)
        })
        .collect();
    // Two vehicles wait for a courier, and couriers outnumber vehicles.
    let pairs = driven.iter().zip(&active).take(driven.len().saturating_sub(2));
    let mut assignments = Vec::new();
    for (number, (vehicle, courier)) in pairs.enumerate() {
        let kind = if number % 7 == 6 { "temporary" } else { "permanent" };
        let mut since = before(purchases::DAYS + 8);
        if number % 3 == 2 {
            let other = active[active.len() - 1 - number / 3];
            let handover = before(60 + u64::try_from(number).unwrap_or(0));
            let ended = json!({"assignment_type": kind, "status": "completed", "started_on": since, "ended_on": handover,
                               "end_reason": "Handed over"});
            assignments.push((*vehicle, other, row(ended)));
            since = handover;
        }
        let open = json!({"assignment_type": kind, "status": "active", "started_on": since});
        assignments.push((*vehicle, *courier, row(open)));
    }
    assignments
}

/// Who drove a vehicle on a day.
fn driver(assignments: &[(usize, usize, Row)], vehicle: usize, day: NaiveDate) -> Option<usize> {
    let day = day.to_string();
    let drove = |row: &Row| {
        row["started_on"].as_str().is_some_and(|first| first <= day.as_str())
            && row
                .get("ended_on")
                .and_then(Json::as_str)
                .is_none_or(|last| day.as_str() <= last)
    };
    assignments
        .iter()
        .rev()
        .find(|(other, _, row)| *other == vehicle && drove(row))
        .map(|(_, courier, _)| *courier)
}

/// Stores a company's fleet in the caller's transaction.
pub async fn seed(
    cx: &mut Cx,
    company: Company,
    seed: u64,
    installation: Option<Installation<'_>>,
) -> Result<Seeded, Problem> {
    let demo = demo(company, seed, cx.today(), installation.is_some());
    let mut draw = draw::Draw::new(seed.rotate_left(17));
    let records = records::records(company, &mut draw, &demo, cx.today(), cx.now);
    let couriers = platform_engine::create_many(cx, &COURIERS, demo.couriers).await?;
    let vehicles = platform_engine::create_many(cx, &VEHICLES, demo.vehicles).await?;
    let named = |(vehicle, courier, mut row): (usize, Option<usize>, Row)| {
        row.insert("vehicle_id".into(), json!(vehicles[vehicle]));
        row.extend(courier.map(|courier| ("courier_id".to_owned(), json!(couriers[courier]))));
        row
    };
    let assignments: Vec<Row> = demo
        .assignments
        .into_iter()
        .map(|(vehicle, courier, row)| named((vehicle, Some(courier), row)))
        .collect();
    let fuel_logs: Vec<Row> = demo.fuel_logs.into_iter().map(named).collect();
    let mut seeded = Seeded {
        couriers: couriers.len(),
        vehicles: vehicles.len(),
        assignments: assignments.len(),
        fuel_logs: fuel_logs.len(),
        fuel_transactions: 0,
    };
    platform_engine::create_many(cx, &VEHICLE_ASSIGNMENTS, assignments).await?;
    platform_engine::create_many(cx, &FUEL_LOGS, fuel_logs).await?;
    if let Some(Installation { id, provider }) = installation {
        for records in demo.records.chunks(500) {
            let source = Source {
                installation_id: id,
                provider,
                records,
            };
            seeded.fuel_transactions += usize::try_from(sink::store(cx, source).await?.created).unwrap_or(0);
        }
    }
    let records::Records {
        vehicle_logs,
        maintenance,
        inspections,
        accidents,
        documents,
        positions,
        shifts,
    } = records;
    for (resource, rows) in [
        (&VEHICLE_LOGS, vehicle_logs),
        (&VEHICLE_MAINTENANCE, maintenance),
        (&VEHICLE_INSPECTIONS, inspections),
        (&ACCIDENT_LOGS, accidents),
        (&DOCUMENTS, documents),
        (&COURIER_POSITIONS, positions),
        (&SHIFTS, shifts),
    ] {
        let named = |(vehicle, courier, mut row): records::Placed| {
            row.extend(vehicle.map(|place| ("vehicle_id".to_owned(), json!(vehicles[place]))));
            row.extend(courier.map(|place| ("courier_id".to_owned(), json!(couriers[place]))));
            row
        };
        platform_engine::create_many(cx, resource, rows.into_iter().map(named).collect()).await?;
    }
    // As the clock would have done this morning.
    expiries::expiries(cx).await?;
    expiries::service_due(cx).await?;
    Ok(seeded)
}

#[cfg(test)]
#[path = "demo/tests.rs"]
mod tests;
