//! CSV: encodings, delimiters, header lines, broken rows.

use crate::{cells, codes, read_csv};
use platform_documents::{Encoding, Note, ReadError, ReadOptions, RowProblem, read};

fn with(options: ReadOptions, bytes: &[u8]) -> Result<platform_documents::Table, ReadError> {
    read(bytes, "file.csv", &options)
}

fn encoded(encoding: Encoding) -> ReadOptions {
    ReadOptions {
        encoding: Some(encoding),
        ..ReadOptions::default()
    }
}

#[test]
fn the_delimiter_is_found() {
    for text in [
        "plate,km\nA 1,5\nB 2,6\n",
        "plate;km\nA 1;5\nB 2;6\n",
        "plate\tkm\nA 1\t5\nB 2\t6",
        "plate|km\r\nA 1|5\r\nB 2|6",
    ] {
        let table = read_csv(text).expect("is a table");
        assert_eq!(table.headers, ["plate", "km"], "{text:?}");
        assert_eq!(cells(&table), [["A 1", "5"], ["B 2", "6"]], "{text:?}");
        assert!(table.notes.is_empty(), "{text:?}");
    }
    let decimal_commas = read_csv("litres;price\n1,5;2,18\n2,5;2,18\n").expect("is a table");
    assert_eq!(cells(&decimal_commas), [["1,5", "2,18"], ["2,5", "2,18"]]);
    let told = read_csv("sep=|\nname|note\na,b,c|d,e,f\n").expect("is a table");
    assert_eq!((cells(&told), told.rows[0].number), (vec![vec!["a,b,c", "d,e,f"]], 3));
    let single = read_csv("plate\nA 1\nB 2\n").expect("one column is a table");
    assert_eq!(cells(&single), [["A 1"], ["B 2"]]);
}

#[test]
fn every_encoding_gives_the_same_table() {
    let text = "الاسم,المدينة\nأحمد,جدة\n";
    let expected = read_csv(text).expect("UTF-8 is read");
    assert_eq!(expected.headers, ["الاسم", "المدينة"]);
    let marked: Vec<u8> = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let little: Vec<u8> = [0xFF, 0xFE]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    let big: Vec<u8> = [0xFE, 0xFF]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
        .collect();
    for bytes in [&marked, &little, &big] {
        assert_eq!(with(ReadOptions::default(), bytes).as_ref(), Ok(&expected));
        assert_eq!(
            with(encoded(Encoding::Windows1256), bytes).as_ref(),
            Ok(&expected),
            "a mark wins"
        );
    }
    let (windows, _, unmappable) = encoding_rs::WINDOWS_1256.encode(text);
    assert!(!unmappable);
    assert_eq!(with(encoded(Encoding::Windows1256), &windows).as_ref(), Ok(&expected));
    let latin: Vec<u8> = "plate,km\nA 1,5\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(
        with(ReadOptions::default(), &latin)
            .expect("is told by its NULs")
            .headers,
        ["plate", "km"]
    );
}

#[test]
fn a_wrong_encoding_names_the_line() {
    let (windows, ..) = encoding_rs::WINDOWS_1256.encode("name,city\r\na,b\r\nأحمد,جدة\r\n");
    let error = with(ReadOptions::default(), &windows).expect_err("is not UTF-8");
    assert_eq!(error, ReadError::NotUtf8 { line: 3 });
    assert!(error.to_string().contains("windows-1256"));
}

#[test]
fn nothing_to_read() {
    for text in ["", "\n\n", "  \n,,\n", "\u{feff}", "\0\0"] {
        assert_eq!(read_csv(text), Err(ReadError::Empty), "{text:?}");
    }
    for text in ["plate,km", "plate,km\n\n , \n", "plate,km\nplate,km\n"] {
        let headers = vec!["plate".to_owned(), "km".to_owned()];
        assert_eq!(read_csv(text), Err(ReadError::NoRows { headers }), "{text:?}");
    }
}

#[test]
fn cells_are_cleaned() {
    let table = read_csv("plate , km\u{200f},Name\n A 1\u{a0},\u{200e}5 ,NaN \n\0B\0,6,x\n").expect("is a table");
    assert_eq!(table.headers, ["plate", "km", "Name"]);
    assert_eq!(cells(&table), [["A 1", "5", "NaN"], ["B", "6", "x"]]);
    assert_eq!(codes(&table), ["nul_removed"]);
}

