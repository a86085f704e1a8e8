//! The context of one request or job: who, for which organization, when, and the one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::gate::Borrowed;
use crate::{Boxed, Locale, Platform, Problem};

/// Whom a verified token or key names.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The person.
    pub user_id: Uuid,
    /// The organization that the token is for.
    pub organization_id: Uuid,
    /// The session it belongs to.
    pub session_id: Uuid,
    /// Tokens of an older session version are dead.
    pub session_version: i64,
}

/// What is known of a member of an organization. Cached by `access_version`, which every change to it raises.
#[derive(Clone, Debug)]
pub struct Member {
    /// Name shown in histories.
    pub name: String,
    /// owner, admin, manager or viewer.
    pub membership: String,
    /// Job roles.
    pub roles: Vec<String>,
    /// Names of everything the member may do.
    pub permissions: BTreeSet<String>,
    /// Tokens must carry this session version.
    pub session_version: i64,
    /// The organization's name.
    pub organization_name: String,
    /// Zone of its business days.
    pub time_zone: Tz,
    /// Currency of its amounts.
    pub currency: String,
    /// Modules that the organization has switched off.
    pub modules_off: BTreeSet<String>,
}

/// What a job knows of its organization.
#[derive(Clone, Debug)]
struct Home {
    time_zone: Tz,
    modules_off: BTreeSet<String>,
}

impl Default for Home {
    /// The home market's: for what comes before the organization's row is there.
    fn default() -> Self {
        Self {
            time_zone: Tz::Asia__Riyadh,
            modules_off: BTreeSet::new(),
        }
    }
}

impl Home {
    fn of(row: &PgRow) -> Result<Self, Problem> {
        let time_zone: &str = row.try_get("time_zone")?;
        let modules_off: Option<&str> = row.try_get("modules_off")?;
        Ok(Self {
            time_zone: time_zone.parse().map_err(|error| Problem::internal(&error))?,
            modules_off: modules_off
                .unwrap_or_default()
                .split_whitespace()
                .map(ToOwned::to_owned)
                .collect(),
        })
    }
}

/// Who signs in and what they may do: implemented by `tenancy`.
pub trait Authority: Send + Sync + 'static {
    /// Verifies the token or key of a request.
    fn identify(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem>;

    /// The member at this access version, from the cache or from the open transaction; a problem when he has no access.
    fn member<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        identity: &'a Identity,
        access_version: i64,
    ) -> Boxed<'a, Result<Arc<Member>, Problem>>;
}

/// Who acts.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A member, signed in.
    Member(Identity, Arc<Member>),
    /// A job of the organization; the name says which.
    Job(&'static str),
}

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The database refuses writes.
    Read,
    /// Writes are allowed.
    Write,
}

/// The context of one request or job.
pub struct Cx {
    /// What the process shares.
    pub platform: Arc<Platform>,
    /// The tenant. Every statement binds it.
    pub organization_id: Uuid,
    /// Who acts.
    pub actor: Actor,
    /// When the request began; the only time that rules and rows see.
    pub now: DateTime<Utc>,
    /// The caller's language.
    pub locale: Locale,
    /// Goes into logs and histories.
    pub request_id: String,
    home: Home,
    transaction_id: Uuid,
    borrowed: Borrowed,
}

impl Cx {
    /// Opens the transaction of a signed-in request: one message sets the organization and reads the member's access version.
    pub async fn begin(platform: &Arc<Platform>, identity: Identity, mode: Mode) -> Result<Self, Problem> {
        let Identity {
            user_id,
            organization_id,
            ..
        } = identity;
        let access = format!("; EXECUTE barq_access('{organization_id}', '{user_id}')");
        let (mut borrowed, row) = open(platform, organization_id, mode, &access).await?;
        let Some(row) = row else {
            return Err(Problem::not_signed_in());
        };
        let access_version = row.try_get(0)?;
        let member = platform
            .authority()
            .member(borrowed.connection(), &identity, access_version)
            .await?;
        if member.session_version != identity.session_version {
            return Err(Problem::not_signed_in());
        }
        Ok(Self::of(
            platform,
            organization_id,
            Actor::Member(identity, member),
            Home::default(),
            borrowed,
        ))
    }

