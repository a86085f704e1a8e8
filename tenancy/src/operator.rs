//! What whoever runs an installation sees and does beside its API: organizations, staff, letters that do not leave.

use chrono::{DateTime, Utc};
use platform_core::{Cx, Problem};
use serde::Serialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::Tenancy;

pub(crate) const SUMMARY: &str =
    "SELECT o.name, o.status, o.plan, o.created_at, (SELECT count(*) FROM platform.members m
        WHERE m.organization_id = $1 AND m.status = 'active') AS members
    FROM platform.organizations o WHERE o.organization_id = $1";
pub(crate) const STAFF: &str = "SELECT u.email, u.full_name, s.added_at
    FROM identity.staff s JOIN identity.users u ON u.id = s.user_id ORDER BY u.email";
pub(crate) const STUCK: &str =
    "SELECT id, template, recipient, organization_id, state, attempts, last_error, next_try_at,
        expires_at, created_at
    FROM identity.mails WHERE state IN ('waiting', 'dead') AND ($1::uuid IS NULL OR organization_id = $1)
    ORDER BY id DESC LIMIT $2";
pub(crate) const RESEND: &str = "UPDATE identity.mails SET next_try_at = $3, updated_at = $3
    WHERE state = 'waiting' AND ($1::uuid IS NULL OR organization_id = $1) AND ($2::uuid[] IS NULL OR id = ANY ($2))";

/// An organization in the operator's list.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// trial, active, suspended or cancelled.
    pub status: String,
    /// What it pays for.
    pub plan: String,
    /// Members who may come in.
    pub members: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Somebody of the operator.
#[derive(Clone, Debug, Serialize)]
pub struct Staff {
    /// E-mail address.
    pub email: String,
    /// Name.
    pub full_name: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
}

/// A letter that has not left, without what it says.
#[derive(Clone, Debug, Serialize)]
pub struct Stuck {
    /// Id.
    pub id: Uuid,
    /// What kind of letter it is.
    pub template: String,
    /// To whom.
    pub recipient: String,
    /// Whose; nobody's, where it concerns a person alone.
    pub organization_id: Option<Uuid>,
    /// waiting or dead.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// When it is tried again.
    pub next_try_at: DateTime<Utc>,
    /// When it is worth nothing any more.
    pub expires_at: DateTime<Utc>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// The organization of the caller's transaction in a line; nothing when it is not there.
pub async fn summary(cx: &mut Cx) -> Result<Option<Summary>, Problem> {
    let id = cx.organization_id;
    let row = sqlx::query(SUMMARY).bind(id).fetch_optional(cx.db()).await?;
    let summary = |row: PgRow| -> Result<Summary, sqlx::Error> {
        Ok(Summary {
            id,
            name: row.try_get("name")?,
            status: row.try_get("status")?,
            plan: row.try_get("plan")?,
            members: row.try_get("members")?,
            created_at: row.try_get("created_at")?,
        })
    };
    Ok(row.map(summary).transpose()?)
}

impl Tenancy {
    /// Who of the operator may use what organizations grant.
    pub async fn staff(&self) -> Result<Vec<Staff>, Problem> {
        let rows = sqlx::query(STAFF).fetch_all(&self.store.0).await?;
        let staff = |row: &PgRow| -> Result<Staff, sqlx::Error> {
            Ok(Staff {
                email: row.try_get("email")?,
                full_name: row.try_get("full_name")?,
                added_at: row.try_get("added_at")?,
            })
        };
        Ok(rows.iter().map(staff).collect::<Result<_, _>>()?)
    }

    /// Letters that wait or were given up, the latest first; all, or one organization's.
    pub async fn stuck(&self, organization_id: Option<Uuid>, most: i64) -> Result<Vec<Stuck>, Problem> {
        let rows = sqlx::query(STUCK).bind(organization_id).bind(most);
        let stuck = |row: &PgRow| -> Result<Stuck, sqlx::Error> {
            Ok(Stuck {
                id: row.try_get("id")?,
                template: row.try_get("template")?,
                recipient: row.try_get("recipient")?,
                organization_id: row.try_get("organization_id")?,
                state: row.try_get("state")?,
                attempts: row.try_get("attempts")?,
                last_error: row.try_get("last_error")?,
                next_try_at: row.try_get("next_try_at")?,
                expires_at: row.try_get("expires_at")?,
                created_at: row.try_get("created_at")?,
            })
        };
        let rows = rows.fetch_all(&self.store.0).await?;
        Ok(rows.iter().map(stuck).collect::<Result<_, _>>()?)
    }

    /// Lets letters that wait be tried now: all, one organization's, or the ones that are named. A running server sends them
    /// within seconds. A letter that was given up has lost its content and has to be asked for anew. Answers how many.
    pub async fn resend(
        &self,
        organization_id: Option<Uuid>,
        letters: Option<&[Uuid]>,
        now: DateTime<Utc>,
    ) -> Result<u64, Problem> {
        let resend = sqlx::query(RESEND).bind(organization_id).bind(letters).bind(now);
        Ok(resend.execute(&self.store.0).await?.rows_affected())
    }
}
