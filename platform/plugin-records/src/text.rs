//! Text that came from outside: what is removed, and card numbers that must not be kept.

/// Characters that show nothing and can make a text read differently from what it is: controls, direction overrides
/// and isolates, zero-width space, word joiner, byte order mark. (The zero-width joiners stay: Persian and Urdu names
/// need them.)
pub(crate) fn invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{FEFF}'
        )
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E0000}'..='\u{E007F}')
}

/// The text without invisible characters, trimmed, cut to `max` characters; `None` when nothing is left.
/// The flag says whether more than surrounding blanks was lost.
pub fn clean(text: &str, max: usize) -> (Option<String>, bool) {
    // Nearly all texts of machines: nothing in them has to be looked at twice.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        let trimmed = text.trim();
        let cut = &trimmed[..trimmed.len().min(max)];
        return ((!cut.is_empty()).then(|| cut.to_owned()), cut.len() < trimmed.len());
    }
    let mut lost = false;
    let visible: String = text
        .chars()
        .filter_map(|c| match c {
            '\n' | '\r' | '\t' => Some(' '),
            c if invisible(c) => {
                lost = true;
                None
            }
            c => Some(c),
        })
        .collect();
    let trimmed = visible.trim();
    if trimmed.is_empty() {
        return (None, lost);
    }
    let cut: String = trimmed.chars().take(max).collect();
    lost |= cut.len() < trimmed.len();
    (Some(cut), lost)
}

/// First six and last four digits of a payment card number, the rest as stars; `None` when the text is not one.
///
/// A payment card has 13 to 19 digits, a valid check digit, and starts with 2 to 6. Fuel companies' own cards start
/// with 7 and are references, not payment cards. Compare stored card numbers through this function too, so that a
/// masked reference still finds its vehicle.
pub fn mask_card(text: &str) -> Option<String> {
    let mut digits = Vec::with_capacity(19);
    for c in text.chars() {
        match c {
            ' ' | '-' | '.' => {}
            c => digits.push(digit(c)?),
        }
    }
    if !(13..=19).contains(&digits.len()) || !(2..=6).contains(&digits[0]) || !luhn(&digits) {
        return None;
    }
    let hidden = 6..digits.len() - 4;
    let shown = |(i, d): (usize, &u8)| if hidden.contains(&i) { '*' } else { char::from(b'0' + d) };
    Some(digits.iter().enumerate().map(shown).collect())
}

fn digit(c: char) -> Option<u8> {
    let value = match c {
        '0'..='9' => u32::from(c) - u32::from('0'),
        '٠'..='٩' => u32::from(c) - u32::from('٠'),
        '۰'..='۹' => u32::from(c) - u32::from('۰'),
        _ => return None,
    };
    u8::try_from(value).ok()
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let d = u32::from(*d);
            match (i % 2, d) {
                (0, d) => d,
                (_, d) if d > 4 => d * 2 - 9,
                (_, d) => d * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payment_cards_are_masked_and_references_are_not() {
        let cases = [
            ("4111 1111 1111 1111", Some("411111******1111")),
            ("٤١١١١١١١١١١١١١١١", Some("411111******1111")),
            ("378282246310005", Some("378282*****0005")),
            ("4111111111111112", None),
            ("7005123456789010", None),
            ("123456", None),
            ("CARD-4111111111111111", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(mask_card(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn cleaning_removes_what_cannot_be_seen() {
        assert_eq!(
            clean(" محطة \u{202E}الرياض\u{0} ", 50),
            (Some("محطة الرياض".into()), true)
        );
        assert_eq!(clean("a\tb\n", 50), (Some("a b".into()), false));
        assert_eq!(clean("\u{200B} ", 50), (None, true));
        assert_eq!(clean("abcdef", 3), (Some("abc".into()), true));
        assert_eq!(clean(" abc  ", 3), (Some("abc".into()), false));
        assert_eq!(clean("   ", 3), (None, false));
        assert_eq!(clean("محطة", 3), (Some("محط".into()), true));
        assert_eq!(clean("می\u{200C}خواهم", 50), (Some("می\u{200C}خواهم".into()), false));
    }
}
