//! From gross to net: deductions in the order of the law, each within its own limit and all within one. What a limit stops is
//! carried to a later month, with the article that stopped it; net pay never falls below zero, or below the half that the law
//! protects.

use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::deduct::{Asked, Limit, Room, deduct};
use crate::error::PayError;
use crate::formula::{Facts, Formula};
use crate::gosi::{Contributor, contribution, facts as gosi_facts};
use crate::money::half_up;
use crate::period::Period;
use crate::rules::{Rule, Rules};
use crate::trace::{Kind, Line, amount_of};

/// What a deduction is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// A debt that a court ordered to be paid; a judgment may set another share than the law's quarter.
    Court {
        maintenance: bool,
        judgment_share: Option<Decimal>,
    },
    /// An instalment of a loan from the employer, or what was paid too much before.
    Loan,
    /// Damage or loss of what was in the person's care.
    Damage,
    /// A fine after the procedure of discipline.
    Fine,
    /// Anything else: only with the person's written consent, and never for some purposes.
    Consented {
        /// The document in which the person agreed.
        consent: Option<String>,
        purpose: Purpose,
    },
}

/// What a consented deduction is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Other,
    /// May not be charged to the person, also with consent.
    SafetyGear,
    /// May not be charged either.
    Housing,
}

impl ClaimKind {
    /// The law's order: maintenance before other debts, then loans, damage, fines and the rest.
    const fn rank(&self) -> u8 {
        match self {
            Self::Court { maintenance: true, .. } => 0,
            Self::Court { maintenance: false, .. } => 1,
            Self::Loan => 2,
            Self::Damage => 3,
            Self::Fine => 4,
            Self::Consented { .. } => 5,
        }
    }

    const fn line(&self) -> Kind {
        match self {
            Self::Court { .. } => Kind::Court,
            Self::Loan => Kind::Loan,
            Self::Damage => Kind::Damage,
            Self::Fine => Kind::Penalty,
            Self::Consented { .. } => Kind::Consented,
        }
    }
}

/// A deduction that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub id: String,
    pub kind: ClaimKind,
    pub amount: Decimal,
    /// The older one goes first.
    pub since: NaiveDate,
    /// It is deducted whole or waits; others may be deducted in part.
    pub whole: bool,
}

/// An amount that is paid besides the work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub id: String,
    pub kind: Kind,
    pub amount: Decimal,
}

/// Choices of the organization where the law leaves one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// The share of social insurance counts within the half (the stricter reading).
    pub social_counts: bool,
    /// A larger share for all deductions together, allowed by the body that decides disputes.
    pub together_share: Option<Decimal>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            social_counts: true,
            together_share: None,
        }
    }
}

/// Everything that net pay depends on.
#[derive(Clone, Debug)]
pub struct Terms<'a> {
    pub rules: &'a Rules,
    pub period: Period,
    /// Lines of the work or of the month.
    pub earned: Vec<Line>,
    /// Allowances, approved bonuses.
    pub grants: Vec<Grant>,
    pub social: Option<Contributor>,
    /// Whether the run deducts the person's part; the company's is told in any case.
    pub deducts_social: bool,
    pub claims: Vec<Claim>,
    pub choices: Choices,
}

/// What became of a deduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deduction {
    /// The claim; the social insurance has none.
    pub id: Option<String>,
    pub kind: Kind,
    pub asked: Decimal,
    pub allowed: Decimal,
    /// What a later month is asked for.
    pub carried: Decimal,
    /// What the law does not let anybody deduct, also later.
    pub refused: Decimal,
    /// The article that stopped the rest.
    pub stopped_by: Option<String>,
}

/// A settled month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payslip {
    pub period: Period,
    /// What is earned, then what is deducted. The lines up to net sum to it.
    pub lines: Vec<Line>,
    /// Lines beside the net pay: what the company pays to others.
    pub beside: Vec<Line>,
    pub gross: Decimal,
    pub net: Decimal,
    pub deductions: Vec<Deduction>,
}

impl Payslip {
    /// What is deducted in all.
    pub fn deducted(&self) -> Decimal {
        self.deductions.iter().map(|one| one.allowed).sum()
    }

    /// What later months are asked for.
    pub fn carried(&self) -> Decimal {
        self.deductions.iter().map(|one| one.carried).sum()
    }

    /// The sum of its lines of a kind.
    pub fn amount(&self, kind: Kind) -> Decimal {
        amount_of(self.lines.iter().chain(&self.beside), kind)
    }
}

static GRANTED: LazyLock<Formula> = LazyLock::new(|| Formula::new("granted/1", &[("granted", "amount")]));

