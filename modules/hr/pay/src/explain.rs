//! A line in words, in English and Arabic, made of its trace alone: each step as a sentence, then with its numbers, then the rows of
//! the law and of the company that it used.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::expression::{Comparison, Expression, Function, Node, Operator};
use crate::money::half_up;
use crate::trace::{Line, Value};

/// The languages that explanations exist in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    Ar,
}

/// Words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    lines: BTreeMap<String, String>,
    names: BTreeMap<String, String>,
    units: BTreeMap<String, String>,
    words: BTreeMap<String, String>,
}

static CATALOGUES: LazyLock<[Catalogue; 2]> = LazyLock::new(|| {
    let texts = [include_str!("../locales/en.json"), include_str!("../locales/ar.json")];
    texts.map(|text| serde_json::from_str(text).expect("the catalogues of this crate are well formed"))
});

/// One step of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedStep {
    /// What it is called.
    pub label: String,
    /// How it is made, in words.
    pub formula: String,
    /// The same with numbers; of a condition only the part that holds.
    pub numbers: String,
    /// What it is made of.
    pub inputs: Vec<ExplainedInput>,
    pub value: String,
}

/// A number, day or earlier step that a step is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedInput {
    pub name: String,
    pub label: String,
    pub value: String,
}

/// A row that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedRule {
    pub id: String,
    pub label: String,
    pub value: String,
    pub unit: String,
    pub article: String,
    pub source: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

/// A line in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub title: String,
    pub amount: String,
    pub steps: Vec<ExplainedStep>,
    pub rules: Vec<ExplainedRule>,
    pub rounding: String,
}

/// Keeps numbers and formulas left to right, also in an Arabic sentence.
fn isolated(text: &str, language: Language) -> String {
    match language {
        Language::En => text.to_owned(),
        Language::Ar => format!("\u{2066}{text}\u{2069}"),
    }
}

/// A number as people write it: thousands apart, no zeros behind.
fn plain(number: Decimal) -> String {
    let number = number.normalize();
    let text = number.abs().to_string();
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if number.is_sign_negative() && !number.is_zero() {
        "−"
    } else {
        ""
    };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{fraction}")
}

/// The value of a step, cut for reading.
fn shown(value: Decimal) -> String {
    const MOST_DIGITS: u32 = 6;
    if value.normalize().scale() > MOST_DIGITS {
        format!("≈ {}", plain(half_up(value, 4)))
    } else {
        plain(value)
    }
}

/// An amount with its two digits.
fn money(amount: Decimal) -> String {
    let text = plain(amount);
    match text.split_once('.') {
        None => format!("{text}.00"),
        Some((_, fraction)) if fraction.len() == 1 => format!("{text}0"),
        Some(_) => text,
    }
}

/// An article's name in a language; numbers stay.
pub fn article_in(article: &str, language: Language) -> String {
    Words::of(language).article(article)
}

impl Line {
    /// The line in words. A word that the catalogue lacks (a formula of another version) stands as it is in the trace.
    pub fn explain(&self, language: Language) -> Explanation {
        let words = Words::of(language);
        let trace = &self.trace;
        let value = |name: &str| -> Option<(Decimal, String)> {
            let step = trace.steps.iter().find(|step| step.name == name);
            if let Some(step) = step {
                return Some((step.value, shown(step.value).replace("≈ ", "")));
            }
            if let Some(input) = trace.inputs.iter().find(|input| input.name == name) {
                return Some(match input.value {
                    Value::Number(number) => (number, plain(number)),
                    Value::Day(day) => (chrono::Datelike::num_days_from_ce(&day).into(), day.to_string()),
                });
            }
            let used = trace.rules.iter().find(|used| used.name == name)?;
            Some((used.rule.value, plain(used.rule.value)))
        };
        let steps = trace.steps.iter().map(|step| {
            let mut inputs: Vec<ExplainedInput> = Vec::new();
            let (formula, numbers) = match Expression::parse(&step.formula) {
                Ok(read) => {
                    read.names(&mut |name| {
                        let known = value(name).filter(|_| inputs.iter().all(|input| input.name != name));
                        inputs.extend(known.map(|(_, shown)| ExplainedInput {
                            name: name.to_owned(),
                            label: words.name(name).to_owned(),
                            value: isolated(&shown, language),
                        }));
                    });
                    (words.formula(&read.root), numbers(&read.root, &value))
                }
                Err(_) => (step.formula.to_string(), step.formula.to_string()),
            };
            ExplainedStep {
                inputs,
                label: words.name(&step.name).to_owned(),
                formula,
                numbers: isolated(&numbers, language),
                value: isolated(&shown(step.value), language),
            }
        });
        let rules = trace.rules.iter().map(|used| ExplainedRule {
            id: used.rule.id.clone(),
            label: words.name(&used.name).to_owned(),
            value: isolated(&plain(used.rule.value), language),
            unit: words.unit(&used.rule.unit).to_owned(),
            article: words.article(&used.rule.article),
            source: used.rule.source.clone(),
            from: used.rule.from,
            to: used.rule.to,
        });
        Explanation {
            title: words.line(self.kind.word()).to_owned(),
            amount: format!("{} {}", isolated(&money(self.amount), language), words.word("currency")),
            steps: steps.collect(),
            rules: rules.collect(),
            rounding: words.word("rounded").to_owned(),
        }
    }

