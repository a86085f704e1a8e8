//! Installing, granting, configuring, switching on and off.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform_core::{Cx, FieldError, Operation, Permit, Problem};
use platform_plugin_host::guard::Refusal;
use platform_plugin_host::{Manifest, Plugin};
use platform_resource::Record;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::Integrations;
use crate::catalogue::installed;
use crate::resources::{Grants, INSTALLATIONS, Installation, Standing, typed};
use crate::standing::{Verdict, address_settings, check_grants, check_settings, hosts, judge};

/// Longest secret: a private key in PEM form has half of it.
const MAX_SECRET_BYTES: usize = 8 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Install {
    /// Name of the plugin.
    plugin: String,
    /// What is granted.
    #[serde(default)]
    grants: Grants,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Grant {
    id: Uuid,
    /// Hosts that it may call.
    hosts: Vec<String>,
    /// Kinds of records that it may bring.
    effects: Vec<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Configure {
    id: Uuid,
    /// Settings to change; null takes one back to its default.
    settings: Option<Map<String, Json>>,
    /// Secrets to set; null takes one away.
    #[serde(default)]
    secrets: BTreeMap<String, Option<String>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct One {
    id: Uuid,
}

pub(crate) fn operations() -> Vec<Operation> {
    let manage = || Permit::needs("plugins.manage");
    let install = Operation::acting(
        "/integrations/installations/install",
        "integrations.installations.install",
        manage(),
        201,
        |cx, input| Box::pin(install(cx, input)),
    );
    let grant = Operation::post(
        "/integrations/installations/{id}/grant",
        "integrations.installations.grant",
        manage(),
        |cx, input| Box::pin(grant(cx, input)),
    );
    let configure = Operation::post(
        "/integrations/installations/{id}/configure",
        "integrations.installations.configure",
        manage(),
        |cx, input| Box::pin(configure(cx, input)),
    );
    let enable = Operation::post(
        "/integrations/installations/{id}/enable",
        "integrations.installations.enable",
        manage(),
        |cx, input: One| Box::pin(switch(cx, input.id, true)),
    );
    let disable = Operation::post(
        "/integrations/installations/{id}/disable",
        "integrations.installations.disable",
        manage(),
        |cx, input: One| Box::pin(switch(cx, input.id, false)),
    );
    vec![
        install.summary("Installs a plugin with what is granted to it"),
        grant.summary("Changes what a plugin is granted"),
        configure.summary("Changes settings and secrets of a plugin"),
        enable.summary("Switches a plugin on"),
        disable.summary("Switches a plugin off; a run that is under way ends"),
    ]
}

/// Installs a plugin with all that it asks for granted, for demonstrations; nothing happens when this build has no such plugin.
pub async fn install_plugin(cx: &mut Cx, plugin: &str) -> Result<Option<Uuid>, Problem> {
    let service = cx.platform.service::<Integrations>();
    let Some(known) = service.catalogue.get(plugin) else {
        return Ok(None);
    };
    let grants = Grants {
        hosts: known.manifest.hosts.iter().map(|ask| ask.host.clone()).collect(),
        effects: known.manifest.effects.clone(),
    };
    let input = Install {
        plugin: plugin.to_owned(),
        grants,
    };
    install(cx, input).await.map(|installation| Some(installation.id))
}

async fn install(cx: &mut Cx, input: Install) -> Result<Installation, Problem> {
    let service = cx.platform.service::<Integrations>();
    let plugin = service.catalogue.get(&input.plugin);
    let plugin = plugin.ok_or_else(|| Problem::field("plugin", "not_known"))?.clone();
    if installed(cx).await?.contains_key(&input.plugin) {
        return Err(Problem::refused("plugin_installed"));
    }
    let errors = check_grants(&plugin.manifest, &Map::new(), &input.grants, "grants.");
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let facts = Facts {
        plugin: &plugin,
        settings: Map::new(),
        secrets_set: Vec::new(),
        grants: input.grants,
        disabled: false,
    };
    let mut row = facts.row();
    row.insert("plugin".into(), plugin.manifest.name.clone().into());
    let record = platform_engine::create(cx, &INSTALLATIONS, row).await?;
    typed(&record)
}

async fn grant(cx: &mut Cx, input: Grant) -> Result<Installation, Problem> {
    let (now, plugin) = open(cx, input.id).await?;
    let grants = Grants {
        hosts: input.hosts,
        effects: input.effects,
    };
    let errors = check_grants(&plugin.manifest, &now.settings, &grants, "");
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let facts = Facts {
        grants,
        ..Facts::of(&plugin, now)
    };
    facts.save(cx, input.id, "grant").await
}

async fn configure(cx: &mut Cx, input: Configure) -> Result<Installation, Problem> {
    let service = cx.platform.service::<Integrations>();
    let (now, plugin) = open(cx, input.id).await?;
    let manifest = &plugin.manifest;
    let mut errors = check_secrets(manifest, &input.secrets);
    let before = now.settings.clone();
    let mut facts = Facts::of(&plugin, now);
    if let Some(changes) = input.settings {
        for (name, value) in changes {
            match value {
                Json::Null => facts.settings.remove(&name),
                value => facts.settings.insert(name, value),
            };
        }
        errors.extend(check_settings(manifest, &facts.settings));
        errors.extend(check_addresses(&service, manifest, &facts.settings));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let mut secrets = input.secrets;
    for secret in &manifest.secrets {
        let hosts = |settings| manifest.resolve_secret_hosts(&secret.name, settings);
        // Whoever changes the address does not get to send the old key there: it has to be entered again.
        let moved = hosts(&before) != hosts(&facts.settings);
        if moved && facts.secrets_set.contains(&secret.name) {
            secrets.entry(secret.name.clone()).or_insert(None);
        }
    }
    for (name, value) in &secrets {
        facts.secrets_set.retain(|set| set != name);
        if let Some(value) = value {
            service.vault.put(cx, input.id, name, value).await?;
            facts.secrets_set.push(name.clone());
        } else {
            service.vault.take(cx, input.id, name).await?;
        }
    }
    facts.secrets_set.sort_unstable();
    let mut row = facts.row();
    if !secrets.is_empty() {
        row.insert("secrets_changed_at".into(), json!(cx.now));
    }
    save(cx, input.id, "configure", row).await
}

async fn switch(cx: &mut Cx, id: Uuid, on: bool) -> Result<Installation, Problem> {
    let (now, plugin) = open(cx, id).await?;
    let facts = Facts {
        disabled: !on,
        ..Facts::of(&plugin, now)
    };
    facts.save(cx, id, if on { "enable" } else { "disable" }).await
}

/// An installation, locked, and its plugin.
async fn open(cx: &mut Cx, id: Uuid) -> Result<(Installation, Arc<Plugin>), Problem> {
    let record: Record = platform_engine::load(cx, &INSTALLATIONS, id).await?;
    let installation: Installation = typed(&record)?;
    let service = cx.platform.service::<Integrations>();
    let plugin = service.catalogue.get(&installation.plugin).cloned();
    Ok((installation, plugin.ok_or_else(|| Problem::refused("plugin_missing"))?))
}

/// Everything that decides where an installation stands.
pub(crate) struct Facts<'a> {
    pub plugin: &'a Plugin,
    pub settings: Map<String, Json>,
    pub secrets_set: Vec<String>,
    pub grants: Grants,
    pub disabled: bool,
}

impl<'a> Facts<'a> {
    pub fn of(plugin: &'a Plugin, installation: Installation) -> Self {
        Self {
            plugin,
            settings: installation.settings,
            secrets_set: installation.secrets_set,
            grants: installation.grants,
            disabled: installation.status == Standing::Disabled,
        }
    }

    pub fn verdict(&self) -> Verdict {
        if self.disabled {
            return Verdict {
                standing: Standing::Disabled,
                reason: None,
                detail: None,
            };
        }
        judge(&self.plugin.manifest, &self.settings, &self.secrets_set, &self.grants)
    }

    /// The fields that follow from the facts.
    pub fn row(&self) -> Map<String, Json> {
        let verdict = self.verdict();
        let manifest = &self.plugin.manifest;
        let row = json!({
            "plugin_version": manifest.version,
            "component_digest": hex::encode(self.plugin.component.sha256),
            "status": verdict.standing.as_str(),
            "status_reason": verdict.reason,
            "status_detail": verdict.detail.map(|text| text.chars().take(2000).collect::<String>()),
            "grants": self.grants,
            "hosts": hosts(manifest, &self.settings, &self.grants),
            "settings": self.settings,
            "secrets_set": self.secrets_set,
        });
        row.as_object().cloned().unwrap_or_default()
    }

    pub async fn save(self, cx: &mut Cx, id: Uuid, verb: &'static str) -> Result<Installation, Problem> {
        let row = self.row();
        save(cx, id, verb, row).await
    }
}

async fn save(cx: &mut Cx, id: Uuid, verb: &'static str, row: Map<String, Json>) -> Result<Installation, Problem> {
    let record = platform_engine::change(cx, &INSTALLATIONS, id, verb, row).await?;
    typed(&record)
}

fn check_secrets(manifest: &Manifest, secrets: &BTreeMap<String, Option<String>>) -> Vec<FieldError> {
    let refused = secrets.iter().filter_map(|(name, value)| {
        let declared = manifest.secrets.iter().any(|secret| secret.name == *name);
        let (code, params) = match value {
            _ if !declared => ("unknown_secret", Vec::new()),
            Some(value) if value.trim().is_empty() => ("blank", Vec::new()),
            Some(value) if value.len() > MAX_SECRET_BYTES => ("too_long", vec![("max", MAX_SECRET_BYTES.to_string())]),
            Some(value) if value.contains('\0') => ("bad_character", Vec::new()),
            Some(_) | None => return None,
        };
        Some(FieldError::new(format!("secrets.{name}"), code).with(params))
    });
    refused.collect()
}

/// Addresses that the way out would refuse anyway, said while the form is open.
fn check_addresses(service: &Integrations, manifest: &Manifest, settings: &Map<String, Json>) -> Vec<FieldError> {
    let refused = address_settings(manifest).filter_map(|name| {
        let refusal = service.host.guard().admit(settings.get(name)?.as_str()?).err()?;
        let code = match refusal {
            Refusal::NotHttps => "not_https",
            Refusal::Address => "address_not_allowed",
            Refusal::Credentials => "url_with_credentials",
            Refusal::TooLong => "address_too_long",
            // Said by the check of the settings.
            Refusal::Unreadable => return None,
        };
        Some(FieldError::new(format!("settings.{name}"), code))
    });
    refused.collect()
}
