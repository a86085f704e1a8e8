//! Dashboards, key figures, reports and their schedules.
//!
//! `catalogue` says which reports there are, `run` computes them, `formulas` is the arithmetic. Rows of other modules are
//! read through the views that these publish.

mod catalogue;
mod dashboards;
pub mod demo;
mod export_jobs;
mod forecasts;
mod formulas;
mod generate;
mod kpis;
mod measure;
mod metric_snapshots;
mod operations;
mod performance_data;
mod report_schedules;
mod report_templates;
mod reports;
mod run;
mod scorecard;
#[cfg(test)]
mod testing;

pub use dashboards::DASHBOARDS;
pub use export_jobs::EXPORT_JOBS;
pub use kpis::{KPI_TARGETS, KPIS};
pub use metric_snapshots::METRIC_SNAPSHOTS;
pub use performance_data::PERFORMANCE_DATA;
use platform_core::{Effect, Module, Operation, Permit, Schedule, When};
use platform_resource::Resource;
pub use report_schedules::REPORT_SCHEDULES;
pub use report_templates::REPORT_TEMPLATES;
pub use reports::REPORTS;

static RESOURCES: &[&Resource] = &[
    &DASHBOARDS,
    &KPIS,
    &KPI_TARGETS,
    &METRIC_SNAPSHOTS,
    &PERFORMANCE_DATA,
    &REPORT_TEMPLATES,
    &REPORT_SCHEDULES,
    &REPORTS,
    &EXPORT_JOBS,
];

/// Hand-written statements, for the test that prepares each of them.
pub const STATEMENTS: &[&str] = &{
    const OWN: [&str; 11] = [
        run::CURRENCY,
        run::COURIER_TITLES,
        run::ZONE_TITLES,
        generate::STORE_FILE,
        generate::SCHEDULED,
        measure::DAYS,
        measure::STORED_DAYS,
        measure::MEASURED,
        measure::HAS_SNAPSHOT,
        scorecard::SCORECARD,
        demo::OWNER,
    ];
    let mut all = [""; OWN.len() + catalogue::STATEMENTS.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = if place < OWN.len() {
            OWN[place]
        } else {
            catalogue::STATEMENTS[place - OWN.len()]
        };
        place += 1;
    }
    all
};

static EFFECTS: &[Effect] = &[
    Effect {
        on: "analytics.reports.generate",
        run: |cx, event| Box::pin(generate::generated(cx, event)),
    },
    Effect {
        on: "analytics.report_schedules.run_now",
        run: |cx, event| Box::pin(generate::run_now(cx, event)),
    },
];

static SCHEDULES: &[Schedule] = &[
    Schedule {
        name: "analytics.metrics",
        when: When::Daily("01:00"),
        run: |cx| Box::pin(measure::metrics(cx)),
    },
    Schedule {
        name: "analytics.reports_due",
        when: When::Every { minutes: 15 },
        run: |cx| Box::pin(generate::reports_due(cx)),
    },
];

/// Each job role sees the reports of its part of the company.
const GRANTS: &[(&str, &[&str])] = &[
    (
        "fleet_manager",
        &[
            "dashboards.*",
            "kpis.read",
            "kpi_targets.read",
            "metric_snapshots.read",
            "performance_data.read",
            "performance_data.export",
            "fleet_reports.read",
            "operations_reports.read",
            "overview_reports.read",
        ],
    ),
    (
        "hr_manager",
        &[
            "dashboards.*",
            "kpis.read",
            "kpi_targets.read",
            "performance_data.read",
            "performance_data.export",
            "hr_reports.read",
            "overview_reports.read",
        ],
    ),
    (
        "finance",
        &[
            "dashboards.*",
            "kpis.read",
            "kpi_targets.read",
            "financial_reports.read",
            "overview_reports.read",
        ],
    ),
    (
        "dispatcher",
        &[
            "dashboards.read",
            "performance_data.read",
            "operations_reports.read",
            "overview_reports.read",
        ],
    ),
];

/// Everything that the module brings.
pub fn module() -> Module {
    let others = vec![
        Operation::get(
            "/analytics/report_types",
            "analytics.report_types.list",
            operations::any_report(),
            |cx, input| {
                Box::pin(async move {
                    let operations::Nothing {} = input;
                    Ok(operations::report_types(cx))
                })
            },
        )
        .summary("Reports that the caller may see, with their figures and definitions"),
        Operation::get(
            "/analytics/trends",
            "analytics.trends.read",
            operations::any_report(),
            |cx, input| Box::pin(forecasts::trend(cx, input)),
        )
        .summary("A figure by day with its moving average and unusual days"),
        Operation::get(
            "/analytics/forecasts",
            "analytics.forecasts.read",
            operations::any_report(),
            |cx, input| Box::pin(forecasts::forecast_figure(cx, input)),
        )
        .summary("A figure's coming days by a straight line through past ones, with interval and scenarios"),
        Operation::get(
            "/analytics/seasons",
            "analytics.seasons.read",
            operations::any_report(),
            |cx, input| Box::pin(forecasts::seasons(cx, input)),
        )
        .summary("How calendar months compare with the mean month; needs two years"),
        Operation::get(
            "/analytics/kpi_scorecard",
            "analytics.kpi_scorecard.read",
            Permit::needs("kpis.read"),
            |cx, input| Box::pin(scorecard::scorecard(cx, input)),
        )
        .summary("Key figures beside their targets, with achievement, colour and scores of each part of the company"),
        Operation::post(
            "/analytics/kpis/measure",
            "analytics.kpis.measure",
            Permit::needs("kpis.record_value"),
            |cx, input| Box::pin(measure::measure(cx, input)),
        )
        .summary("Measure every active key figure that names a report's figure"),
    ];
    Module {
        name: "analytics",
        resources: RESOURCES,
        operations: [operations::of_reports(), others].concat(),
        locales: (include_str!("../locales/en.json"), include_str!("../locales/ar.json")),
        grants: GRANTS,
        permissions: operations::PERMISSIONS,
        effects: EFFECTS,
        schedules: SCHEDULES,
        ..Module::default()
    }
}
