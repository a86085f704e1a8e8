//! The operating-system account the server runs as. PostgreSQL refuses to run as root, so root lends it another one.

use anyhow::{Context, Result, bail};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The unprivileged account that root starts the server as; nobody else needs one.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    name: String,
    uid: u32,
    gid: u32,
}

impl Account {
    /// `None` when this process is not root: the server then runs as whoever started it.
    pub(crate) fn for_server() -> Result<Option<Account>> {
        if number_of("-u", None)? != 0 {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Ok(uid), Ok(gid)) = (number_of("-u", Some(name)), number_of("-g", Some(name))) {
                return Ok(Some(Account {
                    name: name.to_owned(),
                    uid,
                    gid,
                }));
            }
        }
        bail!(
            "PostgreSQL does not run as root, and this machine has neither a `postgres` nor a `nobody` account for it"
        )
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

fn number_of(what: &str, name: Option<&str>) -> Result<u32> {
    let output = Command::new("id")
        .arg(what)
        .args(name)
        .output()
        .context("running `id`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .with_context(|| format!("`id {what} {}` answered {text:?}", name.unwrap_or_default()))
}

/// A command that runs as the server does. It starts in `/`: the account may not see the caller's folder, and
/// PostgreSQL's programs complain about that.
pub(crate) fn command(account: Option<&Account>, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some(account) = account {
        // The standard library also drops root's supplementary groups when it changes the user.
        command.uid(account.uid).gid(account.gid);
    }
    command
}

/// Whether the server's account can reach and write a folder.
pub(crate) fn can_write(account: Option<&Account>, folder: &Path) -> bool {
    command(account, Path::new("test"))
        .arg("-w")
        .arg(folder)
        .status()
        .is_ok_and(|status| status.success())
}

/// Makes the folder if it is missing, gives it to the server's account and closes it to everyone else.
pub(crate) fn make_private(account: Option<&Account>, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making the folder {}", folder.display()))?;
    hand_over(account, folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("closing the folder {} to other users", folder.display()))
}

/// Gives a tree to the server's account. The top folder is changed last: once it has the right owner, so has the rest.
fn hand_over(account: Option<&Account>, path: &Path) -> Result<()> {
    let Some(account) = account else { return Ok(()) };
    let metadata = path
        .symlink_metadata()
        .with_context(|| format!("reading {}", path.display()))?;
    if metadata.uid() == account.uid {
        return Ok(());
    }
    if metadata.is_dir() {
        for entry in std::fs::read_dir(path)? {
            hand_over(Some(account), &entry?.path())?;
        }
    }
    if metadata.is_symlink() {
        return Ok(());
    }
    chown(path, Some(account.uid), Some(account.gid))
        .with_context(|| format!("giving {} to the account `{}`", path.display(), account.name))
}

/// Writes a file that the server's account can read, whatever the caller's umask says.
pub(crate) fn write(account: Option<&Account>, path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("writing {}", path.display()))?;
    hand_over(account, path)
}
