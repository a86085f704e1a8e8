//! Deliveries, dispatch, routes, service levels, cash on delivery, incidents, handovers, quality and feedback.

mod cod;
mod cod_effects;
mod cod_figures;
mod consequences;
mod deliveries;
mod delivery_effects;
mod delivery_figures;
mod delivery_records;
pub mod demo;
mod dispatch;
mod dispatch_batch;
mod dispatch_choice;
mod dispatch_effects;
mod dispatch_figures;
mod documents;
mod engine;
mod feedback;
mod feedback_figures;
mod geometry;
mod handover_effects;
mod handovers;
mod incident_figures;
mod incidents;
mod operations;
mod overview;
mod path;
mod period;
mod platform_order_effects;
mod priority_queue_entries;
mod quality;
mod quality_figures;
mod queue;
mod route_figures;
mod routes;
mod rows;
mod schedules;
mod score;
mod sentiment;
mod settings;
mod sla;
mod sla_figures;
mod zones;

pub use cod::{COD_DEPOSITS, COD_LEDGER, COD_TRANSACTIONS};
pub use deliveries::DELIVERIES;
pub use delivery_records::{DELIVERY_EVENTS, DELIVERY_PROOFS};
pub use dispatch::{DISPATCH_ASSIGNMENTS, DISPATCH_RULES};
pub use documents::OPERATIONS_DOCUMENTS;
pub use feedback::{CUSTOMER_FEEDBACKS, FEEDBACK_TEMPLATES};
pub use handovers::HANDOVERS;
pub use incidents::INCIDENTS;
use platform_core::Module;
use platform_resource::Resource;
pub use priority_queue_entries::PRIORITY_QUEUE_ENTRIES;
pub use quality::{QUALITY_INSPECTION_SCORES, QUALITY_INSPECTIONS, QUALITY_METRICS};
pub use routes::{ROUTE_STOPS, ROUTES};
pub use settings::{NOTIFICATION_SETTINGS, OPERATIONS_SETTINGS, ZONE_DEFAULTS};
pub use sla::{SLA_DEFINITIONS, SLA_THRESHOLDS, SLA_TRACKING};
pub use zones::{ZONE_COURIERS, ZONES};

static RESOURCES: &[&Resource] = &[
    &DELIVERIES,
    &DELIVERY_EVENTS,
    &DELIVERY_PROOFS,
    &DISPATCH_ASSIGNMENTS,
    &PRIORITY_QUEUE_ENTRIES,
    &ROUTES,
    &ROUTE_STOPS,
    &ZONES,
    &ZONE_COURIERS,
    &COD_TRANSACTIONS,
    &COD_DEPOSITS,
    &COD_LEDGER,
    &SLA_TRACKING,
    &SLA_DEFINITIONS,
    &SLA_THRESHOLDS,
    &INCIDENTS,
    &HANDOVERS,
    &QUALITY_INSPECTIONS,
    &QUALITY_INSPECTION_SCORES,
    &QUALITY_METRICS,
    &CUSTOMER_FEEDBACKS,
    &FEEDBACK_TEMPLATES,
    &OPERATIONS_DOCUMENTS,
    &DISPATCH_RULES,
    &OPERATIONS_SETTINGS,
    &NOTIFICATION_SETTINGS,
    &ZONE_DEFAULTS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    platform_order_effects::ORDER,
    platform_order_effects::DELIVERY,
    cod_effects::OF_DEPOSIT,
    cod_figures::BALANCES,
    cod_figures::CONTROL,
    cod_figures::HELD,
    demo::COURIERS,
    delivery_effects::CLOCKS_OF,
    delivery_effects::COURIER,
    delivery_effects::DISPATCH_OF,
    delivery_effects::ENTRY_OF,
    delivery_effects::THRESHOLD_OF,
    delivery_figures::BY_DAY,
    delivery_figures::FAILURES,
    delivery_figures::ZONES,
    dispatch_effects::LOAD,
    dispatch_figures::ACTIVE,
    dispatch_batch::PENDING,
    dispatch_choice::COURIERS,
    dispatch_choice::DUE_OF,
    dispatch_figures::METRICS,
    dispatch_choice::OPEN_ORDERS,
    dispatch_choice::PLACE_OF_ZONE,
    dispatch_choice::RULES,
    dispatch_figures::SCORES,
    feedback_figures::FEEDBACKS,
    handover_effects::CASH_OF,
    handover_effects::DRIVES,
    handover_effects::GOODS_REPORTED,
    handover_effects::IS_SYSTEM,
    handover_effects::OPEN_OF,
    handover_effects::ROSTER,
    handover_effects::STATUS_OF,
    incident_figures::INCIDENTS,
    overview::COUNTS,
    overview::DEFAULTS,
    overview::SETTINGS,
    quality_figures::REPORT,
    quality_figures::SCORES,
    quality_figures::VIOLATIONS,
    queue::SERVED,
    queue::WAITING,
    route_figures::COUNTS,
    route_figures::ROUTE,
    route_figures::STOPS,
    rows::SETTING,
    schedules::DUE_CLOCKS,
    schedules::EXPIRED_DOCUMENTS,
    schedules::OVERDUE_ENTRIES,
    schedules::UNANSWERED,
    sla_figures::REASONS,
    sla_figures::REPORT,
];

