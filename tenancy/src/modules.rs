//! Modules that an organization uses. One that is switched off is as if it were not there from the next request on: its
//! operations, resources and permissions go, its schedules pause, and it does not hear of events. Its data stays, what points at
//! it still shows it, and what it missed by the clock is run once when it is back.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use sqlx::Row;

use crate::account::{self, changes, record};

pub(crate) const SWITCHES: &str = "SELECT module, is_enabled, changed_by_name, changed_at FROM platform.module_switches
    WHERE organization_id = $1";
pub(crate) const SWITCH: &str = "INSERT INTO platform.module_switches
        (organization_id, module, is_enabled, changed_by, changed_by_name, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (organization_id, module) DO UPDATE SET is_enabled = excluded.is_enabled,
        changed_by = excluded.changed_by, changed_by_name = excluded.changed_by_name, changed_at = excluded.changed_at";
pub(crate) const HISTORY: &str = "SELECT at, actor_name, changes FROM platform.history
    WHERE organization_id = $1 AND resource = 'tenancy.modules' AND record_id = $2 ORDER BY id DESC LIMIT 100";

/// A module that can be switched.
#[derive(Debug, Serialize, JsonSchema)]
struct Module {
    name: String,
    is_enabled: bool,
    /// Who switched it last; absent when nobody ever did.
    changed_by_name: Option<String>,
    changed_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
struct Modules {
    data: Vec<Module>,
}

/// One time that modules were switched.
#[derive(Serialize, JsonSchema)]
struct Change {
    at: DateTime<Utc>,
    by_name: String,
    /// By the module's name, whether it was and is on.
    changes: Json,
}

#[derive(Serialize, JsonSchema)]
struct Changes {
    data: Vec<Change>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    /// The module's name, as `fleet`.
    name: String,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let may_switch = || Permit::needs("organization.switch_modules");
    vec![
        Operation::get(
            "/organization/modules",
            "organization.modules.list",
            Permit::needs("organization.read"),
            |cx, _: Nothing| Box::pin(list(cx)),
        )
        .summary("The modules that the organization can use, and whether it does"),
        Operation::get(
            "/organization/modules/history",
            "organization.modules.history",
            Permit::needs("organization.read"),
            |cx, _: Nothing| Box::pin(history(cx)),
        )
        .summary("Who switched which module off and on, and when"),
        Operation::post(
            "/organization/modules/{name}/disable",
            "organization.modules.disable",
            may_switch(),
            |cx, named: Named| Box::pin(switch(cx, named.name, false)),
        )
        .summary("Switch a module off for the organization: its data stays"),
        Operation::post(
            "/organization/modules/{name}/enable",
            "organization.modules.enable",
            may_switch(),
            |cx, named: Named| Box::pin(switch(cx, named.name, true)),
        )
        .summary("Switch a module on again"),
    ]
}

async fn list(cx: &mut Cx) -> Result<Modules, Problem> {
    let rows = sqlx::query(SWITCHES)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let platform = cx.platform.clone();
    let mut data = Vec::new();
    for module in platform.registry.modules.iter().filter(|module| !module.essential) {
        let mut shown = Module {
            name: module.name.to_owned(),
            is_enabled: true,
            changed_by_name: None,
            changed_at: None,
        };
        for row in &rows {
            if row.try_get::<&str, _>("module")? == module.name {
                shown.is_enabled = row.try_get("is_enabled")?;
                shown.changed_by_name = row.try_get("changed_by_name")?;
                shown.changed_at = row.try_get("changed_at")?;
            }
        }
        data.push(shown);
    }
    Ok(Modules { data })
}

async fn history(cx: &mut Cx) -> Result<Changes, Problem> {
    let organization_id = cx.organization_id;
    let rows = sqlx::query(HISTORY).bind(organization_id).bind(organization_id);
    let rows = rows.fetch_all(cx.db()).await?;
    let change = |row: &sqlx::postgres::PgRow| -> Result<Change, sqlx::Error> {
        Ok(Change {
            at: row.try_get("at")?,
            by_name: row.try_get("actor_name")?,
            changes: row.try_get("changes")?,
        })
    };
    let data = rows.iter().map(change).collect::<Result<_, _>>()?;
    Ok(Changes { data })
}

async fn switch(cx: &mut Cx, name: String, is_enabled: bool) -> Result<Module, Problem> {
    let platform = cx.platform.clone();
    let module = platform.registry.module(&name).ok_or_else(Problem::not_found)?;
    if module.essential {
        return Err(Problem::refused("always_on"));
    }
    account::lock(cx).await?;
    let find = |modules: Modules| {
        modules
            .data
            .into_iter()
            .find(|module| module.name == name)
            .ok_or_else(Problem::not_found)
    };
    let before = find(list(cx).await?)?;
    if before.is_enabled == is_enabled {
        return Ok(before);
    }
    let (organization_id, now) = (cx.organization_id, cx.now);
    let switch = sqlx::query(SWITCH)
        .bind(organization_id)
        .bind(&name)
        .bind(is_enabled)
        .bind(Some(cx.actor_id()).filter(|id| !id.is_nil()))
        .bind(cx.actor_name().to_owned())
        .bind(now);
    switch.execute(cx.db()).await?;
    let verb = if is_enabled { "enable" } else { "disable" };
    let changed = changes(&[(name.as_str(), json!(before.is_enabled), json!(is_enabled))]);
    record(cx, "tenancy.modules", organization_id, verb, changed).await?;
    account::raise_all(cx).await?;
    // Schedules of a module that is back are late.
    platform_jobs::wake_clock(cx).await?;
    find(list(cx).await?)
}
