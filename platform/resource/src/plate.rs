//! Number plates: Saudi ones in Arabic or Latin letters, and those of neighbouring countries.
//!
//! A Saudi plate has up to three letters and one to four digits. Seventeen Arabic letters are used, each paired with one Latin
//! letter (source: `formats` §1.5; the pairing is the one printed on plates). The normal form is the Latin letters in the
//! order given, a blank, and the digits: `ABJ 1234`.

use crate::parse::ascii_digits;

const PAIRS: [(char, char); 17] = [
    ('ا', 'A'),
    ('ب', 'B'),
    ('ح', 'J'),
    ('د', 'D'),
    ('ر', 'R'),
    ('س', 'S'),
    ('ص', 'X'),
    ('ط', 'T'),
    ('ع', 'E'),
    ('ق', 'G'),
    ('ك', 'K'),
    ('ل', 'L'),
    ('م', 'Z'),
    ('ن', 'N'),
    ('ه', 'H'),
    ('و', 'U'),
    ('ى', 'V'),
];

fn unify(letter: char) -> char {
    match letter {
        'أ' | 'إ' | 'آ' | 'ٱ' => 'ا',
        'ي' | 'ی' => 'ى',
        'ة' => 'ه',
        'ک' => 'ك',
        other => other,
    }
}

/// The normal form of a plate, or nothing when it cannot be one: at least one digit, at most ten letters and digits, no
/// Arabic letter that plates do not use.
pub fn normalize_plate(raw: &str) -> Option<String> {
    let mut letters = String::new();
    let mut digits = String::new();
    let mut plain = String::new();
    for character in ascii_digits(raw).chars() {
        let character = unify(character);
        match character {
            '0'..='9' => {
                digits.push(character);
                plain.push(character);
            }
            'a'..='z' | 'A'..='Z' => {
                letters.push(character.to_ascii_uppercase());
                plain.push(character.to_ascii_uppercase());
            }
            ' ' | '-' | '/' | '.' | '\u{a0}' | '\u{200e}' | '\u{200f}' | 'ـ' => {}
            _ => {
                let (_, latin) = PAIRS.iter().find(|(arabic, _)| *arabic == character)?;
                letters.push(*latin);
                plain.push(*latin);
            }
        }
    }
    if digits.is_empty() || plain.len() > 10 {
        return None;
    }
    // Letters on both sides of the digits belong to a foreign plate: its order carries meaning.
    let split = plain
        .chars()
        .zip(plain.chars().skip(1))
        .filter(|(a, b)| a.is_alphabetic() != b.is_alphabetic())
        .count();
    if split > 1 || letters.is_empty() {
        return Some(plain);
    }
    Some(format!("{letters} {digits}"))
}

/// The Arabic writing of a normal form, letters apart as on the plate; nothing when a letter has no pair.
pub fn plate_in_arabic(normal: &str) -> Option<String> {
    let mut letters = Vec::new();
    let mut digits = String::new();
    for character in normal.chars() {
        match character {
            ' ' => {}
            '0'..='9' => digits.push(char::from_u32(u32::from(character) - u32::from('0') + 0x660)?),
            _ => letters.push(PAIRS.iter().find(|(_, latin)| *latin == character)?.0.to_string()),
        }
    }
    Some(format!("{} {digits}", letters.join(" ")).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_normal_form_for_every_writing() {
        for raw in [
            "ABJ 1234",
            "abj1234",
            "1234 ABJ",
            "ا ب ح ١٢٣٤",
            "أبح-1234",
            "١٢٣٤ ا ب ح",
            " A B J  1 2 3 4 ",
        ] {
            assert_eq!(normalize_plate(raw).as_deref(), Some("ABJ 1234"), "{raw}");
        }
    }

    #[test]
    fn foreign_plates_keep_their_order() {
        assert_eq!(normalize_plate("AB 123 CD").as_deref(), Some("AB123CD"));
        assert_eq!(normalize_plate("12345").as_deref(), Some("12345"));
    }

    #[test]
    fn what_cannot_be_a_plate_is_refused() {
        for raw in ["", "ABC", "ث ج خ 1234", "AB#12", "ABCDEFGH12345"] {
            assert_eq!(normalize_plate(raw), None, "{raw}");
        }
    }

    #[test]
    fn arabic_writing() {
        assert_eq!(plate_in_arabic("ABJ 1234").as_deref(), Some("ا ب ح ١٢٣٤"));
        assert_eq!(plate_in_arabic("QQQ 1"), None);
    }
}
