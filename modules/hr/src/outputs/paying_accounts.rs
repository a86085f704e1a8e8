//! Bank accounts that wages are paid from, with the establishment's numbers at its bank and at the ministry.

use hr_pay::wage_file::bank_of;
use platform_resource::{Field, Record, Resource, Violation, boolean, iban, long_text, text};

/// Accounts that pay wages.
pub static PAYING_ACCOUNTS: Resource = Resource::new("hr", "paying_accounts", FIELDS)
    .title(&["name"])
    .sort("name")
    .check(check);

const FIELDS: &[Field] = &[
    text("name", 200).required().unique().search().list(),
    iban("iban").required().example("SA0380000000608010167519").list(),
    text("establishment_number", 10).required().example("1234567890").list(),
    text("ministry_number", 20).required().example("2-1234567").list(),
    boolean("is_default").required().default("false").list(),
    long_text("notes", 2000),
];

/// What a bank would send a whole file back for.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(iban) = after.text("iban") {
        if !iban.starts_with("SA") {
            violations.push(Violation::new("iban", "wage_not_a_saudi_iban"));
        } else if bank_of(iban).is_none() {
            violations.push(Violation::new("iban", "wage_unknown_bank"));
        }
    }
    if let Some(number) = after.text("establishment_number")
        && !(number.len() == 10 && digits(number))
    {
        violations.push(Violation::new("establishment_number", "wage_not_ten_digits"));
    }
    if let Some(number) = after.text("ministry_number") {
        let is_one = number.split_once('-').is_some_and(|(office, number)| {
            (1..=3).contains(&office.len()) && digits(office) && !number.is_empty() && digits(number)
        });
        if !is_one {
            violations.push(Violation::new("ministry_number", "wage_not_a_ministry_number"));
        }
    }
    violations
}
