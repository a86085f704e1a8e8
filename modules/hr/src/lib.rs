//! Attendance, leave, loans, pay, penalties, expenses and budgets.

use platform_core::Module;
use platform_resource::Resource;

static RESOURCES: &[&Resource] = &[];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "hr",
        resources: RESOURCES,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        ..Module::default()
    }
}
