//! Exports every interface and uses every function of the host; the tests say what must come of it.

use barq_plugin::secrets::{Hash, Mac, Part};
use barq_plugin::{
    Batch, BatchFile, CallContext, DeliveryReport, Effect, EmittedEvent, Event, Events, Failure, FuelPage, FuelSource,
    FuelTransaction, Handled, Health, Inbound, JobRequest, Lifecycle, Money, Notice, NoticeResult, OrderItem,
    OrderNews, OrderPage, OrderSource, OrderStatus, OrderUpdate, PayoutGateway, PayoutReport, PayoutState,
    PayoutStatus, PlatformOrder, Prepared, Reply, Result, Schedule, Severity, SmsGateway, SmsMessage, SmsRef,
    SmsResult, SmsState, StatusNotice, Webhook, Words, directory, http, info, kv, secrets, serde_json, settings,
};

struct Everything;

fn base_url() -> String {
    settings::get("base_url").unwrap_or_default()
}

/// What a test wants to read.
fn told(text: impl Into<String>) -> Failure {
    Failure::permanent("told", text)
}

impl Lifecycle for Everything {
    fn check(ctx: &CallContext) -> Result<Health> {
        Ok(Health::Degraded(format!("attempt {} in {}", ctx.attempt, ctx.currency)))
    }

    fn migrate(_: &CallContext, from_version: Option<&str>) -> Result<()> {
        kv::set("schema", &from_version.unwrap_or("new"))
    }
}

impl FuelSource for Everything {
    /// Whatever the setting says, told as a failure; the setting `all` uses a bit of everything and returns a page.
    fn pull(ctx: &CallContext, _: Option<&str>, _: i64) -> Result<FuelPage> {
        let behaviour = settings::get("behaviour").unwrap_or_default();
        if behaviour == "all" {
            return all(ctx);
        }
        Err(told(tell(ctx, &behaviour)?))
    }
}

fn tell(ctx: &CallContext, behaviour: &str) -> Result<String> {
    Ok(match behaviour {
        "kv_compare" => {
            let seen = kv::get_versioned::<u64>("n")?;
            let version = seen.as_ref().map(|entry| entry.version);
            let wrong = kv::compare_and_set("n", Some(99), &1_u64)?;
            let right = kv::compare_and_set("n", version, &2_u64)?;
            let own = kv::get::<u64>("n")?;
            format!("{version:?} {wrong} {right} {own:?}")
        }
        "kv_list" => {
            kv::set("list/b", &1)?;
            kv::delete("list/c")?;
            let first = kv::list_keys("list/", None, 2)?;
            let rest = kv::list_keys("list/", first.last().map(String::as_str), 10)?;
            format!("{first:?} {rest:?}")
        }
        "kv_full" => match kv::set("one more", &"x".repeat(1_000)) {
            Ok(()) => "kept".to_owned(),
            Err(failure) => failure.code,
        },
        "secrets" => {
            let data = b"what do ya want for nothing?";
            let tag = secrets::sign("hex_key", Mac::HmacSha256, data)?;
            let right = secrets::verify("hex_key", Mac::HmacSha256, data, &tag)?;
            let wrong = secrets::verify("hex_key", Mac::HmacSha256, data, &tag[1..])?;
            let parts = [Part::Plain(b"ab".to_vec()), Part::Secret("api_key".to_owned())];
            let digest = secrets::digest(Hash::Sha256, &parts)?;
            let matches = secrets::matches(Hash::Sha256, &parts, &digest)?;
            let foreign = secrets::digest(Hash::Sha256, &[Part::Secret("not_mine".to_owned())]).is_err();
            let forget = secrets::forget("api_key").is_err();
            let (tag, digest) = (secrets::hex(&tag), secrets::hex(&digest));
            format!("{tag} {right} {wrong} {digest} {matches} {foreign} {forget}")
        }
        "login" => {
            let before = secrets::is_set("token");
            let login = http::post(format!("{}/v1/login", base_url()))
                .json_template(&serde_json::json!({"secret": "{{secret:api_key}}", "user": "fleet"}))
                .capture("token", "/access/token", Some(600))
                .send()?;
            let reply = String::from_utf8_lossy(login.bytes()).into_owned();
            let after = secrets::is_set("token");
            let echoed = http::get(format!("{}/v1/echo", base_url())).bearer("token").send()?;
            let echoed = String::from_utf8_lossy(echoed.bytes()).into_owned();
            format!("{before} {after} {reply} {echoed}")
        }
        "logged_in" => format!("{}", secrets::is_set("token")),
        "log_out" => {
            secrets::forget("token")?;
            format!("{}", secrets::is_set("token"))
        }
        "several" => {
            let requests = (0..12).map(|i| http::get(format!("{}/v1/number/{i}", base_url())));
            let answers = http::Request::send_all(requests.collect());
            let texts = answers.into_iter().map(|answer| match answer {
                Ok(response) => String::from_utf8_lossy(response.bytes()).into_owned(),
                Err(failure) => failure.code,
            });
            texts.collect::<Vec<_>>().join(" ")
        }
        "beyond_grant" => {
            let send = |request: http::Request| request.send().err().map(|failure| failure.message).unwrap_or_default();
            let path = send(http::get(format!("{}/v2/admin", base_url())));
            let dots = send(http::get(format!("{}/v1/../v2/admin", base_url())));
            let method = send(http::Request::new(
                http::Method::Delete,
                format!("{}/v1/orders", base_url()),
            ));
            format!("{path}|{dots}|{method}")
        }
        "rows" => {
            let found: Option<serde_json::Value> = directory::read("fleet.vehicles", &["plate_number"])
                .equals("status", "active")
                .first()?;
            let one: Option<serde_json::Value> = directory::get("fleet.vehicles", "v-1", &["status"])?;
            let foreign = directory::read("hr.employees", &["salary"]).first::<serde_json::Value>();
            let field = directory::get::<serde_json::Value>("fleet.vehicles", "v-1", &["purchase_price"]);
            let denied = |result: Result<Option<serde_json::Value>>| result.err().map(|failure| failure.message);
            format!("{found:?} {one:?} {:?} {:?}", denied(foreign), denied(field))
        }
        "random" => secrets::hex(&barq_plugin::random_bytes(16)),
        "much_random" => {
            for _ in 0..17 {
                barq_plugin::random_bytes(4_096);
            }
            "got it".to_owned()
        }
        other => return Err(Failure::config("behaviour", format!("{other:?} at {}", ctx.now))),
    })
}

