//! Reading and writing of ZIP files beside the threads that serve requests.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::Error;
use crate::manifest::{Manifest, NAME};

enum Part {
    Entry(String),
    Bytes(Vec<u8>),
}

/// An archive that is being written.
pub struct Writer {
    parts: mpsc::Sender<Part>,
    task: JoinHandle<Result<(), Error>>,
}

impl Writer {
    /// Begins the file, which only its owner may read.
    pub fn create(path: &Path) -> Result<Self, Error> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        let (parts, mut incoming) = mpsc::channel(8);
        let task = tokio::task::spawn_blocking(move || {
            let mut zip = ZipWriter::new(BufWriter::new(file));
            while let Some(part) = incoming.blocking_recv() {
                match part {
                    Part::Entry(name) => zip.start_file(name, SimpleFileOptions::default().large_file(true))?,
                    Part::Bytes(bytes) => zip.write_all(&bytes)?,
                }
            }
            let file = zip
                .finish()?
                .into_inner()
                .map_err(std::io::IntoInnerError::into_error)?;
            file.sync_all()?;
            Ok(())
        });
        Ok(Self { parts, task })
    }

    /// Begins the next entry.
    pub async fn entry(&mut self, name: String) -> Result<(), Error> {
        self.send(Part::Entry(name)).await
    }

    /// Adds to the entry.
    pub async fn bytes(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        self.send(Part::Bytes(bytes)).await
    }

    async fn send(&mut self, part: Part) -> Result<(), Error> {
        if self.parts.send(part).await.is_ok() {
            return Ok(());
        }
        // The other side ended: it says why.
        (&mut self.task).await.map_err(std::io::Error::other)?
    }

    /// Ends the file.
    pub async fn finish(self) -> Result<(), Error> {
        drop(self.parts);
        self.task.await.map_err(std::io::Error::other)?
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(std::io::Error::other)?
}

/// The manifest of an archive.
pub async fn manifest(path: &Path) -> Result<Manifest, Error> {
    let path = path.to_owned();
    blocking(move || {
        let mut zip = ZipArchive::new(BufReader::new(File::open(path)?))?;
        let entry = zip.by_name(NAME)?;
        serde_json::from_reader::<_, Manifest>(BufReader::new(entry))?.checked()
    })
    .await
}

/// The lines of an entry in bundles, after which comes its checksum.
pub fn lines(path: &Path, name: String, most: usize) -> mpsc::Receiver<Result<Lines, Error>> {
    let (sender, receiver) = mpsc::channel(2);
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = read_lines(&path, &name, most, &sender) {
            let _ = sender.blocking_send(Err(error));
        }
    });
    receiver
}

/// What [`lines`] gives.
pub enum Lines {
    /// Some lines.
    Some(Vec<String>),
    /// All were read: their checksum in hexadecimal.
    End(String),
}

fn read_lines(path: &Path, name: &str, most: usize, to: &mpsc::Sender<Result<Lines, Error>>) -> Result<(), Error> {
    let mut zip = ZipArchive::new(BufReader::new(File::open(path)?))?;
    let mut entry = BufReader::new(zip.by_name(name)?);
    let (mut hash, mut bundle) = (Sha256::new(), Vec::new());
    loop {
        let mut line = String::new();
        let read = entry.read_line(&mut line)?;
        hash.update(&line);
        if read > 0 {
            bundle.push(line.trim_end_matches('\n').to_owned());
        }
        if (read == 0 || bundle.len() >= most) && !bundle.is_empty() {
            // Nobody listens any more: the import ended early.
            if to.blocking_send(Ok(Lines::Some(std::mem::take(&mut bundle)))).is_err() {
                return Ok(());
            }
        }
        if read == 0 {
            let _ = to.blocking_send(Ok(Lines::End(hex::encode(hash.finalize()))));
            return Ok(());
        }
    }
}

/// Unpacks an entry into a file; answers its checksum.
pub async fn unpack(path: &Path, name: String, to: PathBuf) -> Result<String, Error> {
    let path = path.to_owned();
    blocking(move || {
        let mut zip = ZipArchive::new(BufReader::new(File::open(path)?))?;
        let mut entry = zip.by_name(&name)?;
        let mut file = File::create(to)?;
        let (mut hash, mut bytes) = (Sha256::new(), vec![0; 64 * 1024]);
        loop {
            let read = entry.read(&mut bytes)?;
            if read == 0 {
                file.sync_all()?;
                return Ok(hex::encode(hash.finalize()));
            }
            hash.update(&bytes[..read]);
            file.write_all(&bytes[..read])?;
        }
    })
    .await
}
