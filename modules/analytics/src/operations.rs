//! What the API offers besides rows: every report, the list of reports, a figure over time, and forecasts.

use axum::http::StatusCode;
use chrono::NaiveDate;
use platform_core::{Cx, FieldError, Method, Operation, Permit, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::catalogue::{self, Area, Report, reports};
use crate::run::{Compare, Period, ReportAnswer, answer};

/// The days of a report.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// First day; thirty days with the last one when absent.
    from: Option<NaiveDate>,
    /// Last day; today when absent.
    to: Option<NaiveDate>,
    /// With what it is compared: `preceding` days, the same days a `year` before, or `none`.
    #[serde(default)]
    compare: Compare,
    /// Most rows of each section, 1 to 1000; 100 when absent.
    limit: Option<u16>,
}

const AREAS: [Area; 5] = [Area::Overview, Area::Operations, Area::Fleet, Area::Hr, Area::Financial];

/// Names of the permissions of reports.
pub(crate) const PERMISSIONS: &[&str] = &[
    "overview_reports.read",
    "operations_reports.read",
    "fleet_reports.read",
    "hr_reports.read",
    "financial_reports.read",
];

/// Whoever may see a report of some area; handlers look closer.
pub(crate) fn any_report() -> Permit {
    Permit::AnyOf(PERMISSIONS.iter().map(ToString::to_string).collect())
}

async fn asked_report(cx: &mut Cx, input: Asked, report: &'static Report) -> Result<ReportAnswer, Problem> {
    let period = Period::asked(input.from, input.to, cx.today())?;
    let limit = usize::from(input.limit.unwrap_or(100));
    if !(1..=1000).contains(&limit) {
        let error = FieldError::new("limit", "bad_limit").with(vec![("max", "1000".into())]);
        return Err(Problem::invalid(vec![error]));
    }
    answer(cx, report, period, input.compare, limit).await
}

/// A report by its name, and its days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// Name of the report, as `delivery_success`.
    report: String,
    /// First day; thirty days with the last one when absent.
    from: Option<NaiveDate>,
    /// Last day; today when absent.
    to: Option<NaiveDate>,
    /// With what it is compared: `preceding` days, the same days a `year` before, or `none`.
    #[serde(default)]
    compare: Compare,
    /// Most rows of each section, 1 to 1000; 100 when absent.
    limit: Option<u16>,
}

/// `GET /analytics/computed/{report}`: any report by its name, as dashboards and templates store it.
async fn named_report(cx: &mut Cx, input: Named) -> Result<ReportAnswer, Problem> {
    let report = catalogue::report(&input.report).ok_or_else(Problem::not_found)?;
    cx.require(report.area.permission())?;
    let asked = Asked {
        from: input.from,
        to: input.to,
        compare: input.compare,
        limit: input.limit,
    };
    asked_report(cx, asked, report).await
}

/// One operation for each report, and one for any of them.
pub(crate) fn of_reports() -> Vec<Operation> {
    let any = Operation::get(
        "/analytics/computed/{report}",
        "analytics.computed.read",
        any_report(),
        |cx, input| Box::pin(named_report(cx, input)),
    )
    .summary("Any report by its name");
    let operation = |report: &'static Report| {
        let (area, name) = (report.area.name(), report.name);
        let mut operation = Operation::raw(
            Method::Get,
            format!("/analytics/{area}/{name}"),
            format!("analytics.{area}.{name}"),
            Permit::needs(report.area.permission()),
            move |cx, request| {
                Box::pin(async move {
                    let answer = asked_report(cx, request.query_as()?, report).await?;
                    Ok(Reply::json(StatusCode::OK, &answer))
                })
            },
        );
        operation.doc = any.doc.clone();
        operation.summary(report.summary)
    };
    let mut operations: Vec<Operation> = reports().map(operation).collect();
    operations.push(any);
    operations
}

/// Nothing to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

/// A report that can be asked for.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Offered {
    /// Name, as templates and schedules store it.
    name: &'static str,
    /// The part of the company that it is about.
    area: &'static str,
    /// Its name for people, in the caller's language.
    title: &'static str,
    /// Where it is served.
    path: String,
    /// What it tells.
    summary: &'static str,
    /// Its figures: name, label, unit and definition.
    figures: Vec<Json>,
}

/// Reports that the caller may see.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Catalogue {
    data: Vec<Offered>,
}

/// `GET /analytics/report_types`.
pub(crate) fn report_types(cx: &Cx) -> Catalogue {
    let locale = cx.locale;
    let seen: Vec<Area> = AREAS.into_iter().filter(|area| cx.may(area.permission())).collect();
    let data = reports()
        .filter(|report| seen.contains(&report.area))
        .map(|report| Offered {
            name: report.name,
            area: report.area.name(),
            title: report.title.in_locale(locale),
            path: format!("/api/v1/analytics/{}/{}", report.area.name(), report.name),
            summary: report.summary,
            figures: report.figures.iter().map(|figure| figure.described(locale)).collect(),
        })
        .collect();
    Catalogue { data }
}

/// A figure's report and itself, refused where there is none or the caller may not see it.
pub(crate) fn known_figure(cx: &Cx, name: &str) -> Result<(&'static Report, &'static catalogue::Figure), Problem> {
    let found = catalogue::figure(name).ok_or_else(|| Problem::field("figure", "unknown_figure"))?;
    cx.require(found.0.area.permission())?;
    Ok(found)
}
