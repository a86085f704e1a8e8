//! Decimal numbers as people and programs write them, read exactly: `87.20`, `1,234.50`, `٨٧٫٢٠`, `87,20 ر.س`.

/// Which character stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    Point,
    Comma,
}

/// An exact decimal: `units` ÷ 10^`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Digits a number may have, before and after the separator together: more is not a figure of a fleet.
const MAX_DIGITS: usize = 24;

impl Decimal {
    /// Reads a number. Currency words and unit words around it are ignored, group separators must stand in threes.
    /// A separator that can only be read one way is read that way whatever `separator` says: `87,20` has no groups.
    pub fn parse(text: &str, separator: Separator) -> Option<Self> {
        let shape = Shape::of(text)?;
        let decimals_at = shape.decimals_at(separator).ok()?;
        let mut units: i128 = 0;
        let mut scale = 0;
        for (at, c) in shape.body.char_indices() {
            if let Some(digit) = c.to_digit(10) {
                units = units * 10 + i128::from(digit);
                scale += u32::from(decimals_at.is_some_and(|decimals| at > decimals));
            }
        }
        Some(Self {
            units: if shape.negative { -units } else { units },
            scale,
        })
    }

    /// The number in steps of 10^-`digits`, rounded half away from zero: `87.20` with 2 digits is 8720.
    pub fn scaled(self, digits: u32) -> Option<i64> {
        let value = match digits.checked_sub(self.scale) {
            Some(more) => self.units.checked_mul(10_i128.checked_pow(more)?)?,
            None => divide(self.units, 10_i128.checked_pow(self.scale - digits)?),
        };
        i64::try_from(value).ok()
    }

    /// The exact product: unit conversions.
    pub fn times(self, factor: Self) -> Option<Self> {
        Some(Self {
            units: self.units.checked_mul(factor.units)?,
            scale: self.scale + factor.scale,
        })
    }

    /// What the text proves about the decimal separator its writer uses; `None` when it reads either way or not at all.
    pub fn evidence(text: &str) -> Option<Separator> {
        let shape = Shape::of(text)?;
        let (point, comma) = (
            shape.decimals_at(Separator::Point).ok()?,
            shape.decimals_at(Separator::Comma).ok()?,
        );
        match shape.body[point.filter(|_| point == comma)?..].chars().next()? {
            '.' => Some(Separator::Point),
            ',' => Some(Separator::Comma),
            _ => None,
        }
    }
}

/// A positive divisor, half away from zero.
fn divide(value: i128, divisor: i128) -> i128 {
    let half = divisor / 2;
    if value >= 0 {
        (value + half) / divisor
    } else {
        (value - half) / divisor
    }
}

/// Stands before decimals and nowhere else.
const ARABIC_DECIMAL: char = '٫';

/// The text has no reading as a number.
struct NoNumber;

/// A number's digits and separators in ASCII, without what surrounds them.
struct Shape {
    body: String,
    negative: bool,
}

impl Shape {
    fn of(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().filter_map(ascii).collect();
        let (text, parentheses) = match text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            Some(inner) => (inner, true),
            None => (text.as_str(), false),
        };
        let first = text.find(|c: char| c.is_ascii_digit())?;
        let last = text.rfind(|c: char| c.is_ascii_digit())?;
        let (before, mut body, after) = (&text[..first], text[first..=last].to_owned(), &text[last + 1..]);
        let word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '$' | '€' | '﷼');
        let sign = |c: char| c == '-';
        // `.5` has its separator before the first digit, directly.
        if before.ends_with(['.', ',']) && !before.trim_end_matches(['.', ',']).ends_with(char::is_alphabetic) {
            body.insert_str(0, if before.ends_with('.') { "0." } else { "0," });
        }
        let before = before.trim_end_matches(['.', ',']);
        let signs = before.chars().chain(after.chars()).filter(|c| sign(*c)).count();
        let rest_ok = before
            .chars()
            .chain(after.chars())
            .all(|c| word(c) || sign(c) || c == '+');
        let digits = body.chars().filter(char::is_ascii_digit).count();
        let body_ok = body
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\'' | ARABIC_DECIMAL));
        (rest_ok && body_ok && signs <= 1 && digits <= MAX_DIGITS).then_some(Self {
            body,
            negative: signs == 1 || parentheses,
        })
    }

    /// Where the decimal separator stands, if there is one.
    fn decimals_at(&self, separator: Separator) -> Result<Option<usize>, NoNumber> {
        let (decimal, group) = match separator {
            Separator::Point => ('.', ','),
            Separator::Comma => (',', '.'),
        };
        let readings = if self.body.contains(ARABIC_DECIMAL) {
            [(ARABIC_DECIMAL, group), (ARABIC_DECIMAL, decimal)]
        } else {
            // The second one is for texts that have only the other reading.
            [(decimal, group), (group, decimal)]
        };
        let reading = readings
            .into_iter()
            .find(|(decimal, group)| self.reads_as(*decimal, *group));
        reading.map(|(decimal, _)| self.body.find(decimal)).ok_or(NoNumber)
    }

    /// At most one decimal separator, and groups of three before it.
    fn reads_as(&self, decimal: char, group: char) -> bool {
        let (whole, fraction) = self.body.split_once(decimal).unwrap_or((&self.body, ""));
        if fraction.contains(|c: char| !c.is_ascii_digit()) {
            return false;
        }
        let mut groups = whole.split([group, ' ', '\'']);
        let first = groups.next().unwrap_or("");
        let mut rest = groups.peekable();
        let first_ok = rest.peek().is_none() || (1..=3).contains(&first.len());
        first_ok && rest.all(|digits| digits.len() == 3 && digits.chars().all(|c| c.is_ascii_digit()))
    }
}

