//! Values in histories that can be made unreadable: each is sealed with the key of the record it is about, that with the key
//! of the organization, and that with the installation's key file. Destroying a key leaves the stored bytes, and so the
//! audit chain over them, as they were.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use platform_resource::Resource;
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::ids::random_bytes;
use crate::{Cx, KEY_BYTES, Problem, Sealer};

const ORGANIZATION_KEY: &str = "SELECT sealed_key FROM platform.organization_keys WHERE organization_id = $1";
const ADD_ORGANIZATION_KEY: &str =
    "INSERT INTO platform.organization_keys (organization_id, sealed_key, created_at) VALUES ($1, $2, $3)
    ON CONFLICT (organization_id) DO NOTHING";
const RECORD_KEYS: &str = "SELECT record_id, sealed_key FROM platform.record_keys
    WHERE organization_id = $1 AND record_id = ANY ($2)";
const ADD_RECORD_KEYS: &str = "INSERT INTO platform.record_keys (organization_id, record_id, sealed_key)
    SELECT $1, fresh.id, fresh.key FROM unnest($2::uuid[], $3::bytea[]) AS fresh (id, key)
    ON CONFLICT (organization_id, record_id) DO NOTHING RETURNING record_id";
const FORGET_RECORDS: &str = "DELETE FROM platform.record_keys WHERE organization_id = $1 AND record_id = ANY ($2)";

pub(crate) const STATEMENTS: [&str; 5] = [
    ORGANIZATION_KEY,
    ADD_ORGANIZATION_KEY,
    RECORD_KEYS,
    ADD_RECORD_KEYS,
    FORGET_RECORDS,
];

/// Opened keys that are kept; more are thrown away together and opened again when they are needed.
const REMEMBERED: usize = 20_000;

/// The key file that seals the organizations' keys, and the ones that are open.
pub(crate) struct Vault {
    installation: Sealer,
    open: Mutex<HashMap<Uuid, Arc<Sealer>>>,
}

impl Vault {
    /// With the key file in the data folder; the first start makes it.
    pub fn open(data: &Path) -> std::io::Result<Self> {
        Ok(Self {
            installation: Sealer::open(data, "organizations.key")?,
            open: Mutex::default(),
        })
    }

    /// Drops an opened key: it was destroyed.
    pub fn forget(&self, organization_id: Uuid) {
        self.remembered().remove(&organization_id);
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Arc<Sealer>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which key a value is sealed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The record's own: it is about a person.
    Record,
    /// The organization's.
    Organization,
}

fn broken() -> Problem {
    Problem::internal(&"a key of an organization does not open with this installation's key file")
}

fn key_of(sealed: &[u8], by: &Sealer, about: &[u8]) -> Result<[u8; KEY_BYTES], Problem> {
    let key = by.unseal(sealed, about).ok_or_else(broken)?;
    key.try_into().map_err(|_| broken())
}

/// A value opens only in the place that it was sealed for.
fn about(organization_id: Uuid, record_id: Uuid, field: &str) -> Vec<u8> {
    [organization_id.as_bytes(), record_id.as_bytes(), field.as_bytes()].concat()
}

impl Cx {
    /// The organization's key, which the first need of it makes.
    async fn organization_sealer(&mut self) -> Result<Arc<Sealer>, Problem> {
        let platform = self.platform.clone();
        if let Some(sealer) = platform.vault.remembered().get(&self.organization_id) {
            return Ok(sealer.clone());
        }
        let key = match self.organization_key().await? {
            Some(key) => key,
            None => self.put_organization_key(random_bytes()).await?,
        };
        let sealer = Arc::new(Sealer::new(&key));
        // A key that this transaction made is gone when it fails: nobody else may seal with it before the commit.
        if !self.made_key {
            let mut remembered = platform.vault.remembered();
            if remembered.len() >= REMEMBERED {
                remembered.clear();
            }
            remembered.insert(self.organization_id, sealer.clone());
        }
        Ok(sealer)
    }

    /// The organization's key in the clear: for an archive that is to be read elsewhere.
    pub async fn organization_key(&mut self) -> Result<Option<[u8; KEY_BYTES]>, Problem> {
        let platform = self.platform.clone();
        let id = self.organization_id;
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(ORGANIZATION_KEY)
            .bind(id)
            .fetch_optional(self.db())
            .await?;
        sealed
            .map(|sealed| key_of(&sealed, &platform.vault.installation, id.as_bytes()))
            .transpose()
    }

    /// Gives the organization a key, unless it has one; answers the one it has then.
    pub async fn put_organization_key(&mut self, key: [u8; KEY_BYTES]) -> Result<[u8; KEY_BYTES], Problem> {
        let id = self.organization_id;
        let sealed = self.platform.vault.installation.seal(&key, id.as_bytes());
        let add = sqlx::query(ADD_ORGANIZATION_KEY).bind(id).bind(sealed).bind(self.now);
        self.made_key |= add.execute(self.db()).await?.rows_affected() == 1;
        self.organization_key().await?.ok_or_else(broken)
    }

    /// Changes as they are stored: fields that are private or personal are sealed. Nothing when there are none.
    pub async fn protect(
        &mut self,
        resource: &Resource,
        records: &[Uuid],
        changes: &[Json],
    ) -> Result<Option<Vec<Json>>, Problem> {
        let personal = resource.fields.iter().any(platform_resource::Field::is_personal);
        let owner = if personal { Owner::Record } else { Owner::Organization };
        let sealed = |name: &str| resource.field(name).is_some_and(platform_resource::Field::is_sealed);
        self.protect_fields(owner, records, changes, &sealed).await
    }

