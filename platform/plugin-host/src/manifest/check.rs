//! Whether a manifest can be what it says: every fault by the name of its key.

use platform_plugin_records::EffectKind;
use url::Url;

use super::{
    Export, Label, Manifest, ScheduleAsk, SecretAsk, Setting, SettingKind, SignatureAsk, WebhookAsk, setting_of,
};
use crate::guard::authority;

/// Contracts this server speaks.
pub(crate) const APIS: &[&str] = &["1.0", "2.0"];

const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const SCHEMES: &[&str] = &["hmac-sha1", "hmac-sha256", "hmac-sha512", "plugin", "none"];
const SCHEDULED: &[(&str, Export)] = &[
    ("fuel-source.pull", Export::FuelSource),
    ("order-source.pull", Export::OrderSource),
    ("sms-gateway.query", Export::SmsGateway),
    ("schedule.run", Export::Schedule),
];
const REACHED: &[(&str, Export)] = &[
    ("order-source.event", Export::OrderSource),
    ("sms-gateway.report", Export::SmsGateway),
    ("webhook.receive", Export::Webhook),
];

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plugin.toml: {key}: {problem}")]
pub struct ManifestError {
    pub key: String,
    pub problem: String,
}

type Verdict = Result<(), ManifestError>;

impl Manifest {
    pub(super) fn check(&self) -> Verdict {
        self.check_identity()?;
        self.check_exports()?;
        for (i, ask) in self.hosts.iter().enumerate() {
            self.check_host(&format!("host[{i}].host"), &ask.host)?;
            let known = ask.methods.iter().all(|method| METHODS.contains(&method.as_str()));
            require(
                &format!("host[{i}].methods"),
                known,
                &format!("known: {}", METHODS.join(", ")),
            )?;
            let rooted = ask
                .paths
                .iter()
                .all(|path| path.starts_with('/') && !path.contains(['?', '#', '*']));
            require(
                &format!("host[{i}].paths"),
                rooted,
                "a path begins with '/', as in /v1/",
            )?;
            label(&format!("host[{i}].reason"), &ask.reason)?;
        }
        for (i, ask) in self.reads.iter().enumerate() {
            require(
                &format!("read[{i}].resource"),
                is_dotted(&ask.resource, 2),
                "use a resource such as fleet.vehicles",
            )?;
            let named = !ask.fields.is_empty() && ask.fields.iter().all(|field| is_slug(field, '_'));
            require(&format!("read[{i}].fields"), named, "must name at least one field")?;
            label(&format!("read[{i}].reason"), &ask.reason)?;
        }
        for (i, ask) in self.events.iter().enumerate() {
            require(
                &format!("event[{i}].name"),
                is_dotted(&ask.name, 3) || is_dotted(&ask.name, 2),
                "use a name such as fleet.vehicles.updated, or another plugin's such as cards.fuel_low",
            )?;
            label(&format!("event[{i}].reason"), &ask.reason)?;
            let again = self.events[..i].iter().any(|other| other.name == ask.name);
            require(&format!("event[{i}].name"), !again, "is asked for twice")?;
        }
        for (i, ask) in self.secrets.iter().enumerate() {
            self.check_secret(i, ask)?;
        }
        for (i, ask) in self.schedules.iter().enumerate() {
            self.check_schedule(i, ask)?;
        }
        for (i, ask) in self.webhooks.iter().enumerate() {
            self.check_webhook(i, ask)?;
        }
        for (i, setting) in self.settings.iter().enumerate() {
            self.check_declared(i, setting)?;
        }
        Ok(())
    }

    fn check_identity(&self) -> Verdict {
        require(
            "name",
            is_slug(&self.name, '-'),
            "use lower-case letters, digits and '-', at most 60",
        )?;
        require(
            "version",
            is_version(&self.version, 3),
            "use three numbers, as in 1.0.0",
        )?;
        require("api", is_version(&self.api, 2), "use two numbers, as in 1.0")?;
        let known = APIS.contains(&self.api.as_str());
        require(
            "api",
            known,
            &format!("this server speaks barq:plugin {}", APIS.join(" and ")),
        )?;
        require("publisher", !self.publisher.trim().is_empty(), "must not be empty")?;
        label("title", &self.title)?;
        label("description", &self.description)
    }

