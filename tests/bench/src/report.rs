//! The table.

use anyhow::{Context, Result, ensure};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::http::Run;
use crate::machine;
use crate::payroll::Payroll;
use crate::scenario::Scenario;

/// One measurement of each side, one after the other. CPU times are of one request or transaction.
pub struct Round {
    /// Requests to the server.
    pub ours: Run,
    /// CPU time of the server's process.
    pub server_us: f64,
    /// CPU time of the database for it.
    pub database_us: f64,
    /// CPU time of pgbench.
    pub pgbench_client_us: f64,
    /// CPU time of the database for it.
    pub pgbench_database_us: f64,
    /// Transactions of pgbench.
    pub pgbench_per_second: f64,
}

/// Medians of a scenario's rounds. Ratios are taken within a round, whose halves saw the same machine.
pub struct Line {
    resource: &'static str,
    name: &'static str,
    is_read: bool,
    round_trips: f64,
    per_second: f64,
    percentiles_ms: [f64; 3],
    server_us: f64,
    database_us: f64,
    pgbench_client_us: f64,
    pgbench_database_us: f64,
    pgbench_per_second: f64,
    cpu_ratio: f64,
    throughput_ratio: f64,
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

impl Line {
    /// The medians of a scenario.
    pub fn new(scenario: &Scenario, round_trips: f64, rounds: &[Round]) -> Self {
        let ours = |round: &Round| round.ours.requests / round.ours.seconds;
        Self {
            resource: scenario.resource,
            name: scenario.name,
            is_read: scenario.is_read,
            round_trips,
            per_second: median(rounds, ours),
            percentiles_ms: [0.5, 0.95, 0.99].map(|share| median(rounds, |round| round.ours.percentile_ms(share))),
            server_us: median(rounds, |round| round.server_us),
            database_us: median(rounds, |round| round.database_us),
            pgbench_client_us: median(rounds, |round| round.pgbench_client_us),
            pgbench_database_us: median(rounds, |round| round.pgbench_database_us),
            pgbench_per_second: median(rounds, |round| round.pgbench_per_second),
            cpu_ratio: median(rounds, |round| {
                (round.server_us + round.database_us) / (round.pgbench_client_us + round.pgbench_database_us)
            }),
            throughput_ratio: median(rounds, |round| ours(round) / round.pgbench_per_second),
        }
    }

    fn json(&self) -> Json {
        let [p50, p95, p99] = self.percentiles_ms;
        json!({"resource": self.resource, "scenario": self.name, "requests_per_s": self.per_second, "p50_ms": p50,
            "p95_ms": p95, "p99_ms": p99, "server_cpu_us": self.server_us, "database_cpu_us": self.database_us,
            "database_messages": self.round_trips, "pgbench_transactions_per_s": self.pgbench_per_second,
            "pgbench_client_cpu_us": self.pgbench_client_us, "pgbench_database_cpu_us": self.pgbench_database_us,
            "cpu_ratio": self.cpu_ratio, "throughput_ratio": self.throughput_ratio})
    }
}

/// What plugins cost: calls, memory, waiting, starts; as the program that knows the plugin host says it.
pub struct Plugin {
    figures: Json,
}

impl Plugin {
    /// Runs that program and reads its line of JSON.
    pub fn measure(program: &Path) -> Result<Self> {
        let output = Command::new(program)
            .output()
            .with_context(|| format!("starting {}", program.display()))?;
        ensure!(
            output.status.success(),
            "{}: {}",
            program.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        let figures: Json = serde_json::from_slice(&output.stdout).context("its figures")?;
        let plugin = Self { figures };
        for path in ["/bare_us", "/neighbours/ratio", "/density/peak_mib", "/starts/warm_ms"] {
            ensure!(
                plugin.figures.pointer(path).is_some_and(Json::is_f64),
                "{path} in {}",
                plugin.figures
            );
        }
        Ok(plugin)
    }

    /// A figure; what was not measured is no number.
    fn figure(&self, path: &str) -> f64 {
        self.figures.pointer(path).and_then(Json::as_f64).unwrap_or(f64::NAN)
    }

    fn targets(&self) -> Vec<(String, bool)> {
        let of = |path| self.figure(path);
        let (ratio, waiting, peak) = (of("/ratio"), of("/neighbours/ratio"), of("/density/peak_mib"));
        vec![
            (
                format!(
                    "a plugin call takes at most 2× a bare one with a fresh instance and one round trip through a pipe: \
                     {:.0} µs ÷ ({:.0} + {:.0} µs) = {ratio:.2}",
                    of("/call_us"),
                    of("/bare_us"),
                    of("/pipe_us")
                ),
                ratio <= 2.0,
            ),
            (
                format!(
                    "a good call beside 8 spinning tenants takes at most 10× its quiet time: p50 {:.0} µs, quiet {:.0} µs, {waiting:.2}×",
                    of("/neighbours/beside_spinning_us"),
                    of("/neighbours/quiet_us")
                ),
                waiting <= 10.0,
            ),
            (
                format!(
                    "1,000 tenants with 3 plugins of the same versions take less than 64 MiB: the worker had {:.0} MiB before and at \
                     most {peak:.0} MiB",
                    of("/density/idle_mib")
                ),
                peak < 64.0,
            ),
        ]
    }

    fn table(&self) -> String {
        let rows = [
            (
                "bare wasmtime: a fresh instance, a typed record of 1 KB",
                "/bare_us",
                "µs",
            ),
            ("a message through the pipe and back", "/pipe_us", "µs"),
            ("our call in the worker", "/call_us", "µs"),
            (
                "the same through the extism crate, as JSON, in one process",
                "/extism_us",
                "µs",
            ),
            ("a process for each call, as JSON", "/process_us", "µs"),
            (
                "first call of an upload: worker started, compiled, loaded",
                "/starts/compiled_ms",
                "ms",
            ),
            (
                "cold start: worker started, artefact verified and mapped",
                "/starts/cold_ms",
                "ms",
            ),
            ("warm start: worker runs, artefact mapped", "/starts/warm_ms", "ms"),
        ];
        let mut text = String::from("| plugin call | p50 |\n|---|--:|\n");
        for (name, path, unit) in rows {
            let figure = self.figure(path);
            if figure.is_finite() {
                let _ = writeln!(text, "| {name} | {figure:.1} {unit} |");
            }
        }
        text + "\n"
    }
}

/// Everything that was measured.
pub struct Report {
    machine: String,
    method: String,
    /// Scenarios.
    pub lines: Vec<Line>,
    /// The most memory that the server had.
    pub server_peak_mib: f64,
    /// Nothing when it was not asked for.
    pub plugin: Option<Plugin>,
    /// Nothing when it was not asked for.
    pub payroll: Option<Payroll>,
}

impl Report {
    /// An empty one.
    pub fn new(connections: usize, rounds: usize, seconds: u64) -> Self {
        Self {
            machine: machine::description(),
            method: format!("{connections} connections, medians of {rounds} rounds of {seconds} s for each side"),
            lines: Vec::new(),
            server_peak_mib: 0.0,
            plugin: None,
            payroll: None,
        }
    }

