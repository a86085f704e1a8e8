//! Embeds `migrations/*.sql`: lists the files at build time, so that a new file needs no line of Rust.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the migrations folder is part of the repository")
        .map(|entry| entry.expect("a readable folder entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    files.sort();
    let mut list = String::from("&[\n");
    let mut last_version = 0;
    for file in files {
        let stem = file
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a migration's name is plain ASCII");
        let (version, description) = stem
            .split_once('_')
            .expect("a migration is called NNNN_<module>_<what>.sql");
        let version: i64 = version.parse().expect("a migration's name starts with a number");
        assert!(version > last_version, "two migrations have the number {version}");
        last_version = version;
        let path = file.canonicalize().expect("the file was just listed");
        let path = path.to_str().expect("the repository lies under a path of UTF-8");
        writeln!(list, "    ({version}, {description:?}, include_str!({path:?})),").expect("writing to a string");
    }
    list.push(']');
    let output = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR for build scripts");
    std::fs::write(Path::new(&output).join("migrations.rs"), list).expect("OUT_DIR is writable");
}
