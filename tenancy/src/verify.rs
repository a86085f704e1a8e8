//! Proof that somebody reads the mail of an address, before or after signing up.
//!
//! Where letters are sent, signing up begins with one: the answer is the same for every address, and only who reads its mail
//! learns whether it has an account already. Without a mail server people sign up at once and are told when an address is taken.

use platform_core::{Boxed, Cx, Method, Operation, Permit, Problem, Reply, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Connection;
use uuid::Uuid;

use crate::Tenancy;
use crate::account::read_email;
use crate::entry::private;
use crate::letter::Letter;
use crate::password::SHORTEST;
use crate::proof::{self, Purpose};
use crate::reset::{WISH, count_wish};
use crate::sessions::signed_in;
use crate::store::Person;
use crate::throttle::{self, Try};

pub(crate) const IS_VERIFIED: &str = "SELECT email_verified_at IS NOT NULL FROM identity.users WHERE id = $1";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignUp {
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Verify {
    /// What stands behind `#token=` in the letter's link.
    token: String,
}

/// What the pages for guests need to know.
#[derive(Serialize, JsonSchema)]
struct Settings {
    /// Whether signing up begins with a letter.
    sign_up_by_mail: bool,
    /// Fewest characters of a new password.
    password_min: usize,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut again = Operation::public::<Nothing, ()>(
        Method::Post,
        "/auth/email/send_verification",
        "auth.email.send_verification",
        204,
        |visit| Box::pin(again(visit)),
    )
    .summary("Send the letter that confirms the own address once more");
    again.permit = Permit::SignedIn;
    vec![
        Operation::public::<Nothing, Settings>(Method::Get, "/auth/settings", "auth.settings", 200, |visit| {
            settings(visit)
        })
        .summary("How people sign up here"),
        Operation::public::<SignUp, ()>(Method::Post, "/auth/sign_up", "auth.sign_up", 204, |visit| {
            Box::pin(sign_up(visit))
        })
        .summary("Ask for a letter with a link to sign up; one answer, whether the address is known or not"),
        Operation::public::<Verify, ()>(Method::Post, "/auth/email/verify", "auth.email.verify", 204, |visit| {
            Box::pin(verify(visit))
        })
        .summary("Confirm an address with the link of a letter"),
        again,
    ]
}

fn settings(visit: &Visit) -> Boxed<'_, Result<Reply, Problem>> {
    Box::pin(async move {
        let settings = Settings {
            sign_up_by_mail: visit.platform.service::<Tenancy>().mailer().sends(),
            password_min: SHORTEST,
        };
        Ok(private(Reply::json(axum::http::StatusCode::OK, &settings)))
    })
}

async fn sign_up(visit: &Visit) -> Result<Reply, Problem> {
    let input: SignUp = visit.request.body_as()?;
    let email = read_email(&input.email)?;
    count_wish(visit, &email).await?;
    let letter = Letter::new("sign_up", &email, visit.locale, visit.now).until(visit.now + WISH);
    let tenancy = visit.platform.service::<Tenancy>();
    tenancy.ask(&letter, visit.now).await?;
    Ok(private(Reply::empty()))
}

/// Refuses a sign-up that does not come from the letter to the address, where letters are sent. It says so before it looks at
/// anything else, so that nothing is learned about the address.
pub(crate) async fn prove_sign_up(visit: &Visit, email: &str, token: Option<&str>) -> Result<bool, Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let Some(token) = token else {
        return match tenancy.mailer().sends() {
            true => Err(Problem::field("token", "link_needed")),
            false => Ok(false),
        };
    };
    let mut connection = tenancy.store.connection().await?;
    let opened = proof::open(&mut connection, Purpose::SignUp, token, visit.now).await?;
    if opened.email != email.trim().to_lowercase() {
        return Err(proof::over());
    }
    Ok(true)
}

/// After signing up: the address is proven, or the letter that proves it is on its way.
pub(crate) async fn welcome(visit: &Visit, person: &Person, is_proven: bool) -> Result<(), Problem> {
    if is_proven {
        mark(visit, person.id).await?;
        let tenancy = visit.platform.service::<Tenancy>();
        let mut connection = tenancy.store.connection().await?;
        return proof::forget_address(&mut connection, Purpose::SignUp, &person.email).await;
    }
    send(visit, person).await
}

/// Writes down that a person reads the mail of his address.
pub(crate) async fn mark(visit: &Visit, user_id: Uuid) -> Result<(), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let verify = sqlx::query(proof::VERIFY).bind(user_id).bind(visit.now);
    verify.execute(&tenancy.store.0).await?;
    Ok(())
}

async fn send(visit: &Visit, person: &Person) -> Result<(), Problem> {
    let tenancy = visit.platform.service::<Tenancy>();
    let mut connection = tenancy.store.connection().await?;
    let mut transaction = connection.begin().await?;
    let purpose = Purpose::Verification;
    let secret = proof::make(&mut transaction, purpose, Some(person.id), &person.email, visit.now).await?;
    transaction.commit().await?;
    drop(connection);
    let letter = Letter::new("email_verification", &person.email, visit.locale, visit.now);
    let letter = letter.with("days", purpose.lifetime().num_days());
    let letter = letter
        .link("/verify-email", &secret.text())
        .until(visit.now + purpose.lifetime());
    tenancy.post(&letter, visit.now).await
}

async fn again(visit: &Visit) -> Result<Reply, Problem> {
    let identity = signed_in(visit).await?;
    let tenancy = visit.platform.service::<Tenancy>();
    let person = tenancy.store.person(identity.user_id).await?;
    if !tenancy.is_verified(person.id).await? {
        count_wish(visit, &person.email).await?;
        send(visit, &person).await?;
    }
    Ok(private(Reply::empty()))
}

async fn verify(visit: &Visit) -> Result<Reply, Problem> {
    let input: Verify = visit.request.body_as()?;
    let tenancy = visit.platform.service::<Tenancy>();
    let network = throttle::network(&visit.request.address);
    let tried = Try::count(&tenancy.store.0, throttle::LINK, &[&network], visit.now).await?;
    let mut connection = tenancy.store.connection().await?;
    let mut transaction = connection.begin().await?;
    let purpose = Purpose::Verification;
    let opened = proof::open(&mut transaction, purpose, &input.token, visit.now).await?;
    let user_id = opened.user_id.ok_or_else(proof::over)?;
    let verify = sqlx::query(proof::VERIFY).bind(user_id).bind(visit.now);
    verify.execute(&mut *transaction).await?;
    proof::forget(&mut transaction, purpose, user_id).await?;
    transaction.commit().await?;
    drop(connection);
    tried.give_back(&tenancy.store.0).await?;
    Ok(private(Reply::empty()))
}

impl Tenancy {
    /// Whether a person has shown that he reads the mail of his address.
    pub(crate) async fn is_verified(&self, user_id: Uuid) -> Result<bool, Problem> {
        let verified = sqlx::query_scalar(IS_VERIFIED).bind(user_id);
        Ok(verified.fetch_optional(&self.store.0).await?.unwrap_or(false))
    }
}

/// What a signed-in person is told about his own address.
pub(crate) async fn is_verified(cx: &Cx, user_id: Uuid) -> Result<bool, Problem> {
    cx.platform.service::<Tenancy>().is_verified(user_id).await
}
