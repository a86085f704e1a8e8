//! Formulas as text: what a trace stores is what is calculated, so a line of pay can be counted again from its own trace alone,
//! also by somebody who does not have this program.
//!
//! Numbers, names, `+ − × ÷`, brackets, `min`, `max`, `ceil` (up to a whole number), `down` (to the halala below), `round` (to the
//! halala, halves away from zero) and `if(a > b, then, else)` with `>`, `<`, `≥`, `≤`.

use rust_decimal::{Decimal, RoundingStrategy};
use thiserror::Error;

use crate::money::half_up;

/// Why a formula has no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExpressionError {
    #[error("the formula cannot be read at “{0}”")]
    Syntax(String),
    #[error("the formula needs “{0}”, which is missing")]
    Unknown(String),
    #[error("the formula divides by zero")]
    DividedByZero,
    #[error("a number beyond all bounds")]
    Overflow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    Min,
    Max,
    Ceil,
    Down,
    Round,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Greater,
    Less,
    AtLeast,
    AtMost,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Number(Decimal),
    Name(String),
    Negative(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    If(Comparison, Box<[Node; 4]>),
}

/// A formula that has been read.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    pub(crate) root: Node,
}

/// Longer than any formula; a stored text of this length cannot nest deeper than the stack.
const LONGEST: usize = 600;

/// Where a formula finds its numbers.
pub(crate) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Decimal>;

impl Expression {
    /// Reads a formula.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        if text.len() > LONGEST {
            return Err(ExpressionError::Syntax(text.chars().take(40).collect()));
        }
        let mut parser = Parser { rest: text };
        let root = parser.sum()?;
        if parser.peek().is_some() {
            return Err(ExpressionError::Syntax(parser.rest.to_owned()));
        }
        Ok(Self { root })
    }

    /// Its value.
    pub fn value(&self, lookup: &dyn Fn(&str) -> Option<Decimal>) -> Result<Decimal, ExpressionError> {
        let found = value(&self.root, lookup)?;
        Ok(if found.is_zero() { found.abs() } else { found })
    }

    /// Calls `each` with every name.
    pub(crate) fn names<'a>(&'a self, each: &mut dyn FnMut(&'a str)) {
        names(&self.root, each);
    }
}

fn names<'a>(node: &'a Node, each: &mut dyn FnMut(&'a str)) {
    match node {
        Node::Number(_) => {}
        Node::Name(name) => each(name),
        Node::Negative(inner) => names(inner, each),
        Node::Binary(_, left, right) => {
            names(left, each);
            names(right, each);
        }
        Node::Call(_, nodes) => nodes.iter().for_each(|node| names(node, each)),
        Node::If(_, nodes) => nodes.iter().for_each(|node| names(node, each)),
    }
}

fn value(node: &Node, lookup: Lookup<'_>) -> Result<Decimal, ExpressionError> {
    Ok(match node {
        Node::Number(number) => *number,
        Node::Name(name) => lookup(name).ok_or_else(|| ExpressionError::Unknown(name.clone()))?,
        Node::Negative(inner) => -value(inner, lookup)?,
        Node::Binary(operator, left, right) => {
            let (left, right) = (value(left, lookup)?, value(right, lookup)?);
            match operator {
                Operator::Add => left.checked_add(right),
                Operator::Subtract => left.checked_sub(right),
                Operator::Multiply => left.checked_mul(right),
                Operator::Divide if right.is_zero() => return Err(ExpressionError::DividedByZero),
                Operator::Divide => left.checked_div(right),
            }
            .ok_or(ExpressionError::Overflow)?
        }
        Node::Call(function, nodes) => {
            let mut found = value(&nodes[0], lookup)?;
            for node in &nodes[1..] {
                let other = value(node, lookup)?;
                found = match function {
                    Function::Min => found.min(other),
                    Function::Max | Function::Ceil | Function::Down | Function::Round => found.max(other),
                };
            }
            match function {
                Function::Min | Function::Max => found,
                Function::Ceil => found.ceil(),
                Function::Down => found.round_dp_with_strategy(2, RoundingStrategy::ToNegativeInfinity),
                Function::Round => half_up(found, 2),
            }
        }
        Node::If(comparison, nodes) => {
            let [left, right, then, otherwise] = &**nodes;
            let (left, right) = (value(left, lookup)?, value(right, lookup)?);
            let holds = match comparison {
                Comparison::Greater => left > right,
                Comparison::Less => left < right,
                Comparison::AtLeast => left >= right,
                Comparison::AtMost => left <= right,
            };
            value(if holds { then } else { otherwise }, lookup)?
        }
    })
}

