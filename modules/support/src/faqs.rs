//! Questions that are asked often, with their answers.

use platform_core::{Cx, Problem};
use platform_resource::{Field, Resource, boolean, choice, integer, long_text, text};

use crate::kb_articles::{View, Viewed};

/// Frequent questions.
pub static FAQS: Resource = Resource::new("support", "faqs", FIELDS)
    .title(&["question"])
    .sort("position,question");

const FIELDS: &[Field] = &[
    text("question", 500).required().search().list(),
    long_text("answer", 10_000).required().search(),
    text("category", 100).required().search().filter().list(),
    choice("language", &["en", "ar"])
        .required()
        .default("ar")
        .filter()
        .list(),
    integer("position", 0, 9999).required().default("0").list(),
    boolean("is_active").required().default("true").filter().list(),
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

// Reading is no change: it has no history and raises no version.
pub(crate) const VIEW: &str = "UPDATE support.faqs SET view_count = view_count + 1
    WHERE organization_id = $1 AND id = $2 AND is_active AND deleted_at IS NULL RETURNING view_count";

/// `POST /support/faqs/{id}/view`.
pub(crate) async fn view(cx: &mut Cx, asked: View) -> Result<Viewed, Problem> {
    let views: Option<i64> = sqlx::query_scalar(VIEW)
        .bind(cx.organization_id)
        .bind(asked.id())
        .fetch_optional(cx.db())
        .await?;
    let view_count = views.ok_or_else(Problem::not_found)?;
    Ok(Viewed { view_count })
}
