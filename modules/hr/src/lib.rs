//! Attendance, leave, loans, pay, penalties, expenses and budgets.

mod adopt;
mod assets;
mod attendance;
mod attendance_board;
mod attendance_day;
mod attendance_summary;
mod bonuses;
mod budgets;
mod decided;
mod deduction_orders;
pub mod demo;
mod effects;
mod expenses;
mod figures;
mod final_settlements;
mod geofence;
mod gosi_figures;
mod gosi_rates;
mod holiday_calendar;
mod inputs;
mod leave_calendar;
mod leave_days;
mod leave_ledger;
mod leave_requests;
mod leave_rules;
mod leaves;
mod leaving;
mod loan_schedule;
mod loan_view;
mod loans;
mod operations;
mod outputs;
mod overtime;
mod overview;
mod pay_gaps;
mod pay_preview;
mod pay_rules;
mod payroll_parameters;
mod payroll_refusals;
mod payroll_runs;
mod payroll_sheets;
mod payroll_sources;
mod penalties;
mod rates;
mod refusals;
mod roster;
mod roster_view;
mod run;
mod run_comparison;
mod run_facts;
mod run_job;
mod run_late;
mod run_pay;
mod run_store;
mod run_terms;
mod run_what_if;
mod salaries;
mod salary_explanation;
mod schedules;
mod shifts;
mod tax_returns;
#[cfg(test)]
mod testing;
mod whose;
mod work_places;
mod working_time;

pub use assets::ASSETS;
pub use attendance::ATTENDANCE;
pub use bonuses::BONUSES;
pub use budgets::BUDGETS;
pub use deduction_orders::DEDUCTION_ORDERS;
pub use expenses::EXPENSES;
pub use final_settlements::FINAL_SETTLEMENTS;
pub use gosi_rates::GOSI_RATES;
pub use leave_ledger::LEAVE_ENTRIES;
pub use leave_rules::{LEAVE_ENTITLEMENTS, PUBLIC_HOLIDAYS};
pub use leaves::LEAVES;
pub use loan_schedule::LOAN_INSTALMENTS;
pub use loans::{LOAN_PAYMENTS, LOANS};
pub use outputs::ledger_accounts::LEDGER_ACCOUNTS;
pub use outputs::paying_accounts::PAYING_ACCOUNTS;
pub use outputs::wage_files::WAGE_FILES;
pub use payroll_parameters::PAYROLL_PARAMETERS;
pub use payroll_refusals::PAYROLL_REFUSALS;
pub use payroll_runs::PAYROLL_RUNS;
pub use payroll_sheets::PAYROLL_SHEETS;
pub use payroll_sources::{COURIER_TARGETS, PAYROLL_INPUTS};
pub use penalties::PENALTIES;
use platform_core::Module;
use platform_resource::Resource;
pub use run_job::register_jobs;
pub use salaries::{SALARIES, SALARY_LINES};
pub use shifts::{ROSTER_ENTRIES, WORK_SHIFTS};
pub use tax_returns::TAX_RETURNS;
pub use work_places::WORK_PLACES;

