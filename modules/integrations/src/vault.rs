//! Secrets of installations: sealed with a key of the organization's own, which is sealed with the key file.
//!
//! What is sealed says what it belongs to: a ciphertext moved to another organization, installation or name does not open.

use std::path::Path;

use anyhow::Context;
use platform_core::ids::{new_id, random_bytes};
use platform_core::{Cx, KEY_BYTES, Problem, Sealer};
use platform_plugin_host::Secrets;
use sqlx::Row;
use uuid::Uuid;

pub(crate) const KEYS: &str = "SELECT id, sealed_key FROM integrations.data_keys
    WHERE organization_id = $1 AND deleted_at IS NULL";
pub(crate) const ADD_KEY: &str = "INSERT INTO integrations.data_keys
    (organization_id, id, created_at, updated_at, sealed_key) VALUES ($1, $2, $3, $3, $4)
    ON CONFLICT (organization_id) WHERE deleted_at IS NULL DO NOTHING";
pub(crate) const PUT: &str = "INSERT INTO integrations.secrets
    (organization_id, id, created_at, updated_at, installation_id, name, ciphertext, key_id, set_at)
    VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $3)
    ON CONFLICT (organization_id, installation_id, name) WHERE deleted_at IS NULL
    DO UPDATE SET ciphertext = $6, key_id = $7, set_at = $3, updated_at = $3, version = secrets.version + 1";
pub(crate) const TAKE: &str = "DELETE FROM integrations.secrets
    WHERE organization_id = $1 AND installation_id = $2 AND name = $3";
pub(crate) const ALL: &str = "SELECT s.name, s.ciphertext, k.id AS key_id, k.sealed_key
    FROM integrations.secrets s
    JOIN integrations.data_keys k ON k.organization_id = s.organization_id AND k.id = s.key_id
    WHERE s.organization_id = $1 AND s.installation_id = $2 AND s.deleted_at IS NULL ORDER BY s.name";

pub(crate) const ONE: &str = "SELECT s.ciphertext, k.id AS key_id, k.sealed_key
    FROM integrations.secrets s
    JOIN integrations.data_keys k ON k.organization_id = s.organization_id AND k.id = s.key_id
    WHERE s.organization_id = $1 AND s.installation_id = $2 AND s.name = $3 AND s.deleted_at IS NULL";

/// What a recording is called where secrets have names; no secret is called so.
const RECORDING: &str = "|recording";

/// Seals and opens.
pub(crate) struct Vault(Sealer);

