//! A public file of 11,399 deliveries, dirty as real files are. The folder is not part of the repository.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "a test finds its data and says when it is absent"
)]

use platform_documents::{ReadOptions, missing, parse_date, parse_number, parse_time, read};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn shared(name: &str) -> Option<Vec<u8>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var("BARQ_SHARED_DATA").map_or_else(|_| beside(), PathBuf::from);
    std::fs::read(folder.join(name)).ok()
}

#[test]
fn food_orders() {
    let Some(bytes) = shared("food-orders.csv") else {
        eprintln!("skipped: food-orders.csv is absent; set BARQ_SHARED_DATA to the folder that has it");
        return;
    };
    let table = read(&bytes, "food-orders.csv", &ReadOptions::default()).expect("is a table");
    assert_eq!(table.headers.len(), 19);
    assert_eq!(table.rows.len(), 11_399);
    assert!(table.notes.is_empty());
    assert!(table.rows.iter().all(|row| row.problems.is_empty()));
    assert_eq!(table.rows.last().map(|row| row.number), Some(11_400));
    let column = |name: &str| {
        table
            .headers
            .iter()
            .position(|header| header == name)
            .expect("is a header")
    };
    let values = |name: &str| -> Vec<&str> {
        let column = column(name);
        table.rows.iter().map(|row| row.cells[column].as_str()).collect()
    };
    let couriers: BTreeSet<&str> = values("Delivery_person_ID").into_iter().collect();
    assert_eq!(couriers.len(), 1_297);
    let vehicles: BTreeSet<&str> = values("Type_of_vehicle").into_iter().collect();
    assert_eq!(
        vehicles.into_iter().collect::<Vec<_>>(),
        ["bicycle", "electric_scooter", "motorcycle", "scooter"]
    );
    assert!(values("Order_Date").iter().all(|cell| parse_date(cell).is_some()));
    let times = values("Time_Orderd");
    assert_eq!(times.iter().filter(|cell| missing(cell)).count(), 444);
    assert!(times.iter().all(|cell| missing(cell) || parse_time(cell).is_some()));
    assert!(
        values("Delivery_person_Age")
            .iter()
            .all(|cell| missing(cell) || parse_number(cell).is_some())
    );
}
