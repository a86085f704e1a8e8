use std::collections::HashSet;

use chrono::{DateTime, NaiveTime};
use platform_plugin_records::{FuelTransaction, Rules, check_fuel_transactions};
use platform_resource::{Record, Resource};
use rust_decimal::Decimal;

use super::*;
use crate::economy::{Fill, Totals, account};

fn today() -> NaiveDate {
    "2026-06-15".parse().expect("a day")
}

/// A row is what the engine would accept: every field declared and readable, the rules kept, what is required there.
fn accept(resource: &Resource, row: &Row) {
    let mut stored = Row::new();
    for (name, value) in row {
        let field = resource.field(name).unwrap_or_else(|| panic!("{name} is declared"));
        let parsed = field
            .kind
            .parse(value)
            .unwrap_or_else(|refusal| panic!("{name} {value}: {refusal:?}"));
        stored.insert(name.clone(), parsed.to_json(field.kind));
    }
    for field in resource
        .fields
        .iter()
        .filter(|field| field.required && field.default.is_none() && field.numbering.is_none())
    {
        let from_position = matches!(field.name, "vehicle_id" | "courier_id");
        assert!(
            from_position || stored.contains_key(field.name),
            "{} of {}",
            field.name,
            resource.name
        );
    }
    let broken = resource
        .check
        .map(|check| check(None, &Record(stored.clone())))
        .unwrap_or_default();
    assert_eq!(broken, [], "{stored:?}");
}

#[test]
fn every_row_is_accepted() {
    for company in Company::ALL {
        let demo = demo(company, 7, today(), true);
        demo.couriers.iter().for_each(|row| accept(&COURIERS, row));
        demo.vehicles.iter().for_each(|row| accept(&VEHICLES, row));
        demo.assignments
            .iter()
            .for_each(|(_, _, row)| accept(&VEHICLE_ASSIGNMENTS, row));
        demo.fuel_logs.iter().for_each(|(_, _, row)| accept(&FUEL_LOGS, row));
        let mut draw = draw::Draw::new(7);
        let month = records::records(
            company,
            &mut draw,
            &demo,
            today(),
            today().and_time(NaiveTime::MIN).and_utc(),
        );
        for (resource, rows) in [
            (&VEHICLE_LOGS, month.vehicle_logs),
            (&VEHICLE_MAINTENANCE, month.maintenance),
            (&VEHICLE_INSPECTIONS, month.inspections),
            (&ACCIDENT_LOGS, month.accidents),
            (&COURIER_POSITIONS, month.positions),
            (&SHIFTS, month.shifts),
        ] {
            assert!(!rows.is_empty(), "{}", resource.name);
            for (_, _, row) in &rows {
                accept(resource, row);
            }
        }
        let records: Vec<FuelTransaction> = demo
            .records
            .iter()
            .map(|record| {
                let mut record = record.clone();
                record["flags"] = json!([]);
                serde_json::from_value(record).expect("a record")
            })
            .collect();
        let rules = Rules {
            now: today().and_time(NaiveTime::MIN).and_utc(),
            currencies: vec!["SAR".into()],
        };
        let given = records.len();
        let checked = check_fuel_transactions(records, &rules);
        assert_eq!((checked.transactions.len(), checked.refused.len()), (given, 0));
        assert!(
            given > 300 && demo.fuel_logs.len() > 100,
            "{given} {}",
            demo.fuel_logs.len()
        );
    }
}

#[test]
fn the_same_seed_makes_the_same_fleet_and_companies_share_nothing() {
    let make = |company, seed| demo(company, seed, today(), true);
    assert_eq!(make(Company::NajdExpress, 7), make(Company::NajdExpress, 7));
    assert_ne!(make(Company::NajdExpress, 7), make(Company::NajdExpress, 8));
    let (one, other) = (make(Company::NajdExpress, 7), make(Company::RedSeaCouriers, 7));
    for field in ["barq_id", "full_name", "email", "mobile_number", "iban"] {
        let of = |demo: &Demo| {
            demo.couriers
                .iter()
                .map(|row| row[field].to_string())
                .collect::<HashSet<_>>()
        };
        assert_eq!(of(&one).intersection(&of(&other)).count(), 0, "{field}");
    }
}

#[test]
fn nobody_has_two_open_assignments_and_unique_fields_are_unique() {
    for company in Company::ALL {
        let demo = demo(company, 7, today(), false);
        assert_eq!(demo.records, [] as [Json; 0]);
        let open: Vec<_> = demo
            .assignments
            .iter()
            .filter(|(_, _, row)| row["status"] == "active")
            .collect();
        for places in [
            open.iter().map(|one| one.0).collect::<Vec<_>>(),
            open.iter().map(|one| one.1).collect(),
        ] {
            assert_eq!(places.iter().collect::<HashSet<_>>().len(), places.len());
        }
        assert!(open.len() >= 10 && demo.assignments.len() > open.len());
        for (resource, rows) in [(&COURIERS, &demo.couriers), (&VEHICLES, &demo.vehicles)] {
            for field in resource.fields.iter().filter(|field| field.unique) {
                let values: Vec<_> = rows
                    .iter()
                    .filter_map(|row| row.get(field.name))
                    .map(Json::to_string)
                    .collect();
                assert_eq!(
                    values.iter().collect::<HashSet<_>>().len(),
                    values.len(),
                    "{}",
                    field.name
                );
            }
        }
    }
}

#[test]
fn consumption_is_what_such_vehicles_have() {
    let demo = demo(Company::NajdExpress, 7, today(), false);
    let mut measured = 0;
    for (place, vehicle) in demo.vehicles.iter().enumerate() {
        let text = |row: &Row, field: &str| row.get(field).and_then(Json::as_str).map(ToOwned::to_owned);
        let number = |row: &Row, field: &str| text(row, field).map(|text| text.parse::<Decimal>().expect("a number"));
        let logs = demo.fuel_logs.iter().filter(|(of, _, _)| *of == place);
        let fills = logs.enumerate().map(|(id, (_, _, row))| Fill {
            id: Uuid::from_u128(id as u128),
            day: text(row, "filled_on").expect("a day").parse().expect("a day"),
            at: DateTime::UNIX_EPOCH,
            volume_l: number(row, "volume_l").expect("litres"),
            cost_minor: 0,
            odometer_km: number(row, "odometer_km"),
            is_full_tank: row["is_full_tank"].as_bool(),
            is_electric: false,
        });
        let mut totals = Totals::default();
        for one in account(fills.collect()) {
            totals.count(&one);
        }
        let Some(ratio) = totals.km_per_l() else { continue };
        let (low, high) = match vehicle["vehicle_type"].as_str() {
            Some("motorcycle") => (28, 42),
            Some("car") => (10, 15),
            _ => (8, 11),
        };
        assert!(
            ratio >= Decimal::from(low) && ratio <= Decimal::from(high),
            "{} {ratio}",
            vehicle["model"]
        );
        assert_eq!(totals.breaks, 0);
        measured += 1;
    }
    assert!(measured >= 20, "{measured} vehicles were driven");
}
