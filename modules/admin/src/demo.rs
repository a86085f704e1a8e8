//! What administrators of a company of a demonstration have set up, and a month of what happened to it.

use chrono::{Days, SecondsFormat, TimeDelta};
use platform_core::{Cx, Problem};
use serde_json::{Map, Value as Json, json};
use sqlx::Row;
use uuid::Uuid;

use crate::{
    ANNOUNCEMENTS, BACKUPS, CONNECTIONS, EMAIL_TEMPLATES, NOTIFICATIONS, SUBSCRIPTIONS, SYSTEM_SETTINGS,
    USER_PREFERENCES, WEBHOOK_DELIVERIES, WEBHOOKS,
};

type Rows = Vec<Map<String, Json>>;

pub(crate) const MEMBERS: &str = "SELECT m.user_id, m.full_name FROM platform.members m
    WHERE m.organization_id = $1 AND m.status = 'active' ORDER BY m.user_id";

fn row(json: Json) -> Map<String, Json> {
    let fields = json.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

/// Stores it for the organization of the context; `scale` is the number of months of backups.
pub async fn demo(cx: &mut Cx, scale: u32) -> Result<(), Problem> {
    let members = sqlx::query(MEMBERS).bind(cx.organization_id).fetch_all(cx.db()).await?;
    let members: Vec<(Uuid, String)> = members
        .iter()
        .map(|row| Ok((row.try_get("user_id")?, row.try_get("full_name")?)))
        .collect::<Result<_, sqlx::Error>>()?;
    platform_engine::create_many(cx, &SYSTEM_SETTINGS, settings()).await?;
    platform_engine::create_many(cx, &CONNECTIONS, connections(cx)).await?;
    platform_engine::create_many(cx, &BACKUPS, backups(cx, scale)).await?;
    platform_engine::create_many(cx, &EMAIL_TEMPLATES, templates()).await?;
    platform_engine::create_many(cx, &ANNOUNCEMENTS, announcements(cx)).await?;
    let hooks = platform_engine::create_many(cx, &WEBHOOKS, webhooks()).await?;
    let told = deliveries(cx, &hooks);
    platform_engine::create_many(cx, &WEBHOOK_DELIVERIES, told).await?;
    platform_engine::create_many(cx, &USER_PREFERENCES, preferences(&members)).await?;
    let notes = notifications(cx, &members);
    if !notes.is_empty() {
        platform_engine::create_many(cx, &NOTIFICATIONS, notes).await?;
    }
    let subscription = subscription(cx);
    platform_engine::create(cx, &SUBSCRIPTIONS, subscription).await?;
    Ok(())
}

fn before(cx: &Cx, hours: i64) -> String {
    (cx.now - TimeDelta::hours(hours)).to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn settings() -> Rows {
    [
        (
            "general.language",
            "Language",
            "general",
            "string",
            "ar",
            json!(["ar", "en"]),
            None,
        ),
        (
            "general.currency",
            "Currency",
            "general",
            "string",
            "SAR",
            json!(["SAR"]),
            None,
        ),
        (
            "operations.dispatch_radius_km",
            "Dispatch radius in km",
            "operations",
            "float",
            "7",
            Json::Null,
            Some(("1", "50")),
        ),
        (
            "operations.pickup_minutes",
            "Minutes until pick-up",
            "operations",
            "integer",
            "15",
            Json::Null,
            Some(("5", "120")),
        ),
        (
            "operations.sla_hours",
            "Hours until delivery",
            "operations",
            "integer",
            "4",
            Json::Null,
            Some(("1", "72")),
        ),
        (
            "operations.orders_per_day",
            "Orders of a courier a day",
            "operations",
            "integer",
            "15",
            Json::Null,
            Some(("1", "100")),
        ),
        (
            "notifications.expiry_days",
            "Days before a paper expires",
            "notifications",
            "integer",
            "30",
            Json::Null,
            Some(("1", "180")),
        ),
        (
            "security.session_minutes",
            "Minutes until sign-out",
            "security",
            "integer",
            "30",
            Json::Null,
            Some(("5", "1440")),
        ),
        (
            "backup.keep_days",
            "Days that backups are kept",
            "backup",
            "integer",
            "30",
            Json::Null,
            Some(("7", "365")),
        ),
        (
            "sms.enabled",
            "Send SMS to customers",
            "sms",
            "boolean",
            "on",
            Json::Null,
            None,
        ),
    ]
    .into_iter()
    .map(|(key, name, category, kind, value, allowed, range)| {
        row(
            json!({"key": key, "name": name, "category": category, "setting_type": kind, "value": value,
            "default_value": value, "allowed_values": allowed, "min_value": range.map(|(least, _)| least),
            "max_value": range.map(|(_, most)| most)}),
        )
    })
    .collect()
}

fn connections(cx: &Cx) -> Rows {
    [
        ("unifonic", "Unifonic SMS", "sms_provider", "active", 0, 4210, "https://el.cloud.unifonic.com"),
        ("smtp", "Company mail", "email_provider", "active", 1, 980, "https://mail.example.com"),
        ("maps", "Maps", "mapping_service", "active", 0, 15_230, "https://maps.example.com"),
        ("payments", "Payment gateway", "payment_gateway", "testing", 2, 3, "https://pay.example.com"),
        ("erp", "Accounting", "erp", "error", 5, 112, "https://erp.example.com"),
    ]
    .into_iter()
    .map(|(name, shown, kind, status, errors, successes, url)| {
        let failed = (errors > 0).then(|| before(cx, 20));
        row(json!({"name": name, "display_name": shown, "connection_type": kind, "status": status, "error_count": errors,
            "success_count": successes, "base_url": url, "last_checked_at": before(cx, 1), "last_error_at": failed,
            "last_error": failed.as_ref().map(|_| "The service did not answer in time.")}))
    })
    .collect()
}

fn backups(cx: &Cx, scale: u32) -> Rows {
    (0..30 * i64::from(scale.clamp(1, 12)))
        .map(|day| {
            let full = day % 7 == 0;
            let size = if full { 812_000_000 - day * 1_400_000 } else { 46_000_000 + day * 210_000 };
            let failed = day == 12;
            let hours = day * 24 + 6;
            row(json!({"name": format!("{} {}", if full { "Full" } else { "Daily" },
                    cx.today().checked_sub_days(Days::new(day.unsigned_abs())).unwrap_or(cx.today())),
                "backup_type": if full { "full" } else { "incremental" }, "is_scheduled": true, "schedule_name": "nightly",
                "status": if failed { "failed" } else if full { "verified" } else { "completed" },
                "error_message": failed.then_some("The storage was full."),
                "started_at": before(cx, hours), "completed_at": (!failed).then(|| before(cx, hours)),
                "size_bytes": (!failed).then_some(size), "compressed_size_bytes": (!failed).then_some(size / 4),
                "compression_percent": (!failed).then_some("75.00"), "checksum": (!failed).then(|| format!("{size:064x}")),
                "verified_at": (full && !failed).then(|| before(cx, hours - 1)), "is_encrypted": true,
                "encryption_algorithm": "aes-256-gcm", "compression_algorithm": "zstd", "storage_type": "s3",
                "storage_bucket": "backups", "is_pinned": full && day == 28}))
        })
        .collect()
}

fn templates() -> Rows {
    [
        ("welcome", "Welcome", "account", "Welcome, {{name}}", "مرحباً {{name}}"),
        (
            "licence_expires",
            "Licence expires",
            "fleet",
            "The licence of {{name}} expires",
            "تنتهي رخصة {{name}}",
        ),
        (
            "leave_decided",
            "Leave decided",
            "hr",
            "Your leave request, {{name}}",
            "طلب إجازتك يا {{name}}",
        ),
        (
            "payslip",
            "Payslip",
            "hr",
            "Your payslip, {{name}}",
            "قسيمة راتبك يا {{name}}",
        ),
        (
            "ticket_answered",
            "Ticket answered",
            "support",
            "We have answered, {{name}}",
            "أجبنا على تذكرتك يا {{name}}",
        ),
    ]
    .into_iter()
    .map(|(key, name, category, en, ar)| {
        row(
            json!({"key": key, "name": name, "category": category, "subject_en": en, "subject_ar": ar,
            "body_en": format!("{en}.\n\nPlease sign in for the details."),
            "body_ar": format!("{ar}.\n\nسجّل الدخول للاطلاع على التفاصيل."), "variables": ["name"]}),
        )
    })
    .collect()
}

fn announcements(cx: &Cx) -> Rows {
    [
        (
            "Working hours in summer",
            "ساعات العمل في الصيف",
            "info",
            "published",
            72,
        ),
        (
            "Heat warning: drink and rest",
            "تحذير من الحرارة: اشرب الماء وخذ راحة",
            "warning",
            "published",
            30,
        ),
        (
            "New zones from next month",
            "مناطق جديدة ابتداءً من الشهر القادم",
            "info",
            "draft",
            0,
        ),
    ]
    .into_iter()
    .map(|(en, ar, severity, status, hours)| {
        let at = (hours > 0).then(|| before(cx, hours));
        row(
            json!({"title_en": en, "title_ar": ar, "severity": severity, "status": status, "published_at": at,
            "audience": "everybody"}),
        )
    })
    .collect()
}

fn webhooks() -> Rows {
    vec![
        row(
            json!({"name": "Accounting", "url": "https://erp.example.com/hooks/barq",
            "events": ["operations.deliveries.*"], "status": "active"}),
        ),
        row(
            json!({"name": "Data warehouse", "url": "https://warehouse.example.com/in", "events": ["*"],
            "status": "paused", "failure_count": 3}),
        ),
    ]
}

fn deliveries(cx: &Cx, hooks: &[Uuid]) -> Rows {
    (0..12_i64)
        .map(|number| {
            let hook = hooks[usize::from(number % 4 == 3)];
            let (status, answer) = if number % 4 == 3 { ("dead", 503) } else { ("delivered", 204) };
            row(json!({"webhook_id": hook, "event": "operations.deliveries.deliver", "status": status,
                "payload": {"number": number}, "attempts": if status == "dead" { 8 } else { 1 }, "response_status": answer,
                "duration_ms": 90 + number * 7, "delivered_at": (status == "delivered").then(|| before(cx, number + 1)),
                "error_message": (status == "dead").then_some("The receiver was not available.")}))
        })
        .collect()
}

fn preferences(members: &[(Uuid, String)]) -> Rows {
    let mut rows = vec![row(
        json!({"display_name": "Defaults", "language": "ar", "time_zone": "Asia/Riyadh"}),
    )];
    rows.extend(members.iter().enumerate().map(|(place, (id, name))| {
        row(
            json!({"member": id, "display_name": name, "language": if place % 3 == 0 { "en" } else { "ar" },
            "theme": if place % 4 == 1 { "dark" } else { "system" }, "time_zone": "Asia/Riyadh",
            "quiet_from": "22:00", "quiet_until": "06:00"}),
        )
    }));
    rows
}

fn notifications(cx: &Cx, members: &[(Uuid, String)]) -> Rows {
    let notes = [
        (
            "Three iqamas expire within 30 days",
            "hr",
            "warning",
            "/fleet/couriers",
            5,
        ),
        (
            "Two service levels are at risk",
            "operations",
            "warning",
            "/operations/sla_tracking",
            2,
        ),
        (
            "Cash of four couriers is older than seven days",
            "operations",
            "critical",
            "/operations/cod_transactions",
            26,
        ),
        (
            "The report “Operations every morning” is ready",
            "report",
            "info",
            "/analytics/reports",
            8,
        ),
    ];
    let mut rows = Rows::new();
    for (place, (id, _)) in members.iter().enumerate() {
        for (title, category, severity, link, hours) in notes {
            let is_read = place % 2 == 1 && hours > 4;
            rows.push(row(
                json!({"recipient": id, "title": title, "category": category, "severity": severity, "link": link,
                "status": if is_read { "read" } else { "unread" }, "read_at": is_read.then(|| before(cx, hours - 1))}),
            ));
        }
    }
    rows
}

fn subscription(cx: &Cx) -> Map<String, Json> {
    let days = |count: u64| cx.today().checked_sub_days(Days::new(count)).unwrap_or(cx.today());
    let until = cx.today().checked_add_days(Days::new(11)).unwrap_or(cx.today());
    row(
        json!({"plan": "professional", "status": "active", "started_on": days(200), "billing_period": "monthly",
        "price": "1490.00", "period_starts_on": days(19), "period_ends_on": until, "max_users": 50, "max_couriers": 500,
        "max_vehicles": 400}),
    )
}
