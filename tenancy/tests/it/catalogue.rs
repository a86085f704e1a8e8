//! What a suite of the catalogue of tests found, as one line.

use std::io::Write;

/// Says that the suite passed, and its figure, in the form that the command for suites reads. One that fails does not come this far.
pub fn line(id: &str, figure: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "CHECK {id} pass {figure}").unwrap();
}
