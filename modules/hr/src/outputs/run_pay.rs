//! Everybody's pay of one run, as files about a run need it: people, amounts by kind of line, each source read once.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use platform_core::{Cx, Problem};
use platform_resource::Record;
use rust_decimal::Decimal;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use hr_pay::Kind;
use hr_pay::money::riyals;

use crate::PAYROLL_RUNS;

/// Who is in a run.
pub(crate) const PEOPLE: &str = "SELECT s.id, s.courier_id, c.barq_id, c.full_name,
    coalesce(c.national_id, c.iqama_number) AS person_number, c.iban, c.nationality, c.gosi_first_registered_on,
    coalesce(c.basic_salary, 0) AS basic_salary, coalesce(c.housing_allowance, 0) AS housing_allowance,
    s.category, s.status, s.total_orders, s.final_target, s.gross_salary, s.net_salary, s.gosi_employer,
    s.payment_method, s.paid_on, s.period_ends_on
FROM hr.salaries s
JOIN fleet.courier_facts c ON c.organization_id = s.organization_id AND c.id = s.courier_id
WHERE s.organization_id = $1 AND s.run_id = $2 AND s.deleted_at IS NULL
ORDER BY c.barq_id, s.id";

/// Amounts of a run's lines by person and kind; the housing allowance is told apart, because wage files do.
pub(crate) const AMOUNTS: &str =
    "SELECT n.salary_id, n.kind, sum(n.amount)::bigint AS amount, sum(n.asked)::bigint AS asked,
    sum(n.amount) FILTER (WHERE n.inputs @> '{\"trace\": {\"about\": [[\"id\", \"housing\"]]}}')::bigint AS housing
FROM hr.salaries s
JOIN hr.salary_lines n ON n.organization_id = s.organization_id AND n.salary_id = s.id AND n.deleted_at IS NULL
WHERE s.organization_id = $1 AND s.run_id = $2 AND s.deleted_at IS NULL
GROUP BY n.salary_id, n.kind";

/// What lines of one kind come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    pub amount: Decimal,
    /// What was asked for, of deductions.
    pub asked: Option<Decimal>,
}

/// One person's pay.
pub(super) struct PersonPay {
    pub salary_id: Uuid,
    pub courier_id: Uuid,
    pub barq_id: String,
    pub name: String,
    pub person_number: Option<String>,
    pub iban: Option<String>,
    pub nationality: Option<String>,
    pub insured_since: Option<NaiveDate>,
    pub basic_salary: Decimal,
    pub housing_allowance: Decimal,
    pub category: String,
    pub status: String,
    pub orders: i64,
    pub target: Decimal,
    pub gross: Decimal,
    pub net: Decimal,
    pub employer: Decimal,
    pub payment_method: Option<String>,
    pub paid_on: Option<NaiveDate>,
    pub period_ends_on: NaiveDate,
    pub by_kind: BTreeMap<Kind, Amount>,
    pub housing_paid: Decimal,
}

impl PersonPay {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let money = |name: &str| -> Result<Decimal, sqlx::Error> { Ok(riyals(row.try_get(name)?)) };
        Ok(Self {
            salary_id: row.try_get("id")?,
            courier_id: row.try_get("courier_id")?,
            barq_id: row.try_get("barq_id")?,
            name: row.try_get("full_name")?,
            person_number: row.try_get("person_number")?,
            iban: row.try_get("iban")?,
            nationality: row.try_get("nationality")?,
            insured_since: row.try_get("gosi_first_registered_on")?,
            basic_salary: money("basic_salary")?,
            housing_allowance: money("housing_allowance")?,
            category: row.try_get("category")?,
            status: row.try_get("status")?,
            orders: row.try_get("total_orders")?,
            target: row.try_get("final_target")?,
            gross: money("gross_salary")?,
            net: money("net_salary")?,
            employer: money("gosi_employer")?,
            payment_method: row.try_get("payment_method")?,
            paid_on: row.try_get("paid_on")?,
            period_ends_on: row.try_get("period_ends_on")?,
            by_kind: BTreeMap::new(),
            housing_paid: Decimal::ZERO,
        })
    }

    pub fn amount(&self, kind: Kind) -> Decimal {
        self.by_kind.get(&kind).map_or(Decimal::ZERO, |found| found.amount)
    }

    /// What was asked for in deductions of a kind; nothing where the kind deducts nothing.
    pub fn asked(&self, kind: Kind) -> Option<Decimal> {
        self.by_kind.get(&kind)?.asked
    }

    pub fn deducted(&self) -> Decimal {
        self.gross - self.net
    }
}

