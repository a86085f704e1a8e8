//! The two files of a batch, without I/O: `header.csv` with one line about the whole, `body.csv` with one line a payment.
//! The same batch makes the same bytes. A batch with a row that cannot be paid makes no file at all.

use std::collections::{BTreeMap, BTreeSet};

use barq_plugin::{Batch, BatchFile, Failure, Iban, Money, Payout, Purpose, Result, WageParts};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::banks;

const HEADER: &str = "batchNumber,batchType,molEstablishmentId,mainAccountNumber,creditValueDate,organizationName,\
                      organizationAddress1,organizationAddress2,organizationAddress3,paymentCount,totalPayrollAmount,narrative";
const AUTOMATIC_UPLOAD: &str = ",autowpsfileupload,nationalunifiedno";
const BODY: &str = "employeeId,employeeAccountNumber,salaryAmount,basicSalary,housingAllowance,otherEarnings,\
                    salaryDeductions,bicCode,employeeName,employeeAddress1,employeeAddress2,employeeAddress3";
const CURRENCY: &str = "SAR";
const ANB_DIGITS: &str = "30";
/// Named in the failure; the others are counted.
const NAMED_ROWS: usize = 20;

/// What the administrator set.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The account at the bank that pays: 16 digits, no IBAN.
    pub main_account: String,
    pub organization_name: String,
    pub address_1: String,
    pub address_2: String,
    pub address_3: String,
    pub narrative: String,
    /// The bank passes the wage file on to Mudad by itself.
    pub automatic_upload: bool,
    #[serde(default)]
    pub national_unified_no: String,
    /// People without an address of their own are reached at the organization's.
    pub employees_at_employer: bool,
    #[serde(default)]
    pub bank_codes: BTreeMap<String, String>,
}

/// Both files of a batch.
pub fn of(batch: &Batch, settings: &Settings) -> Result<Vec<BatchFile>> {
    let header = header(batch, settings)?;
    let (mut lines, mut refused) = (Vec::new(), Vec::new());
    let (mut ids, mut sum) = (BTreeSet::new(), 0_i64);
    for payout in &batch.payouts {
        let line = line(payout, batch, settings).and_then(|line| {
            let new = ids.insert(payout.payout_id.as_str());
            sum = sum
                .checked_add(payout.amount.minor)
                .ok_or("amount: the sum is too large")?;
            if new {
                Ok(line)
            } else {
                Err("payout: it is in the batch twice")
            }
        });
        match line {
            Ok(line) => lines.push(line),
            Err(why) => refused.push((payout.payout_id.clone(), why.to_owned())),
        }
    }
    if !refused.is_empty() {
        return Err(bad_rows(refused));
    }
    if batch.payouts.is_empty() {
        return Err(Failure::permanent("empty_batch", "The batch has no payouts."));
    }
    if sum != batch.total.minor {
        let message = format!(
            "The payouts add up to {}, the batch says {}.",
            riyals(sum),
            riyals(batch.total.minor)
        );
        return Err(Failure::permanent("total_mismatch", message));
    }
    let upload = if settings.automatic_upload {
        AUTOMATIC_UPLOAD
    } else {
        ""
    };
    let name = number(batch);
    Ok(vec![
        file(
            &format!("anb-{name}-header.csv"),
            &format!("{HEADER}{upload}"),
            &[header],
        ),
        file(&format!("anb-{name}-body.csv"), BODY, &lines),
    ])
}

fn bad_rows(refused: Vec<(String, String)>) -> Failure {
    let (first, why) = &refused[0];
    let more = match refused.len() - 1 {
        0 => String::new(),
        more => format!(" ({more} more)"),
    };
    let mut failure = Failure::permanent("bad_row", format!("No file was made. Payout {first}: {why}{more}."));
    failure.attributes = refused.into_iter().take(NAMED_ROWS).collect();
    failure
}

fn file(name: &str, columns: &str, lines: &[String]) -> BatchFile {
    let mut text = String::new();
    for line in std::iter::once(columns).chain(lines.iter().map(String::as_str)) {
        text.push_str(line);
        text.push_str("\r\n");
    }
    BatchFile {
        name: name.to_owned(),
        media_type: "text/csv".to_owned(),
        content: text.into_bytes(),
    }
}

