//! `barq payroll calculate`, as an accountant runs it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str], sheet: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_barq"))
        .args(["payroll", "calculate"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(sheet.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

const SHEET: &str = "category,target,days,orders,revenue,gas_usage
motorcycle,400,200,450,,300
scooter,400,200,450,,300
ecommerce,6630,300,,12000,460
ecommerce_wh,500,10,200,,-120
";

#[test]
fn a_sheet_is_paid_and_a_bad_row_is_named() {
    let output = run(&["-"], SHEET);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(
        lines,
        [
            "category,target,days,orders,revenue,gas_usage,final_target,basic,bonus,gas_deserved,gas_difference,total",
            "motorcycle,400,200,450,,300,400.00,1600.04,300.00,261.00,-39.00,1861.04",
            "ecommerce,6630,300,,12000,460,6630.00,2000.00,2885.00,451.80,-8.20,4876.80",
        ]
    );
    let errors = String::from_utf8(output.stderr).unwrap();
    let told: Vec<_> = errors.lines().collect();
    assert_eq!(
        told,
        [
            "barq: row 3, column “category”: “scooter” is no category; there are motorcycle, food_trial, \
             food_inhouse_new, food_inhouse_old, ecommerce_wh, ecommerce",
            "barq: row 5, column “gas_usage”: gas_usage cannot be -120: it is below zero",
            "barq: 2 rows are paid, 2 are not",
        ]
    );
}

#[test]
fn every_line_explains_itself_on_request() {
    let sheet = "category,target,days,orders,revenue,gas_usage\nmotorcycle,400,200,450,,300\n";
    let output = run(&["-", "--explain"], sheet);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let told = text.lines().find(|line| line.starts_with('{')).unwrap();
    let told: serde_json::Value = serde_json::from_str(told).unwrap();
    assert_eq!(
        (told["row"].as_u64(), told["total"].as_str()),
        (Some(2), Some("1861.04"))
    );
    let basic: hr_pay::Line = serde_json::from_value(told["lines"][0].clone()).unwrap();
    assert_eq!(basic.recompute().as_ref(), Ok(&basic));
    assert!(told["text"]["ar"][0].as_str().unwrap().starts_with("الأجر الأساسي"));
}

#[test]
fn what_is_no_sheet_is_refused() {
    for (arguments, sheet, reason) in [
        (&["-"][..], "category,target\nx,1\n", "-: the column “days” is missing"),
        (&["-"], "", "the file is empty"),
        (&["no such file.csv"], "", "no such file.csv"),
    ] {
        let output = run(arguments, sheet);
        assert_eq!(output.status.code(), Some(1));
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(errors.contains(reason), "{errors}");
    }
}
