//! What can be asked and done besides the resources' verbs and actions.

use platform_core::{Operation, Permit};

use crate::{
    cod_figures, delivery_figures, dispatch_batch, dispatch_choice, dispatch_figures, feedback_figures,
    incident_figures, overview, quality_figures, queue, route_figures, sla_figures,
};

/// Permissions of these operations.
pub(crate) const PERMISSIONS: &[&str] = &[
    "cod_figures.read",
    "cod_transactions.settle",
    "dispatch_assignments.propose",
    "operations_figures.read",
    "quality_inspections.judge",
    "routes.optimize",
];

/// A question: path, name, permission, handler, and what it answers.
macro_rules! asks {
    ($path:literal, $id:literal, $permission:literal, $run:path, $summary:literal) => {
        Operation::get($path, $id, Permit::needs($permission), |cx, input| {
            Box::pin($run(cx, input))
        })
        .summary($summary)
    };
}

/// An act: path, name, permission, handler, and what it does.
macro_rules! acts {
    ($path:literal, $id:literal, $permission:literal, $run:path, $summary:literal) => {
        Operation::post($path, $id, Permit::needs($permission), |cx, input| {
            Box::pin($run(cx, input))
        })
        .summary($summary)
    };
}

/// All of them.
pub(crate) fn operations() -> Vec<Operation> {
    let mut all = questions();
    all.extend(actions());
    all
}

fn questions() -> Vec<Operation> {
    vec![
        asks!(
            "/operations/overview",
            "operations.overview.read",
            "operations_figures.read",
            overview::overview,
            "What waits and what runs, by state"
        ),
        asks!(
            "/operations/deliveries/statistics",
            "operations.deliveries.statistics",
            "operations_figures.read",
            delivery_figures::statistics,
            "Deliveries of a period: success, punctuality, cash, fees, reasons of failure, day by day"
        ),
        asks!(
            "/operations/zones/metrics",
            "operations.zones.metrics",
            "operations_figures.read",
            delivery_figures::zones,
            "Area, centre, capacity and success of zones"
        ),
        asks!(
            "/operations/queue",
            "operations.queue.read",
            "operations_figures.read",
            queue::queue,
            "The queue in its order, with scores, places and waits of this moment"
        ),
        asks!(
            "/operations/dispatch/metrics",
            "operations.dispatch.metrics",
            "operations_figures.read",
            dispatch_figures::metrics,
            "Times to assign and accept, reassignments and load"
        ),
        asks!(
            "/operations/dispatch/performance",
            "operations.dispatch.performance",
            "operations_figures.read",
            dispatch_figures::performance,
            "Performance of couriers from their completed dispatches"
        ),
        asks!(
            "/operations/routes/metrics",
            "operations.routes.metrics",
            "operations_figures.read",
            route_figures::metrics,
            "A route as planned and as driven, with its efficiency"
        ),
        asks!(
            "/operations/sla/compliance",
            "operations.sla.compliance",
            "operations_figures.read",
            sla_figures::report,
            "How service levels were kept, with penalties and reasons"
        ),
        asks!(
            "/operations/sla/threshold",
            "operations.sla.threshold",
            "operations_figures.read",
            sla_figures::lookup,
            "The threshold for a zone and a service"
        ),
        asks!(
            "/operations/incidents/trends",
            "operations.incidents.trends",
            "operations_figures.read",
            incident_figures::trends,
            "Incidents of a period beside the one before: kinds, costs, risks and advice"
        ),
        asks!(
            "/operations/quality/report",
            "operations.quality.report",
            "operations_figures.read",
            quality_figures::report,
            "Pass rate, mean score, violations and follow-ups"
        ),
        asks!(
            "/operations/customer_feedbacks/metrics",
            "operations.customer_feedbacks.metrics",
            "operations_figures.read",
            feedback_figures::metrics,
            "Ratings, sentiment, answers and escalations"
        ),
        asks!(
            "/operations/operations_settings/values",
            "operations.operations_settings.values",
            "operations_settings.read",
            overview::settings,
            "Settings by key, with defaults for what is not set"
        ),
        asks!(
            "/operations/cod/balances",
            "operations.cod.balances",
            "cod_figures.read",
            cod_figures::balances,
            "Cash that couriers and supervisors hold, by age, beside the ledger"
        ),
        asks!(
            "/operations/cod/control",
            "operations.cod.control",
            "cod_figures.read",
            cod_figures::control,
            "Day by day, the cash that deliveries owed and the cash that was entered"
        ),
    ]
}

fn actions() -> Vec<Operation> {
    vec![
        acts!(
            "/operations/cod/deposits",
            "operations.cod_deposits.make",
            "cod_transactions.settle",
            cod_figures::make_deposit,
            "Take received entries to the bank under one reference"
        ),
        acts!(
            "/operations/cod/settle",
            "operations.cod.settle",
            "cod_transactions.settle",
            cod_figures::settle,
            "Receive and deposit everything that a courier holds"
        ),
        acts!(
            "/operations/dispatch/recommend",
            "operations.dispatch.recommend",
            "dispatch_assignments.propose",
            dispatch_choice::recommend,
            "The best courier for a delivery and three others, by nearness, room and performance"
        ),
        acts!(
            "/operations/dispatch/propose",
            "operations.dispatch.propose",
            "dispatch_assignments.propose",
            dispatch_choice::propose,
            "Try a delivery in each courier's tour, and ask the best one if wanted"
        ),
        acts!(
            "/operations/dispatch/propose_all",
            "operations.dispatch.propose_all",
            "dispatch_assignments.propose",
            dispatch_batch::propose_all,
            "Find couriers for everything that waits, all together, and ask them if wanted"
        ),
        acts!(
            "/operations/routes/plan",
            "operations.routes.plan",
            "routes.optimize",
            route_figures::plan,
            "Make a route of deliveries in a short order"
        ),
        acts!(
            "/operations/routes/optimize",
            "operations.routes.optimize",
            "routes.optimize",
            route_figures::optimize,
            "Put a route's stops in a short order, pickups before drop-offs"
        ),
        acts!(
            "/operations/quality/judge",
            "operations.quality.judge",
            "quality_inspections.judge",
            quality_figures::judge,
            "Pass or fail an inspection by the weighted scores of its metrics"
        ),
        acts!(
            "/operations/zone_defaults/make_default",
            "operations.zone_defaults.make_default",
            "zone_defaults.update",
            overview::make_default,
            "Choose the template that new zones begin with"
        ),
    ]
}
