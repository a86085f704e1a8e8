//! Whether the settings of an installation are what the manifest says.

use serde_json::{Map, Value};
use url::Url;

use super::{Manifest, Setting, SettingKind, SettingProblem};
use crate::guard::authority;

const MAX_TEXT: i64 = 2_000;
const MAX_JSON_BYTES: usize = 32 * 1024;

impl Manifest {
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

    pub(super) fn check_setting(&self, setting: &Setting, value: &Value) -> Result<(), &'static str> {
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
}
