//! `pgbench` running the statements that the server was heard saying.

use anyhow::{Context, Result, bail, ensure};
use sqlx::encode::IsNull;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo};
use sqlx::{PgConnection, Postgres, Row};
use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::machine;
use crate::wire::Said;
use crate::world::id_prefix;

/// A script and the values that it is run with.
pub struct Script {
    /// In pgbench's own language.
    pub text: String,
    values: Vec<(String, String)>,
    /// Values of requests before: an id that is not among them was made for this one.
    earlier: HashSet<Vec<u8>>,
}

/// A value in the form in which it was heard.
struct Raw(u32, Vec<u8>);

impl sqlx::Type<Postgres> for Raw {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("text")
    }
}

impl sqlx::Encode<'_, Postgres> for Raw {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, sqlx::error::BoxDynError> {
        buffer.extend_from_slice(&self.1);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.0)))
    }
}

impl Script {
    /// Rewrites what was heard. Each message becomes one message again: several statements in one are sent as a pipeline.
    /// `instead` names values that become expressions; ids of rows that do not exist yet, which nothing said `earlier`, become
    /// new ones each time.
    pub async fn new(
        place: usize,
        rows: i32,
        said: &[Said],
        prepared: &HashMap<String, String>,
        instead: &[(String, String)],
        earlier: &[Said],
        connection: &mut PgConnection,
    ) -> Result<Self> {
        let mut script = Self {
            text: format!("\\set row random(1, {rows})\n\\set n :n + 1\n\\set fresh :client_id * 1000000000 + :n\n"),
            values: Vec::new(),
            earlier: earlier.iter().flat_map(Said::values).cloned().collect(),
        };
        for message in said {
            match message {
                Said::Simple(text) => script.push_simple(text, prepared)?,
                Said::Bound { text, values } => {
                    let mut forms = Vec::new();
                    for (kind, bytes) in values {
                        let name = format!("v{place}_{}", script.values.len());
                        let form = script.value(name, *kind, bytes.clone(), instead, connection);
                        forms.push(form.await?);
                    }
                    writeln!(script.text, "{};", fill(text, &forms).replace('\n', " "))?;
                }
            }
        }
        Ok(script)
    }

    fn push_simple(&mut self, text: &str, prepared: &HashMap<String, String>) -> Result<()> {
        let statements: Vec<&str> = text.split("; ").collect();
        let several = statements.len() > 1;
        self.text.push_str(if several { "\\startpipeline\n" } else { "" });
        for statement in statements {
            // What the server prepared by hand is an ordinary prepared statement of pgbench's.
            if let Some((name, values)) = statement.strip_prefix("EXECUTE ").and_then(|call| call.split_once('(')) {
                let text = prepared
                    .get(name.trim())
                    .with_context(|| format!("{name} was not heard being prepared"))?;
                let values: Vec<String> = values
                    .trim_end_matches(')')
                    .split(", ")
                    .map(ToOwned::to_owned)
                    .collect();
                writeln!(self.text, "{};", fill(text, &values))?;
            } else {
                writeln!(self.text, "{statement};")?;
            }
        }
        self.text.push_str(if several { "\\endpipeline\n" } else { "" });
        Ok(())
    }

    async fn value(
        &mut self,
        name: String,
        kind: u32,
        bytes: Option<Vec<u8>>,
        instead: &[(String, String)],
        connection: &mut PgConnection,
    ) -> Result<String> {
        let bytes_or_empty = bytes.clone().unwrap_or_default();
        let row = if bytes.is_some() {
            let query = sqlx::query("SELECT format_type($1, NULL), $2::text").bind(Oid(kind));
            query
                .bind(Raw(kind, bytes_or_empty.clone()))
                .persistent(false)
                .fetch_one(connection)
                .await
        } else {
            let query = sqlx::query("SELECT format_type($1, NULL), ''").bind(Oid(kind));
            query.fetch_one(connection).await
        };
        let row = row.with_context(|| format!("reading a value of type {kind}"))?;
        let (kind, text): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if bytes.is_none() {
            return Ok(format!("NULL::{kind}"));
        }
        if let Some((_, expression)) = instead.iter().find(|(value, _)| *value == text) {
            return Ok(expression.clone());
        }
        // Ids that were made for the request: one each time, and not one of the loaded rows'.
        let made = "('0197b000-0000-7000-8000-' || lpad(:fresh::text, 12, '0'))::uuid";
        if kind == "uuid[]" && text.contains('-') && !text.contains(&id_prefix(0)[..8]) {
            return Ok(format!("ARRAY[{made}]"));
        }
        if kind == "uuid" && !self.earlier.contains(&bytes_or_empty) {
            return Ok(made.to_owned());
        }
        self.values.push((name.clone(), text));
        Ok(format!(":{name}::{kind}"))
    }
}

