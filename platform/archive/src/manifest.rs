//! What an archive says about itself.

use chrono::{DateTime, Utc};
use platform_audit::Redaction;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form that this build writes and reads.
pub(crate) const FORMAT: u32 = 1;
/// Its name in the archive; it comes last.
pub(crate) const NAME: &str = "manifest.json";

/// `manifest.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the form.
    pub format: u32,
    /// Whose it is.
    pub organization_id: Uuid,
    /// Its name.
    pub organization_name: String,
    /// The moment that every row is from.
    pub exported_at: DateTime<Utc>,
    /// The organization's key, in hexadecimal: without it nobody reads what is sealed in its histories. An archive is as secret
    /// as the data in it.
    pub data_key: Option<String>,
    /// By table, in the order in which they are read.
    pub tables: Vec<TableEntry>,
    /// Uploaded files.
    pub files: Vec<FileEntry>,
    /// Files that rows tell of and the folder did not have.
    pub missing_files: Vec<Uuid>,
    /// What was put out of histories: without it their chain would not verify elsewhere.
    #[serde(default)]
    pub redactions: Vec<Redaction>,
}

/// `tables/<name>.ndjson`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// As `fleet.vehicles`.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Lines.
    pub rows: u64,
    /// Of the lines, in hexadecimal.
    pub sha256: String,
}

/// `files/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// The id of its row in `platform.files`.
    pub id: Uuid,
    /// Bytes.
    pub size_bytes: u64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// Checks the form.
    pub(crate) fn checked(self) -> Result<Self, crate::Error> {
        if self.format == FORMAT {
            Ok(self)
        } else {
            Err(crate::Error::Refused(format!(
                "the archive has the form {}, this build reads {FORMAT}",
                self.format
            )))
        }
    }
}
