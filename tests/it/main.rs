//! The tests of the whole product, one binary.

mod contract;
mod guide;
mod imports;
mod numbers;
mod permissions;
mod robust;
mod schema;
mod serve;
mod storm;
mod walk;

use std::io::Write;

/// One line with a figure, as suites end.
fn report(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
