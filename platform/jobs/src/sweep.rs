//! What this crate does by the clock: it throws away what nobody asks for any more, and looks for events that were forgotten.
//!
//! Ids are in the order of time, so old rows are at the beginning of a table's key: each sweep looks at no more than that.

use chrono::TimeDelta;
use platform_core::{Cx, Module, Problem, Schedule, When};

use crate::outbox;

/// How long a job that is done or dead can be looked at.
pub const KEEP_JOBS: TimeDelta = TimeDelta::days(30);
/// How long an event that is delivered can be looked at. One that is not delivered stays.
pub const KEEP_EVENTS: TimeDelta = TimeDelta::days(30);
/// How long a request with an `Idempotency-Key` is answered as the first time.
pub const KEEP_KEYS: TimeDelta = TimeDelta::days(7);
/// How long the file of an import and what became of its rows can be looked at. The rows themselves stay.
pub const KEEP_IMPORTS: TimeDelta = TimeDelta::days(90);

pub(crate) const JOBS: &str = "DELETE FROM platform.jobs WHERE organization_id = $1 AND id IN (SELECT id
    FROM (SELECT id, state, updated_at FROM platform.jobs WHERE organization_id = $1 ORDER BY id LIMIT 20000) AS oldest
    WHERE state IN ('done', 'dead') AND updated_at < $2)";
pub(crate) const EVENTS: &str = "DELETE FROM platform.outbox WHERE organization_id = $1 AND id IN (SELECT id
    FROM (SELECT id, delivered_at FROM platform.outbox WHERE organization_id = $1 ORDER BY id LIMIT 20000) AS oldest
    WHERE delivered_at < $2)";
pub(crate) const KEYS: &str = "DELETE FROM platform.idempotency_keys WHERE organization_id = $1 AND created_at < $2";
pub(crate) const IMPORTS: &str = "DELETE FROM platform.imports WHERE organization_id = $1 AND id IN (SELECT id
    FROM (SELECT id, updated_at FROM platform.imports WHERE organization_id = $1 ORDER BY id LIMIT 1000) AS oldest
    WHERE updated_at < $2)";

const SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "platform.forgotten_events",
        when: When::Every { minutes: 15 },
        run: |cx| Box::pin(outbox::recall(cx)),
    },
    Schedule {
        name: "platform.old_jobs",
        when: When::Every { minutes: 60 },
        run: |cx| Box::pin(sweep(cx, JOBS, KEEP_JOBS)),
    },
    Schedule {
        name: "platform.old_events",
        when: When::Every { minutes: 60 },
        run: |cx| Box::pin(sweep(cx, EVENTS, KEEP_EVENTS)),
    },
    Schedule {
        name: "platform.old_keys",
        when: When::Daily("03:10"),
        run: |cx| Box::pin(sweep(cx, KEYS, KEEP_KEYS)),
    },
    Schedule {
        name: "platform.old_imports",
        when: When::Daily("03:20"),
        run: |cx| Box::pin(sweep(cx, IMPORTS, KEEP_IMPORTS)),
    },
];

/// What every installation does by the clock.
pub fn module() -> Module {
    Module {
        name: "platform",
        locales: ("{}", "{}"),
        schedules: SCHEDULES,
        essential: true,
        ..Module::default()
    }
}

async fn sweep(cx: &mut Cx, statement: &'static str, keep: TimeDelta) -> Result<(), Problem> {
    let before = cx.now - keep;
    let swept = sqlx::query(statement).bind(cx.organization_id).bind(before);
    swept.execute(cx.db()).await?;
    Ok(())
}
