//! What an organization has of people, keys and links: one of each.

use anyhow::{Context, Result};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::authenticator::Browser;
use crate::client::{PASSWORD, Person};
use crate::harness::{Harness, unique};
use crate::stock::Stock;

/// Where the browser of the tests is: what the server says of itself while nothing else was set.
const HOME: &str = "http://localhost:8080";

/// What is made by one call: of what, where, with what, and where its id stands in the answer.
fn made_by_a_call() -> [(&'static str, &'static str, Json, &'static str); 7] {
    [
        (
            "role",
            "/roles",
            json!({"name": unique("Role "), "permissions": [{"name": "vehicles.read"}]}),
            "/id",
        ),
        (
            "invitation",
            "/tenancy/invitations",
            json!({"email": format!("{}@example.test", unique("guest")), "membership": "viewer"}),
            "/id",
        ),
        (
            "domain",
            "/organization/domains",
            json!({"domain": format!("{}.example.com", unique("d").replace('_', "-"))}),
            "/id",
        ),
        (
            "service_account",
            "/tenancy/service_accounts",
            json!({"name": unique("Robot "), "membership": "viewer"}),
            "/id",
        ),
        (
            "api_key",
            "/tenancy/api_keys",
            json!({"name": unique("Key "), "scopes": ["vehicles.read"]}),
            "/api_key/id",
        ),
        (
            "support_grant",
            "/support/grants",
            json!({"reason": unique("To look at "), "minutes": 30}),
            "/id",
        ),
        ("export", "/organization/exports", json!({}), "/id"),
    ]
}

impl Stock {
    pub(crate) async fn take_people(&mut self, harness: &Harness, owner: &Person) -> Result<()> {
        for (what, path, body, pointer) in made_by_a_call() {
            let answer = owner.post(&format!("/api/v1{path}"), &body).await?;
            let answer = answer.expect(if what == "export" { 202 } else { 201 });
            let answer = answer.with_context(|| what.to_owned())?;
            self.take(what, id(&answer, pointer)?);
            self.read(&answer);
        }
        self.take("session", self.second_session(owner).await?);
        self.take("child", child(harness, owner).await?);
        self.take("passkey", passkey(owner).await?);
        let identity = platform_core::ids::new_id();
        let insert = "INSERT INTO identity.federated_identities (id, issuer, subject, user_id, email, created_at)
            VALUES ($1, 'https://accounts.example.com', $2, $3, $4, now())";
        sqlx::query(insert)
            .bind(identity)
            .bind(unique("subject"))
            .bind(owner.user_id)
            .bind(&owner.email)
            .execute(&mut harness.admin().await?)
            .await?;
        self.take("identity", identity);
        Ok(())
    }

    /// The owner on a second device; before he has a passkey, which would be asked for.
    async fn second_session(&self, owner: &Person) -> Result<Uuid> {
        let elsewhere = owner.stranger();
        let body = json!({"email": owner.email, "password": PASSWORD});
        let session = elsewhere.post("/api/v1/auth/login", &body).await?.expect(200)?;
        let mut second = elsewhere;
        second.token = session["access_token"].as_str().context("a token")?.to_owned();
        let listed = second.get("/api/v1/auth/sessions").await?.expect(200)?;
        let sessions = listed["data"].as_array().context("sessions")?;
        let current = sessions.iter().find(|session| session["is_current"] == true);
        id(current.context("the current session")?, "/id")
    }
}

/// An organization that the owner's is the parent of.
async fn child(harness: &Harness, owner: &Person) -> Result<Uuid> {
    let child = harness.owner().await?;
    let code = owner.post("/api/v1/organization/children/codes", &json!({})).await?;
    let code = code.expect(201)?;
    let joined = child
        .post("/api/v1/organization/parent", &json!({"code": code["code"]}))
        .await?;
    joined.expect(200)?;
    Ok(child.organization_id)
}

async fn passkey(owner: &Person) -> Result<Uuid> {
    let begun = owner
        .post("/api/v1/auth/passkeys/begin", &json!({}))
        .await?
        .expect(200)?;
    let credential = Browser::on(HOME, None).make(&begun["options"]);
    let body = json!({"ticket": begun["ticket"], "name": unique("Telephone "), "credential": credential});
    owner.post("/api/v1/auth/passkeys", &body).await?.expect(201)?;
    let factors = owner.get("/api/v1/auth/factors").await?.expect(200)?;
    id(&factors, "/passkeys/0/id")
}

fn id(answer: &Json, pointer: &str) -> Result<Uuid> {
    let id = answer.pointer(pointer).and_then(Json::as_str);
    Ok(id.with_context(|| format!("{pointer} in {answer}"))?.parse()?)
}
