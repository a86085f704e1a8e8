//! Every exported function, and what the platform lets through.

use platform_plugin_host::records::{
    Amount, Attributes, BankAccount, Inbound, ItemOutcome, Payout, PayoutBatch, PayoutFile, PluginEvent, Purpose,
    SmsKind, SmsMessage, SmsRef, StatusNotice,
};
use platform_plugin_host::{CallError, FaultKind, Health, Input};

use super::{everything, message, moment};
use crate::support::{block_on, host, now};

#[test]
fn the_life_of_an_installation() {
    block_on(async {
        let Some(guest) = everything() else { return };
        let host = host("");
        let mut call = guest.call();
        call.attempt = 3;
        let health = host.call_check(call).await.answer.unwrap();
        assert_eq!(health, Health::Degraded("attempt 3 in SAR".into()));
        let moved = host.call_migrate(guest.call(), Some("1.0.0".into())).await;
        assert_eq!(moved.answer, Ok(()));
        assert_eq!(moved.kv_writes[0].value.as_deref(), Some(b"\"1.0.0\"".as_slice()));
    });
}

#[test]
fn orders_come_in_and_statuses_go_out() {
    block_on(async {
        let Some(guest) = everything() else { return };
        let host = host("");
        let since = moment("2026-11-01T00:00:00Z");
        let page = host.call_orders_pull(guest.call(), None, since).await.answer.unwrap();
        assert_eq!(page.orders.len(), 1);
        assert_eq!(page.orders[0].external_id, format!("o-{}", since.timestamp_millis()));
        assert_eq!(page.orders[0].total.as_ref().unwrap().minor, 1_850);
        assert_eq!(
            (page.updates.len(), page.more, page.cursor.as_deref()),
            (1, true, Some("2"))
        );
        let refused: Vec<_> = page
            .refused
            .iter()
            .map(|row| (row.external_id.as_str(), row.field.as_str(), row.reason.as_str()))
            .collect();
        assert_eq!(
            refused,
            [
                ("timeless", "as_of", "out_of_range"),
                ("absurd", "total", "out_of_range")
            ]
        );

        let body = r#"{"eventId":1001,"message":"{\"id\":42,\"total\":18.5}"}"#;
        let news = host
            .call_order_event(guest.call(), message("orders", body))
            .await
            .answer
            .unwrap();
        let order = &news.orders[0];
        assert_eq!(
            (order.external_id.as_str(), order.event_id.as_deref()),
            ("42", Some("e-1"))
        );
        assert_eq!(order.total.as_ref().unwrap().minor, 1_850);
        let bad = host.call_order_event(guest.call(), message("orders", "{")).await;
        assert!(matches!(bad.answer, Err(CallError::Failure(failure)) if failure.code == "bad_message"));

        let notice = |id: &str| StatusNotice {
            notice_id: id.into(),
            external_id: "42".into(),
            platform: "keeta".into(),
            status: platform_plugin_host::records::OrderStatus::PickedUp,
            at: now(),
            courier_ref: None,
            courier_name: Some("Salem".into()),
            courier_phone: None,
            location: None,
            reason: None,
            attributes: Attributes::new(),
        };
        let notices = ["a", "b", "c", "d"].map(notice).to_vec();
        let results = host
            .call_order_status(guest.call(), notices)
            .await
            .answer
            .unwrap()
            .results;
        assert_eq!(results[0].outcome, ItemOutcome::Done);
        assert_eq!(results[1].outcome, ItemOutcome::Skipped("not wanted".into()));
        assert!(matches!(&results[2].outcome, ItemOutcome::Failed(failure) if failure.code == "busy"));
        assert!(matches!(&results[3].outcome, ItemOutcome::Failed(failure) if failure.code == "no_result"));
    });
}

#[test]
fn messages_are_sent_and_reported() {
    block_on(async {
        let Some(guest) = everything() else { return };
        let host = host("");
        let to = |id: &str, to: &str| SmsMessage {
            message_id: id.into(),
            to: to.into(),
            sender_name: None,
            body: "سلام".into(),
            kind: SmsKind::Transactional,
            expires_at: None,
            attributes: Attributes::new(),
        };
        let messages = vec![to("m-1", "+966501234567"), to("m-2", "+201001234567")];
        let sent = host.call_sms_send(guest.call(), messages).await.answer.unwrap();
        assert_eq!(sent.results[0].provider_ref.as_deref(), Some("ref-m-1"));
        assert_eq!(sent.results[1].failure.as_ref().unwrap().code, "country");
        let report = message("reports", "MessageSid=ref-m-1&MessageStatus=delivered");
        let reports = host.call_sms_report(guest.call(), report).await.answer.unwrap().reports;
        assert_eq!(reports[0].provider_ref.as_deref(), Some("ref-m-1"));
        assert_eq!(reports[0].state_name.as_deref(), Some("delivered"));
        let of = SmsRef {
            message_id: "m-1".into(),
            provider_ref: None,
        };
        let asked = host.call_sms_query(guest.call(), vec![of]).await.answer.unwrap();
        assert_eq!(asked.reports[0].provider_ref.as_deref(), Some("m-1"));
    });
}

