//! `barq plugin test`: scenarios in the real sandbox, and what has to come of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use platform_plugin_host::guard::{AllowList, Guard};
use platform_plugin_host::{CallError, FaultKind, Limits, Plugin, PluginHost, Stats};
use serde_json::{Map, Value, json};

use crate::Context;
use crate::build::{BuildArgs, build};
use crate::fake::{Kept, Recorded, Rows};
use crate::folder::Folder;
use crate::say::{columns, size};
use crate::scenario::Scenario;
use crate::trial::{Moment, Trial, check, told};

/// Where scenarios are.
const FOLDER: &str = "tests";

/// Options of `barq plugin test`.
#[derive(Args, Debug, Default)]
pub struct TestArgs {
    /// Only scenarios with this in their file's name.
    pub filter: Option<String>,
    /// Writes down what came of the calls as what has to come of them. Look at it before you keep it.
    #[arg(long)]
    pub update: bool,
}

/// What came of a scenario.
pub(crate) struct Played {
    pub outcome: Value,
    pub faults: Vec<String>,
    pub used: Vec<(String, Stats)>,
}

pub(crate) async fn test(args: &TestArgs, context: &mut Context<'_>) -> Result<bool> {
    let folder = Folder::open(context.folder)?;
    if folder.is_stale() {
        let quiet = BuildArgs {
            locked: false,
            quiet: true,
        };
        Box::pin(build(&quiet, context)).await?;
    }
    let plugin = folder.plugin()?;
    let files = files(&folder.path.join(FOLDER), args.filter.as_deref())?;
    let host = context.host()?;
    let limits = Limits::default().lowered_by(&plugin.manifest);
    let (mut good, mut bad) = (0, 0);
    for file in files {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let scenario = Scenario::read(&file)?;
        let mut result = play(&host, &plugin, &scenario, &name)
            .await
            .with_context(|| file.display().to_string())?;
        let expected = file.with_extension("expected.json");
        let written = compare(&expected, &result.outcome, args.update)?;
        match written {
            Compared::Same => {}
            Compared::Written => context.say.step(&format!("Wrote {}", expected.display())),
            Compared::Differs(differences) => result.faults.extend(differences),
        }
        let well = result.faults.is_empty();
        context.say.line(&format!(
            "{}  {name}: {}",
            if well { "ok  " } else { "FAIL" },
            scenario.title
        ));
        for line in columns(&usage(&result.used, &limits)) {
            context.say.line(&format!("        {line}"));
        }
        for fault in &result.faults {
            context.say.line(&format!("      {fault}"));
        }
        (good, bad) = (good + usize::from(well), bad + usize::from(!well));
    }
    context.say.line(&format!("{good} scenarios as expected, {bad} not"));
    Ok(bad == 0)
}

fn files(folder: &Path, filter: Option<&str>) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| {
        format!(
            "there is no {}: scenarios are files such as tests/send.toml",
            folder.display()
        )
    })?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|kind| kind == "toml") && filter.is_none_or(|part| name.contains(part)) {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "no scenario in {} fits", folder.display());
    Ok(files)
}

