//! A plugin tried out: one installation that exists for the time of a command, in the real sandbox.

use std::collections::BTreeMap;

use anyhow::{Result, bail, ensure};
use chrono::{DateTime, Utc};
use platform_plugin_host::{
    Answer, Call, CallError, Directory, Grants, Input, Limits, Manifest, Outcome, Plugin, PluginHost, Secrets,
};
use serde_json::{Map, Value, json};

use crate::fake::{Kept, body};

/// An installation with everything granted that the manifest asks for.
pub(crate) struct Trial<'a> {
    pub plugin: &'a Plugin,
    pub settings: Map<String, Value>,
    pub secrets: Secrets,
    pub kept: Kept,
    pub directory: &'a dyn Directory,
    pub time_zone: String,
    pub locale: String,
    pub currency: String,
    /// Names the installation: what one scenario captures, another does not have.
    pub name: String,
}

/// When, and which time.
pub(crate) struct Moment {
    pub now: DateTime<Utc>,
    pub attempt: u32,
    /// Tells calls of a trial apart.
    pub number: usize,
}

/// Settings and secrets fit the manifest, or the sentence says which does not.
pub(crate) fn check(
    manifest: &Manifest,
    settings: &Map<String, Value>,
    secrets: &BTreeMap<String, String>,
) -> Result<()> {
    if let Some(problem) = manifest.check_settings(settings).into_iter().next() {
        let why = match problem.code {
            "unknown_setting" => "is not in plugin.toml".to_owned(),
            "required" => "is required and has no default".to_owned(),
            code => format!("is not what plugin.toml says: {code}"),
        };
        bail!("the setting {:?} {why}", problem.setting);
    }
    for name in secrets.keys() {
        let known = manifest.secrets.iter().any(|secret| secret.name == *name);
        ensure!(
            known,
            "the secret {name:?} is not in plugin.toml: add a [[secret]] of this name"
        );
    }
    Ok(())
}

impl Trial<'_> {
    /// One call. What it keeps is kept when it ends well.
    pub async fn call(&self, host: &PluginHost, input: Input, moment: &Moment) -> Outcome<Answer> {
        let limits = Limits::default().lowered_by(&self.plugin.manifest);
        let grants = Grants::all(&self.plugin.manifest, &self.settings);
        let currencies = [self.currency.clone()];
        let work = format!("{}-{}", self.name, moment.number);
        self.kept.at(moment.now);
        let call = Call {
            plugin: self.plugin,
            call_id: format!("{work}-{}", moment.attempt),
            idempotency_key: work,
            attempt: moment.attempt,
            organization_id: "trial".to_owned(),
            installation_id: self.name.clone(),
            settings: &self.settings,
            secrets: &self.secrets,
            grants: &grants,
            kv: &self.kept,
            directory: self.directory,
            limits,
            now: moment.now,
            time_zone: &self.time_zone,
            locale: &self.locale,
            currencies: &currencies,
            record: false,
        };
        let outcome = host.call_input(call, input).await;
        if outcome.answer.is_ok() {
            self.kept.commit(&outcome.kv_writes);
        }
        outcome
    }
}

/// What came of a call, for people and for comparison: without times and measurements.
pub(crate) fn told(outcome: &Outcome<Answer>) -> Value {
    let mut all = Map::new();
    let (name, value) = match &outcome.answer {
        Ok(answer) => ("answer", readable(json!(answer))),
        Err(CallError::Failure(failure)) => ("failure", json!(failure)),
        Err(CallError::Fault(fault)) => ("fault", json!(fault)),
    };
    all.insert(name.to_owned(), sparse(value));
    let line = |line: &platform_plugin_host::LogLine| {
        let fields: Map<String, Value> = line
            .fields
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let mut all = json!({ "level": line.level.as_str(), "message": line.message });
        if !fields.is_empty() {
            all["fields"] = Value::Object(fields);
        }
        all
    };
    if !outcome.logs.is_empty() {
        all.insert("log".to_owned(), outcome.logs.iter().map(line).collect());
    }
    Value::Object(all)
}

/// Bytes as text where they are: files, bodies, payloads.
fn readable(value: Value) -> Value {
    const BYTES: &[&str] = &["content", "body", "payload"];
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| match &value {
                Value::Array(all) if BYTES.contains(&name.as_str()) => {
                    let bytes: Option<Vec<u8>> = all.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect();
                    let shown = bytes.map(|bytes| body(&bytes).1);
                    (name, shown.unwrap_or(value))
                }
                _ => (name, readable(value)),
            })
            .collect(),
        Value::Array(all) => all.into_iter().map(readable).collect(),
        other => other,
    }
}

/// Without what is not there: a record has many fields, and few of them in any one case.
fn sparse(value: Value) -> Value {
    let empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    };
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, sparse(value)));
            fields.filter(|(_, value)| !empty(value)).collect()
        }
        Value::Array(all) => all.into_iter().map(sparse).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_shown_without_what_is_not_there() {
        let shown = sparse(json!({ "a": null, "b": [], "c": { "d": null }, "e": 0, "f": [{ "g": null, "h": "" }] }));
        assert_eq!(shown, json!({ "e": 0, "f": [{ "h": "" }] }));
    }
}
