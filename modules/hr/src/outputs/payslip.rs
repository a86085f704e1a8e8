//! The payslip as a document: what is stored of a courier's month, in Arabic or English.

use chrono::NaiveDate;
use platform_core::{Cx, Doc, Method, Operation, Permit, Problem, Reply, Request};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use hr_pay::money::riyals;

use super::payslip_page::page;
use super::words::{Language, Words};
use crate::SALARIES;

/// What a payslip says beside its lines.
pub(crate) const SLIP: &str =
    "SELECT s.year, s.month, s.category, s.period_starts_on, s.period_ends_on, s.days_since_joining,
    s.total_orders, s.total_revenue, s.gas_usage, s.final_target, s.gross_salary, s.net_salary, s.gosi_employer,
    s.status, s.payment_method, s.payment_reference, s.paid_on, r.run_number, r.status AS run_status,
    c.barq_id, c.full_name, coalesce(c.national_id, c.iqama_number) AS person_number, c.iban, c.bank_name, c.joined_on,
    o.name AS company, o.logo_file_id
FROM hr.salaries s
JOIN hr.payroll_runs r ON r.organization_id = s.organization_id AND r.id = s.run_id
JOIN fleet.courier_facts c ON c.organization_id = s.organization_id AND c.id = s.courier_id
JOIN platform.organizations o ON o.organization_id = s.organization_id
WHERE s.organization_id = $1 AND s.id = $2 AND s.deleted_at IS NULL";

/// A payslip's lines in their order, without what the company pays to others.
pub(crate) const LINES: &str = "SELECT n.kind, n.amount, n.asked, n.article, n.inputs
FROM hr.salary_lines n
WHERE n.organization_id = $1 AND n.salary_id = $2 AND n.deleted_at IS NULL
    AND n.kind NOT IN ('gosi_employer', 'end_of_service_provision')
ORDER BY n.position";

/// Everything that a payslip shows.
pub(super) struct Slip {
    pub company: String,
    pub logo: Option<Vec<u8>>,
    pub name: String,
    pub barq_id: String,
    pub person_number: Option<String>,
    pub joined_on: Option<NaiveDate>,
    pub category: String,
    pub year: i64,
    pub month: i64,
    pub period: (NaiveDate, NaiveDate),
    pub run_number: String,
    /// Before a second person approved the run, everything may still change.
    pub is_final: bool,
    pub is_held: bool,
    pub iban: Option<String>,
    pub bank: Option<String>,
    pub payment: Option<(String, NaiveDate, Option<String>)>,
    pub orders: i64,
    pub target: Decimal,
    pub days: i64,
    pub revenue: Decimal,
    pub fuel: Decimal,
    pub lines: Vec<SlipLine>,
    pub gross: Decimal,
    pub net: Decimal,
    pub employer: Decimal,
}

/// A line of a payslip.
pub(super) struct SlipLine {
    pub kind: String,
    /// What the allowance is, as `housing`.
    pub detail: Option<String>,
    pub amount: Decimal,
    /// What was asked for, of deductions.
    pub asked: Option<Decimal>,
    pub article: String,
}

impl SlipLine {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        let inputs: Option<Json> = row.try_get("inputs")?;
        let kind: String = row.try_get("kind")?;
        let about = inputs.as_ref().map(|inputs| &inputs["trace"]["about"]);
        let about = about.and_then(Json::as_array).into_iter().flatten();
        let mut ids = about.filter(|pair| pair[0] == "id").filter_map(|pair| pair[1].as_str());
        let detail = ids.find(|id| matches!(*id, "housing" | "transport"));
        Ok(Self {
            detail: detail.filter(|_| kind == "allowance").map(ToOwned::to_owned),
            kind,
            amount: riyals(row.try_get("amount")?),
            asked: row.try_get::<Option<i64>, _>("asked")?.map(riyals),
            article: row.try_get::<Option<String>, _>("article")?.unwrap_or_default(),
        })
    }

    /// Whether it stands among what is deducted; orders short and fuel used lower what is earned.
    pub const fn is_deduction(&self) -> bool {
        self.asked.is_some()
    }
}

