//! Redactions: what was put out of a history because a person had to be forgotten, signed, so that the chain stays whole.
//!
//! An entry of the chain is made of a history's parts and the hash of its changes. A redaction says which hash the changes had
//! when they were sealed and which they have now: everything else of the entry still verifies, and the changes that are there may
//! not be changed again.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use ed25519_dalek::{Signature, Signer, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::anchor::Anchors;

/// SHA-256 of a history's changes as the database writes them, in hexadecimal.
pub fn changes_hash(changes: &str) -> String {
    hex::encode(Sha256::digest(changes))
}

/// One line of a redaction file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redaction {
    /// Whose history.
    pub organization_id: Uuid,
    /// The history.
    pub history_id: Uuid,
    /// [`changes_hash`] before.
    pub was: String,
    /// [`changes_hash`] afterwards.
    pub is: String,
    /// When it was signed.
    pub at: DateTime<Utc>,
    /// Ed25519 over everything before, in hexadecimal.
    pub signature: String,
}

impl Redaction {
    fn text(&self) -> String {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        format!(
            "barq audit redaction 1\n{}\n{}\n{}\n{}\n{at}",
            self.organization_id, self.history_id, self.was, self.is
        )
    }

    /// Whether the installation signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let bytes = hex::decode(&self.signature).unwrap_or_default();
        Signature::from_slice(&bytes).is_ok_and(|signature| key.verify(self.text().as_bytes(), &signature).is_ok())
    }
}

/// For each history that was redacted the hash that was sealed, and those that its changes may have now: a process that ended
/// between the signature and the change leaves the one before.
pub(crate) fn sealed_hashes(redactions: &[Redaction]) -> BTreeMap<Uuid, (String, Vec<String>)> {
    let mut known: BTreeMap<Uuid, (String, Vec<String>)> = BTreeMap::new();
    for redaction in redactions {
        match known.get_mut(&redaction.history_id) {
            None => {
                let now = vec![redaction.was.clone(), redaction.is.clone()];
                known.insert(redaction.history_id, (redaction.was.clone(), now));
            }
            Some((_, now)) if now.contains(&redaction.was) => {
                *now = vec![redaction.was.clone(), redaction.is.clone()];
            }
            // Does not follow from what came before, so it says nothing.
            Some(_) => {}
        }
    }
    known
}

impl Anchors {
    fn redactions_path(&self, organization_id: Uuid) -> PathBuf {
        self.folder.join(format!("{organization_id}.redactions.ndjson"))
    }

    /// The redactions of an organization, oldest first; a line that cannot be read is an error.
    pub fn redactions(&self, organization_id: Uuid) -> std::io::Result<Vec<Redaction>> {
        let text = match fs::read_to_string(self.redactions_path(organization_id)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            read => read?,
        };
        let line =
            |line: &str| serde_json::from_str(line).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error));
        text.lines().map(line).collect()
    }

    /// Signs what is about to be put out: of each history the hash before and afterwards. To be called before the change, so that
    /// nobody finds a change that nothing explains.
    pub fn redact(
        &self,
        organization_id: Uuid,
        histories: &[(Uuid, String, String)],
        at: DateTime<Utc>,
    ) -> std::io::Result<()> {
        if histories.is_empty() {
            return Ok(());
        }
        let mut lines = String::new();
        for (history_id, was, is) in histories {
            let mut redaction = Redaction {
                organization_id,
                history_id: *history_id,
                was: was.clone(),
                is: is.clone(),
                at,
                signature: String::new(),
            };
            redaction.signature = hex::encode(self.key.sign(redaction.text().as_bytes()).to_bytes());
            lines += &(serde_json::to_string(&redaction)? + "\n");
        }
        fs::create_dir_all(&self.folder)?;
        let path = self.redactions_path(organization_id);
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    }
}
