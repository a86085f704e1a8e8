//! Loans: instalments that sum to the principal to the halala, whatever is skipped, paid in part, postponed or paid early.

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use crate::error::PayError;

/// What is due in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instalment {
    /// The first day of the month.
    pub month: NaiveDate,
    pub amount: Decimal,
}

/// A loan with what was paid and what is still due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loan {
    principal: Decimal,
    paid: Vec<Instalment>,
    /// By month; sums with what was paid to the principal.
    due: Vec<Instalment>,
}

fn first_of(month: NaiveDate) -> NaiveDate {
    month.with_day(1).unwrap_or(month)
}

fn later(month: NaiveDate, months: u32) -> NaiveDate {
    month.checked_add_months(Months::new(months)).unwrap_or(month)
}

fn positive(field: &str, value: Decimal) -> Result<Decimal, PayError> {
    let is_whole = value.round_dp(2) == value;
    if value <= Decimal::ZERO || !is_whole {
        return Err(PayError::NotPositive {
            field: field.to_owned(),
            value,
        });
    }
    Ok(value)
}

impl Loan {
    /// Equal instalments; the last one takes what does not divide.
    pub fn in_parts(principal: Decimal, count: u32, first: NaiveDate) -> Result<Self, PayError> {
        positive("principal", principal)?;
        let parts = Decimal::from(count);
        positive("instalments", parts)?;
        let each = (principal / parts).round_dp_with_strategy(2, RoundingStrategy::ToZero);
        positive("instalment", each)?;
        let due = (0..count).map(|place| Instalment {
            month: later(first_of(first), place),
            amount: if place + 1 == count {
                principal - each * (parts - Decimal::ONE)
            } else {
                each
            },
        });
        Ok(Self {
            principal,
            paid: Vec::new(),
            due: due.collect(),
        })
    }

    /// So much each month, and the rest in the last one.
    pub fn by_amount(principal: Decimal, each: Decimal, first: NaiveDate) -> Result<Self, PayError> {
        positive("principal", principal)?;
        positive("instalment", each)?;
        let mut loan = Self {
            principal,
            paid: Vec::new(),
            due: Vec::new(),
        };
        let (mut left, mut month) = (principal, first_of(first));
        while left > Decimal::ZERO {
            let amount = each.min(left);
            loan.due.push(Instalment { month, amount });
            left -= amount;
            month = later(month, 1);
        }
        Ok(loan)
    }

    /// A loan as it is kept in rows: what was paid and what is still due have to sum to what was lent.
    pub fn resumed(principal: Decimal, paid: Vec<Instalment>, mut due: Vec<Instalment>) -> Result<Self, PayError> {
        positive("principal", principal)?;
        for one in paid.iter().chain(&due) {
            positive("instalment", one.amount)?;
        }
        let sum: Decimal = paid.iter().chain(&due).map(|one| one.amount).sum();
        if sum != principal {
            return Err(PayError::AboveMost {
                field: "instalments".to_owned(),
                value: sum,
                most: principal,
            });
        }
        due.sort_by_key(|one| one.month);
        Ok(Self { principal, paid, due })
    }

    /// What was lent.
    pub fn principal(&self) -> Decimal {
        self.principal
    }

    /// What was paid, in order.
    pub fn paid(&self) -> &[Instalment] {
        &self.paid
    }

    /// What is due, by month.
    pub fn due(&self) -> &[Instalment] {
        &self.due
    }

    /// What is still owed.
    pub fn owed(&self) -> Decimal {
        self.due.iter().map(|one| one.amount).sum()
    }

    /// What a month asks for, with what earlier months left.
    pub fn asked(&self, month: NaiveDate) -> Decimal {
        let until = self.due.iter().filter(|one| one.month <= first_of(month));
        until.map(|one| one.amount).sum()
    }

    /// Moves a month's instalment behind the last one.
    pub fn skip(&mut self, month: NaiveDate) -> Result<(), PayError> {
        let month = first_of(month);
        let place = self.due.iter().position(|one| one.month == month);
        let place = place.ok_or_else(|| PayError::missing("instalment"))?;
        let skipped = self.due.remove(place);
        let last = self.due.last().map_or(month, |one| one.month).max(month);
        self.due.push(Instalment {
            month: later(last, 1),
            ..skipped
        });
        Ok(())
    }

    /// Leaves only a part of a month's instalment; the rest is due behind the last one.
    pub fn reduce(&mut self, month: NaiveDate, part: Decimal) -> Result<(), PayError> {
        positive("part", part)?;
        let month = first_of(month);
        let last = self.due.last().map_or(month, |one| one.month).max(month);
        let one = self.due.iter_mut().find(|one| one.month == month);
        let one = one.ok_or_else(|| PayError::missing("instalment"))?;
        if part >= one.amount {
            return Err(PayError::AboveMost {
                field: "part".to_owned(),
                value: part,
                most: one.amount,
            });
        }
        let rest = one.amount - part;
        one.amount = part;
        self.due.push(Instalment {
            month: later(last, 1),
            amount: rest,
        });
        Ok(())
    }

    /// Puts off everything from a month on.
    pub fn postpone(&mut self, from: NaiveDate, months: u32) -> Result<(), PayError> {
        let from = first_of(from);
        if self.due.iter().all(|one| one.month < from) {
            return Err(PayError::missing("instalment"));
        }
        for one in self.due.iter_mut().filter(|one| one.month >= from) {
            one.month = later(one.month, months);
        }
        Ok(())
    }

    /// Books a payment: of what is due first, first. What a month leaves stays due; more than is owed is refused.
    pub fn pay(&mut self, month: NaiveDate, amount: Decimal) -> Result<(), PayError> {
        positive("amount", amount)?;
        if amount > self.owed() {
            return Err(PayError::Overpayment {
                asked: amount,
                owed: self.owed(),
            });
        }
        let mut left = amount;
        for one in &mut self.due {
            let part = one.amount.min(left);
            one.amount -= part;
            left -= part;
        }
        self.due.retain(|one| !one.amount.is_zero());
        self.paid.push(Instalment {
            month: first_of(month),
            amount,
        });
        Ok(())
    }

    /// Pays all that is left.
    pub fn pay_off(&mut self, month: NaiveDate) -> Result<Decimal, PayError> {
        let owed = self.owed();
        self.pay(month, owed)?;
        Ok(owed)
    }
}
