//! Numbers as people write them in sheets.

use crate::arabic::ascii_digits;
use crate::cells::{clean, is_mark};
use rust_decimal::Decimal;
use std::str::FromStr;

/// The number in a cell: Arabic or ASCII digits, thousands marks, a currency word before or after, `(12.50)` or a
/// trailing minus for a negative one.
///
/// A comma stands for thousands when groups of exactly three digits follow (`1,234`), otherwise, and if there is only
/// one and no dot, for the decimal point (`12,5`). Anything else that is not a plain number is refused with `None`.
pub fn parse_number(text: &str) -> Option<Decimal> {
    let text: String = ascii_digits(text)
        .chars()
        .filter(|c| !is_mark(*c) && !matches!(c, '٬' | '\'' | '’') && (*c == ' ' || !c.is_whitespace()))
        .map(|c| match c {
            '٫' => '.',
            '−' | '–' => '-',
            other => other,
        })
        .collect();
    let text = without_currency(clean(&text));
    let (negative, text) = sign(text);
    let text = text.replace(' ', "");
    let digits = point_for_comma(&text)?;
    let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.') && digits.chars().any(|c| c.is_ascii_digit());
    if !plain || digits.matches('.').count() > 1 {
        return None;
    }
    let mut number = Decimal::from_str(&digits).ok()?;
    number.set_sign_negative(negative && !number.is_zero());
    Some(number)
}

fn without_currency(text: &str) -> &str {
    const WORDS: [&str; 8] = ["SAR", "SR", "sar", "ر.س.", "ر.س", "ريال", "﷼", "\u{20c1}"];
    let mut text = text;
    for word in WORDS {
        text = text.strip_prefix(word).unwrap_or(text);
        text = text.strip_suffix(word).unwrap_or(text);
    }
    clean(text)
}

fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return (true, inner);
    }
    if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_suffix('-')) {
        return (true, clean(rest));
    }
    (false, text.strip_prefix('+').unwrap_or(text))
}

fn point_for_comma(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    if (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3) {
        let whole = whole.replace(',', "");
        return Some(fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}")));
    }
    (rest.len() == 1 && fraction.is_none()).then(|| text.replace(',', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_written() {
        for (text, number) in [
            ("12", "12"),
            (" 12.50 ", "12.50"),
            ("1,234.5", "1234.5"),
            ("1,234", "1234"),
            ("1,234,567", "1234567"),
            ("12,5", "12.5"),
            ("١٬٢٣٤٫٥٠", "1234.50"),
            ("۱۲٫۵", "12.5"),
            ("-7", "-7"),
            ("7-", "-7"),
            ("(7.25)", "-7.25"),
            ("SAR 2,000.00", "2000.00"),
            ("٢٠٠٠ ر.س", "2000"),
            ("\u{200f}45\u{a0}", "45"),
            ("1 234", "1234"),
            (".5", "0.5"),
            ("+3", "3"),
            ("-0", "0"),
        ] {
            assert_eq!(parse_number(text), Decimal::from_str(number).ok(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in [
            "", "abc", "12a", "1.2.3", "1,23,4", "--4", "NaN", "1e5", "0x12", "-", ".", "12,34,56", "1,234,5",
        ] {
            assert_eq!(parse_number(text), None, "{text:?}");
        }
    }
}
