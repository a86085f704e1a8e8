//! Telephone numbers as people write them.

/// A number in international form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number; one without a country is of the Kingdom. Blanks, hyphens, brackets and Arabic digits are fine.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (international, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut digits = String::with_capacity(16);
        for c in rest.chars() {
            match c {
                ' ' | '-' | '(' | ')' | '.' | '\u{00A0}' | '\u{200E}' | '\u{200F}' | '\u{202A}' | '\u{202C}' => {}
                c => digits.push(crate::decimal::ascii(c).filter(char::is_ascii_digit)?),
            }
        }
        let number = match digits.strip_prefix("00") {
            _ if international => digits,
            Some(rest) => rest.to_owned(),
            None => match digits.as_bytes() {
                [b'0', b'5', ..] if digits.len() == 10 => format!("966{}", &digits[1..]),
                [b'5', ..] if digits.len() == 9 => format!("966{digits}"),
                [b'9', b'6', b'6', ..] if digits.len() == 12 => digits,
                _ => return None,
            },
        };
        let plausible = (8..=15).contains(&number.len()) && !number.starts_with('0');
        // Mobile numbers of the Kingdom have one length.
        let whole = !number.starts_with("9665") || number.len() == 12;
        (plausible && whole).then(|| Self(format!("+{number}")))
    }

    /// With the plus sign: `+966501234567`.
    pub fn e164(&self) -> &str {
        &self.0
    }

    /// Without it, as most gateways of the Kingdom want it: `966501234567`.
    pub fn digits(&self) -> &str {
        &self.0[1..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_is_one_number() {
        for text in [
            "0501234567",
            "501234567",
            "966501234567",
            "00966501234567",
            "+966 50 123 4567",
            "٠٥٠١٢٣٤٥٦٧",
            " (050) 123-4567 ",
        ] {
            let phone = Phone::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (phone.e164(), phone.digits()),
                ("+966501234567", "966501234567"),
                "{text}"
            );
        }
        assert_eq!(Phone::parse("+20 100 123 4567").unwrap().digits(), "201001234567");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "12345",
            "05012345",
            "050123456789",
            "call me",
            "+0501234567",
            "+96650123456",
        ] {
            assert_eq!(Phone::parse(text), None, "{text}");
        }
    }
}