    /// Opens the transaction of a job of an organization: the same message reads its time zone and switched-off modules.
    pub async fn begin_job(
        platform: &Arc<Platform>,
        organization_id: Uuid,
        job: &'static str,
        mode: Mode,
    ) -> Result<Self, Problem> {
        let home = format!("; EXECUTE barq_home('{organization_id}')");
        let (borrowed, row) = open(platform, organization_id, mode, &home).await?;
        let home = row.as_ref().map(Home::of).transpose()?.unwrap_or_default();
        Ok(Self::of(platform, organization_id, Actor::Job(job), home, borrowed))
    }

    fn of(platform: &Arc<Platform>, organization_id: Uuid, actor: Actor, home: Home, borrowed: Borrowed) -> Self {
        Self {
            platform: platform.clone(),
            organization_id,
            actor,
            now: platform.clock.now(),
            locale: Locale::En,
            request_id: String::new(),
            home,
            transaction_id: crate::ids::new_id(),
            borrowed,
        }
    }

    /// The open transaction's connection.
    pub fn db(&mut self) -> &mut PgConnection {
        self.borrowed.connection()
    }

    /// Makes everything written durable and ends the context.
    pub async fn commit(mut self) -> Result<(), Problem> {
        sqlx::raw_sql("COMMIT").execute(self.borrowed.connection()).await?;
        self.borrowed.give_back();
        Ok(())
    }

    /// Undoes everything written and ends the context.
    pub async fn rollback(mut self) -> Result<(), Problem> {
        sqlx::raw_sql("ROLLBACK").execute(self.borrowed.connection()).await?;
        self.borrowed.give_back();
        Ok(())
    }

    /// Names the transaction: for what is needed once in it, however many rows are written.
    pub const fn transaction_id(&self) -> Uuid {
        self.transaction_id
    }

    /// Id of the member who acts; nil for jobs.
    pub const fn actor_id(&self) -> Uuid {
        match &self.actor {
            Actor::Member(identity, _) => identity.user_id,
            Actor::Job(_) => Uuid::nil(),
        }
    }

    /// Name of who acts, for histories.
    pub fn actor_name(&self) -> &str {
        match &self.actor {
            Actor::Member(_, member) => &member.name,
            Actor::Job(name) => name,
        }
    }

    /// Whether the caller may do something. Jobs of ours may do everything within their organization.
    pub fn may(&self, permission: &str) -> bool {
        match &self.actor {
            Actor::Member(_, member) => member.permissions.contains(permission),
            Actor::Job(_) => true,
        }
    }

    /// Refuses unless the caller may do it.
    pub fn require(&self, permission: &str) -> Result<(), Problem> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Problem::forbidden(permission))
        }
    }

    /// The business day of the request in the organization's zone.
    pub fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.time_zone()).date_naive()
    }

    /// The organization's zone.
    pub fn time_zone(&self) -> Tz {
        match &self.actor {
            Actor::Member(_, member) => member.time_zone,
            Actor::Job(_) => self.home.time_zone,
        }
    }

    /// Whether the organization uses a module; one that it has switched off is as if it were not there.
    pub fn has_module(&self, module: &str) -> bool {
        let off = match &self.actor {
            Actor::Member(_, member) => &member.modules_off,
            Actor::Job(_) => &self.home.modules_off,
        };
        !off.contains(module)
    }

    /// The member who acts; a problem for jobs.
    pub fn member(&self) -> Result<(&Identity, &Arc<Member>), Problem> {
        match &self.actor {
            Actor::Member(identity, member) => Ok((identity, member)),
            Actor::Job(_) => Err(Problem::new(StatusCode::FORBIDDEN, "forbidden")),
        }
    }
}

/// `BEGIN`, the organization and what the caller adds, in one message. Returns the first row that came back.
async fn open(
    platform: &Platform,
    organization_id: Uuid,
    mode: Mode,
    then: &str,
) -> Result<(Borrowed, Option<PgRow>), Problem> {
    let begin = match mode {
        Mode::Read => "BEGIN READ ONLY",
        Mode::Write => "BEGIN",
    };
    let message = format!("{begin}; SET LOCAL barq.organization_id = '{organization_id}'{then}");
    let mut borrowed = platform.gate.borrow().await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the only values in the text are ids, which are typed"
    )]
    let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(message))
        .fetch_all(borrowed.connection())
        .await?;
    Ok((borrowed, rows.into_iter().next()))
}
