//! What the process holds for signing people in: the pool of `barq_auth`, keys, caches, and the answer to "who is this".

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use moka::sync::Cache;
use platform_core::{
    Authority, Boxed, Clock, Holder, Identity, Member, Operation, Platform, Problem, Registry, Sealer, ShownKey,
    key_file,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::api_keys::{self, ApiKeys};
use crate::factors::{caller, ticket};
use crate::keys::Rotation;
use crate::mail::{MailSettings, Mailer};
use crate::member::Stored;
use crate::oidc::outside::Outside;
use crate::password::Hasher;
use crate::policy::{Own, Policy};
use crate::store::Store;
use crate::token::{Tokens, bearer};
use crate::{impersonation, keys, post, proof, roles, store, throttle};

/// Sign-in needs few connections: hashing passwords is what takes the time.
const CONNECTIONS: u32 = 4;
const WAIT: Duration = Duration::from_secs(2);
/// Members that are kept compiled.
const REMEMBERED: u64 = 20_000;
/// How often an instance looks for keys that another one made.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// Every so many times it also throws old rows away.
const TIDY_EVERY: u32 = 10;

/// A compiled member and what it was compiled from.
#[derive(Clone)]
struct Compiled {
    access_version: i64,
    member: Arc<Member>,
    ended: Arc<BTreeSet<Uuid>>,
    /// What lets support in.
    grants: Arc<[(Uuid, DateTime<Utc>)]>,
}

/// Organizations, people, sign-in and permissions.
pub struct Tenancy {
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) hasher: Hasher,
    /// Who may do what.
    pub policy: Policy,
    pub(crate) sealer: Sealer,
    pub(crate) api_keys: ApiKeys,
    mailer: OnceLock<Mailer>,
    pub(crate) outside: OnceLock<Outside>,
    members: Cache<(Uuid, Uuid), Compiled>,
    clock: Clock,
    /// Compiled roles of organizations.
    own: Cache<Uuid, Arc<Own>>,
}

impl Tenancy {
    /// Connects as `barq_auth` and takes the signing keys into use; the first start makes them. `data` is the data folder, where
    /// the key file is that seals them: instances of one installation share it.
    pub async fn connect(auth_url: &str, registry: &Registry, data: &Path, clock: &Clock) -> Result<Arc<Self>> {
        let options: PgConnectOptions = auth_url.parse().context("the address for sign-in")?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(WAIT)
            // A cancelled `begin` can leave a transaction open; see the gate of platform-core.
            .after_release(|connection, _| {
                Box::pin(async move {
                    connection.execute("ROLLBACK").await?;
                    Ok(true)
                })
            })
            .connect_lazy_with(options.options([("client_min_messages", "error")]));
        let hasher = tokio::task::spawn_blocking(Hasher::new).await?;
        let tenancy = Arc::new(Self {
            store: Store(pool),
            tokens: Tokens::new(),
            hasher,
            policy: Policy::new(registry).await?,
            sealer: Sealer::open(data, "sign-in.key").context("the key file of sign-in")?,
            api_keys: ApiKeys::new(key_file(data, "api-keys.key").context("the key file of API keys")?),
            mailer: OnceLock::new(),
            outside: OnceLock::new(),
            members: Cache::new(REMEMBERED),
            clock: clock.clone(),
            own: Cache::new(REMEMBERED),
        });
        tenancy.tidy(clock.now()).await.context("preparing sign-in")?;
        tokio::spawn(keep_tidy(Arc::downgrade(&tenancy), clock.clone()));
        Ok(tenancy)
    }

    /// Takes keys of other instances into use, replaces old ones, and throws away rows that mean nothing any more.
    pub async fn tidy(&self, now: DateTime<Utc>) -> Result<()> {
        let pool = &self.store.0;
        self.look_for_keys(now).await?;
        sqlx::query(throttle::SWEEP).bind(now).execute(pool).await?;
        sqlx::query(store::SWEEP).bind(now).execute(pool).await?;
        sqlx::query(ticket::SWEEP).bind(now).execute(pool).await?;
        sqlx::query(proof::SWEEP).bind(now).execute(pool).await?;
        sqlx::query(post::SWEEP).bind(now).execute(pool).await?;
        Ok(())
    }

    /// Replaces the keys that sign access tokens, and answers the new one's name.
    pub async fn rotate_keys(&self, now: DateTime<Utc>, rotation: Rotation) -> Result<String> {
        let kid = keys::rotate(&self.store.0, &self.sealer, now, rotation).await?;
        self.look_for_keys(now).await?;
        Ok(kid)
    }

    /// Takes keys into use that another instance has made.
    pub async fn look_for_keys(&self, now: DateTime<Utc>) -> Result<()> {
        keys::load(&self.store.0, &self.sealer, &self.tokens, now).await
    }

    /// Says who writes letters, where their links lead and which server takes them; said once, before the first request.
    pub fn use_mail(&self, settings: &MailSettings) -> Result<()> {
        let mailer = Mailer::new(settings).context("the settings of mail")?;
        self.mailer
            .set(mailer)
            .map_err(|_| anyhow::anyhow!("mail is set up already"))
    }

    /// The way out for letters; the outbox alone when nothing was said.
    pub(crate) fn mailer(&self) -> &Mailer {
        let unsaid = || Mailer::new(&MailSettings::default()).expect("the defaults are good settings");
        self.mailer.get_or_init(unsaid)
    }

