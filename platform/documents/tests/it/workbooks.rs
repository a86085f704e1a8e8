//! XLSX: types, sheets, damaged and hostile archives, and what we write ourselves.

use crate::{cells, codes};
use chrono::NaiveDate;
use platform_documents::{
    Cell, CsvOptions, Note, ReadError, ReadOptions, RowProblem, Table, WriteError, check_workbook, read, write_csv,
    write_xlsx,
};
use rust_decimal::Decimal;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use std::io::{Cursor, Read, Write};

fn open(bytes: &[u8]) -> Result<Table, ReadError> {
    read(bytes, "file.xlsx", &ReadOptions::default())
}

pub fn sample() -> Vec<u8> {
    let day: NaiveDate = "2022-03-30".parse().expect("is a date");
    let rows = [
        vec![
            Cell::Text("أ ب ج 1234".to_owned()),
            Cell::Number(Decimal::new(1250, 2)),
            Cell::Date(day),
            Cell::DateTime(day.and_hms_opt(20, 30, 0).expect("is a time")),
            Cell::Boolean(true),
        ],
        vec![
            Cell::Text("=1+1".to_owned()),
            Cell::Number(Decimal::from(7)),
            Cell::Empty,
            Cell::Empty,
            Cell::Boolean(false),
        ],
    ];
    write_xlsx("المركبات [2022]", &["plate", "litres", "day", "at", "full"], rows, true).expect("is written")
}

#[test]
fn what_is_written_reads_back() {
    let table = open(&sample()).expect("reads back");
    assert_eq!(table.headers, ["plate", "litres", "day", "at", "full"]);
    assert_eq!(
        cells(&table),
        [
            ["أ ب ج 1234", "12.5", "2022-03-30", "2022-03-30 20:30:00", "true"],
            ["=1+1", "7", "", "", "false"]
        ]
    );
    assert!(table.rows.iter().all(|row| row.problems.is_empty()));
    assert_eq!(table.rows[0].number, 2);
    assert_eq!(sample(), sample(), "the same rows give the same bytes");
}

#[test]
fn the_sheet_is_right_to_left_and_text_is_never_a_formula() {
    let sheet = part(&sample(), "xl/worksheets/sheet1.xml");
    assert!(sheet.contains("rightToLeft=\"1\""));
    assert!(sheet.contains("<cols>"), "columns are as wide as their content");
    assert!(!sheet.contains("<f>"));
    let left = write_xlsx("x", &["a"], [[Cell::Text("b".to_owned())]], false).expect("is written");
    assert!(!part(&left, "xl/worksheets/sheet1.xml").contains("rightToLeft"));
}

#[test]
fn numbers_that_excel_would_spoil_stay_text() {
    let long = Decimal::from_str_exact("1234567890123456.78").expect("is a number");
    let written = write_xlsx("x", &["iban"], [[Cell::Number(long)]], false).expect("is written");
    assert_eq!(cells(&open(&written).expect("reads back")), [["1234567890123456.78"]]);
    let old: NaiveDate = "1850-01-01".parse().expect("is a date");
    let written = write_xlsx("", &["day"], [[Cell::Date(old)]], false).expect("is written");
    assert_eq!(cells(&open(&written).expect("reads back")), [["1850-01-01"]]);
}

#[test]
fn rows_of_another_length_are_refused() {
    let error = write_xlsx("x", &["a", "b"], [[Cell::Empty]], false).expect_err("is ragged");
    assert!(matches!(
        error,
        WriteError::Ragged {
            row: 1,
            expected: 2,
            found: 1
        }
    ));
}

#[test]
fn stored_values_of_formulas_and_their_errors() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .write_row(0, 0, ["sum", "bad", "lookup", "time"])
        .expect("is written");
    sheet
        .write_formula(1, 0, Formula::new("=0.1+0.2").set_result("0.30000000000000004"))
        .expect("is written");
    sheet
        .write_formula(1, 1, Formula::new("=1/0").set_result("#DIV/0!"))
        .expect("is written");
    sheet
        .write_formula(1, 2, Formula::new("=NA()").set_result("#N/A"))
        .expect("is written");
    let clock = Format::new().set_num_format("hh:mm");
    let time = ExcelDateTime::from_hms(8, 5, 0).expect("is a time");
    sheet
        .write_datetime_with_format(1, 3, &time, &clock)
        .expect("is written");
    let table = open(&book.save_to_buffer().expect("is written")).expect("is read");
    assert_eq!(cells(&table), [["0.3", "#DIV/0!", "#N/A", "08:05:00"]]);
    assert_eq!(table.rows[0].problems, [RowProblem::ErrorValue { column: 1 }]);
}

