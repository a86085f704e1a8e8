//! Text messages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::check::{
    MAX_NAME_LENGTH, MAX_WORDS_LENGTH, RefusedRow, Rules, Verdict, amount, attributes, happened, id, optional_id,
    settle, sift, tidy, within,
};
use crate::order::{no_result, tidy_failure};
use crate::vocabulary::vocabulary;
use crate::{Amount, Attributes, Failure, Flag};

/// A text of 1,600 characters has 24 parts in the narrowest alphabet.
const MAX_SEGMENTS: i64 = 50;

vocabulary! {
    /// Why a message is sent.
    SmsKind {
        /// Must not wait behind others, nor be written to any log.
        OneTimePassword = "one_time_password",
        Transactional = "transactional",
        Marketing = "marketing",
        Other = "other",
    }
}

vocabulary! {
    /// Where a message stands.
    SmsState {
        Accepted = "accepted",
        Queued = "queued",
        Sent = "sent",
        Delivered = "delivered",
        Undelivered = "undelivered",
        Rejected = "rejected",
        Expired = "expired",
        Other = "other",
    }
}

/// A message to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsMessage {
    pub message_id: String,
    /// E.164 with its plus sign.
    pub to: String,
    pub sender_name: Option<String>,
    pub body: String,
    pub kind: SmsKind,
    pub expires_at: Option<DateTime<Utc>>,
    pub attributes: Attributes,
}

/// What became of one message of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsResult {
    pub message_id: String,
    /// The gateway's id, by which its report names the message.
    pub provider_ref: Option<String>,
    pub state: SmsState,
    pub segments: Option<u32>,
    pub cost: Option<Amount>,
    /// Why it was not accepted; the kind says whether it is tried again.
    pub failure: Option<Failure>,
    pub attributes: Attributes,
}

/// What a gateway says about a message it took. It has the gateway's id, ours, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsReport {
    pub provider_ref: Option<String>,
    pub message_id: Option<String>,
    pub state: SmsState,
    /// The gateway's own word.
    pub state_name: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub segments: Option<u32>,
    pub cost: Option<Amount>,
    pub reason: Option<String>,
    pub attributes: Attributes,
    /// Set by the checks, never by the plugin.
    pub flags: Vec<Flag>,
}

/// A message whose state is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsRef {
    pub message_id: String,
    pub provider_ref: Option<String>,
}

/// One result for each message of the call, in its order: what is missing failed and may be tried again.
pub fn check_sms_results(
    asked: &[SmsMessage],
    results: Vec<SmsResult>,
    rules: &Rules,
    refused: &mut Vec<RefusedRow>,
) -> Vec<SmsResult> {
    let id = |result: &SmsResult| result.message_id.clone();
    let check = |result: &mut SmsResult| {
        if !asked.iter().any(|message| message.message_id == result.message_id) {
            return Err(("message_id", "unknown"));
        }
        check_result(result, rules)
    };
    let (results, _) = sift("sms_result", results, id, check, refused);
    let given = |message: &SmsMessage| {
        results
            .iter()
            .find(|result| result.message_id == message.message_id)
            .cloned()
    };
    let missing = |message: &SmsMessage| SmsResult {
        message_id: message.message_id.clone(),
        provider_ref: None,
        state: SmsState::Other,
        segments: None,
        cost: None,
        failure: Some(no_result()),
        attributes: Attributes::new(),
    };
    asked
        .iter()
        .map(|message| given(message).unwrap_or_else(|| missing(message)))
        .collect()
}

fn check_result(result: &mut SmsResult, rules: &Rules) -> Verdict {
    optional_id("provider_ref", result.provider_ref.as_ref())?;
    within("segments", i64::from(result.segments.unwrap_or(0)), 0, MAX_SEGMENTS)?;
    amount("cost", result.cost.as_ref(), rules)?;
    if let Some(failure) = &mut result.failure {
        // What failed was not taken: both at once would be sent again and paid for twice.
        let taken = matches!(
            result.state,
            SmsState::Accepted | SmsState::Queued | SmsState::Sent | SmsState::Delivered
        );
        if taken {
            return Err(("failure", "out_of_range"));
        }
        tidy_failure(failure);
    }
    attributes(&mut result.attributes, &mut Vec::new())
}

/// The reports that may be stored.
pub fn check_sms_reports(reports: Vec<SmsReport>, rules: &Rules, refused: &mut Vec<RefusedRow>) -> Vec<SmsReport> {
    let id = |report: &SmsReport| {
        let name = report.provider_ref.as_ref().or(report.message_id.as_ref());
        format!("{}\u{0}{}", name.map_or("", String::as_str), report.state.as_str())
    };
    sift("sms_report", reports, id, |report| check_report(report, rules), refused).0
}

fn check_report(report: &mut SmsReport, rules: &Rules) -> Verdict {
    report.flags.clear();
    if report.provider_ref.is_none() && report.message_id.is_none() {
        return Err(("provider_ref", "required"));
    }
    optional_id("provider_ref", report.provider_ref.as_ref())?;
    if let Some(message_id) = &report.message_id {
        id("message_id", message_id)?;
    }
    if let Some(at) = report.at {
        happened("at", at, rules)?;
    }
    within("segments", i64::from(report.segments.unwrap_or(0)), 0, MAX_SEGMENTS)?;
    amount("cost", report.cost.as_ref(), rules)?;
    tidy(&mut report.state_name, MAX_NAME_LENGTH, &mut report.flags);
    tidy(&mut report.reason, MAX_WORDS_LENGTH, &mut report.flags);
    attributes(&mut report.attributes, &mut report.flags)?;
    settle(&mut report.flags);
    Ok(())
}

#[cfg(test)]
mod tests;
