//! The transaction that stores a page, and the one that ends a run. Both hold the claim of the job: of two workers on one run
//! only the one that holds it has an effect.

use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem, SinkReport};
use platform_jobs::JobCall;
use platform_plugin_host::{FuelPage, KvWrite, LogLevel, OrderPage, RefusedRow};
use serde_json::json;
use sqlx::Row;
use uuid::Uuid;

use crate::commit::{For, fuel};
use crate::installs::Facts;
use crate::order_records::{store_order, store_update};
use crate::problems::Trouble;
use crate::resources::{INSTALLATIONS, Installation, RUNS, RunStatus, Standing, typed};
use crate::run_log::Lines;
use crate::runs::JOB;
use crate::{kv, shelved};

pub(crate) const LOCK_RUN: &str = "SELECT r.status, r.pages, i.status AS standing
    FROM integrations.runs r
    JOIN integrations.installations i ON i.organization_id = r.organization_id AND i.id = r.installation_id
    WHERE r.organization_id = $1 AND r.id = $2 FOR UPDATE OF r";
pub(crate) const CURSOR: &str = "SELECT cursor FROM integrations.cursors
    WHERE organization_id = $1 AND installation_id = $2 AND handler = $3 FOR UPDATE";
pub(crate) const MOVE: &str = "UPDATE integrations.cursors SET cursor = $4, version = version + 1, updated_at = $5
    WHERE organization_id = $1 AND installation_id = $2 AND handler = $3";
pub(crate) const MOVED: &str = "UPDATE integrations.installations SET cursor_moved_at = $3
    WHERE organization_id = $1 AND id = $2";
pub(crate) const COUNT: &str = "UPDATE integrations.runs SET pages = pages + 1, received = received + $3,
        refused = refused + $4, repeated = repeated + $5, created = created + $6, unchanged = unchanged + $7,
        updated = updated + $8, matched = matched + $9, doubtful = doubtful + $10, unmatched = unmatched + $11,
        version = version + 1, updated_at = $12
    WHERE organization_id = $1 AND id = $2";
pub(crate) const ENDED: &str = "UPDATE integrations.installations SET last_run_at = $3, last_run_status = $4
    WHERE organization_id = $1 AND id = $2";

/// What a handler's cursor is kept under.
pub(crate) fn cursor_of(handler: &str) -> &str {
    handler.split('.').next().unwrap_or(handler)
}

/// A page of any source.
pub(crate) enum Page {
    Fuel(FuelPage),
    Orders(OrderPage),
}

impl Page {
    pub fn cursor(&self) -> Option<&str> {
        match self {
            Self::Fuel(page) => page.cursor.as_deref(),
            Self::Orders(page) => page.cursor.as_deref(),
        }
    }

    pub fn more(&self) -> bool {
        match self {
            Self::Fuel(page) => page.more,
            Self::Orders(page) => page.more,
        }
    }

    fn refused(&self) -> &[RefusedRow] {
        match self {
            Self::Fuel(page) => &page.refused,
            Self::Orders(page) => &page.refused,
        }
    }

    fn repeated(&self) -> usize {
        match self {
            Self::Fuel(page) => page.repeated,
            Self::Orders(_) => 0,
        }
    }

    /// Records that can be stored.
    pub fn good(&self) -> usize {
        match self {
            Self::Fuel(page) => page.transactions.len(),
            Self::Orders(page) => page.orders.len() + page.updates.len(),
        }
    }

    /// Every record that the page named.
    fn received(&self) -> usize {
        self.good() + self.refused().len() + self.repeated()
    }

    /// What its records are, to notice the same page again.
    pub fn ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = match self {
            Self::Fuel(page) => page
                .transactions
                .iter()
                .map(|record| record.external_id.clone())
                .collect(),
            Self::Orders(page) => {
                let orders = page
                    .orders
                    .iter()
                    .map(|order| format!("{}@{}", order.external_id, order.as_of));
                let updates = page
                    .updates
                    .iter()
                    .map(|update| format!("{}@{}", update.external_id, update.as_of));
                orders.chain(updates).collect()
            }
        };
        ids.sort_unstable();
        ids
    }
}

/// Which run of which installation a job works on.
pub(crate) struct Work {
    pub platform: Arc<Platform>,
    pub job: JobCall,
    pub run_id: Uuid,
    pub installation_id: Uuid,
    pub plugin: String,
    pub handler: String,
}

/// How a run ends.
pub(crate) enum End {
    Succeeded,
    Failed(Trouble),
    Interrupted,
}

/// What came of trying to store something.
pub(crate) enum Stored {
    /// It is committed; the run has so many pages now.
    Pages(i64),
    /// Somebody else works on the run, or it is over.
    NotOurs,
    /// The page cannot be stored, and nothing of it was.
    Refused(Trouble),
}

