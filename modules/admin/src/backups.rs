//! Records of backups: what was saved when, where it lies, and whether it was read back. A row describes a backup that the
//! operator's tools make; making and restoring the files is not done here.

use platform_core::{Cx, Event, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, boolean, choice, decimal, instant, integer, long_text,
    member, moved, text, transition,
};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Backups.
pub static BACKUPS: Resource = Resource::new("admin", "backups", FIELDS)
    .title(&["name"])
    .check(check)
    .actions(ACTIONS);

/// A backup's states.
#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Pending,
    InProgress,
    Completed,
    Verified,
    Failed,
    Corrupted,
}

const MOST: i64 = 9_007_199_254_740_991;

const SIZE: Field = integer("size_bytes", 0, MOST).unit("B").group("content");
const COMPRESSED: Field = integer("compressed_size_bytes", 0, MOST).unit("B").group("content");
const CHECKSUM: Field = text("checksum", 128).group("verification");
const RECORDS: Field = integer("record_count", 0, MOST).group("content");
const TABLES: Field = integer("table_count", 0, 100_000).group("content");

const FIELDS: &[Field] = &[
    text("name", 200).required().search().list(),
    long_text("description", 2000),
    choice("backup_type", &["full", "incremental", "differential"])
        .required()
        .default("full")
        .filter()
        .list(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("pending")
        .filter()
        .list(),
    long_text("error_message", 2000).read_only(),
    member("created_by").filter(),
    instant("started_at").read_only().group("content"),
    instant("completed_at").read_only().list().group("content"),
    SIZE.read_only().list(),
    COMPRESSED.read_only(),
    decimal("compression_percent", 2)
        .signed()
        .read_only()
        .unit("%")
        .group("content"),
    RECORDS.read_only(),
    TABLES.read_only(),
    choice("storage_type", &["local", "s3", "gcs", "azure", "ftp", "sftp"])
        .required()
        .default("local")
        .filter()
        .group("storage"),
    text("storage_bucket", 200).group("storage"),
    text("storage_key", 500).group("storage"),
    boolean("is_compressed").required().default("true").group("storage"),
    text("compression_algorithm", 20).group("storage"),
    boolean("is_encrypted").required().default("false").group("storage"),
    text("encryption_algorithm", 20).group("storage"),
    CHECKSUM.read_only(),
    choice("checksum_algorithm", &["sha256", "sha512"])
        .required()
        .default("sha256")
        .group("verification"),
    instant("verified_at").read_only().group("verification"),
    boolean("is_pinned").required().default("false").filter().list(),
    instant("expires_at").filter(),
    integer("restoration_count", 0, MOST)
        .required()
        .read_only()
        .default("0")
        .group("verification"),
    instant("last_restored_at").read_only().group("verification"),
    member("last_restored_by").read_only().group("verification"),
    text("database_version", 50).group("origin"),
    text("application_version", 50).group("origin"),
    text("environment", 50).group("origin"),
    text("schedule_name", 100).group("origin"),
    boolean("is_scheduled")
        .required()
        .default("false")
        .filter()
        .group("origin"),
    text("tags", 500).search(),
];

const ACTIONS: &[Action] = &[
    transition("start", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Pending => Some(Status::InProgress),
            Status::InProgress | Status::Completed | Status::Verified | Status::Failed | Status::Corrupted => None,
        })
    })
    .internal()
    .stamps(&["started_at"]),
    transition(
        "complete",
        "status",
        &[SIZE.required(), COMPRESSED, CHECKSUM.required(), RECORDS, TABLES],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Completed),
                Status::Pending | Status::Completed | Status::Verified | Status::Failed | Status::Corrupted => None,
            })
        },
    )
    .internal()
    .stamps(&["completed_at"])
    .decide(complete),
    transition(
        "fail",
        "status",
        &[long_text("error_message", 2000).required()],
        |state| {
            moved(state, |status| match status {
                Status::InProgress => Some(Status::Failed),
                Status::Pending | Status::Completed | Status::Verified | Status::Failed | Status::Corrupted => None,
            })
        },
    )
    .internal(),
    transition("verify", "status", &[CHECKSUM.required()], |state| {
        moved(state, |status| match status {
            Status::Completed | Status::Verified => Some(Status::Verified),
            Status::Pending | Status::InProgress | Status::Failed | Status::Corrupted => None,
        })
    })
    .internal()
    .stamps(&["verified_at"])
    .decide(verify),
    transition(
        "mark_corrupted",
        "status",
        &[long_text("error_message", 2000).required()],
        |state| {
            moved(state, |status| match status {
                Status::Completed | Status::Verified => Some(Status::Corrupted),
                Status::Pending | Status::InProgress | Status::Failed | Status::Corrupted => None,
            })
        },
    )
    .internal()
    .danger(),
    transition("record_restoration", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Completed => Some(Status::Completed),
            Status::Verified => Some(Status::Verified),
            Status::Pending | Status::InProgress | Status::Failed | Status::Corrupted => None,
        })
    })
    .internal()
    .stamps(&["last_restored_at"])
    .signs("last_restored_by")
    .decide(restored),
];