/// Runs one scenario.
pub(crate) async fn play(host: &PluginHost, plugin: &Plugin, scenario: &Scenario, name: &str) -> Result<Played> {
    check(&plugin.manifest, &scenario.settings, &scenario.secrets)?;
    let network = Arc::new(Recorded::default());
    let host = host.with_guard(Guard::new(AllowList::default())?.answered_by(network.clone()));
    let rows = Rows(scenario.rows.clone());
    let trial = Trial {
        plugin,
        settings: scenario.settings.clone(),
        secrets: scenario.secrets.clone().into_iter().collect(),
        kept: Kept::with(&scenario.kept),
        directory: &rows,
        time_zone: scenario.time_zone.clone(),
        locale: scenario.locale.clone(),
        currency: scenario.currency.clone(),
        name: name.to_owned(),
    };
    let mut result = Played {
        outcome: Value::Null,
        faults: Vec::new(),
        used: Vec::new(),
    };
    let mut steps = Vec::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        let number = at + 1;
        network.expect(step.http.clone());
        let moment = Moment {
            now: step.now,
            attempt: step.attempt,
            number,
        };
        let outcome = trial.call(&host, step.input.clone(), &moment).await;
        // It says something about this machine: as what has to come of the scenario it would be wrong everywhere else.
        if let Err(CallError::Fault(lost)) = &outcome.answer
            && lost.kind == FaultKind::WorkerLost
        {
            bail!(
                "step {number}, {}: {}. That is not of the plugin's making: run it again",
                step.call,
                lost.detail
            );
        }
        let (requests, unexpected, left) = network.met();
        let fault = |what: String| format!("step {number}, {}: {what}", step.call);
        result.faults.extend(unexpected.into_iter().map(|line| {
            fault(format!(
                "it asks `{line}`, which has no recorded reply: add a [[step.http]] with this request"
            ))
        }));
        result.faults.extend(
            left.into_iter()
                .map(|line| fault(format!("it never asks `{line}`, which has a recorded reply"))),
        );
        result.used.push((step.call.clone(), outcome.stats));
        let mut all = Map::new();
        all.insert("call".to_owned(), json!(step.call));
        if !requests.is_empty() {
            all.insert("requests".to_owned(), Value::Array(requests));
        }
        if let Value::Object(told) = told(&outcome) {
            all.extend(told);
        }
        steps.push(Value::Object(all));
    }
    let kept = trial.kept.shown();
    result.outcome = json!({ "steps": steps });
    if kept.as_object().is_some_and(|kept| !kept.is_empty()) {
        result.outcome["kept"] = kept;
    }
    Ok(result)
}

enum Compared {
    Same,
    Written,
    Differs(Vec<String>),
}

fn compare(file: &Path, outcome: &Value, update: bool) -> Result<Compared> {
    let known = match std::fs::read_to_string(file) {
        Ok(text) => {
            Some(serde_json::from_str::<Value>(&text).with_context(|| format!("{} is not JSON", file.display()))?)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    if known.as_ref() == Some(outcome) {
        return Ok(Compared::Same);
    }
    if update {
        std::fs::write(file, format!("{outcome:#}\n")).with_context(|| format!("writing {}", file.display()))?;
        return Ok(Compared::Written);
    }
    let Some(known) = known else {
        return Ok(Compared::Differs(vec![format!(
            "{} is not there: `barq plugin test --update` writes what came of the calls into it; look at it before you keep it",
            file.display()
        )]));
    };
    let mut differences = Vec::new();
    differ("", &known, outcome, &mut differences);
    differences.push("if this is what you want: barq plugin test --update".to_owned());
    Ok(Compared::Differs(differences))
}

/// Where two values are not the same.
pub(crate) fn differ(path: &str, expected: &Value, came: &Value, differences: &mut Vec<String>) {
    match (expected, came) {
        (Value::Object(one), Value::Object(other)) => {
            for name in one.keys().chain(other.keys().filter(|name| !one.contains_key(*name))) {
                let (one, other) = (
                    one.get(name).unwrap_or(&Value::Null),
                    other.get(name).unwrap_or(&Value::Null),
                );
                differ(&format!("{path}/{name}"), one, other, differences);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (at, (one, other)) in one.iter().zip(other).enumerate() {
                differ(&format!("{path}/{at}"), one, other, differences);
            }
        }
        _ if expected == came => {}
        _ => differences.push(format!("{path}: expected {expected}, came {came}")),
    }
}

/// What each call used of what it may use.
fn usage(used: &[(String, Stats)], limits: &Limits) -> Vec<[String; 5]> {
    let row = |(call, stats): &(String, Stats)| {
        [
            call.clone(),
            format!(
                "{}.{} ms of {} ms",
                stats.guest_us / 1_000,
                stats.guest_us % 1_000 / 100,
                limits.cpu_ms
            ),
            format!("{} of {}", size(stats.memory_peak_bytes), size(limits.memory_bytes)),
            format!("{} of {} host calls", stats.host_calls, limits.host_calls),
            format!("{} of {} requests", stats.http_calls, limits.http_calls),
        ]
    };
    used.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_told_by_their_place() {
        let mut differences = Vec::new();
        differ(
            "",
            &json!({ "a": [1, { "b": 2 }], "c": 3 }),
            &json!({ "a": [1, { "b": 4 }], "d": 5 }),
            &mut differences,
        );
        assert_eq!(
            differences,
            [
                "/a/1/b: expected 2, came 4",
                "/c: expected 3, came null",
                "/d: expected null, came 5"
            ]
        );
    }
}
