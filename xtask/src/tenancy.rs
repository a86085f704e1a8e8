//! The catalogue of isolation, fuzz, robustness and sign-in: what its tests say, one line for each check.
//!
//! A test says `CHECK <id> pass|fail <figure>` for what it shows. Several may speak for one check: then all have to pass. A check
//! of which nobody speaks has failed.

use crate::counts::without_colour;
use crate::progress::say;
use anyhow::{Result, bail};
use std::collections::BTreeMap;

/// Every check and what it is about.
pub const CATALOGUE: [(&str, &str); 54] = [
    ("T01", "each table is a tenant's, or says why not"),
    ("T02", "row security enabled and forced"),
    ("T03", "one policy, the canonical one"),
    ("T04", "primary keys start with the organization"),
    ("T05", "unique indexes hold the organization"),
    ("T06", "references carry the organization"),
    ("T07", "no way around: views, rules, inheritance"),
    ("T08", "functions with their owner's rights"),
    ("T09", "roles and rights"),
    ("T10", "indexes led by the organization, leakproof"),
    ("T11", "publications"),
    ("T12", "planted schema faults found"),
    ("T13", "portable migrations and statements"),
    ("T14", "each statement binds the organization"),
    ("T15", "plans start at the organization"),
    ("T16", "sabotaged starts are refused"),
    ("F1", "coverage of operations and ids"),
    ("F2", "calls with somebody else's ids"),
    ("F3", "not yours and not there are the same bytes"),
    ("F4", "and cost the same"),
    ("F5", "keys that exist elsewhere"),
    ("F6", "side channels"),
    ("F7", "rows of the others stay as they are"),
    ("F8", "callers who go away"),
    ("F9", "role matrix"),
    ("F10", "random histories against a model"),
    ("F11", "planted code faults caught"),
    ("S1", "document walked from outside"),
    ("S2", "undocumented routes"),
    ("S3", "malformed bodies"),
    ("S4", "injection"),
    ("S5", "formulas in files, markup on pages"),
    ("S6", "supply chain"),
    ("S7", "headers and origins"),
    ("S8", "secrets in answers and logs"),
    ("A1", "forged tokens"),
    ("A2", "rotation of signing keys"),
    ("A3", "replay of refresh tokens"),
    ("A4", "what changes acts on the next request"),
    ("A5", "fixation, sign-out, cookies"),
    ("A6", "guessing at sign-in"),
    ("A7", "enumeration of people"),
    ("A8", "flood of sign-ins"),
    ("A9", "reset tokens"),
    ("A10", "sign-in with Google and others"),
    ("A11", "second factors"),
    ("A12", "privileges"),
    ("A13", "API keys"),
    ("A14", "calls to inside"),
    ("A15", "rates"),
    ("A16", "audit chain"),
    ("A17", "impersonation"),
    ("A19", "uploads"),
    ("A20", "export and erasure"),
];

/// Crates whose tests speak.
pub const PACKAGES: [&str; 11] = [
    "barq",
    "barq-tests",
    "integrations",
    "platform-archive",
    "platform-audit",
    "platform-core",
    "platform-database",
    "platform-documents",
    "platform-limits",
    "platform-plugin-host",
    "tenancy",
];

/// Of these crates, the tests that are about something else stay away.
pub const TESTS: &str = "not (package(barq-tests) and test(/^(imports|guide|numbers|contract)::/)) \
    and not (package(integrations) and not test(/guard|inside|ssrf|upload/)) \
    and not (package(platform-plugin-host) and not test(/^guard::|granted_and_public/)) \
    and not (package(platform-audit) and test(/throughput/))";

/// The walk from outside takes as long as all the rest: whoever looks for something else leaves it out, and S1 is then missing.
pub fn without_walk_from_outside() -> bool {
    std::env::var_os("BARQ_WITHOUT_SCHEMATHESIS").is_some()
}

/// The shares that every change runs, for a first look at the table: the long ones take an hour on two cores.
pub fn short_shares() -> bool {
    std::env::var_os("BARQ_SHORT_TESTS").is_some()
}

/// What a test said of a check.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    test: String,
    passed: bool,
    figure: String,
}

/// Everything that was said, by check. The runner names a test before it shows what the test said.
fn said(log: &str) -> BTreeMap<String, Vec<Said>> {
    let mut all: BTreeMap<String, Vec<Said>> = BTreeMap::new();
    let mut test = String::new();
    for line in log.lines() {
        let line = without_colour(line);
        let line = line.trim();
        if let Some(name) = named(line) {
            name.clone_into(&mut test);
        }
        // A test that is not alone in its line, as with the plain runner, says it in the middle of one.
        let Some(at) = line
            .find("CHECK ")
            .filter(|at| *at == 0 || ["... ", "# "].iter().any(|before| line[..*at].ends_with(before)))
        else {
            continue;
        };
        let mut words = line[at + "CHECK ".len()..].splitn(3, ' ');
        let (Some(id), Some(verdict)) = (words.next(), words.next()) else {
            continue;
        };
        let said = Said {
            test: test.clone(),
            passed: verdict == "pass",
            figure: words.next().unwrap_or_default().trim().to_owned(),
        };
        let of_check = all.entry(id.to_owned()).or_default();
        if !of_check.contains(&said) {
            of_check.push(said);
        }
    }
    all
}

