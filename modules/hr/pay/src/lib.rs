//! What work is paid, from the target to the net amount: the company's formulas and the law's dated rows over exact decimals. No
//! clock, no database, no files: everything that a result depends on is an argument, and every line says how it came about.

mod arrears;
mod category;
mod deduct;
mod end_of_service;
mod error;
mod explain;
mod expression;
mod formula;
mod gosi;
mod holidays;
mod leave;
mod leave_balance;
mod loan;
pub mod money;
mod monthly;
mod overtime;
mod period;
mod rules;
mod service;
mod settlement;
pub mod sheet;
mod titles;
mod trace;
pub mod wage_file;
mod work;
mod working_time;

pub use arrears::{Arrears, arrears};
pub use category::{CATEGORIES, CLASSES, Categories, Category, LINES, PAID_BY, PARAMETERS, SALARIED, documented_from};
pub use end_of_service::{
    Award, DayCount, Debts, FinalSettlement, Length, Notice, Reason, award, final_settlement, notice, provision,
    unlawful_termination,
};
pub use error::PayError;
pub use explain::{ExplainedInput, ExplainedRule, ExplainedStep, Explanation, Language, article_in, without_words};
pub use expression::{Expression, ExpressionError};
pub use gosi::{Class, ClassRates, Contribution, Contributor, Housing, contribution};
pub use holidays::{Announced, Holiday, HolidayKind, holidays, is_ramadan, touched};
pub use leave::{
    Cause, Entry, LeaveLedger, SickDays, YearlyDays, charged_days, completed_years, earned_days, earned_thousandths,
    occasion, sick_pay, sick_year, suspended_days,
};
pub use leave_balance::{
    Balance, Basis, Entitlement, Taken, balances, entitlement_at, sick_pay_percent, statute, with_statute, yearly_by,
};
pub use loan::{Instalment, Loan};
pub use monthly::{Attendance, MonthlyPay, monthly_pay};
pub use overtime::{Overtime, overtime};
pub use period::{Period, days_since_joining, month_end, pay_period};
pub use rules::{BadRow, Gap, Rule, Rules, read as read_rules};
pub use service::Service;
pub use settlement::{Choices, Claim, ClaimKind, Deduction, Grant, Payslip, Purpose, Terms, granted, settle};
pub use titles::{rule_title, rule_unit};
pub use trace::{Input, Kind, Line, Rounding, RoundingMode, Step, Trace, TraceError, Used, Value, Word};
pub use work::{CapOptions, Days, Warning, Work, WorkPay, work_pay};
pub use working_time::{
    Conditions, Finding, Span, Standard, WorkDay, business_day, instant, overtime_minutes, shift_of, united, work_days,
};
