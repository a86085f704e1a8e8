//! What comes next, judged by what was: a straight line through past days, how far days lay from it, and how months differ.

use chrono::{Datelike, Days, NaiveDate};
use platform_core::{Cx, FieldError, Problem};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::formulas::{
    Line, SEASONAL_MONTHS, anomalies, forecast, mean, moving_average, percentile, rounded, run_rate, seasonal_indices,
};
use crate::operations::known_figure;
use crate::run::{Period, adds_up, by_day};

/// Days of the moving average: a week, so that weekdays do not show.
const WINDOW: usize = 7;

/// A series over days.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrendAsked {
    /// Which figure, as `delivery_success.deliveries`.
    figure: Option<String>,
    /// First day; thirty days with the last one when absent.
    from: Option<NaiveDate>,
    /// Last day; today when absent.
    to: Option<NaiveDate>,
}

/// A day of a series.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Point {
    day: NaiveDate,
    value: String,
    /// Mean of this day and the six before it.
    moving_average: Option<String>,
    /// Whether the value lies more than two standard deviations from the mean.
    is_anomaly: bool,
}

/// A figure over time.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Trend {
    figure: String,
    unit: &'static str,
    period: Period,
    mean: Option<String>,
    median: Option<String>,
    /// Nine of ten days have less.
    p90: Option<String>,
    /// What a year would bring at this pace; nothing for rates, which do not add up.
    yearly_run_rate: Option<String>,
    /// How much a day is more than the day before it, by the straight line.
    slope_per_day: Option<String>,
    points: Vec<Point>,
}

fn written(value: Decimal) -> String {
    format!("{:.2}", rounded(value, 2))
}

/// The figure that is meant when none is named.
const DEFAULT_FIGURE: &str = "delivery_success.deliveries";

/// `GET /analytics/trends`.
pub(crate) async fn trend(cx: &mut Cx, input: TrendAsked) -> Result<Trend, Problem> {
    let name = input.figure.unwrap_or_else(|| DEFAULT_FIGURE.into());
    let (report, figure) = known_figure(cx, &name)?;
    let period = Period::asked(input.from, input.to, cx.today())?;
    let series = by_day(cx, report, figure, period).await?;
    let values: Vec<Decimal> = series.iter().map(|(_, value)| *value).collect();
    let unusual = anomalies(&values);
    let averages = moving_average(&values, WINDOW);
    let points = series.iter().zip(averages).enumerate();
    let days = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let pace = Some(values.iter().sum())
        .filter(|_| adds_up(figure))
        .and_then(|sum| run_rate(sum, days));
    Ok(Trend {
        figure: name,
        unit: figure.unit.name(),
        period,
        mean: mean(&values).map(written),
        median: percentile(&values, Decimal::from(50)).map(written),
        p90: percentile(&values, Decimal::from(90)).map(written),
        yearly_run_rate: pace.map(written),
        slope_per_day: Line::through(&values).map(|line| written(line.slope)),
        points: points
            .map(|(place, ((day, value), average))| Point {
                day: *day,
                value: written(*value),
                moving_average: average.map(written),
                is_anomaly: unusual.contains(&place),
            })
            .collect(),
    })
}

/// What to look ahead at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForecastAsked {
    /// Which figure, as `revenue.revenue`; deliveries when absent.
    figure: Option<String>,
    /// Past days that the line goes through, 14 to 730; 90 when absent. Today is not among them: it is not over.
    history_days: Option<u16>,
    /// Days ahead, 1 to 180; 30 when absent.
    days: Option<u16>,
}

/// A day ahead.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Ahead {
    day: NaiveDate,
    value: String,
    /// Between these two lie 95 of 100 days, if days go on to differ from the line as they did.
    lower: String,
    upper: String,
}

/// A forecast.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Forecast {
    figure: String,
    unit: &'static str,
    /// The past days.
    history: Period,
    /// Mean of a past day.
    history_mean: String,
    /// How much a day is more than the day before it.
    slope_per_day: String,
    /// Standard deviation of past days from the line.
    standard_error: String,
    /// Coming days, today first.
    ahead: Vec<Ahead>,
    /// Sum of the days ahead.
    total: String,
    /// The sum at 85, 100 and 115 percent.
    scenarios: Scenarios,
    /// The day with the most.
    peak_day: Option<NaiveDate>,
}

/// The same forecast, less and more.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Scenarios {
    low: String,
    expected: String,
    high: String,
}

fn within(field: &'static str, value: Option<u16>, usual: u16, least: u16, most: u16) -> Result<u16, Problem> {
    let value = value.unwrap_or(usual);
    if value < least {
        let error = FieldError::new(field, "too_small").with(vec![("min", least.to_string())]);
        return Err(Problem::invalid(vec![error]));
    }
    if value > most {
        let error = FieldError::new(field, "too_large").with(vec![("max", most.to_string())]);
        return Err(Problem::invalid(vec![error]));
    }
    Ok(value)
}

/// Least days with data that a line is drawn through.
const LEAST_DAYS: usize = 14;

