use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn vehicle(number: u128, card: &str, plate: &str, vin: &str, internal: &str) -> Vehicle {
    Vehicle {
        id: id(number),
        fuel_card_number: some(card),
        plate_number: some(plate),
        vin_number: some(vin),
        internal_number: some(internal),
        fuel_capacity_l: Some(Decimal::from(40)),
        retired_on: None,
    }
}

fn vehicles() -> Vec<Vehicle> {
    vec![
        vehicle(1, "7001-0001", "ABJ 1234", "JTDBR32E720012345", "M-1"),
        vehicle(2, "7001-0002", "RSX 77", "JTDBR32E720054321", "M-2"),
        vehicle(3, "", "DLA 555", "", "M-3"),
        vehicle(4, "411111******1111", "", "", "M-4"),
        Vehicle {
            retired_on: Some("2026-01-31".parse().expect("a day")),
            ..vehicle(5, "7001-0005", "", "", "M-5")
        },
        vehicle(6, "", "", "", "77"),
        vehicle(7, "", "", "", "7-7"),
        vehicle(8, "5500000000000004", "", "", ""),
    ]
}

/// A purchase by its references: card, plate, Arabic plate, VIN, internal number.
fn purchase(references: [&str; 5]) -> Purchase {
    let [card, plate, plate_ar, vin, internal] = references.map(some);
    let day: NaiveDate = "2026-02-10".parse().expect("a day");
    Purchase {
        card_ref: card,
        plate_ref: plate,
        plate_ref_ar: plate_ar,
        vin_ref: vin,
        internal_ref: internal,
        day,
        at: day.and_hms_opt(9, 0, 0).expect("a time").and_utc(),
        volume_l: Decimal::from(30),
        odometer_km: None,
        is_full_tank: None,
        is_electric: false,
        is_own_currency: true,
    }
}

fn verdict(vehicles: Vec<Vehicle>, purchase: &Purchase, history: &[Fill]) -> Verdict {
    let fleet = Fleet::new(vehicles);
    fleet.judge(purchase, fleet.find(purchase), history)
}

/// `status vehicle score reasons…` in one line.
fn told(verdict: &Verdict) -> String {
    let vehicle = verdict.vehicle_id.map_or(0, |id| id.as_u128());
    let reasons: Vec<&str> = verdict
        .reasons
        .iter()
        .map(|reason| reason.code().trim_start_matches("match."))
        .collect();
    format!("{:?} {vehicle} {} {}", verdict.status, verdict.score, reasons.join(" "))
}

#[test]
fn references() {
    let table = [
        // One reference alone, in any writing.
        (["70010001", "", "", "", ""], "Matched 1 95 card"),
        (["٧٠٠١ ٠٠٠١", "", "", "", ""], "Matched 1 95 card"),
        (["", "abj-1234", "", "", ""], "Matched 1 90 plate"),
        (["", "", "أ ب ح ١٢٣٤", "", ""], "Matched 1 90 plate"),
        (["", "", "", "jtdbr32e720012345", ""], "Matched 1 85 vin"),
        (["", "", "", "", "m1"], "Matched 1 80 internal_number"),
        // References that agree.
        (
            ["70010001", "ABJ 1234", "ا ب ح 1234", "JTDBR32E720012345", "M-1"],
            "Matched 1 100 card plate vin internal_number",
        ),
        (["", "ABJ 1234", "ح ب ا 1234", "", ""], "Matched 1 90 plate"),
        // The letters turned round fit only with a doubt.
        (["", "JBA 1234", "", "", ""], "Doubtful 1 40 plate_reversed"),
        (["", "", "ا ل د 555", "", ""], "Doubtful 3 40 plate_reversed"),
        (
            ["70010001", "JBA 1234", "", "", ""],
            "Doubtful 1 78 card plate_reversed",
        ),
        // References that point to different vehicles: the stronger wins, with a doubt.
        (["70010001", "RSX 77", "", "", ""], "Doubtful 1 75 card disagree"),
        (
            ["", "RSX 77", "", "JTDBR32E720012345", "M-1"],
            "Doubtful 2 70 plate disagree",
        ),
        (
            ["", "ABJ 1234", "ر س ص 77", "", ""],
            "Doubtful 1 70 plate plates_differ",
        ),
        // A reference that nobody has is a doubt only when the vehicle has another value of its own.
        (["999", "ABJ 1234", "", "", ""], "Doubtful 1 70 plate card_unknown"),
        (["999", "DLA 555", "", "X", "ZZ"], "Matched 3 90 plate"),
        (["70010001", "#", "", "", ""], "Matched 1 95 card"),
        (["70010001", "ZZZ 1", "", "", ""], "Doubtful 1 75 card plate_unknown"),
        // Nothing fits.
        (["", "", "", "", ""], "Unmatched 0 0 no_reference"),
        (["-", "", "", "", ""], "Unmatched 0 0 no_reference"),
        (
            ["999", "ZZZ 1", "", "X", "ZZ"],
            "Unmatched 0 0 card_unknown plate_unknown vin_unknown internal_number_unknown",
        ),
        (["", "ABC", "", "", ""], "Unmatched 0 0 plate_unreadable"),
        // Masked card numbers.
        (["411111******1111", "", "", "", ""], "Matched 4 95 card"),
        (["550000******0004", "", "", "", ""], "Doubtful 8 50 card_masked"),
        (["550000******0005", "", "", "", ""], "Unmatched 0 0 card_unknown"),
        // Two vehicles with the same number once dashes are gone.
        (["", "", "", "", "77"], "Doubtful 6 60 internal_number ambiguous"),
        // A vehicle that had left.
        (["70010005", "", "", "", ""], "Doubtful 5 75 card retired"),
    ];
    for (references, expected) in table {
        assert_eq!(
            told(&verdict(vehicles(), &purchase(references), &[])),
            expected,
            "{references:?}"
        );
    }
}

