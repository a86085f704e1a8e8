//! What a page of PDF says, word by word.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

/// Where something begins in bytes.
pub fn find(bytes: &[u8], what: &[u8], from: usize) -> Option<usize> {
    let place = bytes
        .get(from..)?
        .windows(what.len())
        .position(|window| window == what)?;
    Some(from + place)
}

/// A token of a page's content.
#[derive(Clone, Debug)]
pub enum Token {
    Number(f64),
    Name(String),
    Text(Vec<u8>),
    List(Vec<Token>),
    Operator(String),
}

pub struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(b' ')
    }

    fn literal(&mut self) -> Vec<u8> {
        let (mut text, mut depth) = (Vec::new(), 1);
        while depth > 0 {
            let byte = self.peek();
            self.at += 1;
            match byte {
                b'\\' => {
                    let escaped = self.peek();
                    self.at += 1;
                    match escaped {
                        b'n' => text.push(b'\n'),
                        b'r' => text.push(b'\r'),
                        b't' => text.push(b'\t'),
                        b'b' => text.push(8),
                        b'f' => text.push(12),
                        b'0'..=b'7' => {
                            let digits = String::from_utf8_lossy(&self.bytes[self.at - 1..self.at + 2]).into_owned();
                            text.push(u8::try_from(u16::from_str_radix(&digits, 8).unwrap()).unwrap());
                            self.at += 2;
                        }
                        other => text.push(other),
                    }
                }
                b'(' => {
                    depth += 1;
                    text.push(byte);
                }
                b')' => {
                    depth -= 1;
                    if depth > 0 {
                        text.push(byte);
                    }
                }
                _ => text.push(byte),
            }
        }
        text
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.at < self.bytes.len() && self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        let first = self.peek();
        if first == b'(' {
            self.at += 1;
            return Some(Token::Text(self.literal()));
        }
        if first == b'[' {
            self.at += 1;
            let mut list = Vec::new();
            loop {
                match self.next()? {
                    Token::Operator(word) if word == "]" => return Some(Token::List(list)),
                    token => list.push(token),
                }
            }
        }
        if first == b']' {
            self.at += 1;
            return Some(Token::Operator("]".to_owned()));
        }
        if first == b'<' && self.bytes.get(self.at + 1) != Some(&b'<') {
            let end = find(self.bytes, b">", self.at).unwrap();
            let digits = &self.bytes[self.at + 1..end];
            self.at = end + 1;
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
            return Some(Token::Text(digits.chunks(2).map(byte).collect()));
        }
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() && !self.peek().is_ascii_whitespace() && !b"[]()</".contains(&self.peek()) {
            self.at += 1;
        }
        let word = String::from_utf8_lossy(&self.bytes[start..self.at]).into_owned();
        Some(match (word.strip_prefix('/'), word.parse()) {
            (Some(name), _) => Token::Name(name.to_owned()),
            (None, Ok(number)) => Token::Number(number),
            (None, Err(_)) => Token::Operator(word),
        })
    }
}
