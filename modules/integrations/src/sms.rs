//! Text messages on their way out: any module asks for one by an event, people by the API, and the organization's gateway
//! sends it.

use platform_resource::{
    Action, Field, Record, Resource, Verb, Violation, choice, instant, integer, long_text, money, moved, phone,
    reference, text, transition,
};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Outgoing text messages.
pub static SMS_MESSAGES: Resource = Resource::new("integrations", "sms_messages", FIELDS)
    .title(&["recipient_phone"])
    .check(check)
    .actions(ACTIONS)
    .without(&[Verb::Update, Verb::Delete, Verb::Import]);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum SmsStatus {
    /// Waits for the gateway.
    Queued,
    /// The gateway took it.
    Accepted,
    /// It is on its way to the phone.
    Sent,
    /// The phone has it.
    Delivered,
    /// The phone never got it.
    Undelivered,
    /// The gateway does not take it.
    Rejected,
    /// It was worthless before it could be sent.
    Expired,
    /// Somebody took it back in time.
    Cancelled,
}

impl SmsStatus {
    /// How far a message is: reports come in any order, and an older one takes nothing back.
    const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Accepted => 1,
            Self::Sent => 2,
            Self::Delivered | Self::Undelivered | Self::Rejected | Self::Expired | Self::Cancelled => 3,
        }
    }

    /// Whether a report of `next` says something new about a message in this state. One that is delivered is so for good; a
    /// gateway that gave up too early may be corrected.
    pub const fn may_become(self, next: Self) -> bool {
        match (self, next) {
            (Self::Undelivered, Self::Delivered) => true,
            (_, Self::Queued | Self::Cancelled) | (Self::Cancelled, _) => false,
            (_, _) => next.rank() > self.rank(),
        }
    }
}

const FIELDS: &[Field] = &[
    phone("recipient_phone").required().create_only().search().list(),
    long_text("body", 1600).required().create_only().permission("read_body"),
    text("sender_name", 11).create_only(),
    choice("kind", &["one_time_password", "transactional", "marketing", "other"])
        .required()
        .create_only()
        .default("transactional")
        .filter()
        .list(),
    choice("status", SmsStatus::VARIANTS)
        .required()
        .read_only()
        .default("queued")
        .filter()
        .list(),
    reference("installation_id", "integrations.installations")
        .create_only()
        .filter(),
    text("provider_ref", 128).read_only().search().group("delivery"),
    integer("segments", 0, 100).read_only().group("delivery"),
    money("cost").read_only().group("delivery"),
    text("status_reason", 500).read_only().list().group("delivery"),
    text("state_name", 100).read_only().group("delivery"),
    // Who asked for it, where that was a row of another module: `workflow.workflow_notifications/…`.
    text("source", 200).unique().read_only(),
    instant("expires_at").create_only(),
    instant("sent_at").read_only().group("delivery"),
    instant("delivered_at").read_only().group("delivery"),
    instant("reported_at").read_only().group("delivery"),
];

const REPORT: [Field; 6] = [
    text("provider_ref", 128),
    integer("segments", 0, 100),
    money("cost"),
    text("status_reason", 500),
    text("state_name", 100),
    instant("reported_at"),
];

macro_rules! becomes {
    ($name:literal, $next:ident) => {
        transition($name, "status", &REPORT, |state| {
            moved(state, |status: SmsStatus| {
                status.may_become(SmsStatus::$next).then_some(SmsStatus::$next)
            })
        })
        .internal()
    };
}

const ACTIONS: &[Action] = &[
    becomes!("accept", Accepted),
    becomes!("sending", Sent).stamps(&["sent_at"]),
    becomes!("deliver", Delivered).stamps(&["delivered_at"]),
    becomes!("lose", Undelivered),
    becomes!("reject", Rejected),
    becomes!("expire", Expired),
    transition("cancel", "status", &[], |state| {
        moved(state, |status| match status {
            SmsStatus::Queued => Some(SmsStatus::Cancelled),
            SmsStatus::Accepted
            | SmsStatus::Sent
            | SmsStatus::Delivered
            | SmsStatus::Undelivered
            | SmsStatus::Rejected
            | SmsStatus::Expired
            | SmsStatus::Cancelled => None,
        })
    }),
];

fn check(before: Option<&Record>, after: &Record) -> Vec<Violation> {
    let blank = after.has("body") && after.text("body").is_some_and(|body| body.trim().is_empty());
    let worthless = before.is_none()
        && after
            .instant("expires_at")
            .zip(after.instant("created_at"))
            .is_some_and(|(expires_at, created_at)| expires_at <= created_at);
    let mut violations = Vec::new();
    if blank {
        violations.push(Violation::new("body", "blank"));
    }
    if worthless {
        violations.push(Violation::new("expires_at", "in_the_past"));
    }
    violations
}

#[cfg(test)]
mod tests {
    use strum::VariantNames as _;

    use super::*;

    #[test]
    fn reports_take_nothing_back() {
        use SmsStatus::{Accepted, Cancelled, Delivered, Expired, Queued, Rejected, Sent, Undelivered};
        let all: Vec<SmsStatus> = SmsStatus::VARIANTS
            .iter()
            .map(|word| word.parse().expect("a state"))
            .collect();
        for (from, expected) in [
            (Queued, vec![Accepted, Sent, Delivered, Undelivered, Rejected, Expired]),
            (Accepted, vec![Sent, Delivered, Undelivered, Rejected, Expired]),
            (Sent, vec![Delivered, Undelivered, Rejected, Expired]),
            (Undelivered, vec![Delivered]),
            (Delivered, vec![]),
            (Rejected, vec![]),
            (Expired, vec![]),
            (Cancelled, vec![]),
        ] {
            let possible: Vec<SmsStatus> = all.iter().copied().filter(|next| from.may_become(*next)).collect();
            assert_eq!(possible, expected, "{from:?}");
        }
    }
}
