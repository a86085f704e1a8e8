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

/// Everything that can be called, by module: verbs and actions of resources, then hand-made operations.
pub fn operations(registry: &Registry) -> Vec<Operation> {
    let mut operations = Vec::new();
    for module in &registry.modules {
        let mut own = Vec::new();
        for resource in module.resources {
            own.extend(platform_engine::resource_operations(resource));
            own.extend(platform_import::operations(resource));
        }
        own.extend(module.operations.iter().cloned());
        operations.extend(own.into_iter().map(|operation| Operation {
            module: module.name,
            ..operation
        }));
    }
    operations
}
