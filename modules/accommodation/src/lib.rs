//! Buildings, rooms, beds and who lives there.

mod allocations;
mod bed_transfers;
mod beds;
mod buildings;
pub mod demo;
mod figures;
mod housing_contracts;
mod housing_inventory;
mod housing_maintenance;
mod occupancy;
mod rooms;
mod stays;
#[cfg(test)]
mod testing;
mod upkeep;
mod utility_bills;

pub use allocations::ALLOCATIONS;
pub use bed_transfers::BED_TRANSFERS;
pub use beds::BEDS;
pub use buildings::BUILDINGS;
pub use demo::demo;
pub use housing_contracts::HOUSING_CONTRACTS;
pub use housing_inventory::HOUSING_INVENTORY;
pub use housing_maintenance::HOUSING_MAINTENANCE;
use platform_core::{Effect, Module, Operation, Permit, Schedule, When};
use platform_resource::Resource;
pub use rooms::ROOMS;
pub use utility_bills::UTILITY_BILLS;

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    allocations::DELETED,
    allocations::OF_COURIER,
    allocations::PLACE,
    allocations::RESERVED_FOR,
    beds::LAPSED,
    beds::OPEN_STAY,
    buildings::RESIDENTS,
    demo::COURIERS,
    demo::MEMBERS,
    housing_contracts::ENDED,
    housing_contracts::ENDING,
    housing_inventory::ROOM_OF_BUILDING,
    housing_maintenance::BLOCKING,
    occupancy::BUILDINGS,
    occupancy::ROOMS,
    rooms::COUNTED,
    stays::LENGTHS,
    stays::OF_MONTH,
    stays::RESIDENTS,
    upkeep::BILLS,
    upkeep::OVERVIEW,
    utility_bills::UNPAID,
];

static RESOURCES: &[&Resource] = &[
    &BUILDINGS,
    &ROOMS,
    &BEDS,
    &ALLOCATIONS,
    &BED_TRANSFERS,
    &HOUSING_CONTRACTS,
    &HOUSING_INVENTORY,
    &UTILITY_BILLS,
    &HOUSING_MAINTENANCE,
];

/// Which job role may do what. Fleet managers run the housing, HR decides who lives there, finance sees what it costs.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "fleet_manager",
        &[
            "buildings.*",
            "rooms.*",
            "beds.*",
            "allocations.*",
            "bed_transfers.*",
            "housing_contracts.*",
            "housing_inventory.*",
            "utility_bills.*",
            "housing_maintenance.*",
            "occupancy.read",
            "housing_costs.read",
            "housing_deductions.read",
        ],
    ),
    (
        "hr_manager",
        &[
            "buildings.read",
            "buildings.export",
            "rooms.read",
            "rooms.export",
            "beds.read",
            "beds.export",
            "beds.reserve",
            "beds.cancel_reservation",
            "allocations.*",
            "bed_transfers.*",
            "housing_maintenance.read",
            "housing_maintenance.create",
            "occupancy.read",
            "housing_deductions.read",
        ],
    ),
    (
        "finance",
        &[
            "buildings.read",
            "buildings.read_cost",
            "buildings.export",
            "allocations.read",
            "allocations.read_deduction",
            "allocations.export",
            "housing_contracts.*",
            "housing_inventory.read",
            "housing_inventory.read_cost",
            "housing_inventory.export",
            "utility_bills.*",
            "housing_maintenance.read",
            "housing_maintenance.export",
            "occupancy.read",
            "housing_costs.read",
            "housing_deductions.read",
        ],
    ),
    (
        "support_agent",
        &[
            "buildings.read",
            "rooms.read",
            "beds.read",
            "allocations.read",
            "housing_maintenance.read",
            "housing_maintenance.create",
            "occupancy.read",
        ],
    ),
];

