//! One throw-away server for the whole binary, and databases in it.

use platform_database::testing::{Ephemeral, ephemeral};
use platform_database::{Role, Target, create_database, prepare};
use sqlx::{Connection, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::{Mutex, OnceCell};

static SERVER: OnceCell<(Ephemeral, Target)> = OnceCell::const_new();
/// Cloning needs a template that nobody else is cloning.
static CLONING: Mutex<()> = Mutex::const_new(());

/// The server, and the migrated database that others are cloned from. Do not write to it.
pub async fn server() -> &'static (Ephemeral, Target) {
    let start = || async {
        let cluster = ephemeral().await.unwrap();
        let target = Target::private(&cluster);
        prepare(&target).await.unwrap();
        (cluster, target)
    };
    SERVER.get_or_init(start).await
}

/// A migrated database of the caller's own.
pub async fn database() -> Target {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let (_, template) = server().await;
    let _cloning = CLONING.lock().await;
    let name = format!("clone_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    create_database(template, &name).await.unwrap()
}

pub async fn connect(target: &Target, role: Role) -> PgConnection {
    PgConnection::connect(&target.url(role)).await.unwrap()
}

pub async fn connect_as_admin(target: &Target) -> PgConnection {
    PgConnection::connect(&target.admin_url()).await.unwrap()
}
