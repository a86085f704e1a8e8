//! Amounts in words, as they stand on payslips beside the figures: riyals and halalas in English and Arabic.

use platform_core::Locale;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use hr_pay::money::half_up;

/// More than any pay; larger amounts stand in figures alone.
const MOST: u64 = 1_000_000_000;

/// The amount in words; nothing below zero or beyond all pay.
pub(super) fn amount_in_words(amount: Decimal, locale: Locale) -> Option<String> {
    let halalas = (half_up(amount, 2) * Decimal::ONE_HUNDRED).to_u64()?;
    let (riyals, halalas) = (halalas / 100, halalas % 100);
    if riyals >= MOST {
        return None;
    }
    Some(match locale {
        Locale::En => english(riyals, halalas),
        Locale::Ar => arabic(riyals, halalas),
    })
}

const ENGLISH: &str = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|\
    sixteen|seventeen|eighteen|nineteen";
const ENGLISH_TENS: &str = "||twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety";

/// A word of a table; numbers that have none do not come here.
fn word(table: &'static str, place: u64) -> &'static str {
    let place = usize::try_from(place).unwrap_or(usize::MAX);
    table.split('|').nth(place).unwrap_or_default()
}

fn english_number(number: u64) -> String {
    let joined = |large: String, rest: u64| match rest {
        0 => large,
        rest => format!("{large} {}", english_number(rest)),
    };
    match number {
        0..20 => word(ENGLISH, number).to_owned(),
        20..100 if number.is_multiple_of(10) => word(ENGLISH_TENS, number / 10).to_owned(),
        20..100 => format!("{}-{}", word(ENGLISH_TENS, number / 10), word(ENGLISH, number % 10)),
        100..1_000 => joined(format!("{} hundred", word(ENGLISH, number / 100)), number % 100),
        1_000..1_000_000 => joined(format!("{} thousand", english_number(number / 1_000)), number % 1_000),
        _ => joined(
            format!("{} million", english_number(number / 1_000_000)),
            number % 1_000_000,
        ),
    }
}

fn english(riyals: u64, halalas: u64) -> String {
    let counted = |number: u64, name: &str| {
        let s = if number == 1 { "" } else { "s" };
        format!("{} {name}{s}", english_number(number))
    };
    let text = match (riyals, halalas) {
        (riyals, 0) => counted(riyals, "Saudi riyal"),
        (0, halalas) => counted(halalas, "halala"),
        (riyals, halalas) => format!("{} and {}", counted(riyals, "Saudi riyal"), counted(halalas, "halala")),
    };
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{} only", first.chain(letters).collect::<String>())
}

const MASCULINE: &str = "صفر|واحد|اثنان|ثلاثة|أربعة|خمسة|ستة|سبعة|ثمانية|تسعة|عشرة|أحد عشر|اثنا عشر|ثلاثة عشر|أربعة عشر|\
    خمسة عشر|ستة عشر|سبعة عشر|ثمانية عشر|تسعة عشر";
const FEMININE: &str = "صفر|إحدى|اثنتان|ثلاث|أربع|خمس|ست|سبع|ثماني|تسع|عشر|إحدى عشرة|اثنتا عشرة|ثلاث عشرة|أربع عشرة|\
    خمس عشرة|ست عشرة|سبع عشرة|ثماني عشرة|تسع عشرة";
const TENS: &str = "||عشرون|ثلاثون|أربعون|خمسون|ستون|سبعون|ثمانون|تسعون";
const HUNDREDS: &str = "|مئة|مئتان|ثلاثمئة|أربعمئة|خمسمئة|ستمئة|سبعمئة|ثمانمئة|تسعمئة";

fn below_hundred(number: u64, ones: &'static str) -> String {
    match number {
        0..20 => word(ones, number).to_owned(),
        _ if number.is_multiple_of(10) => word(TENS, number / 10).to_owned(),
        _ => format!("{} و{}", word(ones, number % 10), word(TENS, number / 10)),
    }
}

/// A number below a thousand that counts something masculine; `counts` where the counted word follows at once.
fn below_thousand(number: u64, counts: bool) -> String {
    let (hundreds, rest) = (number / 100, number % 100);
    match (hundreds, rest) {
        (0, rest) => below_hundred(rest, MASCULINE),
        // The dual loses its last letter before the word that it counts.
        (2, 0) if counts => "مئتا".to_owned(),
        (hundreds, 0) => word(HUNDREDS, hundreds).to_owned(),
        (hundreds, rest) => format!("{} و{}", word(HUNDREDS, hundreds), below_hundred(rest, MASCULINE)),
    }
}

/// A thousand or a million in the forms that Arabic has of them.
struct Scale {
    one: &'static str,
    two: &'static str,
    two_counting: &'static str,
    few: &'static str,
    many: &'static str,
}

const THOUSAND: Scale = Scale {
    one: "ألف",
    two: "ألفان",
    two_counting: "ألفا",
    few: "آلاف",
    many: "ألفًا",
};
const MILLION: Scale = Scale {
    one: "مليون",
    two: "مليونان",
    two_counting: "مليونا",
    few: "ملايين",
    many: "مليونًا",
};

impl Scale {
    /// So many of it; `counts` where the counted word follows at once.
    fn times(&self, count: u64, counts: bool) -> String {
        match (count, count % 100) {
            (1, _) => self.one.to_owned(),
            (2, _) => if counts { self.two_counting } else { self.two }.to_owned(),
            (_, 3..=10) => format!("{} {}", below_thousand(count, false), self.few),
            (_, 11..) if !counts => format!("{} {}", below_thousand(count, false), self.many),
            _ => format!("{} {}", below_thousand(count, true), self.one),
        }
    }
}

fn arabic(riyals: u64, halalas: u64) -> String {
    let text = match (riyals, halalas) {
        (riyals, 0) => arabic_riyals(riyals),
        (0, halalas) => arabic_halalas(halalas),
        (riyals, halalas) => format!("{} و{}", arabic_riyals(riyals), arabic_halalas(halalas)),
    };
    format!("فقط {text} لا غير")
}

fn arabic_riyals(number: u64) -> String {
    match number {
        1 => return "ريال سعودي واحد".to_owned(),
        2 => return "ريالان سعوديان".to_owned(),
        _ => {}
    }
    let (millions, thousands, rest) = (number / 1_000_000, number / 1_000 % 1_000, number % 1_000);
    let mut parts = Vec::new();
    if millions > 0 {
        parts.push(MILLION.times(millions, thousands == 0 && rest == 0));
    }
    if thousands > 0 {
        parts.push(THOUSAND.times(thousands, rest == 0));
    }
    if rest > 0 || parts.is_empty() {
        parts.push(below_thousand(rest, true));
    }
    let name = match number % 100 {
        3..=10 => "ريالات سعودية",
        11..=99 => "ريالًا سعوديًا",
        _ => "ريال سعودي",
    };
    format!("{} {name}", parts.join(" و"))
}

fn arabic_halalas(number: u64) -> String {
    match number {
        1 => "هللة واحدة".to_owned(),
        2 => "هللتان".to_owned(),
        3..=10 => format!("{} هللات", below_hundred(number, FEMININE)),
        _ => format!("{} هللة", below_hundred(number, FEMININE)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hr_pay::money::number;

    #[test]
    fn amounts_are_said_as_people_write_them() {
        for (amount, en, ar) in [
            ("0", "Zero Saudi riyals only", "فقط صفر ريال سعودي لا غير"),
            ("1", "One Saudi riyal only", "فقط ريال سعودي واحد لا غير"),
            (
                "2.01",
                "Two Saudi riyals and one halala only",
                "فقط ريالان سعوديان وهللة واحدة لا غير",
            ),
            ("0.11", "Eleven halalas only", "فقط إحدى عشرة هللة لا غير"),
            (
                "1754.94",
                "One thousand seven hundred fifty-four Saudi riyals and ninety-four halalas only",
                "فقط ألف وسبعمئة وأربعة وخمسون ريالًا سعوديًا وأربع وتسعون هللة لا غير",
            ),
            (
                "2200.03",
                "Two thousand two hundred Saudi riyals and three halalas only",
                "فقط ألفان ومئتا ريال سعودي وثلاث هللات لا غير",
            ),
            ("2000", "Two thousand Saudi riyals only", "فقط ألفا ريال سعودي لا غير"),
            (
                "11008.50",
                "Eleven thousand eight Saudi riyals and fifty halalas only",
                "فقط أحد عشر ألفًا وثمانية ريالات سعودية وخمسون هللة لا غير",
            ),
            (
                "45000",
                "Forty-five thousand Saudi riyals only",
                "فقط خمسة وأربعون ألف ريال سعودي لا غير",
            ),
            (
                "3200000",
                "Three million two hundred thousand Saudi riyals only",
                "فقط ثلاثة ملايين ومئتا ألف ريال سعودي لا غير",
            ),
        ] {
            let amount = number(amount);
            assert_eq!(amount_in_words(amount, Locale::En).as_deref(), Some(en));
            assert_eq!(amount_in_words(amount, Locale::Ar).as_deref(), Some(ar));
        }
        assert_eq!(amount_in_words(number("-1"), Locale::En), None);
        assert_eq!(amount_in_words(number("1000000000"), Locale::En), None);
    }
}
