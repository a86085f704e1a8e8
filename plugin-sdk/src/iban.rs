//! Account numbers.

/// An international bank account number whose check digits are right.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Iban(String);

impl Iban {
    /// Reads an account number with or without blanks. One of the Kingdom has 24 characters.
    pub fn parse(text: &str) -> Option<Self> {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_uppercase();
        let shape = compact.len() >= 15
            && compact.len() <= 34
            && compact.bytes().all(|b| b.is_ascii_alphanumeric())
            && compact.bytes().take(2).all(|b| b.is_ascii_uppercase())
            && compact.bytes().skip(2).take(2).all(|b| b.is_ascii_digit());
        let length = !compact.starts_with("SA") || compact.len() == 24;
        (shape && length && remainder(&compact) == 1).then_some(Self(compact))
    }

    /// Without blanks, upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The two digits that name the bank of an account in the Kingdom.
    pub fn saudi_bank(&self) -> Option<&str> {
        self.0.strip_prefix("SA").and_then(|rest| rest.get(2..4))
    }
}

/// ISO 7064, modulo 97, the first four characters last and letters as two digits.
fn remainder(iban: &str) -> u32 {
    let (head, tail) = iban.split_at(4);
    let digits = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36));
    digits.fold(0, |sum, digit| {
        let shifted = if digit < 10 { sum * 10 } else { sum * 100 };
        (shifted + digit) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_decide() {
        let iban = Iban::parse("SA03 8000 0000 6080 1016 7519").unwrap();
        assert_eq!(
            (iban.as_str(), iban.saudi_bank()),
            ("SA0380000000608010167519", Some("80"))
        );
        assert_eq!(Iban::parse("GB82WEST12345698765432").unwrap().saudi_bank(), None);
        for bad in [
            "",
            "SA0380000000608010167518",
            "SA038000000060801016751",
            "0380000000608010167519",
            "SA03 8000",
        ] {
            assert_eq!(Iban::parse(bad), None, "{bad}");
        }
    }
}
