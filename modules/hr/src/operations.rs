//! Everything of HR that is not a verb or an action of a resource.

use platform_core::{Operation, Permit};

use crate::{
    adopt, attendance_day, attendance_summary, figures, gosi_figures, leave_days, leaving, overtime, overview,
    pay_gaps, pay_preview,
};

/// Permissions of operations that no resource brings.
pub(crate) const PERMISSIONS: &[&str] = &[
    "hr_figures.read",
    "pay_figures.read",
    "finance_figures.read",
    "hr_rules.adopt",
];

pub(crate) fn operations() -> Vec<Operation> {
    let hr = || Permit::needs("hr_figures.read");
    let pay = || Permit::needs("pay_figures.read");
    let finance = || Permit::needs("finance_figures.read");
    vec![
        Operation::get("/hr/overview", "hr.overview.read", hr(), |cx, input| {
            Box::pin(overview::overview(cx, input))
        })
        .summary("Who is there today, what waits for a decision, and where the last payroll run stands"),
        Operation::post(
            "/hr/attendance/check_in",
            "hr.attendance.arrive",
            Permit::needs("attendance.check_in"),
            |cx, input| Box::pin(attendance_day::check_in(cx, input)),
        )
        .summary(
            "Check a courier in: makes or completes the row of the day; late by more than 15 minutes counts as late",
        ),
        Operation::post(
            "/hr/attendance/check_out",
            "hr.attendance.leave",
            Permit::needs("attendance.check_out"),
            |cx, input| Box::pin(attendance_day::check_out(cx, input)),
        )
        .summary("Check a courier out of the shift that is open, also past midnight; answers the minutes worked"),
        Operation::get("/hr/attendance_summary", "hr.attendance.summary", hr(), |cx, input| {
            Box::pin(attendance_summary::summary(cx, input))
        })
        .summary("Attendance by courier: rate = (present + late + half of half days + paid leave) / scheduled days"),
        Operation::get("/hr/leave_balances", "hr.leaves.balances", hr(), |cx, input| {
            Box::pin(leave_days::leave_balances(cx, input))
        })
        .summary("What is left of each kind of leave by length of service (Labour Law, Art. 109 to 117, 151, 160)"),
        Operation::get("/hr/loan_statistics", "hr.loans.statistics", pay(), |cx, input| {
            Box::pin(figures::loan_statistics(cx, input))
        })
        .summary("Disbursed, outstanding and repaid: repaid is the sum of the ledger, not disbursed less outstanding"),
        Operation::get("/hr/penalty_totals", "hr.penalties.totals", pay(), |cx, input| {
            Box::pin(figures::penalty_totals(cx, input))
        })
        .summary("Penalties by courier and kind; the total is of approved and deducted ones"),
        Operation::get("/hr/end_of_service", "hr.end_of_service.read", pay(), |cx, input| {
            Box::pin(leaving::end_of_service(cx, input))
        })
        .summary("End-of-service award and final settlement of a courier (Labour Law, Art. 84 to 88 and 111)"),
        Operation::get(
            "/hr/end_of_service_calculation",
            "hr.end_of_service.calculate",
            Permit::SignedIn,
            |_, input| Box::pin(async move { leaving::calculation(&input) }),
        )
        .summary("End-of-service award for given dates and wage: half a wage a year for five years, then a whole one"),
        Operation::get(
            "/hr/end_of_service_list",
            "hr.end_of_service.list",
            pay(),
            |cx, input| Box::pin(leaving::list(cx, input)),
        )
        .summary("Settlements of everybody who left in a period (Labour Law, Art. 84 to 88 and 111)"),
        Operation::get(
            "/hr/overtime_calculation",
            "hr.overtime.calculate",
            Permit::SignedIn,
            |cx, input| {
                let today = cx.today();
                Box::pin(async move { overtime::calculation(&input, today) })
            },
        )
        .summary("Overtime pay: hours × (hourly wage + half of the basic hourly wage) (Labour Law, Art. 107)"),
        Operation::get(
            "/hr/gosi_calculation",
            "hr.gosi.calculate",
            Permit::SignedIn,
            |cx, input| Box::pin(gosi_figures::calculation(cx, input)),
        )
        .summary(
            "Social insurance on a wage by the rates in force on the month's last day, each branch rounded half up",
        ),
        Operation::get("/hr/gosi_summary", "hr.gosi.summary", pay(), |cx, input| {
            Box::pin(gosi_figures::summary(cx, input))
        })
        .summary("Social insurance of every courier who worked in a month, leavers included"),
        Operation::get("/hr/pay_preview", "hr.payroll.preview", pay(), |cx, input| {
            Box::pin(pay_preview::pay_preview(cx, input))
        })
        .summary("What a month of work pays by the category's formula, part by part, without storing anything"),
        Operation::get("/hr/payroll_summary", "hr.payroll.summary", pay(), |cx, input| {
            Box::pin(figures::payroll_summary(cx, input))
        })
        .summary("Gross, net, social insurance and deductions of a month by category"),
        Operation::get("/hr/payroll_gaps", "hr.payroll.gaps", pay(), |cx, input| {
            Box::pin(pay_gaps::gaps(cx, input))
        })
        .summary("Couriers whom a month's run would leave out, and why"),
        Operation::post(
            "/hr/payroll_inputs/collect",
            "hr.payroll_inputs.collect",
            Permit::needs("payroll_inputs.create"),
            |cx, input| Box::pin(pay_gaps::collect(cx, input)),
        )
        .summary("Work of a month from our own deliveries and fuel without VAT, for couriers with a target and without work on record"),
        Operation::get(
            "/hr/budget_variances",
            "hr.budgets.variances",
            finance(),
            |cx, input| Box::pin(figures::budget_variances(cx, input)),
        )
        .summary("Budgets against approved and paid expenses: variance = actual − budget"),
        Operation::get("/hr/vat_figures", "hr.tax_returns.figures", finance(), |cx, input| {
            Box::pin(figures::vat_figures(cx, input))
        })
        .summary("Output VAT of given sales at 15 % less input VAT of the period's expenses"),
        Operation::post(
            "/hr/rules/adopt",
            "hr.rules.adopt",
            Permit::needs("hr_rules.adopt"),
            |cx, input| Box::pin(adopt::adopt(cx, input)),
        )
        .summary("Copy the statutory rates, entitlements and documented pay formulas into rows that can be changed"),
    ]
}
