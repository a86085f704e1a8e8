//! Prints what a plugin call costs as one line of JSON. Build it for speed:
//! `cargo run --release -p platform-plugin-host --example overhead`.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use platform_plugin_host::{Catalogue, WorkerCommand, bench};
use serde_json::json;

/// The worker is this program, told so by its first argument.
const WORKER: &str = "plugin-worker";

fn main() -> anyhow::Result<()> {
    if std::env::args().nth(1).as_deref() == Some(WORKER) {
        return platform_plugin_host::worker_main();
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out: PathBuf = std::env::temp_dir().join(format!("plugin-overhead-{}", std::process::id()));
    let built = platform_plugin_build::build_guest(&here.join("tests/guests"), &out, &mut |_| {});
    let catalogue = built.and_then(|()| Catalogue::load(&out));
    let _ = std::fs::remove_dir_all(&out);
    let catalogue = catalogue?;
    let plugin = catalogue.get("hostile-guest").context("the guest was just built")?;
    let settings = json!({"behaviour": "record"});
    let settings = settings.as_object().context("it is an object")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(bench::overhead(WorkerCommand::this_program(), plugin, settings, 2_000))?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&measured)?)?;
    Ok(())
}
