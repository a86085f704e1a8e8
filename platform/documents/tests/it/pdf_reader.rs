//! A reader of PDF that knows the format and nothing of the writer: objects, fonts' widths and characters, and where each piece of
//! text is shown. It reads as much of the format as files without encryption and object streams need.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::HashMap;
use std::io::Read;

use crate::pdf_tokens::{Token, Tokens, find};

/// Text shown by one operator, in points from the paper's lower left corner.
#[derive(Clone, Debug)]
pub struct Shown {
    pub page: usize,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub text: String,
    /// Numbers of glyphs with what they stand for.
    pub glyphs: Vec<(u16, String)>,
}

struct Object {
    dictionary: String,
    stream: Vec<u8>,
}

#[derive(Clone)]
struct Font {
    widths: HashMap<u16, f64>,
    texts: HashMap<u16, String>,
}

fn objects(bytes: &[u8]) -> HashMap<u32, Object> {
    let mut objects = HashMap::new();
    let mut from = 0;
    while let Some(at) = find(bytes, b" 0 obj", from) {
        let number = bytes[..at]
            .rsplit(|byte| !byte.is_ascii_digit())
            .next()
            .unwrap_or_default();
        let number: u32 = String::from_utf8_lossy(number).parse().unwrap();
        let start = at + 6;
        let mut end = find(bytes, b"endobj", start).unwrap();
        let mut dictionary = spaced(&bytes[start..end]);
        let mut stream = Vec::new();
        if let Some(begin) = find(bytes, b"stream\n", start).filter(|begin| *begin < end) {
            dictionary = spaced(&bytes[start..begin]);
            let length: usize = word_after(&dictionary, "/Length").unwrap().parse().unwrap();
            let data = &bytes[begin + 7..begin + 7 + length];
            end = begin + 7 + length;
            if dictionary.contains("/FlateDecode") {
                flate2::read::ZlibDecoder::new(data).read_to_end(&mut stream).unwrap();
            } else {
                stream = data.to_vec();
            }
        }
        objects.insert(number, Object { dictionary, stream });
        from = end;
    }
    objects
}

/// A dictionary with blanks between its words.
fn spaced(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    ["/", "[", "]", "<<", ">>"]
        .iter()
        .fold(text.into_owned(), |text, sign| match *sign {
            "/" => text.replace('/', " /"),
            sign => text.replace(sign, &format!(" {sign} ")),
        })
}

/// The word behind a key: `/Length 12` or `/Contents 7 0 R`.
fn word_after<'a>(dictionary: &'a str, key: &str) -> Option<&'a str> {
    let mut rest = dictionary;
    loop {
        let at = rest.find(key)?;
        rest = &rest[at + key.len()..];
        if rest.starts_with(|c: char| !c.is_ascii_alphanumeric()) {
            return rest
                .split(|c: char| c.is_whitespace() || "/[]<>".contains(c))
                .find(|word| !word.is_empty());
        }
    }
}

fn pointed<'a>(objects: &'a HashMap<u32, Object>, dictionary: &str, key: &str) -> Option<&'a Object> {
    objects.get(&word_after(dictionary, key)?.parse().ok()?)
}

/// Hexadecimal text as UTF-16.
fn utf16(hex: &str) -> String {
    let units: Vec<u16> = hex.as_bytes().chunks(4).map(unit).collect();
    String::from_utf16(&units).unwrap()
}

fn unit(hex: &[u8]) -> u16 {
    u16::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap()
}

fn characters(map: &str) -> HashMap<u16, String> {
    let mut texts = HashMap::new();
    for part in map.split("beginbfchar").skip(1) {
        let part = part.split("endbfchar").next().unwrap_or_default();
        let words: Vec<&str> = part.split(['<', '>']).filter(|word| !word.trim().is_empty()).collect();
        for pair in words.chunks_exact(2) {
            texts.insert(unit(pair[0].as_bytes()), utf16(pair[1]));
        }
    }
    assert!(!map.contains("beginbfrange"), "ranges of characters are not read");
    texts
}

/// `/W [3 [500 600] 7 9 250]`.
fn widths(dictionary: &str) -> HashMap<u16, f64> {
    let mut widths = HashMap::new();
    let Some(at) = dictionary.find("/W ") else {
        return widths;
    };
    let mut words = dictionary[at + 3..].split_whitespace().skip(1);
    while let Some(first) = words.next().and_then(|word| word.parse::<u16>().ok()) {
        match words.next() {
            Some("[") => {
                for (place, word) in words.by_ref().take_while(|word| *word != "]").enumerate() {
                    widths.insert(first + u16::try_from(place).unwrap(), word.parse().unwrap());
                }
            }
            Some(last) => {
                let width = words.next().unwrap().parse().unwrap();
                widths.extend((first..=last.parse().unwrap()).map(|glyph| (glyph, width)));
            }
            None => break,
        }
    }
    widths
}

