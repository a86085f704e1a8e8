//! `barq plugin logs` and `replay`: calls that a server made.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::Context;
use crate::folder::Folder;
use crate::server::{Server, ServerArgs, text};

const PAUSE: Duration = Duration::from_secs(2);
const REPLAY_PAUSE: Duration = Duration::from_millis(300);
const REPLAY_PATIENCE: u32 = 200;
/// Calls shown at first.
const RECENT: usize = 20;

/// Options of `barq plugin logs`.
#[derive(Args, Debug)]
pub struct LogsArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// Goes on with new calls until it is stopped.
    #[arg(long, short)]
    pub follow: bool,
    /// The installation; the one of this folder's plugin when none is named.
    #[arg(long, value_name = "ID")]
    pub installation: Option<String>,
}

/// Options of `barq plugin replay`.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// The call's id, as `barq plugin logs` shows it.
    pub call: String,
}

pub(crate) async fn logs(args: &LogsArgs, context: &mut Context<'_>) -> Result<()> {
    let server = Server::new(&args.server)?;
    let installation = if let Some(id) = &args.installation {
        id.clone()
    } else {
        let name = Folder::open(context.folder)?.manifest.name;
        let found = server.installation(&name).await?;
        let found = found.with_context(|| format!("{name} is not installed there: barq plugin install"))?;
        text(&found, "id").to_owned()
    };
    let mut shown: Vec<String> = Vec::new();
    loop {
        let path = format!("/plugin_calls?installation_id={installation}&sort=-started_at&limit={RECENT}");
        let answer = server.get(&path).await?;
        let calls = answer["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        for call in calls.iter().rev() {
            if shown.iter().any(|id| id == text(call, "id")) {
                continue;
            }
            show(&server, call, context).await?;
            shown.push(text(call, "id").to_owned());
        }
        if !args.follow {
            if shown.is_empty() {
                context.say.line("No calls yet");
            }
            return Ok(());
        }
        let surplus = shown.len().saturating_sub(10 * RECENT);
        shown.drain(..surplus);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn show(server: &Server, call: &Value, context: &mut Context<'_>) -> Result<()> {
    let id = text(call, "id");
    let figures = ["wall_us", "guest_us"].map(|key| call[key].as_i64().unwrap_or(0) / 1_000);
    context.say.line(&format!(
        "{} {}  {}  {}  {} ms, {} ms in the plugin",
        text(call, "started_at"),
        id,
        text(call, "handler"),
        outcome(call),
        figures[0],
        figures[1]
    ));
    // Recordings are kept for a shorter time than calls.
    let recording = server.try_get(&format!("/plugin_calls/{id}/recording")).await?;
    let recording = if recording.code() == "plugin_recording_gone" {
        Value::Null
    } else {
        recording.good()?
    };
    for line in recording["lines"].as_array().into_iter().flatten() {
        let fields: Vec<String> = match &line["fields"] {
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| format!("{name}={}", plain(value)))
                .collect(),
            Value::Array(pairs) => pairs
                .iter()
                .map(|pair| format!("{}={}", plain(&pair[0]), plain(&pair[1])))
                .collect(),
            _ => Vec::new(),
        };
        context.say.line(
            format!(
                "    {}  {} {}",
                text(line, "level"),
                text(line, "message"),
                fields.join(" ")
            )
            .trim_end(),
        );
    }
    Ok(())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn outcome(call: &Value) -> String {
    let parts = ["outcome", "problem_code", "problem_detail"].map(|key| text(call, key));
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

pub(crate) async fn replay(args: &ReplayArgs, context: &mut Context<'_>) -> Result<bool> {
    let server = Server::new(&args.server)?;
    let path = format!("/plugin_calls/{}", args.call);
    let before = server.get(&path).await?;
    server.post(&format!("{path}/replay"), &serde_json::json!({})).await?;
    context
        .say
        .step("The server repeats the call with the recorded answers");
    for _ in 0..REPLAY_PATIENCE {
        tokio::time::sleep(REPLAY_PAUSE).await;
        let call = server.get(&path).await?;
        if call["replayed_at"].is_null() || call["replayed_at"] == before["replayed_at"] {
            continue;
        }
        let equal = call["replay_equal"] == true;
        let words = match equal {
            true => "The same came of it, byte for byte".to_owned(),
            false => "Something else came of it: the plugin depends on what the platform does not give it".to_owned(),
        };
        context.say.line(&words);
        return Ok(equal);
    }
    bail!("the server has not repeated the call yet: look at it in the console")
}
