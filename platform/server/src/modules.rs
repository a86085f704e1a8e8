//! The modules of this build.

use platform_core::{Module, Operation, Registry};

/// Every module that this build has, the system's own first.
pub fn modules() -> Vec<Module> {
    vec![
        crate::system::module(),
        platform_jobs::module(),
        platform_audit::module(),
        platform_archive::module(),
        tenancy::module(),
        #[cfg(feature = "fleet")]
        fleet::module(),
        #[cfg(feature = "operations")]
        operations::module(),
        #[cfg(feature = "hr")]
        hr::module(),
        #[cfg(feature = "accommodation")]
        accommodation::module(),
        #[cfg(feature = "workflow")]
        workflow::module(),
        #[cfg(feature = "support")]
        support::module(),
        #[cfg(feature = "analytics")]
        analytics::module(),
        #[cfg(feature = "admin")]
        admin::module(),
        #[cfg(feature = "integrations")]
        integrations::module(),
    ]
}

/// What asks for a recent proof of who is there, beside what asks for it by itself: pay leaving the house, and billing.
const STEP_UP: &[&str] = &[
    "hr.salaries.export",
    "hr.payroll_runs.export",
    "admin.subscriptions.request_plan",
    "admin.subscriptions.cancel",
    "organization.exports.order",
    "organization.exports.download",
];

/// Everything that can be called, by module: verbs and actions of resources, then hand-made operations. One resource at
/// a time, because their documents together are large.
pub fn operations(registry: &Registry) -> impl Iterator<Item = Operation> {
    registry.modules.iter().flat_map(|module| {
        let of_resources = module.resources.iter().flat_map(|resource| {
            let own = platform_engine::resource_operations(resource);
            own.into_iter().chain(platform_import::operations(resource))
        });
        let all = of_resources.chain(module.operations.iter().cloned());
        all.map(|operation| Operation {
            module: module.name,
            step_up: operation.step_up || STEP_UP.contains(&operation.id.as_str()),
            ..operation
        })
    })
}
