//! Where this machine keeps PostgreSQL's own programs.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `initdb`, `pg_ctl` and `postgres`, and their major version.
#[derive(Clone, Debug)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

/// What the product is tested with; older servers lack `security_invoker` views.
const SUPPORTED_MAJORS: std::ops::RangeInclusive<u32> = 15..=18;

impl Binaries {
    /// Looks in the given folder alone if there is one, else asks `pg_config`, then the usual places (newest first),
    /// then the search path.
    pub fn find(folder: Option<&Path>) -> Result<Binaries> {
        if let Some(folder) = folder {
            return Binaries::in_folder(folder)
                .with_context(|| format!("no usable PostgreSQL server in {}", folder.display()));
        }
        let candidates = from_pg_config().into_iter().chain(installed()).chain(search_path());
        let mut refusals = Vec::new();
        for candidate in candidates.filter(|candidate| has_programs(candidate)) {
            match Binaries::in_folder(&candidate) {
                Ok(binaries) => return Ok(binaries),
                Err(refusal) => refusals.push(refusal.to_string()),
            }
        }
        bail!(
            "no PostgreSQL server of version {} to {} on this machine{}{}. Install one (Debian and Ubuntu: \
             `apt-get install postgresql`; Fedora: `dnf install postgresql-server`; macOS: `brew install \
             postgresql@17`), or name its folder of programs in BARQ_PG_BIN, or name a server in BARQ_DATABASE_URL",
            SUPPORTED_MAJORS.start(),
            SUPPORTED_MAJORS.end(),
            if refusals.is_empty() { "" } else { ": " },
            refusals.join("; "),
        )
    }

    /// The programs that fit a cluster made by the given major version.
    pub(crate) fn for_major(&self, major: u32) -> Result<Binaries> {
        if self.major == major {
            return Ok(self.clone());
        }
        installed()
            .into_iter()
            .filter_map(|folder| Binaries::in_folder(&folder).ok())
            .find(|binaries| binaries.major == major)
            .with_context(|| {
                format!(
                    "the data was made by PostgreSQL {major} and only {} is installed: install PostgreSQL {major}, or \
                     move the data with pg_dump or pg_upgrade",
                    self.major
                )
            })
    }

    /// The path of one of the programs.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub fn major(&self) -> u32 {
        self.major
    }

    fn in_folder(folder: &Path) -> Result<Binaries> {
        for name in PROGRAMS {
            if !folder.join(name).is_file() {
                bail!("{} has no `{name}`", folder.display());
            }
        }
        let output = Command::new(folder.join("postgres"))
            .arg("--version")
            .output()
            .context("asking its version")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let major = parse_major(&text).with_context(|| format!("`postgres --version` answered {text:?}"))?;
        if !SUPPORTED_MAJORS.contains(&major) {
            bail!("{} holds PostgreSQL {major}", folder.display());
        }
        Ok(Binaries {
            folder: folder.to_owned(),
            major,
        })
    }
}

const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

fn has_programs(folder: &Path) -> bool {
    PROGRAMS.iter().all(|name| folder.join(name).is_file())
}

fn parse_major(version: &str) -> Option<u32> {
    let number = version
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn from_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let folder = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(folder.trim()))
}

/// Debian keeps one folder per version, Red Hat's packages of postgresql.org likewise, Homebrew too. Newest first.
fn installed() -> Vec<PathBuf> {
    SUPPORTED_MAJORS
        .rev()
        .flat_map(|major| {
            [
                format!("/usr/lib/postgresql/{major}/bin"),
                format!("/usr/pgsql-{major}/bin"),
                format!("/opt/homebrew/opt/postgresql@{major}/bin"),
                format!("/usr/local/opt/postgresql@{major}/bin"),
            ]
        })
        .map(PathBuf::from)
        .filter(|folder| has_programs(folder))
        .collect()
}

fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_major_version_of_every_packaging() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 18beta1\n", Some(18)),
            ("postgres (PostgreSQL) 16.4\n", Some(16)),
            ("command not found", None),
        ];
        for (text, major) in cases {
            assert_eq!(parse_major(text), major, "{text}");
        }
    }

    #[test]
    fn names_what_is_missing_in_a_folder_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let error = format!("{:#}", Binaries::find(Some(folder.path())).unwrap_err());
        assert!(error.contains("no `initdb`"), "{error}");
    }
}
