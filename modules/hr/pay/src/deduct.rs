//! One deduction within its limits.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::gosi::{EMPLOYEE, Housing, wage_step};
use crate::rules::{Rule, Rules};
use crate::settlement::{Choices, Deduction};
use crate::trace::{Kind, Line, Value};

/// What limits a kind of deduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// As due; what is asked is counted in the same line.
    Social(Housing),
    /// A share of the wage that is due.
    Share,
    /// The share that a judgment names.
    Judgment,
    /// So many days' wage.
    Days,
    /// So many days' wage in a month, and no more than so many for one offence.
    Offence,
    /// Nothing without a written consent.
    Consent,
}

/// What is asked for.
pub(crate) struct Asked {
    pub id: Option<String>,
    pub kind: Kind,
    pub amount: Decimal,
    pub whole: bool,
    pub limit: Limit,
    /// The row of its own limit.
    pub own: Arc<Rule>,
}

/// What is left of the wage for deductions.
pub(crate) struct Room {
    gross: Decimal,
    together: Arc<Rule>,
    together_share: Option<Decimal>,
    social_counts: bool,
    /// Deducted so far: what counts within the half, everything, and of each kind.
    counted: Decimal,
    all: Decimal,
    kinds: BTreeMap<Kind, Decimal>,
}

impl Room {
    pub(crate) fn new(rules: &Rules, on: NaiveDate, gross: Decimal, choices: Choices) -> Result<Self, PayError> {
        let share = choices.together_share;
        if let Some(value) = share.filter(|share| *share > Decimal::ONE || *share < Decimal::ZERO) {
            return Err(PayError::AboveMost {
                field: "together_share".to_owned(),
                value,
                most: Decimal::ONE,
            });
        }
        Ok(Self {
            gross,
            together: Arc::clone(rules.at("deduction.together", on)?),
            together_share: share,
            social_counts: choices.social_counts,
            counted: Decimal::ZERO,
            all: Decimal::ZERO,
            kinds: BTreeMap::new(),
        })
    }
}

type Steps = Vec<(&'static str, &'static str)>;

/// Which formula: how it is limited, whole or in part, and whether only the net pay limits it beside its own limit.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shape {
    limit: Limit,
    whole: bool,
    /// The social insurance does not count within the half, and this is it.
    beside_half: bool,
}

const HOUSING: [Housing; 2] = [Housing::Cash(Decimal::ZERO), Housing::InKind];

static FORMULAS: LazyLock<Vec<(Shape, Formula)>> = LazyLock::new(|| {
    let mut formulas = Vec::new();
    let limits = [
        Limit::Share,
        Limit::Judgment,
        Limit::Days,
        Limit::Offence,
        Limit::Consent,
    ];
    for limit in HOUSING.map(Limit::Social).into_iter().chain(limits) {
        for whole in [false, true] {
            for beside_half in [false, true] {
                let shape = Shape {
                    limit,
                    whole,
                    beside_half,
                };
                formulas.push((shape, shape.formula()));
            }
        }
    }
    formulas
});