    /// The same for what is no declared resource: `sealed` says which fields.
    pub async fn protect_fields(
        &mut self,
        owner: Owner,
        records: &[Uuid],
        changes: &[Json],
        sealed: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<Option<Vec<Json>>, Problem> {
        let has = |changes: &Json| {
            changes
                .as_object()
                .is_some_and(|fields| fields.keys().any(|name| sealed(name)))
        };
        if !changes.iter().any(has) {
            return Ok(None);
        }
        let organization = self.organization_sealer().await?;
        let keys = match owner {
            Owner::Record => self.record_keys(&organization, records).await?,
            Owner::Organization => HashMap::new(),
        };
        let mut stored = changes.to_vec();
        for (record, changes) in records.iter().zip(&mut stored) {
            let Some(fields) = changes.as_object_mut() else {
                continue;
            };
            let (mark, sealer) = match keys.get(record) {
                Some(own) => ("r", own),
                None => ("o", &*organization),
            };
            for (name, change) in fields.iter_mut().filter(|(name, _)| sealed(name)) {
                let about = about(self.organization_id, *record, name);
                let bytes = BASE64.encode(sealer.seal(change.to_string().as_bytes(), &about));
                *change = json!({ "sealed": format!("{mark}:{bytes}") });
            }
        }
        Ok(Some(stored))
    }

    /// Keys of records, made for those that have none.
    async fn record_keys(&mut self, by: &Sealer, records: &[Uuid]) -> Result<HashMap<Uuid, Sealer>, Problem> {
        let mut keys = HashMap::new();
        // Ids are in the order of time: what this transaction made has a greater one and most likely no key yet.
        let (fresh, known): (Vec<Uuid>, Vec<Uuid>) = records.iter().partition(|id| **id > self.transaction_id());
        self.stored_keys(by, &known, &mut keys).await?;
        let mut missing = fresh;
        missing.extend(known.into_iter().filter(|id| !keys.contains_key(id)));
        if missing.is_empty() {
            return Ok(keys);
        }
        let made: HashMap<Uuid, [u8; KEY_BYTES]> = missing.iter().map(|id| (*id, random_bytes())).collect();
        let sealed: Vec<Vec<u8>> = missing.iter().map(|id| by.seal(&made[id], id.as_bytes())).collect();
        let add = sqlx::query(ADD_RECORD_KEYS)
            .bind(self.organization_id)
            .bind(&missing)
            .bind(sealed);
        for row in add.fetch_all(self.db()).await? {
            let id: Uuid = row.try_get("record_id")?;
            keys.insert(id, Sealer::new(&made[&id]));
        }
        missing.retain(|id| !keys.contains_key(id));
        self.stored_keys(by, &missing, &mut keys).await?;
        Ok(keys)
    }

    async fn stored_keys(
        &mut self,
        by: &Sealer,
        records: &[Uuid],
        keys: &mut HashMap<Uuid, Sealer>,
    ) -> Result<(), Problem> {
        if records.is_empty() {
            return Ok(());
        }
        let read = sqlx::query(RECORD_KEYS).bind(self.organization_id).bind(records);
        for row in read.fetch_all(self.db()).await? {
            let id: Uuid = row.try_get("record_id")?;
            let key = key_of(row.try_get("sealed_key")?, by, id.as_bytes())?;
            keys.insert(id, Sealer::new(&key));
        }
        Ok(())
    }

    /// Opens what was sealed in changes of records. A value whose key was destroyed is `{"erased": true}` from then on.
    pub async fn reveal(&mut self, entries: &mut [(Uuid, Map<String, Json>)]) -> Result<(), Problem> {
        let mark = |change: &Json| change["sealed"].as_str().map(|sealed| sealed.starts_with("r:"));
        let sealed = |(_, fields): &&(Uuid, Map<String, Json>)| fields.values().any(|change| mark(change).is_some());
        let mut records: Vec<Uuid> = entries.iter().filter(sealed).map(|(id, _)| *id).collect();
        if records.is_empty() {
            return Ok(());
        }
        records.sort_unstable();
        records.dedup();
        // Without a key of the organization everything is erased. Reading makes none: it may not write.
        let organization = self.organization_key().await?.map(|key| Sealer::new(&key));
        let mut keys = HashMap::new();
        if let Some(organization) = &organization {
            self.stored_keys(organization, &records, &mut keys).await?;
        }
        for (record, fields) in entries {
            for (name, change) in fields.iter_mut() {
                let Some(own) = mark(change) else { continue };
                let sealer = if own { keys.get(record) } else { organization.as_ref() };
                let bytes = change["sealed"]
                    .as_str()
                    .and_then(|sealed| BASE64.decode(&sealed[2..]).ok());
                let about = about(self.organization_id, *record, name);
                let opened = sealer
                    .zip(bytes)
                    .and_then(|(sealer, bytes)| sealer.unseal(&bytes, &about));
                let opened = opened.and_then(|text| serde_json::from_slice(&text).ok());
                *change = opened.unwrap_or_else(|| json!({"erased": true}));
            }
        }
        Ok(())
    }

    /// Destroys the keys of records: what their histories say of people cannot be read any more.
    pub async fn forget_records(&mut self, records: &[Uuid]) -> Result<u64, Problem> {
        let forget = sqlx::query(FORGET_RECORDS).bind(self.organization_id).bind(records);
        Ok(forget.execute(self.db()).await?.rows_affected())
    }
}