/// A line of an amount that somebody granted.
pub fn granted(grant: &Grant) -> Result<Line, PayError> {
    if grant.amount < Decimal::ZERO {
        return Err(PayError::Negative {
            field: grant.kind.word().to_owned(),
            value: grant.amount,
        });
    }
    let facts = Facts::default()
        .with("amount", grant.amount)
        .about("id", grant.id.clone());
    GRANTED.line(grant.kind, &facts)
}

/// Settles a month.
pub fn settle(terms: Terms<'_>) -> Result<Payslip, PayError> {
    let on = terms.period.ends_on;
    let rules = terms.rules;
    let mut lines = terms.earned;
    for grant in &terms.grants {
        lines.push(granted(grant)?);
    }
    let gross: Decimal = lines.iter().map(|line| line.amount).sum();
    if gross < Decimal::ZERO {
        return Err(PayError::Negative {
            field: "gross".to_owned(),
            value: gross,
        });
    }
    let mut room = Room::new(rules, on, gross, terms.choices)?;
    let mut beside = Vec::new();
    let mut deductions = Vec::new();
    if let Some(person) = &terms.social {
        let contributions_on = terms.period.contributions_on();
        let paid = contribution(rules, contributions_on, person)?;
        if terms.deducts_social && !paid.employee().is_zero() {
            let facts = gosi_facts(rules, contributions_on, person)?.about("contributor_class", person.class.word());
            let asked = Asked {
                id: None,
                kind: Kind::Gosi,
                amount: paid.employee(),
                whole: false,
                limit: Limit::Social(person.housing),
                own: Arc::clone(rules.at("deduction.social", on)?),
            };
            let (deduction, line) = deduct(&mut room, asked, facts)?;
            deductions.push(deduction);
            lines.push(line);
        }
        beside.push(paid.employer_line);
    }
    let mut claims = terms.claims;
    claims.sort_by(|a, b| (a.kind.rank(), a.since, &a.id).cmp(&(b.kind.rank(), b.since, &b.id)));
    for claim in claims {
        if claim.amount < Decimal::ZERO {
            return Err(PayError::Negative {
                field: claim.kind.line().word().to_owned(),
                value: claim.amount,
            });
        }
        let amount = half_up(claim.amount, 2);
        if amount.is_zero() {
            continue;
        }
        let kind = claim.kind.line();
        let (limit, own, facts) = limit(rules, on, claim.kind)?;
        let asked = Asked {
            id: Some(claim.id.clone()),
            kind,
            amount,
            whole: claim.whole,
            limit,
            own,
        };
        let facts = facts.with("asked", amount).about("id", claim.id);
        let (deduction, line) = deduct(&mut room, asked, facts)?;
        deductions.push(deduction);
        lines.push(line);
    }
    let deducted: Decimal = deductions.iter().map(|one| one.allowed).sum();
    Ok(Payslip {
        period: terms.period,
        lines,
        beside,
        gross,
        net: gross - deducted,
        deductions,
    })
}

/// How a claim is limited: the kind of limit, its own row, and what the formula needs.
fn limit(rules: &Rules, on: NaiveDate, kind: ClaimKind) -> Result<(Limit, Arc<Rule>, Facts), PayError> {
    let id = match &kind {
        ClaimKind::Court { .. } => "deduction.court",
        ClaimKind::Loan => "deduction.loan",
        ClaimKind::Damage => "deduction.damage_days",
        ClaimKind::Fine => "deduction.fine_days",
        ClaimKind::Consented { purpose, .. } => match purpose {
            Purpose::Other => "deduction.consented",
            Purpose::SafetyGear => "deduction.safety_gear",
            Purpose::Housing => "deduction.housing",
        },
    };
    let own = Arc::clone(rules.at(id, on)?);
    let by_share = Facts::default().rule("kind_share", &own);
    let by_days = |own| -> Result<Facts, PayError> {
        let facts = Facts::default().rule("kind_days", own);
        facts.lookup("month_days", rules, "wage.month_days", on)
    };
    let (limit, facts) = match kind {
        ClaimKind::Court { judgment_share, .. } => match judgment_share {
            Some(share) => (Limit::Judgment, by_share.with("judgment_share", share)),
            None => (Limit::Share, by_share),
        },
        ClaimKind::Loan => (Limit::Share, by_share),
        ClaimKind::Damage => (Limit::Days, by_days(&own)?),
        ClaimKind::Fine => {
            let facts = by_days(&own)?;
            (
                Limit::Offence,
                facts.lookup("offence_days", rules, "deduction.fine_offence_days", on)?,
            )
        }
        ClaimKind::Consented { consent, .. } => {
            let facts = by_share.with("has_consent", i64::from(consent.is_some()));
            let facts = match consent {
                Some(document) => facts.about("consent", document),
                None => facts,
            };
            (Limit::Consent, facts)
        }
    };
    Ok((limit, own, facts))
}
