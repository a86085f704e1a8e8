//! What was released stays as it was: a plugin compiled against a contract must run on every later server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wit_parser::{PackageId, Resolve, SourceMap};

/// Versions that plugins may have been compiled against, oldest first.
const RELEASED: [&str; 2] = ["since_v1", "since_v2"];

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("wit").join(name)
}

/// The texts of a folder, by file name.
fn texts(name: &str) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for entry in std::fs::read_dir(folder(name)).with_context(|| format!("reading {name}"))? {
        let path = entry?.path();
        let file = path
            .file_name()
            .context("a file has a name")?
            .to_string_lossy()
            .into_owned();
        texts.insert(file, std::fs::read_to_string(&path)?);
    }
    Ok(texts)
}

fn add(resolve: &mut Resolve, texts: &BTreeMap<String, String>, change: impl Fn(&str) -> String) -> Result<PackageId> {
    let mut map = SourceMap::new();
    for (name, text) in texts {
        map.push_str(name, change(text));
    }
    let group = map.parse().map_err(|(_, error)| anyhow::anyhow!("{error:?}"))?;
    Ok(resolve.push_group(group)?)
}

/// The present contract beside what was released, which gets another version number so that both can be told apart.
fn both(version: &str, present: &BTreeMap<String, String>) -> Result<(Resolve, PackageId, PackageId)> {
    let mut resolve = Resolve::default();
    let number = if version == "since_v1" { "1.0.0" } else { "2.0.0" };
    if version != "since_v1" {
        add(&mut resolve, &texts("since_v1")?, str::to_owned)?;
    }
    let new = add(&mut resolve, present, str::to_owned)?;
    let released = texts(&format!("frozen/{version}"))?;
    let old = add(&mut resolve, &released, |text| {
        text.replace(
            &format!("package barq:plugin@{number};"),
            &format!("package barq:plugin@{number}-released;"),
        )
    })?;
    Ok((resolve, old, new))
}

/// The worlds that are no longer what they were, and why.
fn broken(version: &str, present: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let (resolve, old, new) = both(version, present)?;
    let mut broken = Vec::new();
    for (name, world) in &resolve.packages[old].worlds {
        match resolve.packages[new].worlds.get(name) {
            None => broken.push(format!("{version}: the world {name} is gone")),
            Some(present) => {
                if let Err(error) = wit_component::semver_check(resolve.clone(), *world, *present) {
                    broken.push(format!("{version}: {name}: {error:#}"));
                }
            }
        }
    }
    Ok(broken)
}

#[test]
fn every_world_still_fits_what_was_compiled_against_it() {
    for version in RELEASED {
        let present = texts(version).unwrap();
        assert_eq!(broken(version, &present).unwrap(), Vec::<String>::new());
        let (resolve, old, _) = both(version, &present).unwrap();
        assert!(!resolve.packages[old].worlds.is_empty(), "{version} has worlds");
    }
}

#[test]
fn a_change_that_would_break_plugins_is_found() {
    let changed = |file: &str, from: &str, to: &str| {
        let mut present = texts("since_v1").unwrap();
        let text = present.get_mut(file).unwrap();
        assert!(text.contains(from), "{from} in {file}");
        *text = text.replacen(from, to, 1);
        broken("since_v1", &present).unwrap()
    };
    // A new function of the host is what a minor version may bring.
    let more = changed(
        "host.wit",
        "    remaining-ms: func() -> u32;",
        "    remaining-ms: func() -> u32;\n    zone: func() -> string;",
    );
    assert_eq!(more, Vec::<String>::new());
    let cases = [
        (
            "fuel.wit",
            "receipt-no: option<string>,",
            "receipt-no: option<string>,\n        pump: option<string>,",
        ),
        ("fuel.wit", "electric, other }", "electric, lpg, other }"),
        (
            "generic.wit",
            "emit(emitted-event),",
            "emit(emitted-event),\n        position(string),",
        ),
        ("host.wit", "    now: func() -> instant;", ""),
        (
            "generic.wit",
            "    check: func(ctx: call-context)",
            "    check: func(ctx: call-context, deep: bool)",
        ),
    ];
    for (file, from, to) in cases {
        assert_ne!(changed(file, from, to), Vec::<String>::new(), "{from}");
    }
}

#[test]
fn nothing_in_the_contract_is_a_float() {
    for version in RELEASED {
        for (file, text) in texts(version).unwrap() {
            let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
            for line in code {
                assert!(
                    !line.contains("f32") && !line.contains("f64") && !line.contains("float"),
                    "{file}: {line}"
                );
            }
        }
    }
}
