//! `cargo xtask generate`: files that follow from the code and are committed, so that reviewers read what changed.

use crate::builds::{npm, npm_packages};
use crate::progress::{say, step};
use crate::{builds, needs, tree};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write nothing; fail when a committed file is not what the code says.
    #[arg(long)]
    pub check: bool,
}

/// What the server prints, and the file that keeps it.
const PRINTED: [(&str, &str); 4] = [
    ("openapi", "docs/openapi.json"),
    ("permissions", "docs/permissions.txt"),
    ("endpoints", "docs/endpoints.txt"),
    ("states", "docs/states.txt"),
];
/// What the console's own generator writes.
const TYPES: &str = "admin-console/src/api/schema.d.ts";
const DIFF_LINES: usize = 60;

pub fn run(arguments: &Arguments) -> Result<()> {
    needs::ensure(&[&needs::NODE, &needs::NPM])?;
    npm_packages("console", &tree::console())?;
    builds::programs(false)?;
    let files: Vec<PathBuf> = PRINTED
        .iter()
        .map(|(_, file)| *file)
        .chain([TYPES])
        .map(|file| tree::root().join(file))
        .collect();
    let before: Vec<Option<Vec<u8>>> = files.iter().map(|file| std::fs::read(file).ok()).collect();
    let written = write();
    let after: Vec<Option<Vec<u8>>> = files.iter().map(|file| std::fs::read(file).ok()).collect();
    let changed: Vec<usize> = (0..files.len())
        .filter(|index| before[*index] != after[*index])
        .collect();
    if arguments.check {
        for index in &changed {
            show_difference(&files[*index], before[*index].as_deref());
        }
        // The generator of the types reads and writes in place, so a check writes too and then puts everything back.
        for (file, content) in files.iter().zip(&before) {
            put_back(file, content.as_deref())?;
        }
    }
    written?;
    for index in &changed {
        let verb = if arguments.check { "out of date" } else { "written" };
        say(&format!("    {verb}: {}", relative(&files[*index])));
    }
    match (changed.len(), arguments.check) {
        (0, _) => say("    the generated files are up to date"),
        (count, true) => bail!("{count} generated files are out of date: run `cargo xtask generate` and commit them"),
        (_, false) => {}
    }
    Ok(())
}

fn write() -> Result<()> {
    let root = tree::root();
    for (subcommand, file) in PRINTED {
        let mut command = Command::new(tree::built("barq"));
        command.arg(subcommand).current_dir(&root).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("running barq {subcommand}"))?;
        if !output.status.success() {
            bail!(
                "barq {subcommand} failed: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        let path = root.join(file);
        std::fs::write(&path, output.stdout).with_context(|| format!("writing {}", path.display()))?;
    }
    step(
        "Writing the console's types",
        &mut npm(&tree::console(), &["run", "generate"]),
    )
}

fn put_back(file: &Path, content: Option<&[u8]>) -> Result<()> {
    match content {
        Some(content) => std::fs::write(file, content),
        None if file.exists() => std::fs::remove_file(file),
        None => Ok(()),
    }
    .with_context(|| format!("putting {} back", file.display()))
}

fn show_difference(file: &Path, before: Option<&[u8]>) {
    let committed = tree::own().join("committed");
    if std::fs::create_dir_all(tree::own()).is_err() || std::fs::write(&committed, before.unwrap_or_default()).is_err()
    {
        return;
    }
    let Ok(output) = Command::new("diff").arg("-u").arg(&committed).arg(file).output() else {
        return;
    };
    say(&format!("--- {} as committed, +++ as the code says", relative(file)));
    for line in String::from_utf8_lossy(&output.stdout).lines().skip(2).take(DIFF_LINES) {
        let line: String = line.chars().take(200).collect();
        say(&line);
    }
}

fn relative(file: &Path) -> String {
    file.strip_prefix(tree::root()).unwrap_or(file).display().to_string()
}
