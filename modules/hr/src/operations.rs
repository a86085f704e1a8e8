//! Everything of HR that is not a verb or an action of a resource.

use platform_core::{Operation, Permit};

use crate::{
    adopt, attendance_board, attendance_day, attendance_summary, figures, final_settlements, gosi_figures,
    holiday_calendar, leave_calendar, leave_days, leave_requests, leaving, loan_view, overtime, overview, pay_gaps,
    pay_preview, pay_rules, payroll_sheets, roster_view, run_comparison, run_what_if, salary_explanation, working_time,
};

/// Permissions of operations that no resource brings.
pub(crate) const PERMISSIONS: &[&str] = &[
    "hr_figures.read",
    "pay_figures.read",
    "finance_figures.read",
    "hr_rules.adopt",
    "final_settlements.prepare",
    "wage_files.check",
    "wage_files.make",
    "wage_files.download",
    "payroll_runs.journal",
];

/// A courier who may see his own days may say himself that he came and went.
fn of_oneself(permission: &str) -> Permit {
    Permit::AnyOf(vec![permission.to_owned(), "attendance.read".to_owned()])
}

/// For the rows that the caller's permission is for: the handler looks closer.
const fn own(mut operation: Operation) -> Operation {
    operation.is_scoped = true;
    operation
}

