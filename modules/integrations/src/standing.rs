//! Whether an installation can run: pure, from the manifest and what the organization set and granted.

use platform_plugin_host::{Manifest, SettingKind};
use serde_json::{Map, Value as Json};

use platform_core::FieldError;

use crate::resources::{Grants, HostGrant, Standing};

/// Where an installation stands, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub standing: Standing,
    /// A problem code.
    pub reason: Option<&'static str>,
    /// The names that it is about.
    pub detail: Option<String>,
}

impl Verdict {
    fn missing(reason: &'static str, names: &[String]) -> Self {
        Self {
            standing: Standing::NeedsSettings,
            reason: Some(reason),
            detail: (!names.is_empty()).then(|| names.join(", ")),
        }
    }
}

/// Kinds of records that a plugin brings, by name.
pub(crate) fn effects(manifest: &Manifest) -> Vec<String> {
    let kinds = manifest.effect_kinds();
    kinds.iter().map(|kind| kind.as_str().to_owned()).collect()
}

/// The hosts that a plugin asks for with these settings, and which of them are granted.
pub(crate) fn hosts(manifest: &Manifest, settings: &Map<String, Json>, grants: &Grants) -> Vec<HostGrant> {
    let resolved = manifest.resolve_hosts(settings).into_iter();
    let judged = resolved.map(|asked| {
        let named = |name: &String| *name == asked.declared || Some(name) == asked.host.as_ref();
        HostGrant {
            granted: grants.hosts.iter().any(named),
            declared: asked.declared.clone(),
            host: asked.host.clone(),
            required: asked.required,
        }
    });
    judged.collect()
}

/// Whether everything is there that the plugin needs.
pub(crate) fn judge(
    manifest: &Manifest,
    settings: &Map<String, Json>,
    secrets_set: &[String],
    grants: &Grants,
) -> Verdict {
    let problems = manifest.check_settings(settings);
    if !problems.is_empty() {
        let names: Vec<String> = problems.into_iter().map(|problem| problem.setting).collect();
        return Verdict::missing("settings_missing", &names);
    }
    // Those that a provider's reply brings, nobody enters.
    let needed = manifest
        .secrets
        .iter()
        .filter(|secret| secret.required && !secret.captured);
    let unset: Vec<String> = needed
        .map(|secret| secret.name.clone())
        .filter(|name| !secrets_set.contains(name))
        .collect();
    if !unset.is_empty() {
        return Verdict::missing("secrets_missing", &unset);
    }
    let hosts = hosts(manifest, settings, grants).into_iter();
    let refused = hosts.filter(|host| host.required && !host.granted);
    let mut ungranted: Vec<String> = refused.map(|host| host.host.unwrap_or(host.declared)).collect();
    let effects = effects(manifest).into_iter();
    ungranted.extend(effects.filter(|effect| !grants.effects.contains(effect)));
    let reads = manifest
        .reads
        .iter()
        .filter(|ask| ask.required)
        .map(|ask| &ask.resource);
    ungranted.extend(reads.filter(|name| !grants.reads.contains(name)).cloned());
    let events = manifest.events.iter().filter(|ask| ask.required).map(|ask| &ask.name);
    ungranted.extend(events.filter(|name| !grants.events.contains(name)).cloned());
    if !ungranted.is_empty() {
        return Verdict::missing("grants_missing", &ungranted);
    }
    Verdict {
        standing: Standing::Active,
        reason: None,
        detail: None,
    }
}

/// What is wrong with grants: more than the manifest asks for, or less than it cannot do without.
pub(crate) fn check_grants(
    manifest: &Manifest,
    settings: &Map<String, Json>,
    grants: &Grants,
    prefix: &str,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let mut refuse = |list: &str, code, value: &str| {
        let error = FieldError::new(format!("{prefix}{list}"), code).with(vec![("name", value.to_owned())]);
        errors.push(FieldError {
            value: Some(value.chars().take(80).collect()),
            ..error
        });
    };
    let asked = hosts(manifest, settings, grants);
    for name in &grants.hosts {
        let known = |host: &HostGrant| host.declared == *name || host.host.as_ref() == Some(name);
        if !asked.iter().any(known) {
            refuse("hosts", "not_asked", name);
        }
    }
    for host in asked.iter().filter(|host| host.required && !host.granted) {
        refuse(
            "hosts",
            "grant_required",
            host.host.as_deref().unwrap_or(&host.declared),
        );
    }
    let effects = effects(manifest);
    let all = |names: &[String]| names.iter().map(|name| (name.clone(), true)).collect::<Vec<_>>();
    let reads = manifest.reads.iter().map(|ask| (ask.resource.clone(), ask.required));
    let events = manifest.events.iter().map(|ask| (ask.name.clone(), ask.required));
    for (list, asked, granted) in [
        ("effects", all(&effects), &grants.effects),
        ("reads", reads.collect(), &grants.reads),
        ("events", events.collect(), &grants.events),
    ] {
        for name in granted {
            if !asked.iter().any(|(asked, _)| asked == name) {
                refuse(list, "not_asked", name);
            }
        }
        for (name, _) in asked
            .iter()
            .filter(|(name, required)| *required && !granted.contains(name))
        {
            refuse(list, "grant_required", name);
        }
    }
    errors
}

/// What is wrong with settings, one error for each.
pub(crate) fn check_settings(manifest: &Manifest, settings: &Map<String, Json>) -> Vec<FieldError> {
    let problems = manifest.check_settings(settings).into_iter();
    let errors = problems.map(|problem| {
        let setting = manifest.settings.iter().find(|setting| setting.name == problem.setting);
        let mut params = Vec::new();
        if let Some(setting) = setting {
            params.push(("allowed", setting.values.join(", ")));
            let json = setting.kind == SettingKind::Json;
            let max = setting.max.map_or_else(
                || (if json { "32768" } else { "2000" }).to_owned(),
                |max| max.to_string(),
            );
            params.push(("max", max));
            params.push(("min", setting.min.map(|min| min.to_string()).unwrap_or_default()));
        }
        FieldError::new(format!("settings.{}", problem.setting), problem.code).with(params)
    });
    errors.collect()
}

/// Names of the settings whose value is an address that the plugin calls.
pub(crate) fn address_settings(manifest: &Manifest) -> impl Iterator<Item = &str> {
    manifest
        .hosts
        .iter()
        .filter_map(|ask| ask.host.strip_prefix("{setting:")?.strip_suffix('}'))
}
