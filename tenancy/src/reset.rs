//! A new password: with the old one, or by a letter to the address.
//!
//! Who asks for the letter learns nothing about the address: the request writes down a wish, and whether the address belongs to
//! anybody is looked up later, by who sends letters.

use axum::http::StatusCode;
use chrono::TimeDelta;
use platform_core::{Method, Operation, Permit, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::Deserialize;
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::account::read_email;
use crate::entry::private;
use crate::letter::Letter;
use crate::proof::{self, Purpose};
use crate::sessions::{self, signed_in};
use crate::throttle::{self, Try};
use crate::{Tenancy, password};

pub(crate) const CREDENTIAL: &str = "SELECT u.email, c.password_hash
    FROM identity.users u LEFT JOIN identity.credentials c ON c.user_id = u.id WHERE u.id = $1";
pub(crate) const REPLACE: &str =
    "UPDATE identity.credentials SET password_hash = $2, changed_at = $3 WHERE user_id = $1";

/// How long a wish for a letter is worth answering.
pub(crate) const WISH: TimeDelta = TimeDelta::hours(1);

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Forgot {
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reset {
    /// What stands behind `#token=` in the letter's link.
    token: String,
    /// At least twelve characters.
    password: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    current_password: String,
    /// At least twelve characters.
    password: String,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut change = Operation::public::<Change, ()>(
        Method::Post,
        "/auth/password/change",
        "auth.password.change",
        204,
        |visit| Box::pin(change(visit)),
    )
    .summary("Change the own password; ends all other sessions");
    change.permit = Permit::SignedIn;
    vec![
        Operation::public::<Forgot, ()>(
            Method::Post,
            "/auth/password/forgot",
            "auth.password.forgot",
            204,
            |visit| Box::pin(forgot(visit)),
        )
        .summary("Ask for a letter with a link to a new password; one answer, whether the address is known or not"),
        Operation::public::<Reset, ()>(
            Method::Post,
            "/auth/password/reset",
            "auth.password.reset",
            204,
            |visit| Box::pin(reset(visit)),
        )
        .summary("Choose a new password with the link of a letter; ends all sessions"),
        change,
    ]
}

/// Counts a wish for a letter: from one address, and from there to one recipient.
pub(crate) async fn count_wish(visit: &Visit, email: &str) -> Result<(), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let (pool, network) = (&tenancy.store.0, throttle::network(&visit.request.address));
    Try::count(pool, throttle::WISHES, &[&network], visit.now).await?;
    Try::count(pool, throttle::WISH, &[email, &network], visit.now).await?;
    Ok(())
}

async fn forgot(visit: &Visit) -> Result<Reply, Problem> {
    let input: Forgot = visit.request.body_as()?;
    let email = read_email(&input.email)?;
    count_wish(visit, &email).await?;
    let letter = Letter::new("password_reset", &email, visit.locale, visit.now).until(visit.now + WISH);
    let tenancy = visit.platform.service::<Tenancy>();
    tenancy.ask(&letter, visit.now).await?;
    Ok(private(Reply::empty()))
}

async fn reset(visit: &Visit) -> Result<Reply, Problem> {
    let input: Reset = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    let tried = Try::count(&tenancy.store.0, throttle::LINK, &[&network], visit.now).await?;
    let mut connection = tenancy.store.connection().await?;
    let opened = proof::open(&mut connection, Purpose::Reset, &input.token, visit.now).await?;
    drop(connection);
    tried.give_back(&tenancy.store.0).await?;
    password::check("password", &input.password, &opened.email)?;
    let password_hash = tenancy.hasher.hash(input.password).await?;

    let mut connection = tenancy.store.connection().await?;
    let mut transaction = connection.begin().await?;
    // Again, and this time nobody else opens it: of two at once one finds it gone.
    let opened = proof::open(&mut transaction, Purpose::Reset, &input.token, visit.now).await?;
    let user_id = opened.user_id.ok_or_else(proof::over)?;
    replace(&mut transaction, visit, user_id, &password_hash).await?;
    // Who opened the link reads the mail of the address.
    let verify = sqlx::query(proof::VERIFY).bind(user_id).bind(visit.now);
    verify.execute(&mut *transaction).await?;
    transaction.commit().await?;
    drop(connection);

    sessions::end_others(visit, user_id, Uuid::nil(), "password").await?;
    tell(visit, &opened.email).await?;
    Ok(private(Reply::empty()))
}

async fn replace(
    connection: &mut sqlx::PgConnection,
    visit: &Visit,
    user_id: Uuid,
    password_hash: &str,
) -> Result<(), Problem> {
    let replace = sqlx::query(REPLACE).bind(user_id).bind(password_hash).bind(visit.now);
    if replace.execute(&mut *connection).await?.rows_affected() == 0 {
        return Err(proof::over());
    }
    // Links that were asked for under the old password are not good for the new one.
    proof::forget(connection, Purpose::Reset, user_id).await
}

/// Tells the person: if it was somebody else, this is how it shows.
async fn tell(visit: &Visit, email: &str) -> Result<(), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let letter = Letter::new("password_changed", email, visit.locale, visit.now);
    let letter = letter
        .with("at", visit.now.format("%Y-%m-%d %H:%M UTC"))
        .link("/sign-in", "");
    tenancy.post(&letter, visit.now).await
}

async fn change(visit: &Visit) -> Result<Reply, Problem> {
    let identity = signed_in(visit).await?;
    let input: Change = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let person = identity.user_id.to_string();
    let tried = Try::count(&tenancy.store.0, throttle::ACCOUNT, &[&person], visit.now).await?;
    let row = sqlx::query(CREDENTIAL).bind(identity.user_id);
    let row = row.fetch_optional(&tenancy.store.0).await?;
    let row = row.ok_or_else(Problem::not_signed_in)?;
    let email: String = row.try_get("email")?;
    let Some(stored) = row.try_get::<Option<String>, _>("password_hash")? else {
        return Err(Problem::new(StatusCode::CONFLICT, "no_password"));
    };
    let fits = tenancy.hasher.verify(input.current_password.clone(), Some(stored));
    if !fits.await? {
        return Err(Problem::field("current_password", "wrong_password"));
    }
    tried.forget(&tenancy.store.0).await?;
    password::check("password", &input.password, &email)?;
    if input.password == input.current_password {
        return Err(Problem::field("password", "password_same"));
    }
    let password_hash = tenancy.hasher.hash(input.password).await?;
    let mut connection = tenancy.store.connection().await?;
    let mut transaction = connection.begin().await?;
    replace(&mut transaction, visit, identity.user_id, &password_hash).await?;
    transaction.commit().await?;
    drop(connection);
    sessions::end_others(visit, identity.user_id, identity.session_id, "password").await?;
    tell(visit, &email).await?;
    Ok(private(Reply::empty()))
}
