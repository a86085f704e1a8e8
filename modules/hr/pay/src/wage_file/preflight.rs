//! What a bank or the ministry would reject in a wage file, found before it is sent. The file itself is read, not what it was made of.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_resource::{Kind, Value};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{END, HEADER, ROW, bank_of};
use crate::error::PayError;
use crate::rules::Rules;

/// What the file does not hold and its check needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// References that the establishment has used.
    pub references: Vec<String>,
    /// The share of the wage that deductions may have, by the rule of the day.
    pub deduction_share: Decimal,
    /// The day on which the file is sent: money cannot be due before it.
    pub sent_on: NaiveDate,
}

impl Known {
    /// With the share that holds on the day.
    pub fn new(rules: &Rules, sent_on: NaiveDate, references: Vec<String>) -> Result<Self, PayError> {
        Ok(Self {
            references,
            deduction_share: rules.value("wps.deduction_share", sent_on)?,
            sent_on,
        })
    }
}

/// Something that would come back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The line of the file; the header is the first.
    pub line: usize,
    /// The column, where it is one.
    pub column: String,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub reason: String,
}

/// More characters than a name or a remark has in the clearing: four lines of thirty-five.
const LONGEST_TEXT: usize = 140;
const LONGEST_REFERENCE: usize = 16;

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, line: usize, column: &str, code: &str, reason: impl Into<String>) {
        self.0.push(Finding {
            line,
            column: column.to_owned(),
            code: code.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Goes through a file; nothing is found in one that may be sent.
pub fn inspect(bytes: &[u8], known: &Known) -> Vec<Finding> {
    let mut found = Findings(Vec::new());
    let text = match std::str::from_utf8(bytes) {
        Ok(text) if !text.starts_with('\u{feff}') => text,
        Ok(_) => {
            found.add(1, "", "byte_order_mark", "the file begins with a byte order mark");
            return found.0;
        }
        Err(_) => {
            found.add(1, "", "not_utf_8", "the file is not UTF-8");
            return found.0;
        }
    };
    let mut lines: Vec<&str> = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    let Some((header, rest)) = lines.split_first() else {
        found.add(1, "", "empty_file", "the file is empty");
        return found.0;
    };
    let end = rest.iter().position(|line| *line == END);
    let rows = &rest[..end.unwrap_or(rest.len())];
    match end {
        None => found.add(
            lines.len(),
            "",
            "no_end",
            "the line “-” after the last worker is missing",
        ),
        Some(end) if end + 1 < rest.len() => found.add(end + 3, "", "after_end", "something follows the line “-”"),
        Some(_) => {}
    }
    if rows.is_empty() {
        found.add(2, "", "no_rows", "the file pays nobody");
    }
    let total = look_at_header(header, known, &mut found);
    let mut sum = Some(Decimal::ZERO);
    let mut workers: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let line = place + 2;
        let net = look_at_row(line, row, known, &mut workers, &mut found);
        sum = sum.zip(net).and_then(|(sum, net)| sum.checked_add(net));
    }
    if let Some((total, sum)) = total.zip(sum)
        && total != sum
    {
        found.add(
            1,
            "32A-AMT",
            "not_the_sum",
            format!("{total} is not {sum}, the sum of the rows"),
        );
    }
    found.0
}

fn cells<'a, const N: usize>(line: usize, text: &'a str, found: &mut Findings) -> Option<[&'a str; N]> {
    let cells: Vec<&str> = text.split('\t').collect();
    let count = cells.len();
    let cells = <[&str; N]>::try_from(cells);
    if cells.is_err() {
        found.add(line, "", "wrong_number_of_fields", format!("{count} fields, not {N}"));
    }
    cells.ok()
}

fn look_at_header(text: &str, known: &Known, found: &mut Findings) -> Option<Decimal> {
    let cells = cells::<10>(1, text, found)?;
    let [
        destination,
        establishment,
        account,
        currency,
        value_date,
        total,
        debit_date,
        reference,
        reject,
        ministry,
    ] = cells;
    let is_bank = destination.len() == 4 && destination.chars().all(|c| c.is_ascii_uppercase());
    if !is_bank {
        found.add(
            1,
            HEADER[0],
            "not_a_bank",
            "the bank's name in the clearing has four capital letters",
        );
    }
    if !digits(establishment, 10) {
        found.add(1, HEADER[1], "not_ten_digits", "the establishment has ten digits");
    }
    look_at_iban(1, HEADER[2], account, found);
    if is_bank && bank_of(account).is_some_and(|bank| bank != destination) {
        found.add(1, HEADER[0], "other_bank", "the account belongs to another bank");
    }
    if currency != "SAR" {
        found.add(1, HEADER[3], "not_sar", "wages are paid in riyals");
    }
    match date(value_date) {
        None => found.add(1, HEADER[4], "not_a_date", "a date is YYYYMMDD"),
        Some(day) if day < known.sent_on => found.add(1, HEADER[4], "in_the_past", "the day of payment has passed"),
        Some(day) => {
            if let Some(debit) = date(debit_date)
                && debit > day
            {
                found.add(
                    1,
                    HEADER[6],
                    "after_value_date",
                    "the account is debited after the workers are paid",
                );
            }
        }
    }
    if !debit_date.is_empty() && date(debit_date).is_none() {
        found.add(1, HEADER[6], "not_a_date", "a date is YYYYMMDD");
    }
    let is_plain = !reference.is_empty() && reference.chars().all(|c| c.is_ascii_alphanumeric());
    if reference.len() > LONGEST_REFERENCE {
        found.add(1, HEADER[7], "too_long", "a reference has sixteen characters at most");
    } else if !is_plain {
        found.add(
            1,
            HEADER[7],
            "not_a_reference",
            "a reference is made of letters and digits",
        );
    } else if known.references.iter().any(|used| used == reference) {
        found.add(1, HEADER[7], "used_before", "the establishment has used this reference");
    }
    if !reject.is_empty() {
        found.add(1, HEADER[8], "filled_by_the_bank", "the bank fills this field");
    }
    let is_ministry = ministry.split_once('-').is_some_and(|(office, number)| {
        (1..=3).contains(&office.len())
            && digits(office, office.len())
            && !number.is_empty()
            && digits(number, number.len())
    });
    if !is_ministry {
        found.add(
            1,
            HEADER[9],
            "not_a_ministry_number",
            "the number at the ministry is like 2-1234567",
        );
    }
    money(1, HEADER[5], total, found)
}

fn look_at_row<'a>(
    line: usize,
    text: &'a str,
    known: &Known,
    workers: &mut BTreeMap<&'a str, usize>,
    found: &mut Findings,
) -> Option<Decimal> {
    let cells = cells::<14>(line, text, found)?;
    let [
        net,
        iban,
        name,
        bank,
        details,
        returned,
        basic,
        housing,
        other,
        deductions,
        id,
        reference,
        status,
        paid_on,
    ] = cells;
    look_at_iban(line, ROW[1], iban, found);
    match bank_of(iban) {
        Some(known) if known != bank => {
            found.add(line, ROW[3], "other_bank", format!("the account belongs to {known}"));
        }
        None if iban.starts_with("SA") && iban.len() == 24 => {
            found.add(line, ROW[1], "unknown_bank", "no bank has this code");
        }
        Some(_) | None => {}
    }
    for (column, text, needed) in [(ROW[2], name, true), (ROW[4], details, false)] {
        if needed && text.trim().is_empty() {
            found.add(line, column, "required", "the name is missing");
        } else if text.chars().count() > LONGEST_TEXT {
            found.add(line, column, "too_long", format!("at most {LONGEST_TEXT} characters"));
        } else if text.chars().any(char::is_control) {
            found.add(line, column, "control_character", "a character that cannot be printed");
        }
    }
    for (column, text) in [
        (ROW[5], returned),
        (ROW[11], reference),
        (ROW[12], status),
        (ROW[13], paid_on),
    ] {
        if !text.is_empty() {
            found.add(line, column, "filled_by_the_bank", "the bank fills this field");
        }
    }
    match Kind::NationalId.parse(&Json::from(id)) {
        Ok(Value::Text(read)) if read == id => match workers.get(id) {
            Some(before) => found.add(line, ROW[10], "twice", format!("the worker of line {before} again")),
            None => {
                workers.insert(id, line);
            }
        },
        Err(refusal) if refusal.code == "bad_checksum" => {
            found.add(line, ROW[10], "bad_checksum", "a digit of the id is wrong");
        }
        Ok(_) | Err(_) => found.add(
            line,
            ROW[10],
            "not_an_id",
            "an id has ten digits and begins with 1 or 2",
        ),
    }
    let net = money(line, ROW[0], net, found);
    let [basic, housing, other, deductions] = [(6, basic), (7, housing), (8, other), (9, deductions)]
        .map(|(place, text)| money(line, ROW[place], text, found));
    let parts = basic.zip(housing).zip(other);
    let earned = parts.and_then(|((basic, housing), other)| basic.checked_add(housing)?.checked_add(other));
    if let Some((net, (earned, deductions))) = net.zip(earned.zip(deductions)) {
        if net != earned - deductions {
            let reason = format!(
                "{net} is not {}: basic, housing and other less deductions",
                earned - deductions
            );
            found.add(line, ROW[0], "not_the_parts", reason);
        }
        let most = earned.checked_mul(known.deduction_share);
        if most.is_some_and(|most| deductions > most) {
            found.add(
                line,
                ROW[9],
                "deductions_above_half",
                format!("{deductions} of {earned} is more than half"),
            );
        }
        if net.is_zero() {
            found.add(line, ROW[0], "nothing_to_pay", "a row pays something");
        }
    }
    net
}

