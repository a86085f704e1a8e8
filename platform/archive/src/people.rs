//! The people of an organization, in schema `identity`, reached as `barq_auth` alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use platform_core::ids;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use crate::Error;
use crate::sql::delete_identity;

pub(crate) const KNOWN: &str = "SELECT id, email FROM identity.users WHERE email = ANY ($1) OR id = ANY ($2)";
pub(crate) const ADD_USERS: &str = "INSERT INTO identity.users (id, email, full_name, created_at, updated_at)
    SELECT made.id, made.email, made.full_name, $4, $4
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS made (id, email, full_name)";
pub(crate) const ADD_ORGANIZATION: &str =
    "INSERT INTO identity.organizations (id, name, created_at) VALUES ($1, $2, $3)";
pub(crate) const OFFER: &str = "INSERT INTO identity.directory (user_id, organization_id, offered_at)
    SELECT id, $2, $3 FROM unnest($1::uuid[]) AS id";
pub(crate) const ALONE: &str = "SELECT u.id, u.email FROM identity.users u WHERE u.id = ANY ($1)
    AND NOT EXISTS (SELECT FROM identity.directory d WHERE d.user_id = u.id AND d.organization_id <> $2)";
/// Columns of the schema by which rows belong to an organization or to a person.
pub(crate) const TABLES: &str = "SELECT c.relname::text AS name, a.attname::text AS column
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'identity'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN ('users', 'organizations')
        AND (a.attname IN ('email', 'recipient') AND a.atttypid = 'text'::regtype
            OR a.attname IN ('organization_id', 'user_id') AND a.atttypid = 'uuid'::regtype)
    ORDER BY 2, 1";
pub(crate) const FORGET_ORGANIZATION: &str = "DELETE FROM identity.organizations WHERE id = $1";
pub(crate) const FORGET_USERS: &str = "DELETE FROM identity.users WHERE id = ANY ($1)";

/// Somebody in an archive.
#[derive(Clone, Debug)]
pub struct Person {
    /// The id that rows of the archive know.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Name.
    pub full_name: String,
    /// Whether the organization is offered to the person at sign-in.
    pub is_in: bool,
}

/// Finds the people by their addresses and makes those who are not there, without a password; offers them the organization.
/// Answers the ids that differ from the archive's.
pub async fn admit(
    connection: &mut PgConnection,
    organization: (Uuid, &str),
    people: &[Person],
    now: DateTime<Utc>,
) -> Result<BTreeMap<Uuid, Uuid>, Error> {
    let emails: Vec<String> = people.iter().map(|person| person.email.to_lowercase()).collect();
    let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let mut by_email = BTreeMap::new();
    let mut taken = BTreeMap::new();
    let known = sqlx::query(KNOWN).bind(&emails).bind(&ids);
    for row in known.fetch_all(&mut *connection).await? {
        let (id, email): (Uuid, String) = (row.try_get("id")?, row.try_get("email")?);
        by_email.insert(email.clone(), id);
        taken.insert(id, email);
    }
    let mut moved = BTreeMap::new();
    let (mut made, mut addresses, mut names): (Vec<Uuid>, Vec<String>, Vec<String>) = Default::default();
    let mut offered = Vec::new();
    for (person, email) in people.iter().zip(&emails) {
        let id = match by_email.get(email) {
            Some(id) => *id,
            // The id is somebody else's here: an archive cannot say who that is.
            None if taken.contains_key(&person.id) => ids::new_id(),
            None => person.id,
        };
        if id != person.id {
            moved.insert(person.id, id);
        }
        if by_email.insert(email.clone(), id).is_none() {
            made.push(id);
            addresses.push(email.clone());
            names.push(person.full_name.clone());
        }
        if person.is_in && !offered.contains(&id) {
            offered.push(id);
        }
    }
    let add = sqlx::query(ADD_USERS)
        .bind(&made)
        .bind(&addresses)
        .bind(&names)
        .bind(now);
    add.execute(&mut *connection).await?;
    let (id, name) = organization;
    let add = sqlx::query(ADD_ORGANIZATION).bind(id).bind(name).bind(now);
    add.execute(&mut *connection).await?;
    let offer = sqlx::query(OFFER).bind(&offered).bind(id).bind(now);
    offer.execute(&mut *connection).await?;
    Ok(moved)
}

/// Removes the organization, and those of the people who belong to no other one. Answers how many these are.
pub async fn forget(connection: &mut PgConnection, organization_id: Uuid, people: &[Uuid]) -> Result<usize, Error> {
    let alone = sqlx::query(ALONE).bind(people).bind(organization_id);
    let (mut ids, mut emails): (Vec<Uuid>, Vec<String>) = Default::default();
    for row in alone.fetch_all(&mut *connection).await? {
        ids.push(row.try_get("id")?);
        emails.push(row.try_get("email")?);
    }
    let tables = sqlx::query(TABLES).fetch_all(&mut *connection).await?;
    for row in &tables {
        let place = (row.try_get::<&str, _>("name")?, row.try_get::<&str, _>("column")?);
        match place.1 {
            "organization_id" => delete_identity(connection, place, &[organization_id]).await?,
            "user_id" => delete_identity(connection, place, &ids).await?,
            _ => delete_identity(connection, place, &emails).await?,
        };
    }
    let forget = sqlx::query(FORGET_USERS).bind(&ids);
    forget.execute(&mut *connection).await?;
    let forget = sqlx::query(FORGET_ORGANIZATION).bind(organization_id);
    forget.execute(&mut *connection).await?;
    Ok(ids.len())
}
