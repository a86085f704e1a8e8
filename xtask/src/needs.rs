//! Programs that the machine has to have: looked for, installed where that is possible, else named with the command.

use crate::progress::{say, step};
use crate::tree;
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A program or a few that belong together.
pub struct Need {
    name: &'static str,
    /// Whether it is there and good enough; `Err` says what is wrong.
    check: fn() -> Result<(), String>,
    /// Debian's and Ubuntu's packages.
    packages: &'static [&'static str],
    /// What to do elsewhere.
    otherwise: &'static str,
}

/// A server of our own is started from these.
pub const POSTGRES: Need = Need {
    name: "PostgreSQL server programs",
    check: postgres,
    packages: &["postgresql"],
    otherwise: "install PostgreSQL 15 or newer with your system's packages (macOS: brew install postgresql@17), \
                or name its folder of programs in BARQ_PG_BIN",
};

/// The console's build runs on it.
pub const NODE: Need = Need {
    name: "Node.js",
    check: node,
    packages: &["nodejs"],
    otherwise: "install Node.js 20.19 or newer (https://nodejs.org)",
};

/// Debian's own package of Node.js comes without it.
pub const NPM: Need = Need {
    name: "npm",
    check: || works("npm", "--version"),
    packages: &["npm"],
    otherwise: "install npm, which comes with Node.js (https://nodejs.org)",
};

/// Plugins are compiled to it: rustup's target, or Debian's compiler, which builds the standard library from source.
pub const WASM: Need = Need {
    name: "WebAssembly toolchain",
    check: wasm,
    packages: &["rustc-web", "cargo-web", "rust-web-src", "lld"],
    otherwise: "rustup target add wasm32-unknown-unknown",
};

/// Instances of an installation count together through it.
pub const REDIS: Need = Need {
    name: "Redis",
    check: || works("redis-server", "--version"),
    packages: &["redis-server"],
    otherwise: "install Redis 6 or newer with your system's packages (macOS: brew install redis)",
};

/// The browser of the browser tests, and letters for Arabic.
pub const CHROMIUM: Need = Need {
    name: "Chromium",
    check: || chromium().map(|_| ()).ok_or_else(|| "not found".to_owned()),
    packages: &["chromium", "fonts-noto-core"],
    otherwise: "install Chromium or Chrome, or name its program in BARQ_CHROMIUM",
};

/// The outside checker of the API's document runs on it.
pub const PYTHON: Need = Need {
    name: "Python 3.11 with venv",
    check: python,
    packages: &["python3", "python3-venv"],
    otherwise: "install Python 3.11 or newer (https://www.python.org)",
};

/// Says of each test what it printed, and runs those alone that measure time.
pub const NEXTEST: Need = Need {
    name: "cargo-nextest",
    check: || works("cargo-nextest", "--version"),
    packages: &[],
    otherwise: "cargo install --locked cargo-nextest (https://nexte.st)",
};

/// Makes sure that everything is there, or says everything that is missing.
pub fn ensure(needs: &[&Need]) -> Result<()> {
    let mut missing = Vec::new();
    for need in needs {
        let Err(problem) = (need.check)() else { continue };
        say(&format!("==> {}: {problem}", need.name));
        let outcome = install(need)
            .map_err(|error| format!("{error:#}"))
            .and_then(|()| (need.check)());
        if let Err(problem) = outcome {
            missing.push(missing_text(need, &problem));
        }
    }
    if missing.is_empty() {
        Ok(())
    } else {
        bail!("something is missing on this machine\n{}", missing.join("\n"))
    }
}

fn missing_text(need: &Need, problem: &str) -> String {
    let packages = need.packages.join(" ");
    format!(
        "  {}: {problem}\n    Debian, Ubuntu: sudo apt-get install {packages}\n    elsewhere: {}",
        need.name, need.otherwise
    )
}

