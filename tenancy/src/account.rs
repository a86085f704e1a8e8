//! Making organizations and members: one way for sign-up, for the demonstration data and for administrators.

use std::sync::Arc;

use platform_core::{Cx, Effect, FieldError, Mode, Platform, Problem, ids};
use platform_resource::{Kind, Value};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::letter::Letter;
use crate::organization::ORGANIZATION;
use crate::policy::{MEMBERSHIPS, ROLES};
use crate::store::{Offer, Person};
use crate::{Tenancy, password, post};

pub(crate) const ADD_ORGANIZATION: &str =
    "INSERT INTO platform.organizations (organization_id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)";
pub(crate) const SET_STATUS: &str =
    "UPDATE platform.organizations SET status = $2, updated_at = $3, version = version + 1 WHERE organization_id = $1";
pub(crate) const STATUS: &str = "SELECT status, name, locale FROM platform.organizations WHERE organization_id = $1";
pub(crate) const OWNERS: &str = "SELECT email FROM platform.members
    WHERE organization_id = $1 AND membership = 'owner' AND status = 'active' ORDER BY user_id";
pub(crate) const RAISE_ALL: &str =
    "UPDATE platform.members SET access_version = access_version + 1 WHERE organization_id = $1";
pub(crate) const ADD_MEMBER: &str = "INSERT INTO platform.members AS m
        (organization_id, user_id, membership, full_name, email, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $6)
    ON CONFLICT (organization_id, user_id) DO UPDATE SET
        membership = excluded.membership, full_name = excluded.full_name, email = excluded.email, status = 'active',
        access_version = m.access_version + 1, version = m.version + 1, updated_at = excluded.updated_at
    WHERE m.status = 'removed'";
pub(crate) const CLEAR_ROLES: &str = "DELETE FROM platform.member_roles WHERE organization_id = $1 AND user_id = $2";
/// Roles of the organization's own are linked by their id, which no built-in name looks like.
pub(crate) const ADD_ROLES: &str = "INSERT INTO platform.member_roles (organization_id, user_id, role, role_id)
    SELECT $1, $2, role, CASE WHEN length(role) = 36 THEN role::uuid END FROM unnest($3::text[]) AS role";
pub(crate) const HISTORY: &str = "INSERT INTO platform.history
        (organization_id, id, resource, record_id, verb, actor_id, actor_name, request_id, at, changes, on_behalf_of)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// What a member's history is filed under.
pub(crate) const MEMBERS: &str = "tenancy.members";
/// Locks the organization's row: changes of members and modules happen one after the other, so that of two last owners one
/// stays. New rows that point at the organization do not wait for it.
pub(crate) const LOCK: &str = "SELECT 1 FROM platform.organizations WHERE organization_id = $1 FOR NO KEY UPDATE";

/// A person to be made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// E-mail address, the name at sign-in.
    pub email: String,
    /// Name.
    pub full_name: String,
    /// Password, at least twelve characters.
    pub password: String,
}

/// What somebody is in an organization.
#[derive(Clone, Debug)]
pub struct Position {
    /// owner, admin, manager or viewer.
    pub membership: String,
    /// Job roles.
    pub roles: Vec<String>,
}

impl Position {
    /// A membership with job roles.
    pub fn new(membership: &str, roles: &[&str]) -> Self {
        Self {
            membership: membership.to_owned(),
            roles: roles.iter().map(ToString::to_string).collect(),
        }
    }

    /// Sorted and without repetition; a problem when a name does not exist.
    pub fn checked(mut self) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let mut known = |field: &str, value: &str, allowed: &[&str]| {
            if !allowed.contains(&value) {
                errors.push(FieldError::new(field, "not_a_choice").with(vec![("allowed", allowed.join(", "))]));
            }
        };
        known("membership", &self.membership, &MEMBERSHIPS);
        for role in &mut self.roles {
            // Whether the organization has such a role is seen when it is stored.
            match Uuid::try_parse(role) {
                Ok(id) => *role = id.to_string(),
                Err(_) => known("roles", role, &ROLES),
            }
        }
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        self.roles.sort();
        self.roles.dedup();
        Ok(self)
    }
}

