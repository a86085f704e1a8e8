//! What follows within the fleet when something happens in it, in the same transaction. A refusal here undoes its cause.

pub(crate) mod assigning;
pub(crate) mod leaving;
pub(crate) mod mileage;
mod papers;
pub(crate) mod planning;
pub(crate) mod workshop;

use platform_core::Effect;

/// Every effect.
pub(crate) const EFFECTS: &[Effect] = &[
    Effect {
        on: "fleet.vehicle_assignments.created",
        run: |cx, event| Box::pin(assigning::created(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_assignments.created",
        run: |cx, event| Box::pin(mileage::of_assignment(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_assignments.updated",
        run: |cx, event| Box::pin(mileage::of_assignment(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_assignments.end",
        run: |cx, event| Box::pin(mileage::of_assignment(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_logs.created",
        run: |cx, event| Box::pin(mileage::of_vehicle_log(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_logs.updated",
        run: |cx, event| Box::pin(mileage::of_vehicle_log(cx, event)),
    },
    Effect {
        on: "fleet.fuel_logs.created",
        run: |cx, event| Box::pin(mileage::of_fuel_log(cx, event)),
    },
    Effect {
        on: "fleet.fuel_logs.updated",
        run: |cx, event| Box::pin(mileage::of_fuel_log(cx, event)),
    },
    Effect {
        on: "fleet.fuel_transactions.created",
        run: |cx, event| Box::pin(mileage::of_fuel_transaction(cx, event)),
    },
    Effect {
        on: "fleet.fuel_transactions.assign",
        run: |cx, event| Box::pin(mileage::of_fuel_transaction(cx, event)),
    },
    Effect {
        on: "fleet.couriers.terminate",
        run: |cx, event| Box::pin(leaving::courier_terminated(cx, event)),
    },
    Effect {
        on: "fleet.vehicles.retire",
        run: |cx, event| Box::pin(leaving::vehicle_retired(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_maintenance.start",
        run: |cx, event| Box::pin(workshop::maintenance_started(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_maintenance.complete",
        run: |cx, event| Box::pin(workshop::maintenance_completed(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_maintenance.cancel",
        run: |cx, event| Box::pin(workshop::maintenance_cancelled(cx, event)),
    },
    Effect {
        on: "fleet.accident_logs.start_repair",
        run: |cx, event| Box::pin(workshop::repair_started(cx, event)),
    },
    Effect {
        on: "fleet.accident_logs.resolve",
        run: |cx, event| Box::pin(workshop::accident_resolved(cx, event)),
    },
    Effect {
        on: "fleet.vehicle_inspections.complete",
        run: |cx, event| Box::pin(workshop::inspection_completed(cx, event)),
    },
    Effect {
        on: "fleet.shifts.created",
        run: |cx, event| Box::pin(planning::planned(cx, event)),
    },
    Effect {
        on: "fleet.shifts.updated",
        run: |cx, event| Box::pin(planning::planned(cx, event)),
    },
    Effect {
        on: "fleet.documents.verify",
        run: |cx, event| Box::pin(papers::document_verified(cx, event)),
    },
];
