//! What leaves payroll as files: payslips, the ministry's wage file, the register, the social insurance's report, the ledger's
//! entry.

mod amount_words;
pub(crate) mod journal;
pub(crate) mod ledger_accounts;
pub(crate) mod paying_accounts;
pub(crate) mod payslip;
mod payslip_page;
mod reports;
pub(crate) mod run_pay;
pub(crate) mod wage_files;
pub(crate) mod wage_making;
mod wage_rows;
mod words;

use platform_core::{Boxed, Cx, Doc, Method, Operation, Permit, Problem, Reply};
use serde_json::json;

type Run = for<'a> fn(&'a mut Cx, reports::Asked) -> Boxed<'a, Result<Reply, Problem>>;

/// A file about a run, as a table.
fn report(path: &'static str, id: &'static str, permission: &str, summary: &str, run: Run) -> Operation {
    let mut operation = Operation::raw(Method::Get, path, id, Permit::needs(permission), move |cx, request| {
        Box::pin(async move { run(cx, request.query_as()?).await })
    });
    operation.doc = Doc {
        summary: summary.into(),
        tag: "hr.payroll_runs".into(),
        query: vec![
            platform_engine::parameter("language", json!({"type": "string", "enum": ["ar", "en"]})),
            platform_engine::parameter("format", json!({"type": "string", "enum": ["csv", "xlsx"]})),
        ],
        answer: Some((
            200,
            "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            json!({"type": "string"}),
        )),
        ..Doc::default()
    };
    // Pay of everybody leaves the house: whoever takes it is still the one who signed in.
    operation.step_up()
}

/// Everything that is a file.
pub(crate) fn operations() -> Vec<Operation> {
    let mut download = Operation::raw(
        Method::Get,
        "/hr/wage_files/{id}/download",
        "hr.wage_files.download",
        Permit::needs("wage_files.download"),
        |cx, request| Box::pin(wage_making::download(cx, request)),
    )
    .step_up();
    download.doc = Doc {
        summary: "The wage file that was made, in the same bytes every time".into(),
        tag: "hr.wage_files".into(),
        answer: Some((200, "text/plain", json!({"type": "string"}))),
        ..Doc::default()
    };
    vec![
        payslip::operation(),
        Operation::get(
            "/hr/payroll_runs/{id}/wage_file_check",
            "hr.payroll_runs.wage_file_check",
            Permit::needs("wage_files.check"),
            |cx, input| Box::pin(wage_making::check(cx, input)),
        )
        .summary("What a bank or the ministry would send back of a run's wage file, by courier and field"),
        Operation::post(
            "/hr/payroll_runs/{id}/wage_file",
            "hr.payroll_runs.wage_file",
            Permit::needs("wage_files.make"),
            |cx, input| Box::pin(wage_making::make(cx, input)),
        )
        .summary(
            "Makes an approved run's wage file (WPS) and keeps a record of it; refused while the check finds an error",
        ),
        download,
        report(
            "/hr/payroll_runs/{id}/register",
            "hr.payroll_runs.register",
            "salaries.export",
            "Everybody's pay of a run by kind of line, with totals",
            |cx, asked| Box::pin(reports::register(cx, asked)),
        ),
        report(
            "/hr/payroll_runs/{id}/gosi_report",
            "hr.payroll_runs.gosi_report",
            "salaries.read_pay",
            "Social insurance of a run: class, contributory wage and both shares of each courier, with totals",
            |cx, asked| Box::pin(reports::gosi_report(cx, asked)),
        ),
        report(
            "/hr/payroll_runs/{id}/journal",
            "hr.payroll_runs.journal",
            "payroll_runs.journal",
            "A run as an entry of the ledger, debit equal to credit",
            |cx, asked| Box::pin(journal::journal(cx, asked)),
        ),
    ]
}