/// Texts that were given, checked one after the other, with everything that is wrong with them.
#[derive(Default)]
struct Given(Vec<FieldError>);

impl Given {
    fn text(&mut self, field: &str, kind: Kind, raw: &str) -> String {
        match kind.parse_text(raw.trim()) {
            // The longest address that mail knows; the parts alone may be longer together.
            Ok(Value::Text(text)) if matches!(kind, Kind::Email) && text.chars().count() > 254 => {
                self.0.push(FieldError::new(field, "not_an_email"));
                String::new()
            }
            Ok(Value::Text(text)) => text,
            Ok(_) => {
                self.0.push(FieldError::new(field, "required"));
                String::new()
            }
            Err(refusal) => {
                self.0.push(FieldError::new(field, refusal.code).with(refusal.params));
                String::new()
            }
        }
    }

    fn password(&mut self, given: &str, email: &str) {
        if let Err(problem) = password::check("password", given, email) {
            self.0.extend(problem.errors);
        }
    }

    fn person(&mut self, new: &NewPerson) -> Person {
        let person = Person {
            id: ids::new_id(),
            email: self.text("email", Kind::Email, &new.email),
            full_name: self.text("full_name", NAME, &new.full_name),
        };
        self.password(&new.password, &person.email);
        person
    }

    fn done(self) -> Result<(), Problem> {
        match self.0.is_empty() {
            true => Ok(()),
            false => Err(Problem::invalid(self.0)),
        }
    }
}

/// An address as it is stored, or why it is none.
pub(crate) fn read_email(raw: &str) -> Result<String, Problem> {
    let mut given = Given::default();
    let email = given.text("email", Kind::Email, raw);
    given.done().map(|()| email)
}

/// A name as it is stored, or why it is none.
pub(crate) fn read_name(field: &str, raw: &str) -> Result<String, FieldError> {
    let mut given = Given::default();
    let name = given.text(field, NAME, raw);
    given.0.pop().map_or(Ok(name), Err)
}

/// A person to be made, or everything that is wrong with him.
pub(crate) fn read_person(new: &NewPerson) -> Result<Person, Problem> {
    let mut given = Given::default();
    let person = given.person(new);
    given.done().map(|()| person)
}

const NAME: Kind = Kind::Text { max: 200 };

/// Makes an organization with its owner. The organization's rows come first and the person's last: what a crash leaves in
/// between is an organization that nobody can reach, never a person who was told of one that is not there.
///
/// An e-mail address that exists is told: without mail there is no other way to say why a sign-up fails. Who tries many pays with
/// the wait of the throttle.
pub async fn create_organization(
    platform: &Arc<Platform>,
    name: &str,
    owner: &NewPerson,
) -> Result<(Offer, Person), Problem> {
    let tenancy = platform.service::<Tenancy>();
    let mut given = Given::default();
    let organization = Offer {
        id: ids::new_id(),
        name: given.text("organization_name", NAME, name),
    };
    let person = given.person(owner);
    given.done()?;
    let taken = || Problem::field("email", "taken");
    if tenancy.store.knows(&person.email).await? {
        return Err(taken());
    }
    let password_hash = tenancy.hasher.hash(owner.password.clone()).await?;

    let mut cx = Cx::begin_job(platform, organization.id, "sign_up", Mode::Write).await?;
    let now = cx.now;
    let add = sqlx::query(ADD_ORGANIZATION)
        .bind(organization.id)
        .bind(&organization.name)
        .bind(now);
    add.execute(cx.db()).await?;
    put(&mut cx, &person, &Position::new("owner", &[])).await?;
    platform_jobs::wake_clock(&mut cx).await?;
    cx.commit().await?;

    if tenancy.store.found(&person, &password_hash, &organization, now).await? {
        return Ok((organization, person));
    }
    // Somebody else signed up with the address since we looked.
    set_standing(platform, organization.id, Standing::Cancelled).await?;
    Err(taken())
}

