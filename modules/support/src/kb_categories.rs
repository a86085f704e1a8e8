//! The tree of the knowledge base.

use platform_core::{Cx, Event, Problem};
use platform_resource::{Field, Record, Resource, Violation, boolean, integer, long_text, reference, text};

use crate::kb_articles::slug;

/// Categories.
pub static KB_CATEGORIES: Resource = Resource::new("support", "kb_categories", FIELDS)
    .title(&["name"])
    .check(check)
    .sort("position,name");

const FIELDS: &[Field] = &[
    text("name", 100).required().search().list(),
    text("slug", 100).required().unique().search().list(),
    long_text("description", 2000),
    reference("parent_id", "support.kb_categories").filter().list(),
    text("icon", 50),
    integer("position", 0, 9999).required().default("0").list(),
    boolean("is_active").required().default("true").filter().list(),
    boolean("is_public").required().default("true").filter(),
];

fn check(_: Option<&Record>, after: &Record) -> Vec<Violation> {
    slug(after)
}

/// Whether $2 is among what is above it. Depth ends the walk through a ring that is not ours.
pub(crate) const RING: &str = "WITH RECURSIVE above AS (
        SELECT c.parent_id, 1 AS depth FROM support.kb_categories c WHERE c.organization_id = $1 AND c.id = $2
        UNION ALL
        SELECT c.parent_id, a.depth + 1 FROM above a
        JOIN support.kb_categories c ON c.organization_id = $1 AND c.id = a.parent_id
        WHERE a.parent_id <> $2 AND a.depth < 100
    ) SELECT EXISTS (SELECT FROM above a WHERE a.parent_id = $2)";

/// A category is not within itself, however far up.
pub(crate) async fn updated(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    if event.after("parent_id").is_null() {
        return Ok(());
    }
    let is_ring: bool = sqlx::query_scalar(RING)
        .bind(cx.organization_id)
        .bind(event.subject)
        .fetch_one(cx.db())
        .await?;
    if is_ring {
        Err(Problem::field("parent_id", "within_itself"))
    } else {
        Ok(())
    }
}