fn batch(reference: &str) -> PayoutBatch {
    let account = |holder: &str| BankAccount {
        holder: holder.into(),
        iban: "SA0380000000608010167519".into(),
        bank_code: None,
        attributes: Attributes::new(),
    };
    let sar = |minor| Amount {
        minor,
        currency: "SAR".into(),
    };
    PayoutBatch {
        batch_id: "b-1".into(),
        reference: reference.into(),
        purpose: Purpose::Salary,
        value_day: "2026-11-27".into(),
        total: sar(412_345),
        payer: account("Fleet"),
        establishment_no: None,
        payouts: vec![Payout {
            payout_id: "p-1".into(),
            amount: sar(412_345),
            beneficiary: account("سالم"),
            identity_no: None,
            wage: None,
            memo: String::new(),
            attributes: Attributes::new(),
        }],
        attributes: Attributes::new(),
    }
}

#[test]
fn people_are_paid_by_a_file() {
    block_on(async {
        let Some(guest) = everything() else { return };
        let host = host("");
        let prepared = host
            .call_payout_batch(guest.call(), batch("2026-10"))
            .await
            .answer
            .unwrap();
        let file = &prepared.files[0];
        assert_eq!(file.name, "2026-10.txt");
        let text = String::from_utf8(file.content.clone()).unwrap();
        assert_eq!(text, "4123.45\tSA0380000000608010167519\tسالم\n");
        let escaped = host.call_payout_batch(guest.call(), batch("BAD")).await.answer;
        assert!(
            matches!(escaped, Err(CallError::Fault(fault)) if fault.kind == FaultKind::Malformed
            && fault.detail.contains("files.name"))
        );
        let file = PayoutFile {
            name: "return.txt".into(),
            media_type: "text/plain".into(),
            content: b"p-1\np-2\n".to_vec(),
        };
        let read = host.call_payout_file(guest.call(), file).await.answer.unwrap();
        assert_eq!(read.reports.len(), 2);
        let asked = host
            .call_payout_query(guest.call(), "b-1".into(), Some("bank".into()))
            .await;
        assert_eq!(asked.answer.unwrap().reports[0].provider_ref.as_deref(), Some("bank"));
    });
}

#[test]
fn generic_handlers_return_what_was_granted_and_nothing_else() {
    block_on(async {
        let Some(mut guest) = everything() else { return };
        let host = host("");
        let event = PluginEvent {
            event_id: "e-1".into(),
            name: "fleet.vehicles.updated".into(),
            version: 1,
            occurred_at: now(),
            subject_id: None,
            data: r#"{"status":"active"}"#.into(),
            attributes: Attributes::new(),
        };
        let effects = host.call_event(guest.call(), event.clone()).await.answer.unwrap();
        assert_eq!(
            (effects.notices.len(), effects.events.len(), effects.sms_reports.len()),
            (1, 1, 1)
        );
        assert_eq!(effects.events[0].name, "tests.happened");
        assert_eq!(
            (effects.refused[0].record.as_str(), effects.refused[0].reason.as_str()),
            ("event", "not_granted")
        );

        let planned = moment("2026-11-20T00:00:00Z");
        let effects = host
            .call_schedule(guest.call(), "nightly".into(), planned)
            .await
            .answer
            .unwrap();
        let job = effects.jobs[0].clone();
        assert_eq!(job.key, format!("nightly-{}", planned.timestamp_millis()));
        let done = host
            .call_job(guest.call(), job.name, job.key, job.payload)
            .await
            .answer
            .unwrap();
        assert!(done.notices[0].title.en.starts_with("follow-up nightly-"), "{done:?}");

        guest.grants.effects.clear();
        let effects = host.call_event(guest.call(), event).await.answer.unwrap();
        assert!(effects.is_empty() && effects.refused.len() == 4, "{effects:?}");
    });
}

#[test]
fn a_request_from_outside_is_answered_within_bounds_and_without_secrets() {
    block_on(async {
        let Some(guest) = everything() else { return };
        let host = host("");
        let mut request = message("news", "the key is top-secret-value");
        request.headers.push(("x-key".into(), "top-secret-value".into()));
        let handled = host.call_webhook(guest.call(), request.clone()).await.answer.unwrap();
        let reply = handled.reply.unwrap();
        let text = String::from_utf8(reply.body).unwrap();
        assert_eq!((reply.status, handled.effects.orders.len()), (200, 1));
        assert_eq!(text, r#"{"body":"the key is ***","header":"***","verified":true}"#);
        // A guest that checks a signature sees what was signed, byte for byte.
        let signed = Inbound {
            endpoint: "signed".into(),
            ..request.clone()
        };
        let handled = host.call_webhook(guest.call(), signed).await.answer.unwrap();
        let text = String::from_utf8(handled.reply.unwrap().body).unwrap();
        assert_eq!(
            text,
            r#"{"body":"the key is top-secret-value","header":"***","verified":true}"#
        );
        request.query = vec![("status".into(), "302".into())];
        let refused = host.call_webhook(guest.call(), request).await.answer;
        assert!(matches!(refused, Err(CallError::Fault(fault)) if fault.detail.contains("reply.status")));
    });
}

#[test]
fn work_survives_as_text() {
    let input = Input::OrderEvent(message("orders", "{\"id\":1}"));
    let text = serde_json::to_string(&input).unwrap();
    assert!(text.contains(r#"{\"id\":1}"#), "a stored body can be read: {text}");
    assert_eq!(serde_json::from_str::<Input>(&text).unwrap(), input);
    assert_eq!(input.handler(), "order-source.event");
}