impl Slip {
    async fn load(cx: &mut Cx, id: Uuid) -> Result<Self, Problem> {
        let organization_id = cx.organization_id;
        let row = sqlx::query(SLIP)
            .bind(organization_id)
            .bind(id)
            .fetch_optional(cx.db())
            .await?
            .ok_or_else(Problem::not_found)?;
        let lines = sqlx::query(LINES)
            .bind(organization_id)
            .bind(id)
            .fetch_all(cx.db())
            .await?;
        let logo: Option<Uuid> = row.try_get("logo_file_id")?;
        let amount = |name: &str| -> Result<Decimal, sqlx::Error> { Ok(riyals(row.try_get(name)?)) };
        let run_status: String = row.try_get("run_status")?;
        let status: String = row.try_get("status")?;
        let paid_on: Option<NaiveDate> = row.try_get("paid_on")?;
        let method: Option<String> = row.try_get("payment_method")?;
        let reference: Option<String> = row.try_get("payment_reference")?;
        Ok(Self {
            company: row.try_get("company")?,
            logo: match logo {
                Some(id) => logo_bytes(cx, id).await,
                None => None,
            },
            name: row.try_get("full_name")?,
            barq_id: row.try_get("barq_id")?,
            person_number: row.try_get("person_number")?,
            joined_on: row.try_get("joined_on")?,
            category: row.try_get("category")?,
            year: row.try_get("year")?,
            month: row.try_get("month")?,
            period: (row.try_get("period_starts_on")?, row.try_get("period_ends_on")?),
            run_number: row.try_get("run_number")?,
            is_final: matches!(run_status.as_str(), "approved" | "paid" | "locked"),
            is_held: status == "held",
            iban: row.try_get("iban")?,
            bank: row.try_get("bank_name")?,
            payment: method.zip(paid_on).map(|(method, day)| (method, day, reference)),
            orders: row.try_get("total_orders")?,
            target: row.try_get("final_target")?,
            days: row.try_get("days_since_joining")?,
            revenue: amount("total_revenue")?,
            fuel: amount("gas_usage")?,
            lines: lines.iter().map(SlipLine::of).collect::<Result<_, _>>()?,
            gross: amount("gross_salary")?,
            net: amount("net_salary")?,
            employer: amount("gosi_employer")?,
        })
    }
}

/// The organization's picture, where its file is still there.
async fn logo_bytes(cx: &Cx, id: Uuid) -> Option<Vec<u8>> {
    let folder = cx.platform.data.join("files").join(cx.organization_id.to_string());
    tokio::fs::read(folder.join(id.to_string())).await.ok()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    id: String,
    language: Option<Language>,
}

/// `GET /hr/salaries/{id}/payslip`: for whom the pay itself is.
async fn payslip(cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    let asked: Asked = request.query_as()?;
    let id = Uuid::try_parse(&asked.id).map_err(|_| Problem::not_found())?;
    platform_engine::load_within(cx, &SALARIES, "salaries.read_pay", id).await?;
    let slip = Slip::load(cx, id).await?;
    let name = format!("payslip-{}-{:02}-{}.pdf", slip.year, slip.month, slip.barq_id);
    let platform = cx.platform.clone();
    let locale = Words::of(cx, asked.language).locale;
    let written = tokio::task::spawn_blocking(move || page(slip, Words::new(&platform.catalogue, locale)));
    let bytes = written.await.map_err(|error| Problem::internal(&error))?;
    let bytes = bytes.map_err(|error| Problem::internal(&error))?;
    // Whose pay it is may change hands; what was shown once is not kept by anybody between.
    Ok(Reply::file("application/pdf", &name, bytes).header("cache-control", "private, no-store"))
}

pub(super) fn operation() -> Operation {
    let mut operation = Operation::raw(
        Method::Get,
        "/hr/salaries/{id}/payslip",
        "hr.salaries.payslip",
        Permit::needs("salaries.read_pay"),
        |cx, request| Box::pin(payslip(cx, request)),
    )
    .scoped();
    operation.doc = Doc {
        summary: "Payslip as PDF, in Arabic or English; couriers open their own".into(),
        tag: "hr.salaries".into(),
        query: vec![platform_engine::parameter(
            "language",
            json!({"type": "string", "enum": ["ar", "en"]}),
        )],
        answer: Some((200, "application/pdf", json!({"type": "string", "format": "binary"}))),
        ..Doc::default()
    };
    operation
}
