//! Formulas that are applied: named steps, each made of inputs, rows and the steps before it.

use std::borrow::Cow;
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::error::PayError;
use crate::expression::{Expression, ExpressionError};
use crate::money::half_up;
use crate::rules::{Rule, Rules};
use crate::trace::{Input, Kind, Line, Rounding, RoundingMode, Step, Trace, Used, Value, Word};

/// Steps that were read once.
#[derive(Debug)]
pub struct Formula {
    id: Word,
    steps: Vec<(Word, Word, Expression)>,
    /// Names that come from outside.
    needs: Vec<String>,
}

impl Formula {
    /// Of the source's own texts.
    pub(crate) fn new(id: &'static str, steps: &[(&'static str, &'static str)]) -> Self {
        let mut formula = Self {
            id: Cow::Borrowed(id),
            steps: Vec::with_capacity(steps.len()),
            needs: Vec::new(),
        };
        for (name, text) in steps {
            let expression = Expression::parse(text).expect("formulas of the source are well formed");
            expression.names(&mut |name| {
                let is_step = formula.steps.iter().any(|(step, ..)| step == name);
                if !is_step && !formula.needs.iter().any(|need| need == name) {
                    formula.needs.push(name.to_owned());
                }
            });
            formula
                .steps
                .push((Cow::Borrowed(name), Cow::Borrowed(text), expression));
        }
        formula
    }

    /// A line of it.
    pub(crate) fn line(&self, kind: Kind, facts: &Facts) -> Result<Line, PayError> {
        let (trace, last) = self.trace(facts, 2)?;
        Ok(Line {
            kind,
            amount: half_up(last, 2),
            trace,
        })
    }

    /// The steps with their values, and the last one's.
    pub(crate) fn trace(&self, facts: &Facts, digits: u32) -> Result<(Trace, Decimal), PayError> {
        let mut trace = Trace {
            formula: self.id.clone(),
            inputs: Vec::with_capacity(self.needs.len()),
            rules: Vec::new(),
            steps: Vec::with_capacity(self.steps.len()),
            rounding: Rounding {
                digits,
                mode: RoundingMode::HalfUp,
            },
            about: facts.about.clone(),
        };
        let mut known: Vec<(&str, Decimal)> = Vec::with_capacity(self.needs.len() + self.steps.len());
        for need in &self.needs {
            if let Some(input) = facts.inputs.iter().find(|input| input.name == **need) {
                known.push((need, input.value.number()));
                trace.inputs.push(input.clone());
            } else if let Some(used) = facts.rules.iter().find(|used| used.name == **need) {
                known.push((need, used.rule.value));
                trace.rules.push(used.clone());
            } else {
                return Err(PayError::Missing { field: need.clone() });
            }
        }
        let mut last = Decimal::ZERO;
        for (name, text, expression) in &self.steps {
            let find = |name: &str| {
                known
                    .iter()
                    .rev()
                    .find(|(known, _)| *known == name)
                    .map(|(_, value)| *value)
            };
            last = expression.value(&find).map_err(|error| match error {
                ExpressionError::Unknown(field) => PayError::Missing { field },
                ExpressionError::DividedByZero => PayError::DividedByZero { step: name.to_string() },
                ExpressionError::Overflow | ExpressionError::Syntax(_) => PayError::TooLarge {
                    field: name.to_string(),
                },
            })?;
            known.push((name, last));
            trace.steps.push(Step {
                name: name.clone(),
                formula: text.clone(),
                value: last,
            });
        }
        Ok((trace, last))
    }
}

/// What is known when a formula is applied.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    inputs: Vec<Input>,
    rules: Vec<Used>,
    about: Vec<(Word, String)>,
}

impl Facts {
    /// With an input; a later one of the same name takes its place.
    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.inputs.retain(|input| input.name != name);
        self.inputs.push(Input {
            name: Cow::Borrowed(name),
            value: value.into(),
        });
        self
    }

    /// With a row under the name of the formula.
    #[must_use]
    pub(crate) fn rule(mut self, name: &'static str, rule: &Arc<Rule>) -> Self {
        self.rules.push(Used {
            name: Cow::Borrowed(name),
            rule: Arc::clone(rule),
        });
        self
    }

    /// With the row of a rule that holds on a day.
    pub(crate) fn lookup(
        self,
        name: &'static str,
        rules: &Rules,
        id: &str,
        day: chrono::NaiveDate,
    ) -> Result<Self, PayError> {
        Ok(self.rule(name, rules.at(id, day)?))
    }

    /// With rows that were looked up before.
    #[must_use]
    pub(crate) fn rows(mut self, rows: &[Used]) -> Self {
        self.rules.extend_from_slice(rows);
        self
    }

    /// With what the line is about.
    #[must_use]
    pub(crate) fn about(mut self, name: &'static str, what: impl Into<String>) -> Self {
        self.about.push((Cow::Borrowed(name), what.into()));
        self
    }
}
