//! Letters on their way: a table of their own, so that what people wait for is neither lost with the process nor sent in a
//! request. Who posts writes a row (or a job that writes it, within an organization's transaction); who sends looks for due rows,
//! tries, and tries again.

use std::sync::{Arc, Weak};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Catalogue, Cx, Locale, Platform, Problem};
use platform_jobs::{JobCall, JobFailure, Runner};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::postgres::PgRow;
use sqlx::{Connection, Row};
use uuid::Uuid;

use crate::Tenancy;
use crate::letter::{Content, Letter};

pub(crate) const ADD: &str =
    "INSERT INTO identity.mails (id, template, recipient, locale, organization_id, state, sealed,
        next_try_at, expires_at, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, 'waiting', $6, $7, $8, $7, $7) ON CONFLICT (id) DO NOTHING";
pub(crate) const ASK: &str =
    "INSERT INTO identity.mails (id, template, recipient, locale, state, next_try_at, expires_at,
        created_at, updated_at)
    VALUES ($1, $2, $3, $4, 'asked', $5, $6, $5, $5)";
pub(crate) const ASKED: &str = "SELECT id, template, recipient, locale, expires_at FROM identity.mails
    WHERE state = 'asked' ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED";
/// How many of a kind somebody got within an hour.
pub(crate) const RECENT: &str = "SELECT count(*) FROM identity.mails
    WHERE recipient = $1 AND template = ANY ($2) AND created_at > $3::timestamptz - interval '1 hour' AND state <> 'asked'";
pub(crate) const DROP: &str = "DELETE FROM identity.mails WHERE id = $1";
pub(crate) const CLAIM: &str = "UPDATE identity.mails SET attempts = attempts + 1, updated_at = $1,
        next_try_at = $1::timestamptz + interval '2 minutes'
    WHERE id = (SELECT id FROM identity.mails WHERE state = 'waiting' AND next_try_at <= $1
        ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, template, recipient, locale, organization_id, sealed, attempts, expires_at";
pub(crate) const SENT: &str = "UPDATE identity.mails
    SET state = 'sent', sealed = NULL, sent_at = $2, updated_at = $2, last_error = NULL WHERE id = $1";
pub(crate) const AGAIN: &str =
    "UPDATE identity.mails SET next_try_at = $2, last_error = $3, updated_at = $4 WHERE id = $1";
pub(crate) const DEAD: &str =
    "UPDATE identity.mails SET state = 'dead', sealed = NULL, last_error = $2, updated_at = $3 WHERE id = $1";
/// The latest first; all, or one organization's.
pub(crate) const OUTBOX: &str =
    "SELECT id, template, recipient, locale, organization_id, state, sealed, attempts, last_error,
        expires_at, sent_at, created_at
    FROM identity.mails WHERE state <> 'asked' AND ($1::uuid IS NULL OR organization_id = $1)
    ORDER BY id DESC LIMIT $2";
pub(crate) const SWEEP: &str = "DELETE FROM identity.mails WHERE created_at < $1::timestamptz - interval '30 days'";

/// Kind of the job that carries a letter out of an organization's transaction.
const JOB: &str = "tenancy.mail";
/// Pause before the second try; each further one is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(1);
/// Letters of one kind that an address gets within an hour, however often somebody asks.
const MOST_IN_AN_HOUR: i64 = 5;
/// Pause between two looks for letters that another process posted, or whose pause is over.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What the job that carries a letter knows of it.
#[derive(Serialize, Deserialize)]
struct Parcel {
    id: Uuid,
    template: String,
    recipient: String,
    locale: String,
    /// Sealed, in base64: jobs are kept for a while.
    content: String,
    expires_at: DateTime<Utc>,
}

/// A letter in the outbox.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Outgoing {
    /// Id.
    pub id: Uuid,
    /// What kind of letter it is.
    pub template: String,
    /// To whom.
    pub recipient: String,
    /// waiting, sent or dead.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When it is worth nothing any more.
    pub expires_at: DateTime<Utc>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// Its subject, while it waits.
    pub subject: Option<String>,
    /// Its text with the link, while it waits.
    pub text: Option<String>,
    /// The membership and roles that its link gives.
    #[serde(skip)]
    #[schemars(skip)]
    pub opens: Option<(String, Vec<String>)>,
}

/// What one round of the post did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Letters that the mail server took.
    pub sent: u32,
    /// Letters that are tried again.
    pub postponed: u32,
    /// Letters that nobody tries again.
    pub dead: u32,
}

/// The language of a stored code.
pub(crate) fn locale(code: &str) -> Locale {
    Locale::from_accept(Some(code))
}

