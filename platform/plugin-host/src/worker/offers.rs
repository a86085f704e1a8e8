//! What the host offers guests, besides storage: log, settings, clock, chance, secrets, HTTP, rows.

use platform_plugin_records::FaultKind;

use super::bindings::{clock, directory, http, log, random, secrets, settings};
use super::state::{State, digest, noted, stop};
use crate::directory as rows;
use crate::wire::{Ask, Local, LogEntry, SecretAsk, SecretError, SecretTold, Told};

const MAX_LINE_BYTES: usize = 4 * 1024;
const MAX_LINE_FIELDS: usize = 32;
/// At once, and of all calls together.
const MAX_RANDOM_BYTES: u32 = 4 * 1024;
const MAX_RANDOM_TOTAL: u32 = 64 * 1024;
const MAX_REQUESTS_AT_ONCE: usize = 16;

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String, fields: Vec<(String, String)>) -> wasmtime::Result<()> {
        self.charge()?;
        let bytes = message.len()
            + fields
                .iter()
                .map(|(name, value)| name.len() + value.len())
                .sum::<usize>();
        let full = self.logs.len() >= self.limits.log_lines as usize
            || self.log_bytes + bytes > self.limits.log_bytes as usize
            || bytes > MAX_LINE_BYTES
            || fields.len() > MAX_LINE_FIELDS;
        if full {
            self.logs_dropped += 1;
            return Ok(());
        }
        if self.trace.is_some() {
            let parts = fields
                .iter()
                .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
            let digest = digest(std::iter::once(message.as_bytes()).chain(parts));
            self.note(Local::Log { digest })?;
        }
        self.log_bytes += bytes;
        let level = match level {
            log::Level::Debug => 0,
            log::Level::Info => 1,
            log::Level::Warn => 2,
            log::Level::Error => 3,
        };
        let after_us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.logs.push(LogEntry {
            after_us,
            level,
            message,
            fields,
        });
        Ok(())
    }
}

impl settings::Host for State {
    fn get(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.charge()?;
        self.note(Local::Setting { name: noted(&name) })?;
        Ok(self.given.settings.get(&name).cloned())
    }

    fn all_json(&mut self) -> wasmtime::Result<String> {
        self.charge()?;
        self.note(Local::Settings)?;
        Ok(self.given.settings_json.clone())
    }
}

impl clock::Host for State {
    fn now(&mut self) -> wasmtime::Result<i64> {
        self.charge()?;
        let passed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        match self.note(Local::Now(self.given.context.now_ms + passed))? {
            Local::Now(now) => Ok(now),
            _ => Err(Self::stray()),
        }
    }

    fn remaining_ms(&mut self) -> wasmtime::Result<u32> {
        self.charge()?;
        let used = u32::try_from(self.started.elapsed().as_millis()).unwrap_or(u32::MAX);
        match self.note(Local::Remaining(self.limits.wall_ms.saturating_sub(used)))? {
            Local::Remaining(left) => Ok(left),
            _ => Err(Self::stray()),
        }
    }
}

impl random::Host for State {
    fn bytes(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        self.charge()?;
        let length = length.min(MAX_RANDOM_BYTES);
        self.random_bytes += length;
        if self.random_bytes > MAX_RANDOM_TOTAL {
            return Err(stop(
                FaultKind::Budget,
                format!("more than {} KiB of random bytes", MAX_RANDOM_TOTAL / 1024),
            ));
        }
        let mut bytes = vec![0; length as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            let more = rustix::rand::getrandom(&mut bytes[filled..], rustix::rand::GetRandomFlags::empty());
            filled += more.map_err(|e| stop(FaultKind::WorkerLost, format!("no random bytes: {e}")))?;
        }
        match self.note(Local::Random(bytes))? {
            Local::Random(bytes) => Ok(bytes),
            _ => Err(Self::stray()),
        }
    }
}

type Answered<T> = wasmtime::Result<Result<T, secrets::SecretError>>;

impl State {
    async fn ask_secret(&mut self, ask: SecretAsk) -> Answered<SecretTold> {
        self.charge()?;
        self.secret_calls += 1;
        if self.secret_calls > self.limits.kv_calls {
            return Ok(Err(secrets::SecretError::Budget));
        }
        match self.ask(Ask::Secret(ask)).await? {
            Told::Secret(result) => Ok(result.map_err(|error| match error {
                SecretError::NotDeclared => secrets::SecretError::NotDeclared,
                SecretError::NotSet => secrets::SecretError::NotSet,
                SecretError::Budget => secrets::SecretError::Budget,
                SecretError::Unusable => secrets::SecretError::Unusable,
            })),
            _ => Err(Self::stray()),
        }
    }