static RESOURCES: &[&Resource] = &[
    &ATTENDANCE,
    &WORK_PLACES,
    &WORK_SHIFTS,
    &ROSTER_ENTRIES,
    &LEAVES,
    &LEAVE_ENTITLEMENTS,
    &PUBLIC_HOLIDAYS,
    &LEAVE_ENTRIES,
    &LOANS,
    &LOAN_PAYMENTS,
    &LOAN_INSTALMENTS,
    &ASSETS,
    &BONUSES,
    &PENALTIES,
    &DEDUCTION_ORDERS,
    &PAYROLL_RUNS,
    &PAYROLL_REFUSALS,
    &PAYROLL_SHEETS,
    &SALARIES,
    &SALARY_LINES,
    &COURIER_TARGETS,
    &PAYROLL_INPUTS,
    &PAYROLL_PARAMETERS,
    &GOSI_RATES,
    &FINAL_SETTLEMENTS,
    &EXPENSES,
    &BUDGETS,
    &TAX_RETURNS,
    &PAYING_ACCOUNTS,
    &WAGE_FILES,
    &LEDGER_ACCOUNTS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &[
    adopt::KNOWN,
    attendance_board::BOARD,
    attendance_board::COUNTS,
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
    final_settlements::OWED,
    gosi_figures::COURIERS,
    holiday_calendar::DAYS,
    holiday_calendar::RECORDED,
    holiday_calendar::TOUCHED,
    leave_calendar::LEAVES,
    leave_days::JOINED,
    leave_days::TAKEN,
    leave_ledger::BEHIND,
    leave_ledger::ENTRIES,
    leave_ledger::LEAVES,
    leave_requests::HAD,
    leaving::ASSETS,
    leaving::COURIER,
    leaving::LEFT,
    leaving::UNPAID,
    loan_schedule::ROWS,
    outputs::journal::ACCOUNTS,
    outputs::payslip::LINES,
    outputs::payslip::SLIP,
    outputs::run_pay::AMOUNTS,
    outputs::run_pay::PEOPLE,
    outputs::wage_making::ACCOUNT,
    outputs::wage_making::REFERENCES,
    outputs::wage_making::SAME,
    overview::OVERVIEW,
    pay_gaps::ATTENDED,
    pay_gaps::DELIVERED,
    pay_gaps::FUEL,
    pay_gaps::GAPS,
    pay_gaps::ORDERED,
    pay_gaps::WANTED,
    rates::ENTITLEMENTS,
    payroll_sheets::KNOWN,
    payroll_sheets::LAST,
    payroll_sheets::SAME,
    rates::FORMULA,
    rates::GOSI,
    run::FORGET,
    run::FORGET_LINES,
    run::FORGET_REFUSALS,
    run::FORGET_WORK,
    run::PARTLY_PAID,
    run::TOTALS,
    run_comparison::KINDS,
    run_comparison::PAIRS,
    run_facts::CLAIMS,
    run_facts::PEOPLE,
    run_job::KEEP,
    run_job::PROGRESS,
    run_job::TAKE,
    run_late::LATE,
    run_late::SETTLED_BEFORE,
    run_store::STORE_LINES,
    run_terms::FORMULAS,
    salary_explanation::LINES,
    schedules::LEAVE_DUE,
    schedules::LEAVE_OVER,
    schedules::NOT_THERE,
    schedules::REPAID,
    schedules::WITHOUT_INSTALMENTS,
    whose::MINE,
    work_places::ACTIVE,
    working_time::WAGE,
    working_time::WORKED,
];

/// Which job role may do what. Finance pays what HR grants: neither does both.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "hr_manager",
        &[
            "attendance.*",
            "work_places.*",
            "work_shifts.*",
            "roster_entries.*",
            "leaves.*",
            "leave_entitlements.*",
            "leave_entries.*",
            "public_holidays.*",
            "loans.*",
            "loan_payments.*",
            "loan_instalments.*",
            "assets.*",
            "bonuses.*",
            "penalties.*",
            "final_settlements.read",
            "final_settlements.read_pay",
            "final_settlements.export",
            "final_settlements.approve",
            "final_settlements.cancel",
            "final_settlements.prepare",
            "payroll_runs.read",
            "payroll_runs.create",
            "payroll_runs.update",
            "payroll_runs.delete",
            "payroll_runs.export",
            "payroll_runs.calculate",
            "payroll_runs.review",
            "payroll_runs.approve",
            "payroll_runs.reopen",
            "payroll_runs.read_pay",
            "payroll_refusals.*",
            "payroll_sheets.*",
            "deduction_orders.*",
            "salaries.read",
            "salaries.read_pay",
            "salaries.export",
            "salaries.hold",
            "salaries.release",
            "salary_lines.*",
            "wage_files.read",
            "wage_files.check",
            "paying_accounts.read",
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
            "loan_instalments.*",
            "assets.read",
            "assets.read_cost",
            "assets.export",
            "bonuses.*",
            "penalties.*",
            "final_settlements.*",
            "final_settlements.prepare",
            "payroll_runs.*",
            "payroll_refusals.*",
            "payroll_sheets.*",
            "deduction_orders.*",
            "salaries.*",
            "salary_lines.*",
            "wage_files.*",
            "paying_accounts.*",
            "ledger_accounts.*",
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
            "work_places.*",
            "work_shifts.*",
            "roster_entries.*",
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
            "work_places.read",
            "work_shifts.read",
            "roster_entries.*",
            "leaves.read",
            "public_holidays.read",
        ],
    ),
    ("support_agent", &["attendance.read", "leaves.read"]),
    (
        "courier",
        &[
            "attendance.read:own",
            "roster_entries.read:own",
            "work_shifts.read",
            "work_places.read",
            "leaves.read:own",
            "leaves.create:own",
            "leave_entries.read:own",
            "public_holidays.read",
            "loans.read:own",
            "loans.read_pay:own",
            "deduction_orders.read:own",
            "deduction_orders.read_pay:own",
            "loan_payments.read:own",
            "loan_payments.read_pay:own",
            "loan_instalments.read:own",
            "final_settlements.read:own",
            "final_settlements.read_pay:own",
            "loan_instalments.read_pay:own",
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
        operations: [operations::operations(), outputs::operations()].concat(),
        permissions: operations::PERMISSIONS,
        effects: effects::EFFECTS,
        listeners: effects::LISTENERS,
        schedules: schedules::SCHEDULES,
        ..Module::default()
    }
}
