//! `plugin.toml`: what a plugin is, what it asks for and why, and what an organization sets. The administrator grants
//! from it, the console draws forms from it, and the host enforces it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

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
    pub reason: Label,
    #[serde(default = "yes")]
    pub required: bool,
}

/// Rows of ours the plugin wants to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadAsk {
    pub resource: String,
    pub fields: Vec<String>,
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
}

/// A parsed and checked `plugin.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub name: String,
    pub version: String,
    /// The contract it was written for: `major.minor` of `barq:plugin`.
    pub api: String,
    pub world: String,
    pub publisher: String,
    pub title: Label,
    pub description: Label,
    /// Kinds of records it may return.
    pub effects: Vec<String>,
    /// Whether it keeps values of its own between calls (`kv`).
    #[serde(default)]
    pub keeps_state: bool,
    #[serde(default, rename(deserialize = "host"))]
    pub hosts: Vec<HostAsk>,
    #[serde(default, rename(deserialize = "read"))]
    pub reads: Vec<ReadAsk>,
    #[serde(default, rename(deserialize = "setting"))]
    pub settings: Vec<Setting>,
    #[serde(default, rename(deserialize = "secret"))]
    pub secrets: Vec<SecretAsk>,
    #[serde(default)]
    pub limits: LimitsAsk,
}

/// What is wrong with a manifest, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("plugin.toml: {key}: {problem}")]
pub struct ManifestError {
    pub key: String,
    pub problem: String,
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

const MAX_TEXT: i64 = 2_000;
const MAX_JSON_BYTES: usize = 32 * 1024;
const WORLDS: &[(&str, &str)] = &[("fuel-plugin", "fuel-source")];
const EFFECTS: &[&str] = &["fuel-transactions"];

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

    /// Interfaces the platform calls, besides `lifecycle`.
    pub fn handlers(&self) -> Vec<&'static str> {
        WORLDS
            .iter()
            .filter(|(world, _)| *world == self.world)
            .map(|(_, handler)| *handler)
            .collect()
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

    fn resolve(&self, host: &str, settings: &Map<String, Value>) -> Option<String> {
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

    /// The settings with defaults filled in: what the plugin sees.
    pub fn with_defaults(&self, settings: &Map<String, Value>) -> Map<String, Value> {
        let mut all = settings.clone();
        for setting in &self.settings {
            if let (false, Some(default)) = (all.contains_key(&setting.name), &setting.default) {
                all.insert(setting.name.clone(), default.clone());
            }
        }
        all
    }

    /// Everything wrong with the settings; empty when they can be saved.
    pub fn check_settings(&self, settings: &Map<String, Value>) -> Vec<SettingProblem> {
        let problem = |setting: &str, code| SettingProblem {
            setting: setting.to_owned(),
            code,
        };
        let unknown = settings
            .keys()
            .filter(|name| !self.settings.iter().any(|s| s.name == **name));
        let mut problems: Vec<_> = unknown.map(|name| problem(name, "unknown_setting")).collect();
        for setting in &self.settings {
            let value = settings
                .get(&setting.name)
                .filter(|v| !v.is_null() && v.as_str() != Some(""));
            match value {
                None if setting.required && setting.default.is_none() => {
                    problems.push(problem(&setting.name, "required"));
                }
                None => {}
                Some(value) => {
                    if let Err(code) = self.check_setting(setting, value) {
                        problems.push(problem(&setting.name, code));
                    }
                }
            }
        }
        problems
    }

    fn check_setting(&self, setting: &Setting, value: &Value) -> Result<(), &'static str> {
        match setting.kind {
            SettingKind::Text => {
                let text = value.as_str().ok_or("wrong_type")?;
                let max = usize::try_from(setting.max.unwrap_or(MAX_TEXT)).unwrap_or(0);
                if text.chars().count() > max {
                    return Err("too_long");
                }
                if self.names_a_host(&setting.name) && Url::parse(text).ok().as_ref().and_then(authority).is_none() {
                    return Err("invalid_url");
                }
                Ok(())
            }
            SettingKind::Integer => {
                let number = value.as_i64().ok_or("wrong_type")?;
                let range = setting.min.unwrap_or(i64::MIN)..=setting.max.unwrap_or(i64::MAX);
                if range.contains(&number) {
                    Ok(())
                } else {
                    Err("out_of_range")
                }
            }
            SettingKind::Boolean => value.as_bool().map(drop).ok_or("wrong_type"),
            SettingKind::Choice => {
                let text = value.as_str().ok_or("wrong_type")?;
                if setting.values.iter().any(|v| v == text) {
                    Ok(())
                } else {
                    Err("not_a_choice")
                }
            }
            // A form sends text, a program an object; the plugin gets either as the JSON it stands for.
            SettingKind::Json => match value {
                Value::String(text) if text.len() > MAX_JSON_BYTES => Err("too_long"),
                Value::String(text) => serde_json::from_str::<Value>(text)
                    .map(drop)
                    .map_err(|_| "invalid_json"),
                Value::Object(_) | Value::Array(_) if value.to_string().len() > MAX_JSON_BYTES => Err("too_long"),
                Value::Object(_) | Value::Array(_) => Ok(()),
                Value::Null | Value::Bool(_) | Value::Number(_) => Err("wrong_type"),
            },
        }
    }

