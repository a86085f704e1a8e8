//! The tests of the whole product, one binary.

mod contract;
mod faults;
mod guide;
mod imports;
mod instances;
mod malformed;
mod model;
mod newcomer;
mod numbers;
mod outputs;
mod permissions;
mod plans;
mod robust;
mod schema;
mod secrets;
mod serve;
mod storm;
mod supply;
mod timing;
mod walk;

use std::io::Write;

/// One line with a figure, as suites end.
fn report(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// One line of the catalogue: `cargo xtask test --suite tenancy` collects them. A check that fails is said before the test ends.
fn check(id: &str, passed: bool, figure: &str) -> anyhow::Result<()> {
    let verdict = if passed { "pass" } else { "fail" };
    report(&format!("CHECK {id} {verdict} {figure}"))
}

/// Whether the long shares run too.
fn is_long() -> bool {
    std::env::var_os("BARQ_LONG_TESTS").is_some()
}
