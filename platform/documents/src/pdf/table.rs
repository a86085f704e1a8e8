//! Tables: columns in the document's direction, headings again on every page, rows that are never cut.

use super::{Align, Color, Pdf, Style};

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    pub heading: String,
    /// Part of the table's width; all together are 1.
    pub share: f32,
    pub align: Align,
}

impl Column {
    pub fn new(heading: impl Into<String>, share: f32, align: Align) -> Self {
        Self {
            heading: heading.into(),
            share,
            align,
        }
    }
}

/// A row, with a text for each column.
#[derive(Clone, Debug)]
pub struct Row {
    pub cells: Vec<String>,
    /// Whether it is a sum: bold, on a ground of its own.
    pub is_sum: bool,
}

impl Row {
    pub const fn new(cells: Vec<String>) -> Self {
        Self { cells, is_sum: false }
    }

    pub const fn sum(cells: Vec<String>) -> Self {
        Self { cells, is_sum: true }
    }
}

/// Room between columns, and above and below the text of a row.
const GAP: f32 = 8.0;
const PAD: f32 = 2.6;

impl Pdf {
    /// Writes a table over the whole width.
    pub fn table(&mut self, columns: &[Column], rows: &[Row], size: f32) {
        let heading = Row::new(columns.iter().map(|column| column.heading.clone()).collect());
        let small = Style::new(size - 1.0).color(Color::GREY);
        let of_heading = self.height(columns, &heading, small);
        let first = rows
            .first()
            .map_or(0.0, |row| self.height(columns, row, Style::new(size)));
        self.keep(of_heading + first);
        self.row(columns, &heading, small);
        self.rule(Color::LINE);
        for row in rows {
            let style = if row.is_sum {
                Style::new(size).bold()
            } else {
                Style::new(size)
            };
            let height = self.height(columns, row, style);
            let before = self.pages.len();
            self.keep(height);
            if self.pages.len() > before {
                self.row(columns, &heading, small);
                self.rule(Color::LINE);
            }
            if row.is_sum {
                self.fill_at(0.0, self.y, self.width(), height, Color::SHADE);
            }
            self.row(columns, row, style);
            if !row.is_sum {
                self.rule(Color::LINE);
            }
        }
    }

    /// The text's start and width in each column.
    fn places(&self, columns: &[Column]) -> Vec<(f32, f32)> {
        let mut start = 0.0;
        let place = |column: &Column| {
            let width = self.width() * column.share;
            let place = (start + GAP / 2.0, width - GAP);
            start += width;
            place
        };
        columns.iter().map(place).collect()
    }

    fn height(&self, columns: &[Column], row: &Row, style: Style) -> f32 {
        let places = self.places(columns);
        let cells = columns.iter().zip(places).zip(&row.cells);
        let most = cells
            .map(|((column, (_, width)), text)| self.count(text, width, column.align, style))
            .max();
        let lines = u16::try_from(most.unwrap_or(1)).unwrap_or(u16::MAX);
        f32::from(lines) * style.leading() + 2.0 * PAD
    }

    fn row(&mut self, columns: &[Column], row: &Row, style: Style) {
        let height = self.height(columns, row, style);
        let (places, y) = (self.places(columns), self.y + PAD);
        for ((column, (start, width)), text) in columns.iter().zip(places).zip(&row.cells) {
            // Headings of numbers are words: they stand above the numbers and are read as words.
            self.write_cell((start, y), width, column.align, style, text);
        }
        self.y += height;
    }

    fn write_cell(&mut self, (start, y): (f32, f32), width: f32, align: Align, style: Style, text: &str) {
        let is_word = text.chars().any(char::is_alphabetic);
        let align = match (align, self.direction) {
            (Align::Number, super::Direction::LeftToRight) if is_word => Align::End,
            (Align::Number, super::Direction::RightToLeft) if is_word => Align::Start,
            (align, _) => align,
        };
        self.write_at(start, y, width, align, style, text);
    }
}
