//! T13 on text: SQL that a distributed server does not have, found before it reaches any server.

use super::Finding;

/// Words that follow each other, and what to say about them.
const REFUSED: &[(&[&str], &str)] = &[
    (&["set_config"], "set_config does not reach every node: use SET LOCAL"),
    (&["notify"], "NOTIFY takes a lock on the whole database"),
    (&["pg_notify"], "pg_notify takes a lock on the whole database"),
    (&["listen"], "LISTEN hears every tenant's channels"),
    (
        &["pg_advisory_lock"],
        "a session's advisory lock outlives its transaction",
    ),
    (
        &["pg_try_advisory_lock"],
        "a session's advisory lock outlives its transaction",
    ),
    (&["create", "trigger"], "triggers do not exist on distributed tables"),
    (
        &["create", "or", "replace", "trigger"],
        "triggers do not exist on distributed tables",
    ),
    (
        &["create", "constraint", "trigger"],
        "triggers do not exist on distributed tables",
    ),
    (&["exclude", "using"], "EXCLUDE does not exist on distributed tables"),
    (
        &["delete", "set", "null"],
        "a reference does not write: refuse the deletion",
    ),
    (
        &["delete", "set", "default"],
        "a reference does not write: refuse the deletion",
    ),
    (
        &["as", "enum"],
        "an enum's operators are not leakproof: use text and a check",
    ),
    (
        &["materialized", "view"],
        "row security does not reach a materialized view",
    ),
    (&["create", "rule"], "a rule rewrites statements behind row security"),
    (&["using", "gin"], "row security does not let a GIN index be used"),
    (&["using", "gist"], "row security does not let a GiST index be used"),
    (&["security", "definer"], "SECURITY DEFINER runs past row security"),
    (
        &["create", "role"],
        "roles are made by the bootstrap, never by a migration",
    ),
    (&["disable", "row", "level"], "row security is never switched off"),
    (&["no", "force", "row"], "row security binds the owner too"),
];

/// The faults of one SQL text. Comments and quoted strings do not count.
pub fn lint(name: &str, sql: &str) -> Vec<Finding> {
    let words = words(sql);
    let starts = (0..words.len()).map(|at| &words[at..]);
    starts
        .flat_map(|rest| REFUSED.iter().filter(move |(refused, _)| begins_with(rest, refused)))
        .map(|(refused, why)| Finding {
            rule: "T13",
            object: format!("text of {name}"),
            detail: format!("uses {}: {why}", refused.join(" ").to_uppercase()),
        })
        .collect()
}

fn begins_with(words: &[String], wanted: &[&str]) -> bool {
    words.len() >= wanted.len() && words.iter().zip(wanted).all(|(word, wanted)| word == wanted)
}

fn words(sql: &str) -> Vec<String> {
    let code = code_only(sql).to_lowercase();
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The text without comments and without what stands between single quotes.
fn code_only(sql: &str) -> String {
    let mut code = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(at) = rest.find(['\'', '-', '/']) {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with("--") {
            rest.find('\n')
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else if let Some(quoted) = rest.strip_prefix('\'') {
            // A doubled quote ends one string and starts the next: to us that is the same.
            quoted.find('\'').map(|end| end + 2)
        } else {
            code.push_str(&rest[..1]);
            Some(1)
        };
        code.push(' ');
        rest = end.map_or("", |end| &rest[end..]);
    }
    code.push_str(rest);
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_not_portable() {
        let cases = [
            "CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f()",
            "select set_config('a', 'b', true)",
            "create type s as enum ('a')",
            "alter table x add foreign key (y) references z on delete\n  set null",
            "create index i on x using gin (y)",
            "do $$ begin perform pg_advisory_lock(1); end $$",
            "select 'it''s'; listen c",
        ];
        for sql in cases {
            assert_eq!(lint("case", sql).len(), 1, "{sql}");
        }
    }

    #[test]
    fn leaves_comments_strings_and_look_alikes_alone() {
        let cases = [
            "-- create trigger\nselect 1",
            "/* listen */ select 1",
            "comment on table x is 'we listen, notify and set_config'",
            "alter table x alter column y set not null; select a - b / c",
            "select pg_advisory_xact_lock(1), listener, notify_at",
        ];
        for sql in cases {
            assert_eq!(lint("case", sql), [], "{sql}");
        }
    }
}
