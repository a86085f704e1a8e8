//! Prints what a plugin call costs as one line of JSON. Build it for speed:
//! `cargo run --release -p platform-plugin-host --example overhead`.
//!
//! With `BARQ_BENCH_EXTISM=<program>,<guest>` the same call is made through extism too, in turn with the others.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use platform_plugin_host::bench::{self, Others};
use platform_plugin_host::{Catalogue, WorkerCommand};
use serde_json::{Value, json};

/// The worker is this program, told so by its first argument; and so is the process that lives for one call.
const WORKER: &str = "plugin-worker";
const ONE_CALL: &str = "one-call";
/// Compiles the guest that another project's crate calls.
const BUILD_GUEST: &str = "build-guest";

fn main() -> anyhow::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some(WORKER) => return platform_plugin_host::worker_main(),
        Some(ONE_CALL) => return one_call(),
        Some(BUILD_GUEST) => return build_guest(),
        _ => {}
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
    let mut extism = Extism::start()?;
    let mut of_extism = |calls| extism.as_mut().context("it was started")?.round(calls);
    let mut of_process = |calls| (0..calls).map(|_| process()).collect();
    let others = Others {
        extism: std::env::var_os(EXTISM).map(|_| &mut of_extism as bench::Beside<'_>),
        process: Some(&mut of_process),
    };
    let worker = WorkerCommand::this_program();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(async {
        let overhead = bench::overhead(worker.clone(), plugin, settings, 2_000, others).await?;
        let neighbours = bench::neighbours(&worker, plugin, settings, 2_000).await?;
        let density = bench::density(&worker, plugin, settings).await?;
        let starts = bench::starts(&worker, plugin, settings).await?;
        let mut all = serde_json::to_value(overhead)?;
        all["neighbours"] = serde_json::to_value(neighbours)?;
        all["density"] = serde_json::to_value(density)?;
        all["starts"] = serde_json::to_value(starts)?;
        anyhow::Ok(all)
    })?;
    writeln!(std::io::stdout(), "{measured}")?;
    Ok(())
}

/// What a process does that is started for one call: reads what it is given, answers with a record of a kilobyte.
fn one_call() -> anyhow::Result<()> {
    let mut given = String::new();
    std::io::stdin().read_to_string(&mut given)?;
    let given: Value = serde_json::from_str(&given)?;
    let text = |length: usize| "x".repeat(length);
    let attributes: Vec<Value> = (0..8).map(|i| json!([format!("attribute-{i}"), text(80)])).collect();
    let page = json!({"transactions": [{"external_id": text(32), "occurred_at": given["now"], "card_ref": text(32),
        "station_name": text(120), "attributes": attributes}], "cursor": "c", "more": false});
    write!(std::io::stdout(), "{page}")?;
    Ok(())
}

/// `build-guest <folder> <file>`: a core module, not a component.
fn build_guest() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(2);
    let (folder, file) = (
        arguments.next().context("a folder")?,
        arguments.next().context("a file")?,
    );
    let core = platform_plugin_build::compile_guest(Path::new(&folder), "extism-record", &mut |_| {})?;
    std::fs::write(&file, core).with_context(|| format!("writing {file}"))
}

/// One such process, from its start to its end.
fn process() -> anyhow::Result<Duration> {
    let started = Instant::now();
    let mut command = Command::new("/proc/self/exe");
    command
        .arg(ONE_CALL)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().context("the pipe was asked for")?;
    stdin.write_all(json!({"now": 1_800_000_000_000_i64}).to_string().as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the process of one call failed");
    let page: Value = serde_json::from_slice(&output.stdout)?;
    let took = started.elapsed();
    ensure!(
        page["transactions"].as_array().is_some_and(|all| all.len() == 1),
        "one record is expected"
    );
    Ok(took)
}

const EXTISM: &str = "BARQ_BENCH_EXTISM";

/// The program that calls through extism.
struct Extism {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Extism {
    fn start() -> anyhow::Result<Option<Self>> {
        let Some(named) = std::env::var_os(EXTISM) else {
            return Ok(None);
        };
        let named = named.to_string_lossy().into_owned();
        let (program, guest) = named.split_once(',').context("a program and a guest")?;
        let mut command = Command::new(program);
        let mut child = command
            .arg(guest)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let answers = BufReader::new(child.stdout.take().context("the pipe was asked for")?);
        Ok(Some(Self { child, answers }))
    }

    fn round(&mut self, calls: usize) -> anyhow::Result<Vec<Duration>> {
        let stdin = self.child.stdin.as_mut().context("the pipe was asked for")?;
        writeln!(stdin, "{calls}")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let times: Vec<u64> = serde_json::from_str(&line).context("times of calls through extism")?;
        Ok(times.into_iter().map(Duration::from_nanos).collect())
    }
}

impl Drop for Extism {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
