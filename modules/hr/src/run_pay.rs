//! One courier's month, from what is known to the lines that are stored: pure, so that the same facts give the same bytes.

use chrono::NaiveDate;
use hr_pay::money::{amount, half_up, riyals};
use hr_pay::{
    Arrears, Attendance, Choices, Claim, ClaimKind, Class, Contributor, Grant, Kind, Line, Overtime, PayError, Payslip,
    Purpose, SALARIED, Trace, WorkPay, days_since_joining, monthly_pay, overtime, settle, work_pay,
};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::gosi_figures::contributor;
use crate::payroll_refusals::Refused;
use crate::run_facts::{Done, Due, Facts};
use crate::run_late::{month_word, work};
use crate::run_terms::Terms;

/// A courier's calculated month.
#[derive(Debug)]
pub(crate) struct Paid {
    pub facts: Facts,
    pub parameter_id: Option<Uuid>,
    pub work: Earned,
    pub slip: Payslip,
    /// Late months that the slip settles, by their word.
    pub months: Vec<(String, Decimal)>,
}

/// Pays one courier, or says why not.
pub(crate) fn pay(facts: Facts, terms: &Terms) -> Result<Paid, Box<(Facts, Refused)>> {
    match paid(&facts, terms) {
        Ok((parameter_id, work, slip, months)) => Ok(Paid {
            facts,
            parameter_id,
            work,
            slip,
            months,
        }),
        Err(refused) => Err(Box::new((facts, refused))),
    }
}

type Found = (Option<Uuid>, Earned, Payslip, Vec<(String, Decimal)>);

/// What a month is worth before grants and deductions, as the salary's row tells it.
#[derive(Debug, Default)]
pub(crate) struct Earned {
    pub category: String,
    /// Target after the cap; none by contract.
    pub final_target: Decimal,
    /// By contract: pay of the month less absence.
    pub basic: Decimal,
    pub bonus: Decimal,
    pub gas_deserved: Decimal,
    pub gas_difference: Decimal,
    pub total: Decimal,
    pub lines: Vec<Line>,
}

impl Earned {
    fn by_work(pay: WorkPay) -> Self {
        Self {
            category: pay.category,
            final_target: pay.final_target,
            basic: pay.basic,
            bonus: pay.bonus,
            gas_deserved: pay.gas_deserved,
            gas_difference: pay.gas_difference,
            total: pay.total,
            lines: pay.lines,
        }
    }
}

fn paid(facts: &Facts, terms: &Terms) -> Result<Found, Refused> {
    if let Some(error) = &facts.sheet {
        return Err(error.refused());
    }
    let refused = |error: PayError| Refused::from(&error);
    let Some(name) = facts.category.as_deref() else {
        return Err(Refused::new("no_target").at("period_target"));
    };
    let is_salaried = name == SALARIED;
    if !is_salaried && facts.target.is_none() {
        return Err(Refused::new("no_target").at("period_target"));
    }
    let Some(done) = &facts.done else {
        let missing = || Err(Refused::new("no_work").at(if is_salaried { "present_days" } else { "total_orders" }));
        // Who was not there yet, or no more, has no work: that is said first.
        return there(facts, terms).map_or_else(Err, |()| missing());
    };
    if is_salaried || done.days.is_none() {
        there(facts, terms)?;
    }
    let mut claims = claims(facts, terms);
    let (parameter_id, pay) = if is_salaried {
        let (pay, lateness) = by_contract(facts, done, terms).map_err(refused)?;
        claims.extend(lateness.filter(|_| terms.switches.penalties));
        (None, pay)
    } else {
        let (parameter_id, category) = terms.formulas.at(name, terms.period.ends_on).map_err(refused)?;
        let month = work(done, facts.target, facts.joined_on, facts.last_working_day);
        let pay = work_pay(category, terms.period, &month, terms.switches.caps()).map_err(refused)?;
        (parameter_id, Earned::by_work(pay))
    };
    let mut earned = pay.lines.clone();
    let mut months = Vec::new();
    earned.extend(overtime_line(facts, done, terms)?);
    for late in &facts.late {
        let word = month_word(late.period.ends_on);
        let settled = late.settle(&terms.past).map_err(|error| Refused {
            params: Some(json!({"month": word})),
            ..refused(error)
        })?;
        match settled {
            Arrears::Nothing => {}
            Arrears::Pays(line) => {
                months.push((word, line.amount));
                earned.push(*line);
            }
            Arrears::Claims(claim) => claims.push(claim),
        }
    }
    let slip = settle(hr_pay::Terms {
        rules: &terms.rules,
        period: terms.period,
        earned,
        grants: grants(facts, terms),
        social: insured(facts, terms)?,
        deducts_social: terms.switches.gosi,
        claims,
        choices: Choices::default(),
    })
    .map_err(refused)?;
    for deduction in &slip.deductions {
        let month = deduction.id.as_deref().and_then(overpaid_month);
        if let Some(month) = month.filter(|_| !deduction.allowed.is_zero()) {
            months.push((month.to_owned(), -deduction.allowed));
        }
    }
    Ok((parameter_id, pay, slip, months))
}

