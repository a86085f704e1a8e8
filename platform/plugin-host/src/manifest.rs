//! `plugin.toml`: what a plugin is, what it asks for and why, and what an organization sets. The administrator grants
//! from it, the console draws forms from it, and the host enforces it.

mod asks;
mod check;
mod export;
mod settings;

use platform_plugin_records::EffectKind;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

pub use asks::{Ask, AskKind};
pub use check::ManifestError;
pub use export::Export;
pub(crate) use export::Exports;

use crate::guard::authority;

/// A text in both languages of the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    pub en: String,
    pub ar: String,
}

/// A host the plugin wants to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostAsk {
    /// `api.example.com`, `api.example.com:8443`, or `{setting:base_url}`: the host of the URL in that setting.
    pub host: String,
    /// `GET`, `POST` and so on; empty: any.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What paths begin with, whole segments; empty: any.
    #[serde(default)]
    pub paths: Vec<String>,
    pub reason: Label,
    #[serde(default = "yes")]
    pub required: bool,
}

impl HostAsk {
    /// Its requests as `METHOD path`; empty: any.
    pub(crate) fn requests(&self) -> Vec<String> {
        let any = |list: &[String]| {
            if list.is_empty() {
                vec!["*".to_owned()]
            } else {
                list.to_vec()
            }
        };
        if self.methods.is_empty() && self.paths.is_empty() {
            return Vec::new();
        }
        let paths = any(&self.paths);
        let pair = |method: String| {
            paths
                .iter()
                .map(move |path| format!("{method} {path}"))
                .collect::<Vec<_>>()
        };
        any(&self.methods).into_iter().flat_map(pair).collect()
    }
}

/// Rows of ours the plugin wants to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadAsk {
    pub resource: String,
    pub fields: Vec<String>,
    pub reason: Label,
    #[serde(default = "yes")]
    pub required: bool,
}

/// An event of the organization the plugin wants to hear of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventAsk {
    /// For example `fleet.vehicles.updated`.
    pub name: String,
    /// Fields of the row that come with it; empty: its id alone.
    #[serde(default)]
    pub fields: Vec<String>,
    pub reason: Label,
    #[serde(default = "yes")]
    pub required: bool,
}

/// When a handler runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleAsk {
    pub name: String,
    /// `15m`, `2h`, `1d`.
    #[serde(default)]
    pub every: Option<String>,
    /// Five fields, in the organization's zone.
    #[serde(default)]
    pub cron: Option<String>,
    /// `fuel-source.pull`, `order-source.pull`, `sms-gateway.query` or `schedule.run`.
    pub handler: String,
    pub reason: Label,
}

impl ScheduleAsk {
    /// How often, as the manifest writes it.
    pub fn pattern(&self) -> &str {
        self.every.as_deref().or(self.cron.as_deref()).unwrap_or_default()
    }
}

/// How a request from outside proves whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureAsk {
    /// `hmac-sha1`, `hmac-sha256`, `hmac-sha512`; `plugin`: the plugin checks; `none`.
    pub scheme: String,
    /// Where the signature stands.
    #[serde(default)]
    pub header: String,
    /// Name of the `[[secret]]` that is the key.
    #[serde(default)]
    pub secret: String,
    /// How the signature is written: `hex` or `base64`.
    #[serde(default = "hexadecimal")]
    pub encoding: String,
    /// What stands before it, for example `sha256=`.
    #[serde(default)]
    pub prefix: String,
    /// What is signed: `{body}`, or a text with `{body}` and `{timestamp}` in it.
    #[serde(default = "whole_body")]
    pub signs: String,
    /// Where the sender's time stands, in seconds since 1970.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// How far that time may be from ours.
    #[serde(default = "five_minutes")]
    pub tolerance_s: u32,
}

impl SignatureAsk {
    /// Whether the host refuses requests without a good signature; otherwise the plugin decides, or nobody.
    pub fn is_checked_by_host(&self) -> bool {
        self.scheme.starts_with("hmac-")
    }
}

