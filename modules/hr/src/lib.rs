//! Attendance, leave, loans, pay, penalties, expenses and budgets.

mod adopt;
mod assets;
mod attendance;
mod attendance_day;
mod attendance_summary;
mod bonuses;
mod budgets;
pub mod demo;
mod effects;
mod expenses;
mod figures;
mod gosi_figures;
mod gosi_rates;
mod inputs;
mod leave_days;
mod leave_rules;
mod leaves;
mod leaving;
mod loans;
mod operations;
mod overtime;
mod overview;
mod pay_gaps;
mod pay_preview;
mod payroll_parameters;
mod payroll_runs;
mod payroll_sources;
mod penalties;
mod rates;
mod refusals;
mod run;
mod salaries;
mod schedules;
mod tax_returns;
#[cfg(test)]
mod testing;

pub use assets::ASSETS;
pub use attendance::ATTENDANCE;
pub use bonuses::BONUSES;
pub use budgets::BUDGETS;
pub use expenses::EXPENSES;
pub use gosi_rates::GOSI_RATES;
pub use leave_rules::{LEAVE_ENTITLEMENTS, PUBLIC_HOLIDAYS};
pub use leaves::LEAVES;
pub use loans::{LOAN_PAYMENTS, LOANS};
pub use payroll_parameters::PAYROLL_PARAMETERS;
pub use payroll_runs::PAYROLL_RUNS;
pub use payroll_sources::{COURIER_TARGETS, PAYROLL_INPUTS};
pub use penalties::PENALTIES;
use platform_core::Module;
use platform_resource::Resource;
pub use salaries::{SALARIES, SALARY_LINES};
pub use tax_returns::TAX_RETURNS;

static RESOURCES: &[&Resource] = &[
    &ATTENDANCE,
    &LEAVES,
    &LEAVE_ENTITLEMENTS,
    &PUBLIC_HOLIDAYS,
    &LOANS,
    &LOAN_PAYMENTS,
    &ASSETS,
    &BONUSES,
    &PENALTIES,
    &PAYROLL_RUNS,
    &SALARIES,
    &SALARY_LINES,
    &COURIER_TARGETS,
    &PAYROLL_INPUTS,
    &PAYROLL_PARAMETERS,
    &GOSI_RATES,
    &EXPENSES,
    &BUDGETS,
    &TAX_RETURNS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    adopt::KNOWN,
    attendance_day::OPEN,
    attendance_day::ROW,
    attendance_summary::SUMMARY,
    demo::COURIERS,
    demo::MEMBERS,
    effects::CLEAR_DAYS,
    effects::DAYS,
    effects::OVERLAP,
    effects::PENDING,
    effects::SETTLED,
    effects::STATE,
    effects::TO_PAY,
    figures::BUDGETS,
    figures::INPUT_VAT,
    figures::LOANS,
    figures::PAYROLL,
    figures::PENALTIES,
    gosi_figures::COURIERS,
    leave_days::JOINED,
    leave_days::TAKEN,
    leaving::COURIER,
    leaving::LEFT,
    overview::OVERVIEW,
    pay_gaps::DELIVERED,
    pay_gaps::FUEL,
    pay_gaps::GAPS,
    rates::ENTITLEMENTS,
    rates::FORMULA,
    rates::GOSI,
    run::CLAIMS,
    run::PARTLY_PAID,
    run::FORGET,
    run::FORGET_LINES,
    run::WORK,
    schedules::HOLIDAY,
    schedules::LEAVE_DUE,
    schedules::LEAVE_OVER,
    schedules::NOT_THERE,
    schedules::REPAID,
];

/// Which job role may do what. Finance pays what HR grants: neither does both.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "hr_manager",
        &[
            "attendance.*",
            "leaves.*",
            "leave_entitlements.*",
            "public_holidays.*",
            "loans.*",
            "loan_payments.*",
            "assets.*",
            "bonuses.*",
            "penalties.*",
            "payroll_runs.read",
            "payroll_runs.create",
            "payroll_runs.update",
            "payroll_runs.delete",
            "payroll_runs.export",
            "payroll_runs.calculate",
            "payroll_runs.review",
            "payroll_runs.approve",
            "payroll_runs.reopen",
            "salaries.read",
            "salaries.read_pay",
            "salaries.export",
            "salaries.hold",
            "salaries.release",
            "salary_lines.*",
            "courier_targets.*",
            "payroll_inputs.*",
            "payroll_parameters.*",
            "gosi_rates.*",
            "hr_figures.read",
            "pay_figures.read",
            "hr_rules.adopt",
        ],
    ),
    (
        "finance",
        &[
            "attendance.read",
            "leaves.read",
            "public_holidays.read",
            "loans.*",
            "loan_payments.*",
            "assets.read",
            "assets.read_cost",
            "assets.export",
            "bonuses.*",
            "penalties.*",
            "payroll_runs.*",
            "salaries.*",
            "salary_lines.*",
            "courier_targets.*",
            "payroll_inputs.*",
            "payroll_parameters.*",
            "gosi_rates.*",
            "expenses.*",
            "budgets.*",
            "tax_returns.*",
            "hr_figures.read",
            "pay_figures.read",
            "finance_figures.read",
        ],
    ),
    (
        "fleet_manager",
        &[
            "attendance.*",
            "leaves.read",
            "leaves.create",
            "leaves.update",
            "public_holidays.read",
            "assets.read",
            "assets.create",
            "assets.update",
            "assets.export",
            "assets.assign",
            "assets.give_back",
            "assets.mark_damaged",
            "assets.mark_lost",
            "assets.find",
            "penalties.read",
            "penalties.create",
            "penalties.update",
            "penalties.read_pay",
            "courier_targets.read",
            "courier_targets.create",
            "courier_targets.update",
            "courier_targets.import",
            "expenses.read",
            "expenses.create",
            "expenses.update",
            "hr_figures.read",
        ],
    ),
    (
        "dispatcher",
        &[
            "attendance.read",
            "attendance.create",
            "attendance.check_in",
            "attendance.check_out",
            "leaves.read",
            "public_holidays.read",
        ],
    ),
    ("support_agent", &["attendance.read", "leaves.read"]),
    (
        "courier",
        &[
            "attendance.read:own",
            "leaves.read:own",
            "leaves.create:own",
            "loans.read:own",
            "loans.read_pay:own",
            "loan_payments.read:own",
            "loan_payments.read_pay:own",
            "salaries.read:own",
            "salaries.read_pay:own",
            "salary_lines.read:own",
            "salary_lines.read_pay:own",
        ],
    ),
];

/// Everything that the module brings.
pub fn module() -> Module {
    Module {
        name: "hr",
        resources: RESOURCES,
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        operations: operations::operations(),
        permissions: operations::PERMISSIONS,
        effects: effects::EFFECTS,
        listeners: effects::LISTENERS,
        schedules: schedules::SCHEDULES,
        ..Module::default()
    }
}