/// A bit of everything, with answers that differ from call to call.
fn all(ctx: &CallContext) -> Result<FuelPage> {
    let started = barq_plugin::now();
    let runs = kv::get::<u64>("runs")?.unwrap_or_default() + 1;
    kv::set("runs", &runs)?;
    let chance = secrets::hex(&barq_plugin::random_bytes(8));
    let tag = secrets::sign_hex("api_key", Mac::HmacSha256, chance.as_bytes())?;
    let reply = http::get(format!("{}/v1/number/7", base_url()))
        .bearer("api_key")
        .query("at", started)
        .send()?;
    let row: Option<serde_json::Value> = directory::read("fleet.vehicles", &["plate_number"]).first()?;
    info!(
        "run {runs}: {} bytes, {} ms left",
        reply.bytes().len(),
        barq_plugin::remaining_ms()
    );
    let at = barq_plugin::time::Moment {
        instant_ms: ctx.now - 60_000,
        time_known: true,
    };
    let transaction = FuelTransaction {
        plate_ref: row.and_then(|row| Some(row["plate_number"].as_str()?.to_owned())),
        attributes: vec![
            ("started".to_owned(), started.to_string()),
            ("tag".to_owned(), tag),
            ("reply".to_owned(), String::from_utf8_lossy(reply.bytes()).into_owned()),
        ],
        ..FuelTransaction::new(chance, at, 1_000, Money::sar(218))
    };
    Ok(FuelPage::last(vec![transaction], None))
}

impl OrderSource for Everything {
    fn pull(ctx: &CallContext, cursor: Option<&str>, since: i64) -> Result<OrderPage> {
        let first = PlatformOrder {
            items: vec![OrderItem::new("Tea", 2)],
            total: Some(Money::sar(1_850)),
            cash_to_collect: Some(Money::sar(1_850)),
            ..PlatformOrder::new("jahez", format!("o-{since}"), OrderStatus::Ready, ctx.now)
        };
        let absurd = PlatformOrder {
            total: Some(Money::sar(i64::MAX)),
            ..PlatformOrder::new("jahez", "absurd", OrderStatus::Ready, ctx.now)
        };
        let timeless = PlatformOrder::new("jahez", "timeless", OrderStatus::Ready, i64::MAX);
        let update = OrderUpdate::new("jahez", "o-2", OrderStatus::Delivered, ctx.now);
        Ok(OrderPage {
            updates: vec![update],
            more: cursor.is_none(),
            ..OrderPage::last(vec![first, absurd, timeless], Some("2".to_owned()))
        })
    }

    fn event(ctx: &CallContext, message: Inbound) -> Result<OrderNews> {
        // JSON in a JSON string, as one platform sends it.
        let outer: serde_json::Value = message.json()?;
        let inner = outer["message"].as_str().unwrap_or_default();
        let inner: serde_json::Value = serde_json::from_str(inner).map_err(|e| told(e.to_string()))?;
        let order = PlatformOrder {
            event_id: message.header("x-event-id").map(str::to_owned),
            total: Money::from_json(&inner["total"], "SAR"),
            ..PlatformOrder::new("keeta", inner["id"].to_string(), OrderStatus::Pending, ctx.now)
        };
        Ok(order.into())
    }