    /// The explanation as text, a line for each step.
    pub fn explained(&self, language: Language) -> String {
        let words = Words::of(language);
        let found = self.explain(language);
        let mut text = format!("{}: {}\n", found.title, found.amount);
        for step in &found.steps {
            let ExplainedStep {
                label,
                formula,
                numbers,
                value,
                ..
            } = step;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  {label} = {formula}");
            let equals = if value.contains('≈') { "" } else { "= " };
            let _ = writeln!(text, "    {numbers} {equals}{value}");
        }
        let _ = writeln!(text, "  {}.", found.rounding);
        for (place, rule) in found.rules.iter().enumerate() {
            if place == 0 {
                let _ = writeln!(text, "  {}:", words.word("because"));
            }
            let (from, unit) = (isolated(&rule.from.to_string(), language), &rule.unit);
            let comma = words.word("comma");
            let _ = writeln!(
                text,
                "    {}: {} {unit}{comma}{}{comma}{} {from}",
                rule.label,
                rule.value,
                rule.article,
                words.word("from")
            );
        }
        text
    }
}

pub(crate) struct Words {
    language: Language,
    catalogue: &'static Catalogue,
}

impl Words {
    pub(crate) fn of(language: Language) -> Self {
        let place = match language {
            Language::En => 0,
            Language::Ar => 1,
        };
        Self {
            language,
            catalogue: &CATALOGUES[place],
        }
    }

    pub(crate) fn name<'a>(&self, name: &'a str) -> &'a str {
        self.catalogue.names.get(name).map_or(name, |label| label.as_str())
    }

    fn line<'a>(&self, kind: &'a str) -> &'a str {
        self.catalogue.lines.get(kind).map_or(kind, |label| label.as_str())
    }

    pub(crate) fn unit<'a>(&self, unit: &'a str) -> &'a str {
        self.catalogue.units.get(unit).map_or(unit, |label| label.as_str())
    }

    fn word<'a>(&self, word: &'a str) -> &'a str {
        self.catalogue.words.get(word).map_or(word, |label| label.as_str())
    }

    /// Articles in Arabic by their own names; numbers stay.
    fn article(&self, article: &str) -> String {
        const ARABIC: [(&str, &str); 10] = [
            ("Implementing Regulations, Art.", "اللائحة التنفيذية، المادة"),
            ("Convention for Labour Law, Art.", "عُرف في تطبيق نظام العمل، المادة"),
            ("Labour Law, Art.", "نظام العمل، المادة"),
            ("Social Insurance Law", "نظام التأمينات الاجتماعية"),
            ("Ministerial Decision", "القرار الوزاري"),
            ("Wage protection rules", "قواعد حماية الأجور"),
            ("occupational hazards branch", "فرع الأخطار المهنية"),
            ("Company rules", "لائحة المنشأة"),
            ("Pay document", "وثيقة الأجور"),
            ("Row of the organization", "سجل المنشأة"),
        ];
        match self.language {
            Language::En => article.to_owned(),
            Language::Ar => ARABIC.iter().fold(article.to_owned(), |text, (english, arabic)| {
                text.replace(english, arabic)
            }),
        }
    }

    fn formula(&self, node: &Node) -> String {
        let labelled = |name: &str| format!("[{}]", self.name(name));
        self.node(node, 0, &labelled)
    }

    fn node(&self, node: &Node, binds: u8, named: &dyn Fn(&str) -> String) -> String {
        match node {
            Node::Number(number) => plain(*number),
            Node::Name(name) => named(name),
            Node::Negative(inner) => format!("−{}", self.node(inner, 3, named)),
            Node::Binary(operator, left, right) => {
                let (sign, own) = operator_sign(*operator);
                let text = format!(
                    "{} {sign} {}",
                    self.node(left, own, named),
                    self.node(right, own + 1, named)
                );
                if own < binds { format!("({text})") } else { text }
            }
            Node::Call(function, nodes) => {
                let parts: Vec<_> = nodes.iter().map(|node| self.node(node, 0, named)).collect();
                format!(
                    "{} ({})",
                    self.word(function_word(*function)),
                    parts.join(self.word("comma"))
                )
            }
            Node::If(comparison, nodes) => {
                let [left, right, then, otherwise] = &**nodes;
                let of = |node| self.node(node, 1, named);
                format!(
                    "{} {} {} {} {} {}{comma}{} {}",
                    self.word("if"),
                    of(left),
                    comparison_sign(*comparison),
                    of(right),
                    self.word("then"),
                    of(then),
                    self.word("otherwise"),
                    of(otherwise),
                    comma = self.word("comma"),
                )
            }
        }
    }
}

