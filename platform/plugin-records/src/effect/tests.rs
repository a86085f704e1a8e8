use chrono::TimeDelta;

use super::*;

fn rules() -> Rules {
    Rules {
        now: DateTime::from_timestamp(1_770_000_000, 0).unwrap(),
        currencies: vec![],
    }
}

fn permitted() -> Permitted {
    Permitted {
        kinds: vec![EffectKind::Notices, EffectKind::Jobs, EffectKind::Events],
        emits: vec!["fuel.low".into()],
    }
}

fn words(text: &str) -> Words {
    Words {
        en: text.into(),
        ar: text.into(),
    }
}

fn notice(key: Option<&str>, body: &str) -> RawEffect {
    RawEffect::Notice(Box::new(Notice {
        key: key.map(str::to_owned),
        severity: Severity::Warning,
        title: words("Fuel"),
        body: words(body),
        about: None,
        attributes: Attributes::new(),
        flags: vec![],
    }))
}

fn job(key: &str) -> JobRequest {
    JobRequest {
        key: key.into(),
        name: "again".into(),
        payload: vec![1],
        not_before: None,
        attributes: Attributes::new(),
    }
}

fn emit(name: &str, data: &str) -> RawEffect {
    RawEffect::Emit(EmittedEvent {
        name: name.into(),
        data: data.into(),
        attributes: Attributes::new(),
    })
}

#[test]
fn what_is_permitted_passes_and_nothing_else() {
    let given = vec![
        notice(Some("k"), "first"),
        notice(Some("k"), "second"),
        RawEffect::Job(job("j")),
        emit("fuel.low", "{\"litres\":3}"),
        emit("fleet.vehicles.deleted", "{}"),
        emit("fuel.low", "{litres}"),
        RawEffect::Other("teleport\u{202E}".into()),
        RawEffect::SmsReport(Box::new(SmsReport {
            provider_ref: Some("r".into()),
            message_id: None,
            state: crate::SmsState::Sent,
            state_name: None,
            at: None,
            segments: None,
            cost: None,
            reason: None,
            attributes: Attributes::new(),
            flags: vec![],
        })),
    ];
    let effects = check_effects(given, &permitted(), &rules());
    assert_eq!(
        effects.notices.iter().map(|n| n.body.en.as_str()).collect::<Vec<_>>(),
        ["second"]
    );
    assert_eq!(
        (effects.jobs.len(), effects.events.len(), effects.sms_reports.len()),
        (1, 1, 0)
    );
    let refused: Vec<_> = effects
        .refused
        .iter()
        .map(|row| (row.record.as_str(), row.field.as_str(), row.reason.as_str()))
        .collect();
    assert_eq!(
        refused,
        [
            ("teleport", "kind", "unknown"),
            ("sms-reports", "kind", "not_granted"),
            ("event", "name", "not_granted"),
            ("event", "data", "unknown"),
        ]
    );
}

type Case = (&'static str, fn(&mut JobRequest));

#[test]
fn queues_are_not_flooded() {
    let cases: &[Case] = &[
        ("key", |j| j.key = String::new()),
        ("name", |j| j.name = "Again and again".into()),
        ("payload", |j| j.payload = vec![0; 64 * 1024 + 1]),
        ("not_before", |j| {
            j.not_before = Some(rules().now + TimeDelta::days(400));
        }),
    ];
    for (field, change) in cases {
        let mut bad = job("j");
        change(&mut bad);
        let effects = check_effects(vec![RawEffect::Job(bad)], &permitted(), &rules());
        assert_eq!(effects.refused[0].field, *field);
        assert!(effects.is_empty());
    }
    let many = (0..101).map(|i| RawEffect::Job(job(&i.to_string()))).collect();
    let effects = check_effects(many, &permitted(), &rules());
    assert_eq!(
        (effects.jobs.len(), effects.refused[0].reason.as_str()),
        (100, "too_many")
    );
}

#[test]
fn a_notice_is_for_people_of_both_languages() {
    let RawEffect::Notice(mut silent) = notice(None, "x") else {
        unreachable!()
    };
    silent.body.ar = " \u{200B}".into();
    let effects = check_effects(vec![RawEffect::Notice(silent)], &permitted(), &rules());
    assert_eq!(
        (effects.refused[0].field.as_str(), effects.refused[0].reason.as_str()),
        ("body.ar", "required")
    );
}
