//! Rates of social insurance as dated rows: a change of the law is a new row.

use platform_resource::{Field, Record, Resource, Violation, choice, date, decimal, long_text, money, text};

use crate::leave_rules::until_before_from;

/// Rates of social insurance.
pub static GOSI_RATES: Resource = Resource::new("hr", "gosi_rates", FIELDS)
    .title(&["contributor_class"])
    .check(check);

const FIELDS: &[Field] = &[
    choice("contributor_class", &["saudi_old", "saudi_new", "gcc", "non_saudi"])
        .required()
        .filter()
        .list(),
    decimal("annuities_employee_percent", 4).required().list().unit("%"),
    decimal("annuities_employer_percent", 4).required().list().unit("%"),
    decimal("saned_employee_percent", 4).required().list().unit("%"),
    decimal("saned_employer_percent", 4).required().list().unit("%"),
    decimal("hazards_employer_percent", 4).required().list().unit("%"),
    money("floor_wage").required(),
    money("ceiling_wage").required(),
    date("effective_from").required().filter().list(),
    date("effective_to").filter().list(),
    text("article", 200),
    long_text("notes", 4000),
];

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let bounds = after.decimal("floor_wage").zip(after.decimal("ceiling_wage"));
    if bounds.is_some_and(|(floor, ceiling)| ceiling < floor) {
        violations.push(Violation::new("ceiling_wage", "below_floor"));
    }
    violations.extend(until_before_from(after));
    violations
}