/// Whether a line stands beside the pay: it is the company's to pay to others, and no part of gross or net.
pub(super) const fn is_beside(kind: Kind) -> bool {
    matches!(kind, Kind::GosiEmployer | Kind::EndOfServiceProvision)
}

/// A run with everybody in it.
pub(super) struct RunPay {
    pub run: Record,
    pub people: Vec<PersonPay>,
}

impl RunPay {
    pub async fn load(cx: &mut Cx, run_id: Uuid) -> Result<Self, Problem> {
        let run = platform_engine::load(cx, &PAYROLL_RUNS, run_id).await?;
        let organization_id = cx.organization_id;
        let rows = sqlx::query(PEOPLE)
            .bind(organization_id)
            .bind(run_id)
            .fetch_all(cx.db())
            .await?;
        let mut people = rows.iter().map(PersonPay::of).collect::<Result<Vec<_>, _>>()?;
        let places: BTreeMap<Uuid, usize> = people
            .iter()
            .zip(0..)
            .map(|(one, place)| (one.salary_id, place))
            .collect();
        let rows = sqlx::query(AMOUNTS)
            .bind(organization_id)
            .bind(run_id)
            .fetch_all(cx.db())
            .await?;
        for row in &rows {
            let word: String = row.try_get("kind")?;
            let salary_id: Uuid = row.try_get("salary_id")?;
            let place = places.get(&salary_id).and_then(|place| people.get_mut(*place));
            let Some(person) = place else { continue };
            let kind = kind_of(&word).ok_or_else(|| Problem::internal(&format!("a line of the kind {word}")))?;
            let known = person.by_kind.entry(kind).or_default();
            known.amount += riyals(row.try_get("amount")?);
            if let Some(asked) = row.try_get::<Option<i64>, _>("asked")? {
                *known.asked.get_or_insert_default() += riyals(asked);
            }
            if kind == Kind::Allowance {
                person.housing_paid += riyals(row.try_get::<Option<i64>, _>("housing")?.unwrap_or(0));
            }
        }
        Ok(Self { run, people })
    }

    /// Kinds of lines that the run has, in the order of payslips.
    pub fn kinds(&self) -> Vec<Kind> {
        let has = |kind: &Kind| self.people.iter().any(|person| person.by_kind.contains_key(kind));
        Kind::ALL.into_iter().filter(has).collect()
    }

    /// The run's year and month.
    pub fn month(&self) -> (i64, i64) {
        let part = |name: &str| self.run.integer(name).unwrap_or_default();
        (part("year"), part("month"))
    }

    /// The name of a file about the run: `register-2026-05`.
    pub fn file_name(&self, what: &str) -> String {
        let (year, month) = self.month();
        format!("{what}-{year}-{month:02}")
    }

    /// Files about pay are of what was calculated: a draft has none.
    pub fn is_calculated(&self) -> Result<(), Problem> {
        if self.people.is_empty() {
            return Err(Problem::refused("run_without_pay"));
        }
        Ok(())
    }
}

/// The kind of a stored line's word. Lines of before all kinds were stored say `other` of what had no word.
fn kind_of(word: &str) -> Option<Kind> {
    if word == "other" {
        return Some(Kind::Consented);
    }
    Kind::ALL.into_iter().find(|kind| kind.word() == word)
}
