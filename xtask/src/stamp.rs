//! What was built from what: a build is skipped when its inputs have the same content as last time.

use crate::tree;
use anyhow::{Context, Result};
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// Folders that builds make, and what an editor leaves.
const IGNORED: [&str; 5] = ["node_modules", "dist", "target", ".git", ".vite"];

/// Runs `work` when something under `inputs` changed since the last time it succeeded, or when `output` is missing.
/// Answers whether it ran.
pub fn when_changed(name: &str, inputs: &[PathBuf], output: &Path, work: impl FnOnce() -> Result<()>) -> Result<bool> {
    let stamp = tree::own().join("stamps").join(name);
    let before = fingerprint(inputs)?;
    if output.exists() && std::fs::read_to_string(&stamp).is_ok_and(|stored| stored == before) {
        return Ok(false);
    }
    work()?;
    let folder = tree::own().join("stamps");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    // What was there before the work: a file that somebody saved meanwhile counts as a change next time.
    std::fs::write(&stamp, before).with_context(|| format!("writing {}", stamp.display()))?;
    Ok(true)
}

/// Names and content of all files below `inputs`, as a short text. An input that is not there counts as such.
fn fingerprint(inputs: &[PathBuf]) -> Result<String> {
    let mut files = Vec::new();
    for input in inputs {
        collect(input, &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content = std::fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
        let name = file.to_string_lossy();
        for part in [name.as_bytes(), &content] {
            hasher.write_usize(part.len());
            hasher.write(part);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    if !path.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(path).with_context(|| format!("reading {}", path.display()))? {
        let entry = entry?;
        if !IGNORED.iter().any(|ignored| entry.file_name() == *ignored) {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_names_and_presence_count_and_build_folders_do_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let inputs = [folder.path().join("src"), folder.path().join("package.json")];
        let now = || fingerprint(&inputs).expect("is readable");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().expect("has a parent")).expect("is made");
            std::fs::write(file, text).expect("is written");
        };
        let mut seen = vec![now()];
        for (name, text) in [
            ("src/a.ts", "1"),
            ("src/a.ts", "2"),
            ("src/deep/b.ts", "2"),
            ("package.json", "{}"),
        ] {
            write(name, text);
            let found = now();
            assert!(!seen.contains(&found), "{name} {text}");
            seen.push(found);
        }
        write("src/node_modules/x.js", "1");
        write("src/dist/x.js", "1");
        write("other.txt", "1");
        assert_eq!(seen.last(), Some(&now()));
        std::fs::rename(folder.path().join("src/a.ts"), folder.path().join("src/c.ts")).expect("is moved");
        assert!(!seen.contains(&now()));
    }

    #[test]
    fn work_is_done_once_until_something_changes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (input, output) = (folder.path().join("in"), folder.path().join("out"));
        let name = format!("test-{}", std::process::id());
        let build = |fails: bool| {
            when_changed(&name, std::slice::from_ref(&input), &output, || {
                anyhow::ensure!(!fails, "broken");
                Ok(std::fs::write(&output, "built")?)
            })
        };
        std::fs::write(&input, "1").expect("is written");
        assert!(build(false).expect("builds"));
        assert!(!build(false).expect("has nothing to do"));
        std::fs::write(&input, "2").expect("is written");
        assert!(build(true).is_err());
        assert!(build(false).expect("a failure leaves no stamp"));
        std::fs::remove_file(&output).expect("is removed");
        assert!(build(false).expect("a missing output is built again"));
        std::fs::remove_file(tree::own().join("stamps").join(&name)).expect("is there");
    }
}