/// What the operator of an installation may make of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its members may come in.
    Active,
    /// Nobody may come in, from the next request on; nothing is lost.
    Suspended,
    /// As suspended, for good.
    Cancelled,
}

/// Opens or closes an organization. Every member is read anew on the next request.
pub async fn set_standing(platform: &Arc<Platform>, organization_id: Uuid, standing: Standing) -> Result<(), Problem> {
    let mut cx = Cx::begin_job(platform, organization_id, "set_standing", Mode::Write).await?;
    stand(&mut cx, standing).await?;
    cx.commit().await
}

/// Opens or closes the organization of the caller's transaction.
async fn stand(cx: &mut Cx, standing: Standing) -> Result<(), Problem> {
    let status = match standing {
        Standing::Active => "active",
        Standing::Suspended => "suspended",
        Standing::Cancelled => "cancelled",
    };
    let organization_id = cx.organization_id;
    let now = cx.now;
    lock(cx).await?;
    let found = sqlx::query(STATUS)
        .bind(organization_id)
        .fetch_optional(cx.db())
        .await?;
    let found = found.ok_or_else(Problem::not_found)?;
    let (before, name): (String, String) = (found.try_get("status")?, found.try_get("name")?);
    let set = sqlx::query(SET_STATUS).bind(organization_id).bind(status).bind(now);
    set.execute(cx.db()).await?;
    if before != status {
        let changes = changes(&[("status", json!(before), json!(status))]);
        record(cx, ORGANIZATION, organization_id, "set_standing", changes).await?;
    }
    if before != status && standing == Standing::Suspended {
        let owners = sqlx::query(OWNERS).bind(organization_id).fetch_all(cx.db()).await?;
        for owner in &owners {
            let locale = post::locale(found.try_get("locale")?);
            let letter = Letter::new("organization_suspended", owner.try_get("email")?, locale, now);
            let letter = letter.with("organization", &name).link("/sign-in", "");
            post::post(cx, &letter.of(organization_id)).await?;
        }
    }
    raise_all(cx).await?;
    // Schedules paused while it was closed.
    platform_jobs::wake_clock(cx).await
}

/// An organization stands as its subscription does. Whoever cancels keeps what was paid for: that end comes from the operator.
pub(crate) const LISTENERS: &[Effect] = &[
    Effect {
        on: "admin.subscriptions.activate",
        run: |cx, _| Box::pin(stand(cx, Standing::Active)),
    },
    Effect {
        on: "admin.subscriptions.suspend",
        run: |cx, _| Box::pin(stand(cx, Standing::Suspended)),
    },
    Effect {
        on: "admin.subscriptions.end_trial",
        run: |cx, _| Box::pin(stand(cx, Standing::Suspended)),
    },
];

/// Makes the next request of every member read him anew.
pub(crate) async fn raise_all(cx: &mut Cx) -> Result<(), Problem> {
    let raise = sqlx::query(RAISE_ALL).bind(cx.organization_id);
    raise.execute(cx.db()).await?;
    Ok(())
}

/// Lets nobody else change members or modules of the organization until the transaction ends.
pub(crate) async fn lock(cx: &mut Cx) -> Result<(), Problem> {
    let lock = sqlx::query(LOCK).bind(cx.organization_id);
    lock.execute(cx.db()).await?;
    Ok(())
}

/// Makes a member of an organization, for whoever runs the process. A person who is known by the address keeps his password.
pub async fn create_member(
    platform: &Arc<Platform>,
    organization: &Offer,
    new: &NewPerson,
    position: &Position,
) -> Result<Uuid, Problem> {
    let mut cx = Cx::begin_job(platform, organization.id, "create_member", Mode::Write).await?;
    let user_id = admit(&mut cx, &organization.name, new, position.clone().checked()?).await?;
    cx.commit().await?;
    Ok(user_id)
}

