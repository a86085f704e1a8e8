use chrono::TimeDelta;

use super::*;

fn rules() -> Rules {
    Rules {
        now: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        currencies: vec!["SAR".into()],
    }
}

fn sar(minor: i64) -> Amount {
    Amount {
        minor,
        currency: "SAR".into(),
    }
}

fn good() -> Order {
    Order {
        external_id: "o-1".into(),
        event_id: Some("e-1".into()),
        as_of: rules().now,
        platform: "jahez".into(),
        display_id: None,
        tracking_number: None,
        status: OrderStatus::Pending,
        status_name: Some("waiting".into()),
        kind: OrderKind::Food,
        placed_at: Some(rules().now - TimeDelta::minutes(3)),
        pickup: Some(Stop {
            name: Some("مطعم العليا".into()),
            location: Some(Point {
                lat_e7: 246_900_000,
                lon_e7: 467_000_000,
            }),
            ..Stop::default()
        }),
        dropoff: Some(Stop {
            window_start: Some(rules().now),
            window_end: Some(rules().now + TimeDelta::hours(1)),
            ..Stop::default()
        }),
        items: vec![OrderItem {
            sku: None,
            name: "برجر".into(),
            quantity: 2,
            price: Some(sar(1_500)),
            attributes: Attributes::new(),
        }],
        payment: Some(Payment::Cash),
        total: Some(sar(4_000)),
        delivery_fee: Some(sar(1_000)),
        cash_to_collect: Some(sar(4_000)),
        distance_m: Some(4_200),
        courier_ref: None,
        reason: None,
        attributes: Attributes::new(),
        flags: vec![],
    }
}

fn verdict(change: impl FnOnce(&mut Order)) -> Result<Order, RefusedRow> {
    let mut order = good();
    change(&mut order);
    let mut refused = Vec::new();
    let passed = check_orders(vec![good(), order], &rules(), &mut refused);
    match refused.pop() {
        Some(row) => Err(row),
        None => Ok(passed.into_iter().last().unwrap()),
    }
}

#[test]
fn a_good_order_passes_unchanged() {
    assert_eq!(verdict(|_| {}).unwrap(), good());
}

type Case = (&'static str, &'static str, fn(&mut Order));

#[test]
fn a_bad_order_is_refused_with_row_field_and_reason() {
    let cases: &[Case] = &[
        ("external_id", "required", |o| o.external_id = " ".into()),
        ("external_id", "too_long", |o| o.external_id = "x".repeat(129)),
        ("event_id", "invisible_characters", |o| {
            o.event_id = Some("e\u{202E}1".into());
        }),
        ("platform", "unknown", |o| o.platform = "Jahez!".into()),
        ("platform", "required", |o| o.platform = String::new()),
        ("as_of", "out_of_range", |o| {
            o.as_of = rules().now + TimeDelta::hours(49);
        }),
        ("placed_at", "out_of_range", |o| {
            o.placed_at = DateTime::from_timestamp(0, 0);
        }),
        ("total", "out_of_range", |o| o.total = Some(sar(-1))),
        ("total", "out_of_range", |o| o.total = Some(sar(i64::MAX))),
        ("total", "unknown_currency", |o| {
            o.total.as_mut().unwrap().currency = "USD".into();
        }),
        ("cash_to_collect", "out_of_range", |o| {
            o.cash_to_collect = Some(sar(4_001));
        }),
        ("distance_m", "out_of_range", |o| o.distance_m = Some(u32::MAX)),
        ("items", "too_many", |o| o.items = vec![o.items[0].clone(); 201]),
        ("items.name", "required", |o| o.items[0].name = "\u{200B}".into()),
        ("items.quantity", "out_of_range", |o| o.items[0].quantity = 10_001),
        ("items.price", "out_of_range", |o| {
            o.items[0].price = Some(sar(i64::MIN));
        }),
        ("pickup.location", "out_of_range", |o| {
            o.pickup.as_mut().unwrap().location = Some(Point {
                lat_e7: 900_000_001,
                lon_e7: 0,
            });
        }),
        ("dropoff.window", "out_of_range", |o| {
            o.dropoff.as_mut().unwrap().window_end = Some(rules().now - TimeDelta::hours(1));
        }),
        ("dropoff.phone", "too_long", |o| {
            o.dropoff.as_mut().unwrap().phone = Some("5".repeat(65));
        }),
        ("attributes", "too_many", |o| {
            o.attributes = (0..33).map(|i| (i.to_string(), String::from("x"))).collect();
        }),
    ];
    for (field, reason, change) in cases {
        let row = verdict(change).unwrap_err();
        let expected = ("order", Some(1), *field, *reason);
        let found = (row.record.as_str(), row.index, row.field.as_str(), row.reason.as_str());
        assert_eq!(found, expected);
    }
}

#[test]
fn texts_are_made_safe_and_card_numbers_never_stay() {
    let order = verdict(|o| {
        o.reason = Some("paid with\u{202E} card".into());
        o.status_name = Some("4111 1111 1111 1111".into());
        o.attributes = [("note".to_owned(), "4111111111111111".to_owned())].into();
    })
    .unwrap();
    assert_eq!(order.reason.as_deref(), Some("paid with card"));
    assert_eq!(order.status_name.as_deref(), Some("411111******1111"));
    assert_eq!(order.attributes["note"], "411111******1111");
    assert_eq!(order.flags, [Flag::CardMasked, Flag::TextCleaned]);
}

#[test]
fn messages_about_one_order_stay_apart() {
    let update = |event: Option<&str>, seconds| OrderUpdate {
        external_id: "o-1".into(),
        event_id: event.map(str::to_owned),
        as_of: rules().now + TimeDelta::seconds(seconds),
        platform: "keeta".into(),
        status: OrderStatus::PickedUp,
        status_name: None,
        courier_ref: None,
        courier_location: None,
        reason: None,
        attributes: Attributes::new(),
        flags: vec![],
    };
    let given = vec![
        update(None, 0),
        update(None, 1),
        update(None, 0),
        update(Some("e"), 0),
        update(Some("e"), 5),
    ];
    let mut refused = Vec::new();
    let kept = check_order_updates(given, &rules(), &mut refused);
    let seconds: Vec<_> = kept.iter().map(|u| (u.as_of - rules().now).num_seconds()).collect();
    assert_eq!((seconds, refused.len()), (vec![0, 1, 5], 0));
}

#[test]
fn every_notice_has_exactly_one_result() {
    let notice = |id: &str| StatusNotice {
        notice_id: id.into(),
        external_id: "o-1".into(),
        platform: "jahez".into(),
        status: OrderStatus::Delivered,
        at: rules().now,
        courier_ref: None,
        courier_name: None,
        courier_phone: None,
        location: None,
        reason: None,
        attributes: Attributes::new(),
    };
    let result = |id: &str, outcome| NoticeResult {
        notice_id: id.into(),
        outcome,
        attributes: Attributes::new(),
    };
    let results = vec![result("b", ItemOutcome::Done), result("x", ItemOutcome::Done)];
    let mut refused = Vec::new();
    let checked = check_notice_results(&[notice("a"), notice("b")], results, &mut refused);
    assert_eq!(
        checked.iter().map(|r| r.notice_id.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert!(matches!(&checked[0].outcome, ItemOutcome::Failed(f) if f.kind.retryable() && f.code == "no_result"));
    assert_eq!(checked[1].outcome, ItemOutcome::Done);
    assert_eq!(
        (refused[0].external_id.as_str(), refused[0].reason.as_str()),
        ("x", "unknown")
    );
}