fn fonts(objects: &HashMap<u32, Object>, resources: &str) -> HashMap<String, Font> {
    let Some(at) = resources.find("/Font") else {
        return HashMap::new();
    };
    let list = resources[at..].split("<<").nth(1).unwrap().split(">>").next().unwrap();
    let words: Vec<&str> = list.split_whitespace().collect();
    let entries = words.chunks_exact(4);
    entries
        .map(|entry| {
            let font = &objects[&entry[1].parse().unwrap()].dictionary;
            let descendant = pointed(objects, font, "/DescendantFonts").unwrap();
            let map = pointed(objects, font, "/ToUnicode").unwrap();
            let font = Font {
                widths: widths(&descendant.dictionary),
                texts: characters(&String::from_utf8_lossy(&map.stream)),
            };
            (entry[0].trim_start_matches('/').to_owned(), font)
        })
        .collect()
}

type Matrix = [f64; 6];

fn times(a: Matrix, b: Matrix) -> Matrix {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    ]
}

fn matrix(stack: &[Token]) -> Matrix {
    let numbers: Vec<f64> = stack
        .iter()
        .filter_map(|token| {
            if let Token::Number(number) = token {
                Some(*number)
            } else {
                None
            }
        })
        .collect();
    numbers[numbers.len() - 6..].try_into().unwrap()
}

fn shown_on(page: usize, content: &[u8], fonts: &HashMap<String, Font>) -> Vec<Shown> {
    let (mut now, mut saved) = ([1.0, 0.0, 0.0, 1.0, 0.0, 0.0], Vec::new());
    let (mut text, mut font, mut size) = (now, None, 0.0);
    let (mut stack, mut shown) = (Vec::new(), Vec::new());
    for token in Tokens::new(content) {
        let Token::Operator(operator) = &token else {
            stack.push(token);
            continue;
        };
        match operator.as_str() {
            "q" => saved.push(now),
            "Q" => now = saved.pop().unwrap(),
            "cm" => now = times(matrix(&stack), now),
            "BT" => text = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            "Tm" => text = matrix(&stack),
            "Tf" => {
                if let [.., Token::Name(name), Token::Number(points)] = stack.as_slice() {
                    (font, size) = (fonts.get(name), *points);
                }
            }
            "Tj" | "TJ" => {
                let parts = match stack.last().cloned() {
                    Some(Token::List(parts)) => parts,
                    Some(token) => vec![token],
                    None => Vec::new(),
                };
                let font = font.unwrap();
                let place = times(text, now);
                let mut one = Shown {
                    page,
                    x: place[4],
                    y: place[5],
                    width: 0.0,
                    text: String::new(),
                    glyphs: Vec::new(),
                };
                for part in parts {
                    match part {
                        Token::Number(back) => one.width -= back / 1000.0 * size,
                        Token::Text(bytes) => {
                            for pair in bytes.chunks_exact(2) {
                                let glyph = u16::from_be_bytes([pair[0], pair[1]]);
                                let said = font.texts.get(&glyph).cloned().unwrap_or_default();
                                one.width += font.widths.get(&glyph).copied().unwrap_or(0.0) / 1000.0 * size;
                                one.text.push_str(&said);
                                one.glyphs.push((glyph, said));
                            }
                        }
                        _ => {}
                    }
                }
                shown.push(one);
            }
            _ => {}
        }
        stack.clear();
    }
    shown
}

/// Everything that a file shows, in its order.
pub fn read(bytes: &[u8]) -> Vec<Shown> {
    let objects = objects(bytes);
    let tree = objects
        .values()
        .find(|object| object.dictionary.contains("/Kids"))
        .unwrap();
    let kids = tree.dictionary.split("/Kids").nth(1).unwrap();
    let kids = kids.split(['[', ']']).nth(1).unwrap();
    let kids: Vec<&str> = kids.split_whitespace().collect();
    let mut shown = Vec::new();
    for (page, kid) in kids.chunks_exact(3).enumerate() {
        let object = &objects[&kid[0].parse().unwrap()];
        let content = pointed(&objects, &object.dictionary, "/Contents").unwrap();
        let resources = pointed(&objects, &object.dictionary, "/Resources");
        let resources = resources.map_or(object.dictionary.as_str(), |found| found.dictionary.as_str());
        shown.extend(shown_on(page, &content.stream, &fonts(&objects, resources)));
    }
    shown
}