impl Vault {
    /// With the key in `<data>/keys/plugin-secrets.key`; the first start makes it.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        Ok(Self(
            Sealer::open(data, "plugin-secrets.key").context("the key file of plugins' secrets")?,
        ))
    }

    /// Stores a secret of an installation.
    pub async fn put(&self, cx: &mut Cx, installation_id: Uuid, name: &str, value: &str) -> Result<(), Problem> {
        let (organization_id, now) = (cx.organization_id, cx.now);
        let (key_id, key) = self.organization_key(cx).await?;
        let ciphertext = key.seal(value.as_bytes(), &belongs(organization_id, installation_id, name));
        sqlx::query(PUT)
            .bind(organization_id)
            .bind(new_id())
            .bind(now)
            .bind(installation_id)
            .bind(name)
            .bind(ciphertext)
            .bind(key_id)
            .execute(cx.db())
            .await?;
        Ok(())
    }

    /// Forgets a secret.
    pub async fn take(&self, cx: &mut Cx, installation_id: Uuid, name: &str) -> Result<(), Problem> {
        let organization_id = cx.organization_id;
        sqlx::query(TAKE)
            .bind(organization_id)
            .bind(installation_id)
            .bind(name)
            .execute(cx.db())
            .await?;
        Ok(())
    }

    /// Every secret of an installation; none when one of them does not open with this key file.
    pub async fn all(&self, cx: &mut Cx, installation_id: Uuid) -> Result<Option<Secrets>, Problem> {
        let organization_id = cx.organization_id;
        let rows = sqlx::query(ALL)
            .bind(organization_id)
            .bind(installation_id)
            .fetch_all(cx.db())
            .await?;
        let mut secrets = Vec::new();
        for row in &rows {
            let name: String = row.try_get("name")?;
            let opened = self
                .unwrap(organization_id, row.try_get("key_id")?, row.try_get("sealed_key")?)
                .and_then(|key| {
                    let about = belongs(organization_id, installation_id, &name);
                    key.unseal(row.try_get("ciphertext").ok()?, &about)
                })
                .and_then(|value| String::from_utf8(value).ok());
            match opened {
                Some(value) => secrets.push((name, value)),
                None => return Ok(None),
            }
        }
        Ok(Some(secrets.into_iter().collect()))
    }

    /// One secret of an installation; none when it is not set or does not open.
    pub async fn one(&self, cx: &mut Cx, installation_id: Uuid, name: &str) -> Result<Option<String>, Problem> {
        let organization_id = cx.organization_id;
        let row = sqlx::query(ONE)
            .bind(organization_id)
            .bind(installation_id)
            .bind(name)
            .fetch_optional(cx.db())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let key = self.unwrap(organization_id, row.try_get("key_id")?, row.try_get("sealed_key")?);
        let about = belongs(organization_id, installation_id, name);
        let ciphertext: &[u8] = row.try_get("ciphertext")?;
        let value = key.and_then(|key| key.unseal(ciphertext, &about));
        Ok(value.and_then(|value| String::from_utf8(value).ok()))
    }

    /// Seals what went in and out of a call.
    pub async fn seal(&self, cx: &mut Cx, call_id: Uuid, recording: &[u8]) -> Result<(Uuid, Vec<u8>), Problem> {
        let organization_id = cx.organization_id;
        let (key_id, key) = self.organization_key(cx).await?;
        Ok((
            key_id,
            key.seal(recording, &belongs(organization_id, call_id, RECORDING)),
        ))
    }

    /// Opens what [`Vault::seal`] sealed.
    pub fn open_recording(
        &self,
        organization_id: Uuid,
        call_id: Uuid,
        key_id: Uuid,
        sealed_key: &[u8],
        sealed: &[u8],
    ) -> Option<Vec<u8>> {
        let key = self.unwrap(organization_id, key_id, sealed_key)?;
        key.unseal(sealed, &belongs(organization_id, call_id, RECORDING))
    }

    /// The organization's key; the first secret makes it.
    async fn organization_key(&self, cx: &mut Cx) -> Result<(Uuid, Sealer), Problem> {
        let (organization_id, now) = (cx.organization_id, cx.now);
        for _ in 0..2 {
            let row = sqlx::query(KEYS).bind(organization_id).fetch_optional(cx.db()).await?;
            if let Some(row) = row {
                let id: Uuid = row.try_get("id")?;
                let key = self.unwrap(organization_id, id, row.try_get("sealed_key")?);
                return key
                    .map(|key| (id, key))
                    .ok_or_else(|| Problem::internal(&"the organization's key does not open with this key file"));
            }
            let id = new_id();
            let sealed = self.0.seal(&random_bytes::<KEY_BYTES>(), &key_of(organization_id, id));
            sqlx::query(ADD_KEY)
                .bind(organization_id)
                .bind(id)
                .bind(now)
                .bind(sealed)
                .execute(cx.db())
                .await?;
        }
        Err(Problem::refused("try_again"))
    }

    fn unwrap(&self, organization_id: Uuid, key_id: Uuid, sealed: &[u8]) -> Option<Sealer> {
        let key = self.0.unseal(sealed, &key_of(organization_id, key_id))?;
        Some(Sealer::new(&key.try_into().ok()?))
    }
}

fn key_of(organization_id: Uuid, key_id: Uuid) -> Vec<u8> {
    format!("{organization_id}|{key_id}").into_bytes()
}

fn belongs(organization_id: Uuid, installation_id: Uuid, name: &str) -> Vec<u8> {
    format!("{organization_id}|{installation_id}|{name}").into_bytes()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let key = Sealer::new(&[7; KEY_BYTES]);
        let (organization, installation) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let about = belongs(organization, installation, "api_key");
        let sealed = key.seal(b"s3cret", &about);
        assert_eq!(key.unseal(&sealed, &about).as_deref(), Some(b"s3cret".as_slice()));
        for other in [
            belongs(installation, installation, "api_key"),
            belongs(organization, organization, "api_key"),
            belongs(organization, installation, "other"),
        ] {
            assert_eq!(key.unseal(&sealed, &other), None);
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_only_its_owner_reads_it() {
        let data = tempfile::tempdir().unwrap();
        let first = Vault::open(data.path()).unwrap();
        let sealed = first.0.seal(b"text", b"about");
        let again = Vault::open(data.path()).unwrap();
        assert_eq!(again.0.unseal(&sealed, b"about").as_deref(), Some(b"text".as_slice()));
        let keys = data.path().join("keys");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&keys), 0o700);
        assert_eq!(mode(&keys.join("plugin-secrets.key")), 0o600);
        assert_eq!(fs::read_dir(keys).unwrap().count(), 1, "no draft is left");
        fs::write(data.path().join("keys/plugin-secrets.key"), b"short").unwrap();
        assert!(Vault::open(data.path()).is_err());
    }
}
