//! What a manifest asks for, as a plain list: the page on which an administrator grants it is drawn from this, and so is the
//! decision whether an update may install itself.

use platform_plugin_records::EffectKind;
use serde::{Deserialize, Serialize};

use super::{Label, Manifest};

/// What a plugin wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskKind {
    /// Subject: a host. Details: `METHOD path…`; none: any request.
    Host,
    /// Subject: a resource. Details: fields.
    Read,
    /// Subject: a secret. Details: the hosts it may be sent to; none: it only signs.
    Secret,
    /// Subject: a kind of record it stores.
    Effect,
    /// Subject: an interface that hands it data of the organization.
    Handler,
    /// Subject: an event. Details: fields.
    Event,
    /// Subject: the name of an event it emits.
    Emit,
    /// Subject: a schedule. Details: how often.
    Schedule,
    /// Subject: an address for the outside. Details: how requests prove whose they are.
    Webhook,
    /// It keeps values between calls.
    State,
    /// Subject: a limit. Details: the figure.
    Limit,
}

/// One thing a plugin asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub kind: AskKind,
    pub subject: String,
    pub details: Vec<String>,
    pub reason: Label,
    /// Whether the plugin cannot do without it.
    pub required: bool,
}

fn label(en: &str, ar: &str) -> Label {
    Label {
        en: en.to_owned(),
        ar: ar.to_owned(),
    }
}

/// Words for effects, which need no reason of the publisher's: they are what the plugin is for.
fn effect_words(kind: EffectKind) -> Label {
    match kind {
        EffectKind::FuelTransactions => label("Adds fuel transactions.", "تضيف عمليات الوقود."),
        EffectKind::Orders => label("Adds orders of delivery platforms.", "تضيف طلبات منصات التوصيل."),
        EffectKind::OrderUpdates => label("Changes the status of platform orders.", "تغيّر حالة طلبات المنصات."),
        EffectKind::SmsReports => label("Reports whether text messages arrived.", "تبلّغ عن وصول الرسائل النصية."),
        EffectKind::PayoutStatuses => label("Reports whether payouts were paid.", "تبلّغ عن سداد الدفعات."),
        EffectKind::Notices => label("Shows notices to your people.", "تعرض تنبيهات لموظفيك."),
        EffectKind::Jobs => label("Plans work of its own for later.", "تجدول أعمالًا لها لوقت لاحق."),
        EffectKind::Events => label("Emits events of its own.", "تصدر أحداثًا خاصة بها."),
    }
}

impl Manifest {
    /// Everything it asks for, in the order an administrator should read it.
    pub fn asks(&self) -> Vec<Ask> {
        let mut asks = Vec::new();
        let mut add = |kind, subject: &str, details: Vec<String>, reason: Label, required| {
            asks.push(Ask {
                kind,
                subject: subject.to_owned(),
                details,
                reason,
                required,
            });
        };
        for kind in self.effect_kinds() {
            add(AskKind::Effect, kind.as_str(), Vec::new(), effect_words(kind), true);
        }
        for export in &self.exports {
            let words = match export {
                super::Export::SmsGateway => label(
                    "Sees the texts and numbers of messages you send through it.",
                    "تطّلع على نصوص الرسائل التي ترسلها عبرها وأرقام مستلميها.",
                ),
                super::Export::PayoutGateway => label(
                    "Sees the names, bank accounts, identity numbers and amounts of the people you pay through it.",
                    "تطّلع على أسماء من تدفع لهم عبرها وحساباتهم البنكية وأرقام هوياتهم والمبالغ.",
                ),
                super::Export::OrderSource => label(
                    "Sees which courier carries an order of its platform, and where.",
                    "تطّلع على المندوب الذي يحمل طلبًا من منصتها وعلى موقعه.",
                ),
                super::Export::FuelSource
                | super::Export::Events
                | super::Export::Schedule
                | super::Export::Webhook => continue,
            };
            add(AskKind::Handler, export.as_str(), Vec::new(), words, true);
        }
        for read in &self.reads {
            add(
                AskKind::Read,
                &read.resource,
                read.fields.clone(),
                read.reason.clone(),
                read.required,
            );
        }
        for event in &self.events {
            add(
                AskKind::Event,
                &event.name,
                event.fields.clone(),
                event.reason.clone(),
                event.required,
            );
        }
        for name in &self.emits {
            add(AskKind::Emit, name, Vec::new(), effect_words(EffectKind::Events), true);
        }
        for host in &self.hosts {
            add(
                AskKind::Host,
                &host.host,
                host.requests(),
                host.reason.clone(),
                host.required,
            );
        }
        for secret in &self.secrets {
            add(
                AskKind::Secret,
                &secret.name,
                secret.hosts.clone(),
                secret.label.clone(),
                secret.required,
            );
        }
        for schedule in &self.schedules {
            let often = vec![schedule.pattern().to_owned()];
            add(AskKind::Schedule, &schedule.name, often, schedule.reason.clone(), true);
        }
        for webhook in &self.webhooks {
            let proof = webhook.signature.as_ref().map_or("none", |signature| &signature.scheme);
            add(
                AskKind::Webhook,
                &webhook.name,
                vec![proof.to_owned()],
                webhook.reason.clone(),
                true,
            );
        }
        if self.keeps_state {
            let words = label(
                "Keeps values of its own between calls.",
                "تحتفظ بقيم خاصة بها بين الاستدعاءات.",
            );
            add(AskKind::State, "kv", Vec::new(), words, true);
        }
        for (name, figure) in self.limits.asked() {
            let words = label("A limit of every call.", "حدّ لكل استدعاء.");
            add(AskKind::Limit, name, vec![figure.to_string()], words, true);
        }
        asks
    }

    /// What it asks for beyond what was granted: an update that has none of these needs nobody's word.
    pub fn asks_more_than(&self, granted: &[Ask]) -> Vec<Ask> {
        let covered = |ask: &Ask| granted.iter().any(|given| covers(given, ask));
        self.asks().into_iter().filter(|ask| !covered(ask)).collect()
    }
}

/// Whether who granted the one has granted the other.
fn covers(given: &Ask, asked: &Ask) -> bool {
    if (given.kind, &given.subject) != (asked.kind, &asked.subject) {
        return false;
    }
    let all_named = || asked.details.iter().all(|detail| given.details.contains(detail));
    match asked.kind {
        // No details mean any request.
        AskKind::Host => given.details.is_empty() || (!asked.details.is_empty() && all_named()),
        AskKind::Read | AskKind::Event | AskKind::Secret => all_named(),
        AskKind::Limit => figure(asked) <= figure(given),
        // A schedule that runs at another time, or a proof of another kind, is the same permission.
        AskKind::Effect | AskKind::Handler | AskKind::Emit | AskKind::Schedule | AskKind::State => true,
        // Requests that prove nothing are more than requests that do.
        AskKind::Webhook => {
            given.details == asked.details || asked.details.iter().all(|proof| proof.starts_with("hmac"))
        }
    }
}

fn figure(ask: &Ask) -> u64 {
    ask.details
        .first()
        .and_then(|figure| figure.parse().ok())
        .unwrap_or(u64::MAX)
}