/// A month by contract and attendance, and what coming late is fined.
fn by_contract(facts: &Facts, done: &Done, terms: &Terms) -> Result<(Earned, Option<Claim>), PayError> {
    let month = Attendance {
        basic: facts.basic.map(riyals),
        joined_on: facts.joined_on,
        last_working_day: facts.last_working_day,
        present_days: done.attended.present_days,
        absent_days: done.attended.absent_days,
        late_times: done.attended.late_days,
        unpaid_days: done.unpaid_days,
    };
    let pay = monthly_pay(&terms.rules, terms.period, &month)?;
    let earned = Earned {
        category: SALARIED.to_owned(),
        basic: pay.amount(Kind::MonthlyPay) + pay.amount(Kind::Absence),
        bonus: pay.amount(Kind::AttendanceBonus),
        total: pay.total(),
        lines: pay.lines,
        ..Earned::default()
    };
    Ok((earned, pay.lateness))
}

/// The month of a claim on what was paid too much.
fn overpaid_month(id: &str) -> Option<&str> {
    id.strip_prefix("overpaid ")
}

/// Somebody was there in the period.
fn there(facts: &Facts, terms: &Terms) -> Result<(), Refused> {
    let Some(joined_on) = facts.joined_on else {
        return Err(Refused::new("no_joining_date").at("joined_on"));
    };
    if joined_on > terms.period.ends_on {
        return Err(Refused::new("joins_later").at("joined_on").found(joined_on));
    }
    match facts.last_working_day.filter(|day| *day < terms.period.starts_on) {
        Some(day) => Err(Refused::new("left_before").at("last_working_day").found(day)),
        None => Ok(()),
    }
}

/// Contract pay that counts for social insurance. Nothing is taken for "not insured" because nobody wrote it down: where the run
/// deducts and the company is the employer, nationality and contract pay have to be known. Without contract pay nothing is due
/// from somebody who is no Saudi: his share is none.
fn insured(facts: &Facts, terms: &Terms) -> Result<Option<Contributor>, Refused> {
    let is_due = terms.switches.gosi && facts.is_employed;
    let class = Class::of(facts.nationality.as_deref(), facts.insured_since);
    let basic = facts.basic.filter(|basic| *basic > 0);
    match (class, basic) {
        (None, _) if is_due => Err(Refused::new("no_nationality").at("nationality")),
        (Some(Class::SaudiOld | Class::SaudiNew | Class::Gcc), None) if is_due => {
            Err(Refused::new("no_basic_salary").at("basic_salary"))
        }
        (Some(class), Some(basic)) => Ok(Some(contributor(class, riyals(basic), riyals(facts.housing)))),
        (None | Some(_), _) => Ok(None),
    }
}