/// Writes a letter in the caller's transaction: it goes out exactly when what it is about is stored.
pub async fn post(cx: &mut Cx, letter: &Letter) -> Result<(), Problem> {
    let tenancy = cx.platform.service::<Tenancy>();
    let parcel = Parcel {
        id: letter.id,
        template: letter.template.clone(),
        recipient: letter.recipient.clone(),
        locale: letter.locale.code().to_owned(),
        content: STANDARD.encode(tenancy.hide(letter)?),
        expires_at: letter.expires_at,
    };
    let now = cx.now;
    platform_jobs::enqueue(cx, JOB, None, json!(parcel), now)
        .await
        .map(drop)
}

/// Says what carries letters out of organizations' transactions.
pub fn register_jobs(runner: &mut Runner) {
    runner.register(JOB, carry);
}

async fn carry(platform: Arc<Platform>, call: JobCall) -> Result<(), JobFailure> {
    let dead = |error: &dyn std::fmt::Display| JobFailure::Dead {
        error: error.to_string(),
    };
    let parcel: Parcel = serde_json::from_value(call.payload).map_err(|error| dead(&error))?;
    let sealed = STANDARD.decode(&parcel.content).map_err(|error| dead(&error))?;
    let tenancy = platform.service::<Tenancy>();
    // Its id keeps a second run from posting it twice.
    sqlx::query(ADD)
        .bind(parcel.id)
        .bind(parcel.template)
        .bind(parcel.recipient)
        .bind(parcel.locale)
        .bind(call.organization_id)
        .bind(sealed)
        .bind(platform.clock.now())
        .bind(parcel.expires_at)
        .execute(&tenancy.store.0)
        .await
        .map_err(JobFailure::retry)?;
    tenancy.mailer().posted.notify_one();
    Ok(())
}

/// Sends what is due until the process ends. Every process of an installation may do it: a letter is taken by one.
pub async fn keep_posting(platform: Weak<Platform>) {
    loop {
        let Some(held) = platform.upgrade() else { return };
        let tenancy = held.service::<Tenancy>();
        if let Err(problem) = tenancy.deliver(&held.catalogue, held.clock.now()).await {
            tracing::warn!(%problem, "Could not send letters: {problem}");
        }
        drop(held);
        let _ = tokio::time::timeout(LOOK_EVERY, tenancy.mailer().posted.notified()).await;
    }
}

impl Tenancy {
    fn hide(&self, letter: &Letter) -> Result<Vec<u8>, Problem> {
        let content = serde_json::to_vec(&letter.content).map_err(|error| Problem::internal(&error))?;
        Ok(self.sealer.seal(&content, letter.id.as_bytes()))
    }

    fn reveal(&self, row: &PgRow) -> Result<Letter, Problem> {
        let id: Uuid = row.try_get("id")?;
        let sealed: Option<Vec<u8>> = row.try_get("sealed")?;
        let content = sealed.map(|sealed| {
            let text = self.sealer.unseal(&sealed, id.as_bytes());
            let text = text.ok_or_else(|| Problem::internal(&"a letter was sealed with another key"))?;
            serde_json::from_slice::<Content>(&text).map_err(|error| Problem::internal(&error))
        });
        Ok(Letter {
            id,
            template: row.try_get("template")?,
            recipient: row.try_get("recipient")?,
            locale: locale(row.try_get("locale")?),
            organization_id: row.try_get("organization_id")?,
            expires_at: row.try_get("expires_at")?,
            content: content.transpose()?.unwrap_or_default(),
        })
    }

    /// Writes a letter that concerns a person and no organization.
    pub async fn post(&self, letter: &Letter, now: DateTime<Utc>) -> Result<(), Problem> {
        sqlx::query(ADD)
            .bind(letter.id)
            .bind(&letter.template)
            .bind(&letter.recipient)
            .bind(letter.locale.code())
            .bind(letter.organization_id)
            .bind(self.hide(letter)?)
            .bind(now)
            .bind(letter.expires_at)
            .execute(&self.store.0)
            .await?;
        self.mailer().posted.notify_one();
        Ok(())
    }

    /// Writes down that a letter is wished for, without looking whether the address belongs to anybody.
    pub(crate) async fn ask(&self, letter: &Letter, now: DateTime<Utc>) -> Result<(), Problem> {
        sqlx::query(ASK)
            .bind(letter.id)
            .bind(&letter.template)
            .bind(&letter.recipient)
            .bind(letter.locale.code())
            .bind(now)
            .bind(letter.expires_at)
            .execute(&self.store.0)
            .await?;
        self.mailer().posted.notify_one();
        Ok(())
    }

