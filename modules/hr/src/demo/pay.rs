//! Targets and work of the last two pay periods: the earlier run is paid, the later one waits for its approval.

use chrono::{Datelike, Months, NaiveDate};
use platform_core::{Cx, Problem};
use serde_json::json;
use uuid::Uuid;

use super::{Company, Courier, Object, drawn, object};
use crate::{COURIER_TARGETS, PAYROLL_INPUTS, PAYROLL_RUNS, run_job};
use hr_pay::pay_period;

pub(super) async fn seed(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    let this_month = NaiveDate::from_ymd_opt(company.today.year(), company.today.month(), 1).unwrap_or(company.today);
    let back = |months| this_month.checked_sub_months(Months::new(months)).unwrap_or(this_month);
    // The last period that is over.
    let over = u32::from(company.today.day() <= 24);
    for (age, month) in [(1_u64, back(over + 1)), (0, back(over))] {
        let run = calculated(cx, company, month, age).await?;
        let Some(run) = run else { continue };
        platform_engine::act(cx, &PAYROLL_RUNS, run, "review", Object::new()).await?;
        if age == 1 {
            platform_engine::act(cx, &PAYROLL_RUNS, run, "approve", Object::new()).await?;
            let paid_on =
                pay_period(month.year().into(), month.month().into()).map(|(_, last)| last + chrono::Days::new(4));
            platform_engine::act(cx, &PAYROLL_RUNS, run, "pay", object(&json!({"paid_on": paid_on}))).await?;
        }
        if let (Some(hr), Some(finance)) = (company.member(4), company.member(3)) {
            let approver = (age == 1).then_some(finance);
            let signed = json!({"calculated_by": hr, "reviewed_by": hr, "approved_by": approver});
            platform_engine::change(cx, &PAYROLL_RUNS, run, "update", object(&signed)).await?;
        }
    }
    Ok(())
}

/// A month's targets, work and calculated run; nothing when nobody had joined by then.
async fn calculated(cx: &mut Cx, company: &Company, month: NaiveDate, age: u64) -> Result<Option<Uuid>, Problem> {
    let (year, number) = (i64::from(month.year()), i64::from(month.month()));
    let Some((_, ends_on)) = pay_period(year, number) else {
        return Ok(None);
    };
    let (mut targets, mut inputs) = (Vec::new(), Vec::new());
    for courier in company
        .couriers
        .iter()
        .filter(|courier| courier.works() && courier.joined_on <= ends_on)
    {
        let (category, target) = category(courier);
        targets.push(object(&json!({"courier_id": courier.id, "year": year, "month": number, "category": category, "period_target": target.to_string()})));
        if category == "ajeer" {
            continue;
        }
        let draw = |salt: u64, low, high| drawn(courier.number, salt + 10 * age, low, high);
        // Most reach their target, some miss it, a few are far ahead.
        let reached = target * draw(20, 86, 122) / 100;
        let (orders, revenue) = if category == "ecommerce" {
            (reached / 19, reached)
        } else {
            (reached, reached * 14)
        };
        inputs.push(object(&json!({
            "courier_id": courier.id, "year": year, "month": number, "total_orders": orders, "total_revenue": format!("{revenue}.00"),
            "gas_usage": format!("{}.{:02}", draw(21, 190, 640), draw(22, 0, 99)), "source": "sheet",
        })));
    }
    if inputs.is_empty() {
        return Ok(None);
    }
    platform_engine::create_many(cx, &COURIER_TARGETS, targets).await?;
    platform_engine::create_many(cx, &PAYROLL_INPUTS, inputs).await?;
    let run = platform_engine::create(cx, &PAYROLL_RUNS, object(&json!({"year": year, "month": number}))).await?;
    let run = run.uuid("id").unwrap_or_default();
    platform_engine::act(cx, &PAYROLL_RUNS, run, "calculate", Object::new()).await?;
    run_job::to_the_end(cx, run).await?;
    Ok(Some(run))
}

/// How a courier is paid, and the target of a month.
fn category(courier: &Courier) -> (&'static str, i64) {
    match (courier.sponsorship.as_str(), courier.project.as_str()) {
        ("ajeer", _) => ("ajeer", 400),
        ("trial", _) => ("food_trial", 390),
        (_, "ecommerce") => ("ecommerce", 6630),
        (_, "warehouse") => ("ecommerce_wh", 500),
        (_, "food") if courier.number.is_multiple_of(3) => ("food_inhouse_old", 475),
        (_, "food") => ("food_inhouse_new", 475),
        _ => ("motorcycle", 400),
    }
}
