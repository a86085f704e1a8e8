//! The wage file of the Ministry of Human Resources (WPS): what is written, and what a bank would send back.

mod preflight;

use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::PayError;
use crate::money::half_up;
use crate::settlement::Payslip;
use crate::trace::Kind;
pub use preflight::{Finding, Known, inspect};

/// Who pays, when, and under which reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The establishment at the bank, ten digits.
    pub establishment_id: String,
    /// The account that pays: a Saudi IBAN. Its bank is the destination of the file.
    pub account: String,
    /// The day on which the workers get their money.
    pub value_date: NaiveDate,
    /// The day on which the account is debited, where the bank wants one.
    pub debit_date: Option<NaiveDate>,
    /// At most sixteen letters and digits, once only for each establishment.
    pub reference: String,
    /// The establishment at the ministry, as `2-1234567`.
    pub ministry_id: String,
}

/// One worker's wage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WageRow {
    pub name: String,
    /// National id or iqama, ten digits.
    pub national_id: String,
    pub iban: String,
    pub basic: Decimal,
    pub housing: Decimal,
    pub other: Decimal,
    pub deductions: Decimal,
    /// What the worker reads at the bank.
    pub details: Option<String>,
}

impl WageRow {
    /// What the worker gets: the parts that the ministry compares.
    pub fn net(&self) -> Decimal {
        self.basic + self.housing + self.other - self.deductions
    }

    /// A payslip's wage. Parts of a wage are never below zero in the file: what orders or fuel cost lowers the basic part.
    pub fn of(slip: &Payslip, name: &str, national_id: &str, iban: &str) -> Result<Self, PayError> {
        for (field, value) in [("name", name), ("national_id", national_id), ("iban", iban)] {
            if value.is_empty() {
                return Err(PayError::missing(field));
            }
        }
        let is_housing = |about: &(crate::trace::Word, String)| about.0 == "id" && about.1 == "housing";
        let allowances = slip.lines.iter().filter(|line| line.kind == Kind::Allowance);
        let housing: Decimal = allowances
            .filter(|line| line.trace.about.iter().any(is_housing))
            .map(|line| line.amount)
            .sum();
        let basic = (slip.amount(Kind::Basic) + slip.amount(Kind::MonthlyPay)).max(Decimal::ZERO);
        let basic = basic.min(slip.gross - housing);
        Ok(Self {
            name: name.to_owned(),
            national_id: national_id.to_owned(),
            iban: iban.to_owned(),
            basic,
            housing,
            other: slip.gross - housing - basic,
            deductions: slip.deducted(),
            details: None,
        })
    }
}

/// Columns of the header and of a row, in the order of the file.
pub const HEADER: [&str; 10] = [
    "DEST-ID",
    "ESTB-ID",
    "BANK-ACC",
    "32A-CCY",
    "32A-VAL",
    "32A-AMT",
    "D-DATE",
    "FILE-REF",
    "FILE-REJCDE",
    "MOL-ESTBID",
];

/// Columns of a row.
pub const ROW: [&str; 14] = [
    "32B-AMT",
    "59-ACC",
    "59-NAME",
    "57-BANK",
    "70-DET",
    "RET-CODE",
    "MOL-BAS",
    "MOL-HAL",
    "MOL-OEA",
    "MOL-DED",
    "MOL-ID",
    "TRN-REF",
    "TRN-STATUS",
    "TRN-DATE",
];

/// The line after the last worker.
pub const END: &str = "-";

/// Banks of IBANs: two digits, and the name in the clearing. A table, because banks merge.
static BANKS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let text = include_str!("../../rules/sarie_banks.csv");
    let table = platform_documents::read(
        text.as_bytes(),
        "sarie_banks.csv",
        &platform_documents::ReadOptions::default(),
    );
    let rows = table.expect("the table of this crate is well formed").rows;
    rows.into_iter()
        .map(|row| (row.cells[0].clone(), row.cells[1].clone()))
        .collect()
});

/// The clearing's name of the bank that a Saudi IBAN belongs to.
pub fn bank_of(iban: &str) -> Option<&'static str> {
    let code = iban.get(4..6).filter(|_| iban.starts_with("SA"))?;
    BANKS
        .iter()
        .find(|(known, _)| known == code)
        .map(|(_, bank)| bank.as_str())
}

fn amount(amount: Decimal) -> String {
    half_up(amount, 2).to_string()
}

/// The file, or everything that a bank would reject in it.
pub fn write(header: &Header, rows: &[WageRow], known: &Known) -> Result<String, Vec<Finding>> {
    let date = |day: NaiveDate| day.format("%Y%m%d").to_string();
    let total: Decimal = rows.iter().map(WageRow::net).sum();
    let mut lines = Vec::with_capacity(rows.len() + 2);
    lines.push(
        [
            bank_of(&header.account).unwrap_or_default().to_owned(),
            header.establishment_id.clone(),
            header.account.clone(),
            "SAR".to_owned(),
            date(header.value_date),
            amount(total),
            header.debit_date.map(date).unwrap_or_default(),
            header.reference.clone(),
            String::new(),
            header.ministry_id.clone(),
        ]
        .join("\t"),
    );
    for row in rows {
        let cells = [
            amount(row.net()),
            row.iban.clone(),
            row.name.clone(),
            bank_of(&row.iban).unwrap_or_default().to_owned(),
            row.details.clone().unwrap_or_default(),
            String::new(),
            amount(row.basic),
            amount(row.housing),
            amount(row.other),
            amount(row.deductions),
            row.national_id.clone(),
            String::new(),
            String::new(),
            String::new(),
        ];
        lines.push(cells.join("\t"));
    }
    lines.push(END.to_owned());
    let text = lines.join("\r\n") + "\r\n";
    let findings = inspect(text.as_bytes(), known);
    if findings.is_empty() { Ok(text) } else { Err(findings) }
}