/// What a sender is answered when its request is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyAsk {
    pub status: u16,
    #[serde(default = "json_type")]
    pub content_type: String,
    #[serde(default)]
    pub body: String,
}

/// An address at which the outside reaches the plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookAsk {
    pub name: String,
    /// `order-source.event`, `sms-gateway.report` or `webhook.receive`.
    pub handler: String,
    #[serde(default)]
    pub signature: Option<SignatureAsk>,
    /// What makes two requests the same: `header:x`, `body:/a+/b`, `form:A+B`, `query:a`, or `digest` of the body.
    #[serde(default = "digest")]
    pub dedupe: String,
    /// `before`: the sender is answered when the request is stored; `after`: with the plugin's reply.
    #[serde(default = "before")]
    pub answers: String,
    #[serde(default)]
    pub reply: Option<ReplyAsk>,
    pub reason: Label,
}

/// How a setting is edited and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingKind {
    Text,
    Integer,
    Boolean,
    Choice,
    Json,
}

/// One setting of an installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub name: String,
    pub kind: SettingKind,
    pub label: Label,
    #[serde(default)]
    pub help: Option<Label>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub default: Option<Value>,
    /// Of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Of an integer.
    #[serde(default)]
    pub min: Option<i64>,
    /// Of an integer; of a text, its characters.
    #[serde(default)]
    pub max: Option<i64>,
}

/// How a secret's text becomes the bytes of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretEncoding {
    #[default]
    Text,
    Hex,
    Base64,
}

/// A value the host keeps and the plugin only names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretAsk {
    pub name: String,
    pub label: Label,
    #[serde(default)]
    pub help: Option<Label>,
    /// The only hosts it may be sent to, written as in `[[host]]`. Empty: it only signs.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// How its text becomes the bytes of a key.
    #[serde(default)]
    pub encoding: SecretEncoding,
    /// Nobody enters it: a reply of the provider brings it.
    #[serde(default)]
    pub captured: bool,
    /// Whether the plugin cannot do without it.
    #[serde(default = "yes")]
    pub required: bool,
}

/// Limits a plugin asks for. Above the operator's they are lowered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsAsk {
    pub memory_mib: Option<u32>,
    pub wall_ms: Option<u32>,
    pub cpu_ms: Option<u32>,
    pub http_calls: Option<u32>,
}

impl LimitsAsk {
    fn asked(self) -> impl Iterator<Item = (&'static str, u32)> {
        [
            ("memory_mib", self.memory_mib),
            ("wall_ms", self.wall_ms),
            ("cpu_ms", self.cpu_ms),
            ("http_calls", self.http_calls),
        ]
        .into_iter()
        .filter_map(|(name, figure)| Some((name, figure?)))
    }
}

/// A parsed and checked `plugin.toml`. Lists may be named in the singular, as TOML's `[[host]]` reads better so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    /// The contract it was written for: `major.minor` of `barq:plugin`.
    pub api: String,
    pub publisher: String,
    pub title: Label,
    pub description: Label,
    /// What it exports besides `lifecycle`.
    pub exports: Vec<Export>,
    /// Kinds of records its generic handlers return; those of typed exports go without saying.
    #[serde(default)]
    pub effects: Vec<String>,
    /// Names of events of its own.
    #[serde(default)]
    pub emits: Vec<String>,
    /// Whether it keeps values of its own between calls (`kv`).
    #[serde(default)]
    pub keeps_state: bool,
    #[serde(default, alias = "host")]
    pub hosts: Vec<HostAsk>,
    #[serde(default, alias = "read")]
    pub reads: Vec<ReadAsk>,
    #[serde(default, alias = "event")]
    pub events: Vec<EventAsk>,
    #[serde(default, alias = "schedule")]
    pub schedules: Vec<ScheduleAsk>,
    #[serde(default, alias = "webhook")]
    pub webhooks: Vec<WebhookAsk>,
    #[serde(default, alias = "setting")]
    pub settings: Vec<Setting>,
    #[serde(default, alias = "secret")]
    pub secrets: Vec<SecretAsk>,
    #[serde(default)]
    pub limits: LimitsAsk,
}