    /// Answers the wishes, then sends what is due. Without a mail server letters stay where they are.
    pub async fn deliver(&self, catalogue: &Catalogue, now: DateTime<Utc>) -> Result<Round, Problem> {
        while self.answer_one(now).await? {}
        let mut round = Round::default();
        if !self.mailer().sends() {
            return Ok(round);
        }
        while let Some(row) = sqlx::query(CLAIM).bind(now).fetch_optional(&self.store.0).await? {
            let id: Uuid = row.try_get("id")?;
            let letter = match self.reveal(&row) {
                Ok(letter) if letter.expires_at > now => letter,
                outcome => {
                    let error = outcome
                        .err()
                        .map_or("it came too late".to_owned(), |problem| problem.to_string());
                    self.give_up(id, &error, now).await?;
                    round.dead += 1;
                    continue;
                }
            };
            let written = letter.write(catalogue, &self.mailer().base_url);
            match self.mailer().send(&letter, written, now).await {
                Ok(()) => {
                    sqlx::query(SENT).bind(id).bind(now).execute(&self.store.0).await?;
                    round.sent += 1;
                }
                Err(refused) if refused.for_good => {
                    tracing::warn!(mail.id = %id, error = refused.error, "A letter cannot be sent: {}", refused.error);
                    self.give_up(id, &refused.error, now).await?;
                    round.dead += 1;
                }
                Err(refused) => {
                    tracing::warn!(mail.id = %id, error = refused.error, "A letter is sent later: {}", refused.error);
                    let tries: i64 = row.try_get("attempts")?;
                    let doubled = u32::try_from(tries - 1).unwrap_or_default().min(12);
                    let pause = (FIRST_PAUSE * 2_i32.pow(doubled)).min(LONGEST_PAUSE);
                    let again = sqlx::query(AGAIN)
                        .bind(id)
                        .bind(now + pause)
                        .bind(refused.error)
                        .bind(now);
                    again.execute(&self.store.0).await?;
                    round.postponed += 1;
                }
            }
        }
        Ok(round)
    }

    async fn give_up(&self, id: Uuid, error: &str, now: DateTime<Utc>) -> Result<(), Problem> {
        let dead = sqlx::query(DEAD).bind(id).bind(error).bind(now);
        dead.execute(&self.store.0).await?;
        Ok(())
    }

    /// Turns one wish into a letter, or into nothing; false when there is none.
    async fn answer_one(&self, now: DateTime<Utc>) -> Result<bool, Problem> {
        let mut connection = self.store.connection().await?;
        let mut transaction = connection.begin().await?;
        let Some(row) = sqlx::query(ASKED).fetch_optional(&mut *transaction).await? else {
            return Ok(false);
        };
        let (id, template, recipient): (Uuid, String, String) =
            (row.try_get("id")?, row.try_get("template")?, row.try_get("recipient")?);
        let asked = Letter {
            id,
            ..Letter::new(&template, &recipient, locale(row.try_get("locale")?), now)
        };
        sqlx::query(DROP).bind(id).execute(&mut *transaction).await?;
        // Both answers to a wish to sign up count.
        let known = format!("{template}_known");
        let recent: i64 = sqlx::query_scalar(RECENT)
            .bind(&recipient)
            .bind(vec![template, known])
            .bind(now)
            .fetch_one(&mut *transaction)
            .await?;
        let is_late = row.try_get::<DateTime<Utc>, _>("expires_at")? <= now;
        let letter = if recent < MOST_IN_AN_HOUR && !is_late {
            crate::proof::answer(&mut transaction, asked, now).await?
        } else {
            None
        };
        if let Some(letter) = letter {
            sqlx::query(ADD)
                .bind(letter.id)
                .bind(&letter.template)
                .bind(&letter.recipient)
                .bind(letter.locale.code())
                .bind(letter.organization_id)
                .bind(self.hide(&letter)?)
                .bind(now)
                .bind(letter.expires_at)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// The latest letters, for the operator of the installation, or for one organization its own. Letters that wait are readable:
    /// without a mail server this is how their links reach anybody.
    pub async fn outbox(
        &self,
        catalogue: &Catalogue,
        organization_id: Option<Uuid>,
        most: i64,
    ) -> Result<Vec<Outgoing>, Problem> {
        let rows = sqlx::query(OUTBOX).bind(organization_id).bind(most);
        let rows = rows.fetch_all(&self.store.0).await?;
        let outgoing = |row: &PgRow| -> Result<Outgoing, Problem> {
            let letter = self.reveal(row)?;
            let state: String = row.try_get("state")?;
            let written = (state == "waiting").then(|| letter.write(catalogue, &self.mailer().base_url));
            let (subject, text) = written.map(|written| (written.subject, written.text)).unzip();
            Ok(Outgoing {
                id: letter.id,
                template: letter.template,
                recipient: letter.recipient,
                state,
                attempts: row.try_get("attempts")?,
                last_error: row.try_get("last_error")?,
                expires_at: letter.expires_at,
                sent_at: row.try_get("sent_at")?,
                created_at: row.try_get("created_at")?,
                subject,
                text,
                opens: letter.content.opens,
            })
        };
        rows.iter().map(outgoing).collect()
    }
}
