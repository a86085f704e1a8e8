//! Wage files that were made: of which run, for which day, by whom, and the checksum that a later download is held to.

use platform_resource::{Field, Resource, Verb, date, integer, member, money, reference, text};

/// Wage files. Rows come from making one alone.
pub static WAGE_FILES: Resource = Resource::new("hr", "wage_files", FIELDS)
    .title(&["reference"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import])
    .sort("-value_date");

const FIELDS: &[Field] = &[
    reference("run_id", "hr.payroll_runs").required().filter().list(),
    reference("paying_account_id", "hr.paying_accounts")
        .required()
        .filter()
        .list(),
    text("reference", 16).required().unique().search().list(),
    date("value_date").required().filter().list(),
    date("debit_date"),
    date("made_on").required().list(),
    member("made_by").read_only().list(),
    integer("workers", 1, 1_000_000).required().list(),
    money("total").required().list().permission("read_pay"),
    text("sha256", 64).required(),
];
