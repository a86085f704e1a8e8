//! Accounts of the company's ledger that payroll is posted to. The latest row of a posting
//! counts; what has no row of its own uses the documented account.

use hr_pay::Kind;
use platform_core::Locale;
use platform_resource::{Field, Resource, choice, long_text, text};
use strum::{EnumString, IntoStaticStr, VariantNames};

/// Ledger accounts.
pub static LEDGER_ACCOUNTS: Resource = Resource::new("hr", "ledger_accounts", FIELDS)
    .title(&["account_code", "account_name"])
    .sort("posting");

const FIELDS: &[Field] = &[
    choice("posting", Posting::VARIANTS).required().filter().list(),
    text("account_code", 30).required().search().list(),
    text("account_name", 200).required().search().list(),
    long_text("notes", 2000),
];

/// What an amount of a run is to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Posting {
    Wages,
    Bonuses,
    Allowances,
    Overtime,
    Adjustments,
    SocialInsurance,
    SocialInsurancePayable,
    EmployeeLoans,
    /// Kept apart: the law gives fines to the workers' benefit.
    Fines,
    CourtOrders,
    Damage,
    OtherDeductions,
    WagesPayable,
}

impl Posting {
    /// Where a line of pay goes: cost of the company, or what is kept back for somebody.
    pub const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Basic
            | Kind::Bonus
            | Kind::Gas
            | Kind::Floor
            | Kind::Rounding
            | Kind::MonthlyPay
            | Kind::Absence
            | Kind::EndOfService
            | Kind::EndOfServiceProvision
            | Kind::Compensation
            | Kind::UnusedLeave
            | Kind::UnpaidLeave => Self::Wages,
            Kind::AttendanceBonus | Kind::ExtraBonus => Self::Bonuses,
            Kind::Allowance => Self::Allowances,
            Kind::Overtime => Self::Overtime,
            Kind::Adjustment => Self::Adjustments,
            Kind::Gosi => Self::SocialInsurancePayable,
            Kind::GosiEmployer => Self::SocialInsurance,
            Kind::Court => Self::CourtOrders,
            Kind::Loan => Self::EmployeeLoans,
            Kind::Damage => Self::Damage,
            Kind::Penalty => Self::Fines,
            Kind::Consented => Self::OtherDeductions,
        }
    }

    /// The documented account.
    pub const fn default_account(self, locale: Locale) -> (&'static str, &'static str) {
        let (code, en, ar) = match self {
            Self::Wages => ("5101", "Wages", "الأجور"),
            Self::Bonuses => ("5102", "Bonuses", "المكافآت"),
            Self::Allowances => ("5103", "Allowances", "البدلات"),
            Self::Overtime => ("5104", "Overtime", "العمل الإضافي"),
            Self::Adjustments => ("5105", "Differences for earlier months", "فروق أشهر سابقة"),
            Self::SocialInsurance => (
                "5110",
                "Social insurance, company's share",
                "التأمينات الاجتماعية، حصة المنشأة",
            ),
            Self::SocialInsurancePayable => ("2120", "Social insurance payable", "تأمينات اجتماعية مستحقة"),
            Self::EmployeeLoans => ("1150", "Loans to employees", "قروض الموظفين"),
            Self::Fines => (
                "2130",
                "Fines fund for workers' benefit",
                "صندوق الغرامات لمصلحة العمال",
            ),
            Self::CourtOrders => ("2140", "Court orders payable", "أحكام قضائية مستحقة"),
            Self::Damage => ("1160", "Claims for damage or loss", "مطالبات التلف والفقد"),
            Self::OtherDeductions => ("2150", "Other deductions", "حسميات أخرى"),
            Self::WagesPayable => ("2110", "Wages payable", "أجور مستحقة"),
        };
        match locale {
            Locale::En => (code, en),
            Locale::Ar => (code, ar),
        }
    }
}
