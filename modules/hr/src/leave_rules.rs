//! What each kind of leave grants from when on, and the days on which nobody works.

use platform_resource::{Field, Record, Resource, Violation, boolean, choice, date, decimal, integer, long_text, text};
use rust_decimal::Decimal;

use crate::leaves::LEAVE_TYPES;

/// Leave entitlements: dated rows, so that an old balance can be counted again as it was.
pub static LEAVE_ENTITLEMENTS: Resource = Resource::new("hr", "leave_entitlements", FIELDS)
    .title(&["leave_type"])
    .check(check_entitlement);

/// Public holidays.
pub static PUBLIC_HOLIDAYS: Resource = Resource::new("hr", "public_holidays", HOLIDAY_FIELDS)
    .title(&["name"])
    .check(check_holiday)
    .sort("-starts_on");

const FIELDS: &[Field] = &[
    choice("leave_type", LEAVE_TYPES).required().filter().list(),
    integer("min_service_years", 0, 60)
        .required()
        .default("0")
        .list()
        .unit("years"),
    decimal("days_per_year", 2).required().list().unit("days"),
    choice("basis", &["year", "event", "once"])
        .required()
        .default("year")
        .list(),
    choice("accrual", &["upfront", "monthly"])
        .required()
        .default("upfront")
        .list(),
    decimal("paid_percent", 2).required().default("100").list().unit("%"),
    text("article", 200),
    date("effective_from").required().filter().list(),
    date("effective_to").filter().list(),
    long_text("notes", 4000),
];

const HOLIDAY_FIELDS: &[Field] = &[
    text("name", 120).required().search().list(),
    choice(
        "kind",
        &["eid_al_fitr", "eid_al_adha", "national_day", "founding_day", "other"],
    )
    .required()
    .filter()
    .list(),
    date("starts_on").required().filter().list(),
    date("ends_on").required().filter().list(),
    boolean("is_announced").required().default("false").list(),
    long_text("notes", 4000),
];

fn check_entitlement(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after
        .decimal("paid_percent")
        .is_some_and(|paid| paid > Decimal::ONE_HUNDRED)
    {
        violations.push(Violation::new("paid_percent", "over_scale"));
    }
    violations.extend(until_before_from(after));
    violations
}

/// A dated row that ends before it begins.
pub(crate) fn until_before_from(after: &Record) -> Option<Violation> {
    let (from, until) = after.date("effective_from").zip(after.date("effective_to"))?;
    (until < from).then(|| Violation::new("effective_to", "before_start"))
}

fn check_holiday(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let order = after.date("starts_on").zip(after.date("ends_on"));
    let broken = order.is_some_and(|(starts, ends)| ends < starts);
    broken
        .then(|| Violation::new("ends_on", "before_start"))
        .into_iter()
        .collect()
}
