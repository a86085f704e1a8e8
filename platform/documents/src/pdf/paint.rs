//! Pages as the bytes of a file.

use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{Metadata, TextDirection};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::text::Font;
use krilla::{Document, SerializeSettings};

use super::text::face;
use super::{Color, Direction, HEIGHT, Mark, Pdf, WIDTH, Weight};
use crate::error::WriteError;

impl Pdf {
    pub(super) fn into_bytes(self) -> Result<Vec<u8>, WriteError> {
        let unusable = || WriteError::Pdf("a page cannot be made".to_owned());
        // No clock goes in, and the file's identity is its content's.
        let mut document = Document::new_with(SerializeSettings::default());
        let direction = match self.direction {
            Direction::LeftToRight => TextDirection::LeftToRight,
            Direction::RightToLeft => TextDirection::RightToLeft,
        };
        document.set_metadata(
            Metadata::new()
                .title(self.about.title)
                .authors(vec![self.about.author])
                .language(self.about.language)
                .text_direction(direction),
        );
        let font = |weight| Font::new(face(weight).data.into(), 0).ok_or_else(unusable);
        let fonts = [font(Weight::Regular)?, font(Weight::Bold)?];
        for marks in self.pages {
            let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(unusable)?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for mark in marks {
                draw(&mut surface, mark, &fonts);
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| WriteError::Pdf(format!("{error:?}")))
    }
}

fn fill(color: Color) -> Fill {
    Fill {
        paint: rgb::Color::new(color.0, color.1, color.2).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn draw(surface: &mut Surface<'_>, mark: Mark, fonts: &[Font; 2]) {
    match mark {
        Mark::Text { x, y, style, line } => {
            surface.set_fill(Some(fill(style.color)));
            let font = match style.weight {
                Weight::Regular => &fonts[0],
                Weight::Bold => &fonts[1],
            };
            let mut x = x;
            for run in line.runs {
                surface.draw_glyphs(
                    Point::from_xy(x, y),
                    &run.glyphs,
                    font.clone(),
                    &run.text,
                    style.size,
                    false,
                );
                x += run.width * style.size;
            }
        }
        Mark::Area {
            x,
            y,
            width,
            height,
            color,
        } => {
            let mut path = PathBuilder::new();
            if let Some(area) = Rect::from_xywh(x, y, width, height) {
                path.push_rect(area);
            }
            if let Some(path) = path.finish() {
                surface.set_fill(Some(fill(color)));
                surface.draw_path(&path);
            }
        }
        Mark::Picture {
            x,
            y,
            width,
            height,
            image,
        } => {
            if let Some(size) = Size::from_wh(width, height) {
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(image, size);
                surface.pop();
            }
        }
    }
}
