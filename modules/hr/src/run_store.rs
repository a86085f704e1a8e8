//! What a calculation stores: a row for each courier through the engine, with its history; the lines of the rows in one statement.
//! A line is written once, with its salary, and never changed: its salary's history holds the checksum of all of them.

use hr_pay::money::halalas;
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::payroll_refusals::Refused;
use crate::run_facts::Facts;
use crate::run_pay::{Paid, StoredLine, lines};
use crate::run_terms::{Stored, Terms};
use crate::{PAYROLL_REFUSALS, SALARIES};

pub(crate) const STORE_LINES: &str = "INSERT INTO hr.salary_lines
    (organization_id, id, created_at, updated_at, salary_id, position, kind, amount, asked, carried, article, formula, inputs)
SELECT s.organization_id, line.id, $2, $2, s.id, line.position, line.kind, line.amount, line.asked, line.carried, line.article,
    line.formula, line.inputs::jsonb
FROM unnest($3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
    $11::text[], $12::text[]) AS line (id, salary_id, position, kind, amount, asked, carried, article, formula, inputs)
JOIN hr.salaries s ON s.organization_id = $1 AND s.id = line.salary_id";

/// What a calculation rests on, as one sum: the same facts, rules and switches have the same one.
pub(crate) fn fingerprint(terms: &Stored, people: &[Facts]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(serde_json::to_vec(terms).unwrap_or_default());
    for facts in people {
        hasher.update(serde_json::to_vec(facts).unwrap_or_default());
    }
    hex::encode(hasher.finalize())
}

pub(crate) fn refusal_rows(run_id: Uuid, refused: &[(Uuid, Refused)]) -> Vec<Map<String, Json>> {
    let row = |(courier_id, reason): &(Uuid, Refused)| {
        let mut row = reason.row();
        row.insert("run_id".to_owned(), json!(run_id));
        row.insert("courier_id".to_owned(), json!(courier_id));
        row
    };
    refused.iter().map(row).collect()
}

/// Stores what became of some couriers of a run.
pub(crate) async fn store(
    cx: &mut Cx,
    run_id: Uuid,
    terms: &Terms,
    paid: &[Paid],
    refused: &[(Uuid, Refused)],
) -> Result<(), Problem> {
    let lines: Vec<Vec<StoredLine>> = paid.iter().map(|one| lines(&one.slip)).collect();
    let rows = paid
        .iter()
        .zip(&lines)
        .map(|(one, lines)| one.row(run_id, terms, lines));
    let salaries = platform_engine::create_many(cx, &SALARIES, rows.collect()).await?;
    store_lines(cx, &salaries, &lines).await?;
    platform_engine::create_many(cx, &PAYROLL_REFUSALS, refusal_rows(run_id, refused)).await?;
    Ok(())
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    salaries: Vec<Uuid>,
    positions: Vec<i64>,
    kinds: Vec<&'a str>,
    amounts: Vec<i64>,
    asked: Vec<Option<i64>>,
    carried: Vec<Option<i64>>,
    articles: Vec<&'a str>,
    formulas: Vec<&'a str>,
    inputs: Vec<&'a str>,
}

/// Couriers whose lines are one statement: enough to amortize it, few enough to keep its parameters small.
const CHUNK: usize = 250;

async fn store_lines(cx: &mut Cx, salaries: &[Uuid], lines: &[Vec<StoredLine>]) -> Result<(), Problem> {
    let (organization_id, now) = (cx.organization_id, cx.now);
    for (salaries, lines) in salaries.chunks(CHUNK).zip(lines.chunks(CHUNK)) {
        let mut columns = Columns::default();
        for (salary_id, lines) in salaries.iter().zip(lines) {
            for (position, line) in (1..).zip(lines) {
                columns.ids.push(platform_core::ids::new_id());
                columns.salaries.push(*salary_id);
                columns.positions.push(position);
                columns.kinds.push(line.kind);
                columns.amounts.push(halalas(line.amount));
                columns.asked.push(line.asked.map(halalas));
                columns.carried.push(line.carried.map(halalas));
                columns.articles.push(&line.article);
                columns.formulas.push(&line.formula);
                columns.inputs.push(&line.inputs);
            }
        }
        sqlx::query(STORE_LINES)
            .bind(organization_id)
            .bind(now)
            .bind(&columns.ids)
            .bind(&columns.salaries)
            .bind(&columns.positions)
            .bind(&columns.kinds)
            .bind(&columns.amounts)
            .bind(&columns.asked)
            .bind(&columns.carried)
            .bind(&columns.articles)
            .bind(&columns.formulas)
            .bind(&columns.inputs)
            .execute(cx.db())
            .await?;
    }
    Ok(())
}
