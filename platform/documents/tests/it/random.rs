//! No input makes the reader panic, and every table it gives keeps its promises.

use crate::workbooks::{parts, sample, with_part};
use platform_documents::{
    CsvOptions, Encoding, ReadOptions, parse_date, parse_date_time, parse_number, parse_time, read, write_csv,
};
use proptest::prelude::*;
use std::collections::HashSet;

fn check(bytes: &[u8], encoding: Option<Encoding>) {
    let options = ReadOptions {
        encoding,
        max_cell_chars: 50,
        ..ReadOptions::default()
    };
    let Ok(table) = read(bytes, "file.csv", &options) else {
        return;
    };
    let names: HashSet<&String> = table.headers.iter().collect();
    assert_eq!(names.len(), table.headers.len(), "headers differ");
    assert!(table.headers.iter().all(|header| !header.is_empty()));
    assert!(!table.rows.is_empty());
    assert!(
        table.rows.windows(2).all(|pair| pair[0].number < pair[1].number),
        "rows are in order"
    );
    for row in &table.rows {
        assert_eq!(row.cells.len(), table.headers.len());
        assert!(
            row.cells
                .iter()
                .all(|cell| !cell.contains('\0') && cell.chars().count() <= 50)
        );
        for problem in &row.problems {
            assert!(table.describe(row, *problem).contains(&format!("row {}", row.number)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400), arabic in any::<bool>()) {
        check(&bytes, arabic.then_some(Encoding::Windows1256));
    }

    #[test]
    fn random_csv(text in "[ab1,;\t|\"\n\r \u{a0}\u{200f}=ع]{0,200}") {
        check(text.as_bytes(), None);
    }

    #[test]
    fn random_cells(text in "\\PC{0,30}") {
        let _ = (parse_date(&text), parse_date_time(&text), parse_time(&text), parse_number(&text));
    }

    #[test]
    fn random_dates(text in "[0-9٠-٩]{1,4}[-/. ][0-9٠-٩]{1,2}[-/. ][0-9]{1,4}( [0-9]{1,2}:[0-9]{2})?") {
        let _ = (parse_date(&text), parse_date_time(&text));
    }

    #[test]
    fn csv_comes_back_as_it_was(rows in proptest::collection::vec(proptest::array::uniform3("[a-z=+@,;\"\n|ع'-]{0,8}[a-z]"), 1..20)) {
        let mut file = Vec::new();
        write_csv(&mut file, &["first", "second", "third"], &rows, CsvOptions { byte_order_mark: true }).expect("memory does not fail");
        let table = read(&file, "file.csv", &ReadOptions::default()).expect("reads back");
        let clean = |cell: &String| platform_documents::clean(cell).to_owned();
        let unguarded = |cell: String| match cell.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
            _ => cell,
        };
        let expected: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(clean).map(unguarded).collect()).collect();
        let found: Vec<Vec<String>> = table.rows.into_iter().map(|row| row.cells).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn damaged_archives(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut bytes = sample();
        for (at, value) in flips {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check(&bytes, None);
        bytes.truncate(cut.index(bytes.len()));
        check(&bytes, None);
    }

    #[test]
    fn damaged_parts(chosen in any::<prop::sample::Index>(), flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let workbook = sample();
        let parts = parts(&workbook);
        let (name, body) = &parts[chosen.index(parts.len())];
        let mut body = body.clone();
        for (at, value) in flips {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = value;
            }
        }
        check(&with_part(&workbook, name, &body), None);
    }
}
