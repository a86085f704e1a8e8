//! Files about a run as tables: the register of everybody's pay, and what goes to the social insurance.

use platform_core::{Cx, Problem, Reply};
use platform_documents::{Cell, CsvOptions, WriteError, write_csv, write_xlsx};
use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use hr_pay::money::half_up;
use hr_pay::{Class, Kind, contribution, month_end};

use super::run_pay::{PersonPay, RunPay, is_beside};
use super::words::{Language, Words};
use crate::gosi_figures::contributor;
use crate::rates;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What kind of file.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Xlsx,
}

/// Which run, in which language.
#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub id: Uuid,
    pub language: Option<Language>,
    pub format: Option<Format>,
}

/// A table of texts and numbers.
pub(super) struct Sheet {
    pub name: String,
    pub headers: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

pub(super) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// An amount with its two digits.
pub(super) fn money(amount: Decimal) -> Cell {
    let mut amount = half_up(amount, 2);
    amount.rescale(2);
    Cell::Number(amount)
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::DateTime(at) => at.to_string(),
        Cell::Boolean(yes) => yes.to_string(),
    }
}

pub(super) fn reply(sheet: &Sheet, format: Format, name: &str, words: Words<'_>) -> Result<Reply, Problem> {
    let failed = |error: WriteError| Problem::internal(&error);
    let reply = match format {
        Format::Xlsx => {
            let bytes = write_xlsx(&sheet.name, &sheet.headers, &sheet.rows, words.is_arabic()).map_err(failed)?;
            Reply::file(XLSX, &format!("{name}.xlsx"), bytes)
        }
        Format::Csv => {
            let rows = sheet.rows.iter().map(|row| row.iter().map(plain).collect::<Vec<_>>());
            let mut bytes = Vec::new();
            write_csv(&mut bytes, &sheet.headers, rows, CsvOptions { byte_order_mark: true }).map_err(failed)?;
            Reply::file("text/csv; charset=utf-8", &format!("{name}.csv"), bytes)
        }
    };
    Ok(reply.header("cache-control", "private, no-store"))
}

/// `GET /hr/payroll_runs/{id}/register`: everybody of a run with every kind of line, and a row of totals.
pub(super) async fn register(cx: &mut Cx, asked: Asked) -> Result<Reply, Problem> {
    cx.require("salaries.read_pay")?;
    let pay = RunPay::load(cx, asked.id).await?;
    pay.is_calculated()?;
    let words = Words::of(cx, asked.language);
    let name = pay.file_name("register");
    let format = asked.format.unwrap_or(Format::Xlsx);
    reply(&register_sheet(&pay, words), format, &name, words)
}

