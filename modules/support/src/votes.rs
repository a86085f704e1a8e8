//! What readers think of articles and answers: one vote of a person on each; a second one changes the first.

use platform_core::{Cx, Problem};
use platform_resource::{Record, Resource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::Row;
use uuid::Uuid;

use crate::faq_votes::FAQ_VOTES;
use crate::faqs::FAQS;
use crate::kb_articles::KB_ARTICLES;
use crate::kb_votes::KB_VOTES;

/// Whether it helped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vote {
    /// What was read.
    id: Uuid,
    /// Whether it helped.
    is_helpful: bool,
}

/// What all readers think.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Voted {
    helpful_count: i64,
    not_helpful_count: i64,
}

pub(crate) const ON_ARTICLE: &str = "SELECT v.id FROM support.kb_votes v
    WHERE v.organization_id = $1 AND v.article_id = $2 AND v.voter = $3 AND v.deleted_at IS NULL";
pub(crate) const OF_ARTICLE: &str = "SELECT count(*) FILTER (WHERE v.is_helpful) AS helpful,
        count(*) FILTER (WHERE NOT v.is_helpful) AS not_helpful
    FROM support.kb_votes v WHERE v.organization_id = $1 AND v.article_id = $2 AND v.deleted_at IS NULL";
pub(crate) const ON_FAQ: &str = "SELECT v.id FROM support.faq_votes v
    WHERE v.organization_id = $1 AND v.faq_id = $2 AND v.voter = $3 AND v.deleted_at IS NULL";
pub(crate) const OF_FAQ: &str = "SELECT count(*) FILTER (WHERE v.is_helpful) AS helpful,
        count(*) FILTER (WHERE NOT v.is_helpful) AS not_helpful
    FROM support.faq_votes v WHERE v.organization_id = $1 AND v.faq_id = $2 AND v.deleted_at IS NULL";

/// Something that can be voted on.
struct Poll {
    about: &'static Resource,
    votes: &'static Resource,
    /// The vote's field that names it.
    field: &'static str,
    /// Finds the voter's earlier vote.
    earlier: &'static str,
    /// Counts all votes.
    count: &'static str,
    /// Whether readers see it.
    is_public: fn(&Record) -> bool,
}

/// `POST /support/kb_articles/{id}/vote`.
pub(crate) async fn article(cx: &mut Cx, given: Vote) -> Result<Voted, Problem> {
    let poll = Poll {
        about: &KB_ARTICLES,
        votes: &KB_VOTES,
        field: "article_id",
        earlier: ON_ARTICLE,
        count: OF_ARTICLE,
        is_public: |article| article.is("status", "published"),
    };
    vote(cx, &poll, given).await
}

/// `POST /support/faqs/{id}/vote`.
pub(crate) async fn faq(cx: &mut Cx, given: Vote) -> Result<Voted, Problem> {
    let poll = Poll {
        about: &FAQS,
        votes: &FAQ_VOTES,
        field: "faq_id",
        earlier: ON_FAQ,
        count: OF_FAQ,
        is_public: |faq| faq.get("is_active") == true,
    };
    vote(cx, &poll, given).await
}

async fn vote(cx: &mut Cx, poll: &Poll, given: Vote) -> Result<Voted, Problem> {
    let voter = cx.member()?.0.user_id;
    // Locked, so that two votes at once are counted both.
    let about = platform_engine::load(cx, poll.about, given.id).await?;
    if !(poll.is_public)(&about) {
        return Err(Problem::not_found());
    }
    let earlier: Option<Uuid> = sqlx::query_scalar(poll.earlier)
        .bind(cx.organization_id)
        .bind(given.id)
        .bind(voter)
        .fetch_optional(cx.db())
        .await?;
    let mut row = Map::from_iter([("is_helpful".to_owned(), json!(given.is_helpful))]);
    if let Some(id) = earlier {
        platform_engine::change(cx, poll.votes, id, "update", row).await?;
    } else {
        row.insert(poll.field.into(), json!(given.id));
        row.insert("voter".into(), json!(voter));
        platform_engine::create(cx, poll.votes, row).await?;
    }
    let counted = sqlx::query(poll.count)
        .bind(cx.organization_id)
        .bind(given.id)
        .fetch_one(cx.db())
        .await?;
    let voted = Voted {
        helpful_count: counted.try_get("helpful")?,
        not_helpful_count: counted.try_get("not_helpful")?,
    };
    let change = json!({"helpful_count": voted.helpful_count, "not_helpful_count": voted.not_helpful_count});
    let change = change.as_object().cloned().unwrap_or_default();
    platform_engine::change(cx, poll.about, given.id, "vote", change).await?;
    Ok(voted)
}
