//! Keys of an installation: random files in the data folder, readable by their owner alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use crate::ids::random_bytes;

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The key in `<data>/keys/<name>`; the first call makes it. Processes that start together get the same one.
pub fn key_file(data: &Path, name: &str) -> Result<[u8; KEY_BYTES]> {
    let folder = data.join("keys");
    let path = folder.join(name);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
            create(&folder, &path)?
        }
        read => read?,
    };
    bytes
        .try_into()
        .map_err(|_| Error::new(ErrorKind::InvalidData, format!("{} is no key", path.display())))
}

/// Whole or not at all, and never over a key that another process just made.
fn create(folder: &Path, path: &Path) -> Result<Vec<u8>> {
    let suffix = crate::ids::new_id().simple().to_string();
    let fresh = folder.join(format!("new-{suffix}"));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(&random_bytes::<KEY_BYTES>())?;
    file.sync_all()?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => fs::read(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = std::env::temp_dir().join(format!("barq-keys-{}", crate::ids::new_id().simple()));
        let first = key_file(&folder, "a.key").expect("a key");
        assert_eq!(key_file(&folder, "a.key").expect("the same key"), first);
        assert_ne!(key_file(&folder, "b.key").expect("another key"), first);
        fs::write(folder.join("keys/c.key"), b"short").expect("written");
        assert!(key_file(&folder, "c.key").is_err());
        fs::remove_dir_all(&folder).expect("removed");
    }
}