impl Shape {
    fn formula(self) -> Formula {
        let mut steps: Steps = Vec::new();
        if let Limit::Social(housing) = self.limit {
            steps.push(wage_step(housing));
            steps.extend(EMPLOYEE);
        }
        let mut due = "asked";
        if self.limit == Limit::Offence {
            steps.push(("due", "min(asked, down(gross ÷ month_days × offence_days))"));
            due = "due";
        }
        if !self.beside_half {
            steps.push(("together_left", "max(0, down(gross × together_share) − taken_together)"));
        }
        steps.push(("net_left", "gross − taken"));
        let own = match self.limit {
            Limit::Social(_) => None,
            Limit::Share | Limit::Consent => Some("max(0, down(gross × kind_share) − taken_kind)"),
            Limit::Judgment => Some("max(0, down(gross × judgment_share) − taken_kind)"),
            Limit::Days | Limit::Offence => Some("max(0, down(gross ÷ month_days × kind_days) − taken_kind)"),
        };
        if let Some(own) = own {
            steps.push(("kind_left", own));
        }
        steps.push(match (own.is_some(), self.beside_half) {
            (true, false) => ("room", "min(kind_left, together_left, net_left)"),
            (true, true) => ("room", "min(kind_left, net_left)"),
            (false, false) => ("room", "min(together_left, net_left)"),
            (false, true) => ("room", "net_left"),
        });
        steps.push(match (self.limit, self.whole, due) {
            (Limit::Consent, true, _) => ("allowed", "if(has_consent < 1, 0, if(asked > room, 0, asked))"),
            (Limit::Consent, false, _) => ("allowed", "if(has_consent < 1, 0, min(asked, room))"),
            (_, true, "due") => ("allowed", "if(due > room, 0, due)"),
            (_, true, _) => ("allowed", "if(asked > room, 0, asked)"),
            (_, false, "due") => ("allowed", "min(due, room)"),
            (_, false, _) => ("allowed", "min(asked, room)"),
        });
        steps.push(("deducted", "−allowed"));
        let id = match self.limit {
            Limit::Social(_) => "deduction.social/1",
            Limit::Share => "deduction.share/1",
            Limit::Judgment => "deduction.judgment/1",
            Limit::Days => "deduction.days/1",
            Limit::Offence => "deduction.fine/1",
            Limit::Consent => "deduction.consented/1",
        };
        Formula::new(id, &steps)
    }
}

/// Deducts what the limits leave.
pub(crate) fn deduct(room: &mut Room, asked: Asked, facts: Facts) -> Result<(Deduction, Line), PayError> {
    let is_social = matches!(asked.limit, Limit::Social(_));
    let limit = match asked.limit {
        Limit::Social(Housing::Cash(_)) => Limit::Social(HOUSING[0]),
        other => other,
    };
    let shape = Shape {
        limit,
        whole: asked.whole,
        beside_half: is_social && !room.social_counts,
    };
    let (_, formula) = FORMULAS
        .iter()
        .find(|(known, _)| *known == shape)
        .ok_or_else(|| PayError::missing("formula"))?;
    let taken_kind = room.kinds.get(&asked.kind).copied().unwrap_or_default();
    let facts = facts
        .with("gross", room.gross)
        .with("taken", room.all)
        .with("taken_together", room.counted)
        .with("taken_kind", taken_kind);
    let facts = match room.together_share {
        Some(share) => facts.with("together_share", share),
        None => facts.rule("together_share", &room.together),
    };
    let line = formula.line(asked.kind, &facts)?;
    let allowed = line.amount.abs();
    let deduction = outcome(room, &asked, &line, allowed);
    room.all += allowed;
    if !is_social || room.social_counts {
        room.counted += allowed;
    }
    *room.kinds.entry(asked.kind).or_default() += allowed;
    Ok((deduction, line))
}

/// What is carried, what is refused for good, and the article that says so.
fn outcome(room: &Room, asked: &Asked, line: &Line, allowed: Decimal) -> Deduction {
    let step = |name: &str| line.trace.step(name);
    let is_forbidden = asked.limit == Limit::Consent
        && (asked.own.value.is_zero() || line.trace.input("has_consent") != Some(Value::Number(Decimal::ONE)));
    let due = if is_forbidden {
        Decimal::ZERO
    } else {
        step("due").unwrap_or(asked.amount)
    };
    let carried = due - allowed;
    let by_own = match (step("kind_left"), step("together_left")) {
        (Some(kind), Some(together)) => kind <= together,
        (Some(_), None) => true,
        (None, together) => together.is_none(),
    };
    let stopped_by = if carried > Decimal::ZERO && !by_own {
        Some(room.together.article.clone())
    } else {
        (allowed < asked.amount).then(|| asked.own.article.clone())
    };
    Deduction {
        id: asked.id.clone(),
        kind: asked.kind,
        asked: asked.amount,
        allowed,
        carried,
        refused: asked.amount - due,
        stopped_by,
    }
}