    fn push_status(_: &CallContext, notices: Vec<StatusNotice>) -> Result<Vec<NoticeResult>> {
        let result = |(i, notice): (usize, &StatusNotice)| match i {
            0 => Some(NoticeResult::done(&notice.notice_id)),
            1 => Some(NoticeResult::skipped(&notice.notice_id, "not wanted")),
            2 => Some(NoticeResult::failed(
                &notice.notice_id,
                Failure::transient("busy", "Busy."),
            )),
            _ => None,
        };
        Ok(notices.iter().enumerate().filter_map(result).collect())
    }
}

impl SmsGateway for Everything {
    fn send(_: &CallContext, messages: Vec<SmsMessage>) -> Result<Vec<SmsResult>> {
        let result = |message: &SmsMessage| {
            if message.to.starts_with("+966") {
                SmsResult::accepted(&message.message_id, format!("ref-{}", message.message_id))
            } else {
                SmsResult::refused(&message.message_id, Failure::permanent("country", "Only the Kingdom."))
            }
        };
        Ok(messages.iter().map(result).collect())
    }

    fn report(_: &CallContext, message: Inbound) -> Result<Vec<DeliveryReport>> {
        let form = message.form()?;
        let value = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let mut report = DeliveryReport::new(value("MessageSid").unwrap_or_default(), SmsState::Delivered);
        report.state_name = value("MessageStatus");
        Ok(vec![report])
    }

    fn query(_: &CallContext, messages: Vec<SmsRef>) -> Result<Vec<DeliveryReport>> {
        let reference = |message: SmsRef| message.provider_ref.unwrap_or(message.message_id);
        Ok(messages
            .into_iter()
            .map(|message| DeliveryReport::new(reference(message), SmsState::Sent))
            .collect())
    }
}

impl PayoutGateway for Everything {
    fn prepare(_: &CallContext, batch: Batch) -> Result<Prepared> {
        let mut text = String::new();
        for payout in &batch.payouts {
            text.push_str(&format!(
                "{}\t{}\t{}\n",
                payout.amount.decimal(),
                payout.beneficiary.iban,
                payout.beneficiary.holder
            ));
        }
        let name = if batch.reference == "BAD" {
            "../escape.txt".to_owned()
        } else {
            format!("{}.txt", batch.reference)
        };
        Ok(Prepared::file(name, "text/plain", text.into_bytes()))
    }

    fn read_file(_: &CallContext, file: BatchFile) -> Result<PayoutReport> {
        let text = String::from_utf8_lossy(&file.content).into_owned();
        let paid = |line: &str| PayoutStatus::new(line, PayoutState::Paid);
        Ok(PayoutReport::new(text.lines().map(paid).collect()))
    }

    fn query(_: &CallContext, batch_id: &str, provider_ref: Option<&str>) -> Result<PayoutReport> {
        let mut status = PayoutStatus::new(batch_id, PayoutState::InTransit);
        status.provider_ref = provider_ref.map(str::to_owned);
        Ok(PayoutReport::new(vec![status]))
    }
}

fn notice(text: &str) -> Notice {
    Notice::new(Severity::Info, Words::new(text, text), Words::new("Body", "نص"))
}

impl Events for Everything {
    fn handle(_: &CallContext, event: Event) -> Result<Vec<Effect>> {
        let emitted = |name: &str| EmittedEvent {
            name: name.to_owned(),
            data: event.data.clone(),
            attributes: Vec::new(),
        };
        Ok(vec![
            notice(&event.name).into(),
            emitted("tests.happened").into(),
            emitted("fleet.vehicles.updated").into(),
            DeliveryReport::new("not mine to report", SmsState::Sent).into(),
        ])
    }
}

impl Schedule for Everything {
    fn run(_: &CallContext, name: &str, planned_for: i64) -> Result<Vec<Effect>> {
        let news = EmittedEvent {
            name: "tests.happened".to_owned(),
            data: serde_json::json!({"status": name, "private": "not asked for"}).to_string(),
            attributes: Vec::new(),
        };
        Ok(vec![
            JobRequest::new("follow-up", format!("{name}-{planned_for}"), b"{}".to_vec()).into(),
            news.into(),
        ])
    }

    fn job(_: &CallContext, name: &str, key: &str, payload: Vec<u8>) -> Result<Vec<Effect>> {
        Ok(vec![notice(&format!("{name} {key} {}", payload.len())).into()])
    }
}

impl Webhook for Everything {
    fn receive(ctx: &CallContext, request: Inbound) -> Result<Handled> {
        let status = match request.query_value("status") {
            Some(text) => text.parse().map_err(|_| told("status"))?,
            None => 200,
        };
        let seen = serde_json::json!({
            "body": String::from_utf8_lossy(&request.body),
            "header": request.header("x-key"),
            "verified": request.verified,
        });
        let order = PlatformOrder::new("jahez", "from-outside", OrderStatus::Pending, ctx.now);
        Ok(Handled {
            reply: Some(Reply::json(status, &seen)),
            effects: vec![order.into()],
        })
    }
}

barq_plugin::export!(
    Everything: lifecycle, fuel_source, order_source, sms_gateway, payout_gateway, events, schedule, webhook
);