/// Makes a member inside the organization's open transaction. The person's rows are committed first: if the rest fails, the
/// person is offered an organization that does not let him in, and a second try completes it.
pub(crate) async fn admit(
    cx: &mut Cx,
    organization_name: &str,
    new: &NewPerson,
    position: Position,
) -> Result<Uuid, Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let mut given = Given::default();
    let mut person = given.person(new);
    given.done()?;
    // Hashed also when the person turns out to exist: the time tells nothing about that.
    let password_hash = tenancy.hasher.hash(new.password.clone()).await?;
    let organization = Offer {
        id: cx.organization_id,
        name: organization_name.to_owned(),
    };
    person.id = tenancy
        .store
        .invite(&person, &password_hash, &organization, cx.now)
        .await?;
    put(cx, &person, &position).await?;
    Ok(person.id)
}

/// Stores a member, new or back again; "taken" when he is one already.
pub(crate) async fn put(cx: &mut Cx, person: &Person, position: &Position) -> Result<(), Problem> {
    let add = sqlx::query(ADD_MEMBER)
        .bind(cx.organization_id)
        .bind(person.id)
        .bind(&position.membership)
        .bind(&person.full_name)
        .bind(&person.email)
        .bind(cx.now);
    let taken = || Problem::field("email", "taken");
    let added = add
        .execute(cx.db())
        .await
        .map_err(|error| match error.as_database_error() {
            // A member who has changed his address since: the organization's copy is still the old one.
            Some(refusal) if refusal.constraint() == Some("members_email_key") => taken(),
            _ => error.into(),
        })?;
    if added.rows_affected() == 0 {
        return Err(taken());
    }
    set_roles(cx, person.id, &position.roles).await?;
    let changes = changes(&[
        ("full_name", Json::Null, json!(person.full_name)),
        ("email", Json::Null, json!(person.email)),
        ("membership", Json::Null, json!(position.membership)),
        ("roles", Json::Null, json!(position.roles)),
    ]);
    record(cx, MEMBERS, person.id, "created", changes).await
}

/// Replaces a member's job roles.
pub(crate) async fn set_roles(cx: &mut Cx, user_id: Uuid, roles: &[String]) -> Result<(), Problem> {
    let organization_id = cx.organization_id;
    let clear = sqlx::query(CLEAR_ROLES).bind(organization_id).bind(user_id);
    clear.execute(cx.db()).await?;
    if !roles.is_empty() {
        let add = sqlx::query(ADD_ROLES).bind(organization_id).bind(user_id).bind(roles);
        add.execute(cx.db()).await.map_err(unknown_role)?;
    }
    Ok(())
}

/// A role that the organization does not have is refused by name.
fn unknown_role(error: sqlx::Error) -> Problem {
    let constraint = error.as_database_error().and_then(|refusal| refusal.constraint());
    match constraint {
        Some("member_roles_role_id_fkey") => Problem::field("roles", "not_known"),
        _ => error.into(),
    }
}

/// Fields that differ, in the form of histories.
pub(crate) fn changes(fields: &[(&str, Json, Json)]) -> Json {
    let changed = fields.iter().filter(|(_, before, after)| before != after);
    let entry =
        |(name, before, after): &(&str, Json, Json)| ((*name).to_owned(), json!({"before": before, "after": after}));
    Json::Object(changed.map(entry).collect::<Map<String, Json>>())
}

/// Writes one row of history in the transaction of the change.
pub(crate) async fn record(
    cx: &mut Cx,
    resource: &str,
    record_id: Uuid,
    verb: &str,
    changes: Json,
) -> Result<(), Problem> {
    let (author, at, request_id) = (cx.author(), cx.now, cx.request_id.clone());
    sqlx::query(HISTORY)
        .bind(cx.organization_id)
        .bind(ids::new_id())
        .bind(resource)
        .bind(record_id)
        .bind(verb)
        .bind(author.id)
        .bind(author.name)
        .bind(request_id)
        .bind(at)
        .bind(changes)
        .bind(author.on_behalf_of)
        .execute(cx.db())
        .await?;
    Ok(())
}
