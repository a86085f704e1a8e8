//! Late facts: a month that was paid is calculated again, and only the difference is paid, with its derivation.

use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::settlement::{Claim, ClaimKind, Payslip};
use crate::trace::{Kind, Line};

static FORMULA: LazyLock<Formula> =
    LazyLock::new(|| Formula::new("adjustment/1", &[("adjustment", "earned_now − earned_then")]));

/// What a later run does about a month: a line that pays, or a claim on what was paid too much. That one is an employer's claim, and
/// has the limits of a loan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrears {
    Nothing,
    Pays(Box<Line>),
    Claims(Claim),
}

/// The difference between a month as it was paid and as it comes out now.
pub fn arrears(then: &Payslip, now: &Payslip) -> Result<Arrears, PayError> {
    if then.period != now.period {
        return Err(PayError::Backwards {
            from: then.period.starts_on,
            until: now.period.starts_on,
        });
    }
    let difference = now.gross - then.gross;
    if difference < Decimal::ZERO {
        return Ok(Arrears::Claims(Claim {
            id: format!("overpaid {}", then.period.ends_on.format("%Y-%m")),
            kind: ClaimKind::Loan,
            amount: -difference,
            since: then.period.ends_on,
            whole: false,
        }));
    }
    if difference.is_zero() {
        return Ok(Arrears::Nothing);
    }
    let mut facts = Facts::default()
        .with("earned_then", then.gross)
        .with("earned_now", now.gross)
        .about("month", then.period.ends_on.format("%Y-%m").to_string());
    for kind in Kind::ALL {
        let earned = |payslip: &Payslip| {
            let lines = payslip.lines.iter().filter(|line| line.kind == kind);
            lines.map(|line| line.amount).sum::<Decimal>()
        };
        let (was, is) = (earned(then), earned(now));
        let is_deduction = then
            .deductions
            .iter()
            .chain(&now.deductions)
            .any(|one| one.kind == kind);
        if was != is && !is_deduction {
            facts = facts.about(kind.word(), format!("{was} → {is}"));
        }
    }
    Ok(Arrears::Pays(Box::new(FORMULA.line(Kind::Adjustment, &facts)?)))
}
