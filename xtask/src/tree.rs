//! Where things are in the work tree.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

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
pub fn cargo() -> Command {
    let mut command = Command::new(cargo_program());
    command.current_dir(root());
    as_if_first(&mut command);
    command
}

/// The path of the cargo that called us.
pub fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Takes away what `cargo run` says about this crate. Build scripts that look at such variables would run again, and
/// with them everything that depends on them, each time a person and this program take turns.
pub fn as_if_first(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if describes_this_crate(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
}

fn describes_this_crate(variable: &str) -> bool {
    const NAMES: [&str; 6] = [
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    variable.starts_with("CARGO_PKG_") || NAMES.contains(&variable)
}

/// A program, called in a folder.
pub fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_run_adds_goes_and_settings_stay() {
        for added in [
            "CARGO_PKG_NAME",
            "CARGO_PKG_VERSION_PRE",
            "CARGO_MANIFEST_DIR",
            "OUT_DIR",
        ] {
            assert!(describes_this_crate(added), "{added}");
        }
        for setting in [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_TERM_COLOR",
            "CARGO_INCREMENTAL",
            "CARGO",
            "PATH",
        ] {
            assert!(!describes_this_crate(setting), "{setting}");
        }
    }
}