/// One character in ASCII, or nothing when it only changes the looks.
pub(crate) fn ascii(c: char) -> Option<char> {
    let digit = |zero: char| char::from_digit(u32::from(c) - u32::from(zero), 10);
    match c {
        '٠'..='٩' => digit('٠'),
        '۰'..='۹' => digit('۰'),
        '０'..='９' => digit('０'),
        // The Arabic thousands separator, and the Arabic comma that keyboards put in its place and elsewhere.
        '٬' => Some('\''),
        '،' => Some(','),
        '−' | '–' => Some('-'),
        '\u{A0}' | '\u{202F}' | '\u{2009}' => Some(' '),
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, separator: Separator) -> Option<i64> {
        Decimal::parse(text, separator)?.scaled(3)
    }

    #[test]
    fn numbers_are_read_exactly_however_they_are_written() {
        let cases = [
            ("87.20", 87_200),
            ("87", 87_000),
            (" 87.2 ", 87_200),
            ("1,234.50", 1_234_500),
            ("1 234,50", 1_234_500),
            ("1.234,50", 1_234_500),
            ("1,234,567.125", 1_234_567_125),
            ("87,20", 87_200),
            ("٨٧٫٢٠", 87_200),
            ("١٬٢٣٤٫٥٠", 1_234_500),
            ("۸۷٫۲۰", 87_200),
            ("٨٧.٢٠", 87_200),
            ("٤٠٫١٢٥", 40_125),
            ("SAR 87.20", 87_200),
            ("87.20 SAR", 87_200),
            ("87.20 ر.س", 87_200),
            ("ر.س. 87.20", 87_200),
            ("40.5 L", 40_500),
            ("-87.20", -87_200),
            ("87.20-", -87_200),
            ("(87.20)", -87_200),
            (".5", 500),
            ("\u{200F}87.20", 87_200),
            ("0.0005", 1),
            ("-0.0005", -1),
            ("0.00049", 0),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text, Separator::Point), Some(expected), "{text}");
        }
        for (text, expected) in [("1,234", 1_234_000), ("1.234", 1_234)] {
            assert_eq!(read(text, Separator::Point), Some(expected), "{text}");
        }
        for (text, expected) in [
            ("1,234", 1_234),
            ("1.234", 1_234_000),
            ("87.20", 87_200),
            ("٤٠٫١٢٥", 40_125),
        ] {
            assert_eq!(read(text, Separator::Comma), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        let cases = [
            "",
            "abc",
            "NaN",
            "inf",
            "1.2.3",
            "1,23,4.5",
            "1,2345.6",
            "--5",
            "-5-",
            "1e3",
            "0x10",
            "12/05",
            "5;6",
            "5:30",
            "1234567890123456789012345",
        ];
        for text in cases {
            assert_eq!(read(text, Separator::Point), None, "{text}");
        }
    }

    #[test]
    fn a_text_proves_its_separator_or_does_not() {
        let cases = [
            ("87.20", Some(Separator::Point)),
            ("87,20", Some(Separator::Comma)),
            ("1,234.50", Some(Separator::Point)),
            ("1.234,50", Some(Separator::Comma)),
            // Groups, but nothing about decimals.
            ("1,234,567", None),
            ("40,125", None),
            ("40.125", None),
            ("٨٧٫٢٠", None),
            ("87", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Decimal::evidence(text), expected, "{text}");
        }
    }

    #[test]
    fn units_convert_without_floats() {
        let read = |text: &str| Decimal::parse(text, Separator::Point).unwrap();
        let litres = read("10.5").times(read("3.785411784")).unwrap();
        assert_eq!(litres.scaled(3), Some(39_747));
        assert_eq!(
            read("120345.6").times(read("1000")).unwrap().scaled(0),
            Some(120_345_600)
        );
        assert_eq!(read(&"9".repeat(24)).scaled(3), None);
    }
}