#[test]
fn the_first_sheet_with_content_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("empty").expect("is a name");
    let hidden = book.add_worksheet();
    hidden.set_name("hidden").expect("is a name").set_hidden(true);
    hidden.write_row(0, 0, ["secret"]).expect("is written");
    let sheet = book.add_worksheet();
    sheet.set_name("vehicles").expect("is a name");
    sheet
        .write(4, 1, "plate")
        .expect("is written")
        .write(4, 2, "km")
        .expect("is written");
    sheet
        .write(5, 1, "A")
        .expect("is written")
        .write(5, 2, 10.0)
        .expect("is written");
    sheet.write(7, 1, "B").expect("is written");
    let table = open(&book.save_to_buffer().expect("is written")).expect("is read");
    assert_eq!(cells(&table), [["", "A", "10"], ["", "B", ""]]);
    assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [6, 8]);
    assert_eq!(codes(&table), ["unnamed_column", "sheet_chosen"]);
    assert!(table.notes.contains(&Note::SheetChosen {
        sheet: "vehicles".to_owned(),
        others: 2
    }));
    let nothing = Workbook::new().save_to_buffer().expect("is written");
    assert_eq!(open(&nothing), Err(ReadError::Empty));
}

#[test]
fn a_cell_at_the_end_of_the_world_costs_no_memory() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["plate", "km"]).expect("is written");
    sheet.write(1_048_575, 0, "A").expect("is written");
    let table = open(&book.save_to_buffer().expect("is written")).expect("is read");
    assert_eq!((table.rows.len(), table.rows[0].number), (1, 1_048_576));
    let mut book = Workbook::new();
    book.add_worksheet().write(0, 16_383, "far").expect("is written");
    let error = open(&book.save_to_buffer().expect("is written")).expect_err("is too wide");
    assert_eq!(
        error,
        ReadError::TooManyColumns {
            row: 1,
            found: 16_384,
            limit: 200
        }
    );
}

#[test]
fn archives_that_are_no_workbook() {
    assert!(matches!(
        open(b"PK\x03\x04 and then nothing"),
        Err(ReadError::Damaged { .. })
    ));
    let other = archive(&[("word/document.xml", b"<x/>")]);
    assert!(matches!(open(&other), Err(ReadError::UnsupportedFormat { .. })));
    let many: Vec<(String, &[u8])> = (0..2_100).map(|n| (format!("part{n}.xml"), &b"x"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, body)| (name.as_str(), *body)).collect();
    assert!(matches!(open(&archive(&many)), Err(ReadError::TooLarge { .. })));
}

#[test]
fn a_bomb_is_refused_before_it_is_opened() {
    let zeros = vec![b' '; 12 << 20];
    let bomb = archive(&[("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", &zeros)]);
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(open(&bomb), Err(ReadError::TooLarge { .. })));
}

#[test]
fn a_bomb_that_lies_about_its_size_is_refused() {
    let zeros = vec![b' '; 12 << 20];
    let mut bomb = archive(&[("xl/workbook.xml", b"<x/>"), ("xl/sharedStrings.xml", &zeros)]);
    let declared = u32::try_from(zeros.len()).expect("fits").to_le_bytes();
    let places: Vec<usize> = bomb
        .windows(4)
        .enumerate()
        .filter(|(_, w)| *w == declared)
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bomb[place..place + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    assert!(open(&bomb).is_err());
}

#[test]
fn entities_of_a_document_type_are_not_expanded() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet
        .write_row(0, 0, ["plate", "km"])
        .expect("is written")
        .write(1, 0, "A")
        .expect("is written");
    let workbook = book.save_to_buffer().expect("is written");
    let attack = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    let strings = part(&workbook, "xl/sharedStrings.xml");
    let strings = strings.replacen(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>",
        attack,
        1,
    );
    let strings = strings.replacen("plate", "&e;", 1);
    assert!(strings.contains("&e;") && strings.contains("DOCTYPE"));
    let hostile = with_part(&workbook, "xl/sharedStrings.xml", strings.as_bytes());
    if let Ok(table) = open(&hostile) {
        assert!(
            table.headers.iter().all(|header| !header.contains("root")),
            "{:?}",
            table.headers
        );
    }
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, body) in parts {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .expect("memory does not fail");
        writer.write_all(body).expect("memory does not fail");
    }
    writer.finish().expect("memory does not fail").into_inner()
}

