//! Words of the commands: results on standard output, what is being done on standard error.

use std::io::Write as _;

/// Where words go.
#[derive(Debug)]
pub enum Say {
    /// To whoever sits in front of it.
    Terminal,
    /// Into a text, for tests.
    Text(String),
}

impl Say {
    /// Writes to the terminal.
    pub const fn terminal() -> Self {
        Self::Terminal
    }

    /// What the command is for. A reader that went away hears nothing more, and nothing is wrong with that.
    pub fn line(&mut self, text: &str) {
        match self {
            Self::Terminal => {
                let mut out = std::io::stdout();
                let _ = writeln!(out, "{text}").and_then(|()| out.flush());
            }
            Self::Text(all) => {
                all.push_str(text);
                all.push('\n');
            }
        }
    }

    /// What it is doing.
    pub fn step(&mut self, text: &str) {
        match self {
            Self::Terminal => {
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            Self::Text(_) => self.line(text),
        }
    }
}

/// Columns of texts, each as wide as its widest.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut widths = [0; N];
    for row in rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(text.chars().count());
        }
    }
    let line = |row: &[String; N]| {
        let padded = row.iter().zip(widths).map(|(text, width)| format!("{text:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// `112 KiB`, `1.6 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    const KIB: u64 = 1024;
    match bytes {
        0..KIB => format!("{bytes} bytes"),
        KIB..1_048_576 => format!("{} KiB", bytes.div_ceil(KIB)),
        _ => format!("{}.{} MiB", bytes / KIB / KIB, (bytes / KIB % KIB) * 10 / KIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!(
            (size(900), size(114_000), size(1_711_168)),
            ("900 bytes".into(), "112 KiB".into(), "1.6 MiB".into())
        );
    }

    #[test]
    fn columns_are_as_wide_as_their_widest() {
        let rows = [["a".to_owned(), "bc".to_owned()], ["طويل".to_owned(), String::new()]];
        assert_eq!(columns(&rows), ["a     bc", "طويل"]);
    }
}
