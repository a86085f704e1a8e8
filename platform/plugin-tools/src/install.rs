//! `barq plugin install`: from a signed package to an installation.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::Args;
use platform_plugin_host::{Ask, AskKind, Manifest};
use platform_plugin_package::PublicKey;
use serde_json::{Value, json};

use crate::Context;
use crate::dev::Dev;
use crate::folder::Folder;
use crate::package;
use crate::server::{Server, ServerArgs, text};
use crate::trial::check;

/// How often a server is asked whether it is done, and for how long.
const PAUSE: Duration = Duration::from_millis(300);
const PATIENCE: u32 = 400;

/// Options of `barq plugin install`.
#[derive(Args, Debug)]
pub struct InstallArgs {
    #[command(flatten)]
    pub server: ServerArgs,
    /// The package; the one of this folder when none is named.
    pub package: Option<PathBuf>,
    /// Has the organization trust this public key, as `publisher.key.pub`.
    #[arg(long, value_name = "FILE")]
    pub trust: Option<PathBuf>,
    /// Settings and secrets for the installation, written as in dev.toml.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Grants everything the plugin asks for, without asking.
    #[arg(long)]
    pub grant: bool,
}

pub(crate) async fn install(args: &InstallArgs, context: &mut Context<'_>) -> Result<()> {
    let file = match &args.package {
        Some(file) => context.folder.join(file),
        None => package::of_folder(&Folder::open(context.folder)?),
    };
    let package = package::read(&file)?;
    let manifest = Manifest::parse(package.contents().manifest())?;
    let config = match &args.config {
        Some(file) => Dev::read(&context.folder.join(file))?,
        None => Dev::default(),
    };
    if args.config.is_some() {
        check(&manifest, &config.settings, &config.secrets)?;
    }
    context
        .say
        .line(&format!("{} {} asks for:", manifest.title.en, manifest.version));
    for ask in manifest.asks() {
        context.say.line(&format!("  {}", words(&ask)));
    }
    if !args.grant {
        ensure!(
            std::io::stdin().is_terminal() && agreed()?,
            "nothing was installed: --grant grants all of this without asking"
        );
    }
    let server = Server::new(&args.server)?;
    if let Some(file) = &args.trust {
        trust(&server, &context.folder.join(file), &manifest, context).await?;
    }
    let version = upload(&server, package.to_bytes(), context).await?;
    let installation = put(&server, &manifest, &version).await?;
    let id = text(&installation, "id").to_owned();
    let mut row = installation;
    if args.config.is_some() {
        let body = json!({ "settings": config.settings, "secrets": config.secrets });
        row = server.post(&format!("/installations/{id}/configure"), &body).await?;
    }
    context.say.line(&format!(
        "{} {} is installed: {id}, {}",
        manifest.name,
        manifest.version,
        text(&row, "status")
    ));
    if text(&row, "status") == "needs_settings" {
        context
            .say
            .line("It waits for settings: enter them in the console, or give them with --config FILE");
    }
    Ok(())
}

fn agreed() -> Result<bool> {
    use std::io::Write as _;
    write!(std::io::stderr(), "Grant all of it and install? [y/N] ")?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).context("reading the answer")?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// One thing it asks for, for the person who is asked.
fn words(ask: &Ask) -> String {
    let what = match ask.kind {
        AskKind::Host => "requests to",
        AskKind::Read => "rows of",
        AskKind::Secret => "the secret",
        AskKind::Effect => "returning",
        AskKind::Handler => "being handed",
        AskKind::Event => "events",
        AskKind::Emit => "emitting",
        AskKind::Schedule => "running by itself:",
        AskKind::Webhook => "requests from outside:",
        AskKind::State => "keeping values:",
        AskKind::Limit => "the limit",
    };
    let details = if ask.details.is_empty() {
        String::new()
    } else {
        format!(" ({})", ask.details.join(", "))
    };
    let optional = if ask.required { "" } else { " — optional" };
    format!("{what} {}{details}: {}{optional}", ask.subject, ask.reason.en)
}

