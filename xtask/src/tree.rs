//! Where things are in the work tree.

use std::path::{Path, PathBuf};

/// The root of the work tree.
pub fn root() -> PathBuf {
    // Cargo says where this crate is at run time; the compiled-in place is for calling the binary by hand.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = PathBuf::from(here);
    here.parent().map_or_else(|| here.clone(), Path::to_path_buf)
}

/// Cargo's output folder.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// A program that the debug build made.
pub fn built(name: &str) -> PathBuf {
    target().join("debug").join(name)
}

/// Where this crate keeps its stamps and logs.
pub fn own() -> PathBuf {
    target().join("xtask")
}

/// The console's source folder.
pub fn console() -> PathBuf {
    root().join("admin-console")
}

/// Whether nobody is there to read a question or to repeat a step.
pub fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// The cargo that called us.
pub fn cargo() -> std::process::Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(program);
    command.current_dir(root());
    command
}

/// A program, called in a folder.
pub fn program(name: &str, folder: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(name);
    command.current_dir(folder);
    command
}
