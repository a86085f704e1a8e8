//! Budgets: what may be spent on something in a period. What was spent is summed from expenses, never stored.

use platform_resource::{Field, Record, Resource, Violation, choice, date, long_text, money, text};

use crate::expenses::EXPENSE_CATEGORIES;

/// Budgets.
pub static BUDGETS: Resource = Resource::new("hr", "budgets", FIELDS)
    .title(&["name"])
    .check(check)
    .sort("-starts_on");

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    choice("category", EXPENSE_CATEGORIES).required().filter().list(),
    date("starts_on").required().filter().list(),
    date("ends_on").required().filter().list(),
    money("amount").required().list(),
    long_text("notes", 4000),
];

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let order = after.date("starts_on").zip(after.date("ends_on"));
    let broken = order.is_some_and(|(starts, ends)| ends < starts);
    broken
        .then(|| Violation::new("ends_on", "before_start"))
        .into_iter()
        .collect()
}