/// A host of the manifest with its setting filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResolvedHost {
    /// As grants and requests name it; `None` while the setting it comes from is empty or not a URL.
    pub host: Option<String>,
    /// As the manifest writes it.
    pub declared: String,
    pub reason: Label,
    pub required: bool,
}

/// A setting that cannot be accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    pub setting: String,
    /// `unknown_setting`, `required`, `wrong_type`, `out_of_range`, `too_long`, `not_a_choice`, `invalid_json`,
    /// `invalid_url`.
    pub code: &'static str,
}

impl Manifest {
    /// Parses and checks the text of a `plugin.toml`.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text).map_err(|e| {
            let line = e.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            ManifestError {
                key: format!("line {line}"),
                problem: e.message().to_owned(),
            }
        })?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The contract's major version.
    pub(crate) fn api_major(&self) -> u8 {
        let major = self.api.split('.').next().and_then(|major| major.parse().ok());
        major.unwrap_or_default()
    }

    /// Interfaces the platform calls, besides `lifecycle`.
    pub fn handlers(&self) -> Vec<&'static str> {
        self.exports.iter().map(|export| export.as_str()).collect()
    }

    /// Kinds of records it may return, each once.
    pub fn effect_kinds(&self) -> Vec<EffectKind> {
        let listed = self.effects.iter().filter_map(|name| EffectKind::named(name));
        let implied = self.exports.iter().flat_map(|export| export.effects().iter().copied());
        let mut kinds: Vec<_> = implied.chain(listed).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The hosts it asks for with these settings.
    pub fn resolve_hosts(&self, settings: &Map<String, Value>) -> Vec<ResolvedHost> {
        let resolve = |ask: &HostAsk| ResolvedHost {
            host: self.resolve(&ask.host, settings),
            declared: ask.host.clone(),
            reason: ask.reason.clone(),
            required: ask.required,
        };
        self.hosts.iter().map(resolve).collect()
    }

    /// The hosts a secret may be sent to with these settings.
    pub fn resolve_secret_hosts(&self, secret: &str, settings: &Map<String, Value>) -> Vec<String> {
        let asks = self
            .secrets
            .iter()
            .filter(|ask| ask.name == secret)
            .flat_map(|ask| &ask.hosts);
        asks.filter_map(|host| self.resolve(host, settings)).collect()
    }

    /// The bytes of a key from the text of a secret, as its `encoding` says; nothing when the text is not written so.
    pub fn secret_bytes(&self, secret: &str, text: &str) -> Option<Vec<u8>> {
        let ask = self.secrets.iter().find(|ask| ask.name == secret)?;
        crate::secrets::key_bytes(text, ask.encoding)
    }

    pub(crate) fn resolve(&self, host: &str, settings: &Map<String, Value>) -> Option<String> {
        let Some(name) = setting_of(host) else {
            return Some(host.to_owned());
        };
        let default = self
            .settings
            .iter()
            .find(|s| s.name == name)
            .and_then(|s| s.default.as_ref());
        let url = settings.get(name).or(default)?.as_str()?;
        authority(&Url::parse(url).ok()?)
    }

    fn names_a_host(&self, setting: &str) -> bool {
        self.hosts.iter().any(|ask| setting_of(&ask.host) == Some(setting))
    }
}

fn setting_of(host: &str) -> Option<&str> {
    host.strip_prefix("{setting:")?.strip_suffix('}')
}

fn yes() -> bool {
    true
}

fn hexadecimal() -> String {
    "hex".to_owned()
}

fn whole_body() -> String {
    "{body}".to_owned()
}

fn five_minutes() -> u32 {
    300
}

fn json_type() -> String {
    "application/json".to_owned()
}

fn digest() -> String {
    "digest".to_owned()
}

fn before() -> String {
    "before".to_owned()
}

#[cfg(test)]
mod tests;
