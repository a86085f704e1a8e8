//! The worked numbers of the formulas.

use chrono::Months;

use super::*;

fn d(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn all(texts: &[&str]) -> Vec<Decimal> {
    texts.iter().map(|text| d(text)).collect()
}

fn shown(value: Option<Decimal>) -> String {
    value.map_or("-".into(), |value| format!("{:.2}", rounded(value, 2)))
}

#[test]
fn a_couriers_day() {
    // 118 completed, 7 failed, 109 in time, 9 hours, 1,652 of revenue.
    let (completed, failed, on_time) = (d("118"), d("7"), d("109"));
    assert_eq!(shown(percent(completed, completed + failed)), "94.40");
    assert_eq!(shown(percent(on_time, completed)), "92.37");
    assert_eq!(shown(ratio(completed, d("9"))), "13.11");
    assert_eq!(shown(ratio(d("1652"), completed)), "14.00");
    assert_eq!(percent(completed, Decimal::ZERO), None, "no deliveries have no rate");
}

#[test]
fn colours_in_both_directions() {
    let of = |target: &str, warning: &str, critical: &str| Thresholds {
        target: Some(d(target)),
        warning: Some(d(warning)),
        critical: Some(d(critical)),
    };
    let (success, cost) = (of("95", "90", "85"), of("25", "30", "35"));
    for (value, thresholds, direction, expected) in [
        ("88", success, Direction::Higher, Colour::Yellow),
        ("85", success, Direction::Higher, Colour::Red),
        ("90", success, Direction::Higher, Colour::Yellow),
        ("92", success, Direction::Higher, Colour::Blue),
        ("95", success, Direction::Higher, Colour::Green),
        ("24", cost, Direction::Lower, Colour::Green),
        ("27", cost, Direction::Lower, Colour::Blue),
        ("31", cost, Direction::Lower, Colour::Yellow),
        ("35", cost, Direction::Lower, Colour::Red),
        ("31", Thresholds::default(), Direction::Lower, Colour::Blue),
    ] {
        assert_eq!(
            colour(Some(d(value)), thresholds, direction),
            expected,
            "{value} {direction:?}"
        );
    }
    assert_eq!(colour(None, success, Direction::Higher), Colour::Grey);
    assert_eq!(shown(achievement_percent(d("88"), d("95"), Direction::Higher)), "92.63");
    assert_eq!(
        shown(achievement_percent(d("22.5"), d("25"), Direction::Lower)),
        "110.00"
    );
    assert_eq!(achievement_percent(d("1"), Decimal::ZERO, Direction::Higher), None);
}

#[test]
fn changes() {
    for (before, now, expected) in [
        ("80", "88", "10.00"),
        ("100", "88", "-12.00"),
        ("0", "5", "100.00"),
        ("0", "0", "0.00"),
        ("-50", "-25", "50.00"),
    ] {
        assert_eq!(shown(change_percent(d(before), d(now))), expected, "{before} to {now}");
    }
    assert_eq!(
        [trend(d("1"), d("2")), trend(d("2"), d("1")), trend(d("1"), d("1.0"))],
        ["up", "down", "stable"]
    );
}

#[test]
fn forecasts_and_lines() {
    let values = all(&["10", "12", "14"]);
    let line = Line::through(&values).expect("enough");
    assert_eq!((line.slope, line.intercept), (d("2"), d("10")));
    assert_eq!(line.error(&values), Some(Decimal::ZERO));
    assert_eq!(forecast(&values, 2), Some(all(&["16", "18"])));
    assert_eq!(
        forecast(&all(&["6", "3"]), 3),
        Some(all(&["0", "0", "0"])),
        "never below nothing"
    );
    assert_eq!(forecast(&all(&["6"]), 3), None, "a point has no direction");
}

#[test]
fn averages_and_spread() {
    let week = all(&["1", "2", "3", "4", "5", "6", "7", "8"]);
    let averages = moving_average(&week, 7);
    assert_eq!(averages[..6], [None; 6]);
    assert_eq!(averages[6..], [Some(d("4")), Some(d("5"))]);
    let four = all(&["4", "1", "3", "2"]);
    assert_eq!(percentile(&four, d("50")), Some(d("2.5")));
    assert_eq!(percentile(&four, d("0")), Some(d("1")));
    assert_eq!(percentile(&four, d("100")), Some(d("4")));
    assert_eq!(percentile(&four, d("90")), Some(d("3.7")));
    assert_eq!(percentile(&[], d("50")), None);
    assert_eq!(variance(&all(&["2", "4", "4", "4", "5", "5", "7", "9"])), Some(d("4")));
    let roots = ["0", "4", "2.25", "1000000", "0.0001"].map(|value| square_root(d(value)));
    assert_eq!(roots, ["0", "2", "1.5", "1000", "0.01"].map(|root| Some(d(root))));
    assert_eq!(rounded(square_root(d("2")).expect("a root"), 10), d("1.4142135624"));
    assert_eq!(square_root(d("-1")), None);
    let mut days = vec![d("10"); 9];
    days.push(d("100"));
    assert_eq!(anomalies(&days), [9]);
    assert_eq!(anomalies(&all(&["1", "100"])), Vec::<usize>::new());
    assert_eq!(anomalies(&all(&["5", "5", "5"])), Vec::<usize>::new());
}

#[test]
fn seasons_need_two_years() {
    let january = NaiveDate::from_ymd_opt(2024, 1, 1).expect("good");
    let month = |place: u32| {
        let value = if place % 12 == 2 { d("210") } else { d("100") };
        (january + Months::new(place), value)
    };
    let months: Vec<_> = (0..24).map(month).collect();
    assert_eq!(seasonal_indices(&months[..23]), None);
    let indices = seasonal_indices(&months).expect("enough");
    let (_, march) = indices[2];
    // The mean month is (11 · 100 + 210) ÷ 12 = 109.1667.
    assert_eq!(shown(Some(march)), "1.92");
    assert_eq!(
        shown(mean(&indices.iter().map(|(_, index)| *index).collect::<Vec<_>>())),
        "1.00"
    );
}

#[test]
fn people_who_stay() {
    assert_eq!(shown(retention_percent(d("40"), d("44"), d("8"))), "90.00");
    assert_eq!(shown(turnover_percent(d("4"), d("40"), d("44"))), "9.52");
    assert_eq!(shown(run_rate(d("1000"), 50)), "7300.00");
    assert_eq!(
        ["90", "89.99", "75", "60", "59"].map(|score| band(d(score))),
        ["excellent", "good", "good", "average", "poor"]
    );
}