/// Puts forms in place of `$1`, `$2`, ….
fn fill(text: &str, forms: &[String]) -> String {
    let mut parts = text.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_digit).count();
        match part[..digits]
            .parse::<usize>()
            .ok()
            .and_then(|number| forms.get(number.checked_sub(1)?))
        {
            Some(form) => filled.push_str(form),
            None => filled.push_str(&part[..digits]),
        }
        filled.push_str(&part[digits..]);
    }
    filled
}

/// What pgbench came to.
pub struct Outcome {
    /// Transactions.
    pub transactions: f64,
    /// Per second, without making connections.
    pub per_second: f64,
    /// CPU time of pgbench itself.
    pub client_us: f64,
    /// CPU time of the database.
    pub database_us: f64,
}

/// `pgbench` for one scenario.
pub struct Pgbench {
    /// The program.
    pub program: PathBuf,
    /// Folder of the database's socket.
    pub socket: PathBuf,
    /// Process of the database.
    pub database: u32,
    /// Clients.
    pub connections: usize,
}

impl Pgbench {
    /// Runs the scripts in turn, without what connecting and preparing costs. `base` keeps new ids of runs apart.
    pub fn run(&self, scripts: &[Script], folder: &Path, seconds: u64, base: &mut i64) -> Result<Outcome> {
        let few = self.measured(scripts, folder, ["--transactions", "1"], base)?;
        let all = self.measured(scripts, folder, ["--time", &seconds.to_string()], base)?;
        Ok(Outcome {
            transactions: all.transactions - few.transactions,
            per_second: all.per_second,
            client_us: all.client_us - few.client_us,
            database_us: all.database_us - few.database_us,
        })
    }

    fn measured(&self, scripts: &[Script], folder: &Path, length: [&str; 2], base: &mut i64) -> Result<Outcome> {
        let mut command = Command::new(&self.program);
        command.args(["--no-vacuum", "--protocol", "prepared", "--jobs", "1", "--client"]);
        command
            .arg(self.connections.to_string())
            .args(length)
            .arg("--host")
            .arg(&self.socket);
        command.args([
            "--port",
            "5432",
            "--username",
            "barq_app",
            "--define",
            &format!("n={base}"),
        ]);
        *base += 1_000_000;
        for (place, script) in scripts.iter().enumerate() {
            let path = folder.join(format!("{place}.sql"));
            std::fs::write(&path, &script.text)?;
            command.arg("--file").arg(path);
            for (name, value) in &script.values {
                command.arg("--define").arg(format!("{name}={value}"));
            }
        }
        let (client, database) = (machine::reaped_us()?, machine::family_us(self.database)?);
        let output = command.arg("barq").output().context("running pgbench")?;
        let (said, complaint) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        if !output.status.success() {
            bail!(
                "pgbench failed: {complaint}\n{}",
                scripts.first().map_or("", |script| &script.text)
            );
        }
        let number = |before: &str| -> Result<f64> {
            let text = said
                .split_once(before)
                .with_context(|| format!("{before} in {said}"))?
                .1;
            let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            Ok(digits.parse()?)
        };
        ensure!(
            number("failed transactions: ").unwrap_or(0.0) == 0.0,
            "pgbench failed at some: {said}"
        );
        Ok(Outcome {
            transactions: number("actually processed: ")?,
            per_second: number("tps = ")?,
            client_us: machine::reaped_us()? - client,
            database_us: machine::family_us(self.database)? - database,
        })
    }
}
