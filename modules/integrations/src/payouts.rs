//! Payments of an organization to its people: batches that a bank's plugin turns into the file that the bank takes.

use platform_resource::{
    Action, Field, Record, Resource, Verb, Violation, choice, date, file, iban, instant, integer, long_text, money,
    moved, number, reference, text, transition,
};
use rust_decimal::Decimal;
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Batches of payments.
pub static PAYOUT_BATCHES: Resource = Resource::new("integrations", "payout_batches", BATCH)
    .title(&["batch_number"])
    .actions(BATCH_ACTIONS)
    .without(&[Verb::Import]);

/// Payments of batches.
pub static PAYOUTS: Resource = Resource::new("integrations", "payouts", PAYOUT)
    .title(&["holder"])
    .check(check_payout)
    .actions(PAYOUT_ACTIONS);

/// Files of batches, for a person to bring to the bank.
pub static PAYOUT_FILES: Resource = Resource::new("integrations", "payout_files", FILE)
    .title(&["name"])
    .without(&[Verb::Create, Verb::Update, Verb::Delete, Verb::Import]);

const FILE: &[Field] = &[
    reference("batch_id", "integrations.payout_batches")
        .required()
        .read_only()
        .filter()
        .list(),
    text("name", 100).required().read_only().search().list(),
    file("file_id").read_only().list(),
];

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum BatchStatus {
    /// Payments are put into it.
    Draft,
    /// The plugin makes the file.
    Requested,
    /// The file is there, or the bank took the batch.
    Prepared,
    /// The bank has it.
    Submitted,
    /// Every payment came to an end.
    Settled,
    /// The plugin could not make the file.
    Failed,
    /// Somebody gave it up.
    Cancelled,
}

const BATCH: &[Field] = &[
    number("batch_number", "PAY", 4),
    choice("status", BatchStatus::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    choice("purpose", &["salary", "bonus", "loan", "settlement", "refund", "other"])
        .required()
        .default("salary")
        .filter()
        .list(),
    date("value_day").required().filter().list(),
    reference("installation_id", "integrations.installations").filter(),
    text("payer_holder", 140).required().group("payer"),
    iban("payer_iban").required().permission("read_account").group("payer"),
    text("payer_bank_code", 20).group("payer"),
    text("establishment_number", 30).group("payer"),
    money("total_amount").read_only().list(),
    integer("payouts", 0, 5000).read_only().list(),
    text("provider_ref", 128).read_only(),
    text("problem_code", 60).read_only().list().group("problem"),
    long_text("problem_detail", 2000).read_only().group("problem"),
    instant("prepared_at").read_only(),
    instant("submitted_at").read_only(),
    long_text("notes", 2000),
];

const BATCH_ACTIONS: &[Action] = &[
    transition("prepare", "status", &[], |state| {
        moved(state, |status| match status {
            BatchStatus::Draft | BatchStatus::Failed => Some(BatchStatus::Requested),
            BatchStatus::Requested
            | BatchStatus::Prepared
            | BatchStatus::Submitted
            | BatchStatus::Settled
            | BatchStatus::Cancelled => None,
        })
    }),
    transition(
        "hand_out",
        "status",
        &[
            text("provider_ref", 128),
            money("total_amount"),
            integer("payouts", 0, 5000),
        ],
        |state| {
            moved(state, |status| match status {
                BatchStatus::Requested => Some(BatchStatus::Prepared),
                BatchStatus::Draft
                | BatchStatus::Prepared
                | BatchStatus::Submitted
                | BatchStatus::Settled
                | BatchStatus::Failed
                | BatchStatus::Cancelled => None,
            })
        },
    )
    .internal()
    .stamps(&["prepared_at"]),
    transition(
        "fail",
        "status",
        &[text("problem_code", 60), long_text("problem_detail", 2000)],
        |state| {
            moved(state, |status| match status {
                BatchStatus::Requested => Some(BatchStatus::Failed),
                BatchStatus::Draft
                | BatchStatus::Prepared
                | BatchStatus::Submitted
                | BatchStatus::Settled
                | BatchStatus::Failed
                | BatchStatus::Cancelled => None,
            })
        },
    )
    .internal(),
    transition("submit", "status", &[], |state| {
        moved(state, |status| match status {
            BatchStatus::Prepared => Some(BatchStatus::Submitted),
            BatchStatus::Draft
            | BatchStatus::Requested
            | BatchStatus::Submitted
            | BatchStatus::Settled
            | BatchStatus::Failed
            | BatchStatus::Cancelled => None,
        })
    })
    .stamps(&["submitted_at"]),
    transition("settle", "status", &[], |state| {
        moved(state, |status| match status {
            BatchStatus::Submitted => Some(BatchStatus::Settled),
            BatchStatus::Draft
            | BatchStatus::Requested
            | BatchStatus::Prepared
            | BatchStatus::Settled
            | BatchStatus::Failed
            | BatchStatus::Cancelled => None,
        })
    }),
    transition("cancel", "status", &[], |state| {
        moved(state, |status| match status {
            BatchStatus::Draft | BatchStatus::Failed | BatchStatus::Prepared => Some(BatchStatus::Cancelled),
            BatchStatus::Requested | BatchStatus::Submitted | BatchStatus::Settled | BatchStatus::Cancelled => None,
        })
    })
    .danger(),
];

/// Where a payment stands, in the words that plugins use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum PayoutStatus {
    Pending,
    Accepted,
    InTransit,
    Paid,
    Returned,
    Rejected,
    Cancelled,
    Other,
}