/// Installs with apt where we may; otherwise that is the person's part.
fn install(need: &Need) -> Result<()> {
    static UPDATED: OnceLock<bool> = OnceLock::new();
    if need.packages.is_empty() {
        bail!("not installed, because no package of the system has it");
    }
    if !is_root() || !found("apt-get") {
        bail!("not installed, because that needs root and apt-get");
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    UPDATED.get_or_init(|| step("Updating the list of packages", &mut apt(&["update"])).is_ok());
    let arguments = [&["install", "--yes", "--no-install-recommends"], need.packages].concat();
    step(&format!("Installing {}", need.packages.join(" ")), &mut apt(&arguments))
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn postgres() -> Result<(), String> {
    const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
    if std::env::var_os("BARQ_DATABASE_URL").is_some() {
        return Ok(());
    }
    let complete = |folder: &PathBuf| PROGRAMS.iter().all(|program| folder.join(program).is_file());
    if postgres_folders().iter().any(complete) {
        Ok(())
    } else {
        Err("not found".to_owned())
    }
}

fn postgres_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("BARQ_PG_BIN").into_iter().map(PathBuf::from).collect();
    for parent in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr"] {
        let versions = std::fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(versions.map(|entry| entry.path().join("bin")));
    }
    folders.extend(search_path());
    folders
}

fn node() -> Result<(), String> {
    let version = output_of("node", "--version").ok_or("not found")?;
    if new_enough(&version) {
        Ok(())
    } else {
        Err(format!("{version} is too old, 20.19 is the oldest that works"))
    }
}

fn new_enough(version: &str) -> bool {
    let mut numbers = version
        .trim_start_matches('v')
        .split('.')
        .map(|part| part.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (20, 19)
}

fn python() -> Result<(), String> {
    // Debian's Python comes without what makes environments.
    let code = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";
    let mut command = tree::program("python3", &tree::root());
    let output = command.args(["-c", code]).stdin(Stdio::null()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(_) => Err("too old, or without venv".to_owned()),
        Err(_) => Err("not found".to_owned()),
    }
}

fn wasm() -> Result<(), String> {
    let sysroot = output_of("rustc", "--print=sysroot").map(PathBuf::from);
    let targets = sysroot.map(|root| root.join("lib/rustlib/wasm32-unknown-unknown/lib"));
    if targets.is_some_and(|folder| folder.is_dir()) {
        return Ok(());
    }
    let debian = [
        "/usr/bin/rustc",
        "/usr/bin/cargo",
        "/usr/bin/wasm-ld",
        "/usr/lib/rustlib/src/rust/library/std/Cargo.toml",
    ];
    if debian.iter().all(|path| Path::new(path).exists()) {
        return Ok(());
    }
    Err("not found".to_owned())
}

/// The browser to test with.
pub fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("BARQ_CHROMIUM") {
        return Some(PathBuf::from(named)).filter(|program| program.is_file());
    }
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    names.iter().find_map(|name| {
        search_path()
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    })
}

fn works(program: &str, argument: &str) -> Result<(), String> {
    output_of(program, argument)
        .map(|_| ())
        .ok_or_else(|| "not found".to_owned())
}

fn output_of(program: &str, argument: &str) -> Option<String> {
    let mut command = tree::program(program, &tree::root());
    let output = command
        .arg(argument)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// Whether a program is on the search path.
pub fn found(program: &str) -> bool {
    search_path().iter().any(|folder| folder.join(program).is_file())
}

fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_node() {
        for good in ["v20.19.0", "v20.20.2", "v22.1.0", "v100.0.0"] {
            assert!(new_enough(good), "{good}");
        }
        for old in ["v20.18.9", "v18.20.4", "", "nonsense"] {
            assert!(!new_enough(old), "{old}");
        }
    }

    #[test]
    fn what_is_missing_comes_with_the_command() {
        let text = missing_text(&WASM, "not found");
        assert!(
            text.contains("apt-get install rustc-web cargo-web rust-web-src lld"),
            "{text}"
        );
        assert!(text.contains("rustup target add wasm32-unknown-unknown"), "{text}");
    }
}
