//! What happens when: consequences of our own events, of fleet's, and of the clock.

use platform_core::{Effect, Schedule, When};

use crate::{cod_effects, delivery_effects, dispatch_effects, handover_effects, platform_order_effects, schedules};

/// An effect in one line.
macro_rules! effect {
    ($on:literal, $run:path) => {
        Effect {
            on: $on,
            run: |cx, event| Box::pin($run(cx, event)),
        }
    };
}

/// In the transaction of the cause.
pub(crate) const EFFECTS: &[Effect] = &[
    effect!("operations.deliveries.created", delivery_effects::created),
    effect!("operations.deliveries.assign", delivery_effects::moved),
    effect!("operations.deliveries.accept", delivery_effects::moved),
    effect!("operations.deliveries.reject", delivery_effects::moved),
    effect!("operations.deliveries.time_out", delivery_effects::moved),
    effect!("operations.deliveries.unassign", delivery_effects::moved),
    effect!("operations.deliveries.start_pickup", delivery_effects::moved),
    effect!("operations.deliveries.pick_up", delivery_effects::moved),
    effect!("operations.deliveries.depart", delivery_effects::moved),
    effect!("operations.deliveries.arrive", delivery_effects::moved),
    effect!("operations.deliveries.deliver", delivery_effects::moved),
    effect!("operations.deliveries.fail", delivery_effects::moved),
    effect!("operations.deliveries.return_to_sender", delivery_effects::moved),
    effect!("operations.deliveries.cancel", delivery_effects::moved),
    effect!("operations.deliveries.transfer", delivery_effects::moved),
    effect!("operations.dispatch_assignments.assign", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.accept", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.reject", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.time_out", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.start", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.complete", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.reassign", dispatch_effects::moved),
    effect!("operations.dispatch_assignments.cancel", dispatch_effects::moved),
    effect!("operations.cod_transactions.created", cod_effects::moved),
    effect!("operations.cod_transactions.collect", cod_effects::moved),
    effect!("operations.cod_transactions.deposit", cod_effects::moved),
    effect!("operations.cod_transactions.cancel", cod_effects::moved),
    effect!("operations.cod_transactions.transfer", cod_effects::moved),
    effect!("operations.cod_deposits.submit", cod_effects::submitted),
    effect!("operations.cod_deposits.reconcile", cod_effects::reconciled),
    effect!("operations.cod_deposits.cancel", cod_effects::deposit_cancelled),
    effect!("operations.handovers.approve", handover_effects::approved),
    effect!("operations.handovers.complete", handover_effects::completed),
    effect!("operations.zone_couriers.created", handover_effects::joined_zone),
    effect!("operations.routes.assign", handover_effects::route_assigned),
    effect!(
        "operations.operations_settings.deleted",
        handover_effects::setting_deleted
    ),
];

/// After others have stored what happened.
pub(crate) const LISTENERS: &[Effect] = &[
    effect!("fleet.couriers.terminate", handover_effects::courier_left),
    effect!("integrations.platform_orders.event", platform_order_effects::heard),
];

/// By the clock.
pub(crate) const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "operations.sla_clock",
        when: When::Every { minutes: 1 },
        run: |cx| Box::pin(schedules::sla_clock(cx)),
    },
    Schedule {
        name: "operations.queue",
        when: When::Every { minutes: 1 },
        run: |cx| Box::pin(schedules::queue(cx)),
    },
    Schedule {
        name: "operations.documents",
        when: When::Daily("01:00"),
        run: |cx| Box::pin(schedules::documents(cx)),
    },
];
