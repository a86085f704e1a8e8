//! Couriers, vehicles, who drives what, and fuel.

mod accident_costs;
mod accident_logs;
mod asked;
mod book_values;
mod courier_figures;
mod courier_positions;
mod couriers;
pub mod demo;
mod documents;
mod economy;
mod effects;
mod expiries;
mod expiry_warnings;
mod figures;
mod fills;
mod fuel_costs;
mod fuel_logs;
mod fuel_transactions;
mod health;
mod heard;
mod live_positions;
mod log_economics;
mod matching;
mod month;
mod operations;
mod overview;
mod papers_due;
mod reason;
mod rematch;
mod settle;
mod shifts;
mod sink;
#[cfg(test)]
mod testing;
mod unassigned;
mod vehicle_assignments;
mod vehicle_history;
mod vehicle_inspections;
mod vehicle_logs;
mod vehicle_maintenance;
mod vehicle_use;
mod vehicles;
mod why;

pub use accident_logs::ACCIDENT_LOGS;
pub use courier_positions::COURIER_POSITIONS;
pub use couriers::COURIERS;
pub use documents::DOCUMENTS;
pub use expiry_warnings::EXPIRY_WARNINGS;
pub use fuel_logs::FUEL_LOGS;
pub use fuel_transactions::FUEL_TRANSACTIONS;
use platform_core::{Module, Schedule, Sink, When};
use platform_resource::Resource;
pub use shifts::SHIFTS;
pub use vehicle_assignments::VEHICLE_ASSIGNMENTS;
pub use vehicle_inspections::VEHICLE_INSPECTIONS;
pub use vehicle_logs::VEHICLE_LOGS;
pub use vehicle_maintenance::VEHICLE_MAINTENANCE;
pub use vehicles::VEHICLES;

/// Kinds of fuel, as providers' records name them.
const PRODUCTS: &[&str] = &["gasoline91", "gasoline95", "gasoline98", "diesel", "electric", "other"];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    accident_costs::ACCIDENTS,
    book_values::PRICES,
    courier_figures::PERFORMANCE,
    courier_figures::STATISTICS,
    effects::leaving::OPEN_ASSIGNMENTS,
    effects::leaving::PLANNED_SHIFTS,
    effects::assigning::COURIER,
    effects::assigning::VEHICLE,
    effects::mileage::RAISE,
    effects::planning::COURIER,
    effects::planning::OVERLAPS,
    effects::workshop::OPEN_WORK,
    expiries::EXPIRED_COURIERS,
    expiries::EXPIRED_DOCUMENTS,
    expiries::KNOWN,
    expiries::PAPERS,
    expiries::SERVICES,
    expiries::UNRESOLVED,
    expiries::WISHES,
    health::HEALTH,
    heard::FIRST_TIME,
    heard::dispatch::COMPLETED,
    heard::dispatch::COUNT,
    heard::handover::COMPLETED,
    heard::handover::OPEN,
    heard::leave::LEAVE,
    heard::leave::STILL_AWAY,
    live_positions::LAST,
    log_economics::LOGS,
    papers_due::SERVICES_DUE,
    unassigned::COURIERS,
    unassigned::VEHICLES,
    vehicle_history::ACCIDENTS,
    vehicle_history::DRIVERS,
    vehicle_history::JOBS,
    vehicle_use::BACKLOG,
    vehicle_use::INSPECTED,
    vehicle_use::MAINTENANCE,
    vehicle_use::UTILISATION,
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
    &VEHICLE_LOGS,
    &VEHICLE_MAINTENANCE,
    &VEHICLE_INSPECTIONS,
    &ACCIDENT_LOGS,
    &DOCUMENTS,
    &EXPIRY_WARNINGS,
    &COURIER_POSITIONS,
    &SHIFTS,
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
            "vehicle_logs.*",
            "vehicle_maintenance.*",
            "vehicle_inspections.*",
            "accident_logs.*",
            "documents.*",
            "expiry_warnings.*",
            "courier_positions.*",
            "shifts.*",
            "fuel_logs.*",
            "fuel_transactions.*",
            "courier_performance.read",
            "fuel_costs.read",
            "fleet_overview.read",
            "vehicle_history.read",
        ],
    ),
    (
        "hr_manager",
        &[
            "couriers.*",
            "vehicles.read",
            "vehicle_assignments.read",
            "accident_logs.read",
            "accident_logs.read_people",
            "documents.*",
            "expiry_warnings.*",
            "shifts.*",
            "courier_performance.read",
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
            "vehicle_logs.read",
            "vehicle_logs.read_revenue",
            "vehicle_logs.export",
            "vehicle_maintenance.read",
            "vehicle_maintenance.read_cost",
            "vehicle_maintenance.export",
            "vehicle_maintenance.approve",
            "vehicle_maintenance.pay",
            "accident_logs.read",
            "accident_logs.export",
            "fuel_logs.*",
            "fuel_transactions.*",
            "courier_performance.read",
            "fuel_costs.read",
            "fleet_overview.read",
            "vehicle_history.read",
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
            "vehicle_logs.read",
            "vehicle_logs.create",
            "vehicle_logs.update",
            "vehicle_inspections.read",
            "vehicle_inspections.create",
            "vehicle_inspections.update",
            "vehicle_inspections.complete",
            "vehicle_maintenance.read",
            "accident_logs.read",
            "accident_logs.create",
            "courier_positions.read",
            "shifts.*",
            "courier_performance.read",
            "fleet_overview.read",
        ],
    ),
    (
        "support_agent",
        &["couriers.read", "vehicles.read", "accident_logs.read", "shifts.read"],
    ),
    (
        "courier",
        &[
            "couriers.read:own",
            "documents.read:own",
            "documents.read_number:own",
            "shifts.read:own",
            "vehicle_assignments.read:own",
        ],
    ),
];

/// What is done by the clock: early, so that people find it when they come.
const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "fleet.expiries",
        when: When::Daily("05:00"),
        run: |cx| Box::pin(expiries::expiries(cx)),
    },
    Schedule {
        name: "fleet.service_due",
        when: When::Daily("05:15"),
        run: |cx| Box::pin(expiries::service_due(cx)),
    },
];

/// Everything that fleet brings.
pub fn module() -> Module {
    Module {
        name: "fleet",
        resources: RESOURCES,
        operations: operations::operations(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &[
            "courier_performance.read",
            "fleet_overview.read",
            "fuel_costs.read",
            "fuel_transactions.match",
            "vehicle_history.read",
        ],
        sinks: vec![Sink {
            effect: "fuel-transactions",
            store: sink::store,
        }],
        effects: effects::EFFECTS,
        listeners: heard::LISTENERS,
        schedules: SCHEDULES,
        ..Module::default()
    }
}
