//! Arabic text as people type it, brought to one form: digits, letters, blanks.

use crate::cells::is_mark;

/// Arabic-Indic and Persian digits become ASCII digits; everything else stays.
pub fn ascii_digits(text: &str) -> String {
    text.chars().map(ascii_digit).collect()
}

fn ascii_digit(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => 0x660,
        '\u{6f0}'..='\u{6f9}' => 0x6f0,
        _ => return c,
    };
    char::from_digit(c as u32 - zero, 10).unwrap_or(c)
}

/// Letters that are typed in several forms become one, and what only decorates goes: the forms of alef → ا, ى and
/// Persian ی → ي, ک → ك, ة → ه, vowel signs and tatweel removed. For comparing, not for showing.
pub fn unify_letters(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{640}') && !is_mark(*c))
        .map(|c| match c {
            'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
            'ى' | 'ی' => 'ي',
            'ک' => 'ك',
            'ة' | 'ۀ' | 'ہ' | 'ھ' => 'ه',
            other => other,
        })
        .collect()
}

/// Every run of blanks and invisible marks becomes one space; none at the ends.
pub fn unify_spaces(text: &str) -> String {
    let mut unified = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_mark(*c)) {
        if !c.is_whitespace() {
            unified.push(c);
        } else if !unified.is_empty() && !unified.ends_with(' ') {
            unified.push(' ');
        }
    }
    if unified.ends_with(' ') {
        unified.pop();
    }
    unified
}

/// Digits, letters and blanks in one form and lower case: two texts that people hold for the same compare equal.
pub fn comparable(text: &str) -> String {
    unify_spaces(&unify_letters(&ascii_digits(text))).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_both_scripts() {
        assert_eq!(ascii_digits("٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 05"), "0123456789 0123456789 05");
        assert_eq!(ascii_digits("أ ب ج ١٢٣٤"), "أ ب ج 1234");
    }

    #[test]
    fn forms_of_a_name_compare_equal() {
        assert_eq!(comparable("أحمد  عليّ"), comparable("احمد على"));
        assert_eq!(comparable("فاطمة\u{200f} "), comparable("فاطمه"));
        assert_eq!(comparable("مـحـمـد"), "محمد");
        assert_ne!(comparable("محمد"), comparable("محمود"));
    }

    #[test]
    fn blanks_become_one() {
        assert_eq!(unify_spaces("\u{a0} a \t\u{200e} b\n"), "a b");
        assert_eq!(unify_spaces(" \u{200f}"), "");
    }
}
