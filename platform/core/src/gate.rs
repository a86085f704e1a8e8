//! The pool behind [`crate::Cx`]: nobody else borrows a tenant connection.
//!
//! A connection whose transaction ended well goes back to a shelf of ours without another message. One that was dropped in the
//! middle (a cancelled request, an error) goes back through sqlx's pool, whose `after_release` hook rolls back what may be open:
//! sqlx 0.9.0 can leave a transaction open when `begin` is cancelled, and with it the tenant's setting.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Executor, PgConnection, Postgres, pool::PoolConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What `Cx::begin` runs in its first message; prepared, it costs a third. The version is raised by whatever changes what is
/// kept of a member, his own row or the organization's roles: both only grow, so their sum is another one after each change.
const PREPARE_ACCESS: &str = "PREPARE barq_access (uuid, uuid) AS SELECT m.access_version + o.policy_version \
    FROM platform.members m JOIN platform.organizations o ON o.organization_id = m.organization_id \
    WHERE m.organization_id = $1 AND m.user_id = $2";

/// What `Cx::begin_key` runs in its first message: the versions of the key, of who holds it, of who was given it, and of the
/// roles. Each only grows, so their sum is another one after each change of any of them.
const PREPARE_KEY: &str = "PREPARE barq_key (uuid, uuid) AS \
    SELECT k.version + h.access_version + i.access_version + o.policy_version FROM platform.api_keys k \
    JOIN platform.members h ON h.organization_id = k.organization_id AND h.user_id = k.user_id \
    JOIN platform.members i ON i.organization_id = k.organization_id AND i.user_id = k.issued_to \
    JOIN platform.organizations o ON o.organization_id = k.organization_id \
    WHERE k.organization_id = $1 AND k.id = $2 AND k.revoked_at IS NULL";

/// What `Cx::begin_job` runs in its first message: the zone of the organization's days, and the modules that it has switched off.
const PREPARE_HOME: &str = "PREPARE barq_home (uuid) AS SELECT o.time_zone, \
    (SELECT string_agg(s.module, ' ') FROM platform.module_switches s \
        WHERE s.organization_id = $1 AND NOT s.is_enabled) AS modules_off \
    FROM platform.organizations o WHERE o.organization_id = $1";

/// How a gate is made.
#[derive(Clone, Debug)]
pub struct GateOptions {
    /// Most connections at once.
    pub connections: u32,
    /// How long a request waits for one.
    pub wait: Duration,
    /// Whether released connections are rolled back. Only the test that shows why this is needed turns it off.
    pub rollback_on_release: bool,
}

impl Default for GateOptions {
    fn default() -> Self {
        Self {
            connections: 8,
            wait: Duration::from_secs(2),
            rollback_on_release: true,
        }
    }
}

/// The pool of tenant connections.
#[derive(Clone)]
pub struct Gate {
    pool: PgPool,
    shelf: Arc<Mutex<Vec<PoolConnection<Postgres>>>>,
    permits: Arc<Semaphore>,
    wait: Duration,
}

impl Gate {
    /// A gate to a database as `barq_app`; connects on first use.
    pub fn new(connect: PgConnectOptions, options: &GateOptions) -> Self {
        let mut pool = PgPoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(options.wait)
            .test_before_acquire(true)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection.execute(PREPARE_ACCESS).await?;
                    connection.execute(PREPARE_KEY).await?;
                    connection.execute(PREPARE_HOME).await?;
                    Ok(())
                })
            });
        if options.rollback_on_release {
            pool = pool.after_release(|connection, _| {
                Box::pin(async move {
                    connection.execute("ROLLBACK").await?;
                    Ok(true)
                })
            });
        }
        // The hook rolls back also where nothing is open; the server's notice about that is not worth a log line.
        // One tenant's large question gets one process, not every core.
        let connect = connect.options([
            ("client_min_messages", "error"),
            ("max_parallel_workers_per_gather", "0"),
        ]);
        // What is slow is said by the request's metrics; a look at the clock for each statement is not free.
        let connect = connect.disable_statement_logging();
        Self {
            pool: pool.connect_lazy_with(connect),
            shelf: Arc::default(),
            permits: Arc::new(Semaphore::new(options.connections as usize)),
            wait: options.wait,
        }
    }

    /// Borrows a connection with no open transaction.
    pub(crate) async fn borrow(&self) -> Result<Borrowed, sqlx::Error> {
        let permit = tokio::time::timeout(self.wait, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let shelved = self.shelf().pop();
        #[expect(clippy::disallowed_methods, reason = "this is the pool that Cx::begin stands on")]
        let connection = match shelved {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(Borrowed {
            connection: Some(connection),
            gate: self.clone(),
            _permit: permit,
        })
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        let shelved: Vec<_> = self.shelf().drain(..).collect();
        drop(shelved);
        self.pool.close().await;
    }

    fn shelf(&self) -> std::sync::MutexGuard<'_, Vec<PoolConnection<Postgres>>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A borrowed connection. Dropped without [`Borrowed::give_back`], it passes through the rollback hook.
pub(crate) struct Borrowed {
    connection: Option<PoolConnection<Postgres>>,
    gate: Gate,
    _permit: OwnedSemaphorePermit,
}

impl Borrowed {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("present until it is given back")
    }

    /// Returns a connection whose transaction has ended.
    pub(crate) fn give_back(mut self) {
        if let Some(connection) = self.connection.take()
            && !self.gate.pool.is_closed()
        {
            self.gate.shelf().push(connection);
        }
    }
}
