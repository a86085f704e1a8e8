//! Money paid to people through a bank.

use serde::{Deserialize, Serialize};

use crate::check::{
    MAX_NAME_LENGTH, MAX_WORDS_LENGTH, RefusedRow, Rules, Verdict, amount, attributes, day, optional_id, settle, sift,
    tidy,
};
use crate::text::invisible;
use crate::vocabulary::vocabulary;
use crate::{Amount, Attributes, Flag};

const MAX_FILES: usize = 10;
const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
const MAX_FILE_NAME_LENGTH: usize = 100;

vocabulary! {
    /// Why people are paid.
    Purpose {
        Salary = "salary",
        Bonus = "bonus",
        Loan = "loan",
        Settlement = "settlement",
        Refund = "refund",
        Other = "other",
    }
}

vocabulary! {
    /// Where a payout stands.
    PayoutState {
        Pending = "pending",
        Accepted = "accepted",
        InTransit = "in_transit",
        Paid = "paid",
        Returned = "returned",
        Rejected = "rejected",
        Cancelled = "cancelled",
        Other = "other",
    }
}

/// An account at a bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// The holder's name as the bank knows it.
    pub holder: String,
    pub iban: String,
    pub bank_code: Option<String>,
    pub attributes: Attributes,
}

/// What a wage consists of: basic + housing + other − deductions is the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WageParts {
    pub basic_minor: i64,
    pub housing_minor: i64,
    pub other_minor: i64,
    /// Not negative.
    pub deductions_minor: i64,
}

/// One person to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub payout_id: String,
    pub amount: Amount,
    pub beneficiary: BankAccount,
    /// Number of the national or residence identity.
    pub identity_no: Option<String>,
    pub wage: Option<WageParts>,
    pub memo: String,
    pub attributes: Attributes,
}

/// Payouts that go to the bank together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutBatch {
    pub batch_id: String,
    /// At most 16 letters, digits and hyphens.
    pub reference: String,
    pub purpose: Purpose,
    /// ISO 8601.
    pub value_day: String,
    /// The sum of the payouts.
    pub total: Amount,
    pub payer: BankAccount,
    pub establishment_no: Option<String>,
    pub payouts: Vec<Payout>,
    pub attributes: Attributes,
}

/// A file for a bank or from one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutFile {
    pub name: String,
    pub media_type: String,
    pub content: Vec<u8>,
}

/// What a bank says about a payout. It has our id, the bank's, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutStatus {
    pub payout_id: Option<String>,
    pub provider_ref: Option<String>,
    pub state: PayoutState,
    pub state_name: Option<String>,
    /// ISO 8601.
    pub settled_on: Option<String>,
    pub amount: Option<Amount>,
    pub fee: Option<Amount>,
    pub reason: Option<String>,
    pub attributes: Attributes,
    /// Set by the checks, never by the plugin.
    pub flags: Vec<Flag>,
}

/// What became of a batch: files for a person to bring to the bank, or the bank's reference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedBatch {
    pub files: Vec<PayoutFile>,
    pub provider_ref: Option<String>,
    pub statuses: Vec<PayoutStatus>,
    pub attributes: Attributes,
}

/// A batch is prepared as a whole or not at all: half of a file would pay half of the people. The error is the first thing
/// wrong with it.
pub fn check_prepared(
    batch: &PayoutBatch,
    mut prepared: PreparedBatch,
    rules: &Rules,
) -> Result<PreparedBatch, RefusedRow> {
    let wrong = |(field, reason): (&'static str, &'static str)| RefusedRow {
        record: "prepared_batch".to_owned(),
        field: field.to_owned(),
        reason: reason.to_owned(),
        ..RefusedRow::default()
    };
    if prepared.files.is_empty() && prepared.provider_ref.is_none() {
        return Err(wrong(("files", "required")));
    }
    if prepared.files.len() > MAX_FILES {
        return Err(wrong(("files", "too_many")));
    }
    optional_id("provider_ref", prepared.provider_ref.as_ref()).map_err(wrong)?;
    prepared.files.iter().try_for_each(file).map_err(wrong)?;
    attributes(&mut prepared.attributes, &mut Vec::new()).map_err(wrong)?;
    let mut refused = Vec::new();
    prepared.statuses = check_payout_statuses(prepared.statuses, rules, &mut refused);
    let foreign = prepared.statuses.iter().find(|status| {
        let ours = |id: &String| batch.payouts.iter().any(|payout| payout.payout_id == *id);
        !status.payout_id.as_ref().is_some_and(ours)
    });
    if let Some(status) = foreign {
        return Err(RefusedRow {
            record: "payout_status".to_owned(),
            external_id: status.payout_id.clone().unwrap_or_default(),
            ..wrong(("payout_id", "unknown"))
        });
    }
    match refused.into_iter().next() {
        Some(first) => Err(first),
        None => Ok(prepared),
    }
}

fn file(file: &PayoutFile) -> Verdict {
    let name = &file.name;
    if name.trim().is_empty() {
        return Err(("files.name", "required"));
    }
    if name.chars().count() > MAX_FILE_NAME_LENGTH {
        return Err(("files.name", "too_long"));
    }
    if name.starts_with('.') || name.chars().any(|c| matches!(c, '/' | '\\' | ':') || invisible(c)) {
        return Err(("files.name", "invisible_characters"));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '+' | '-');
    if file.media_type.len() > 100 || file.media_type.split('/').count() != 2 || !file.media_type.chars().all(plain) {
        return Err(("files.media_type", "unknown"));
    }
    match file.content.len() {
        0 => Err(("files.content", "required")),
        length if length > MAX_FILE_BYTES => Err(("files.content", "too_long")),
        _ => Ok(()),
    }
}

/// The statuses that may be stored.
pub fn check_payout_statuses(
    statuses: Vec<PayoutStatus>,
    rules: &Rules,
    refused: &mut Vec<RefusedRow>,
) -> Vec<PayoutStatus> {
    let id = |status: &PayoutStatus| {
        let name = status.payout_id.as_ref().or(status.provider_ref.as_ref());
        name.cloned().unwrap_or_default()
    };
    sift(
        "payout_status",
        statuses,
        id,
        |status| check_status(status, rules),
        refused,
    )
    .0
}

fn check_status(status: &mut PayoutStatus, rules: &Rules) -> Verdict {
    status.flags.clear();
    if status.payout_id.is_none() && status.provider_ref.is_none() {
        return Err(("payout_id", "required"));
    }
    optional_id("payout_id", status.payout_id.as_ref())?;
    optional_id("provider_ref", status.provider_ref.as_ref())?;
    if let Some(on) = &status.settled_on {
        day("settled_on", on, rules)?;
    }
    amount("amount", status.amount.as_ref(), rules)?;
    amount("fee", status.fee.as_ref(), rules)?;
    tidy(&mut status.state_name, MAX_NAME_LENGTH, &mut status.flags);
    tidy(&mut status.reason, MAX_WORDS_LENGTH, &mut status.flags);
    attributes(&mut status.attributes, &mut status.flags)?;
    settle(&mut status.flags);
    Ok(())
}

#[cfg(test)]
mod tests;
