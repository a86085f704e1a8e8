//! Words of what leaves the module as files: from the catalogue, in the language that was asked for.

use chrono::{Datelike, NaiveDate};
use platform_core::{Catalogue, Cx, Locale};
use platform_documents::to_hijri;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use hr_pay::article_in;
use hr_pay::money::half_up;

/// Languages that files are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    Ar,
    En,
}

impl Language {
    pub const fn locale(self) -> Locale {
        match self {
            Self::Ar => Locale::Ar,
            Self::En => Locale::En,
        }
    }
}

/// The catalogue in one language.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    catalogue: &'a Catalogue,
    pub locale: Locale,
}

impl<'a> Words<'a> {
    pub const fn new(catalogue: &'a Catalogue, locale: Locale) -> Self {
        Self { catalogue, locale }
    }

    /// The language that was asked for, or else the caller's.
    pub fn of(cx: &'a Cx, asked: Option<Language>) -> Self {
        let locale = asked.map_or(cx.locale, Language::locale);
        Self::new(&cx.platform.catalogue, locale)
    }

    pub const fn is_arabic(self) -> bool {
        matches!(self.locale, Locale::Ar)
    }

    /// A word of the section `outputs`, as `payslip` and `title`.
    pub fn get(self, group: &str, key: &str) -> &'a str {
        let found: &Json = &self.catalogue.words(self.locale)["outputs"][group][key];
        found.as_str().unwrap_or_default()
    }

    pub fn label(self, resource: &str, field: &'a str) -> &'a str {
        self.catalogue.label(self.locale, resource, field)
    }

    pub fn choice(self, resource: &str, field: &str, value: &'a str) -> &'a str {
        self.catalogue.choice(self.locale, resource, field, value)
    }

    /// What a payslip calls a line of this kind.
    pub fn kind(self, kind: &'a str) -> &'a str {
        self.choice("hr.salary_lines", "kind", kind)
    }

    /// A sentence with its holes filled.
    pub fn say(self, group: &str, key: &str, holes: &[(&str, &str)]) -> String {
        let text = self.get(group, key).to_owned();
        holes
            .iter()
            .fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// `25 April 2026`.
    pub fn day(self, day: NaiveDate) -> String {
        let month = self.get("months", &day.month().to_string());
        format!("{} {month} {}", day.day(), day.year())
    }

    /// `7 Dhu al-Qi'dah 1447`, of the Umm al-Qura calendar; nothing for days outside its tables.
    pub fn hijri_day(self, day: NaiveDate) -> String {
        let Some(hijri) = to_hijri(day) else {
            return String::new();
        };
        let month = self.get("hijri_months", &hijri.month.to_string());
        format!("{} {month} {}", hijri.day, hijri.year)
    }

    /// `May 2026`.
    pub fn month(self, year: i64, month: i64) -> String {
        format!("{} {year}", self.get("months", &month.to_string()))
    }

    /// The article that a line rests on; of several the first, which is the law.
    pub fn article(self, article: &str) -> String {
        let first = article.split(';').next().unwrap_or_default();
        match self.locale {
            Locale::En => first.to_owned(),
            Locale::Ar => {
                let text = article_in(first, hr_pay::Language::Ar).replace(", ", "، ");
                // `92(2)` is one number, read from left to right.
                let word = |word: &str| {
                    if word.contains('(') {
                        self.code(word)
                    } else {
                        word.to_owned()
                    }
                };
                text.split(' ').map(word).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// Something that is written from left to right also within Arabic.
    pub fn code(self, text: &str) -> String {
        if self.is_arabic() && !text.is_empty() {
            format!("\u{2066}{text}\u{2069}")
        } else {
            text.to_owned()
        }
    }
}

/// `1,754.94`; what is below zero has its sign before it.
pub(super) fn money(amount: Decimal) -> String {
    let text = format!("{:.2}", half_up(amount, 2).abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "00"));
    let sign = if half_up(amount, 2) < Decimal::ZERO { "-" } else { "" };
    format!("{sign}{}.{fraction}", thousands(whole))
}

/// `1,754`, with as many decimals as the number has.
pub(super) fn quantity(number: Decimal) -> String {
    let text = number.normalize().to_string();
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", thousands(whole)),
        None => thousands(&text),
    }
}

fn thousands(digits: &str) -> String {
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An account as papers show it: its beginning and its end.
pub(super) fn masked(iban: &str) -> String {
    let letters: Vec<char> = iban.chars().collect();
    if letters.len() < 12 {
        return "*".repeat(letters.len());
    }
    let (first, last) = (&letters[..4], &letters[letters.len() - 4..]);
    let text = |part: &[char]| part.iter().collect::<String>();
    format!("{} **** **** {}", text(first), text(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hr_pay::money::number;

    #[test]
    fn amounts_are_grouped_and_rounded_once() {
        for (given, shown) in [
            ("0", "0.00"),
            ("-0.001", "0.00"),
            ("1754.94", "1,754.94"),
            ("-206.1", "-206.10"),
            ("1234567.895", "1,234,567.90"),
            ("999", "999.00"),
        ] {
            assert_eq!(money(number(given)), shown);
        }
        assert_eq!(quantity(number("1400.5000")), "1,400.5");
    }

    #[test]
    fn accounts_show_their_ends() {
        assert_eq!(masked("SA0380000000608010167519"), "SA03 **** **** 7519");
        assert_eq!(masked("SA03"), "****");
        assert_eq!(masked(""), "");
    }
}