pub(crate) fn operations() -> Vec<Operation> {
    let hr = || Permit::needs("hr_figures.read");
    let pay = || Permit::needs("pay_figures.read");
    let finance = || Permit::needs("finance_figures.read");
    vec![
        Operation::get("/hr/overview", "hr.overview.read", hr(), |cx, input| {
            Box::pin(overview::overview(cx, input))
        })
        .summary("Who is there today, what waits for a decision, and where the last payroll run stands"),
        own(Operation::post(
            "/hr/attendance/check_in",
            "hr.attendance.arrive",
            of_oneself("attendance.check_in"),
            |cx, input| Box::pin(attendance_day::check_in(cx, input)),
        ))
        .summary(
            "Check a courier in, or oneself where one stands in a place of work; late by more than 15 minutes counts as late",
        ),
        own(Operation::post(
            "/hr/attendance/check_out",
            "hr.attendance.leave",
            of_oneself("attendance.check_out"),
            |cx, input| Box::pin(attendance_day::check_out(cx, input)),
        ))
        .summary("Check a courier out of the shift that is open, also past midnight; answers the minutes worked"),
        Operation::get("/hr/attendance_board", "hr.attendance.board", hr(), |cx, input| {
            Box::pin(attendance_board::board(cx, input))
        })
        .summary("Who was to come on a day, who came where and when, and whose position is doubtful"),
        own(Operation::get(
            "/hr/working_time",
            "hr.attendance.working_time",
            Permit::AnyOf(vec!["hr_figures.read".to_owned(), "attendance.read".to_owned()]),
            |cx, input| Box::pin(working_time::working_time(cx, input)),
        ))
        .summary("Hours of a courier by business day, with overtime and what the law does not allow (Labour Law, Art. 98 to 107)"),
        own(Operation::get(
            "/hr/roster",
            "hr.roster_entries.roster",
            Permit::AnyOf(vec!["roster_entries.read".to_owned()]),
            |cx, input| Box::pin(roster_view::roster(cx, input)),
        ))
        .summary("Who is planned for which shift in some days, beside leave and holidays"),
        Operation::get("/hr/attendance_summary", "hr.attendance.summary", hr(), |cx, input| {
            Box::pin(attendance_summary::summary(cx, input))
        })
        .summary("Attendance by courier: rate = (present + late + half of half days + paid leave) / scheduled days"),
        own(Operation::get(
            "/hr/leave_balances",
            "hr.leaves.balances",
            Permit::AnyOf(vec!["hr_figures.read".to_owned(), "leaves.read".to_owned()]),
            |cx, input| Box::pin(leave_days::leave_balances(cx, input)),
        ))
        .summary("What is left of each kind of leave by length of service (Labour Law, Art. 109 to 117, 151, 160)"),
        Operation::post(
            "/hr/leave_balances/carry",
            "hr.leaves.carry",
            Permit::needs("leave_entries.create"),
            |cx, input| Box::pin(leave_requests::carry(cx, input)),
        )
        .summary("Carry days of annual leave that are left into the next year (Labour Law, Art. 110)"),
        Operation::get("/hr/leave_calendar", "hr.leaves.calendar", hr(), |cx, input| {
            Box::pin(leave_calendar::calendar(cx, input))
        })
        .summary("Who is away when, beside the holidays as calculated and as announced"),
        Operation::post(
            "/hr/public_holidays/announce",
            "hr.public_holidays.announce",
            Permit::needs("public_holidays.update"),
            |cx, input| Box::pin(holiday_calendar::announce(cx, input)),
        )
        .summary("Record on which day a feast begins after the sighting; leaves that it touches are charged again"),
        own(Operation::get(
            "/hr/loans/{id}/schedule",
            "hr.loans.schedule",
            Permit::needs("loans.read_pay"),
            |cx, input| Box::pin(loan_view::schedule(cx, input)),
        ))
        .summary("Instalments of a loan, planned, put off and paid: their amounts sum to the loan"),
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
        Operation::post(
            "/hr/final_settlements/prepare",
            "hr.final_settlements.prepare",
            Permit::needs("final_settlements.prepare"),
            |cx, input| Box::pin(final_settlements::prepare(cx, input)),
        )
        .summary("Prepare a final settlement from the records: award, unused leave, notice and loans (Labour Law, Art. 75 to 88 and 111)"),
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
        // It names couriers: each one's shares tell his contract pay.
        Operation::get(
            "/hr/gosi_summary",
            "hr.gosi.summary",
            Permit::needs("salaries.read_pay"),
            |cx, input| Box::pin(gosi_figures::summary(cx, input)),
        )
        .summary("Social insurance of every courier who worked in a month, leavers included"),
        Operation::get("/hr/pay_preview", "hr.payroll.preview", pay(), |cx, input| {
            Box::pin(pay_preview::pay_preview(cx, input))
        })
        .summary("What a month of work pays by the category's formula, part by part, without storing anything"),
        Operation::get("/hr/payroll_summary", "hr.payroll.summary", pay(), |cx, input| {
            Box::pin(figures::payroll_summary(cx, input))
        })
        .summary("Gross, net, social insurance and deductions of a month by category"),
        Operation::get(
            "/hr/payroll_runs/{id}/comparison",
            "hr.payroll_runs.comparison",
            pay(),
            |cx, input| Box::pin(run_comparison::comparison(cx, input)),
        )
        .summary("A run beside the month before: outliers first, with the kinds of lines that made the difference"),
        Operation::post(
            "/hr/payroll_runs/{id}/what_if",
            "hr.payroll_runs.what_if",
            pay(),
            |cx, input| Box::pin(run_what_if::what_if(cx, input)),
        )
        .summary("A run as it would come out with other numbers of categories, other work or other switches; nothing is stored"),
        payroll_sheets::operation(),
        own(Operation::get(
            "/hr/salaries/{id}/explanation",
            "hr.salaries.explanation",
            Permit::needs("salaries.read_pay"),
            |cx, input| Box::pin(salary_explanation::explanation(cx, input)),
        ))
        .summary("Why a pay is as it is: each line in words, from its own trace; a courier may ask about his own"),
        Operation::get("/hr/pay_rules", "hr.pay_rules.list", pay(), |cx, input| {
            Box::pin(pay_rules::pay_rules(cx, input))
        })
        .summary("Numbers of the law, of the pay document and of the organization, each with its days and articles"),
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
        .summary("Work of a month from our own deliveries, orders of platforms, fuel without VAT and attendance, for couriers with a target and without work on record"),
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
