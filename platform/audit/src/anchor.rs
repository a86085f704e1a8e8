//! Anchors: the end of a chain, signed with a key of the installation and kept in a file beside the database.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use platform_core::{Cx, Problem, key_file};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use uuid::Uuid;

pub(crate) const HEAD: &str = "SELECT seq, hash FROM platform.audit_heads WHERE organization_id = $1";

/// What an anchor says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnchorKind {
    /// The chain ended here.
    Head,
    /// The organization was erased: up to here only the chain is left, without what it was made of.
    Erased,
}

/// One line of an anchor file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Anchor {
    /// Whose chain.
    pub organization_id: Uuid,
    /// What it says.
    pub kind: AnchorKind,
    /// Number of the last entry.
    pub seq: i64,
    /// Its hash, in hexadecimal.
    pub hash: String,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// Ed25519 over everything before, in hexadecimal.
    pub signature: String,
}

impl Anchor {
    fn text(&self) -> String {
        let kind = match self.kind {
            AnchorKind::Head => "head",
            AnchorKind::Erased => "erased",
        };
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        format!(
            "barq audit anchor 1\n{}\n{kind}\n{}\n{}\n{at}",
            self.organization_id, self.seq, self.hash
        )
    }

    /// Whether the installation signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let bytes = hex::decode(&self.signature).unwrap_or_default();
        Signature::from_slice(&bytes).is_ok_and(|signature| key.verify(self.text().as_bytes(), &signature).is_ok())
    }
}

/// The anchor files of an installation: `<data>/audit/<organization>.ndjson`, a line for each anchor.
pub struct Anchors {
    pub(crate) folder: PathBuf,
    pub(crate) key: SigningKey,
}

impl Anchors {
    /// With the key in the data folder; the first call makes it.
    pub fn open(data: &Path) -> std::io::Result<Self> {
        Ok(Self {
            folder: data.join("audit"),
            key: SigningKey::from_bytes(&key_file(data, "audit.key")?),
        })
    }

    /// The public half of the key, for whoever checks anchors elsewhere.
    pub fn public_key(&self) -> VerifyingKey {
        self.key.verifying_key()
    }

    fn path(&self, organization_id: Uuid) -> PathBuf {
        self.folder.join(format!("{organization_id}.ndjson"))
    }

    /// The organizations that have anchors, those that were erased among them.
    pub fn organizations(&self) -> std::io::Result<Vec<Uuid>> {
        let files = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            files => files?,
        };
        let mut found = Vec::new();
        for file in files {
            let path = file?.path();
            let name = path.file_stem().and_then(|name| name.to_str());
            found.extend(name.and_then(|name| Uuid::try_parse(name).ok()));
        }
        Ok(found)
    }

    /// The anchors of an organization, oldest first; a line that cannot be read is an error.
    pub fn read(&self, organization_id: Uuid) -> std::io::Result<Vec<Anchor>> {
        let text = match fs::read_to_string(self.path(organization_id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let line =
            |line: &str| serde_json::from_str(line).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error));
        text.lines().map(line).collect()
    }

    /// Signs the end of a chain and adds it to the file, unless the last line says the same.
    pub fn add(
        &self,
        organization_id: Uuid,
        kind: AnchorKind,
        (seq, hash): (i64, &[u8]),
        at: DateTime<Utc>,
    ) -> std::io::Result<Anchor> {
        let hash = hex::encode(hash);
        let same = |last: &Anchor| last.kind == kind && last.seq == seq && last.hash == hash;
        if let Some(last) = self.read(organization_id)?.pop().filter(same) {
            return Ok(last);
        }
        let mut anchor = Anchor {
            organization_id,
            kind,
            seq,
            hash,
            at,
            signature: String::new(),
        };
        anchor.signature = hex::encode(self.key.sign(anchor.text().as_bytes()).to_bytes());
        fs::create_dir_all(&self.folder)?;
        let line = serde_json::to_string(&anchor)? + "\n";
        // One write at the end of the file: processes that do the same do not mix their lines.
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.path(organization_id))?;
        file.write_all(line.as_bytes())?;
        file.sync_all()?;
        Ok(anchor)
    }
}

/// Signs where the chain of the organization ends now; nothing when it has no entry yet.
pub async fn anchor(cx: &mut Cx) -> Result<Option<Anchor>, Problem> {
    put(cx, AnchorKind::Head).await
}

/// Signs that the organization is erased: from then on its chain verifies without what it was made of.
pub async fn mark_erased(cx: &mut Cx) -> Result<Option<Anchor>, Problem> {
    put(cx, AnchorKind::Erased).await
}

async fn put(cx: &mut Cx, kind: AnchorKind) -> Result<Option<Anchor>, Problem> {
    let head = sqlx::query(HEAD).bind(cx.organization_id);
    let Some(row) = head.fetch_optional(cx.db()).await? else {
        return Ok(None);
    };
    let (seq, hash): (i64, Vec<u8>) = (row.try_get("seq")?, row.try_get("hash")?);
    let (data, organization_id, now) = (cx.platform.data.clone(), cx.organization_id, cx.now);
    let add = move || Anchors::open(&data)?.add(organization_id, kind, (seq, &hash), now);
    let added = tokio::task::spawn_blocking(add)
        .await
        .map_err(|error| Problem::internal(&error))?;
    added.map(Some).map_err(|error| Problem::internal(&error))
}
