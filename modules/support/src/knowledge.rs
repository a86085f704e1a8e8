//! Looking things up: published articles and frequent questions, and which categories there are.

use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::desk::{limit, sought};

/// A title or question counts most, then tags and summaries, then texts; what helped others comes first among equals.
pub(crate) const SEARCH: &str = "WITH found AS (
        SELECT 'article' AS kind, a.id, a.title, a.summary, a.slug, a.language, a.helpful_count AS liked,
            CASE WHEN strpos(lower(a.title), lower($2)) > 0 THEN 1
                WHEN strpos(lower(coalesce(a.tags, '') || ' ' || coalesce(a.summary, '')), lower($2)) > 0 THEN 2
                WHEN strpos(lower(a.content), lower($2)) > 0 THEN 3 END AS place
        FROM support.kb_articles a
        WHERE a.organization_id = $1 AND a.status = 'published' AND a.deleted_at IS NULL
            AND ($3::text IS NULL OR a.language = $3)
        UNION ALL
        SELECT 'faq', f.id, f.question, NULL, NULL, f.language, f.view_count,
            CASE WHEN strpos(lower(f.question), lower($2)) > 0 THEN 1
                WHEN strpos(lower(f.answer), lower($2)) > 0 THEN 3 END
        FROM support.faqs f
        WHERE f.organization_id = $1 AND f.is_active AND f.deleted_at IS NULL
            AND ($3::text IS NULL OR f.language = $3)
    )
    SELECT kind, id, title, summary, slug, language FROM found
    WHERE place IS NOT NULL ORDER BY place, liked DESC, id LIMIT $4";

/// What to look for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// A word, at least two characters.
    q: String,
    /// en or ar; both when it is not given.
    language: Option<String>,
    /// At most so many, 50 when it is not given.
    limit: Option<i64>,
}

/// Something to read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hit {
    /// article or faq.
    kind: String,
    id: Uuid,
    title: String,
    summary: Option<String>,
    slug: Option<String>,
    language: String,
}

/// What there is to read, the best first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Hits {
    data: Vec<Hit>,
}

/// `GET /support/kb_search`.
pub(crate) async fn search(cx: &mut Cx, asked: Asked) -> Result<Hits, Problem> {
    if asked
        .language
        .as_deref()
        .is_some_and(|word| !matches!(word, "en" | "ar"))
    {
        return Err(Problem::field("language", "not_one_of_ours"));
    }
    let rows = sqlx::query(SEARCH)
        .bind(cx.organization_id)
        .bind(sought(&asked.q)?)
        .bind(&asked.language)
        .bind(limit(asked.limit)?)
        .fetch_all(cx.db())
        .await?;
    let hit = |row: &PgRow| {
        Ok(Hit {
            kind: row.try_get("kind")?,
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            summary: row.try_get("summary")?,
            slug: row.try_get("slug")?,
            language: row.try_get("language")?,
        })
    };
    let data = rows.iter().map(hit).collect::<Result<_, sqlx::Error>>()?;
    Ok(Hits { data })
}

pub(crate) const CATEGORIES: &str = "SELECT 'faqs' AS resource, f.category, count(*) AS n FROM support.faqs f
    WHERE f.organization_id = $1 AND f.is_active AND f.deleted_at IS NULL GROUP BY f.category
    UNION ALL
    SELECT 'canned_responses', c.category, count(*) FROM support.canned_responses c
    WHERE c.organization_id = $1 AND c.is_active AND c.deleted_at IS NULL GROUP BY c.category
    UNION ALL
    SELECT 'kb_articles', k.name, count(a.id) FROM support.kb_categories k
    LEFT JOIN support.kb_articles a ON a.organization_id = k.organization_id AND a.category_id = k.id
        AND a.status = 'published' AND a.deleted_at IS NULL
    WHERE k.organization_id = $1 AND k.is_active AND k.deleted_at IS NULL GROUP BY k.name
    ORDER BY 1, 2 LIMIT 1000";

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A category and how much is in it.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the names are those of the answer")]
pub(crate) struct Category {
    /// faqs, `canned_responses` or `kb_articles`.
    resource: String,
    category: String,
    rows: i64,
}

/// Categories that are in use.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Categories {
    data: Vec<Category>,
}

/// `GET /support/categories`.
pub(crate) async fn categories(cx: &mut Cx, _: Nothing) -> Result<Categories, Problem> {
    let rows = sqlx::query(CATEGORIES)
        .bind(cx.organization_id)
        .fetch_all(cx.db())
        .await?;
    let category = |row: &PgRow| {
        Ok(Category {
            resource: row.try_get("resource")?,
            category: row.try_get("category")?,
            rows: row.try_get("n")?,
        })
    };
    let data = rows.iter().map(category).collect::<Result<_, sqlx::Error>>()?;
    Ok(Categories { data })
}
