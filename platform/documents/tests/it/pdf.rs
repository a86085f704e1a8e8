//! PDF by other eyes: what stands where on the paper, read from the file's bytes.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use crate::pdf_reader::{Shown, read};
use platform_documents::pdf::{About, Align, Color, Column, Direction, Pdf, Row, Style};

const AMOUNTS: [&str; 5] = ["9.00", "1,234.50", "-206.10", "0.00", "98,765,432.10"];

fn document(direction: Direction, rows: usize) -> Vec<u8> {
    let about = About {
        title: "قسيمة".to_owned(),
        author: "BARQ".to_owned(),
        language: "ar".to_owned(),
    };
    let mut pdf = Pdf::new(about, direction);
    pdf.write(Align::Start, Style::new(14.0).bold(), "بيت بب لا");
    pdf.write(
        Align::Start,
        Style::new(9.0),
        "المادة \u{2066}92(2)\u{2069} من نظام العمل Labour Law",
    );
    pdf.rule(Color::LINE);
    let columns = [
        Column::new("البند", 0.6, Align::Start),
        Column::new("المبلغ", 0.4, Align::Number),
    ];
    let rows: Vec<Row> = (0..rows)
        .map(|place| {
            Row::new(vec![
                format!("بند رقم {place}"),
                AMOUNTS[place % AMOUNTS.len()].to_owned(),
            ])
        })
        .collect();
    pdf.table(&columns, &rows, 9.0);
    pdf.finish(|page, pages| ("BARQ".to_owned(), format!("{page}/{pages}")))
        .unwrap()
}

fn amounts(shown: &[Shown]) -> Vec<&Shown> {
    shown
        .iter()
        .filter(|one| AMOUNTS.contains(&one.text.as_str()))
        .collect()
}

#[test]
fn amounts_end_below_each_other_in_both_directions() {
    for direction in [Direction::LeftToRight, Direction::RightToLeft] {
        let shown = read(&document(direction, 20));
        let amounts = amounts(&shown);
        assert_eq!(amounts.len(), 20);
        let edge = amounts[0].x + amounts[0].width;
        for amount in &amounts {
            let own = amount.x + amount.width;
            assert!(
                (own - edge).abs() < 0.05,
                "{direction:?}: {} ends at {own}, not at {edge}",
                amount.text
            );
        }
        // Widths differ, so that it is not the left edge that they share.
        assert!(amounts.iter().any(|amount| (amount.x - amounts[0].x).abs() > 5.0));
        let words = shown.iter().filter(|one| one.text.contains("دنب"));
        let is_mirrored = direction == Direction::RightToLeft;
        let mut count = 0;
        for word in words {
            assert_eq!(word.x > edge, is_mirrored, "{direction:?}: {} at {}", word.text, word.x);
            count += 1;
        }
        assert_eq!(count, 20 + usize::from(shown.iter().any(|one| one.text == "دنبلا")));
    }
}

#[test]
fn arabic_letters_are_joined_and_stand_from_right_to_left() {
    let shown = read(&document(Direction::RightToLeft, 1));
    // The first line, in one piece or several.
    let mut pieces: Vec<&Shown> = shown.iter().filter(|one| (one.y - shown[0].y).abs() < 0.1).collect();
    pieces.sort_by(|one, other| one.x.total_cmp(&other.x));
    let text: String = pieces.iter().map(|one| one.text.as_str()).collect();
    let glyphs: Vec<(u16, String)> = pieces.iter().flat_map(|one| one.glyphs.clone()).collect();
    // Glyphs from left to right are the text from its end; what one glyph stands for keeps its order.
    assert_eq!(text.replace("لا", "ال").chars().rev().collect::<String>(), "بيت بب لا");
    let form = |letter: &str, place: usize| {
        let glyphs = glyphs.iter().filter(|(_, text)| text == letter);
        glyphs.map(|(glyph, _)| *glyph).nth(place).unwrap()
    };
    // From the left: the last form of the second word, its first form, and the first form of the first word.
    assert_ne!(form("ب", 0), form("ب", 1), "first and last form are two glyphs");
    assert_eq!(form("ب", 1), form("ب", 2), "the first form is one glyph in both words");
    assert!(
        glyphs.iter().any(|(_, text)| text == "لا"),
        "lam and alef are one glyph: {glyphs:?}"
    );
    // The line begins at the right margin.
    let last = pieces.last().unwrap();
    assert!(
        (last.x + last.width - (595.28 - 42.0)).abs() < 0.5,
        "{} and {}",
        last.x,
        last.width
    );
}

#[test]
fn numbers_and_latin_words_keep_their_order_within_arabic() {
    let shown = read(&document(Direction::RightToLeft, 1));
    let place = |text: &str| {
        let one = shown.iter().find(|one| one.text.trim() == text);
        one.map_or_else(|| panic!("{text} is nowhere: {shown:?}"), |one| one.x)
    };
    // Article and number first (at the right), the English name last (at the left).
    assert!(place("Labour Law") < place("92(2)"));
}

#[test]
fn headings_stand_on_every_page_and_bytes_are_the_same() {
    let bytes = document(Direction::RightToLeft, 120);
    assert_eq!(bytes, document(Direction::RightToLeft, 120));
    let shown = read(&bytes);
    let pages = shown.iter().map(|one| one.page).max().unwrap() + 1;
    assert!(pages > 2);
    for page in 0..pages {
        let on = |text: &str| shown.iter().any(|one| one.page == page && one.text == text);
        assert!(on("دنبلا"), "the heading is not on page {page}");
        assert!(on(&format!("{}/{pages}", page + 1)), "the foot of page {page}");
    }
    // Nothing is written below the foot or beside the paper.
    assert!(
        shown
            .iter()
            .all(|one| one.x >= 41.0 && one.x + one.width <= 555.0 && one.y > 40.0 && one.y < 810.0)
    );
    assert_eq!(amounts(&shown).len(), 120);
}
