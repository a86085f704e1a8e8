//! A run as rows of the ministry's wage file, and what the pre-flight finds in it, said of people and fields instead of lines and
//! columns.

use chrono::NaiveDate;
use platform_core::{Catalogue, FieldError, Locale};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use hr_pay::Kind;
use hr_pay::wage_file::{Finding, Header, Known, WageRow, write};

use super::run_pay::{PersonPay, RunPay};

/// The account that pays, and the establishment's numbers.
pub(super) struct PayingAccount {
    pub id: Uuid,
    pub iban: String,
    pub establishment_number: String,
    pub ministry_number: String,
}

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// The bank or the ministry would send it back.
    Error,
    /// The file can be made; somebody should know.
    Warning,
}

/// A sentence in both languages.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Sentences {
    en: String,
    ar: String,
}

/// Something found in the run or in the file that it would be.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WageFinding {
    /// The worker's place in the file, from 1; nothing for what concerns all of it or keeps somebody out of it.
    pub row: Option<usize>,
    pub salary_id: Option<Uuid>,
    pub courier_id: Option<Uuid>,
    pub courier_name: Option<String>,
    /// What is to be mended, as `iban`.
    pub field: &'static str,
    pub code: &'static str,
    pub severity: Severity,
    /// In the caller's language.
    pub message: String,
    pub messages: Sentences,
}

impl WageFinding {
    /// The finding as a refusal says it.
    pub fn refusal(&self) -> FieldError {
        FieldError {
            row: self.row,
            value: self.courier_name.clone(),
            ..FieldError::new(self.field, self.code)
        }
    }
}

/// Words that findings need.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'a> {
    pub catalogue: &'a Catalogue,
    pub locale: Locale,
}

impl Speaker<'_> {
    pub fn finding(
        self,
        person: Option<&PersonPay>,
        row: Option<usize>,
        field: &'static str,
        code: &'static str,
        severity: Severity,
    ) -> WageFinding {
        WageFinding {
            row,
            salary_id: person.map(|person| person.salary_id),
            courier_id: person.map(|person| person.courier_id),
            courier_name: person.map(|person| person.name.clone()),
            field,
            code,
            severity,
            message: self.catalogue.problem(self.locale, code, &[]),
            messages: Sentences {
                en: self.catalogue.problem(Locale::En, code, &[]),
                ar: self.catalogue.problem(Locale::Ar, code, &[]),
            },
        }
    }
}

/// Columns of the file, and the field that somebody would look at.
const FIELDS: [(&str, &str); 15] = [
    ("DEST-ID", "paying_account_id"),
    ("ESTB-ID", "establishment_number"),
    ("BANK-ACC", "paying_account_id"),
    ("32A-VAL", "value_date"),
    ("32A-AMT", "total"),
    ("D-DATE", "debit_date"),
    ("FILE-REF", "reference"),
    ("MOL-ESTBID", "ministry_number"),
    ("32B-AMT", "net_salary"),
    ("59-ACC", "iban"),
    ("59-NAME", "full_name"),
    ("57-BANK", "iban"),
    ("MOL-BAS", "base_salary"),
    ("MOL-DED", "deductions"),
    ("MOL-ID", "person_number"),
];

/// The pre-flight's codes, and the sentences of this module for them.
const CODES: [(&str, &str); 22] = [
    ("not_the_sum", "wage_not_the_sum"),
    ("not_a_bank", "wage_not_a_bank"),
    ("not_ten_digits", "wage_not_ten_digits"),
    ("other_bank", "wage_other_bank"),
    ("in_the_past", "wage_in_the_past"),
    ("after_value_date", "wage_after_value_date"),
    ("too_long", "wage_too_long"),
    ("used_before", "wage_used_before"),
    ("not_a_reference", "wage_not_a_reference"),
    ("not_a_ministry_number", "wage_not_a_ministry_number"),
    ("unknown_bank", "wage_unknown_bank"),
    ("required", "wage_no_name"),
    ("control_character", "wage_control_character"),
    ("twice", "wage_twice"),
    ("bad_checksum", "wage_bad_checksum"),
    ("not_an_id", "wage_not_an_id"),
    ("not_the_parts", "wage_not_the_parts"),
    ("deductions_above_half", "wage_deductions_above_half"),
    ("not_a_saudi_iban", "wage_not_a_saudi_iban"),
    ("not_an_amount", "wage_not_an_amount"),
    ("nothing_to_pay", "wage_zero_net"),
    ("no_rows", "wage_no_rows"),
];