/// What compressing saved, in percent of the size; nothing of nothing.
fn compression_percent(size_bytes: i64, compressed_bytes: i64) -> Option<Decimal> {
    let share = Decimal::from(compressed_bytes).checked_div(Decimal::from(size_bytes))?;
    let saved = (Decimal::ONE - share) * Decimal::ONE_HUNDRED;
    Some(saved.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero))
}

#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn complete(given: &Given<'_>) -> Decision {
    let (size, compressed) = (
        given.input.integer("size_bytes"),
        given.input.integer("compressed_size_bytes"),
    );
    let saved = size
        .zip(compressed)
        .and_then(|(size, compressed)| compression_percent(size, compressed));
    let saved = saved.map(|percent| percent.to_string());
    Ok(Map::from_iter([("compression_percent".to_owned(), json!(saved))]))
}

/// Reading a backup back proves it only when it is the same bytes.
fn verify(given: &Given<'_>) -> Decision {
    let same = given.record.text("checksum").is_some_and(|stored| {
        given
            .input
            .text("checksum")
            .is_some_and(|read| read.eq_ignore_ascii_case(stored))
    });
    if same { Ok(Map::new()) } else { Err("checksum_differs") }
}

#[expect(clippy::unnecessary_wraps, reason = "a decision may refuse")]
fn restored(given: &Given<'_>) -> Decision {
    let count = given.record.integer("restoration_count").unwrap_or_default() + 1;
    Ok(Map::from_iter([("restoration_count".to_owned(), json!(count))]))
}

/// A pinned backup has no end.
fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    let mut violations = Vec::new();
    if after.get("is_pinned") == &json!(true) && after.has("expires_at") {
        violations.push(Violation::new("expires_at", "pinned_never_expires"));
    }
    violations
}

pub(crate) const PINNED: &str = "SELECT b.is_pinned FROM admin.backups b WHERE b.organization_id = $1 AND b.id = $2";

/// A pinned backup cannot be deleted.
pub(crate) async fn deleted(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let pinned: Option<bool> = sqlx::query_scalar(PINNED)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_optional(cx.db())
        .await?;
    if pinned == Some(true) {
        return Err(Problem::refused("backup_pinned"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, outcome};

    #[test]
    fn what_compressing_saves() {
        for (size, compressed, expected) in [(1000, 250, "75.00"), (3, 1, "66.67"), (100, 120, "-20.00")] {
            let row = json!({"status": "in_progress"});
            let input = json!({"size_bytes": size, "compressed_size_bytes": compressed, "checksum": "ab"});
            let change = outcome(&BACKUPS, "complete", &row, &input).expect("allowed");
            let saved: Decimal = change["compression_percent"]
                .as_str()
                .expect("text")
                .parse()
                .expect("a number");
            assert_eq!(format!("{saved:.2}"), expected);
        }
        assert_eq!(compression_percent(0, 0), None);
    }

    #[test]
    fn only_the_same_bytes_prove_a_backup() {
        let row = json!({"status": "completed", "checksum": "ab12"});
        let verify = |read: &str| outcome(&BACKUPS, "verify", &row, &json!({"checksum": read}));
        assert_eq!(verify("ab13"), Err("checksum_differs"));
        assert_eq!(verify("AB12").expect("allowed")["status"], json!("verified"));
        breaks(
            check,
            &[
                (
                    json!({"is_pinned": true, "expires_at": "2026-01-01T00:00:00Z"}),
                    "expires_at pinned_never_expires",
                ),
                (json!({"is_pinned": false, "expires_at": "2026-01-01T00:00:00Z"}), ""),
            ],
        );
    }
}
