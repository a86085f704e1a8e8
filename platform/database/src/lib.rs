//! The private PostgreSQL cluster, its roles, the migrator and the isolation prover.
//!
//! [`Cluster`] starts a server from the machine's own PostgreSQL binaries, [`Target`] says where a database is and how
//! each [`Role`] reaches it, [`prepare`] makes roles and tables, [`prove`] reads the catalogue against the rules of
//! tenant isolation. Requests do not come through here: their transactions are `platform-core`'s.

mod account;
mod binaries;
mod bootstrap;
mod cluster;
mod migrate;
mod prover;
mod target;
pub mod testing;

pub use binaries::Binaries;
pub use bootstrap::{bootstrap, create_database};
pub use cluster::{Cluster, Options};
pub use migrate::{Migration, migrate, migrations};
pub use prover::{Finding, Report, connected_role_is_safe, lint, prove, prove_on, refuse_unless_safe};
pub use target::{Role, Target};

/// Roles, database and tables, whatever state the server is in: safe to call at every start.
pub async fn prepare(target: &Target) -> anyhow::Result<()> {
    bootstrap(target).await?;
    migrate(target).await
}