fn told(table: &[(&'static str, &'static str)], word: &str, otherwise: &'static str) -> &'static str {
    let found = table.iter().find(|(known, _)| *known == word);
    found.map_or(otherwise, |(_, said)| said)
}

/// A run's file, or why there is none yet.
pub(super) struct Assembled {
    /// The file, where nothing stands against it.
    pub text: Option<String>,
    pub workers: usize,
    pub total: Decimal,
    pub findings: Vec<WageFinding>,
}

/// What a file is besides its rows.
pub(super) struct Terms<'a> {
    pub account: Option<&'a PayingAccount>,
    pub value_date: NaiveDate,
    pub debit_date: Option<NaiveDate>,
    pub reference: String,
    pub known: Known,
}

/// Why somebody of the run is not in the file.
fn kept_out(person: &PersonPay) -> Option<(&'static str, &'static str)> {
    match (person.status.as_str(), person.payment_method.as_deref()) {
        ("held", _) => Some(("status", "wage_pay_held")),
        ("paid", Some("cash" | "cheque")) => Some(("payment_method", "wage_paid_otherwise")),
        _ if person.net.is_zero() => Some(("net_salary", "wage_zero_net")),
        _ => None,
    }
}

/// Parts of a wage are never below zero in the file: what orders or fuel cost lowers the basic part.
fn row(person: &PersonPay) -> WageRow {
    let earned = person.amount(Kind::Basic) + person.amount(Kind::MonthlyPay);
    let basic = earned.max(Decimal::ZERO).min(person.gross - person.housing_paid);
    WageRow {
        name: person.name.clone(),
        national_id: person.person_number.clone().unwrap_or_default(),
        iban: person.iban.clone().unwrap_or_default(),
        basic,
        housing: person.housing_paid,
        other: person.gross - person.housing_paid - basic,
        deductions: person.deducted(),
        details: None,
    }
}

/// Makes the file and reads it as the bank will.
pub(super) fn assemble(pay: &RunPay, terms: &Terms<'_>, speaker: Speaker<'_>) -> Assembled {
    let mut findings = Vec::new();
    let mut workers: Vec<&PersonPay> = Vec::new();
    for person in &pay.people {
        match kept_out(person) {
            Some((field, code)) => {
                findings.push(speaker.finding(Some(person), None, field, code, Severity::Warning));
            }
            None => workers.push(person),
        }
    }
    for (place, person) in workers.iter().enumerate() {
        let missing = [
            ("iban", "wage_no_iban", person.iban.is_none()),
            ("person_number", "wage_no_person_number", person.person_number.is_none()),
        ];
        for (field, code, _) in missing.into_iter().filter(|(_, _, is_missing)| *is_missing) {
            findings.push(speaker.finding(Some(person), Some(place + 1), field, code, Severity::Error));
        }
    }
    if terms.account.is_none() {
        findings.push(speaker.finding(
            None,
            None,
            "paying_account_id",
            "wage_no_paying_account",
            Severity::Error,
        ));
    }
    let rows: Vec<WageRow> = workers.iter().map(|person| row(person)).collect();
    let total = rows.iter().map(WageRow::net).sum();
    let header = Header {
        establishment_id: terms
            .account
            .map(|of| of.establishment_number.clone())
            .unwrap_or_default(),
        account: terms.account.map(|of| of.iban.clone()).unwrap_or_default(),
        value_date: terms.value_date,
        debit_date: terms.debit_date,
        reference: terms.reference.clone(),
        ministry_id: terms.account.map(|of| of.ministry_number.clone()).unwrap_or_default(),
    };
    let text = match write(&header, &rows, &terms.known) {
        Ok(text) => Some(text),
        Err(found) => {
            let said = found
                .iter()
                .filter_map(|finding| place(finding, &workers, terms, speaker));
            findings.extend(said);
            None
        }
    };
    findings.sort_by_key(|finding| (finding.severity == Severity::Warning, finding.row));
    Assembled {
        text,
        workers: rows.len(),
        total,
        findings,
    }
}

/// A finding of the file's check as one of the run's; nothing where the same has been said already.
fn place(finding: &Finding, workers: &[&PersonPay], terms: &Terms<'_>, speaker: Speaker<'_>) -> Option<WageFinding> {
    let column = finding.column.as_str();
    let field = told(&FIELDS, column, "file");
    let code = told(&CODES, &finding.code, "wage_bad_file");
    // The header is the first line, the first worker's the second.
    let place = finding.line.checked_sub(2).filter(|_| finding.code != "no_rows");
    let Some((place, person)) = place.and_then(|place| Some((place, workers.get(place)?))) else {
        let is_said = terms.account.is_none() && matches!(column, "DEST-ID" | "ESTB-ID" | "BANK-ACC" | "MOL-ESTBID");
        return (!is_said).then(|| speaker.finding(None, None, field, code, Severity::Error));
    };
    let is_said = match field {
        "iban" => person.iban.is_none(),
        "person_number" => person.person_number.is_none(),
        _ => false,
    };
    (!is_said).then(|| speaker.finding(Some(person), Some(place + 1), field, code, Severity::Error))
}
