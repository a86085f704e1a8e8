//! Installing, granting, configuring, switching on and off, taking away. Versions are in `updates`.

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

use crate::resources::{Grants, INSTALLATIONS, Installation, Standing, typed};
use crate::standing::{Verdict, address_settings, check_grants, check_settings, hosts, judge};
use crate::{Integrations, handlers, shelved, tasks, updates};

/// Longest secret: a private key in PEM form has half of it.
const MAX_SECRET_BYTES: usize = 8 * 1024;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Install {
    /// Name of the plugin.
    plugin: String,
    /// Which version; the newest one by default.
    plugin_version: Option<String>,
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
    /// Resources that it may read; as they are by default.
    reads: Option<Vec<String>>,
    /// Events that it hears; as they are by default.
    events: Option<Vec<String>>,
    /// Whether this is for the update that waits: it comes, with these grants.
    #[serde(default)]
    accepts_update: bool,
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
    /// Whether orders that it brings become deliveries.
    makes_deliveries: Option<bool>,
    /// Whether an update that asks for nothing more comes by itself.
    updates_itself: Option<bool>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Uninstall {
    id: Uuid,
    /// Whether everything that it kept goes too: its memory, secrets, addresses, calls and unfinished work. Records that it
    /// brought stay.
    #[serde(default)]
    with_data: bool,
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
    let uninstall = Operation::post(
        "/integrations/installations/{id}/uninstall",
        "integrations.installations.uninstall",
        manage(),
        |cx, input| Box::pin(uninstall(cx, input)),
    );
    vec![
        uninstall.summary("Takes a plugin away, with or without what it kept; records that it brought stay"),
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
    let Some(known) = service.shelf.latest(plugin) else {
        return Ok(None);
    };
    let input = Install {
        plugin: plugin.to_owned(),
        plugin_version: None,
        grants: everything(&known.plugin.manifest),
    };
    install(cx, input).await.map(|installation| Some(installation.id))
}

/// What was granted of what a version asks for, as the host takes it.
pub(crate) fn host_grants(manifest: &Manifest, installation: &Installation) -> platform_plugin_host::Grants {
    let hosts = installation.hosts.iter().filter(|host| host.granted);
    let granted = &installation.grants;
    let reads = manifest
        .reads
        .iter()
        .filter(|ask| granted.reads.contains(&ask.resource));
    let kinds = manifest.effect_kinds().into_iter();
    platform_plugin_host::Grants {
        hosts: hosts.filter_map(|host| host.host.clone()).collect(),
        reads: reads
            .map(|ask| platform_plugin_host::ReadGrant {
                resource: ask.resource.clone(),
                fields: ask.fields.clone(),
            })
            .collect(),
        effects: kinds
            .filter(|kind| granted.effects.iter().any(|name| name == kind.as_str()))
            .collect(),
    }
}

/// All that a plugin asks for.
pub(crate) fn everything(manifest: &Manifest) -> Grants {
    Grants {
        hosts: manifest.hosts.iter().map(|ask| ask.host.clone()).collect(),
        effects: crate::standing::effects(manifest),
        reads: manifest.reads.iter().map(|ask| ask.resource.clone()).collect(),
        events: manifest.events.iter().map(|ask| ask.name.clone()).collect(),
    }
}

async fn install(cx: &mut Cx, input: Install) -> Result<Installation, Problem> {
    let version = shelved::wanted(cx, &input.plugin, input.plugin_version.as_deref()).await?;
    let version = version.ok_or_else(|| Problem::field("plugin", "not_known"))?;
    let plugin = &version.plugin;
    let before = crate::catalogue::installed(cx).await?.remove(&input.plugin);
    if before.as_ref().is_some_and(|before| !before.is_removed) {
        return Err(Problem::refused("plugin_installed"));
    }
    let errors = check_grants(&plugin.manifest, &Map::new(), &input.grants, "grants.");
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let mut facts = Facts {
        plugin,
        settings: Map::new(),
        secrets_set: Vec::new(),
        grants: input.grants,
        held: None,
    };
    let more = |row: &mut Map<String, Json>| {
        row.insert("plugin".into(), plugin.manifest.name.clone().into());
        row.insert("version_id".into(), json!(version.id));
    };
    let installation: Installation = match before {
        None => {
            let mut row = facts.row();
            more(&mut row);
            typed(&platform_engine::create(cx, &INSTALLATIONS, row).await?)?
        }
        // With what it kept: its memory, and how far it had come.
        Some(before) => {
            let now: Installation = typed(&platform_engine::load(cx, &INSTALLATIONS, before.id).await?)?;
            facts.settings = now.settings;
            facts.secrets_set = now.secrets_set;
            let mut row = facts.row();
            more(&mut row);
            for name in [
                "removed_at",
                "waiting_version_id",
                "waiting_asks",
                "previous_version_id",
            ] {
                row.insert(name.into(), Json::Null);
            }
            save(cx, before.id, "install", Standing::Removed, row).await?
        }
    };
    handlers::sync(cx, installation.id, &plugin.manifest, &installation).await?;
    Ok(installation)
}

async fn grant(cx: &mut Cx, input: Grant) -> Result<Installation, Problem> {
    let (now, plugin) = open(cx, input.id).await?;
    let grants = Grants {
        hosts: input.hosts,
        effects: input.effects,
        reads: input.reads.unwrap_or_else(|| now.grants.reads.clone()),
        events: input.events.unwrap_or_else(|| now.grants.events.clone()),
    };
    let waiting = match now.waiting_version_id {
        Some(version) if input.accepts_update => shelved::version(cx, version).await?,
        Some(_) | None => None,
    };
    if input.accepts_update && waiting.is_none() {
        return Err(Problem::refused("plugin_up_to_date"));
    }
    let errors = check_grants(
        &waiting.as_ref().unwrap_or(&plugin).manifest,
        &now.settings,
        &grants,
        "",
    );
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let waiting_version = now.waiting_version_id.filter(|_| input.accepts_update);
    let standing = now.status;
    let facts = Facts {
        grants,
        ..Facts::of(&plugin, now)
    };
    let installation = facts.save(cx, input.id, "grant", standing).await?;
    handlers::sync(cx, input.id, &plugin.manifest, &installation).await?;
    match waiting_version {
        Some(version) => updates::begin(cx, installation, version).await,
        None => Ok(installation),
    }
}

async fn configure(cx: &mut Cx, input: Configure) -> Result<Installation, Problem> {
    let service = cx.platform.service::<Integrations>();
    let (now, plugin) = open(cx, input.id).await?;
    let manifest = &plugin.manifest;
    let mut errors = check_secrets(manifest, &input.secrets);
    let before = now.settings.clone();
    let standing = now.status;
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
    for (name, value) in [
        ("makes_deliveries", input.makes_deliveries),
        ("updates_itself", input.updates_itself),
    ] {
        row.extend(value.map(|value| (name.to_owned(), json!(value))));
    }
    let installation = save(cx, input.id, "configure", standing, row).await?;
    handlers::sync(cx, input.id, &plugin.manifest, &installation).await?;
    tasks::release(cx, &installation).await?;
    Ok(installation)
}

async fn switch(cx: &mut Cx, id: Uuid, on: bool) -> Result<Installation, Problem> {
    let (now, plugin) = open(cx, id).await?;
    let standing = now.status;
    let facts = Facts {
        held: (!on).then_some(Standing::Disabled),
        ..Facts::of(&plugin, now)
    };
    let verb = if on { "enable" } else { "disable" };
    let installation = facts.save(cx, id, verb, standing).await?;
    handlers::sync(cx, id, &plugin.manifest, &installation).await?;
    tasks::release(cx, &installation).await?;
    Ok(installation)
}

async fn uninstall(cx: &mut Cx, input: Uninstall) -> Result<Installation, Problem> {
    let now: Installation = typed(&platform_engine::load(cx, &INSTALLATIONS, input.id).await?)?;
    if now.status == Standing::Removed && !input.with_data {
        return Ok(now);
    }
    handlers::stop(cx, input.id).await?;
    let mut row = json!({
        "status": Standing::Removed.as_str(), "status_reason": null, "status_detail": null, "removed_at": cx.now,
        "waiting_version_id": null, "waiting_asks": null, "previous_version_id": null,
    });
    if input.with_data {
        row["settings"] = json!({});
        row["secrets_set"] = json!([]);
        handlers::wipe(cx, input.id).await?;
    }
    let row = row.as_object().cloned().unwrap_or_default();
    save(cx, input.id, "uninstall", now.status, row).await
}

/// An installation that is there, locked, and its plugin.
pub(crate) async fn open(cx: &mut Cx, id: Uuid) -> Result<(Installation, Arc<Plugin>), Problem> {
    let record: Record = platform_engine::load(cx, &INSTALLATIONS, id).await?;
    let installation: Installation = typed(&record)?;
    if installation.status == Standing::Removed {
        return Err(Problem::refused("plugin_removed"));
    }
    let plugin = shelved::running(cx, &installation).await?;
    Ok((installation, plugin.ok_or_else(|| Problem::refused("plugin_missing"))?))
}

/// Everything that decides where an installation stands.
pub(crate) struct Facts<'a> {
    pub plugin: &'a Plugin,
    pub settings: Map<String, Json>,
    pub secrets_set: Vec<String>,
    pub grants: Grants,
    /// Where it is held, whatever the rest says.
    pub held: Option<Standing>,
}

impl<'a> Facts<'a> {
    pub fn of(plugin: &'a Plugin, installation: Installation) -> Self {
        Self {
            plugin,
            settings: installation.settings,
            secrets_set: installation.secrets_set,
            grants: installation.grants,
            held: match installation.status {
                held @ (Standing::Disabled | Standing::Suspended | Standing::Removed) => Some(held),
                Standing::NeedsSettings | Standing::Active | Standing::NeedsAttention => None,
            },
        }
    }

    pub fn verdict(&self) -> Verdict {
        if let Some(standing) = self.held {
            return Verdict {
                standing,
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

    pub async fn save(
        self,
        cx: &mut Cx,
        id: Uuid,
        verb: &'static str,
        before: Standing,
    ) -> Result<Installation, Problem> {
        let row = self.row();
        save(cx, id, verb, before, row).await
    }
}

/// Stores what became of an installation, if it can come there from where it stood.
pub(crate) async fn save(
    cx: &mut Cx,
    id: Uuid,
    verb: &'static str,
    before: Standing,
    row: Map<String, Json>,
) -> Result<Installation, Problem> {
    let next = row
        .get("status")
        .and_then(Json::as_str)
        .and_then(|text| text.parse().ok());
    if next.is_some_and(|next| next != before && !before.may_become(next)) {
        return Err(Problem::refused("plugin_removed"));
    }
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