async fn trust(server: &Server, file: &std::path::Path, manifest: &Manifest, context: &mut Context<'_>) -> Result<()> {
    let line = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let key = line
        .parse::<PublicKey>()
        .map_err(|error| anyhow!("{}: {error}", file.display()))?;
    let body = json!({ "publisher": manifest.publisher, "public_key": key.to_string() });
    let answer = server.try_post("/plugin_keys", &body).await?;
    if answer.code() == "taken" || answer.status == 409 {
        return Ok(());
    }
    answer.good()?;
    context.say.step(&format!(
        "The organization trusts the key {} of {}",
        key.id(),
        manifest.publisher
    ));
    Ok(())
}

/// Hands the package over and waits until the server has looked at it.
async fn upload(server: &Server, bytes: Vec<u8>, context: &mut Context<'_>) -> Result<Value> {
    context.say.step("Uploading");
    let answer = server.upload("/plugin_versions/upload", bytes).await?;
    let mut row = answer.good().context("the package was not taken")?;
    context.say.step("The server looks at the plugin");
    for _ in 0..PATIENCE {
        match text(&row, "status") {
            "checking" => {}
            "refused" => bail!(
                "the server refuses the plugin: {} {}",
                text(&row, "refused_code"),
                text(&row, "refused_detail")
            ),
            _ => return Ok(row),
        }
        tokio::time::sleep(PAUSE).await;
        row = server.get(&format!("/plugin_versions/{}", text(&row, "id"))).await?;
    }
    bail!("the server has not looked at the plugin yet: try again in a while")
}

/// Installs the version, or brings the installation that is there to it.
async fn put(server: &Server, manifest: &Manifest, version: &Value) -> Result<Value> {
    let granted = grants(manifest);
    let Some(present) = server.installation(&manifest.name).await? else {
        let body =
            json!({ "plugin": manifest.name, "plugin_version": text(version, "plugin_version"), "grants": granted });
        return server.post("/installations/install", &body).await;
    };
    let id = text(&present, "id");
    if text(&present, "plugin_version") != manifest.version {
        let body = json!({ "plugin_version": manifest.version });
        server.post(&format!("/installations/{id}/upgrade"), &body).await?;
    }
    let mut body = granted;
    body["accepts_update"] = json!(true);
    server.post(&format!("/installations/{id}/grant"), &body).await?;
    for _ in 0..PATIENCE {
        let row = server.get(&format!("/installations/{id}")).await?;
        if text(&row, "plugin_version") == manifest.version {
            return Ok(row);
        }
        tokio::time::sleep(PAUSE).await;
    }
    bail!(
        "the installation {id} is still at version {}: see it in the console",
        text(&present, "plugin_version")
    )
}

/// All that is asked for, in the words of the manifest: an address that a setting has is granted by the setting's name, before and
/// after somebody entered one.
fn grants(manifest: &Manifest) -> Value {
    let effects: Vec<_> = manifest.effect_kinds().iter().map(|kind| kind.as_str()).collect();
    let hosts: Vec<_> = manifest.hosts.iter().map(|ask| ask.host.as_str()).collect();
    let events: Vec<_> = manifest.events.iter().map(|ask| ask.name.as_str()).collect();
    let reads: Vec<_> = manifest.reads.iter().map(|ask| ask.resource.as_str()).collect();
    json!({ "hosts": hosts, "effects": effects, "reads": reads, "events": events })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_granted_in_the_words_of_the_manifest() {
        let manifest = Manifest::parse(
            r#"
            name = "a"
            version = "1.0.0"
            api = "1.0"
            publisher = "p"
            exports = ["sms-gateway"]
            title = { en = "a", ar = "a" }
            description = { en = "a", ar = "a" }
            [[host]]
            host = "{setting:base_url}"
            methods = ["GET"]
            reason = { en = "a", ar = "a" }
            [[read]]
            resource = "fleet.couriers"
            fields = ["name"]
            reason = { en = "a", ar = "a" }
            [[setting]]
            name = "base_url"
            kind = "text"
            required = true
            label = { en = "a", ar = "a" }
            "#,
        )
        .unwrap();
        assert_eq!(
            grants(&manifest),
            json!({ "hosts": ["{setting:base_url}"], "effects": ["sms-reports"], "reads": ["fleet.couriers"], "events": [] })
        );
    }
}