    fn check_exports(&self) -> Verdict {
        let known = || Export::ALL.map(Export::as_str).join(", ");
        require(
            "exports",
            !self.exports.is_empty(),
            &format!("name at least one of {}", known()),
        )?;
        let mut once = self.exports.clone();
        once.sort_unstable();
        once.dedup();
        require(
            "exports",
            once.len() == self.exports.len(),
            "an interface is named twice",
        )?;
        let kinds = || {
            EffectKind::ALL
                .iter()
                .map(|kind| kind.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        for effect in &self.effects {
            let known = EffectKind::named(effect).is_some();
            require("effects", known, &format!("{effect:?} is not one; known: {}", kinds()))?;
        }
        for name in &self.emits {
            require("emits", is_dotted(name, 2), "use a name such as cards.fuel_low")?;
        }
        let emits = self.emits.is_empty() || self.effect_kinds().contains(&EffectKind::Events);
        require("emits", emits, "needs \"events\" among the effects")?;
        let hears = self.events.is_empty() || self.exports.contains(&Export::Events);
        require("event", hears, "needs \"events\" among the exports")
    }

    fn check_secret(&self, i: usize, ask: &SecretAsk) -> Verdict {
        let key = |part: &str| format!("secret[{i}].{part}");
        require(
            &key("name"),
            is_slug(&ask.name, '_'),
            "use lower-case letters, digits and '_'",
        )?;
        let again = self.secrets[..i].iter().any(|other| other.name == ask.name);
        require(&key("name"), !again, "is declared twice")?;
        label(&key("label"), &ask.label)?;
        for host in &ask.hosts {
            self.check_host(&key("hosts"), host)?;
            let asked = self.hosts.iter().any(|ask| ask.host == *host);
            require(
                &key("hosts"),
                asked,
                &format!("{host:?} is not asked for under [[host]]"),
            )?;
        }
        require(
            &key("hosts"),
            !ask.captured || !ask.hosts.is_empty(),
            "a captured secret goes back to some host",
        )
    }

    fn check_schedule(&self, i: usize, ask: &ScheduleAsk) -> Verdict {
        let key = |part: &str| format!("schedule[{i}].{part}");
        require(
            &key("name"),
            is_slug(&ask.name, '-'),
            "use lower-case letters, digits and '-'",
        )?;
        let again = self.schedules[..i].iter().any(|other| other.name == ask.name);
        require(&key("name"), !again, "is declared twice")?;
        self.check_handler(&key("handler"), &ask.handler, SCHEDULED)?;
        require(
            &key("every"),
            ask.every.is_some() != ask.cron.is_some(),
            "has either every or cron",
        )?;
        if let Some(every) = &ask.every {
            require(
                &key("every"),
                minutes(every).is_some(),
                "use minutes, hours or days, as in 15m, 2h or 1d",
            )?;
        }
        if let Some(cron) = &ask.cron {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '/' | ',' | '-');
            let five = cron.split_ascii_whitespace().count() == 5
                && cron.split_ascii_whitespace().all(|f| f.chars().all(plain));
            require(&key("cron"), five, "use five fields, as in 0 */2 * * *")?;
        }
        label(&key("reason"), &ask.reason)
    }

    fn check_webhook(&self, i: usize, ask: &WebhookAsk) -> Verdict {
        let key = |part: &str| format!("webhook[{i}].{part}");
        require(
            &key("name"),
            is_slug(&ask.name, '-'),
            "use lower-case letters, digits and '-'",
        )?;
        let again = self.webhooks[..i].iter().any(|other| other.name == ask.name);
        require(&key("name"), !again, "is declared twice")?;
        self.check_handler(&key("handler"), &ask.handler, REACHED)?;
        let dedupe = match ask.dedupe.split_once(':') {
            Some(("header" | "form" | "query", names)) => !names.is_empty() && !names.contains(char::is_whitespace),
            Some(("body", pointers)) => pointers.split('+').all(|pointer| pointer.starts_with('/')),
            _ => ask.dedupe == "digest",
        };
        require(
            &key("dedupe"),
            dedupe,
            "use header:NAME, body:/POINTER, form:NAME, query:NAME or digest",
        )?;
        require(
            &key("answers"),
            matches!(ask.answers.as_str(), "before" | "after"),
            "is before or after",
        )?;
        let replies = ask.answers == "before" || ask.handler == "webhook.receive";
        require(&key("answers"), replies, "only webhook.receive has a reply to wait for")?;
        if let Some(reply) = &ask.reply {
            require(&key("reply.status"), matches!(reply.status, 200..=299), "is 200 to 299")?;
            require(&key("reply.body"), reply.body.len() <= 4_096, "has at most 4096 bytes")?;
            let typed = matches!(
                reply.content_type.as_str(),
                "application/json" | "application/xml" | "text/xml" | "text/plain"
            );
            require(
                &key("reply.content_type"),
                typed,
                "is application/json, application/xml, text/xml or text/plain",
            )?;
        }
        if let Some(signature) = &ask.signature {
            self.check_signature(&key("signature"), signature)?;
        }
        label(&key("reason"), &ask.reason)
    }

    fn check_signature(&self, key: &str, ask: &SignatureAsk) -> Verdict {
        let known = SCHEMES.contains(&ask.scheme.as_str());
        require(
            &format!("{key}.scheme"),
            known,
            &format!("known: {}", SCHEMES.join(", ")),
        )?;
        if !ask.is_checked_by_host() {
            return Ok(());
        }
        let header = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        require(
            &format!("{key}.header"),
            header(&ask.header),
            "names the header with the signature",
        )?;
        let declared = self
            .secrets
            .iter()
            .any(|secret| secret.name == ask.secret && !secret.captured);
        require(
            &format!("{key}.secret"),
            declared,
            &format!("{:?} is no [[secret]]", ask.secret),
        )?;
        require(
            &format!("{key}.encoding"),
            matches!(ask.encoding.as_str(), "hex" | "base64"),
            "is hex or base64",
        )?;
        require(&format!("{key}.signs"), ask.signs.contains("{body}"), "contains {body}")?;
        let timed = ask.timestamp_header.as_deref();
        require(
            &format!("{key}.timestamp_header"),
            timed.is_none_or(header),
            "names the header with the time",
        )?;
        let signed = ask.signs.contains("{timestamp}") == timed.is_some();
        require(
            &format!("{key}.signs"),
            signed,
            "{timestamp} and timestamp_header belong together",
        )?;
        require(
            &format!("{key}.tolerance_s"),
            (1..=86_400).contains(&ask.tolerance_s),
            "is 1 to 86400",
        )
    }

    fn check_handler(&self, key: &str, handler: &str, known: &[(&str, Export)]) -> Verdict {
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        let found = known.iter().find(|(name, _)| *name == handler);
        require(key, found.is_some(), &format!("known: {}", names.join(", ")))?;
        let exported = found.is_some_and(|(_, export)| self.exports.contains(export));
        require(key, exported, "is not among the exports")
    }

    fn check_host(&self, key: &str, host: &str) -> Verdict {
        if let Some(name) = setting_of(host) {
            let text = self
                .settings
                .iter()
                .any(|s| s.name == name && s.kind == SettingKind::Text);
            return require(key, text, &format!("{name:?} is not a setting of kind text"));
        }
        let named = host
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':'));
        let url = Url::parse(&format!("https://{host}/")).ok().filter(|_| named);
        let exact = url.is_some_and(|url| {
            matches!(url.host(), Some(url::Host::Domain(_))) && authority(&url).as_deref() == Some(host)
        });
        require(
            key,
            exact,
            "use a host name such as api.example.com, or {setting:name}; no scheme, path or address",
        )
    }

    fn check_declared(&self, i: usize, setting: &Setting) -> Verdict {
        let key = |part: &str| format!("setting[{i}].{part}");
        require(
            &key("name"),
            is_slug(&setting.name, '_'),
            "use lower-case letters, digits and '_'",
        )?;
        let again = self.settings[..i].iter().any(|other| other.name == setting.name);
        require(&key("name"), !again, "is declared twice")?;
        label(&key("label"), &setting.label)?;
        if let Some(help) = &setting.help {
            label(&key("help"), help)?;
        }
        let choice = setting.kind == SettingKind::Choice;
        require(
            &key("values"),
            choice != setting.values.is_empty(),
            "belongs to a choice, and every choice has some",
        )?;
        if let Some(default) = &setting.default {
            let verdict = self.check_setting(setting, default);
            require(&key("default"), verdict.is_ok(), verdict.err().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Minutes of `15m`, `2h`, `1d`; at most a month.
fn minutes(every: &str) -> Option<u32> {
    let (figure, unit) = every.split_at_checked(every.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    let digits = !figure.is_empty() && figure.bytes().all(|b| b.is_ascii_digit());
    let minutes = figure.parse::<u32>().ok().filter(|_| digits)?.checked_mul(unit)?;
    (1..=31 * 24 * 60).contains(&minutes).then_some(minutes)
}

fn require(key: &str, holds: bool, problem: &str) -> Verdict {
    if holds {
        Ok(())
    } else {
        Err(ManifestError {
            key: key.to_owned(),
            problem: problem.to_owned(),
        })
    }
}

fn label(key: &str, label: &Label) -> Verdict {
    require(&format!("{key}.en"), !label.en.trim().is_empty(), "must not be empty")?;
    require(&format!("{key}.ar"), !label.ar.trim().is_empty(), "must not be empty")
}

fn is_slug(text: &str, joiner: char) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joiner;
    (1..=60).contains(&text.len()) && text.chars().all(ok) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// `module.resource` and the like.
fn is_dotted(text: &str, parts: usize) -> bool {
    text.split('.').count() == parts && text.split('.').all(|part| is_slug(part, '_'))
}

fn is_version(text: &str, parts: usize) -> bool {
    let number = |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split('.').count() == parts && text.split('.').all(number)
}
