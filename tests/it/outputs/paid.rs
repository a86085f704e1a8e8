//! A month of pay as rows, without a calculation: what files say is compared with amounts that stand here.

use anyhow::{Context, Result};
use barq_tests::{Harness, Person, sample};
use platform_core::{Cx, Mode};
use platform_documents::{ReadOptions, Table};
use platform_resource::{Field, Kind, Resource};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

/// A file's table.
pub fn table(bytes: &[u8], name: &str) -> Result<Table> {
    Ok(platform_documents::read(bytes, name, &ReadOptions::default())?)
}

/// Halalas of a cell; a workbook's numbers have lost the zeros behind.
pub fn halalas(cell: &str) -> Result<i64> {
    let (whole, fraction) = cell.split_once('.').unwrap_or((cell, "0"));
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    let fraction = format!("{fraction:0<2}");
    Ok(whole.parse::<i64>()? * 100 + sign * fraction.parse::<i64>()?)
}

/// Kind, amount, and what was asked for of deductions.
pub type PayLine<'a> = (&'a str, &'a str, Option<&'a str>);

/// A run, approved, with nobody in it yet.
pub struct Month<'a> {
    pub harness: &'a Harness,
    pub owner: &'a Person,
    pub run: Uuid,
}

fn resource(harness: &Harness, name: &str) -> Result<&'static Resource> {
    harness.app.platform.registry.resource(name).context(name.to_owned())
}

fn id(row: &Json) -> Result<Uuid> {
    Ok(row["id"].as_str().context("an id")?.parse()?)
}

/// What a required field holds where the test has no opinion.
fn nothing(field: &Field) -> Json {
    match field.kind {
        Kind::Money { .. } => "0.00".into(),
        Kind::Decimal { .. } => "0".into(),
        Kind::Integer { min, .. } => min.max(0).into(),
        Kind::Json => json!({}),
        _ => sample(field),
    }
}

impl<'a> Month<'a> {
    pub async fn new(harness: &'a Harness, owner: &'a Person) -> Result<Self> {
        let body = json!({"year": 2026, "month": 5});
        let run = owner.post("/api/v1/hr/payroll_runs", &body).await?.expect(201)?;
        Ok(Self {
            harness,
            owner,
            run: id(&run)?,
        })
    }

    /// Puts the run into a state as its actions would.
    pub async fn set(&self, status: &str) -> Result<()> {
        let mut cx = self.cx().await?;
        let change = Map::from_iter([("status".to_owned(), json!(status))]);
        let runs = resource(self.harness, "hr.payroll_runs")?;
        platform_engine::change(&mut cx, runs, self.run, "update", change).await?;
        Ok(cx.commit().await?)
    }

    async fn cx(&self) -> Result<Cx> {
        let platform = &self.harness.app.platform;
        Ok(Cx::begin_job(platform, self.owner.organization_id, "test", Mode::Write).await?)
    }

    /// A courier with what is given besides the name.
    pub async fn courier(&self, name: &str, with: Json) -> Result<Uuid> {
        let couriers = resource(self.harness, "fleet.couriers")?;
        let mut body = json!({"full_name": name, "joined_on": "2024-01-01", "sponsorship_status": "inhouse",
            "project_type": "barq", "nationality": "Pakistani"});
        for field in couriers
            .fields
            .iter()
            .filter(|field| field.required && field.default.is_none())
        {
            if body.get(field.name).is_none() && field.numbering.is_none() && !field.read_only {
                body[field.name] = sample(field);
            }
        }
        for (name, value) in with.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        id(&self.owner.post("/api/v1/fleet/couriers", &body).await?.expect(201)?)
    }

    /// What a courier is paid, line by line.
    pub async fn pay(&self, courier: Uuid, lines: &[PayLine<'_>], employer: &str) -> Result<Uuid> {
        let halalas = |text: &str| -> Result<i64> { Ok(text.replace('.', "").parse()?) };
        let money = |halalas: i64| {
            let sign = if halalas < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", halalas.abs() / 100, halalas.abs() % 100)
        };
        let (mut gross, mut net, mut basic) = (0, 0, 0);
        for (kind, amount, asked) in lines {
            let amount = halalas(amount)?;
            net += amount;
            gross += if asked.is_none() { amount } else { 0 };
            basic += if *kind == "basic" { amount } else { 0 };
        }
        let mut row = json!({"run_id": self.run, "courier_id": courier, "year": 2026, "month": 5, "category": "motorcycle",
            "period_starts_on": "2026-04-25", "period_ends_on": "2026-05-24", "total_orders": 450, "days_since_joining": 875,
            "period_target": "400", "final_target": "400", "base_salary": money(basic), "gross_salary": money(gross),
            "net_salary": money(net), "gosi_employer": employer});
        let salaries = resource(self.harness, "hr.salaries")?;
        for field in salaries
            .fields
            .iter()
            .filter(|field| field.required && field.default.is_none())
        {
            if row.get(field.name).is_none() {
                row[field.name] = nothing(field);
            }
        }
        let object = |json: &Json| json.as_object().cloned().unwrap_or_default();
        let mut cx = self.cx().await?;
        let stored = platform_engine::create(&mut cx, salaries, object(&row)).await?;
        let salary = stored.uuid("id").context("an id")?;
        let rows = lines.iter().zip(1..).map(|((kind, amount, asked), position)| {
            let mut line = json!({"salary_id": salary, "position": position, "kind": kind, "amount": amount,
                "article": "Labour Law, Art. 92(1)"});
            if let Some(asked) = asked {
                line["asked"] = json!(asked);
            }
            object(&line)
        });
        let lines = resource(self.harness, "hr.salary_lines")?;
        platform_engine::create_many(&mut cx, lines, rows.collect()).await?;
        cx.commit().await?;
        Ok(salary)
    }
}
