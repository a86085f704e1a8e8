//! Parts of a text message: what it costs. 160 septets of the GSM alphabet or 70 UTF-16 units fit into one; longer texts
//! lose a few in each part to the header that joins them.

/// How a text is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// GSM 03.38, seven bits a character.
    Gsm7,
    /// UTF-16: Arabic, emoji, anything else.
    Ucs2,
}

/// A text, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    pub alphabet: Alphabet,
    /// Septets or UTF-16 units.
    pub units: usize,
    pub parts: usize,
}

/// The basic alphabet, without the letters, digits and signs that are also ASCII.
const BASIC: &str = "£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/// Of ASCII, what is in the basic alphabet.
const BASIC_ASCII: &str = "\n\r !\"#$%&'()*+,-./:;<=>?@_";
/// Two septets each.
const EXTENDED: &str = "^{}\\[~]|€\u{C}";

/// Counts a text as networks do.
pub fn count(text: &str) -> Segments {
    let costs: Option<Vec<usize>> = text.chars().map(septets).collect();
    let (alphabet, costs, one, joined) = match costs {
        Some(costs) => (Alphabet::Gsm7, costs, 160, 153),
        None => (Alphabet::Ucs2, text.chars().map(char::len_utf16).collect(), 70, 67),
    };
    let units: usize = costs.iter().sum();
    let parts = if units <= one { 1 } else { joined_parts(&costs, joined) };
    Segments { alphabet, units, parts }
}

/// A character of two units is never torn between two parts.
fn joined_parts(costs: &[usize], size: usize) -> usize {
    let mut parts = 1;
    let mut filled = 0;
    for cost in costs {
        if filled + cost > size {
            parts += 1;
            filled = 0;
        }
        filled += cost;
    }
    parts
}

fn septets(c: char) -> Option<usize> {
    if c.is_ascii_alphanumeric() || BASIC_ASCII.contains(c) || BASIC.contains(c) {
        return Some(1);
    }
    EXTENDED.contains(c).then_some(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Alphabet, usize, usize) {
        let counted = count(text);
        (counted.alphabet, counted.units, counted.parts)
    }

    #[test]
    fn parts_are_counted_at_the_borders() {
        use Alphabet::{Gsm7, Ucs2};
        for (letter, length, expected) in [
            ("a", 160, (Gsm7, 160, 1)),
            ("a", 161, (Gsm7, 161, 2)),
            ("a", 306, (Gsm7, 306, 2)),
            ("a", 307, (Gsm7, 307, 3)),
            ("م", 70, (Ucs2, 70, 1)),
            ("م", 71, (Ucs2, 71, 2)),
            ("م", 134, (Ucs2, 134, 2)),
            ("م", 135, (Ucs2, 135, 3)),
            ("€", 80, (Gsm7, 160, 1)),
            ("€", 81, (Gsm7, 162, 2)),
            // 76 pairs fill 152 of 153 septets: none is torn.
            ("€", 153, (Gsm7, 306, 3)),
            ("😀", 35, (Ucs2, 70, 1)),
            ("😀", 36, (Ucs2, 72, 2)),
            ("😀", 67, (Ucs2, 134, 3)),
        ] {
            assert_eq!(parts(&letter.repeat(length)), expected, "{length} × {letter}");
        }
        assert_eq!(parts(""), (Gsm7, 0, 1));
    }

    #[test]
    fn one_arabic_letter_makes_the_whole_text_wide() {
        assert_eq!(parts("Your code is 1234").0, Alphabet::Gsm7);
        assert_eq!(parts("Your code is ١٢٣٤"), (Alphabet::Ucs2, 17, 1));
        assert_eq!(parts(&format!("{}م", "a".repeat(100))), (Alphabet::Ucs2, 101, 2));
        assert_eq!(parts("`").0, Alphabet::Ucs2, "not in the alphabet");
    }
}
