//! Why a pay is as it is: each stored line in words, from its own trace alone. A courier may ask about his own.

use chrono::NaiveDate;
use hr_pay::money::amount;
use hr_pay::{ExplainedInput, Kind, Language, Line, Trace, article_in};
use platform_core::{Cx, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sqlx::Row as _;
use uuid::Uuid;

use crate::SALARIES;

pub(crate) const LINES: &str = "SELECT l.id, l.kind, l.amount, l.asked, l.carried, l.article, l.inputs -> 'trace'
FROM hr.salary_lines l
WHERE l.organization_id = $1 AND l.salary_id = $2 AND l.deleted_at IS NULL
ORDER BY l.position";

/// Words of which language.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Words {
    En,
    Ar,
}

impl Words {
    pub(crate) const fn language(self) -> Language {
        match self {
            Self::En => Language::En,
            Self::Ar => Language::Ar,
        }
    }
}

/// The language that was asked for, or the caller's.
pub(crate) fn language(cx: &Cx, asked: Option<Words>) -> Language {
    match asked {
        Some(words) => words.language(),
        None if cx.locale == platform_core::Locale::Ar => Language::Ar,
        None => Language::En,
    }
}

/// Which pay.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The pay.
    id: Uuid,
    /// `ar` or `en`; the caller's language unless given.
    language: Option<Words>,
}

/// What a step is made of.
#[derive(Serialize, JsonSchema)]
struct Input {
    name: String,
    label: String,
    value: String,
}

/// One step of a calculation.
#[derive(Serialize, JsonSchema)]
struct Step {
    label: String,
    /// How it is made, in words.
    formula: String,
    /// The same with its numbers.
    numbers: String,
    inputs: Vec<Input>,
    result: String,
}

/// A row of the law or of the company that a line used.
#[derive(Serialize, JsonSchema)]
struct Rule {
    id: String,
    label: String,
    value: String,
    unit: String,
    article: String,
    source: String,
    from: NaiveDate,
    to: Option<NaiveDate>,
}

/// A line in words.
#[derive(Serialize, JsonSchema)]
struct Explained {
    id: Uuid,
    kind: String,
    label: String,
    amount: String,
    asked: Option<String>,
    carried: Option<String>,
    /// What decides about the line, or what stopped the rest of it.
    article: Option<String>,
    /// The whole explanation as text.
    text: String,
    rounding: String,
    steps: Vec<Step>,
    rules: Vec<Rule>,
}

/// A pay, line by line.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Explanation {
    salary_id: Uuid,
    courier_id: Option<Uuid>,
    year: Option<i64>,
    month: Option<i64>,
    period_starts_on: Option<NaiveDate>,
    period_ends_on: Option<NaiveDate>,
    category: String,
    gross: String,
    net: String,
    lines: Vec<Explained>,
}

/// `GET /hr/salaries/{id}/explanation`.
pub(crate) async fn explanation(cx: &mut Cx, asked: Asked) -> Result<Explanation, Problem> {
    let salary = platform_engine::load_within(cx, &SALARIES, "salaries.read_pay", asked.id).await?;
    let language = language(cx, asked.language);
    let organization_id = cx.organization_id;
    let rows = sqlx::query(LINES)
        .bind(organization_id)
        .bind(asked.id)
        .fetch_all(cx.db())
        .await?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in &rows {
        let (kind, halalas): (String, i64) = (row.try_get(1)?, row.try_get(2)?);
        let trace: Option<Json> = row.try_get(6)?;
        let article: Option<String> = row.try_get(5)?;
        let article = article.filter(|article| !article.is_empty());
        let told = |halalas: Option<i64>| halalas.map(amount);
        let mut line = Explained {
            id: row.try_get(0)?,
            label: kind.clone(),
            kind,
            amount: amount(halalas),
            asked: told(row.try_get(3)?),
            carried: told(row.try_get(4)?),
            article: article.map(|article| article_in(&article, language)),
            text: String::new(),
            rounding: String::new(),
            steps: Vec::new(),
            rules: Vec::new(),
        };
        // Lines of before traces were kept have their amount alone.
        if let Some((kind, trace)) = read(&line.kind, trace) {
            let stored = Line {
                kind,
                amount: hr_pay::money::riyals(halalas),
                trace,
            };
            line.explain(&stored, language);
        }
        lines.push(line);
    }
    let text = |field: &str| salary.text(field).unwrap_or_default().to_owned();
    Ok(Explanation {
        salary_id: asked.id,
        courier_id: salary.uuid("courier_id"),
        year: salary.integer("year"),
        month: salary.integer("month"),
        period_starts_on: salary.date("period_starts_on"),
        period_ends_on: salary.date("period_ends_on"),
        category: text("category"),
        gross: text("gross_salary"),
        net: text("net_salary"),
        lines,
    })
}

fn read(kind: &str, trace: Option<Json>) -> Option<(Kind, Trace)> {
    let kind = serde_json::from_value(Json::from(kind)).ok()?;
    Some((kind, serde_json::from_value(trace?).ok()?))
}

impl Explained {
    fn explain(&mut self, line: &Line, language: Language) {
        let found = line.explain(language);
        self.text = line.explained(language);
        self.label = found.title;
        self.rounding = found.rounding;
        let input = |input: ExplainedInput| Input {
            name: input.name,
            label: input.label,
            value: input.value,
        };
        let steps = found.steps.into_iter().map(|step| Step {
            label: step.label,
            formula: step.formula,
            numbers: step.numbers,
            inputs: step.inputs.into_iter().map(input).collect(),
            result: step.value,
        });
        self.steps = steps.collect();
        let rules = found.rules.into_iter().map(|rule| Rule {
            id: rule.id,
            label: rule.label,
            value: rule.value,
            unit: rule.unit,
            article: rule.article,
            source: rule.source,
            from: rule.from,
            to: rule.to,
        });
        self.rules = rules.collect();
    }
}
