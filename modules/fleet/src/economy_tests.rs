use super::*;

/// `day odometer litres full`: `-` for no reading, `?` for a tank that nobody knows about.
fn fill(text: &str) -> Fill {
    let mut parts = text.split_whitespace();
    let mut next = || parts.next().expect("four parts");
    let day: NaiveDate = next().parse().expect("a day");
    let odometer_km = next().parse().ok();
    let volume_l: Decimal = next().parse().expect("litres");
    let is_full_tank = match next() {
        "full" => Some(true),
        "part" => Some(false),
        _ => None,
    };
    Fill {
        id: Uuid::nil(),
        day,
        at: day.and_hms_opt(9, 0, 0).expect("a time").and_utc(),
        volume_l,
        // 2.18 SAR a litre.
        cost_minor: i64::try_from(volume_l * Decimal::from(218)).expect("whole halalas"),
        odometer_km,
        is_full_tank,
        is_electric: false,
    }
}

fn told(fills: &[&str]) -> Vec<Accounted> {
    account(fills.iter().map(|text| fill(text)).collect())
}

fn notes(accounted: &[Accounted]) -> Vec<&'static str> {
    accounted.iter().map(|one| one.note.name()).collect()
}

/// km and litres of each closed segment.
fn segments(accounted: &[Accounted]) -> Vec<(String, String)> {
    let segments = accounted.iter().filter_map(|one| one.segment.as_ref());
    segments
        .map(|segment| {
            (
                segment.distance_km.normalize().to_string(),
                segment.volume_l.normalize().to_string(),
            )
        })
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(km, l)| ((*km).to_owned(), (*l).to_owned()))
        .collect()
}

#[test]
fn the_worked_example() {
    let fills = told(&[
        "2026-01-05 10000 30 full",
        "2026-01-15 10360 32 full",
        "2026-01-25 10700 31 full",
    ]);
    let months = by_month(&fills);
    let january = &months[&"2026-01".parse().expect("a month")];
    assert_eq!(january.km_per_l().expect("measured").to_string(), "11.11");
    assert_eq!(january.volume_l, Decimal::from(93));
    assert_eq!(
        (january.distance_km, january.economy_volume_l),
        (Decimal::from(700), Decimal::from(63))
    );
    // 63 l × 2.18 = 137.34 over 700 km.
    assert_eq!(january.cost_per_km().expect("measured").to_string(), "0.196");
    assert_eq!((january.fills, january.segments, january.breaks), (3, 2, 0));
}

#[test]
fn what_each_fill_means() {
    type Case = (
        &'static str,
        Vec<&'static str>,
        Vec<&'static str>,
        Vec<(&'static str, &'static str)>,
    );
    let table: Vec<Case> = vec![
        ("nothing", vec![], vec![], vec![]),
        ("one", vec!["2026-01-01 100 10 full"], vec!["opens"], vec![]),
        (
            "partial fills join the segment that the next full tank closes",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 150 5 part",
                "2026-01-03 300 10 full",
            ],
            vec!["opens", "joins", "closes"],
            vec![("200", "15")],
        ),
        (
            "a fill without a reading joins too, full or not",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 - 5 full",
                "2026-01-03 - 4 part",
                "2026-01-04 300 10 full",
            ],
            vec!["opens", "no_odometer", "no_odometer", "closes"],
            vec![("200", "19")],
        ),
        (
            "an unknown tank counts as full",
            vec!["2026-01-01 100 9 ?", "2026-01-02 200 10 ?"],
            vec!["opens", "closes"],
            vec![("100", "10")],
        ),
        (
            "before the first full tank nothing is measured",
            vec![
                "2026-01-01 50 9 part",
                "2026-01-02 - 9 full",
                "2026-01-03 100 9 full",
                "2026-01-04 200 8 full",
            ],
            vec!["unanchored", "unanchored", "opens", "closes"],
            vec![("100", "8")],
        ),
        (
            "an odometer that runs backwards gives the open segment up and begins anew",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 150 5 part",
                "2026-01-03 90 10 full",
                "2026-01-04 190 8 full",
            ],
            vec!["opens", "given_up", "odometer_fell", "closes"],
            vec![("100", "8")],
        ),
        (
            "a partial fill with a lower reading leaves no tank to measure from",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 90 5 part",
                "2026-01-03 200 9 full",
                "2026-01-04 300 8 full",
            ],
            vec!["opens", "odometer_fell", "opens", "closes"],
            vec![("100", "8")],
        ),
        (
            "the second receipt of one stop belongs to the distance before it",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 200 7 full",
                "2026-01-02 200 3 full",
                "2026-01-03 300 8 full",
            ],
            vec!["opens", "same_reading", "closes", "closes"],
            vec![("100", "10"), ("100", "8")],
        ),
        (
            "two full tanks more than a quarter apart say nothing",
            vec![
                "2025-10-02 100 9 full",
                "2025-11-01 - 5 part",
                "2026-01-03 900 10 full",
                "2026-01-04 990 8 full",
            ],
            vec!["opens", "given_up", "gap_too_long", "closes"],
            vec![("90", "8")],
        ),
        (
            "a reversal and the purchase it takes back do not count",
            vec![
                "2026-01-01 100 9 full",
                "2026-01-02 150 40 full",
                "2026-01-03 - -40 ?",
                "2026-01-04 200 10 full",
                "2026-01-05 - -7 ?",
            ],
            vec!["opens", "reversed", "reversed", "closes", "reversed"],
            vec![("100", "10")],
        ),
        (
            "rows come in any order",
            vec![
                "2026-01-03 300 10 full",
                "2026-01-01 100 9 full",
                "2026-01-02 200 8 full",
            ],
            vec!["opens", "closes", "closes"],
            vec![("100", "8"), ("100", "10")],
        ),
    ];
    for (name, fills, expected_notes, expected_segments) in table {
        let accounted = told(&fills);
        let mut found = notes(&accounted);
        if name.starts_with("the second receipt") {
            // Two rows of one day and one reading: whichever comes first closes.
            assert_eq!(
                found[1..3].iter().filter(|note| **note == "closes").count(),
                1,
                "{name}"
            );
            found[1..3].sort_unstable_by(|a, b| b.cmp(a));
        }
        assert_eq!(found, expected_notes, "{name}");
        assert_eq!(segments(&accounted), pairs(&expected_segments), "{name}");
    }
}