/// Which job role may do what. Couriers see nothing here: their own page asks for their own rows.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "dispatcher",
        &[
            "deliveries.*",
            "delivery_events.*",
            "delivery_proofs.*",
            "dispatch_assignments.*",
            "dispatch_rules.read",
            "priority_queue_entries.*",
            "routes.*",
            "route_stops.*",
            "zones.read",
            "zone_couriers.*",
            "cod_transactions.read",
            "cod_transactions.collect",
            "cod_figures.read",
            "sla_tracking.*",
            "sla_definitions.read",
            "sla_thresholds.read",
            "incidents.*",
            "handovers.*",
            "operations_documents.read",
            "operations_documents.view",
            "operations_documents.download",
            "operations_settings.read",
            "operations_figures.read",
        ],
    ),
    (
        "fleet_manager",
        &[
            "deliveries.read",
            "deliveries.export",
            "delivery_events.read",
            "dispatch_assignments.read",
            "routes.read",
            "zones.*",
            "zone_couriers.*",
            "zone_defaults.*",
            "incidents.*",
            "handovers.*",
            "quality_metrics.*",
            "quality_inspections.*",
            "quality_inspection_scores.*",
            "operations_documents.*",
            "operations_figures.read",
        ],
    ),
    (
        "finance",
        &[
            "deliveries.read",
            "deliveries.export",
            "cod_transactions.*",
            "cod_deposits.*",
            "cod_ledger.*",
            "cod_figures.read",
            "sla_tracking.read",
            "incidents.read",
            "operations_figures.read",
        ],
    ),
    (
        "hr_manager",
        &["incidents.read", "quality_inspections.read", "operations_figures.read"],
    ),
    (
        "support_agent",
        &[
            "deliveries.read",
            "delivery_events.read",
            "delivery_proofs.read",
            "customer_feedbacks.*",
            "feedback_templates.*",
            "incidents.read",
            "incidents.create",
            "operations_documents.read",
            "operations_figures.read",
        ],
    ),
    (
        "courier",
        &[
            "deliveries.read:own",
            "deliveries.accept:own",
            "deliveries.reject:own",
            "deliveries.start_pickup:own",
            "deliveries.pick_up:own",
            "deliveries.depart:own",
            "deliveries.arrive:own",
        ],
    ),
];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "operations",
        resources: RESOURCES,
        operations: operations::operations(),
        grants: GRANTS,
        permissions: operations::PERMISSIONS,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        effects: consequences::EFFECTS,
        listeners: consequences::LISTENERS,
        schedules: consequences::SCHEDULES,
        ..Module::default()
    }
}
