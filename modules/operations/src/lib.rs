//! Deliveries, dispatch, routes, service levels, cash on delivery, incidents, handovers, quality and feedback.

mod cod;
mod cod_effects;
mod consequences;
mod deliveries;
mod delivery_effects;
mod delivery_records;
mod dispatch;
mod dispatch_effects;
mod documents;
mod feedback;
mod geometry;
mod handover_effects;
mod handovers;
mod incidents;
mod priority_queue_entries;
mod quality;
mod routes;
mod rows;
mod schedules;
mod score;
mod sentiment;
mod settings;
mod sla;
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
    cod_effects::OF_DEPOSIT,
    delivery_effects::CLOCKS_OF,
    delivery_effects::COURIER,
    delivery_effects::DISPATCH_OF,
    delivery_effects::ENTRY_OF,
    delivery_effects::THRESHOLD_OF,
    dispatch_effects::LOAD,
    handover_effects::CASH_OF,
    handover_effects::DRIVES,
    handover_effects::GOODS_REPORTED,
    handover_effects::IS_SYSTEM,
    handover_effects::OPEN_OF,
    handover_effects::ROSTER,
    handover_effects::STATUS_OF,
    rows::SETTING,
    schedules::DUE_CLOCKS,
    schedules::EXPIRED_DOCUMENTS,
    schedules::OVERDUE_ENTRIES,
    schedules::UNANSWERED,
];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "operations",
        resources: RESOURCES,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        effects: consequences::EFFECTS,
        listeners: consequences::LISTENERS,
        schedules: consequences::SCHEDULES,
        ..Module::default()
    }
}