    /// Ids of organizations of the installation, in order, beginning after `after`: what start-up goes through.
    pub async fn organizations(&self, after: Uuid, most: i64) -> Result<Vec<Uuid>, Problem> {
        self.store.organizations(after, most).await
    }

    /// Closes the pool, waiting for connections in use.
    pub async fn close(&self) {
        self.store.0.close().await;
    }

    /// The roles of an organization, compiled once for each policy version.
    pub(crate) async fn own(
        &self,
        connection: &mut PgConnection,
        organization_id: Uuid,
        version: i64,
    ) -> Result<Arc<Own>, Problem> {
        if let Some(own) = self.own.get(&organization_id).filter(|own| own.version == version) {
            return Ok(own);
        }
        let roles = roles::read(connection, organization_id).await?;
        let own = self.policy.organization(version, &roles).await;
        let own = Arc::new(own.map_err(|error| Problem::internal(&error))?);
        self.own.insert(organization_id, own.clone());
        Ok(own)
    }

    /// A member as he stands, without keeping him.
    pub(crate) async fn compile_member(
        &self,
        connection: &mut PgConnection,
        identity: &Identity,
        stored: Stored,
    ) -> Result<Member, Problem> {
        let compiled = self.compile(connection, identity, 0, stored).await?;
        Ok(Arc::unwrap_or_clone(compiled.member))
    }

    /// Compiles a member.
    async fn compile(
        &self,
        connection: &mut PgConnection,
        identity: &Identity,
        access_version: i64,
        stored: Stored,
    ) -> Result<Compiled, Problem> {
        let Identity {
            user_id,
            organization_id,
            ..
        } = *identity;
        let own = self.own(connection, organization_id, stored.policy_version).await?;
        let (membership, roles) = (&stored.membership, &stored.roles);
        let modules_off = stored.modules_off.into_iter().collect();
        let permissions = self
            .policy
            .held(&own, user_id, organization_id, membership, roles, &modules_off);
        let time_zone: Tz = stored.time_zone.parse().map_err(|error| Problem::internal(&error))?;
        Ok(Compiled {
            access_version,
            ended: Arc::new(stored.ended.into_iter().collect()),
            grants: stored.grants.into(),
            member: Arc::new(Member {
                name: stored.full_name,
                membership: stored.membership,
                roles: stored.roles,
                permissions,
                session_version: stored.session_version,
                organization_name: stored.organization_name,
                time_zone,
                currency: stored.currency,
                modules_off,
            }),
        })
    }
}

impl Authority for Tenancy {
    fn identify(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem> {
        let identity = self.tokens.identify(headers, now)?;
        match identity.support {
            None => Ok(identity),
            Some(_) => Err(Problem::not_signed_in()),
        }
    }

    fn caller(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Identity, Problem> {
        self.tokens.identify(headers, now)
    }

    fn admits_support(&self, operation: &Operation) -> Result<(), Problem> {
        impersonation::admits(operation)
    }

    fn recent<'a>(&'a self, identity: &'a Identity, now: DateTime<Utc>) -> Boxed<'a, Result<(), Problem>> {
        Box::pin(caller::recent(self, identity, now))
    }

    fn member<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        identity: &'a Identity,
        access_version: i64,
    ) -> Boxed<'a, Result<Arc<Member>, Problem>> {
        Box::pin(async move {
            let key = (identity.organization_id, identity.user_id);
            let cached = self
                .members
                .get(&key)
                .filter(|compiled| compiled.access_version == access_version);
            let compiled = if let Some(compiled) = cached {
                compiled
            } else {
                let stored = Stored::read(&mut *connection, identity.organization_id, identity.user_id).await?;
                let stored = stored
                    .filter(|stored| stored.is_open)
                    .ok_or_else(Problem::not_signed_in)?;
                let compiled = self.compile(connection, identity, access_version, stored).await?;
                self.members.insert(key, compiled.clone());
                compiled
            };
            if compiled.ended.contains(&identity.session_id) {
                return Err(Problem::not_signed_in());
            }
            let Some(support) = &identity.support else {
                return Ok(compiled.member);
            };
            let member = self.supported(&compiled.member, support, &compiled.grants, self.clock.now())?;
            Ok(Arc::new(member))
        })
    }

    fn shown_key(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Result<Option<ShownKey>, Problem> {
        let shown = bearer(headers).filter(|text| text.starts_with(api_keys::PREFIX));
        shown.map(|text| self.api_keys.shown(text, now)).transpose()
    }

    fn holder<'a>(
        &'a self,
        connection: &'a mut PgConnection,
        shown: &'a ShownKey,
        version: i64,
    ) -> Boxed<'a, Result<Holder, Problem>> {
        Box::pin(self.key_holder(connection, shown, version))
    }

    fn used(&self, platform: &Arc<Platform>, shown: &ShownKey) {
        self.note_use(platform, shown);
    }
}

async fn keep_tidy(tenancy: Weak<Tenancy>, clock: Clock) {
    for look in 1_u32.. {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(tenancy) = tenancy.upgrade() else { return };
        let done = match look % TIDY_EVERY {
            0 => tenancy.tidy(clock.now()).await,
            _ => tenancy.look_for_keys(clock.now()).await,
        };
        if let Err(error) = done {
            tracing::warn!(%error, "Could not tidy up sign-in: {error:#}");
        }
    }
}
