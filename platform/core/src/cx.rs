//! The context of one request or job: who, for which organization, when, and the one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use platform_resource::Scope;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::gate::Borrowed;
use crate::{Boxed, Holder, KeyUse, Locale, Operation, Permissions, Platform, Problem, ShownKey};

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
    /// The operator's support, which acts in the person's place.
    pub support: Option<Arc<Support>>,
}

/// Somebody of the operator, let in by a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Who it is.
    pub staff_id: Uuid,
    /// His name, for histories.
    pub staff_name: String,
    /// What lets him in.
    pub grant_id: Uuid,
}

/// Who did something, as histories name them.
#[derive(Clone, Debug)]
pub struct Author {
    /// Who acted; nil for jobs.
    pub id: Uuid,
    /// His name.
    pub name: String,
    /// In whose place, where support acted.
    pub on_behalf_of: Option<Uuid>,
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
    /// Everything that the member may do, and for which rows.
    pub permissions: Permissions,
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
    /// Verifies the token of a person who acts for himself.
    fn identify(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem>;

    /// Verifies the token of a request within an organization, where support may act in a member's place.
    fn caller(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem> {
        self.identify(headers, now)
    }

    /// Refuses support what is not for it.
    fn admits_support(&self, _operation: &Operation) -> Result<(), Problem> {
        Err(Problem::new(StatusCode::FORBIDDEN, "not_for_support"))
    }

    /// Refuses unless the person behind a session proved a short while ago that he is still there. Where nothing keeps count of
    /// that, nobody did.
    fn recent<'a>(&'a self, _identity: &'a Identity, _now: DateTime<Utc>) -> Boxed<'a, Result<(), Problem>> {
        Box::pin(async { Err(Problem::step_up_needed()) })
    }

    /// The member at this access version, from the cache or from the open transaction; a problem when he has no access.
    fn member<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        identity: &'a Identity,
        access_version: i64,
    ) -> Boxed<'a, Result<Arc<Member>, Problem>>;

    /// The API key of a request; nothing when it shows none. A key that cannot be one of ours is refused.
    fn shown_key(&self, _headers: &HeaderMap, _now: DateTime<Utc>) -> Result<Option<ShownKey>, Problem> {
        Ok(None)
    }

    /// Who acts with a key at this version, from the cache or from the open transaction; a problem when it is not good.
    fn holder<'a>(
        &'a self,
        _connection: &'a mut PgConnection,
        _shown: &'a ShownKey,
        _version: i64,
    ) -> Boxed<'a, Result<Holder, Problem>> {
        Box::pin(std::future::ready(Err(Problem::not_signed_in())))
    }

    /// Notes that a good key was used.
    fn used(&self, _platform: &Arc<Platform>, _shown: &ShownKey) {}
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
    /// As [`Mode::Read`], and every statement sees the database as it was at the beginning.
    Snapshot,
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
    /// The API key that was shown; nothing when a person is signed in.
    pub key: Option<KeyUse>,
    home: Home,
    transaction_id: Uuid,
    mode: Mode,
    /// Whether this transaction made the organization's key.
    pub(crate) made_key: bool,
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
            mode,
            borrowed,
        ))
    }

    /// Opens the transaction of a call with an API key: one message sets the organization and reads all versions that count.
    pub async fn begin_key(platform: &Arc<Platform>, shown: &ShownKey, mode: Mode) -> Result<Self, Problem> {
        let ShownKey {
            organization_id, id, ..
        } = *shown;
        let versions = format!("; EXECUTE barq_key('{organization_id}', '{id}')");
        let (mut borrowed, row) = open(platform, organization_id, mode, &versions).await?;
        let Some(row) = row else {
            return Err(Problem::not_signed_in());
        };
        let version = row.try_get(0)?;
        let holder = platform.authority().holder(borrowed.connection(), shown, version);
        let Holder { identity, member, key } = holder.await?;
        let actor = Actor::Member(identity, member);
        platform.authority().used(platform, shown);
        Ok(Self {
            key: Some(key),
            ..Self::of(platform, organization_id, actor, Home::default(), mode, borrowed)
        })
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
        Ok(Self::of(
            platform,
            organization_id,
            Actor::Job(job),
            home,
            mode,
            borrowed,
        ))
    }

    fn of(
        platform: &Arc<Platform>,
        organization_id: Uuid,
        actor: Actor,
        home: Home,
        mode: Mode,
        borrowed: Borrowed,
    ) -> Self {
        Self {
            platform: platform.clone(),
            organization_id,
            actor,
            now: platform.clock.now(),
            locale: Locale::En,
            request_id: String::new(),
            key: None,
            home,
            transaction_id: crate::ids::new_id(),
            mode,
            made_key: false,
            borrowed,
        }
    }

    /// The open transaction's connection.
    pub fn db(&mut self) -> &mut PgConnection {
        self.borrowed.connection()
    }

    /// Makes everything written durable and ends the context. Histories enter the audit chain in the same message, so that
    /// the end of the chain is locked for no longer than the commit takes; for many thousand rows that is some seconds.
    pub async fn commit(mut self) -> Result<(), Problem> {
        let message = match self.mode {
            Mode::Read | Mode::Snapshot => "COMMIT".to_owned(),
            Mode::Write => format!(
                "SET LOCAL statement_timeout = '5min'; SELECT platform.seal_history('{}', '{}'); COMMIT",
                self.organization_id, self.transaction_id
            ),
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "the only values in the text are ids, which are typed"
        )]
        let commit = sqlx::raw_sql(sqlx::AssertSqlSafe(message));
        commit.execute(self.borrowed.connection()).await?;
        self.borrowed.give_back();
        Ok(())
    }

    /// Undoes everything written and ends the context.
    pub async fn rollback(mut self) -> Result<(), Problem> {
        sqlx::raw_sql("ROLLBACK").execute(self.borrowed.connection()).await?;
        self.borrowed.give_back();
        Ok(())
    }

    /// Whether the transaction may write, or only read.
    pub const fn mode(&self) -> Mode {
        self.mode
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

    /// Who acts, for histories: support with the member in whose place it acts.
    pub fn author(&self) -> Author {
        let support = match &self.actor {
            Actor::Member(identity, _) => identity.support.as_deref(),
            Actor::Job(_) => None,
        };
        match support {
            Some(support) => Author {
                id: support.staff_id,
                name: support.staff_name.clone(),
                on_behalf_of: Some(self.actor_id()),
            },
            None => Author {
                id: self.actor_id(),
                name: self.actor_name().to_owned(),
                on_behalf_of: None,
            },
        }
    }

    /// Whether the caller may do something with every row. Jobs of ours may do everything within their organization.
    pub fn may(&self, permission: &str) -> bool {
        self.scope(permission) == Some(Scope::All)
    }

    /// The rows for which the caller may do something; nothing when he may not at all.
    pub fn scope(&self, permission: &str) -> Option<Scope> {
        match &self.actor {
            Actor::Member(_, member) => member.permissions.scope(permission),
            Actor::Job(_) => Some(Scope::All),
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
        Mode::Snapshot => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
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