/// The test of a line as `PASS [   0.012s] ( 3/40) barq-tests::it walk::a_test`.
fn named(line: &str) -> Option<&str> {
    let ended = ["PASS [", "FAIL [", "SLOW [", "TIMEOUT [", "LEAK ["];
    if line.starts_with("==> ") {
        return line.strip_prefix("==> ");
    }
    ended.iter().find(|word| line.starts_with(**word))?;
    let (_, rest) = line.split_once(']')?;
    let rest = rest.trim();
    Some(match rest.strip_prefix('(') {
        Some(counted) => counted.split_once(')')?.1.trim(),
        None => rest,
    })
}

/// One line for each check of a catalogue, and an error when one is missing or failed.
pub fn close(title: &str, catalogue: &[(&str, &str)], log: &str) -> Result<()> {
    let said = said(log);
    let mut bad = Vec::new();
    say(&format!("\n==> Catalogue: {title}"));
    for (id, what) in catalogue {
        let lines = said.get(*id).map(Vec::as_slice).unwrap_or_default();
        let verdict = match lines {
            [] => "MISSING",
            lines if lines.iter().all(|line| line.passed) => "pass",
            _ => "FAIL",
        };
        if verdict != "pass" {
            bad.push(format!("{id} {verdict}"));
        }
        let figures: Vec<&str> = lines.iter().map(|line| line.figure.as_str()).collect();
        let mut tests: Vec<&str> = lines.iter().map(|line| line.test.as_str()).collect();
        tests.dedup();
        say(&format!(
            "    {id:<4} {verdict:<8} {what}: {} [{}]",
            figures.join(" · "),
            tests.join(", ")
        ));
    }
    let unknown: Vec<&String> = said
        .keys()
        .filter(|id| !catalogue.iter().any(|(known, _)| known == id))
        .collect();
    if !unknown.is_empty() {
        bad.push(format!("spoken of and unknown: {unknown:?}"));
    }
    say(&format!(
        "    {} of {} checks pass",
        catalogue.len().saturating_sub(bad.len()),
        catalogue.len()
    ));
    if bad.is_empty() {
        Ok(())
    } else {
        bail!("{}", bad.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "        \u{1b}[32mPASS\u{1b}[0m [   0.012s] ( 1/2) barq-tests::it walk::a_test\n\
        \u{20} stdout ───\n\
        \u{20}   CHECK F1 pass 12 of 12 operations\n\
        \u{20}   CHECK F2 fail 1 canary\n\
        \u{20}   the CHECK F3 pass of a sentence\n\
        PASS [   1.000s] tenancy::it a::b\n\
        CHECK F1 pass again\n\
        test a::c ... CHECK T01 pass 0\n\
        ==> tests/browser/a.test.mjs\n\
        # CHECK S5 pass 3 pages\n";

    #[test]
    fn each_line_is_read_with_its_test() {
        let said = said(LOG);
        assert_eq!(said.keys().collect::<Vec<_>>(), ["F1", "F2", "S5", "T01"]);
        assert_eq!(said["F1"][0].test, "barq-tests::it walk::a_test");
        assert_eq!(said["F1"][0].figure, "12 of 12 operations");
        assert_eq!(said["F1"][1].test, "tenancy::it a::b");
        assert_eq!(said["S5"][0].test, "tests/browser/a.test.mjs");
        assert!(!said["F2"][0].passed && said["T01"][0].passed);
    }

    #[test]
    fn what_is_missing_failed_or_unknown_fails() {
        let said_of = |log: &str| close("T, F, S and A", &CATALOGUE, log);
        let lines: Vec<_> = CATALOGUE.iter().map(|(id, _)| format!("CHECK {id} pass 1")).collect();
        let mut all = lines.join("\n") + "\n";
        assert!(said_of(&all).is_ok());
        assert!(said_of(&all.replace("CHECK A7 pass 1\n", "")).is_err());
        assert!(said_of(&all.replace("CHECK A7 pass", "CHECK A7 fail")).is_err());
        all.push_str("CHECK A7 fail 2\n");
        assert!(said_of(&all).is_err());
        assert!(said_of("CHECK Z9 pass 1").is_err());
    }
}