fn register_sheet(pay: &RunPay, words: Words<'_>) -> Sheet {
    let kinds = pay.kinds();
    let is_deducted = |kind: &Kind| pay.people.iter().any(|one| one.asked(*kind).is_some());
    let (deducted, others): (Vec<Kind>, Vec<Kind>) = kinds.into_iter().partition(is_deducted);
    let (beside, earned): (Vec<Kind>, Vec<Kind>) = others.into_iter().partition(|kind| is_beside(*kind));
    let of = |field: &'static str| words.label("hr.salaries", field).to_owned();
    let report = |key: &str| words.get("report", key).to_owned();
    let lines = |kinds: &[Kind]| {
        kinds
            .iter()
            .map(|kind| words.kind(kind.word()).to_owned())
            .collect::<Vec<_>>()
    };
    let headers = [
        vec![
            report("barq_id"),
            report("name"),
            report("person_number"),
            of("category"),
            of("total_orders"),
            of("final_target"),
        ],
        lines(&earned),
        vec![of("gross_salary")],
        lines(&deducted),
        vec![of("net_salary"), report("employer")],
        lines(
            &beside
                .iter()
                .copied()
                .filter(|kind| *kind != Kind::GosiEmployer)
                .collect::<Vec<_>>(),
        ),
        vec![of("status"), of("paid_on")],
    ]
    .concat();
    let beside: Vec<Kind> = beside.into_iter().filter(|kind| *kind != Kind::GosiEmployer).collect();
    let amounts = |person: &PersonPay| -> Vec<Decimal> {
        let each = |kinds: &[Kind]| kinds.iter().map(|kind| person.amount(*kind)).collect::<Vec<_>>();
        [
            each(&earned),
            vec![person.gross],
            each(&deducted),
            vec![person.net, person.employer],
            each(&beside),
        ]
        .concat()
    };
    let mut totals = vec![Decimal::ZERO; earned.len() + deducted.len() + beside.len() + 3];
    let mut rows = Vec::with_capacity(pay.people.len() + 1);
    for person in &pay.people {
        let own = amounts(person);
        for (total, amount) in totals.iter_mut().zip(&own) {
            *total += amount;
        }
        let mut row = vec![
            text(&person.barq_id),
            text(&person.name),
            text(person.person_number.as_deref().unwrap_or_default()),
            text(words.choice("hr.salaries", "category", &person.category)),
            Cell::Number(person.orders.into()),
            Cell::Number(person.target.normalize()),
        ];
        row.extend(own.into_iter().map(money));
        row.push(text(words.choice("hr.salaries", "status", &person.status)));
        row.push(person.paid_on.map_or(Cell::Empty, Cell::Date));
        rows.push(row);
    }
    let mut last = vec![
        text(words.get("report", "total")),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
    ];
    last.push(Cell::Number(
        pay.people.iter().map(|person| person.orders).sum::<i64>().into(),
    ));
    last.push(Cell::Empty);
    last.extend(totals.into_iter().map(money));
    last.extend([Cell::Empty, Cell::Empty]);
    rows.push(last);
    let (year, month) = pay.month();
    Sheet {
        name: words.say("report", "sheet", &[("month", &words.month(year, month))]),
        headers,
        rows,
    }
}

/// `GET /hr/payroll_runs/{id}/gosi_report`: shares as the run has them, with the class and wage that they were counted from.
pub(super) async fn gosi_report(cx: &mut Cx, asked: Asked) -> Result<Reply, Problem> {
    let pay = RunPay::load(cx, asked.id).await?;
    pay.is_calculated()?;
    let rules = rates::rules(cx).await?;
    let words = Words::of(cx, asked.language);
    let keys = [
        "barq_id",
        "name",
        "person_number",
        "class",
        "base",
        "employee",
        "employer",
        "both",
        "not_deducted",
    ];
    let headers = keys.iter().map(|key| words.get("report", key).to_owned()).collect();
    let mut rows = Vec::new();
    let mut totals = [Decimal::ZERO; 5];
    for person in &pay.people {
        let employee = person.asked(Kind::Gosi).unwrap_or_default();
        if employee.is_zero() && person.employer.is_zero() {
            continue;
        }
        let class = Class::of(person.nationality.as_deref(), person.insured_since);
        let paid = class.and_then(|class| {
            let person_of = contributor(class, person.basic_salary, person.housing_allowance);
            contribution(&rules, month_end(person.period_ends_on), &person_of).ok()
        });
        let base = paid.map(|paid| paid.base);
        let left = employee + person.amount(Kind::Gosi);
        let own = [
            base.unwrap_or_default(),
            employee,
            person.employer,
            employee + person.employer,
            left,
        ];
        for (total, amount) in totals.iter_mut().zip(own) {
            *total += amount;
        }
        let class = class.map(|class| words.choice("hr.gosi_rates", "contributor_class", class.word()));
        let mut row = vec![
            text(&person.barq_id),
            text(&person.name),
            text(person.person_number.as_deref().unwrap_or_default()),
            text(class.unwrap_or_default()),
        ];
        row.extend(own.map(money));
        rows.push(row);
    }
    let mut last = vec![
        text(words.get("report", "total")),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
    ];
    last.extend(totals.map(money));
    rows.push(last);
    let sheet = Sheet {
        name: "GOSI".to_owned(),
        headers,
        rows,
    };
    reply(
        &sheet,
        asked.format.unwrap_or(Format::Csv),
        &pay.file_name("gosi"),
        words,
    )
}
