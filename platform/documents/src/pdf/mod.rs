//! Pages of paper: text in both directions, rules, pictures and tables. A document is laid out once; where its lines begin on the
//! right, everything is mirrored, and columns of numbers stay aligned at their last digit. The same content gives the same bytes.

mod paint;
mod table;
mod text;

use krilla::image::Image;

use crate::error::WriteError;
pub use table::{Column, Row};
pub use text::{Direction, Weight};
use text::{Line, line, lines};

/// A4 in points.
const WIDTH: f32 = 595.28;
const HEIGHT: f32 = 841.89;
/// From the paper's edges to what is written.
const MARGIN: f32 = 42.0;
/// Kept free for the line at the foot of the page.
const FOOT: f32 = 34.0;
/// From one line to the next, in parts of the letters' size: Arabic needs more than Latin.
const LEADING: f32 = 1.5;
/// From the top of a line to the letters' foot.
const ASCENT: f32 = 1.05;

/// A picture becomes its pixels in memory: a few kilobytes of a file can be gigabytes of them.
const MOST_PIXELS: u64 = 4_000_000;

/// Where text stands in the width it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Where lines begin.
    Start,
    /// Where lines end.
    End,
    Center,
    /// Numbers: at the right in both directions, so that digits stand below digits.
    Number,
}

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

impl Color {
    pub const BLACK: Self = Self(0x16, 0x1d, 0x26);
    pub const GREY: Self = Self(0x5b, 0x66, 0x73);
    pub const LINE: Self = Self(0xd5, 0xdb, 0xe2);
    pub const SHADE: Self = Self(0xf1, 0xf4, 0xf7);
}

/// How text looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub size: f32,
    pub weight: Weight,
    pub color: Color,
}

impl Style {
    pub const fn new(size: f32) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            color: Color::BLACK,
        }
    }

    pub const fn bold(mut self) -> Self {
        self.weight = Weight::Bold;
        self
    }

    pub const fn color(mut self, color: Color) -> Self {
        self.color = color;
        self
    }

    /// Height of a line.
    pub const fn leading(self) -> f32 {
        self.size * LEADING
    }
}

/// Something on a page, in the paper's own coordinates.
enum Mark {
    Text {
        x: f32,
        y: f32,
        style: Style,
        line: Line,
    },
    Area {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        color: Color,
    },
    Picture {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        image: Image,
    },
}

/// What a document says of itself.
#[derive(Clone, Debug)]
pub struct About {
    pub title: String,
    pub author: String,
    /// As `ar` or `en`.
    pub language: String,
}

/// A document while it is written.
pub struct Pdf {
    about: About,
    direction: Direction,
    pages: Vec<Vec<Mark>>,
    y: f32,
}

impl Pdf {
    pub fn new(about: About, direction: Direction) -> Self {
        Self {
            about,
            direction,
            pages: vec![Vec::new()],
            y: MARGIN,
        }
    }

    /// The width between the margins.
    pub const fn width(&self) -> f32 {
        WIDTH - 2.0 * MARGIN
    }

    /// How far down the page is written.
    pub const fn y(&self) -> f32 {
        self.y
    }

    /// Goes on further down.
    pub fn skip(&mut self, height: f32) {
        self.y += height;
    }

    /// Goes on at this height of the page.
    pub fn go_to(&mut self, y: f32) {
        self.y = y;
    }

    /// Goes on on a new page unless this much fits on the page.
    pub fn keep(&mut self, height: f32) {
        if self.y + height > HEIGHT - MARGIN - FOOT {
            self.next_page();
        }
    }

    fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// The left edge of something that begins `start` after where lines begin.
    fn left(&self, start: f32, width: f32) -> f32 {
        match self.direction {
            Direction::LeftToRight => MARGIN + start,
            Direction::RightToLeft => WIDTH - MARGIN - start - width,
        }
    }

    /// The direction in which text of this alignment is read.
    const fn base(&self, align: Align) -> Direction {
        match align {
            Align::Number => Direction::LeftToRight,
            Align::Start | Align::End | Align::Center => self.direction,
        }
    }

    /// How many lines a text takes in this width.
    pub fn count(&self, text: &str, width: f32, align: Align, style: Style) -> usize {
        lines(text, style.weight, self.base(align), width / style.size).len()
    }