    /// What is asked of the figures, and whether they keep it.
    fn targets(&self) -> Vec<(String, bool)> {
        let reads = || self.lines.iter().filter(|line| line.is_read);
        let worst = |of: fn(&Line) -> f64| reads().map(of).fold(0.0, f64::max);
        let cpu = worst(|line| line.cpu_ratio);
        let slowest = reads().map(|line| line.throughput_ratio).fold(f64::INFINITY, f64::min);
        let messages = worst(|line| line.round_trips);
        let mut targets = Vec::new();
        if !self.lines.is_empty() {
            targets.push((
                format!(
                    "server below 150 MB resident under load: {:.0} MiB",
                    self.server_peak_mib
                ),
                self.server_peak_mib < 150.0 * 1e6 / 1_048_576.0,
            ));
        }
        if reads().next().is_some() {
            targets.extend([
                (
                    format!("reads cost at most 2× pgbench's CPU: worst {cpu:.2}"),
                    cpu <= 2.0,
                ),
                (
                    format!("reads reach at least half of pgbench's throughput: worst {slowest:.2}"),
                    slowest >= 0.5,
                ),
                (
                    format!("at most 3 database messages for a GET: worst {messages:.1}"),
                    messages <= 3.0,
                ),
            ]);
        }
        targets.extend(self.plugin.iter().flat_map(Plugin::targets));
        targets.extend(self.payroll.iter().flat_map(Payroll::targets));
        targets
    }

    /// The figures for programs.
    pub fn json(&self) -> Json {
        let lines: Vec<Json> = self.lines.iter().map(Line::json).collect();
        let targets = self
            .targets()
            .into_iter()
            .map(|(target, kept)| json!({"target": target, "kept": kept}));
        let plugin = self.plugin.as_ref().map(|plugin| &plugin.figures);
        let payroll = self.payroll.as_ref().map(Payroll::json);
        json!({"machine": self.machine, "plugin": plugin, "payroll": payroll, "method": self.method, "scenarios": lines,
            "server_peak_mib": self.server_peak_mib, "targets": targets.collect::<Vec<_>>()})
    }

    /// The figures for people, as Markdown.
    pub fn print(&self) -> Result<()> {
        let mut text = format!("{}, {} at the end\n{}\n\n", self.machine, machine::load(), self.method);
        if !self.lines.is_empty() {
            text += "| resource | scenario | requests/s | p50 ms | p95 ms | p99 ms | CPU µs: server + database | pgbench/s | CPU µs: pgbench + database | CPU ratio | throughput ratio | messages |\n";
            text += "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
            for line in &self.lines {
                let [p50, p95, p99] = line.percentiles_ms;
                writeln!(
                    text,
                    "| {} | {} | {:.0} | {p50:.2} | {p95:.2} | {p99:.2} | {:.0} + {:.0} | {:.0} | {:.0} + {:.0} | {:.2} | {:.2} | {:.1} |",
                    line.resource,
                    line.name,
                    line.per_second,
                    line.server_us,
                    line.database_us,
                    line.pgbench_per_second,
                    line.pgbench_client_us,
                    line.pgbench_database_us,
                    line.cpu_ratio,
                    line.throughput_ratio,
                    line.round_trips,
                )?;
            }
            text.push('\n');
        }
        if let Some(plugin) = &self.plugin {
            text += &plugin.table();
        }
        if let Some(payroll) = &self.payroll {
            text += &payroll.table();
        }
        for (target, kept) in self.targets() {
            writeln!(text, "- {}: {target}", if kept { "kept" } else { "MISSED" })?;
        }
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(())
    }
}
