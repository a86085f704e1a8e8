//! Where a database is, and the address under which each role reaches it.

use crate::cluster::Cluster;
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use url::Url;

/// The roles that log in. `barq_owner`, which owns everything, never does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Runs migrations as the owner; nothing else does.
    Migrator,
    /// Requests and jobs.
    App,
    /// Sign-in: schema `identity` alone.
    Auth,
    /// Sees which organization has due jobs.
    Dispatch,
    /// Reads everything, writes nothing.
    Backup,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Migrator, Role::App, Role::Auth, Role::Dispatch, Role::Backup];

    /// Its name in PostgreSQL.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Migrator => "barq_migrator",
            Role::App => "barq_app",
            Role::Auth => "barq_auth",
            Role::Dispatch => "barq_dispatch",
            Role::Backup => "barq_backup",
        }
    }
}

/// One database of one server, reached as whoever may make roles there.
#[derive(Clone)]
pub struct Target {
    admin: Url,
    secret: Option<String>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address holds a password.
        let place = (self.admin.host_str().unwrap_or_default(), self.database());
        f.debug_tuple("Target").field(&place).finish()
    }
}

const DATABASE: &str = "barq";

impl Target {
    /// The database `barq` of a private cluster. Its socket asks for no password.
    pub fn private(cluster: &Cluster) -> Target {
        Target::private_named(cluster, DATABASE)
    }

    /// Another database of a private cluster: tests make several.
    pub fn private_named(cluster: &Cluster, database: &str) -> Target {
        let admin = Url::parse(&cluster.admin_url(database)).expect("the cluster writes its own address");
        Target { admin, secret: None }
    }

    /// A server that somebody else runs, as in `BARQ_DATABASE_URL`: the address of a superuser, or of a user who may
    /// create roles and databases. The roles' passwords follow from `secret`, so every process of an installation
    /// has to know the same one.
    pub fn external(admin_url: &str, secret: &str) -> Result<Target> {
        let mut admin = Url::parse(admin_url).context("the address of the database")?;
        if !matches!(admin.scheme(), "postgres" | "postgresql") {
            bail!(
                "the address of the database starts with `{}:`, not with `postgres:`",
                admin.scheme()
            );
        }
        if admin.host_str().is_none_or(str::is_empty) || admin.username().is_empty() {
            bail!("the address of the database needs a user and a host: postgres://user:password@host/database");
        }
        if secret.len() < 16 {
            bail!("the secret behind the roles' passwords is shorter than 16 characters");
        }
        if admin.path().trim_matches('/').is_empty() {
            admin.set_path(DATABASE);
        }
        Ok(Target {
            admin,
            secret: Some(secret.to_owned()),
        })
    }

    /// The address for a role.
    pub fn url(&self, role: Role) -> String {
        let mut url = self.admin.clone();
        let password = self.password(role);
        url.set_username(role.name())
            .and_then(|()| url.set_password(password.as_deref()))
            .expect("an address with a host takes a user");
        url.into()
    }

    /// The address for whoever makes roles.
    pub fn admin_url(&self) -> String {
        self.admin.clone().into()
    }

    /// The same server and administrator, another database.
    pub fn with_database(&self, database: &str) -> Target {
        let mut target = self.clone();
        target.admin.set_path(database);
        target
    }

    pub fn database(&self) -> &str {
        self.admin.path().trim_start_matches('/')
    }

    /// A role's password: nobody who knows one role's can work out another's.
    pub(crate) fn password(&self, role: Role) -> Option<String> {
        let secret = self.secret.as_ref()?;
        let digest = Sha256::new()
            .chain_update(secret)
            .chain_update(b"\0")
            .chain_update(role.name())
            .finalize();
        Some(hex::encode(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of the installation";

    #[test]
    fn gives_each_role_its_own_address_and_password() {
        let target = Target::external("postgres://admin:p%40ss@db.example:6543/fleet?sslmode=require", SECRET).unwrap();
        let app = target.url(Role::App);
        let auth = target.url(Role::Auth);
        assert!(app.starts_with("postgres://barq_app:"), "{app}");
        assert!(app.ends_with("@db.example:6543/fleet?sslmode=require"), "{app}");
        assert_ne!(target.password(Role::App), target.password(Role::Auth));
        assert_ne!(app, auth);
    }

    #[test]
    fn refuses_an_address_it_could_not_use() {
        for address in ["mysql://a@b/c", "postgres:///barq", "postgres://host/barq", "nonsense"] {
            assert!(Target::external(address, SECRET).is_err(), "{address}");
        }
        assert!(Target::external("postgres://a@b", "short").is_err());
        assert_eq!(Target::external("postgres://a@b", SECRET).unwrap().database(), "barq");
    }

    #[test]
    fn does_not_show_a_password_in_a_log() {
        let target = Target::external("postgres://admin:hunter2@db.example/fleet", SECRET).unwrap();
        assert!(!format!("{target:?}").contains("hunter2"));
    }
}