fn header(batch: &Batch, settings: &Settings) -> Result<String> {
    let wrong = |what: &str| Failure::config("header", what.to_owned());
    let establishment = batch.establishment_no.as_deref().unwrap_or_default();
    let is_establishment = establishment.chars().all(|c| c.is_ascii_digit() || c == '-');
    if !(2..=15).contains(&establishment.len()) || !is_establishment {
        return Err(wrong("The establishment's number at the ministry has 2 to 15 digits."));
    }
    if !digits(&settings.main_account, 16, 16) {
        return Err(wrong(
            "The paying account is the bank's own number of 16 digits, not an IBAN.",
        ));
    }
    if batch.total.currency != CURRENCY {
        return Err(wrong("The bank takes batches in SAR."));
    }
    let kind = match batch.purpose {
        Purpose::Salary => "PAYROLL",
        Purpose::Bonus => "BONUS",
        Purpose::Settlement | Purpose::Refund | Purpose::Loan | Purpose::Other => "BENEFIT",
    };
    let value_date = value_date(&batch.value_day).ok_or_else(|| wrong("The value day is not a day."))?;
    let texts = [
        &settings.organization_name,
        &settings.address_1,
        &settings.address_2,
        &settings.address_3,
    ];
    let texts = texts.map(|text| cell(text, 35));
    let narrative = cell(&settings.narrative, 35);
    let [Ok(name), Ok(first), Ok(second), Ok(third)] = texts else {
        return Err(wrong(
            "Name and address of the organization are needed, each of at most 35 characters.",
        ));
    };
    let narrative = narrative.map_err(|()| wrong("The narrative has 1 to 35 characters."))?;
    let mut cells = vec![
        number(batch),
        kind.to_owned(),
        establishment.to_owned(),
        settings.main_account.clone(),
        value_date,
        name,
        first,
        second,
        third,
        batch.payouts.len().to_string(),
        riyals(batch.total.minor),
        narrative,
    ];
    if settings.automatic_upload {
        if !digits(&settings.national_unified_no, 10, 10) {
            return Err(wrong("The unified national number has ten digits."));
        }
        cells.extend(["YES".to_owned(), settings.national_unified_no.clone()]);
    }
    Ok(cells.join(","))
}

fn line(payout: &Payout, batch: &Batch, settings: &Settings) -> std::result::Result<String, &'static str> {
    if payout.amount.currency != CURRENCY {
        return Err("amount: the bank pays in SAR");
    }
    if payout.amount.minor <= 0 {
        return Err("amount: it is not positive");
    }
    let wage = wage(payout, batch.purpose)?;
    let identity = payout.identity_no.as_deref().unwrap_or_default();
    if !is_identity(identity) {
        return Err("identity: it is no number of a national or residence identity");
    }
    let iban = Iban::parse(&payout.beneficiary.iban).ok_or("account: the IBAN's check digits are wrong")?;
    let bank = iban.saudi_bank().ok_or("account: it is not at a bank of the Kingdom")?;
    let code = bank_code(payout, bank, settings)?;
    let name = holder(&payout.beneficiary.holder)?;
    let address = address(payout, settings)?;
    let amounts = [
        payout.amount.minor,
        wage.basic_minor,
        wage.housing_minor,
        wage.other_minor,
        wage.deductions_minor,
    ];
    let amounts = amounts.map(riyals);
    if amounts.iter().any(|amount| amount.len() > 12) {
        return Err("amount: it has more than 12 characters");
    }
    let cells = [identity.to_owned(), iban.as_str().to_owned()]
        .into_iter()
        .chain(amounts)
        .chain([code, name])
        .chain(address);
    Ok(cells.collect::<Vec<_>>().join(","))
}