impl Work {
    /// A transaction in which the claim holds, or nothing.
    pub async fn begin(&self) -> Result<Option<Cx>, Problem> {
        let mut cx = Cx::begin_job(&self.platform, self.job.organization_id, JOB, Mode::Write).await?;
        if self.job.holds(&mut cx).await? {
            return Ok(Some(cx));
        }
        cx.rollback().await?;
        Ok(None)
    }

    /// Stores a page with the cursor that follows it: all of it or nothing.
    pub async fn store(
        &self,
        page: &Page,
        from: Option<&str>,
        kv_writes: &[KvWrite],
        lines: Lines,
    ) -> Result<Stored, Problem> {
        let Some(mut cx) = self.begin().await? else {
            return Ok(Stored::NotOurs);
        };
        let stored = self.store_in(&mut cx, page, from, kv_writes, lines).await?;
        match stored {
            Stored::Pages(_) => cx.commit().await?,
            Stored::NotOurs | Stored::Refused(_) => cx.rollback().await?,
        }
        Ok(stored)
    }

    async fn store_in(
        &self,
        cx: &mut Cx,
        page: &Page,
        from: Option<&str>,
        kv_writes: &[KvWrite],
        mut lines: Lines,
    ) -> Result<Stored, Problem> {
        let Some((pages, standing)) = self.lock(cx).await? else {
            return Ok(Stored::NotOurs);
        };
        if standing == Standing::Disabled.as_str() {
            return Ok(Stored::Refused(Trouble::passing("plugin_disabled", None)));
        }
        if self.cursor(cx).await?.as_deref() != from {
            return Ok(Stored::Refused(Trouble::passing("cursor_moved", None)));
        }
        let report = match self.sink(cx, page).await? {
            Ok(report) => report,
            Err(trouble) => return Ok(Stored::Refused(trouble)),
        };
        match kv::write(cx, self.installation_id, kv_writes).await? {
            kv::Written::Kept => {}
            kv::Written::Conflict => return Ok(Stored::Refused(Trouble::passing("plugin_kv_conflict", None))),
            kv::Written::TooMuch => return Ok(Stored::Refused(Trouble::passing("plugin_keeps_too_much", None))),
        }
        self.advance(cx, page.cursor()).await?;
        self.count(cx, page, report).await?;
        let now = cx.now;
        lines.add_refused(now, page.refused());
        let message = format!(
            "Page {}: {} records, {} new, {} changed, {} known, {} refused",
            pages + 1,
            page.received(),
            report.created,
            report.updated,
            report.unchanged,
            page.refused().len()
        );
        lines.add(now, LogLevel::Info, message);
        lines.store(cx, self.run_id).await?;
        Ok(Stored::Pages(pages + 1))
    }

    /// The run's pages and where its installation stands, if the run is under way.
    async fn lock(&self, cx: &mut Cx) -> Result<Option<(i64, String)>, Problem> {
        let row = sqlx::query(LOCK_RUN)
            .bind(self.job.organization_id)
            .bind(self.run_id)
            .fetch_optional(cx.db())
            .await?;
        match row {
            Some(row) if row.try_get::<&str, _>("status")? == RunStatus::Running.as_str() => {
                Ok(Some((row.try_get("pages")?, row.try_get("standing")?)))
            }
            _ => Ok(None),
        }
    }

    async fn cursor(&self, cx: &mut Cx) -> Result<Option<String>, Problem> {
        let cursor: Option<Option<String>> = sqlx::query_scalar(CURSOR)
            .bind(self.job.organization_id)
            .bind(self.installation_id)
            .bind(cursor_of(&self.handler))
            .fetch_optional(cx.db())
            .await?;
        Ok(cursor.flatten())
    }

    async fn sink(&self, cx: &mut Cx, page: &Page) -> Result<Result<SinkReport, Trouble>, Problem> {
        match page {
            Page::Fuel(page) => {
                let to = For {
                    installation_id: self.installation_id,
                    plugin: &self.plugin,
                    work: None,
                };
                fuel(cx, to, &page.transactions).await
            }
            Page::Orders(page) => {
                let mut report = SinkReport::default();
                for order in &page.orders {
                    let is_new = store_order(cx, self.installation_id, order).await?;
                    *if is_new {
                        &mut report.created
                    } else {
                        &mut report.unchanged
                    } += 1;
                }
                for update in &page.updates {
                    let is_new = store_update(cx, self.installation_id, update).await?;
                    *if is_new {
                        &mut report.updated
                    } else {
                        &mut report.unchanged
                    } += 1;
                }
                Ok(Ok(report))
            }
        }
    }