fn digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn date(text: &str) -> Option<NaiveDate> {
    if !digits(text, 8) {
        return None;
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").ok()
}

/// Digits, a point, two digits.
fn money(line: usize, column: &str, text: &str, found: &mut Findings) -> Option<Decimal> {
    let is_amount = text.split_once('.').is_some_and(|(whole, fraction)| {
        (1..=12).contains(&whole.len()) && digits(whole, whole.len()) && digits(fraction, 2)
    });
    let amount = text.parse().ok().filter(|_| is_amount);
    if amount.is_none() {
        found.add(
            line,
            column,
            "not_an_amount",
            format!("“{text}” is not an amount like 1234.50"),
        );
    }
    amount
}

fn look_at_iban(line: usize, column: &str, iban: &str, found: &mut Findings) {
    if !iban.starts_with("SA") || iban.len() != 24 {
        found.add(
            line,
            column,
            "not_a_saudi_iban",
            "an account is a Saudi IBAN of 24 characters",
        );
        return;
    }
    match Kind::Iban.parse(&Json::from(iban)) {
        Ok(Value::Text(read)) if read == iban => {}
        Err(refusal) if refusal.code == "bad_checksum" => {
            found.add(line, column, "bad_checksum", "a character of the IBAN is wrong");
        }
        Ok(_) | Err(_) => found.add(
            line,
            column,
            "not_a_saudi_iban",
            "an account is a Saudi IBAN of 24 characters",
        ),
    }
}