/// Approved minutes beyond the ordinary ones, by contract pay.
fn overtime_line(facts: &Facts, done: &Done, terms: &Terms) -> Result<Option<Line>, Refused> {
    if !terms.switches.overtime || done.overtime_minutes == 0 {
        return Ok(None);
    }
    let Some(basic) = facts.basic.filter(|basic| *basic > 0) else {
        return Err(Refused::new("no_basic_salary").at("basic_salary"));
    };
    let given = Overtime {
        minutes: done.overtime_minutes.into(),
        monthly_wage: riyals(basic + facts.housing + facts.transport),
        basic: riyals(basic),
        month_hours: None,
    };
    let line = overtime(&terms.rules, terms.period.ends_on, &given).map_err(|error| Refused::from(&error))?;
    Ok(Some(line).filter(|line| !line.amount.is_zero()))
}

fn grants(facts: &Facts, terms: &Terms) -> Vec<Grant> {
    let bonuses = facts
        .dues
        .iter()
        .filter(|due| due.kind == "extra_bonus")
        .map(|due| Grant {
            id: due.id.to_string(),
            kind: Kind::ExtraBonus,
            amount: riyals(due.amount),
        });
    let mut grants: Vec<_> = bonuses.collect();
    for (name, halalas) in [("housing", facts.housing), ("transport", facts.transport)] {
        if terms.switches.allowances && halalas > 0 {
            grants.push(Grant {
                id: name.to_owned(),
                kind: Kind::Allowance,
                amount: riyals(halalas),
            });
        }
    }
    grants
}

fn claims(facts: &Facts, terms: &Terms) -> Vec<Claim> {
    let claim = |due: &Due| -> Option<Claim> {
        let consented = |purpose| ClaimKind::Consented {
            consent: due.document.clone(),
            purpose,
        };
        let court = |maintenance| ClaimKind::Court {
            maintenance,
            judgment_share: due.share,
        };
        let kind = match due.kind.as_str() {
            "loan" if terms.switches.loans => ClaimKind::Loan,
            "penalty" if terms.switches.penalties => ClaimKind::Fine,
            "court_maintenance" => court(true),
            "court_debt" => court(false),
            "damage" => ClaimKind::Damage,
            "consented" => consented(Purpose::Other),
            "housing" => consented(Purpose::Housing),
            "safety_gear" => consented(Purpose::SafetyGear),
            _ => return None,
        };
        Some(Claim {
            id: due.id.to_string(),
            // A fine is deducted whole or waits for another month; an instalment may be a part.
            whole: kind == ClaimKind::Fine,
            kind,
            amount: riyals(due.amount),
            since: due.since,
        })
    };
    facts.dues.iter().filter_map(claim).collect()
}

/// A line as it is stored.
#[derive(Debug)]
pub(crate) struct StoredLine {
    pub kind: &'static str,
    pub amount: Decimal,
    pub asked: Option<Decimal>,
    pub carried: Option<Decimal>,
    pub article: String,
    pub formula: String,
    /// What it settles and how it came about, as JSON.
    pub inputs: String,
}

#[derive(Serialize)]
struct Inputs<'a> {
    /// Effects look for the loan, penalty or order that a line settles.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// The month that a late line is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    month: Option<&'a str>,
    trace: &'a Trace,
}

/// The rows of a payslip's lines, each with its trace: whoever has the row can count it again.
pub(crate) fn lines(slip: &Payslip) -> Vec<StoredLine> {
    let first = slip.lines.len() - slip.deductions.len();
    let row = |(place, line): (usize, &Line)| {
        let deduction = place.checked_sub(first).and_then(|place| slip.deductions.get(place));
        let article = deduction.and_then(|one| one.stopped_by.as_deref()).or(line.article());
        let about = |wanted: &str| {
            let mut about = line.trace.about.iter();
            about.find(|(name, _)| name == wanted).map(|(_, text)| text.as_str())
        };
        let inputs = Inputs {
            id: about("id").and_then(|id| id.parse().ok()),
            month: about("id").and_then(overpaid_month).or(about("month")),
            trace: &line.trace,
        };
        StoredLine {
            kind: line.kind.word(),
            amount: line.amount,
            asked: deduction.map(|one| one.asked),
            carried: deduction.map(|one| one.carried),
            article: article.unwrap_or_default().to_owned(),
            formula: line.trace.steps.last().map_or("", |step| &*step.formula).to_owned(),
            // Traces are made of words, numbers and days: nothing in them that JSON cannot hold.
            inputs: serde_json::to_string(&inputs).unwrap_or_default(),
        }
    };
    slip.lines.iter().enumerate().map(row).collect()
}

