//! Lines of a run: what the plugin wrote, which requests it made, what became of each page.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Problem, Schedule, When, ids::new_id};
use platform_plugin_host::{HttpRecord, LogLevel, LogLine, RefusedRow};
use uuid::Uuid;

pub(crate) const ADD: &str = "INSERT INTO integrations.run_logs
    (organization_id, id, run_id, seq, at, level, message)
    SELECT $1, line.id, $2, last.seq + line.place, line.at, line.level, line.message
    FROM unnest($3::uuid[], $4::timestamptz[], $5::text[], $6::text[])
        WITH ORDINALITY AS line (id, at, level, message, place),
        (SELECT coalesce(max(seq), 0) AS seq FROM integrations.run_logs
            WHERE organization_id = $1 AND run_id = $2) AS last
    WHERE last.seq + line.place <= $7";
pub(crate) const READ: &str = "SELECT seq, at, level, message FROM integrations.run_logs
    WHERE organization_id = $1 AND run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4";

/// Ids are in the order of time: old lines are the first ones.
pub(crate) const SWEEP: &str = "DELETE FROM integrations.run_logs WHERE organization_id = $1 AND id IN (SELECT id
    FROM (SELECT id, at FROM integrations.run_logs WHERE organization_id = $1 ORDER BY id LIMIT 20000) AS oldest
    WHERE at < $2)";

/// How long lines of a run can be looked at. What the run brought and how it ended stays.
const KEEP: TimeDelta = TimeDelta::days(90);

/// Throws old lines away.
pub(crate) const SCHEDULES: &[Schedule] = &[Schedule {
    name: "integrations.old_run_logs",
    when: When::Daily("03:30"),
    run: |cx| Box::pin(sweep(cx)),
}];

async fn sweep(cx: &mut Cx) -> Result<(), Problem> {
    let before = cx.now - KEEP;
    let swept = sqlx::query(SWEEP).bind(cx.organization_id).bind(before);
    swept.execute(cx.db()).await?;
    Ok(())
}

/// Lines that pages of one run may write; how the run ended is always written.
const MOST: i64 = 5_000;
const LONGEST: usize = 4_000;
/// Refused records that are named one by one for each page.
const NAMED: usize = 20;

/// Lines that are not stored yet.
#[derive(Clone, Default)]
pub(crate) struct Lines(Vec<(DateTime<Utc>, LogLevel, String)>);

impl Lines {
    pub fn add(&mut self, at: DateTime<Utc>, level: LogLevel, message: impl Into<String>) {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
        }
        self.0.push((at, level, message));
    }

    /// What a call left behind.
    pub fn add_call(&mut self, at: DateTime<Utc>, logs: Vec<LogLine>, dropped: u32, http: &[HttpRecord]) {
        for request in http {
            let answer = match (request.status, &request.error) {
                (Some(status), _) => status.to_string(),
                (None, error) => error.clone().unwrap_or_default(),
            };
            let message = format!(
                "{} {}{}: {answer}, {} bytes in {} ms",
                request.method, request.host, request.path, request.bytes_in, request.took_ms
            );
            self.add(at, LogLevel::Debug, message);
        }
        for line in logs {
            let mut message = line.message;
            for (name, value) in line.fields {
                let _ = write!(message, " {name}={value}");
            }
            self.add(line.at, line.level, message);
        }
        if dropped > 0 {
            self.add(
                at,
                LogLevel::Warn,
                format!("{dropped} more lines of the plugin were dropped"),
            );
        }
    }

    /// Records of a page that are not stored, and why.
    pub fn add_refused(&mut self, at: DateTime<Utc>, refused: &[RefusedRow]) {
        for row in refused.iter().take(NAMED) {
            let message = format!(
                "Refused the record {:?}: {}: {}",
                row.external_id, row.field, row.reason
            );
            self.add(at, LogLevel::Warn, message);
        }
        if refused.len() > NAMED {
            let message = format!("Refused {} more records of this page", refused.len() - NAMED);
            self.add(at, LogLevel::Warn, message);
        }
    }

    /// Stores the lines of a page, as long as there is room.
    pub async fn store(self, cx: &mut Cx, run_id: Uuid) -> Result<(), Problem> {
        self.write(cx, run_id, MOST).await
    }

    /// Stores the lines of an end.
    pub async fn store_last(self, cx: &mut Cx, run_id: Uuid) -> Result<(), Problem> {
        self.write(cx, run_id, i64::MAX).await
    }

    async fn write(self, cx: &mut Cx, run_id: Uuid, most: i64) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let organization_id = cx.organization_id;
        let mut columns = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (at, level, message) in self.0 {
            columns.0.push(new_id());
            columns.1.push(at);
            columns.2.push(level.as_str());
            // PostgreSQL stores every character but this one.
            columns.3.push(message.replace('\0', ""));
        }
        sqlx::query(ADD)
            .bind(organization_id)
            .bind(run_id)
            .bind(columns.0)
            .bind(columns.1)
            .bind(columns.2)
            .bind(columns.3)
            .bind(most)
            .execute(cx.db())
            .await?;
        Ok(())
    }
}
