//! Compilers that can make WebAssembly: the one from rustup with the target installed, or Debian's, which compiles the
//! standard library for it first.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::Options;

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// Settings of the surrounding build that must not reach a build for another target.
const FOREIGN: &[&str] = &[
    "CARGO",
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_TARGET_DIR",
    "RUSTC",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "RUSTC_BOOTSTRAP",
    "LD_LIBRARY_PATH",
];

/// A compiler found on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Toolchain {
    Rustup,
    Debian,
}

/// How long rustup may take to fetch the target, some 20 MB.
const FETCH_TIMEOUT: Duration = Duration::from_mins(2);

pub(crate) fn find(dir: &Path, progress: &mut dyn FnMut(&str)) -> anyhow::Result<Toolchain> {
    if rustup_has_target(dir) || (rustup_adds_target(dir, progress) && rustup_has_target(dir)) {
        return Ok(Toolchain::Rustup);
    }
    let missing = debian_lacks();
    if missing.is_empty() {
        return Ok(Toolchain::Debian);
    }
    bail!(
        "no compiler for WebAssembly. Either `rustup target add {TARGET}`, or on Debian \
         `apt-get install rustc-web cargo-web rust-web-src lld` (missing: {})",
        missing.join(", ")
    )
}

fn rustup_has_target(dir: &Path) -> bool {
    let mut ask = clean("rustc", dir);
    ask.args(["--print", "target-libdir", "--target", TARGET])
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let Ok(answer) = ask.output() else { return false };
    // The folder is named even when it is not there.
    answer.status.success() && Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir()
}

/// `rustup target add`, where there is a rustup; without a network it fails and Debian's compiler has its turn.
fn rustup_adds_target(dir: &Path, progress: &mut dyn FnMut(&str)) -> bool {
    let mut add = clean("rustup", dir);
    add.args(["target", "add", TARGET])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = add.spawn() else { return false };
    progress(&format!("Fetching the target {TARGET} with rustup"));
    let began = Instant::now();
    while began.elapsed() < FETCH_TIMEOUT {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    // It is of no use any more, and nothing depends on how it ends.
    let _ = child.kill().and_then(|()| child.wait().map(drop));
    false
}

fn debian_lacks() -> Vec<&'static str> {
    let sysroot_source = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
    let parts = [
        (DEBIAN_RUSTC, "rustc"),
        (DEBIAN_CARGO, "cargo"),
        (sysroot_source, "the standard library's source"),
        ("/usr/bin/wasm-ld", "wasm-ld"),
    ];
    parts
        .iter()
        .filter(|(path, _)| !Path::new(path).exists())
        .map(|(_, name)| *name)
        .collect()
}

fn clean(program: &str, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(dir);
    for name in FOREIGN {
        command.env_remove(name);
    }
    command
}

impl Toolchain {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Rustup => "the installed target",
            Self::Debian => "Debian's compiler (the first time it also compiles the standard library)",
        }
    }

    pub fn build(self, dir: &Path, packages: &[&str], target_dir: &Path, options: Options) -> anyhow::Result<()> {
        let mut cargo = match self {
            Self::Rustup => clean("cargo", dir),
            Self::Debian => {
                let mut cargo = clean(DEBIAN_CARGO, dir);
                cargo
                    .env("PATH", "/usr/bin:/bin")
                    .env("RUSTC", DEBIAN_RUSTC)
                    // Debian has no prebuilt target, and building one is an unstable option.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("RUSTFLAGS", "-Clinker=wasm-ld")
                    .arg("-Zbuild-std=std,panic_abort");
                cargo
            }
        };
        cargo
            .args(["build", "--release", "--target", TARGET, "--target-dir"])
            .arg(target_dir)
            .args(packages.iter().flat_map(|package| ["--package", package]))
            .stdin(Stdio::null());
        if options.locked && dir.join("Cargo.lock").is_file() {
            cargo.arg("--locked");
        }
        if options.shown {
            let status = cargo.status().context("starting cargo")?;
            ensure!(
                status.success(),
                "compiling {} failed: the compiler says above why",
                dir.display()
            );
            return Ok(());
        }
        let output = cargo.output().context("starting cargo")?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "compiling {} failed:\n{said}", dir.display());
        Ok(())
    }
}