impl PayoutStatus {
    /// Whether a bank's word moves a payment: money that was paid can only come back.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending | Self::Accepted | Self::InTransit | Self::Other => !matches!(next, Self::Pending),
            Self::Paid => matches!(next, Self::Returned),
            Self::Returned | Self::Rejected | Self::Cancelled => false,
        }
    }
}

const PAYOUT: &[Field] = &[
    reference("batch_id", "integrations.payout_batches")
        .required()
        .create_only()
        .filter()
        .list(),
    text("holder", 140).required().search().list(),
    iban("iban").required().permission("read_account"),
    text("bank_code", 20),
    text("identity_number", 20).permission("read_account"),
    money("amount").required().list(),
    money("basic_amount").group("wage"),
    money("housing_amount").group("wage"),
    money("other_amount").group("wage"),
    money("deductions_amount").group("wage"),
    text("memo", 140),
    choice("status", PayoutStatus::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    text("provider_ref", 128).read_only().search().group("bank"),
    text("state_name", 100).read_only().group("bank"),
    date("settled_on").read_only().list().group("bank"),
    money("fee").read_only().group("bank"),
    text("status_reason", 500).read_only().group("bank"),
];

const NEWS: [Field; 5] = [
    text("provider_ref", 128),
    text("state_name", 100),
    date("settled_on"),
    money("fee"),
    text("status_reason", 500),
];

macro_rules! becomes {
    ($name:literal, $next:ident) => {
        transition($name, "status", &NEWS, |state| {
            moved(state, |status: PayoutStatus| {
                status.may_become(PayoutStatus::$next).then_some(PayoutStatus::$next)
            })
        })
        .internal()
    };
}

const PAYOUT_ACTIONS: &[Action] = &[
    becomes!("accept", Accepted),
    becomes!("transfer", InTransit),
    becomes!("pay", Paid),
    becomes!("send_back", Returned),
    becomes!("reject", Rejected),
    becomes!("call_off", Cancelled),
    becomes!("note", Other),
];

/// An amount is paid, and the parts of a wage, where they are named, add up to it.
fn check_payout(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    let amount = after.decimal("amount");
    if amount.is_some_and(|amount| amount <= Decimal::ZERO) {
        violations.push(Violation::new("amount", "must_be_positive"));
    }
    let parts = ["basic_amount", "housing_amount", "other_amount", "deductions_amount"];
    if parts.iter().any(|part| after.has(part)) {
        let of = |part: &str| after.decimal(part).unwrap_or_default();
        let sum = of(parts[0]) + of(parts[1]) + of(parts[2]) - of(parts[3]);
        if amount.is_some_and(|amount| amount != sum) {
            violations.push(Violation::new("basic_amount", "parts_differ"));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(row: serde_json::Value) -> Vec<Violation> {
        check_payout(None, &Record(row.as_object().cloned().expect("an object")))
    }

    #[test]
    fn a_wage_adds_up() {
        let wage = |basic: &str| json!({"amount": "4500.00", "basic_amount": basic, "housing_amount": "1000.00", "deductions_amount": "500.00"});
        assert_eq!(refused(wage("4000.00")), []);
        assert_eq!(
            refused(wage("4000.01")),
            [Violation::new("basic_amount", "parts_differ")]
        );
        assert_eq!(
            refused(json!({"amount": "0.00"})),
            [Violation::new("amount", "must_be_positive")]
        );
    }

    #[test]
    fn money_that_was_paid_can_only_come_back() {
        use PayoutStatus::{Accepted, Paid, Pending, Rejected, Returned};
        assert!(Pending.may_become(Paid) && Paid.may_become(Returned));
        for (from, to) in [
            (Paid, Accepted),
            (Paid, Rejected),
            (Returned, Paid),
            (Rejected, Paid),
            (Accepted, Pending),
        ] {
            assert!(!from.may_become(to), "{from:?} {to:?}");
        }
    }
}