#[test]
fn electricity_costs_but_is_no_litres() {
    let mut charge = fill("2026-01-02 150 20 full");
    charge.is_electric = true;
    let accounted = account(vec![
        fill("2026-01-01 100 9 full"),
        charge,
        fill("2026-01-03 200 8 full"),
    ]);
    assert_eq!(notes(&accounted), ["opens", "electric", "closes"]);
    let months = by_month(&accounted);
    let january = months.values().next().expect("a month");
    assert_eq!((january.volume_l, january.cost_minor), (Decimal::from(17), 37 * 218));
}

#[test]
fn a_segment_belongs_to_the_month_of_its_closing_fill() {
    let accounted = told(&["2026-01-31 100 9 full", "2026-01-31 - 4 part", "2026-02-01 300 8 full"]);
    let months = by_month(&accounted);
    let figures: Vec<_> = months
        .iter()
        .map(|(month, totals)| (month.to_string(), totals.volume_l.to_string(), totals.distance_km()))
        .collect();
    // The reading-less fill has the time of the full one and sorts before it: it was there before the tank was full.
    let expected = [
        ("2026-01".to_owned(), "13".to_owned(), None),
        ("2026-02".to_owned(), "8".to_owned(), Some(Decimal::from(200))),
    ];
    assert_eq!(figures, expected);
}

#[test]
fn figures_do_not_depend_on_how_far_back_rows_are_read() {
    // A deterministic mixture of everything; every month is also read as a period of its own.
    let mut fills = Vec::new();
    let mut odometer_km = 1000_i64;
    let mut day: NaiveDate = "2024-01-01".parse().expect("a day");
    for step in 0_i64..200 {
        day += TimeDelta::days(1 + step * 7 % 11);
        odometer_km += match step % 13 {
            0 => -400,
            1 => 0,
            _ => 120 + step * 31 % 90,
        };
        let reading = if step % 5 == 3 {
            "-".to_owned()
        } else {
            odometer_km.to_string()
        };
        let kind = ["full", "?", "part", "full"][usize::try_from(step % 4).expect("small")];
        let litres = if step % 29 == 28 {
            -(8 + (step - 1) * 17 % 7)
        } else {
            8 + step * 17 % 7
        };
        fills.push(fill(&format!("{day} {reading} {litres} {kind}")));
    }
    let whole = by_month(&account(fills.clone()));
    for month in whole.keys() {
        let first = month.first_day() - LONGEST_SEGMENT;
        let read: Vec<Fill> = fills.iter().filter(|fill| fill.day >= first).cloned().collect();
        let part = by_month(&account(read));
        for (later, totals) in part.range(*month..) {
            assert_eq!(totals, &whole[later], "{later} read from {first}");
        }
    }
}

#[test]
fn rounding_is_away_from_zero_and_keeps_its_digits() {
    let table = [
        ("0.125", "0.13"),
        ("-0.125", "-0.13"),
        ("2", "2.00"),
        ("0.1249", "0.12"),
    ];
    for (figure, expected) in table {
        assert_eq!(rounded(figure.parse().expect("a number"), 2).to_string(), expected);
    }
}

#[test]
fn a_slip_in_a_reading_is_no_distance() {
    let fills = told(&[
        "2026-01-05 10000 30 full",
        "2026-01-08 103600 32 full",
        "2026-01-11 10700 31 full",
        "2026-01-14 11050 30 full",
    ]);
    assert_eq!(notes(&fills), vec!["opens", "odometer_jumped", "closes", "closes"]);
    // The litres of the slip were burnt on the way to the next reading.
    assert_eq!(segments(&fills), pairs(&[("700", "63"), ("350", "30")]));
}

#[test]
fn a_digit_left_out_is_one_break_and_no_distance() {
    let fills = told(&[
        "2026-01-01 92000 30 full",
        "2026-01-05 92300 30 full",
        "2026-01-09 9260 30 full",
        "2026-01-13 92900 30 full",
        "2026-01-17 93200 30 full",
    ]);
    assert_eq!(notes(&fills), ["opens", "closes", "odometer_fell", "opens", "closes"]);
    assert_eq!(segments(&fills), pairs(&[("300", "30"), ("300", "30")]));
}

#[test]
fn a_new_odometer_goes_on_from_its_own_readings() {
    let fills = told(&[
        "2026-01-01 92000 30 full",
        "2026-01-05 100 30 full",
        "2026-01-09 400 30 full",
        "2026-01-13 93000 30 full",
        "2026-01-17 700 30 full",
    ]);
    assert_eq!(
        notes(&fills)[1..],
        ["odometer_fell", "closes", "odometer_jumped", "closes"]
    );
    assert_eq!(segments(&fills), pairs(&[("300", "30"), ("300", "60")]));
}
