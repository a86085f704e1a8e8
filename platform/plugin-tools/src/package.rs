//! `barq plugin pack`, `keygen` and `sign`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use platform_core::ids::random_bytes;
use platform_plugin_package::{Contents, Package, SecretKey};
use sha2::{Digest, Sha256};

use crate::Context;
use crate::folder::Folder;
use crate::say::size;

/// Where a key is kept when nobody says.
const KEY: &str = "publisher.key";

/// Options of `barq plugin keygen`.
#[derive(Args, Debug)]
pub struct KeygenArgs {
    /// The file for the key; what may be given away goes beside it, with `.pub` after the name.
    #[arg(default_value = KEY)]
    pub file: PathBuf,
}

/// Options of `barq plugin sign`.
#[derive(Args, Debug)]
pub struct SignArgs {
    /// The file of a key that `barq plugin keygen` made.
    #[arg(long, default_value = KEY, env = "BARQ_PUBLISHER_KEY")]
    pub key: PathBuf,
    /// The package; the one of this folder when none is named.
    pub package: Option<PathBuf>,
}

/// Packs the folder.
pub(crate) fn pack(context: &mut Context<'_>) -> Result<PathBuf> {
    let folder = Folder::open(context.folder)?;
    if folder.is_stale() {
        bail!("plugin.wasm is older than its sources: barq plugin build, barq plugin test, then pack");
    }
    // What the manifest says and what the component does was compared when it was built.
    folder.plugin()?;
    let contents = Contents::of_folder(&folder.path).context("reading the plugin's files")?;
    let contents = contents.map_err(|refused| anyhow!("{}: {refused}", folder.path.display()))?;
    let file = folder.path.join(contents.file_name());
    let files = contents
        .files()
        .map(|(name, bytes)| format!("  {name}, {}", size(bytes.len() as u64)));
    let files: Vec<_> = files.collect();
    let bytes = contents.pack().to_bytes();
    write(&file, &bytes)?;
    context.say.line(&format!(
        "{}, {}, sha256 {}\n{}\nIt is not signed: barq plugin sign",
        file.display(),
        size(bytes.len() as u64),
        hex::encode(Sha256::digest(&bytes)),
        files.join("\n")
    ));
    Ok(file)
}

/// The package of a folder.
pub(crate) fn of_folder(folder: &Folder) -> PathBuf {
    folder
        .path
        .join(format!("{}-{}.barq", folder.manifest.name, folder.manifest.version))
}

/// Reads a package.
pub(crate) fn read(file: &Path) -> Result<Package> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("{} is not there: make it with `barq plugin pack`", file.display())
        }
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    Package::read(&bytes).map_err(|refused| anyhow!("{}: {refused}", file.display()))
}

pub(crate) fn keygen(args: &KeygenArgs, context: &mut Context<'_>) -> Result<()> {
    let file = context.folder.join(&args.file);
    let public = public_file(&file);
    if file.exists() || public.exists() {
        bail!(
            "{} is there already: a key that is lost or replaced cannot sign updates any more",
            file.display()
        );
    }
    let key = SecretKey::new(&random_bytes::<32>());
    secret_file(&file, &format!("{}\n", key.to_text()))?;
    write(&public, format!("{}\n", key.public()).as_bytes())?;
    context.say.line(&format!(
        "{} is the key {}: keep it to yourself and keep a copy.\n{} is for those who install:\n  an organization: barq plugin install --trust {}\n  \
         an operator, in publishers.toml of the plugins folder:\n    [[key]]\n    publisher = \"Your name\"\n    public-key = \"{}\"",
        file.display(),
        key.public().id(),
        public.display(),
        public_file(&args.file).display(),
        key.public()
    ));
    Ok(())
}

fn public_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// A file that only its owner reads, from the first moment on.
fn secret_file(file: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("writing {}", file.display()))
}

pub(crate) fn sign(args: &SignArgs, context: &mut Context<'_>) -> Result<()> {
    let file = match &args.package {
        Some(file) => context.folder.join(file),
        None => of_folder(&Folder::open(context.folder)?),
    };
    let key_file = context.folder.join(&args.key);
    let text = match std::fs::read_to_string(&key_file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!(
                "{} is not there: make a key with `barq plugin keygen`, or name one with --key",
                key_file.display()
            )
        }
        Err(error) => return Err(error).with_context(|| format!("reading {}", key_file.display())),
    };
    let key = text
        .parse::<SecretKey>()
        .map_err(|error| anyhow!("{}: {error}", key_file.display()))?;
    let mut package = read(&file)?;
    package.sign(&key);
    write(&file, &package.to_bytes())?;
    context.say.line(&format!(
        "{} is signed by the key {}",
        file.display(),
        key.public().id()
    ));
    Ok(())
}

/// Whole or not at all.
fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    let draft = file.with_extension("new");
    std::fs::write(&draft, bytes).with_context(|| format!("writing {}", draft.display()))?;
    std::fs::rename(&draft, file).with_context(|| format!("writing {}", file.display()))
}
