//! The guide for adding a resource shows what the product runs, and keeps its promises.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::report;

const GUIDE: &str = "docs/guides/add-a-resource.md";
/// What one resource may cost to declare.
const DECLARATION_LINES: usize = 60;

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

/// A block of the guide, with the file that the line before it names.
struct Block<'a> {
    file: Option<&'a str>,
    language: &'a str,
    text: String,
}

fn blocks(guide: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = guide.lines();
    let mut before = "";
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let mut quoted = before.split('`').skip(1).step_by(2);
            let named = quoted.find(|name| name.contains('/') && !name.contains(' '));
            blocks.push(Block {
                file: named,
                language,
                text: text.join("\n"),
            });
            before = "";
        } else if !line.trim().is_empty() {
            before = line;
        }
    }
    blocks
}

/// Whether the lines stand in the file one after the other; the comma after a section's last bracket does not count.
fn contains(file: &str, block: &str) -> bool {
    let same = |one: &str, other: &str| one.trim_end().trim_end_matches(',') == other.trim_end().trim_end_matches(',');
    let (file, block): (Vec<&str>, Vec<&str>) = (file.lines().collect(), block.lines().collect());
    !block.is_empty()
        && file
            .windows(block.len())
            .any(|lines| lines.iter().zip(&block).all(|(one, other)| same(one, other)))
}

#[test]
fn the_guide_shows_what_the_product_runs() -> Result<()> {
    let guide = std::fs::read_to_string(root().join(GUIDE)).context(GUIDE)?;
    let blocks = blocks(&guide);
    let mut shown = Vec::new();
    for block in &blocks {
        let Some(name) = block.file else {
            // Commands and trees are nobody's text; code is always somebody's.
            ensure!(
                !matches!(block.language, "rust" | "sql" | "json"),
                "nobody knows of which file this is:\n{}",
                block.text
            );
            continue;
        };
        let file = std::fs::read_to_string(root().join(name)).with_context(|| name.to_owned())?;
        ensure!(
            contains(&file, &block.text),
            "{name} does not have what the guide shows:\n{}",
            block.text
        );
        shown.push(name);
    }
    for wanted in [".sql", ".rs", "en.json", "ar.json"] {
        ensure!(
            shown.iter().any(|name| name.ends_with(wanted)),
            "the guide shows no {wanted}"
        );
    }

    // The example is a whole resource of the product, declared in few lines.
    let declaration = blocks.iter().find(|block| block.text.contains("Resource::new("));
    let declaration = declaration.context("the guide shows no declaration")?;
    let lines = declaration.text.lines().filter(|line| !line.trim().is_empty()).count();
    ensure!(lines < DECLARATION_LINES, "the declaration has {lines} lines");
    let mut names = declaration
        .text
        .split("Resource::new(")
        .nth(1)
        .unwrap_or_default()
        .split('"')
        .skip(1)
        .step_by(2);
    let (module, name) = (names.next().context("a module")?, names.next().context("a name")?);
    let registry = barq::app::registry()?;
    let resource = registry
        .resource(&format!("{module}.{name}"))
        .context("the example is not declared")?;
    ensure!(
        resource
            .fields
            .iter()
            .all(|field| declaration.text.contains(&format!("\"{}\"", field.name))),
        "a field is missing"
    );

    // What the guide promises in numbers.
    let operations = platform_engine::resource_operations(resource).len() + platform_import::operations(resource).len();
    let promised = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen"]
        .iter()
        .position(|word| guide.contains(&format!("{word} operations")));
    ensure!(
        promised.map(|place| place + 10) == Some(operations),
        "{operations} operations are served, the guide says otherwise"
    );
    report(&format!(
        "Guide: {} blocks equal to their files; {module}.{name} is declared in {lines} lines and brings {operations} operations",
        shown.len()
    ))
}

#[test]
fn a_guide_that_lies_is_found() -> Result<()> {
    let text = "`src/a.rs`:\n\n```rust\nfn a() {}\nfn b() {}\n```\n";
    let block = blocks(text).pop().context("a block")?;
    ensure!(
        block.file == Some("src/a.rs") && contains("x\nfn a() {}\nfn b() {}\ny", &block.text),
        "the block is not found"
    );
    ensure!(
        !contains("fn a() {}\nfn c() {}\nfn b() {}", &block.text),
        "lines that are not there are found"
    );
    Ok(())
}

#[test]
fn what_the_coverage_table_names_is_there() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("a folder above")?;
    let endpoints = barq::endpoints()?;
    let ids: BTreeSet<&str> = endpoints
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    let table = std::fs::read_to_string(root.join("docs/COVERAGE.md"))?;
    let rows = table.lines().filter_map(|line| line.split(" | ").nth(1));
    let named: BTreeSet<&str> = rows
        .flat_map(|ours| ours.split('`').skip(1).step_by(2))
        .filter(|name| name.contains('.') && !name.contains([' ', '=', '/']))
        .collect();
    let missing: Vec<_> = named.iter().filter(|name| !ids.contains(*name)).collect();
    ensure!(missing.is_empty(), "no such operations: {missing:?}");
    ensure!(named.len() > 300, "only {} operations are named", named.len());
    Ok(())
}
