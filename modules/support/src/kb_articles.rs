//! Articles of the knowledge base. Readers find published ones; each publication is a new edition.

use platform_core::{Cx, Problem};
use platform_resource::{
    Action, Decision, Field, Given, Record, Resource, Violation, choice, instant, integer, long_text, member, moved,
    reference, text, transition,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use strum::{EnumString, IntoStaticStr, VariantNames};
use uuid::Uuid;

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
