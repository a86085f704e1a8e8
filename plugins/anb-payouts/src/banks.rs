//! Banks of the Kingdom: the two digits of an account number and the bank's international code. Data, for banks merge: the
//! setting `bank_codes` overrides it.

/// Digits, code. What a bank was called before it merged leads to the bank it is now.
const BANKS: &[(&str, &str)] = &[
    ("05", "INMASARI"),
    ("10", "NCBKSAJE"),
    ("15", "ALBISARI"),
    ("20", "RIBLSARI"),
    ("30", "ARNBSARI"),
    ("40", "NCBKSAJE"),
    ("45", "SABBSARI"),
    ("50", "SABBSARI"),
    ("55", "BSFRSARI"),
    ("60", "BJAZSAJE"),
    ("65", "SIBCSARI"),
    ("80", "RJHISARI"),
];

/// The code of the bank with these digits.
pub fn code(digits: &str) -> Option<&'static str> {
    BANKS.iter().find(|(known, _)| *known == digits).map(|(_, code)| *code)
}

/// Whether a text is a code of a bank of the Kingdom: four letters, `SA`, two or five more.
pub fn is_code(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let bank = text.bytes().take(4).all(|b| b.is_ascii_uppercase());
    plain && bank && (text.len() == 8 || text.len() == 11) && &text[4..6] == "SA"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_of_the_table_has_a_code_that_is_one() {
        for (digits, code) in BANKS {
            assert!(digits.len() == 2 && is_code(code), "{digits} {code}");
        }
        assert_eq!(code("80"), Some("RJHISARI"));
        assert_eq!(code("99"), None);
        for bad in ["", "RJHI", "rjhisari", "RJHIAERI", "RJHISAR", "RJHISARI1"] {
            assert!(!is_code(bad), "{bad}");
        }
        assert!(is_code("ARNBSARIXXX"));
    }
}
