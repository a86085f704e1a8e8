//! What the process holds for signing people in: the pool of `barq_auth`, keys, caches, and the answer to "who is this".

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use moka::sync::Cache;
use platform_core::{Authority, Boxed, Clock, Identity, Member, Problem, Registry, Sealer};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::member::Stored;
use crate::password::Hasher;
use crate::policy::Policy;
use crate::store::Store;
use crate::token::Tokens;
use crate::{keys, store, throttle};

/// Sign-in needs few connections: hashing passwords is what takes the time.
const CONNECTIONS: u32 = 4;
const WAIT: Duration = Duration::from_secs(2);
/// Members that are kept compiled.
const REMEMBERED: u64 = 20_000;
/// How often an instance looks for keys that another one made, and throws old rows away.
const TIDY_EVERY: Duration = Duration::from_mins(10);

/// A compiled member and what it was compiled from.
#[derive(Clone)]
struct Compiled {
    access_version: i64,
    member: Arc<Member>,
    ended: Arc<BTreeSet<Uuid>>,
}

/// Organizations, people, sign-in and permissions.
pub struct Tenancy {
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) hasher: Hasher,
    /// Who may do what.
    pub policy: Policy,
    sealer: Sealer,
    members: Cache<(Uuid, Uuid), Compiled>,
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
            members: Cache::new(REMEMBERED),
        });
        tenancy.tidy(clock.now()).await.context("preparing sign-in")?;
        tokio::spawn(keep_tidy(Arc::downgrade(&tenancy), clock.clone()));
        Ok(tenancy)
    }

    /// Takes keys of other instances into use, replaces old ones, and throws away rows that mean nothing any more.
    pub async fn tidy(&self, now: DateTime<Utc>) -> Result<()> {
        let pool = &self.store.0;
        keys::load(pool, &self.sealer, &self.tokens, now).await?;
        sqlx::query(throttle::SWEEP).bind(now).execute(pool).await?;
        sqlx::query(store::SWEEP).bind(now).execute(pool).await?;
        Ok(())
    }

    /// Ids of organizations of the installation, in order, beginning after `after`: what start-up goes through.
    pub async fn organizations(&self, after: Uuid, most: i64) -> Result<Vec<Uuid>, Problem> {
        self.store.organizations(after, most).await
    }

    /// Closes the pool, waiting for connections in use.
    pub async fn close(&self) {
        self.store.0.close().await;
    }

    /// Compiles a member.
    fn compile(&self, identity: &Identity, access_version: i64, stored: Stored) -> Result<Compiled, Problem> {
        let Identity {
            user_id,
            organization_id,
            ..
        } = *identity;
        let mut permissions = self
            .policy
            .snapshot(user_id, organization_id, &stored.membership, &stored.roles);
        let modules_off = stored.modules_off.into_iter().collect();
        self.policy.take_away(&mut permissions, &modules_off);
        let time_zone: Tz = stored.time_zone.parse().map_err(|error| Problem::internal(&error))?;
        Ok(Compiled {
            access_version,
            ended: Arc::new(stored.ended.into_iter().collect()),
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
        self.tokens.identify(headers, now)
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
                let stored = Stored::read(connection, identity.organization_id, identity.user_id).await?;
                let stored = stored
                    .filter(|stored| stored.is_open)
                    .ok_or_else(Problem::not_signed_in)?;
                let compiled = self.compile(identity, access_version, stored)?;
                self.members.insert(key, compiled.clone());
                compiled
            };
            if compiled.ended.contains(&identity.session_id) {
                return Err(Problem::not_signed_in());
            }
            Ok(compiled.member)
        })
    }
}

async fn keep_tidy(tenancy: Weak<Tenancy>, clock: Clock) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        let Some(tenancy) = tenancy.upgrade() else { return };
        if let Err(error) = tenancy.tidy(clock.now()).await {
            tracing::warn!(%error, "Could not tidy up sign-in: {error:#}");
        }
    }
}
