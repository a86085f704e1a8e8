//! Text as glyphs in the order in which they stand on the paper: direction, joined letters, widths, line breaks.

use std::sync::LazyLock;

use harfrust::{Direction as Way, FontRef, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{GlyphId, KrillaGlyph};
use unicode_bidi::{BidiInfo, Level};

/// How heavy letters are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Regular,
    Bold,
}

/// Where lines begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    LeftToRight,
    RightToLeft,
}

impl Direction {
    fn level(self) -> Level {
        match self {
            Self::LeftToRight => Level::ltr(),
            Self::RightToLeft => Level::rtl(),
        }
    }
}

/// A font's tables, read once.
pub(super) struct Face {
    pub data: &'static [u8],
    font: FontRef<'static>,
    shaper: ShaperData,
}

impl Face {
    fn new(data: &'static [u8]) -> Self {
        let font = FontRef::new(data).expect("the font of this crate is one");
        let shaper = ShaperData::new(&font);
        Self { data, font, shaper }
    }
}

static REGULAR: LazyLock<Face> =
    LazyLock::new(|| Face::new(include_bytes!("../../fonts/IBMPlexSansArabic-Regular.ttf")));
static BOLD: LazyLock<Face> = LazyLock::new(|| Face::new(include_bytes!("../../fonts/IBMPlexSansArabic-SemiBold.ttf")));

pub(super) fn face(weight: Weight) -> &'static Face {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

/// A stretch of one direction.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// In parts of the letters' size.
    pub width: f32,
}

/// A line, its stretches from left to right.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub runs: Vec<Run>,
}

impl Line {
    /// In parts of the letters' size.
    pub fn width(&self) -> f32 {
        self.runs.iter().map(|run| run.width).sum()
    }
}

/// Marks that only say which way text goes: they have done their work once the stretches are in order.
const fn directs(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[expect(clippy::cast_precision_loss, reason = "a font's units are few thousand")]
const fn float(units: i32) -> f32 {
    units as f32
}

/// One line of text, whatever its length.
pub(super) fn line(text: &str, weight: Weight, base: Direction) -> Line {
    // A line has no breaks, and fonts no glyphs for what cannot be seen.
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let bidi = BidiInfo::new(&text, Some(base.level()));
    let mut line = Line::default();
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in runs {
            let Some(level) = levels.get(range.start) else { continue };
            let part: String = text[range].chars().filter(|c| !directs(*c)).collect();
            if !part.is_empty() {
                line.runs.push(run(part, weight, level.is_rtl()));
            }
        }
    }
    line
}

/// Letters of one direction as glyphs, joined as their script joins them.
fn run(text: String, weight: Weight, is_rtl: bool) -> Run {
    let face = face(weight);
    let shaper = face.shaper.shaper(&face.font).build();
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(&text);
    buffer.set_direction(if is_rtl { Way::RightToLeft } else { Way::LeftToRight });
    buffer.guess_segment_properties();
    let shaped = shaper.shape(buffer, ShapeOptions::new());
    let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
    let em = float(shaper.units_per_em().max(1));
    // A glyph stands for the text up to where the next cluster begins.
    let mut starts: Vec<usize> = infos.iter().map(|info| place(info.cluster)).collect();
    starts.sort_unstable();
    let end = |start: usize| {
        let next = starts.partition_point(|known| *known <= start);
        starts.get(next).copied().unwrap_or(text.len())
    };
    let glyphs: Vec<KrillaGlyph> = infos
        .iter()
        .zip(positions)
        .map(|(info, position)| {
            let start = place(info.cluster);
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                float(position.x_advance) / em,
                float(position.x_offset) / em,
                float(position.y_offset) / em,
                float(position.y_advance) / em,
                start..end(start),
                None,
            )
        })
        .collect();
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run { text, glyphs, width }
}

fn place(cluster: u32) -> usize {
    usize::try_from(cluster).unwrap_or(usize::MAX)
}

/// Lines of at most `width` (in parts of the letters' size), broken at blanks; a word that is longer than a line is cut.
pub(super) fn lines(text: &str, weight: Weight, base: Direction, width: f32) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut taken = String::new();
    for word in text.split_whitespace() {
        let longer = if taken.is_empty() {
            word.to_owned()
        } else {
            format!("{taken} {word}")
        };
        if line(&longer, weight, base).width() <= width {
            taken = longer;
            continue;
        }
        if !taken.is_empty() {
            lines.push(line(&taken, weight, base));
        }
        taken = fitting(word, weight, base, width, &mut lines);
    }
    if !taken.is_empty() || lines.is_empty() {
        lines.push(line(&taken, weight, base));
    }
    lines
}

/// Cuts a word into lines of its own as long as it does not fit; answers the rest.
fn fitting(word: &str, weight: Weight, base: Direction, width: f32, lines: &mut Vec<Line>) -> String {
    let mut rest = String::new();
    for c in word.chars() {
        rest.push(c);
        if rest.chars().count() > 1 && line(&rest, weight, base).width() > width {
            rest.pop();
            lines.push(line(&rest, weight, base));
            rest = c.to_string();
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(text: &str, base: Direction) -> Vec<u32> {
        let line = line(text, Weight::Regular, base);
        let runs = line.runs.iter().flat_map(|run| &run.glyphs);
        runs.map(|glyph| glyph.glyph_id.to_u32()).collect()
    }

    #[test]
    fn letters_join_and_go_right_to_left() {
        let joined = glyphs("بيت", Direction::RightToLeft);
        let alone: Vec<u32> = ["ت", "ي", "ب"]
            .iter()
            .flat_map(|letter| glyphs(letter, Direction::RightToLeft))
            .collect();
        assert_eq!(joined.len(), 3);
        assert!(joined.iter().all(|glyph| *glyph != 0));
        // First, middle and last letter have a form of their own each.
        assert!(
            joined.iter().zip(&alone).all(|(joined, alone)| joined != alone),
            "{joined:?} {alone:?}"
        );
        assert_eq!(glyphs("لا", Direction::RightToLeft).len(), 1, "lam and alef are one");
    }

    #[test]
    fn numbers_keep_their_order_between_arabic_words() {
        let line = line("المادة 92(2) ABC", Weight::Regular, Direction::RightToLeft);
        let texts: Vec<&str> = line.runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(texts.first(), Some(&"ABC"));
        assert!(texts.last().is_some_and(|text| text.contains("المادة")), "{texts:?}");
        assert!(texts.contains(&"92"));
        let isolated = super::line("المادة \u{2066}92(2)\u{2069}", Weight::Regular, Direction::RightToLeft);
        assert_eq!(isolated.runs[0].text, "92(2)");
    }

    #[test]
    fn long_text_is_broken_and_nothing_of_it_is_lost() {
        let text = "من كل شيء سطر واحد لا يكفي for everything";
        let lines = lines(text, Weight::Bold, Direction::RightToLeft, 8.0);
        assert!(lines.len() > 2);
        assert!(lines.iter().all(|line| line.width() <= 8.0));
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).count();
        let shown: usize = lines
            .iter()
            .flat_map(|line| &line.runs)
            .map(|run| letters(&run.text))
            .sum();
        assert_eq!(shown, letters(text));
        let cut = super::lines(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            Weight::Regular,
            Direction::LeftToRight,
            4.0,
        );
        assert!(cut.len() > 3 && cut.iter().all(|line| line.width() <= 4.0));
        assert_eq!(super::lines("", Weight::Regular, Direction::LeftToRight, 4.0).len(), 1);
    }
}
