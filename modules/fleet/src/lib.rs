//! Couriers, vehicles, who drives what, and fuel.

mod couriers;
pub mod demo;
mod economy;
mod fills;
mod fuel_costs;
mod fuel_logs;
mod fuel_transactions;
mod matching;
mod month;
mod overview;
mod reason;
mod rematch;
mod settle;
mod sink;
#[cfg(test)]
mod testing;
mod vehicle_assignments;
mod vehicles;

pub use couriers::COURIERS;
pub use fuel_logs::FUEL_LOGS;
pub use fuel_transactions::FUEL_TRANSACTIONS;
use platform_core::{Module, Operation, Permit, Sink};
use platform_resource::Resource;
pub use vehicle_assignments::VEHICLE_ASSIGNMENTS;
pub use vehicles::VEHICLES;

/// Kinds of fuel, as providers' records name them.
const PRODUCTS: &[&str] = &["gasoline91", "gasoline95", "gasoline98", "diesel", "electric", "other"];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    fuel_costs::FILLS_OF_VEHICLES,
    overview::OVERVIEW,
    rematch::OPEN,
    settle::ORGANIZATION,
    settle::VEHICLES,
    sink::STORED,
    settle::HISTORIES,
    settle::DRIVERS,
];

static RESOURCES: &[&Resource] = &[
    &COURIERS,
    &VEHICLES,
    &VEHICLE_ASSIGNMENTS,
    &FUEL_LOGS,
    &FUEL_TRANSACTIONS,
];

/// Which job role may do what. Couriers see nothing here: their own page asks for their own rows.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "fleet_manager",
        &[
            "couriers.*",
            "vehicles.*",
            "vehicle_assignments.*",
            "fuel_logs.*",
            "fuel_transactions.*",
            "fuel_costs.read",
            "fleet_overview.read",
        ],
    ),
    (
        "hr_manager",
        &[
            "couriers.*",
            "vehicles.read",
            "vehicle_assignments.read",
            "fleet_overview.read",
        ],
    ),
    (
        "finance",
        &[
            "couriers.read",
            "couriers.export",
            "couriers.read_bank",
            "couriers.read_pay",
            "vehicles.read",
            "vehicles.read_cost",
            "vehicles.export",
            "vehicle_assignments.read",
            "vehicle_assignments.export",
            "fuel_logs.*",
            "fuel_transactions.*",
            "fuel_costs.read",
            "fleet_overview.read",
        ],
    ),
    (
        "dispatcher",
        &[
            "couriers.read",
            "vehicles.read",
            "vehicle_assignments.read",
            "vehicle_assignments.create",
            "vehicle_assignments.update",
            "vehicle_assignments.end",
            "vehicle_assignments.cancel",
            "fleet_overview.read",
        ],
    ),
    ("support_agent", &["couriers.read", "vehicles.read"]),
];

/// Everything that fleet brings.
pub fn module() -> Module {
    Module {
        name: "fleet",
        resources: RESOURCES,
        operations: vec![
            Operation::get(
                "/fleet/fuel_costs",
                "fleet.fuel_costs.list",
                Permit::needs("fuel_costs.read"),
                |cx, input| Box::pin(fuel_costs::fuel_costs(cx, input)),
            )
            .summary("Litres, cost, distance and km per litre by vehicle and month"),
            Operation::get(
                "/fleet/fuel_costs/fills",
                "fleet.fuel_costs.fills",
                Permit::needs("fuel_costs.read"),
                |cx, input| Box::pin(fuel_costs::fuel_cost_fills(cx, input)),
            )
            .summary("The fills that a vehicle's figures of a month are made of"),
            Operation::get(
                "/fleet/overview",
                "fleet.overview.read",
                Permit::needs("fleet_overview.read"),
                |cx, input| Box::pin(overview::overview(cx, input)),
            )
            .summary("Couriers, vehicles, papers, open purchases and fuel at a glance"),
            Operation::post(
                "/fleet/fuel_transactions/match",
                "fleet.fuel_transactions.rematch",
                Permit::needs("fuel_transactions.match"),
                |cx, input| Box::pin(rematch::rematch(cx, input)),
            )
            .summary("Match unmatched and doubtful fuel transactions again"),
        ],
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &["fleet_overview.read", "fuel_costs.read", "fuel_transactions.match"],
        sinks: vec![Sink {
            effect: "fuel-transactions",
            store: sink::store,
        }],
        ..Module::default()
    }
}
