//! P12: the runtime is the newest patch of a line that its makers support.

use std::path::Path;
use std::process::Command;

use super::check;

/// Every twelfth release is supported for two years, the others for two months: 48 is such a one.
const LINE: &str = "48.0.";

#[test]
fn the_runtime_is_the_newest_patch_of_a_supported_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let locked: Vec<&str> = lock
        .split("[[package]]")
        .filter(|entry| entry.contains("name = \"wasmtime\"\n"))
        .filter_map(|entry| entry.split("version = \"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(locked.len(), 1, "one runtime, not several: {locked:?}");
    let patch = |version: &str| version.strip_prefix(LINE)?.parse::<u32>().ok();
    let ours = patch(locked[0]).expect("a version of the supported line");
    // What the registry says, where it can be asked: without it a machine still knows what it downloaded.
    let asked = Command::new(option_env!("CARGO").unwrap_or("cargo"))
        .args(["info", "--color", "never", "wasmtime@48"])
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&asked.stdout).into_owned();
    let newest = said
        .lines()
        .find_map(|line| line.strip_prefix("version: ")?.split(' ').next())
        .and_then(patch);
    let deny = Command::new("cargo")
        .args(["deny", "check", "advisories"])
        .current_dir(&root)
        .output();
    let advisories = match deny {
        Ok(output) if output.status.success() => "no advisory known",
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("no such command") => {
            "advisories not asked, cargo-deny is not installed"
        }
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("fetch") => {
            "advisories not asked, their list is out of reach"
        }
        _ => "an advisory, or a list that cannot be read",
    };
    let known = newest.map_or("the registry was not asked".to_owned(), |newest| {
        format!("the newest patch is {LINE}{newest}")
    });
    let figure = format!("wasmtime {}; {known}; {advisories}", locked[0]);
    let passed = newest.is_none_or(|newest| ours >= newest) && !advisories.starts_with("an advisory");
    check("P12", passed, &figure);
}