/// What the lines of a payslip are sealed by: another byte in one of them is another sum.
pub(crate) fn checksum(lines: &[StoredLine]) -> String {
    let mut hasher = Sha256::new();
    for line in lines {
        hasher.update(format!("{}|{}|{}\n", line.kind, line.amount, line.inputs));
    }
    hex::encode(hasher.finalize())
}

pub(crate) fn fields(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// A target as a table stores it.
fn stored_target(target: Decimal) -> String {
    half_up(target, 4).to_string()
}

impl Paid {
    /// The salary's row.
    pub(crate) fn row(&self, run_id: Uuid, terms: &Terms, lines: &[StoredLine]) -> Map<String, Json> {
        let (facts, pay, slip) = (&self.facts, &self.work, &self.slip);
        let of = |kind: Kind| slip.amount(kind);
        let text = |number: Decimal| half_up(number, 2).to_string();
        let overpaid: Decimal = self
            .months
            .iter()
            .map(|(_, amount)| (-*amount).max(Decimal::ZERO))
            .sum();
        let others = -of(Kind::Court) - of(Kind::Damage) - of(Kind::Consented) + overpaid;
        let done = facts.done.as_ref();
        let days = done.and_then(|done| done.days).or_else(|| {
            let joined_on: NaiveDate = facts.joined_on?;
            Some(days_since_joining(joined_on, terms.period.ends_on))
        });
        let mut row = fields(json!({
            "run_id": run_id, "courier_id": facts.id, "year": terms.year, "month": terms.month, "category": pay.category,
            "period_starts_on": terms.period.starts_on, "period_ends_on": terms.period.ends_on,
            "days_since_joining": days.unwrap_or_default(),
            "total_orders": done.map_or(0, |done| done.orders),
            "total_revenue": amount(done.map_or(0, |done| done.revenue)),
            "gas_usage": amount(done.map_or(0, |done| done.gas)),
            "period_target": stored_target(facts.target.unwrap_or_default()),
            "final_target": stored_target(pay.final_target),
        }));
        row.extend(fields(json!({
            "base_salary": text(pay.basic), "bonus_amount": text(pay.bonus), "gas_deserved": text(pay.gas_deserved),
            "gas_difference": text(pay.gas_difference), "rounding_amount": text(of(Kind::Rounding) + of(Kind::Floor)),
            "category_total": text(pay.total), "extra_bonuses": text(of(Kind::ExtraBonus)),
            "allowances": text(of(Kind::Allowance)), "overtime_pay": text(of(Kind::Overtime)),
            "adjustments": text(of(Kind::Adjustment)), "gross_salary": text(slip.gross),
            "gosi_employee": text(-of(Kind::Gosi)), "gosi_employer": text(of(Kind::GosiEmployer)),
            "loan_deduction": text(-of(Kind::Loan) - overpaid), "penalty_deduction": text(-of(Kind::Penalty)),
            "other_deductions": text(others), "net_salary": text(slip.net), "carried_forward": text(slip.carried()),
        })));
        row.insert("lines_checksum".to_owned(), json!(checksum(lines)));
        if let Some(id) = self.parameter_id {
            row.insert("payroll_parameter_id".to_owned(), json!(id));
        }
        if !self.months.is_empty() {
            let months = self
                .months
                .iter()
                .map(|(month, amount)| (month.clone(), json!(amount.to_string())));
            row.insert("adjusted_months".to_owned(), months.collect::<Map<_, _>>().into());
        }
        row
    }
}

#[cfg(test)]
#[path = "run_pay_tests.rs"]
mod tests;