    async fn secret_bytes(&mut self, ask: SecretAsk) -> Answered<Vec<u8>> {
        match self.ask_secret(ask).await? {
            Ok(SecretTold::Bytes(bytes)) => Ok(Ok(bytes)),
            Ok(SecretTold::Verdict(_) | SecretTold::Done) => Err(Self::stray()),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn secret_verdict(&mut self, ask: SecretAsk) -> Answered<bool> {
        match self.ask_secret(ask).await? {
            Ok(SecretTold::Verdict(verdict)) => Ok(Ok(verdict)),
            Ok(SecretTold::Bytes(_) | SecretTold::Done) => Err(Self::stray()),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl secrets::Host for State {
    fn is_set(&mut self, name: String) -> wasmtime::Result<bool> {
        self.charge()?;
        self.note(Local::IsSet { name: noted(&name) })?;
        Ok(self.given.secrets.get(&name).copied().unwrap_or(false))
    }

    async fn sign(&mut self, name: String, algorithm: secrets::Mac, data: Vec<u8>) -> Answered<Vec<u8>> {
        let algorithm = algorithm.into();
        self.secret_bytes(SecretAsk::Sign { name, algorithm, data }).await
    }

    async fn verify(&mut self, name: String, algorithm: secrets::Mac, data: Vec<u8>, tag: Vec<u8>) -> Answered<bool> {
        let algorithm = algorithm.into();
        let ask = SecretAsk::Verify {
            name,
            algorithm,
            data,
            tag,
        };
        self.secret_verdict(ask).await
    }

    async fn digest(&mut self, algorithm: secrets::Hash, parts: Vec<secrets::Part>) -> Answered<Vec<u8>> {
        let parts = parts.into_iter().map(Into::into).collect();
        let algorithm = algorithm.into();
        self.secret_bytes(SecretAsk::Digest { algorithm, parts }).await
    }

    async fn matches(&mut self, algorithm: secrets::Hash, parts: Vec<secrets::Part>, tag: Vec<u8>) -> Answered<bool> {
        let parts = parts.into_iter().map(Into::into).collect();
        let algorithm = algorithm.into();
        self.secret_verdict(SecretAsk::Matches { algorithm, parts, tag }).await
    }

    async fn forget(&mut self, name: String) -> Answered<()> {
        match self.ask_secret(SecretAsk::Forget { name: name.clone() }).await? {
            Ok(SecretTold::Done) => {
                self.given.secrets.insert(name, false);
                Ok(Ok(()))
            }
            Ok(SecretTold::Bytes(_) | SecretTold::Verdict(_)) => Err(Self::stray()),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl State {
    /// Secrets that a reply brought have a value from now on.
    fn captured(&mut self, response: &crate::wire::HttpResponse) {
        for name in &response.captured {
            self.given.secrets.insert(name.clone(), true);
        }
    }
}

impl http::Host for State {
    async fn send(&mut self, request: http::Request) -> wasmtime::Result<Result<http::Response, http::HttpError>> {
        self.charge()?;
        match self.ask(Ask::Http(request.into())).await? {
            Told::Http(result) => {
                if let Ok(response) = &result {
                    self.captured(response);
                }
                Ok(result.map(Into::into).map_err(Into::into))
            }
            _ => Err(Self::stray()),
        }
    }

    async fn send_all(
        &mut self,
        requests: Vec<http::Request>,
    ) -> wasmtime::Result<Vec<Result<http::Response, http::HttpError>>> {
        self.charge()?;
        let given = requests.len();
        if given > MAX_REQUESTS_AT_ONCE {
            let why = format!("{given} requests at once; the limit is {MAX_REQUESTS_AT_ONCE}");
            return Ok(vec![Err(http::HttpError::Denied(why)); given]);
        }
        match self
            .ask(Ask::HttpAll(requests.into_iter().map(Into::into).collect()))
            .await?
        {
            Told::HttpAll(results) if results.len() == given => {
                results.iter().flatten().for_each(|response| self.captured(response));
                Ok(results
                    .into_iter()
                    .map(|result| result.map(Into::into).map_err(Into::into))
                    .collect())
            }
            _ => Err(Self::stray()),
        }
    }
}

impl State {
    fn charge_directory(&mut self) -> wasmtime::Result<bool> {
        self.charge()?;
        self.directory_calls += 1;
        Ok(self.directory_calls <= self.limits.directory_calls)
    }
}

impl directory::Host for State {
    async fn read(
        &mut self,
        query: directory::Query,
    ) -> wasmtime::Result<Result<directory::Page, directory::DirectoryError>> {
        if !self.charge_directory()? {
            return Ok(Err(directory::DirectoryError::Budget));
        }
        let condition = |condition: directory::Condition| rows::Condition {
            field: condition.field,
            operator: match condition.operator {
                directory::Operator::Equals => rows::Operator::Equals,
                directory::Operator::AnyOf => rows::Operator::AnyOf,
                directory::Operator::AtLeast => rows::Operator::AtLeast,
                directory::Operator::AtMost => rows::Operator::AtMost,
                directory::Operator::Contains => rows::Operator::Contains,
            },
            values: condition.values,
        };
        let query = rows::DirectoryQuery {
            source: query.source,
            fields: query.fields,
            conditions: query.conditions.into_iter().map(condition).collect(),
            cursor: query.cursor,
            limit: query.limit,
        };
        match self.ask(Ask::Rows(query)).await? {
            Told::Rows(Ok(page)) => Ok(Ok(directory::Page {
                rows: page.rows.into_iter().map(row).collect(),
                cursor: page.cursor,
            })),
            Told::Rows(Err(error)) => Ok(Err(denied(error))),
            _ => Err(Self::stray()),
        }
    }

    async fn get(
        &mut self,
        source: String,
        id: String,
        fields: Vec<String>,
    ) -> wasmtime::Result<Result<Option<directory::Row>, directory::DirectoryError>> {
        if !self.charge_directory()? {
            return Ok(Err(directory::DirectoryError::Budget));
        }
        match self.ask(Ask::Row { source, id, fields }).await? {
            Told::Row(Ok(found)) => Ok(Ok(found.map(row))),
            Told::Row(Err(error)) => Ok(Err(denied(error))),
            _ => Err(Self::stray()),
        }
    }
}

fn row(row: rows::DirectoryRow) -> directory::Row {
    directory::Row {
        id: row.id,
        json: row.json,
    }
}

fn denied(error: rows::DirectoryError) -> directory::DirectoryError {
    match error {
        rows::DirectoryError::Denied(why) => directory::DirectoryError::Denied(why),
        rows::DirectoryError::Invalid(why) => directory::DirectoryError::Invalid(why),
        rows::DirectoryError::Budget => directory::DirectoryError::Budget,
        rows::DirectoryError::Unavailable(why) => directory::DirectoryError::Unavailable(why),
    }
}