const fn operator_sign(operator: Operator) -> (&'static str, u8) {
    match operator {
        Operator::Add => ("+", 1),
        Operator::Subtract => ("−", 1),
        Operator::Multiply => ("×", 2),
        Operator::Divide => ("÷", 2),
    }
}

const fn comparison_sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::Less => "<",
        Comparison::AtLeast => "≥",
        Comparison::AtMost => "≤",
    }
}

const fn function_word(function: Function) -> &'static str {
    match function {
        Function::Min => "min",
        Function::Max => "max",
        Function::Ceil => "ceil",
        Function::Down => "down",
        Function::Round => "round",
    }
}

type Known<'a> = &'a dyn Fn(&str) -> Option<(Decimal, String)>;

/// A formula with its numbers; of a condition the part that holds.
fn numbers(node: &Node, known: Known<'_>) -> String {
    with_numbers(node, 0, known)
}

fn with_numbers(node: &Node, binds: u8, known: Known<'_>) -> String {
    match node {
        Node::Number(number) => plain(*number),
        Node::Name(name) => {
            let text = known(name).map_or_else(|| name.clone(), |(_, text)| text);
            if text.starts_with('−') && binds > 0 {
                format!("({text})")
            } else {
                text
            }
        }
        Node::Negative(inner) => format!("−{}", with_numbers(inner, 3, known)),
        Node::Binary(operator, left, right) => {
            let (sign, own) = operator_sign(*operator);
            let text = format!(
                "{} {sign} {}",
                with_numbers(left, own, known),
                with_numbers(right, own + 1, known)
            );
            if own < binds { format!("({text})") } else { text }
        }
        Node::Call(function, nodes) => {
            let parts: Vec<_> = nodes.iter().map(|node| with_numbers(node, 0, known)).collect();
            format!("{}({})", function_word(*function), parts.join(", "))
        }
        Node::If(_, nodes) => {
            let lookup = |name: &str| known(name).map(|(value, _)| value);
            let [_, _, then, otherwise] = &**nodes;
            let condition = Expression { root: node.clone() };
            let of = |part: &Node| Expression { root: part.clone() }.value(&lookup);
            // Whichever part has the condition's value is the one that held; where both have it they read alike.
            let part = if condition.value(&lookup) == of(then) {
                then
            } else {
                otherwise
            };
            with_numbers(part, binds, known)
        }
    }
}

/// Names, lines and units that a language has no word for.
pub fn without_words<'a>(language: Language, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let catalogue = Words::of(language).catalogue;
    let knows = |name: &&str| !catalogue.names.contains_key(*name) && !catalogue.lines.contains_key(*name);
    names
        .into_iter()
        .filter(|name| knows(name) && !catalogue.units.contains_key(*name))
        .collect()
}
