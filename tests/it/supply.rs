//! What the product is made of: every crate and package from its registry with a checksum, under a licence that we may use, built
//! by one version of the compiler; and a list of all of it that others can read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};

use crate::check;

/// What a product under Apache-2.0 may be linked with.
const LICENCES: [&str; 19] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "MPL-2.0+",
    "OFL-1.1",
    "PSF-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// Whether an expression as `(MIT OR Apache-2.0) AND Unicode-3.0` can be met with the licences above.
fn is_allowed(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], " ").replace('/', " OR ");
    plain
        .split(" AND ")
        .all(|part| part.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

fn told(command: &mut Command) -> Result<Json> {
    let output = command.current_dir(root()).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Crates of every lock file of ours.
fn crates(findings: &mut Vec<String>, parts: &mut Vec<Json>) -> Result<usize> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    // Not offline: crates for other systems are in the lock file too, and no build here has fetched them.
    let metadata = told(Command::new(cargo).args(["metadata", "--locked", "--format-version", "1"]))?;
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    let mut count = 0;
    for package in metadata["packages"].as_array().context("packages")? {
        let (name, version) = (
            package["name"].as_str().unwrap_or_default(),
            package["version"].as_str().unwrap_or_default(),
        );
        let Some(source) = package["source"].as_str() else {
            continue;
        };
        count += 1;
        if source != "registry+https://github.com/rust-lang/crates.io-index" {
            findings.push(format!("{name} {version} comes from {source}"));
        }
        let entry = lock.split("[[package]]").find(|entry| {
            entry.contains(&format!("name = \"{name}\"\n")) && entry.contains(&format!("version = \"{version}\"\n"))
        });
        let sum = entry.and_then(|entry| entry.split("checksum = \"").nth(1)?.split('"').next());
        if sum.is_none_or(|sum| sum.len() != 64) {
            findings.push(format!("{name} {version} has no checksum"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        if !is_allowed(licence) {
            findings.push(format!("{name} {version} is under {licence:?}"));
        }
        parts.push(
            json!({"type": "library", "name": name, "version": version, "purl": format!("pkg:cargo/{name}@{version}"),
            "licenses": [{"expression": licence}], "hashes": [{"alg": "SHA-256", "content": sum}]}),
        );
    }
    Ok(count)
}

/// Packages of the console, as its lock file has them.
fn packages(findings: &mut Vec<String>, parts: &mut Vec<Json>) -> Result<usize> {
    let lock = std::fs::read(root().join("admin-console/package-lock.json"))?;
    let lock: Json = serde_json::from_slice(&lock)?;
    let mut count = 0;
    for (place, package) in lock["packages"].as_object().context("packages")? {
        if place.is_empty() || package["link"] == true {
            continue;
        }
        count += 1;
        let version = package["version"].as_str().unwrap_or_default();
        let name = place.rsplit("node_modules/").next().unwrap_or(place);
        let resolved = package["resolved"].as_str().unwrap_or_default();
        // What another package brings along has no sum of its own, nor has what is for other machines alone.
        let without = package["inBundle"] == true || package["optional"] == true;
        // The lock file names no registry: whoever builds asks his own, and the sum decides.
        if !resolved.is_empty() && !resolved.starts_with("https://registry.npmjs.org/") {
            findings.push(format!("{name} {version} comes from {resolved:?}"));
        }
        if !without
            && !package["integrity"]
                .as_str()
                .is_some_and(|sum| sum.starts_with("sha512-"))
        {
            findings.push(format!("{name} {version} has no checksum"));
        }
        let licence = package["license"].as_str().unwrap_or_default();
        // What only builds and tests is not given to anybody.
        if package["dev"] != true && package["devOptional"] != true && !is_allowed(licence) {
            findings.push(format!("{name} {version} is under {licence:?}"));
        }
        parts.push(
            json!({"type": "library", "name": name, "version": version, "purl": format!("pkg:npm/{name}@{version}"),
            "licenses": [{"expression": licence}]}),
        );
    }
    Ok(count)
}

/// What is known against the parts, as far as this machine can ask: what was answered, and whether it is bad.
fn advisories(findings: &mut Vec<String>) -> String {
    let mut answers = Vec::new();
    let deny = Command::new("cargo")
        .args(["deny", "check", "advisories"])
        .current_dir(root())
        .output();
    match deny {
        Ok(output) if output.status.success() => answers.push("cargo-deny: none known".to_owned()),
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("no such command") => {
            answers.push("crates not asked, cargo-deny is not installed".to_owned());
        }
        Ok(output) if String::from_utf8_lossy(&output.stderr).contains("fetch") => {
            answers.push("crates not asked, the advisory database is out of reach".to_owned());
        }
        Ok(output) => findings.push(format!("cargo-deny: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => answers.push(format!("crates not asked, {error}")),
    }
    let npm = Command::new("npm")
        .args(["audit", "--json", "--omit=dev"])
        .current_dir(root().join("admin-console"))
        .output();
    let report = npm
        .ok()
        .and_then(|output| serde_json::from_slice::<Json>(&output.stdout).ok())
        .unwrap_or_default();
    match report["metadata"]["vulnerabilities"]["total"].as_u64() {
        Some(0) => answers.push("npm audit: 0".to_owned()),
        Some(known) => findings.push(format!("npm audit: {known} known against the console's packages")),
        None => answers.push("packages not asked, the registry takes no audits".to_owned()),
    }
    answers.join("; ")
}

#[test]
fn every_part_has_a_source_a_sum_and_a_licence() -> Result<()> {
    let (mut findings, mut parts) = (Vec::new(), Vec::new());
    let crates = crates(&mut findings, &mut parts)?;
    let packages = packages(&mut findings, &mut parts)?;
    let toolchain = std::fs::read_to_string(root().join("rust-toolchain.toml"))?;
    let channel = toolchain.split('"').nth(1).context("a channel")?;
    if channel.split('.').count() != 3 || !channel.split('.').all(|part| part.parse::<u32>().is_ok()) {
        findings.push(format!("the toolchain is {channel}, not one version"));
    }
    // The same part may stand in two places of a tree.
    let names: BTreeSet<String> = parts.iter().map(|part| part["purl"].to_string()).collect();
    let by_name: BTreeMap<String, Json> = parts.into_iter().map(|part| (part["purl"].to_string(), part)).collect();
    let list = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": {"type": "application", "name": "barq", "version": env!("CARGO_PKG_VERSION")}},
        "components": by_name.into_values().collect::<Vec<_>>()});
    let own = std::env::current_exe()?;
    let file = own
        .ancestors()
        .nth(3)
        .context("the target folder")?
        .join("barq.cdx.json");
    std::fs::write(&file, serde_json::to_vec_pretty(&list)?)?;
    let asked = advisories(&mut findings);
    check(
        "S6",
        findings.is_empty(),
        &format!(
            "{crates} crates and {packages} packages, each with its registry, checksum and licence: {} findings; toolchain {channel}; \
             bill of {} parts in barq.cdx.json; advisories: {asked}",
            findings.len(),
            names.len()
        ),
    )?;
    ensure!(findings.is_empty(), "{}", findings.join("\n"));
    for (expression, allowed) in [
        ("MIT OR Apache-2.0", true),
        ("(MIT OR GPL-3.0) AND Unicode-3.0", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("", false),
    ] {
        ensure!(is_allowed(expression) == allowed, "{expression}");
    }
    Ok(())
}
