//! The modules of this build.

use platform_core::{Module, Operation, Registry};

/// Every module that this build has, the system's own first.
pub fn modules() -> Vec<Module> {
    vec![
        crate::system::module(),
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
        for resource in module.resources {
            operations.extend(platform_engine::resource_operations(resource));
            operations.extend(platform_import::operations(resource));
        }
        operations.extend(module.operations.iter().cloned());
    }
    operations
}