const EFFECTS: &[Effect] = &[
    Effect {
        on: "accommodation.buildings.close",
        run: |cx, event| Box::pin(buildings::closed(cx, event)),
    },
    Effect {
        on: "accommodation.rooms.fill",
        run: |cx, event| Box::pin(rooms::filled(cx, event)),
    },
    Effect {
        on: "accommodation.rooms.free_up",
        run: |cx, event| Box::pin(rooms::freed(cx, event)),
    },
    Effect {
        on: "accommodation.rooms.return_to_service",
        run: |cx, event| Box::pin(rooms::returned(cx, event)),
    },
    Effect {
        on: "accommodation.rooms.updated",
        run: |cx, event| Box::pin(rooms::updated(cx, event)),
    },
    Effect {
        on: "accommodation.beds.created",
        run: |cx, event| Box::pin(beds::created(cx, event)),
    },
    Effect {
        on: "accommodation.beds.occupy",
        run: |cx, event| Box::pin(beds::occupied(cx, event)),
    },
    Effect {
        on: "accommodation.beds.vacate",
        run: |cx, event| Box::pin(beds::vacated(cx, event)),
    },
    Effect {
        on: "accommodation.allocations.created",
        run: |cx, event| Box::pin(allocations::created(cx, event)),
    },
    Effect {
        on: "accommodation.allocations.release",
        run: |cx, event| Box::pin(allocations::released(cx, event)),
    },
    Effect {
        on: "accommodation.allocations.transfer",
        run: |cx, event| Box::pin(allocations::transferred(cx, event)),
    },
    Effect {
        on: "accommodation.allocations.deleted",
        run: |cx, event| Box::pin(allocations::deleted(cx, event)),
    },
    Effect {
        on: "accommodation.housing_contracts.renew",
        run: |cx, event| Box::pin(housing_contracts::renewed(cx, event)),
    },
    Effect {
        on: "accommodation.housing_inventory.created",
        run: |cx, event| Box::pin(housing_inventory::placed(cx, event)),
    },
    Effect {
        on: "accommodation.housing_inventory.updated",
        run: |cx, event| Box::pin(housing_inventory::placed(cx, event)),
    },
    Effect {
        on: "accommodation.housing_maintenance.created",
        run: |cx, event| Box::pin(housing_maintenance::placed(cx, event)),
    },
    Effect {
        on: "accommodation.housing_maintenance.updated",
        run: |cx, event| Box::pin(housing_maintenance::placed(cx, event)),
    },
    Effect {
        on: "accommodation.housing_maintenance.start",
        run: |cx, event| Box::pin(housing_maintenance::started(cx, event)),
    },
    Effect {
        on: "accommodation.housing_maintenance.complete",
        run: |cx, event| Box::pin(housing_maintenance::finished(cx, event)),
    },
    Effect {
        on: "accommodation.housing_maintenance.cancel",
        run: |cx, event| Box::pin(housing_maintenance::finished(cx, event)),
    },
];

const LISTENERS: &[Effect] = &[Effect {
    on: "fleet.couriers.terminate",
    run: |cx, event| Box::pin(allocations::courier_terminated(cx, event)),
}];

const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "accommodation.contracts",
        when: When::Daily("06:00"),
        run: |cx| Box::pin(housing_contracts::daily(cx)),
    },
    Schedule {
        name: "accommodation.reservations",
        when: When::Daily("00:15"),
        run: |cx| Box::pin(beds::lapse(cx)),
    },
    Schedule {
        name: "accommodation.bills",
        when: When::Daily("06:15"),
        run: |cx| Box::pin(utility_bills::daily(cx)),
    },
];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "accommodation",
        resources: RESOURCES,
        operations: vec![
            Operation::get(
                "/accommodation/overview",
                "accommodation.overview.read",
                Permit::needs("occupancy.read"),
                |cx, input| Box::pin(upkeep::overview(cx, input)),
            )
            .summary("Beds, residents, contracts that end, unpaid bills and repairs at a glance"),
            Operation::get(
                "/accommodation/occupancy",
                "accommodation.occupancy.buildings",
                Permit::needs("occupancy.read"),
                |cx, input| Box::pin(occupancy::occupancy(cx, input)),
            )
            .summary("Rooms, beds, occupancy, revenue and cost of a bed by building"),
            Operation::get(
                "/accommodation/occupancy/rooms",
                "accommodation.occupancy.rooms",
                Permit::needs("occupancy.read"),
                |cx, input| Box::pin(occupancy::rooms(cx, input)),
            )
            .summary("Beds and occupancy by room"),
            Operation::get(
                "/accommodation/residents",
                "accommodation.residents.list",
                Permit::needs("allocations.read"),
                |cx, input| Box::pin(stays::residents(cx, input)),
            )
            .summary("Who lives in which bed now: of a building, a courier or a bed"),
            Operation::get(
                "/accommodation/stays",
                "accommodation.stays.read",
                Permit::needs("occupancy.read"),
                |cx, input| Box::pin(stays::lengths(cx, input)),
            )
            .summary("Open and ended stays and their mean length in nights"),
            Operation::get(
                "/accommodation/deductions",
                "accommodation.deductions.list",
                Permit::needs("housing_deductions.read"),
                |cx, input| Box::pin(stays::deductions(cx, input)),
            )
            .summary("What is withheld from pay for housing in a month: the monthly amount × nights / 30"),
            Operation::get(
                "/accommodation/utility_costs",
                "accommodation.utility_costs.list",
                Permit::needs("housing_costs.read"),
                |cx, input| Box::pin(upkeep::utility_costs(cx, input)),
            )
            .summary("Utilities by building: bills, consumption, amounts and the cost of a bed"),
        ],
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: &["housing_costs.read", "housing_deductions.read", "occupancy.read"],
        effects: EFFECTS,
        listeners: LISTENERS,
        schedules: SCHEDULES,
        ..Module::default()
    }
}