pub fn parts(workbook: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).expect("is an archive");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("is there");
            let mut body = Vec::new();
            entry.read_to_end(&mut body).expect("is readable");
            (entry.name().expect("is a name").into_owned(), body)
        })
        .collect()
}

fn part(workbook: &[u8], name: &str) -> String {
    let body = parts(workbook)
        .into_iter()
        .find(|(found, _)| found == name)
        .expect("is there")
        .1;
    String::from_utf8(body).expect("is XML")
}

pub fn with_part(workbook: &[u8], name: &str, body: &[u8]) -> Vec<u8> {
    let mut parts = parts(workbook);
    parts.iter_mut().find(|(found, _)| found == name).expect("is there").1 = body.to_vec();
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, body)| (name.as_str(), body.as_slice()))
        .collect();
    archive(&parts)
}

#[test]
fn a_workbook_that_is_kept_holds_no_program_and_stays_in_its_place() {
    let plain: &[(&str, &[u8])] = &[("xl/workbook.xml", b"<x/>")];
    let with = |name: &'static str| check_workbook(&archive(&[plain, &[(name, b"x".as_slice())]].concat()));
    assert_eq!(check_workbook(&sample()), Ok(()));
    assert_eq!(with("xl/media/image1.png"), Ok(()));
    assert_eq!(with("xl/printerSettings/printerSettings1.bin"), Ok(()));
    for name in [
        "xl/vbaProject.bin",
        "XL/VBAPROJECT.BIN",
        "xl/embeddings/setup.exe",
        "A.class",
    ] {
        assert_eq!(
            with(name),
            Err(ReadError::UnsupportedFormat { found: "XLSM" }),
            "{name}"
        );
    }
    for name in ["../x", "xl/../../x", "/etc/passwd", "..\\x", "C:/x"] {
        assert!(matches!(with(name), Err(ReadError::Damaged { .. })), "{name}");
    }
    assert!(matches!(check_workbook(b"PK\x03\x04"), Err(ReadError::Damaged { .. })));
}

/// The catalogue's S5, for files: whatever a cell holds, a spreadsheet runs none of it.
#[test]
fn no_cell_that_is_written_is_a_formula() {
    let starts = ["=", "+", "-", "@", "\t", "\r"];
    let tails = [
        "1+1",
        "SUM(A1:A9)",
        "cmd|' /C calc'!A0",
        "HYPERLINK(\"http://attacker.example\",\"x\")",
        "",
        "\u{661}",
        "1.",
        "-1",
        "أ",
    ];
    let mut cells = 0;
    for start in starts {
        for tail in tails {
            let text = format!("{start}{tail}");
            let mut csv = Vec::new();
            write_csv(&mut csv, &["a"], [[text.as_str()]], CsvOptions::default()).expect("memory does not fail");
            let mut lines = csv::ReaderBuilder::new().from_reader(csv.as_slice());
            let line = lines.records().next().expect("a line").expect("is CSV");
            assert_eq!(line.get(0), Some(format!("'{text}").as_str()));
            let sheet = write_xlsx("a", &["a"], [[Cell::Text(text.clone())]], false).expect("is written");
            let sheet = part(&sheet, "xl/worksheets/sheet1.xml");
            assert!(
                !sheet.contains("<f>") && sheet.contains("t=\"inlineStr\""),
                "{text:?}: {sheet}"
            );
            cells += 1;
        }
    }
    writeln!(
        std::io::stdout(),
        "CHECK S5 pass {cells} of {cells} cells neutralised in CSV and XLSX"
    )
    .expect("a line");
}