    fn names_a_host(&self, setting: &str) -> bool {
        self.hosts.iter().any(|ask| setting_of(&ask.host) == Some(setting))
    }

    fn check(&self) -> Result<(), ManifestError> {
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
        require("api", self.api == "1.0", "this server speaks barq:plugin 1.0")?;
        require(
            "world",
            !self.handlers().is_empty(),
            "is not a world of barq:plugin 1.0; known: fuel-plugin",
        )?;
        require("publisher", !self.publisher.trim().is_empty(), "must not be empty")?;
        label("title", &self.title)?;
        label("description", &self.description)?;
        for effect in &self.effects {
            let known = EFFECTS.contains(&effect.as_str());
            require(
                "effects",
                known,
                &format!("{effect:?} is not one; known: {}", EFFECTS.join(", ")),
            )?;
        }
        for (i, ask) in self.hosts.iter().enumerate() {
            self.check_host(&format!("host[{i}].host"), &ask.host)?;
            label(&format!("host[{i}].reason"), &ask.reason)?;
        }
        for (i, ask) in self.reads.iter().enumerate() {
            require(
                &format!("read[{i}].fields"),
                !ask.fields.is_empty(),
                "must name at least one field",
            )?;
            label(&format!("read[{i}].reason"), &ask.reason)?;
        }
        for (i, ask) in self.secrets.iter().enumerate() {
            require(
                &format!("secret[{i}].name"),
                is_slug(&ask.name, '_'),
                "use lower-case letters, digits and '_'",
            )?;
            let again = self.secrets[..i].iter().any(|other| other.name == ask.name);
            require(&format!("secret[{i}].name"), !again, "is declared twice")?;
            label(&format!("secret[{i}].label"), &ask.label)?;
            for host in &ask.hosts {
                let key = format!("secret[{i}].hosts");
                self.check_host(&key, host)?;
                let asked = self.hosts.iter().any(|ask| ask.host == *host);
                require(&key, asked, &format!("{host:?} is not asked for under [[host]]"))?;
            }
        }
        for (i, setting) in self.settings.iter().enumerate() {
            self.check_declared(i, setting)?;
        }
        Ok(())
    }

    fn check_host(&self, key: &str, host: &str) -> Result<(), ManifestError> {
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

    fn check_declared(&self, i: usize, setting: &Setting) -> Result<(), ManifestError> {
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

fn setting_of(host: &str) -> Option<&str> {
    host.strip_prefix("{setting:")?.strip_suffix('}')
}

fn yes() -> bool {
    true
}

fn require(key: &str, holds: bool, problem: &str) -> Result<(), ManifestError> {
    if holds {
        Ok(())
    } else {
        Err(ManifestError {
            key: key.to_owned(),
            problem: problem.to_owned(),
        })
    }
}

fn label(key: &str, label: &Label) -> Result<(), ManifestError> {
    require(&format!("{key}.en"), !label.en.trim().is_empty(), "must not be empty")?;
    require(&format!("{key}.ar"), !label.ar.trim().is_empty(), "must not be empty")
}

fn is_slug(text: &str, joiner: char) -> bool {
    let ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joiner;
    (1..=60).contains(&text.len()) && text.chars().all(ok) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

fn is_version(text: &str, parts: usize) -> bool {
    let number = |part: &str| (1..=6).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    text.split('.').count() == parts && text.split('.').all(number)
}

#[cfg(test)]
mod tests;
