//! What work is paid, from the target to the net amount: the company's formulas and the law's dated rows over exact decimals. No
//! clock, no database, no files: everything that a result depends on is an argument, and every line says how it came about.

mod category;
mod deduct;
mod end_of_service;
mod error;
mod expression;
mod formula;
mod gosi;
pub mod money;
mod monthly;
mod overtime;
mod period;
mod rules;
mod service;
mod settlement;
mod trace;
mod work;

pub use category::{CATEGORIES, Categories, Category, LINES, PARAMETERS};
pub use end_of_service::{
    Award, DayCount, Debts, FinalSettlement, Length, Reason, award, final_settlement, provision, unlawful_termination,
};
pub use error::PayError;
pub use expression::{Expression, ExpressionError};
pub use gosi::{Class, ClassRates, Contribution, Contributor, Housing, contribution};
pub use monthly::{Attendance, MonthlyPay, monthly_pay};
pub use overtime::{Overtime, overtime};
pub use period::{Period, days_since_joining, month_end, pay_period};
pub use rules::{BadRow, Gap, Rule, Rules, read as read_rules};
pub use service::Service;
pub use settlement::{Choices, Claim, ClaimKind, Deduction, Grant, Payslip, Purpose, Terms, granted, settle};
pub use trace::{Input, Kind, Line, Rounding, RoundingMode, Step, Trace, TraceError, Used, Value, Word};
pub use work::{CapOptions, Days, Warning, Work, WorkPay, work_pay};
