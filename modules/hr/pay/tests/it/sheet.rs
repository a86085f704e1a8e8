//! The sheet that an accountant checks the formulas with.

use std::fmt::Write;

use hr_pay::sheet::{INPUTS, OUTPUTS, SheetError, calculate};
use hr_pay::{Categories, documented_from};
use platform_documents::{ReadOptions, read};

use crate::support::{number, said};

fn paid(sheet: &str, explains: bool) -> hr_pay::sheet::Sheet {
    calculate(sheet.as_bytes(), Categories::documented(), documented_from(), explains).unwrap()
}

#[test]
fn a_sheet_of_the_worked_examples_comes_out_as_the_document_has_it() {
    let path = format!("{}/tests/vectors/category_pay.csv", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).unwrap();
    let table = read(&bytes, "", &ReadOptions::default()).unwrap();
    let place = |name: &str| table.headers.iter().position(|header| header == name).unwrap();
    let columns = INPUTS.map(place);
    let mut sheet = format!("name,{}\n", INPUTS.join(","));
    for row in &table.rows {
        let cells = columns.map(|column| row.cells[column].clone());
        writeln!(sheet, "\"{}\",{}", row.cells[0], cells.join(",")).unwrap();
    }
    let found = paid(&sheet, true);
    assert!(found.errors.is_empty(), "{:?}", found.errors);
    let out = read(&found.csv, "", &ReadOptions::default()).unwrap();
    assert_eq!(out.headers[7..], OUTPUTS);
    for (row, expected) in out.rows.iter().zip(&table.rows) {
        for (number_of, name) in OUTPUTS.iter().enumerate() {
            assert_eq!(
                number(&row.cells[7 + number_of]),
                number(&expected.cells[place(name)]),
                "{name} of {:?}",
                row.cells
            );
        }
    }
    for trace in &found.traces {
        for line in &trace.lines {
            assert_eq!(line.recompute().as_ref(), Ok(line));
        }
        assert_eq!(trace.total_trace.recompute(), Ok(trace.total));
        assert_eq!(
            (trace.text["en"].len(), trace.text["ar"].len()),
            (trace.lines.len(), trace.lines.len())
        );
    }
    said(
        "PAY23",
        &format!(
            "{} of {} rows of a sheet equal, each with its trace",
            out.rows.len(),
            table.rows.len()
        ),
    );
}

#[test]
fn a_bad_row_is_named_and_the_rest_goes_on() {
    let sheet = "\
courier,Category,target,days,orders,revenue,gas usage,note
C1,Motorcycle,400,200,450,,300,fine
C2,Scooter,400,200,450,,300,
C3,motorcycle,,200,450,,300,
C4,motorcycle,400,200,45x,,300,
C5,motorcycle,400,200,450.5,,300,
C6,motorcycle,400,200,450,,-1,
C7,Food In-House New,475,9,150,,200,fine
C1,motorcycle,400,200,450,,300,
C8,Ajeer,400,200,450,,300,
C9,ecommerce,6630,300,,,300,
C10,motorcycle,400,,450,,300,
C11,motorcycle,٤٠٠,٢٠٠,٤٥٠,,٣٠٠,fine
C12,motorcycle,9000,200,450,,300,
";
    let found = paid(sheet, false);
    let told: Vec<_> = found
        .errors
        .iter()
        .map(|error| (error.row, error.column.as_str(), error.code))
        .collect();
    assert_eq!(
        told,
        [
            (3, "category", "unknown_category"),
            (4, "target", "required"),
            (5, "orders", "not_a_number"),
            (6, "orders", "not_whole"),
            (7, "gas_usage", "negative"),
            (9, "courier", "taken"),
            (10, "category", "not_paid_here"),
            (11, "revenue", "required"),
            (12, "days", "required"),
            (14, "target", "above_most"),
        ]
    );
    assert_eq!(
        found.errors[2].to_string(),
        "row 5, column “orders”: “45x” is not a number"
    );
    assert_eq!(
        found.errors[5].to_string(),
        "row 9, column “courier”: “C1” is already paid by row 2"
    );
    let text = String::from_utf8(found.csv).unwrap();
    let totals: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap())
        .collect();
    assert_eq!((found.paid, totals), (3, vec!["1861.04", "713.35", "1861.04"]));
}

#[test]
fn a_sheet_without_a_column_is_refused() {
    let refused = |text: &str| calculate(text.as_bytes(), Categories::documented(), documented_from(), false);
    assert!(matches!(
        refused("category,target,days,orders,revenue\nx,1,1,1,1\n"),
        Err(SheetError::NoColumn("gas_usage"))
    ));
    assert!(matches!(refused(""), Err(SheetError::Read(_))));
}