/// `GET /analytics/forecasts`.
pub(crate) async fn forecast_figure(cx: &mut Cx, input: ForecastAsked) -> Result<Forecast, Problem> {
    let name = input.figure.unwrap_or_else(|| DEFAULT_FIGURE.into());
    let (report, figure) = known_figure(cx, &name)?;
    let history_days = within("history_days", input.history_days, 90, 14, 730)?;
    let days = within("days", input.days, 30, 1, 180)?;
    let today = cx.today();
    let back = |days: u16| today.checked_sub_days(Days::new(days.into())).unwrap_or(today);
    let history = Period::new(back(history_days), back(1))?;
    let series = by_day(cx, report, figure, history).await?;
    // Days before anything happened say nothing about what comes.
    let series: Vec<Decimal> = series
        .into_iter()
        .map(|(_, value)| value)
        .skip_while(Decimal::is_zero)
        .collect();
    if series.len() < LEAST_DAYS {
        return Err(Problem::refused("too_few_values").with("min", LEAST_DAYS));
    }
    ahead(&name, figure.unit.name(), history, &series, usize::from(days), today)
        .ok_or_else(|| Problem::refused("too_few_values").with("min", LEAST_DAYS))
}

fn ahead(
    name: &str,
    unit: &'static str,
    history: Period,
    series: &[Decimal],
    days: usize,
    today: NaiveDate,
) -> Option<Forecast> {
    let line = Line::through(series)?;
    let error = line.error(series)?;
    // 1.96 standard deviations of a normal distribution hold 95 of 100.
    let margin = error.checked_mul(Decimal::new(196, 2))?;
    let values = forecast(series, days)?;
    let days_ahead: Vec<NaiveDate> = today.iter_days().take(days).collect();
    let total: Decimal = values.iter().sum();
    let scenario = |percent: i64| written(total * Decimal::new(percent, 2));
    let peak = values.iter().zip(&days_ahead).max_by(|(one, first), (other, second)| {
        // The first of equal days.
        one.cmp(other).then_with(|| second.cmp(first))
    });
    Some(Forecast {
        figure: name.to_owned(),
        unit,
        history,
        history_mean: written(mean(series)?),
        slope_per_day: written(line.slope),
        standard_error: written(error),
        total: written(total),
        scenarios: Scenarios {
            low: scenario(85),
            expected: scenario(100),
            high: scenario(115),
        },
        peak_day: peak.map(|(_, day)| *day),
        ahead: values
            .iter()
            .zip(&days_ahead)
            .map(|(value, day)| Ahead {
                day: *day,
                value: written(*value),
                lower: written((value - margin).max(Decimal::ZERO)),
                upper: written(value + margin),
            })
            .collect(),
    })
}

/// What to look at for seasons.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeasonAsked {
    /// Which figure, as `revenue.revenue`; deliveries when absent.
    figure: Option<String>,
    /// Past months, 24 to 120; 24 when absent. This month is not among them: it is not over.
    months: Option<u16>,
}

/// How a calendar month compares with the mean month.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Season {
    /// 1 is January.
    month: u32,
    /// 1 is the mean month.
    index: String,
}

/// How months differ.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Seasons {
    figure: String,
    period: Period,
    /// Months with data; fewer than 24 tell no season.
    months_known: usize,
    /// Nothing when there are too few months.
    indices: Option<Vec<Season>>,
    peak_month: Option<u32>,
    low_month: Option<u32>,
}

/// `GET /analytics/seasons`.
pub(crate) async fn seasons(cx: &mut Cx, input: SeasonAsked) -> Result<Seasons, Problem> {
    let name = input.figure.unwrap_or_else(|| DEFAULT_FIGURE.into());
    let (report, figure) = known_figure(cx, &name)?;
    let least = u16::try_from(SEASONAL_MONTHS).unwrap_or(u16::MAX);
    let count = within("months", input.months, least, least, 120)?;
    let this_month = cx.today().with_day(1).unwrap_or_else(|| cx.today());
    let from = this_month
        .checked_sub_months(chrono::Months::new(count.into()))
        .unwrap_or(this_month);
    let period = Period::new(from, this_month.pred_opt().unwrap_or(this_month))?;
    let series = by_day(cx, report, figure, period).await?;
    let mut months: Vec<(NaiveDate, Decimal)> = Vec::new();
    for (day, value) in series.into_iter().skip_while(|(_, value)| value.is_zero()) {
        let first = day.with_day(1).unwrap_or(day);
        match months.last_mut() {
            Some((month, sum)) if *month == first => *sum += value,
            _ => months.push((first, value)),
        }
    }
    let indices = seasonal_indices(&months);
    let extreme = |most: bool| {
        let list = indices.as_ref()?.iter();
        let by_index = |one: &&(u32, Decimal), other: &&(u32, Decimal)| one.1.cmp(&other.1);
        let found = if most {
            list.max_by(by_index)
        } else {
            list.min_by(by_index)
        };
        found.map(|(month, _)| *month)
    };
    Ok(Seasons {
        figure: name,
        period,
        months_known: months.len(),
        peak_month: extreme(true),
        low_month: extreme(false),
        indices: indices.map(|list| {
            let season = |(month, index): (u32, Decimal)| Season {
                month,
                index: format!("{:.4}", rounded(index, 4)),
            };
            list.into_iter().map(season).collect()
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("good");
        let history = Period::new(day("2026-06-01"), day("2026-06-14")).expect("good");
        let series: Vec<Decimal> = (0..14).map(|place| Decimal::from(10 + 2 * place)).collect();
        let forecast = ahead("a.b", "count", history, &series, 2, day("2026-06-15")).expect("enough");
        assert_eq!(forecast.slope_per_day, "2.00");
        assert_eq!(forecast.standard_error, "0.00");
        let values: Vec<&str> = forecast.ahead.iter().map(|ahead| ahead.value.as_str()).collect();
        assert_eq!(values, ["38.00", "40.00"]);
        assert_eq!(forecast.total, "78.00");
        assert_eq!(
            (forecast.scenarios.low.as_str(), forecast.scenarios.high.as_str()),
            ("66.30", "89.70")
        );
        assert_eq!(forecast.peak_day, Some(day("2026-06-16")));
    }
}
