//! Articles of the knowledge base. Readers find published ones; each publication is a new edition.

use platform_core::{Cx, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, long_text, member, moved,
    reference, text, transition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::Row;
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

use crate::kb_votes::KB_VOTES;

/// Articles.
pub static KB_ARTICLES: Resource = Resource::new("support", "kb_articles", FIELDS)
    .title(&["title"])
    .check(check)
    .actions(ACTIONS);

#[derive(Clone, Copy, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
enum Status {
    Draft,
    Published,
    Archived,
}

const FIELDS: &[Field] = &[
    text("title", 255).required().search().list(),
    text("slug", 255).required().unique().search(),
    text("summary", 500).search(),
    long_text("content", 50_000).required().search(),
    reference("category_id", "support.kb_categories").filter().list(),
    choice("language", &["en", "ar"])
        .required()
        .default("ar")
        .filter()
        .list(),
    text("tags", 500).search(),
    choice("status", Status::VARIANTS)
        .required()
        .read_only()
        .default("draft")
        .filter()
        .list(),
    integer("revision", 1, 999_999)
        .required()
        .read_only()
        .default("1")
        .list(),
    member("written_by").filter(),
    text("meta_description", 255),
    instant("published_at").read_only().filter(),
    member("published_by").read_only(),
    integer("view_count", 0, 999_999_999)
        .required()
        .read_only()
        .default("0")
        .list(),
    integer("helpful_count", 0, 999_999_999)
        .required()
        .read_only()
        .default("0"),
    integer("not_helpful_count", 0, 999_999_999)
        .required()
        .read_only()
        .default("0"),
];

const ACTIONS: &[Action] = &[
    transition("publish", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft => Some(Status::Published),
            Status::Published | Status::Archived => None,
        })
    })
    .stamps(&["published_at"])
    .signs("published_by")
    .decide(next_edition),
    transition("unpublish", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Published => Some(Status::Draft),
            Status::Draft | Status::Archived => None,
        })
    }),
    transition("archive", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Draft | Status::Published => Some(Status::Archived),
            Status::Archived => None,
        })
    }),
    transition("restore", "status", &[], |state| {
        moved(state, |status| match status {
            Status::Archived => Some(Status::Draft),
            Status::Draft | Status::Published => None,
        })
    }),
];

#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every decision")]
fn next_edition(given: &Given<'_>) -> Decision {
    let revision = given.record.integer("revision").unwrap_or_default() + 1;
    Ok(Map::from_iter([("revision".to_owned(), json!(revision))]))
}

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    slug(after)
}

/// A slug stands in addresses: letters that have no capitals or are small, digits and hyphens.
pub(crate) fn slug(after: &Record) -> Vec<Violation> {
    let fits = |c: char| c == '-' || c.is_ascii_digit() || (c.is_alphabetic() && !c.is_uppercase());
    match after.text("slug") {
        Some(slug) if !slug.chars().all(fits) => vec![Violation::new("slug", "bad_slug")],
        _ => Vec::new(),
    }
}

// Reading is no change of the article: it has no history and raises no version.
pub(crate) const VIEW: &str = "UPDATE support.kb_articles SET view_count = view_count + 1
    WHERE organization_id = $1 AND id = $2 AND status = 'published' AND deleted_at IS NULL RETURNING view_count";

/// One article.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct View {
    /// The article.
    id: Uuid,
}

impl View {
    pub(crate) const fn id(&self) -> Uuid {
        self.id
    }
}

/// How often it was read.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Viewed {
    /// Views, with this one.
    pub(crate) view_count: i64,
}

/// `POST /support/kb_articles/{id}/view`.
pub(crate) async fn view(cx: &mut Cx, asked: View) -> Result<Viewed, Problem> {
    let views: Option<i64> = sqlx::query_scalar(VIEW)
        .bind(cx.organization_id)
        .bind(asked.id)
        .fetch_optional(cx.db())
        .await?;
    let view_count = views.ok_or_else(Problem::not_found)?;
    Ok(Viewed { view_count })
}

/// Whether an article helped.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vote {
    /// The article.
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

pub(crate) const OWN_VOTE: &str = "SELECT v.id FROM support.kb_votes v
    WHERE v.organization_id = $1 AND v.article_id = $2 AND v.voter = $3 AND v.deleted_at IS NULL";
pub(crate) const VOTES: &str = "SELECT count(*) FILTER (WHERE v.is_helpful) AS helpful,
        count(*) FILTER (WHERE NOT v.is_helpful) AS not_helpful
    FROM support.kb_votes v WHERE v.organization_id = $1 AND v.article_id = $2 AND v.deleted_at IS NULL";

/// `POST /support/kb_articles/{id}/vote`: one vote of a person on an article; a second one changes the first.
pub(crate) async fn vote(cx: &mut Cx, given: Vote) -> Result<Voted, Problem> {
    let voter = cx.member()?.0.user_id;
    // Locked, so that two votes at once are counted both.
    let article = platform_engine::load(cx, &KB_ARTICLES, given.id).await?;
    if !article.is("status", "published") {
        return Err(Problem::not_found());
    }
    let earlier: Option<Uuid> = sqlx::query_scalar(OWN_VOTE)
        .bind(cx.organization_id)
        .bind(given.id)
        .bind(voter)
        .fetch_optional(cx.db())
        .await?;
    let mut row = Map::from_iter([("is_helpful".to_owned(), json!(given.is_helpful))]);
    if let Some(id) = earlier {
        platform_engine::change(cx, &KB_VOTES, id, "update", row).await?;
    } else {
        row.insert("article_id".into(), json!(given.id));
        row.insert("voter".into(), json!(voter));
        platform_engine::create(cx, &KB_VOTES, row).await?;
    }
    let counted = sqlx::query(VOTES)
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
    platform_engine::change(cx, &KB_ARTICLES, given.id, "vote", change).await?;
    Ok(voted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{breaks, decide};

    #[test]
    fn each_publication_is_an_edition() {
        let draft = json!({"status": "draft", "revision": 3});
        let change = decide(&KB_ARTICLES, "publish", &draft, &json!({})).expect("allowed");
        assert_eq!(
            (&change["status"], &change["revision"]),
            (&json!("published"), &json!(4))
        );
    }

    #[test]
    fn slugs_fit_into_addresses() {
        let wrong = "slug bad_slug";
        let table = [
            (json!({"slug": "fuel-card-2"}), ""),
            (json!({"slug": "بطاقة-الوقود"}), ""),
            (json!({"slug": "Fuel"}), wrong),
            (json!({"slug": "fuel card"}), wrong),
            (json!({"slug": "fuel/card"}), wrong),
        ];
        breaks(check, None, &table);
    }
}