/// What a payout consists of; only wages are reported in parts.
fn wage(payout: &Payout, purpose: Purpose) -> std::result::Result<WageParts, &'static str> {
    let amount = payout.amount.minor;
    let Some(wage) = &payout.wage else {
        return match purpose {
            Purpose::Salary => Err("wage: its parts are missing"),
            _ => Ok(WageParts {
                basic_minor: amount,
                housing_minor: 0,
                other_minor: 0,
                deductions_minor: 0,
            }),
        };
    };
    let parts = [
        wage.basic_minor,
        wage.housing_minor,
        wage.other_minor,
        wage.deductions_minor,
    ];
    if parts.iter().any(|part| *part < 0) {
        return Err("wage: a part is negative");
    }
    let earned = parts[..3].iter().try_fold(0_i64, |sum, part| sum.checked_add(*part));
    if earned.and_then(|earned| earned.checked_sub(wage.deductions_minor)) != Some(amount) {
        return Err("wage: basic, housing and other less deductions are not the amount");
    }
    Ok(*wage)
}

fn bank_code(payout: &Payout, digits: &str, settings: &Settings) -> std::result::Result<String, &'static str> {
    let given = payout
        .beneficiary
        .bank_code
        .as_deref()
        .filter(|code| banks::is_code(code));
    let set = settings
        .bank_codes
        .get(digits)
        .map(String::as_str)
        .filter(|code| banks::is_code(code));
    let code = given.or(set).or_else(|| banks::code(digits));
    let code = code.ok_or("bank: its international code is not known")?;
    if digits == ANB_DIGITS && !code.starts_with("ARNB") {
        return Err("bank: the code is another bank's than the account's");
    }
    Ok(code.to_owned())
}

/// Addresses are required; nobody's is made up.
fn address(payout: &Payout, settings: &Settings) -> std::result::Result<[String; 3], &'static str> {
    let own = |name: &str| {
        let found = payout.beneficiary.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let own = [own("address_1"), own("address_2"), own("address_3")];
    let employers = [&settings.address_1, &settings.address_2, &settings.address_3].map(String::as_str);
    let lines = match settings.employees_at_employer {
        true if own.iter().all(|line| line.is_empty()) => employers,
        _ => own,
    };
    let [first, second, third] =
        lines.map(|line| cell(line, 30).map_err(|()| "address: three lines of at most 30 characters are needed"));
    Ok([first?, second?, third?])
}

/// A name as the bank knows it; the bank takes 35 characters, so a longer one ends after a whole word.
fn holder(name: &str) -> std::result::Result<String, &'static str> {
    let mut kept = String::new();
    for word in name.split_whitespace() {
        let room = usize::from(!kept.is_empty()) + word.chars().count();
        if kept.chars().count() + room > 35 {
            break;
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    cell(&kept, 35).map_err(|()| "name: it is missing, or is no name")
}

/// One cell: 1 to `most` characters that no spreadsheet takes for a formula, quoted where it must be.
fn cell(text: &str, most: usize) -> std::result::Result<String, ()> {
    let text = text.trim();
    let length = text.chars().count();
    let formula = text.starts_with(['=', '+', '-', '@']);
    if !(1..=most).contains(&length) || formula || text.chars().any(char::is_control) {
        return Err(());
    }
    Ok(if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    })
}

/// The bank wants digits, and never the same number twice: the batch's reference where it is one, otherwise made from the
/// batch's id, so that the same batch has the same number.
fn number(batch: &Batch) -> String {
    if digits(&batch.reference, 1, 20) {
        return batch.reference.clone();
    }
    let hash = Sha256::digest(batch.batch_id.as_bytes());
    let number = hash
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:018}", number % 1_000_000_000_000_000_000)
}

/// `yymmdd`.
fn value_date(day: &str) -> Option<String> {
    let day = barq_plugin::time::Date::parse(day)?.to_string();
    Some(format!("{}{}{}", &day[2..4], &day[5..7], &day[8..10]))
}

fn riyals(halalas: i64) -> String {
    Money::sar(halalas).decimal()
}

fn digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Ten digits, the first 1 for a citizen or 2 for a resident, the last one a check digit.
fn is_identity(text: &str) -> bool {
    if !digits(text, 10, 10) || !text.starts_with(['1', '2']) {
        return false;
    }
    let sum: u32 = text
        .bytes()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(digit - b'0');
            match place % 2 {
                0 => digit * 2 / 10 + digit * 2 % 10,
                _ => digit,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