    /// Writes text into a width at a height of the page, in as many lines as it needs; answers the height that it took.
    pub fn write_at(&mut self, start: f32, y: f32, width: f32, align: Align, style: Style, text: &str) -> f32 {
        let mut top = y;
        for line in lines(text, style.weight, self.base(align), width / style.size) {
            self.write_line((start, top), width, align, style, line);
            top += style.leading();
        }
        top - y
    }

    fn write_line(&mut self, (start, y): (f32, f32), width: f32, align: Align, style: Style, line: Line) {
        let (left, free) = (self.left(start, width), width - line.width() * style.size);
        let at_left = match align {
            Align::Start => self.direction == Direction::LeftToRight,
            Align::End => self.direction == Direction::RightToLeft,
            Align::Number => false,
            Align::Center => {
                let x = left + free / 2.0;
                let y = y + style.size * ASCENT;
                return self.mark(Mark::Text { x, y, style, line });
            }
        };
        let x = if at_left { left } else { left + free };
        let y = y + style.size * ASCENT;
        self.mark(Mark::Text { x, y, style, line });
    }

    /// Writes text over the whole width and goes on below it, on as many pages as it takes.
    pub fn write(&mut self, align: Align, style: Style, text: &str) {
        for line in lines(text, style.weight, self.base(align), self.width() / style.size) {
            self.keep(style.leading());
            self.write_line((0.0, self.y), self.width(), align, style, line);
            self.y += style.leading();
        }
    }

    /// A filled area.
    pub fn fill_at(&mut self, start: f32, y: f32, width: f32, height: f32, color: Color) {
        let x = self.left(start, width);
        self.mark(Mark::Area {
            x,
            y,
            width,
            height,
            color,
        });
    }

    /// A line across the width, and a little room below it.
    pub fn rule(&mut self, color: Color) {
        self.fill_at(0.0, self.y, self.width(), 0.7, color);
        self.y += 0.7;
    }

    /// A picture (PNG, JPEG, WebP or GIF) within a box, as large as it goes; answers its width, 0 for what cannot be read.
    pub fn picture_at(&mut self, start: f32, y: f32, (width, height): (f32, f32), bytes: &[u8]) -> f32 {
        let data = || bytes.to_vec().into();
        let image = match bytes {
            [0x89, b'P', b'N', b'G', ..] => Image::from_png(data(), true),
            [0xff, 0xd8, ..] => Image::from_jpeg(data(), true),
            [b'G', b'I', b'F', ..] => Image::from_gif(data(), true),
            [b'R', b'I', b'F', b'F', ..] => Image::from_webp(data(), true),
            _ => return 0.0,
        };
        let Ok(image) = image else { return 0.0 };
        let (own_width, own_height) = image.size();
        if own_width == 0 || own_height == 0 || u64::from(own_width) * u64::from(own_height) > MOST_PIXELS {
            return 0.0;
        }
        let (Ok(own_width), Ok(own_height)) = (u16::try_from(own_width), u16::try_from(own_height)) else {
            return 0.0;
        };
        let (own_width, own_height) = (f32::from(own_width), f32::from(own_height));
        let scale = (width / own_width).min(height / own_height);
        let (width, height) = (own_width * scale, own_height * scale);
        let x = self.left(start, width);
        self.mark(Mark::Picture {
            x,
            y,
            width,
            height,
            image,
        });
        width
    }

    /// The file. `foot` says what stands at the foot of each page: where lines begin, and where they end.
    pub fn finish(mut self, foot: impl Fn(usize, usize) -> (String, String)) -> Result<Vec<u8>, WriteError> {
        let style = Style::new(7.5).color(Color::GREY);
        let (count, y) = (self.pages.len(), HEIGHT - MARGIN - style.leading());
        for place in 0..count {
            let (first, last) = foot(place + 1, count);
            let width = self.width();
            let marks = [(Align::Start, first), (Align::End, last)].map(|(align, text)| {
                let line = line(&text, style.weight, self.direction);
                let free = width - line.width() * style.size;
                let at_left = (align == Align::Start) == (self.direction == Direction::LeftToRight);
                let x = if at_left { MARGIN } else { MARGIN + free };
                Mark::Text {
                    x,
                    y: y + style.size * ASCENT,
                    style,
                    line,
                }
            });
            self.pages[place].extend(marks);
        }
        self.into_bytes()
    }
}
