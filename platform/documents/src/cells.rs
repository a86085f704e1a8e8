//! What a cell says once everything invisible is taken from its ends.

/// Invisible characters that direct Arabic text or glue words; they come along with copying and are no content.
pub(crate) fn is_mark(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{feff}')
}

/// The text without blanks (also no-break ones), line ends and direction marks at both ends.
pub fn clean(text: &str) -> &str {
    // char::is_whitespace covers NBSP, the narrow NBSP and the ideographic space.
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || is_mark(c))
}

/// Whether a cell says that there is no value, in one of the ways that programs and people write it.
pub fn missing(cell: &str) -> bool {
    let cell = clean(cell);
    let words = [
        "nan", "null", "nil", "none", "n/a", "na", "#n/a", "-", "--", "\u{2013}", "\u{2014}",
    ];
    cell.is_empty() || words.iter().any(|word| cell.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_cleaned_and_the_middle_is_kept() {
        assert_eq!(clean("  a b\u{a0}\u{200f}"), "a b");
        assert_eq!(clean("\u{202b}\u{feff}\u{2066}أ ب ج\u{2069}\u{202c}\r\n"), "أ ب ج");
        assert_eq!(clean("a\u{200d}b"), "a\u{200d}b");
        assert_eq!(clean("\u{a0} \u{200e}"), "");
    }

    #[test]
    fn missing_values() {
        for cell in [
            "",
            "  ",
            "NaN",
            "nan ",
            "NaN\u{a0}",
            "null",
            "NULL",
            "N/A",
            "-",
            "#N/A",
            "None",
        ] {
            assert!(missing(cell), "{cell:?}");
        }
        for cell in ["0", "-1", "nano", "no", "N", "لا"] {
            assert!(!missing(cell), "{cell:?}");
        }
    }
}
