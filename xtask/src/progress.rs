//! Steps that say what they do: name, a sign of life, time taken, and the last lines of output when they fail.

use crate::tree;
use anyhow::{Context, Result, bail};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, PipeReader, Write, pipe};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Lines shown when a step fails, its first and its last ones; the whole output stays in its log.
const HEAD_LINES: usize = 12;
const TAIL_LINES: usize = 60;
/// How long a step may be silent before it says that it is alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// A terminal shows the sign in place, so it may come often.
const SIGN_ON_TERMINAL: Duration = Duration::from_secs(1);
const SIGN_CHARS: usize = 100;

/// One line to whoever watches; a closed pipe is no reason to stop.
pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// What is shown of a step's output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// A sign of life while it runs, the end of it on failure.
    Quiet,
    /// All of it, as it comes.
    Shown,
}

/// Runs a command as a step named `name`. An exit code other than 0 is an error.
pub fn step(name: &str, command: &mut Command) -> Result<()> {
    let run = observe(name, command, Output::Quiet)?;
    if run.success { Ok(()) } else { bail!("{name} failed") }
}

/// How a command ended.
pub struct Run {
    pub success: bool,
    /// Standard output and standard error as one text.
    pub log: PathBuf,
}

/// Runs a command as a step named `name` and answers how it ended, whatever that is.
pub fn observe(name: &str, command: &mut Command, output: Output) -> Result<Run> {
    let started = Instant::now();
    say(&format!("==> {name}"));
    let log = log_path(name)?;
    let (reader, writer) = pipe().context("making a pipe")?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .spawn()
        .with_context(|| format!("starting {}", command.get_program().display()))?;
    // The command value holds copies of the pipe's end; as long as one is open the reader waits.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let kept = follow(reader, &log, output, started)?;
    let status = child.wait().with_context(|| format!("waiting for {name}"))?;
    let took = duration_text(started.elapsed());
    if status.success() {
        say(&format!("    done in {took}"));
    } else {
        if output == Output::Quiet {
            kept.show();
        }
        say(&format!(
            "    FAILED after {took} ({status}); the whole output is in {}",
            log.display()
        ));
    }
    Ok(Run {
        success: status.success(),
        log,
    })
}

/// A step done in this process, which may report single lines.
pub fn inline<T>(name: &str, work: impl FnOnce(&mut dyn FnMut(&str)) -> Result<T>) -> Result<T> {
    let started = Instant::now();
    say(&format!("==> {name}"));
    let (done, waiting) = channel::<()>();
    let result = std::thread::scope(|scope| {
        scope.spawn(move || {
            while waiting.recv_timeout(SIGN_OF_LIFE) == Err(RecvTimeoutError::Timeout) {
                say(&format!("    … {}", duration_text(started.elapsed())));
            }
        });
        let result = work(&mut |line| say(&format!("    {line}")));
        drop(done);
        result
    });
    let took = duration_text(started.elapsed());
    match &result {
        Ok(_) => say(&format!("    done in {took}")),
        Err(_) => say(&format!("    FAILED after {took}")),
    }
    result
}

/// Copies what comes into the log, shows what should be shown, keeps the last lines.
fn follow(reader: PipeReader, log: &PathBuf, output: Output, started: Instant) -> Result<Kept> {
    let mut log = File::create(log).with_context(|| format!("making {}", log.display()))?;
    let lines = lines_of(reader);
    let terminal = std::io::stdout().is_terminal();
    let patience = if terminal { SIGN_ON_TERMINAL } else { SIGN_OF_LIFE };
    let mut last_sign = Instant::now();
    let mut kept = Kept::default();
    loop {
        match lines.recv_timeout(patience) {
            Ok(line) => {
                writeln!(log, "{line}").context("writing the log of a step")?;
                if output == Output::Shown {
                    say(&line);
                }
                kept.push(line);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if output == Output::Quiet && last_sign.elapsed() >= patience {
            last_sign = Instant::now();
            sign(&kept, started, terminal);
        }
    }
    if terminal && output == Output::Quiet {
        let _ = write!(std::io::stdout().lock(), "\r\x1b[K");
    }
    Ok(kept)
}

/// The beginning and the end of a step's output.
#[derive(Default)]
struct Kept {
    head: Vec<String>,
    tail: VecDeque<String>,
    left_out: usize,
}

impl Kept {
    fn push(&mut self, line: String) {
        if self.head.len() < HEAD_LINES {
            self.head.push(line);
            return;
        }
        if self.tail.len() == TAIL_LINES {
            self.tail.pop_front();
            self.left_out += 1;
        }
        self.tail.push_back(line);
    }

    /// The last line with something in it.
    fn last(&self) -> Option<&String> {
        let lines = self.tail.iter().rev().chain(self.head.iter().rev());
        lines.into_iter().find(|line| !line.trim().is_empty())
    }

    fn show(&self) {
        for line in &self.head {
            say(&format!("    | {line}"));
        }
        if self.left_out > 0 {
            say(&format!("    | … {} lines …", self.left_out));
        }
        for line in &self.tail {
            say(&format!("    | {line}"));
        }
    }
}

fn sign(kept: &Kept, started: Instant, terminal: bool) {
    let last: String = kept
        .last()
        .map_or("", |line| line.trim())
        .chars()
        .take(SIGN_CHARS)
        .collect();
    let text = format!("    … {}  {last}", duration_text(started.elapsed()));
    if terminal {
        let mut out = std::io::stdout().lock();
        let _ = write!(out, "\r\x1b[K{text}");
        let _ = out.flush();
    } else {
        say(&text);
    }
}

fn lines_of(reader: PipeReader) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if sender.send(text).is_err() {
                break;
            }
            line.clear();
        }
    });
    receiver
}

fn log_path(name: &str) -> Result<PathBuf> {
    let folder = tree::own().join("logs");
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let file: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect();
    Ok(folder.join(format!("{file}.log")))
}

/// A time as a person says it.
pub fn duration_text(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!(duration_text(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(duration_text(Duration::from_secs(135)), "2 min 15 s");
    }

    #[test]
    fn a_step_keeps_both_outputs_in_order_and_tells_failure() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo one; echo two >&2; exit 3"]);
        let run = observe("unit test of a failing step", &mut shell, Output::Quiet).expect("runs");
        assert!(!run.success);
        assert_eq!(std::fs::read_to_string(run.log).expect("is there"), "one\ntwo\n");
        let error = step(
            "unit test of a missing program",
            &mut Command::new("no-such-program-here"),
        )
        .expect_err("fails");
        assert!(format!("{error:#}").contains("no-such-program-here"));
    }
}