#[test]
fn rows_keep_the_number_of_their_line() {
    let table = read_csv("\r\nplate,note\r\n\r\nA,\"two\r\nlines\"\r\n,\r\nB,x\r\n").expect("is a table");
    let numbers: Vec<usize> = table.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [4, 7]);
    let old_mac = read_csv("plate,km\rA,1\rB,2\r").expect("is a table");
    assert_eq!(old_mac.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn lines_above_the_headers_are_noted() {
    let table = read_csv("Vehicles of March 2022,,\n\nplate,km,city\nA,1,x\n").expect("is a table");
    assert_eq!(table.headers, ["plate", "km", "city"]);
    assert_eq!(
        table.notes,
        [Note::TitleSkipped {
            row: 1,
            text: "Vehicles of March 2022".to_owned()
        }]
    );
    let groups = read_csv("Vehicle,,Driver,\nplate,km,name,phone\nA,1,x,y\n").expect("is a table");
    assert_eq!(groups.headers, ["plate", "km", "name", "phone"]);
    let unnamed = read_csv("plate,,,\nA,1,x,2022-01-01\nB,2,y,2022-01-02\n");
    assert_eq!(
        unnamed.expect("is a table").headers[0],
        "A",
        "one word over a full row is a title"
    );
    let half_named = read_csv("plate,name,,\nA,1,x,y\nB,2,y,z\n").expect("is a table");
    assert_eq!(
        half_named.headers,
        ["plate", "name"],
        "a number below says that the first row is the header line"
    );
    assert_eq!(half_named.rows[0].problems[0].code(), "too_many_cells");
}

#[test]
fn headers_that_come_again() {
    let table = read_csv("plate,km\nA,1\nplate,km\nB,2\n").expect("is a table");
    assert_eq!(cells(&table), [["A", "1"], ["B", "2"]]);
    assert_eq!(table.notes, [Note::RepeatedHeader { row: 3 }]);
}

#[test]
fn headers_are_never_empty_or_equal() {
    let table = read_csv("name,name,,name (2),x\n1,2,3,4,5\n").expect("is a table");
    assert_eq!(table.headers, ["name", "name (2)", "Column 3", "name (2) (2)", "x"]);
    assert_eq!(
        codes(&table),
        ["duplicate_header", "unnamed_column", "duplicate_header"]
    );
}

#[test]
fn ragged_rows_are_reported_one_by_one() {
    let table = read_csv("a,b,c\n1,2\n1,2,3,4\n1,2,3,,,\n1,2,3\n1,2,\n").expect("is a table");
    let problems: Vec<_> = table.rows.iter().map(|row| row.problems.clone()).collect();
    assert_eq!(problems[0], [RowProblem::TooFewCells { expected: 3, found: 2 }]);
    assert_eq!(problems[1], [RowProblem::TooManyCells { expected: 3, found: 4 }]);
    assert!(problems[2..].iter().all(Vec::is_empty));
    assert!(table.rows.iter().all(|row| row.cells.len() == 3));
}

#[test]
fn an_enormous_cell_spoils_its_row_only() {
    let long = "ع".repeat(200_000);
    let table = read_csv(&format!("plate,note\nA,{long}\nB,x\n")).expect("is a table");
    assert_eq!(
        table.rows[0].problems,
        [RowProblem::Oversized {
            column: 1,
            chars: 200_000
        }]
    );
    let words = table.describe(&table.rows[0], table.rows[0].problems[0]);
    assert_eq!(
        words,
        "row 2, column “note”: the cell of column 2 has 200000 characters"
    );
    assert!(table.rows[0].cells[1].chars().count() < 100);
    assert!(table.rows[1].problems.is_empty());
}

#[test]
fn a_quote_that_is_never_closed_is_reported() {
    let table = read_csv("plate,note\nA,\"open\nB,2\nC,3\n").expect("is a table");
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0].problems, [RowProblem::UnclosedQuote]);
    let closed = read_csv("plate,note\nA,\"open\nB\"\n").expect("is a table");
    assert!(closed.rows[0].problems.is_empty());
}

#[test]
fn limits_are_refusals() {
    let small = ReadOptions {
        max_rows: 2,
        max_columns: 3,
        max_cells: 5,
        ..ReadOptions::default()
    };
    let rows = with(small.clone(), b"a\n1\n2\n3\n").expect_err("is too long");
    assert_eq!(rows, ReadError::TooManyRows { limit: 2 });
    let columns = with(small.clone(), b"a,b,c,d\n1,2,3,4\n").expect_err("is too wide");
    assert_eq!(
        columns,
        ReadError::TooManyColumns {
            row: 1,
            found: 4,
            limit: 3
        }
    );
    let cells = with(small, b"a,b,c\n1,2,3\n1,2,3\n").expect_err("is too large");
    assert_eq!(cells, ReadError::TooManyCells { limit: 5 });
}

#[test]
fn cells_that_look_like_formulas_are_data() {
    let table = read_csv("plate,note\n=1+1,@x\n+966500000000,-5\n'=2,'x\n").expect("is a table");
    assert_eq!(cells(&table), [["=1+1", "@x"], ["+966500000000", "-5"], ["=2", "'x"]]);
}
