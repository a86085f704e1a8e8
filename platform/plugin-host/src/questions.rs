//! What a guest may ask the server, each counted and checked on this side: the worker runs other people's code.

use std::time::Instant;

use crate::directory::{self, DirectoryError};
use crate::host::Call;
use crate::http::Http;
use crate::manifest::SecretEncoding;
use crate::secrets::same_tag;
use crate::tokens::Tokens;
use crate::wire::{Ask, HttpError, Part, SecretAsk, SecretError, SecretTold, Told};

const MAX_KEYS_LISTED: u32 = 1_200;
const MAX_REQUESTS_AT_ONCE: usize = 16;

/// The questions of one call.
pub(crate) struct Questions<'a, 'b> {
    call: &'a Call<'b>,
    tokens: &'a Tokens,
    http: &'a mut Http<'b>,
    kv: u32,
    secrets: u32,
    rows: u32,
}

impl<'a, 'b> Questions<'a, 'b> {
    pub fn new(call: &'a Call<'b>, tokens: &'a Tokens, http: &'a mut Http<'b>) -> Self {
        Self {
            call,
            tokens,
            http,
            kv: 0,
            secrets: 0,
            rows: 0,
        }
    }

    pub async fn answer(&mut self, ask: Ask, deadline: Instant) -> Told {
        match ask {
            Ask::Http(request) => {
                let remaining = deadline.saturating_duration_since(Instant::now());
                Told::Http(self.http.send(request, remaining).await)
            }
            Ask::HttpAll(requests) if requests.len() > MAX_REQUESTS_AT_ONCE => {
                Told::HttpAll(vec![Err(HttpError::Budget); requests.len()])
            }
            Ask::HttpAll(requests) => {
                let remaining = deadline.saturating_duration_since(Instant::now());
                Told::HttpAll(self.http.send_all(requests, remaining).await)
            }
            Ask::KvGet { key } => match self.charge_kv() {
                Ok(()) => Told::Kv(self.call.kv.get(&key).await),
                Err(why) => Told::Kv(Err(why)),
            },
            Ask::KvList { prefix, after, limit } => match self.charge_kv() {
                Ok(()) => {
                    let limit = limit.min(MAX_KEYS_LISTED);
                    Told::KvKeys(self.call.kv.list(&prefix, after.as_deref(), limit).await)
                }
                Err(why) => Told::KvKeys(Err(why)),
            },
            Ask::KvRoom => match self.charge_kv() {
                Ok(()) => Told::KvRoom(self.call.kv.room().await),
                Err(why) => Told::KvRoom(Err(why)),
            },
            Ask::Secret(ask) => Told::Secret(self.secret(ask)),
            Ask::Rows(query) => Told::Rows(match self.charge_rows() {
                Ok(()) => match directory::check(&self.call.grants.reads, &query) {
                    Ok(()) => self.call.directory.read(&query).await,
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            }),
            Ask::Row { source, id, fields } => Told::Row(match self.charge_rows() {
                Ok(()) => match directory::permitted(&self.call.grants.reads, &source, &fields) {
                    Ok(()) => self.call.directory.get(&source, &id, &fields).await,
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            }),
        }
    }

    fn charge_kv(&mut self) -> Result<(), String> {
        self.kv += 1;
        if !self.call.plugin.manifest.keeps_state {
            return Err("the manifest lacks keeps_state = true".to_owned());
        }
        // Room is asked for once beside the counted operations.
        if self.kv > self.call.limits.kv_calls + 1 {
            return Err("no more operations in this call".to_owned());
        }
        Ok(())
    }

    fn charge_rows(&mut self) -> Result<(), DirectoryError> {
        self.rows += 1;
        if self.rows > self.call.limits.directory_calls {
            return Err(DirectoryError::Budget);
        }
        Ok(())
    }

    fn secret(&mut self, ask: SecretAsk) -> Result<SecretTold, SecretError> {
        self.secrets += 1;
        if self.secrets > self.call.limits.kv_calls {
            return Err(SecretError::Budget);
        }
        let secrets = &self.http.secrets;
        match ask {
            SecretAsk::Sign { name, algorithm, data } => {
                let tag = secrets.sign(&name, self.encoding(&name)?, algorithm, &data)?;
                Ok(SecretTold::Bytes(tag))
            }
            SecretAsk::Verify {
                name,
                algorithm,
                data,
                tag,
            } => {
                let ours = secrets.sign(&name, self.encoding(&name)?, algorithm, &data)?;
                Ok(SecretTold::Verdict(same_tag(&ours, &tag)))
            }
            SecretAsk::Digest { algorithm, parts } => {
                self.declared(&parts)?;
                Ok(SecretTold::Bytes(secrets.digest(algorithm, &parts)?))
            }
            SecretAsk::Matches { algorithm, parts, tag } => {
                self.declared(&parts)?;
                let ours = secrets.digest(algorithm, &parts)?;
                Ok(SecretTold::Verdict(same_tag(&ours, &tag)))
            }
            SecretAsk::Forget { name } => {
                if !self.http.capturable.contains(&name) {
                    return Err(SecretError::NotDeclared);
                }
                self.http.secrets.remove(&name);
                self.http.captured.retain(|(captured, ..)| *captured != name);
                let (organization, installation) = (&self.call.organization_id, &self.call.installation_id);
                self.tokens.forget(organization, installation, &name);
                Ok(SecretTold::Done)
            }
        }
    }

    fn encoding(&self, name: &str) -> Result<SecretEncoding, SecretError> {
        let asks = &self.call.plugin.manifest.secrets;
        let ask = asks.iter().find(|ask| ask.name == name);
        ask.map(|ask| ask.encoding).ok_or(SecretError::NotDeclared)
    }

    /// A hash without a secret in it is a hash anybody can make; one with a secret nobody declared is not made.
    fn declared(&self, parts: &[Part]) -> Result<(), SecretError> {
        parts.iter().try_for_each(|part| match part {
            Part::Plain(_) => Ok(()),
            Part::Secret(name) => self.encoding(name).map(drop),
        })
    }
}