    async fn advance(&self, cx: &mut Cx, cursor: Option<&str>) -> Result<(), Problem> {
        let now = cx.now;
        sqlx::query(MOVE)
            .bind(self.job.organization_id)
            .bind(self.installation_id)
            .bind(cursor_of(&self.handler))
            .bind(cursor)
            .bind(now)
            .execute(cx.db())
            .await?;
        sqlx::query(MOVED)
            .bind(self.job.organization_id)
            .bind(self.installation_id)
            .bind(now)
            .execute(cx.db())
            .await?;
        Ok(())
    }

    async fn count(&self, cx: &mut Cx, page: &Page, report: SinkReport) -> Result<(), Problem> {
        let now = cx.now;
        let many = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        sqlx::query(COUNT)
            .bind(self.job.organization_id)
            .bind(self.run_id)
            .bind(many(page.received()))
            .bind(many(page.refused().len()))
            .bind(many(page.repeated()))
            .bind(i64::from(report.created))
            .bind(i64::from(report.unchanged))
            .bind(i64::from(report.updated))
            .bind(i64::from(report.matched))
            .bind(i64::from(report.doubtful))
            .bind(i64::from(report.unmatched))
            .bind(now)
            .execute(cx.db())
            .await?;
        Ok(())
    }

    /// Stores lines of a try that brought nothing.
    pub async fn note(&self, lines: Lines) -> Result<(), Problem> {
        if let Some(mut cx) = self.begin().await? {
            lines.store(&mut cx, self.run_id).await?;
            cx.commit().await?;
        }
        Ok(())
    }

    /// Ends the run, whatever it brought so far.
    pub async fn finish(&self, end: &End, lines: Lines) -> Result<(), Problem> {
        let Some(mut cx) = self.begin().await? else {
            return Ok(());
        };
        self.finish_in(&mut cx, end, lines).await?;
        cx.commit().await
    }

    pub async fn finish_in(&self, cx: &mut Cx, end: &End, mut lines: Lines) -> Result<(), Problem> {
        let now = cx.now;
        let (status, verb, trouble) = match end {
            End::Succeeded => (RunStatus::Succeeded, "succeed", None),
            End::Failed(trouble) => (RunStatus::Failed, "fail", Some(trouble.clone())),
            End::Interrupted => {
                let trouble = Trouble::passing("run_interrupted", None);
                (RunStatus::Interrupted, "interrupt", Some(trouble))
            }
        };
        let detail = trouble.as_ref().and_then(|trouble| trouble.detail.clone());
        let row = json!({
            "status": status.as_str(),
            "finished_at": now,
            "problem_code": trouble.as_ref().map(|trouble| trouble.code),
            "problem_detail": detail.map(|text| text.chars().take(2000).collect::<String>()),
        });
        let row = row.as_object().cloned().unwrap_or_default();
        platform_engine::change(cx, &RUNS, self.run_id, verb, row).await?;
        sqlx::query(ENDED)
            .bind(self.job.organization_id)
            .bind(self.installation_id)
            .bind(now)
            .bind(status.as_str())
            .execute(cx.db())
            .await?;
        match &trouble {
            None => lines.add(now, LogLevel::Info, "The run is complete"),
            Some(trouble) => {
                let detail = trouble.detail.as_deref().unwrap_or("see the run's problem");
                lines.add(
                    now,
                    LogLevel::Error,
                    format!("The run ended: {}: {detail}", trouble.code),
                );
            }
        }
        lines.store_last(cx, self.run_id).await?;
        self.settle(cx, trouble.as_ref()).await
    }

    /// What an ended run says about its installation.
    async fn settle(&self, cx: &mut Cx, trouble: Option<&Trouble>) -> Result<(), Problem> {
        let record = platform_engine::load(cx, &INSTALLATIONS, self.installation_id).await?;
        let installation: Installation = typed(&record)?;
        let (verb, row) = match (trouble, installation.status) {
            (Some(trouble), Standing::Active | Standing::NeedsAttention) if trouble.needs_attention => {
                let row = json!({
                    "status": Standing::NeedsAttention.as_str(),
                    "status_reason": trouble.code,
                    "status_detail": trouble.detail.as_ref().map(|text| text.chars().take(2000).collect::<String>()),
                });
                ("need_attention", row.as_object().cloned().unwrap_or_default())
            }
            (None, Standing::NeedsAttention) => {
                let Some(plugin) = shelved::running(cx, &installation).await? else {
                    return Ok(());
                };
                ("recover", Facts::of(&plugin, installation).row())
            }
            (Some(_) | None, _) => return Ok(()),
        };
        let record = platform_engine::change(cx, &INSTALLATIONS, self.installation_id, verb, row).await?;
        crate::tasks::release(cx, &typed(&record)?).await
    }
}
