//! How many tests a runner says it ran, from its closing lines.

use std::ops::AddAssign;

/// Tests that passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)
        } else {
            Ok(())
        }
    }
}

/// Adds up the closing lines of cargo test, nextest, vitest and node's runner in a log.
pub fn of_log(log: &str) -> Counts {
    let lines = || log.lines().map(without_colour);
    // Nextest shows what a failed test wrote, and each test ends with a closing line of its own.
    let is_nextest = lines().any(|line| line.trim().starts_with("Summary ["));
    let mut counts = Counts::default();
    for line in lines() {
        let line = line.trim();
        if is_nextest && line.starts_with("test result:") {
            continue;
        }
        let Some(result) = closing(line) else { continue };
        counts += Counts {
            passed: before(result, "passed").or_else(|| node(line, "pass")).unwrap_or(0),
            failed: before(result, "failed").or_else(|| node(line, "fail")).unwrap_or(0),
            skipped: ["skipped", "ignored"]
                .iter()
                .find_map(|word| before(result, word))
                .or_else(|| node(line, "skipped"))
                .unwrap_or(0),
        };
    }
    counts
}

/// The part of a closing line that holds the figures.
fn closing(line: &str) -> Option<&str> {
    if let Some(rest) = line.strip_prefix("test result:") {
        return Some(rest);
    }
    if line.starts_with("Summary [") && line.contains("tests run:") {
        return line.split_once("tests run:").map(|(_, rest)| rest);
    }
    if line.starts_with("Summary [") && line.contains("test run:") {
        return line.split_once("test run:").map(|(_, rest)| rest);
    }
    // Vitest counts files in a line of their own, "Test Files".
    if let Some(rest) = line.strip_prefix("Tests ")
        && (rest.contains("passed") || rest.contains("failed"))
    {
        return Some(rest);
    }
    ["pass", "fail", "skipped"]
        .iter()
        .any(|word| node(line, word).is_some())
        .then_some("")
}

/// The number before a word, as in `3 passed` or `2 failed,`.
fn before(text: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect();
    words
        .windows(2)
        .find(|pair| pair[1] == word)
        .and_then(|pair| pair[0].parse().ok())
}

/// Node's runner: `# pass 3` or `ℹ pass 3`.
fn node(line: &str, word: &str) -> Option<u64> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    rest.strip_prefix(word)?.strip_prefix(' ')?.parse().ok()
}

/// A line as it reads, without what a terminal makes of it.
pub fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((head, tail)) = rest.split_once("\x1b[") {
        plain.push_str(head);
        rest = tail
            .split_once(|c: char| c.is_ascii_alphabetic())
            .map_or("", |(_, after)| after);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runner_is_understood() {
        for (log, passed, failed, skipped) in [
            (
                "test result: ok. 22 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.13s\n\
                 test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
                25,
                2,
                1,
            ),
            (
                "     Summary [   6.411s] 55 tests run: 53 passed (1 slow), 2 failed, 4 skipped",
                53,
                2,
                4,
            ),
            ("     Summary [   0.011s] 1 test run: 1 passed, 0 skipped", 1, 0, 0),
            (
                "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 9 filtered out\n\
                 Summary [   0.011s] 2 tests run: 1 passed, 1 failed, 0 skipped",
                1,
                1,
                0,
            ),
            (
                " Test Files  1 failed | 3 passed (4)\n      Tests  1 failed | 41 passed | 2 skipped (44)",
                41,
                1,
                2,
            ),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m7 passed\u{1b}[39m\u{1b}[22m\u{1b}[90m (7)\u{1b}[39m",
                7,
                0,
                0,
            ),
            ("# tests 4\n# pass 3\n# fail 1\n# skipped 0", 3, 1, 0),
            ("ℹ tests 2\nℹ pass 2\nℹ fail 0", 2, 0, 0),
            ("12 passed; nothing of ours", 0, 0, 0),
        ] {
            assert_eq!(
                of_log(log),
                Counts {
                    passed,
                    failed,
                    skipped
                },
                "{log}"
            );
        }
    }

    #[test]
    fn the_total_reads_as_one_line() {
        assert_eq!(
            Counts {
                passed: 3,
                failed: 0,
                skipped: 0
            }
            .to_string(),
            "3 passed, 0 failed"
        );
        assert_eq!(
            Counts {
                passed: 3,
                failed: 1,
                skipped: 2
            }
            .to_string(),
            "3 passed, 1 failed, 2 skipped"
        );
    }
}