/// Full tanks ten days apart up to 31 January, 400 km on 32 l each.
fn history() -> Vec<Fill> {
    (0..4)
        .map(|step: i32| {
            let day = "2026-01-01".parse::<NaiveDate>().expect("a day") + TimeDelta::days(i64::from(step) * 10);
            Fill {
                id: id(100 + u128::from(step.unsigned_abs())),
                day,
                at: day.and_hms_opt(9, 0, 0).expect("a time").and_utc(),
                volume_l: Decimal::from(32),
                cost_minor: 7000,
                odometer_km: Some(Decimal::from(10_000 + step * 400)),
                is_full_tank: None,
                is_electric: false,
            }
        })
        .collect()
}

#[test]
fn figures() {
    type Change = fn(&mut Purchase);
    let table: [(&str, Change, &str); 14] = [
        ("a tank", |p| p.volume_l = Decimal::from(42), "Matched 1 95 card"),
        (
            "more than a tank",
            |p| p.volume_l = Decimal::new(42_001, 3),
            "Doubtful 1 75 card over_capacity",
        ),
        (
            "as ever",
            |p| p.odometer_km = Some(Decimal::from(11_600)),
            "Matched 1 95 card",
        ),
        (
            "lower",
            |p| p.odometer_km = Some(Decimal::from(11_199)),
            "Doubtful 1 75 card odometer_falls",
        ),
        (
            "standing",
            |p| p.odometer_km = Some(Decimal::from(11_200)),
            "Matched 1 95 card",
        ),
        (
            "half the distance",
            |p| p.odometer_km = Some(Decimal::new(113_876, 1)),
            "Matched 1 95 card",
        ),
        (
            "less",
            |p| p.odometer_km = Some(Decimal::new(113_874, 1)),
            "Doubtful 1 75 card consumption_high",
        ),
        (
            "less, but not full",
            |p| {
                p.is_full_tank = Some(false);
                p.odometer_km = Some(Decimal::new(113_874, 1));
            },
            "Matched 1 95 card",
        ),
        (
            "twice the distance",
            |p| p.odometer_km = Some(Decimal::from(11_950)),
            "Matched 1 95 card",
        ),
        (
            "more",
            |p| p.odometer_km = Some(Decimal::from(11_951)),
            "Doubtful 1 75 card consumption_low",
        ),
        (
            "before it all",
            |p| {
                p.at -= TimeDelta::days(60);
                p.odometer_km = Some(Decimal::from(9000));
            },
            "Matched 1 95 card",
        ),
        (
            "a reversal",
            |p| {
                p.volume_l = Decimal::from(-300);
                p.odometer_km = Some(Decimal::ONE);
            },
            "Matched 1 95 card",
        ),
        (
            "electricity",
            |p| {
                p.is_electric = true;
                p.volume_l = Decimal::from(80);
            },
            "Matched 1 95 card",
        ),
        (
            "other money",
            |p| p.is_own_currency = false,
            "Doubtful 1 75 card other_currency",
        ),
    ];
    for (name, change, expected) in table {
        let mut purchase = purchase(["70010001", "", "", "", ""]);
        change(&mut purchase);
        assert_eq!(told(&verdict(vehicles(), &purchase, &history())), expected, "{name}");
    }
}

#[test]
fn a_short_history_says_nothing_about_consumption() {
    let mut purchase = purchase(["70010001", "", "", "", ""]);
    purchase.odometer_km = Some(Decimal::from(99_000));
    assert_eq!(
        told(&verdict(vehicles(), &purchase, &history()[..3])),
        "Matched 1 95 card"
    );
}

#[test]
fn every_reason_has_words_in_both_languages() {
    let settled = [
        "match.manual",
        "match.ignored",
        "match.reopened",
        "match.changed_at_source",
    ];
    for source in [include_str!("../locales/en.json"), include_str!("../locales/ar.json")] {
        let words: serde_json::Value = serde_json::from_str(source).expect("JSON");
        for code in Reason::ALL.map(Reason::code).into_iter().chain(settled) {
            assert!(words["problems"][code].is_string(), "{code}");
        }
    }
}

proptest! {
    /// The same purchase gets the same verdict whatever order the vehicles come in, and a verdict is one of the three kinds.
    #[test]
    fn verdicts_are_deterministic(
        references in proptest::array::uniform5("[0-9A-Zا-ي* -]{0,9}"),
        order in Just(vehicles()).prop_shuffle(),
        volume in -100_i64..200,
    ) {
        let mut purchase = purchase(["", "", "", "", ""]);
        let [card, plate, plate_ar, vin, internal] = references.map(|text| some(&text));
        (purchase.card_ref, purchase.plate_ref, purchase.plate_ref_ar) = (card, plate, plate_ar);
        (purchase.vin_ref, purchase.internal_ref) = (vin, internal);
        purchase.volume_l = Decimal::from(volume);
        let verdict_of = verdict(vehicles(), &purchase, &history());
        prop_assert_eq!(&verdict_of, &verdict(order, &purchase, &history()));
        prop_assert!(!verdict_of.reasons.is_empty());
        match verdict_of.status {
            MatchStatus::Matched => prop_assert!(verdict_of.vehicle_id.is_some() && verdict_of.score >= 80),
            MatchStatus::Doubtful => prop_assert!(verdict_of.vehicle_id.is_some() && verdict_of.score < 95),
            MatchStatus::Unmatched => prop_assert!(verdict_of.vehicle_id.is_none() && verdict_of.score == 0),
            MatchStatus::Ignored => prop_assert!(false, "rules never set aside"),
        }
    }
}
