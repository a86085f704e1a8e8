//! What a suite of the catalogue of tests found, as one line.

use std::io::Write;

/// Says that the suite passed, and its figure. A suite that fails does not come this far.
pub fn line(id: &str, figure: &str) {
    writeln!(std::io::stdout(), "SUITE {id} pass {figure}").unwrap();
}
