//! What nobody asks for any more is thrown away; what is still needed stays, however old it is.

use sqlx::Executor;

use crate::world::{World, awake};

/// Rows of two ages in every swept table, named by what should become of them.
const ROWS: &str = "
    INSERT INTO platform.jobs (organization_id, id, kind, payload, state, run_at, created_at, updated_at)
    SELECT o.organization_id, gen_random_uuid(), kind, '{}', state, at, at, at FROM platform.organizations o, (VALUES
        ('goes', 'done', '2026-01-29T00:00:00Z'::timestamptz), ('goes', 'dead', '2026-01-29T00:00:00Z'),
        ('stays', 'queued', '2099-01-01T00:00:00Z'), ('stays', 'done', '2026-02-15T00:00:00Z')) AS rows (kind, state, at);
    INSERT INTO platform.outbox (organization_id, id, name, subject, data, occurred_at, delivered_at)
    SELECT o.organization_id, gen_random_uuid(), 'a.b.' || kind, gen_random_uuid(), '{}', '2026-01-01T00:00:00Z', at
    FROM platform.organizations o, (VALUES
        ('goes', '2026-01-29T00:00:00Z'::timestamptz), ('stays', '2026-02-15T00:00:00Z'), ('stays', NULL)) AS rows (kind, at);
    INSERT INTO platform.idempotency_keys (organization_id, key, user_id, request_hash, created_at)
    SELECT o.organization_id, kind, gen_random_uuid(), '', at FROM platform.organizations o, (VALUES
        ('goes', '2026-02-20T00:00:00Z'::timestamptz), ('stays', '2026-02-28T00:00:00Z')) AS rows (kind, at);
    INSERT INTO platform.imports (organization_id, id, resource, file_name, content, columns, header_key, created_at, updated_at)
    SELECT o.organization_id, gen_random_uuid(), 'a.b', kind, '', '[]', '', at, at FROM platform.organizations o, (VALUES
        ('goes', '2025-11-30T00:00:00Z'::timestamptz), ('stays', '2025-12-05T00:00:00Z')) AS rows (kind, at)";
const LEFT: &str = "SELECT kind FROM platform.jobs WHERE kind IN ('goes', 'stays')
    UNION ALL SELECT split_part(name, '.', 3) FROM platform.outbox
    UNION ALL SELECT key FROM platform.idempotency_keys
    UNION ALL SELECT file_name FROM platform.imports";

#[tokio::test]
async fn old_rows_go_and_what_is_needed_stays() {
    let world = World::with(vec![platform_jobs::module()]).await;
    let organizations = [
        world.organization("Asia/Riyadh").await,
        world.organization("Asia/Riyadh").await,
    ];
    let mut admin = world.admin().await;
    admin.execute(ROWS).await.unwrap();
    let left = |rows: &[String]| ["goes", "stays"].map(|kind| rows.iter().filter(|row| *row == kind).count());
    let rows: Vec<String> = sqlx::query_scalar(LEFT).fetch_all(&mut admin).await.unwrap();
    assert_eq!(left(&rows), [10, 12]);
    // Only one of the two has a clock: nothing of the other's is touched.
    world.wake_clock(organizations[0]).await;
    let (_runner, _stop) = world.start(awake());
    world.settle().await;
    world.set("2026-03-02T00:30:00Z");
    world.settle().await;
    let rows: Vec<String> = sqlx::query_scalar(LEFT).fetch_all(&mut admin).await.unwrap();
    assert_eq!(left(&rows), [5, 12]);
    let failed = "SELECT name || ': ' || last_error FROM platform.schedules WHERE last_error IS NOT NULL";
    let failed: Vec<String> = sqlx::query_scalar(failed).fetch_all(&mut admin).await.unwrap();
    assert!(failed.is_empty(), "{failed:?}");
}