struct Parser<'a> {
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Result<(), ExpressionError> {
        if self.take(wanted) { Ok(()) } else { Err(self.stuck()) }
    }

    fn stuck(&self) -> ExpressionError {
        ExpressionError::Syntax(self.rest.to_owned())
    }

    fn while_in(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn sum(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take('+') {
                Operator::Add
            } else if self.take('−') || self.take('-') {
                Operator::Subtract
            } else {
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Node, ExpressionError> {
        let mut left = self.factor()?;
        loop {
            let operator = if self.take('×') || self.take('*') {
                Operator::Multiply
            } else if self.take('÷') || self.take('/') {
                Operator::Divide
            } else {
                return Ok(left);
            };
            left = Node::Binary(operator, Box::new(left), Box::new(self.factor()?));
        }
    }

    fn factor(&mut self) -> Result<Node, ExpressionError> {
        if self.take('−') || self.take('-') {
            return Ok(Node::Negative(Box::new(self.factor()?)));
        }
        if self.take('(') {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        match self.peek() {
            Some(digit) if digit.is_ascii_digit() => {
                let text = self.while_in(|c| c.is_ascii_digit() || c == '.');
                text.parse().map(Node::Number).map_err(|_| self.stuck())
            }
            Some(letter) if letter.is_ascii_lowercase() => {
                let name = self.while_in(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
                if self.take('(') {
                    self.call(name)
                } else {
                    Ok(Node::Name(name.to_owned()))
                }
            }
            _ => Err(self.stuck()),
        }
    }

    fn call(&mut self, name: &str) -> Result<Node, ExpressionError> {
        if name == "if" {
            return self.condition();
        }
        let function = match name {
            "min" => Function::Min,
            "max" => Function::Max,
            "ceil" => Function::Ceil,
            "down" => Function::Down,
            "round" => Function::Round,
            _ => return Err(ExpressionError::Syntax(name.to_owned())),
        };
        let mut nodes = vec![self.sum()?];
        while self.take(',') {
            nodes.push(self.sum()?);
        }
        self.expect(')')?;
        let one = matches!(function, Function::Ceil | Function::Down | Function::Round);
        if one && nodes.len() != 1 {
            return Err(ExpressionError::Syntax(name.to_owned()));
        }
        Ok(Node::Call(function, nodes))
    }

    fn condition(&mut self) -> Result<Node, ExpressionError> {
        let left = self.sum()?;
        let known = [
            ('>', Comparison::Greater),
            ('<', Comparison::Less),
            ('≥', Comparison::AtLeast),
            ('≤', Comparison::AtMost),
        ];
        let comparison = known.into_iter().find(|(sign, _)| self.take(*sign));
        let (_, comparison) = comparison.ok_or_else(|| self.stuck())?;
        let right = self.sum()?;
        self.expect(',')?;
        let then = self.sum()?;
        self.expect(',')?;
        let otherwise = self.sum()?;
        self.expect(')')?;
        Ok(Node::If(comparison, Box::new([left, right, then, otherwise])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::number;

    fn of(text: &str) -> Result<String, ExpressionError> {
        let lookup = |name: &str| match name {
            "a" => Some(number("7")),
            "b" => Some(number("2.5")),
            _ => None,
        };
        let value = Expression::parse(text)?.value(&lookup)?;
        Ok(value.normalize().to_string())
    }

    #[test]
    fn formulas_have_the_values_that_school_gives_them() {
        for (text, value) in [
            ("1 + 2 × 3", "7"),
            ("(1 + 2) * 3 − 4 / 2", "7"),
            ("10 ÷ 4 × 2", "5"),
            ("−a + 10", "3"),
            ("min(a, b, 4)", "2.5"),
            ("max(0, b − a)", "0"),
            ("ceil(399.2)", "400"),
            ("down(12.349)", "12.34"),
            ("round(12.345)", "12.35"),
            ("if(a > 199, 9, if(a > 0, 6, 10)) × a", "42"),
            ("if(a ≥ 7, 1, 0) + if(a ≤ 6, 1, 0) + if(a < 8, 1, 0)", "2"),
        ] {
            assert_eq!(of(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn what_has_no_value_says_why() {
        assert_eq!(of("c + 1"), Err(ExpressionError::Unknown("c".to_owned())));
        assert_eq!(of("a / (b − 2.5)"), Err(ExpressionError::DividedByZero));
        assert_eq!(of("79228162514264337593543950335 × 10"), Err(ExpressionError::Overflow));
        for broken in [
            "",
            "1 +",
            "(1",
            "sqrt(4)",
            "if(1, 2, 3)",
            "1 2",
            "ceil(1, 2)",
            "1..2",
            "A",
        ] {
            assert!(matches!(of(broken), Err(ExpressionError::Syntax(_))), "{broken}");
        }
    }
}
