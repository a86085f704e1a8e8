//! Leave, attendance, things handed out, loans, bonuses and penalties.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use platform_core::{Cx, Problem};
use serde_json::json;

use super::{Company, Courier, Object, drawn, object};
use crate::{ASSETS, ATTENDANCE, BONUSES, LEAVES, LOANS, PENALTIES, PUBLIC_HOLIDAYS};

/// Days of a month of attendance.
const MONTH_DAYS: u64 = 35;

/// Eids by Umm al-Qura: kind, first and last day.
const EIDS: [(&str, &str, &str); 6] = [
    ("eid_al_fitr", "2026-03-19", "2026-03-22"),
    ("eid_al_adha", "2026-05-26", "2026-05-29"),
    ("eid_al_fitr", "2027-03-09", "2027-03-12"),
    ("eid_al_adha", "2027-05-15", "2027-05-18"),
    ("eid_al_fitr", "2028-02-26", "2028-02-29"),
    ("eid_al_adha", "2028-05-04", "2028-05-07"),
];

/// First and last day.
type Span = (NaiveDate, NaiveDate);

pub(super) async fn seed(cx: &mut Cx, company: &Company, months: u64) -> Result<(), Problem> {
    let holidays = holidays(cx, company).await?;
    let away = leaves(cx, company).await?;
    attendance(cx, company, months, &holidays, &away).await?;
    assets(cx, company).await?;
    loans(cx, company).await?;
    conduct(cx, company).await
}

async fn holidays(cx: &mut Cx, company: &Company) -> Result<Vec<Span>, Problem> {
    let day = |text: &str| text.parse::<NaiveDate>().ok();
    let mut rows = Vec::new();
    let mut days = Vec::new();
    let mut add = |kind: &str, name: &str, first: NaiveDate, last: NaiveDate, announced: bool| {
        rows.push(object(
            &json!({"name": name, "kind": kind, "starts_on": first, "ends_on": last, "is_announced": announced}),
        ));
        days.push((first, last));
    };
    for year in [company.today.year(), company.today.year() + 1] {
        let fixed = [
            (
                "founding_day",
                company.pick("Founding Day", "يوم التأسيس"),
                NaiveDate::from_ymd_opt(year, 2, 22),
            ),
            (
                "national_day",
                company.pick("Saudi National Day", "اليوم الوطني"),
                NaiveDate::from_ymd_opt(year, 9, 23),
            ),
        ];
        for (kind, name, on) in fixed {
            if let Some(on) = on {
                add(kind, name, on, on, true);
            }
        }
        let eids = EIDS
            .iter()
            .filter_map(|(kind, first, last)| Some((*kind, day(first)?, day(last)?)));
        for (kind, first, last) in eids.filter(|(_, first, _)| first.year() == year) {
            let name = if kind == "eid_al_fitr" {
                company.pick("Eid al-Fitr", "عيد الفطر")
            } else {
                company.pick("Eid al-Adha", "عيد الأضحى")
            };
            add(kind, name, first, last, last < company.today);
        }
    }
    platform_engine::create_many(cx, &PUBLIC_HOLIDAYS, rows).await?;
    Ok(days)
}

/// Every sixth courier was away in the last weeks, every ninth asks for leave.
async fn leaves(cx: &mut Cx, company: &Company) -> Result<Vec<(uuid::Uuid, Span)>, Problem> {
    let mut away = Vec::new();
    for courier in company.couriers.iter().filter(|courier| courier.works()) {
        let year_ago = company.back(400);
        if courier.number % 6 == 2 {
            let first = company.back(u64::try_from(drawn(courier.number, 1, 12, 26)).unwrap_or(20));
            let (kind, days, reason) = if courier.joined_on < year_ago {
                ("annual", 5, company.pick("Family visit", "زيارة العائلة"))
            } else {
                (
                    "sick",
                    2,
                    company.pick("Fever, see the report", "ارتفاع في الحرارة، التقرير مرفق"),
                )
            };
            let last = first.checked_add_days(Days::new(days - 1)).unwrap_or(first);
            if courier.joined_on <= first {
                let row = object(
                    &json!({"courier_id": courier.id, "leave_type": kind, "starts_on": first, "ends_on": last, "reason": reason}),
                );
                let leave = platform_engine::create(cx, &LEAVES, row).await?;
                let id = leave.uuid("id").unwrap_or_default();
                platform_engine::act(cx, &LEAVES, id, "approve", Object::new()).await?;
                if let Some(member) = company.member(2) {
                    let signed = object(&json!({"decided_by": member}));
                    platform_engine::change(cx, &LEAVES, id, "update", signed).await?;
                }
                let back = object(&json!({"returned_on": last.succ_opt()}));
                platform_engine::act(cx, &LEAVES, id, "complete", back).await?;
                away.push((courier.id, (first, last)));
            }
        }
        if courier.number % 9 == 4 && courier.joined_on < year_ago {
            let first = company.today + Days::new(u64::try_from(drawn(courier.number, 2, 8, 30)).unwrap_or(10));
            let row = object(
                &json!({"courier_id": courier.id, "leave_type": "annual", "starts_on": first,
                                     "ends_on": first + Days::new(6), "reason": company.pick("Travel home", "السفر إلى الوطن")}),
            );
            platform_engine::create(cx, &LEAVES, row).await?;
        }
    }
    Ok(away)
}

/// One row for each working day up to yesterday.
async fn attendance(
    cx: &mut Cx,
    company: &Company,
    months: u64,
    holidays: &[Span],
    away: &[(uuid::Uuid, Span)],
) -> Result<(), Problem> {
    let within = |days: &Span, day: NaiveDate| days.0 <= day && day <= days.1;
    let mut rows = Vec::new();
    for ago in (1..=MONTH_DAYS * months).rev() {
        let day = company.back(ago);
        if day.weekday() == Weekday::Fri {
            continue;
        }
        let is_holiday = holidays.iter().any(|days| within(days, day));
        for courier in company
            .couriers
            .iter()
            .filter(|courier| courier.works() && courier.joined_on <= day)
        {
            if !away.iter().any(|(id, days)| *id == courier.id && within(days, day)) {
                rows.push(day_of(courier, day, ago, is_holiday));
            }
        }
    }
    platform_engine::create_many(cx, &ATTENDANCE, rows).await.map(drop)
}

fn day_of(courier: &Courier, day: NaiveDate, ago: u64, is_holiday: bool) -> Object {
    let draw = |salt: u64, low, high| drawn(courier.number * 1000 + ago, salt, low, high);
    let kind = draw(3, 1, 100);
    let status = match kind {
        _ if is_holiday => "holiday",
        1..=88 => "present",
        89..=93 => "late",
        94..=95 => "half_day",
        _ => "absent",
    };
    // Odd couriers ride in the evening, some of them past midnight.
    let begins = if courier.number.is_multiple_of(2) {
        10 * 60
    } else {
        16 * 60
    };
    let came = begins
        + if status == "late" {
            draw(4, 20, 55)
        } else {
            draw(4, -10, 12)
        };
    let stayed = if status == "half_day" {
        draw(5, 230, 260)
    } else {
        draw(5, 490, 560)
    };
    let clock = |minutes: i64| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
    let is_there = matches!(status, "present" | "late" | "half_day");
    let overtime = if is_there && stayed > 545 { 30 } else { 0 };
    object(&json!({
        "courier_id": courier.id, "day": day, "status": status, "shift_starts_at": clock(begins),
        "check_in": is_there.then(|| clock(came)), "check_out": is_there.then(|| clock(came + stayed)),
        "break_minutes": if is_there { 30 } else { 0 }, "overtime_minutes": overtime,
    }))
}

/// A phone, a bag and a uniform for everybody, and some things that wait, are broken or gone.
async fn assets(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    let kinds = [
        (
            "phone",
            company.pick("Samsung Galaxy A15", "سامسونج جالكسي A15"),
            "649.00",
        ),
        ("bag", company.pick("Insulated bag", "حقيبة حافظة للحرارة"), "120.00"),
        ("uniform", company.pick("Shirt and jacket", "قميص وسترة"), "180.00"),
    ];
    let mut rows = Vec::new();
    for courier in company.couriers.iter().filter(|courier| courier.works()) {
        for (place, (kind, name, price)) in (0_u64..).zip(kinds) {
            let lost = place == 0 && courier.number % 17 == 5;
            let serial = (kind == "phone").then(|| format!("R58T{:07}", drawn(courier.number, 6, 0, 9_999_999)));
            rows.push(object(&json!({
                "name": name, "asset_type": kind, "status": if lost { "lost" } else { "assigned" }, "courier_id": courier.id,
                "condition": if courier.number % 4 == 3 { "fair" } else { "good" }, "serial_number": serial,
                "purchased_on": company.back(420 + courier.number), "purchase_price": price,
                "issued_on": courier.joined_on.max(company.back(300)), "acknowledged_at": (courier.number % 5 > 0).then_some(cx.now),
                "status_reason": lost.then(|| company.pick("Lost on a delivery", "فُقد أثناء التوصيل")),
            })));
        }
    }
    let waiting = [
        ("helmet", company.pick("Helmet, size L", "خوذة، مقاس L"), "available"),
        ("helmet", company.pick("Helmet, size M", "خوذة، مقاس M"), "available"),
        (
            "power_bank",
            company.pick("Power bank 20,000 mAh", "شاحن متنقل 20000"),
            "available",
        ),
        (
            "tablet",
            company.pick("Dispatch tablet", "جهاز لوحي للتوزيع"),
            "maintenance",
        ),
        ("phone", company.pick("Old phone", "جوال قديم"), "retired"),
        ("bag", company.pick("Torn bag", "حقيبة ممزقة"), "damaged"),
    ];
    rows.extend(
        waiting.map(|(kind, name, status)| object(&json!({"name": name, "asset_type": kind, "status": status}))),
    );
    platform_engine::create_many(cx, &ASSETS, rows).await.map(drop)
}

/// Every fifth courier has had a loan: some wait, some repay, one in four has repaid.
async fn loans(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    for courier in company
        .couriers
        .iter()
        .filter(|courier| courier.works() && courier.number % 5 == 1)
    {
        let months = [3_i64, 5, 6, 10][usize::try_from(courier.number / 5 % 4).unwrap_or(0)];
        let monthly = drawn(courier.number, 7, 2, 5) * 100;
        let kind = ["salary_advance", "personal", "emergency"][usize::try_from(courier.number % 3).unwrap_or(0)];
        let row = object(&json!({
            "courier_id": courier.id, "loan_type": kind,
            "amount": format!("{}.00", months * monthly), "monthly_deduction": format!("{monthly}.00"), "total_installments": months,
            "starts_on": company.back(150), "reason": company.pick("Family expenses", "مصاريف عائلية"),
        }));
        let loan = platform_engine::create(cx, &LOANS, row).await?;
        let id = loan.uuid("id").unwrap_or_default();
        let paid = match courier.number / 5 % 4 {
            0 => months,
            1 => 2,
            2 => 1,
            _ => continue,
        };
        platform_engine::act(cx, &LOANS, id, "approve", Object::new()).await?;
        if let Some(member) = company.member(5) {
            let signed = object(&json!({"approved_by": member}));
            platform_engine::change(cx, &LOANS, id, "update", signed).await?;
        }
        for number in 1..=paid {
            let on = company.back(u64::try_from(150 - 30 * number.min(4)).unwrap_or(30));
            let payment = object(
                &json!({"payment": format!("{monthly}.00"), "last_paid_on": on, "last_payment_method": "bank_transfer"}),
            );
            platform_engine::act(cx, &LOANS, id, "pay", payment).await?;
        }
    }
    Ok(())
}

/// Bonuses and penalties of the last weeks, in every state.
async fn conduct(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    let (mut bonuses, mut penalties) = (Vec::new(), Vec::new());
    let now = cx.now;
    let decided = |state: &str| (state != "pending").then_some(now);
    let signer = |state: &str| company.member(2).filter(|_| state != "pending");
    for courier in company.couriers.iter().filter(|courier| courier.works()) {
        let draw = |salt: u64, low, high| drawn(courier.number, salt, low, high);
        let ago = |salt: u64| u64::try_from(draw(salt, 3, 50)).unwrap_or(10);
        if draw(8, 1, 100) <= 30 {
            let (kind, amount, reason) = match draw(9, 0, 2) {
                0 => (
                    "performance",
                    "500.00",
                    company.pick("More than 100 deliveries", "أكثر من 100 توصيلة"),
                ),
                1 => (
                    "attendance",
                    "200.00",
                    company.pick("Not a day missed", "دوام كامل دون غياب"),
                ),
                _ => (
                    "safety",
                    "150.00",
                    company.pick("A month without a violation", "شهر بلا مخالفات"),
                ),
            };
            let state = if draw(10, 0, 3) == 0 { "pending" } else { "approved" };
            bonuses.push(object(&json!({
                "courier_id": courier.id, "bonus_type": kind, "amount": amount, "granted_on": company.back(ago(11)), "reason": reason,
                "payment_status": state, "approved_at": decided(state), "approved_by": signer(state),
            })));
        }
        if draw(12, 1, 100) <= 25 {
            let (kind, amount, reason) = match draw(13, 0, 3) {
                0 => (
                    "late_delivery",
                    "50.00",
                    company.pick(
                        "Three orders more than thirty minutes late",
                        "تأخر ثلاثة طلبات أكثر من ثلاثين دقيقة",
                    ),
                ),
                1 => (
                    "traffic_violation",
                    "150.00",
                    company.pick("Speeding recorded by Saher", "مخالفة سرعة مرصودة عبر ساهر"),
                ),
                2 => (
                    "customer_complaint",
                    "100.00",
                    company.pick("Complaint about manners, confirmed", "شكوى عميل من الأسلوب بعد التحقق"),
                ),
                _ => (
                    "policy_violation",
                    "75.00",
                    company.pick("Rode without the uniform", "القيادة دون الزي الرسمي"),
                ),
            };
            let state = ["pending", "approved", "approved", "appealed"][usize::try_from(draw(14, 0, 3)).unwrap_or(0)];
            let appealed = state == "appealed";
            penalties.push(object(&json!({
                "courier_id": courier.id, "penalty_type": kind, "amount": amount, "incident_on": company.back(ago(15)), "reason": reason,
                "status": state, "approved_at": decided(state), "approved_by": signer(state),
                "appeal_reason": appealed.then(|| company.pick("The restaurant handed the order over late", "تأخر المطعم في تسليم الطلب")),
                "appealed_at": appealed.then_some(now),
            })));
        }
    }
    platform_engine::create_many(cx, &BONUSES, bonuses).await?;
    platform_engine::create_many(cx, &PENALTIES, penalties).await.map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn a_day_is_the_same_each_time() {
        let courier = Courier {
            id: uuid::Uuid::nil(),
            number: 3,
            status: "active".into(),
            joined_on: NaiveDate::default(),
            project: "food".into(),
            sponsorship: "inhouse".into(),
        };
        let day = NaiveDate::default();
        let of = |ago: u64| Json::Object(day_of(&courier, day, ago, false));
        assert_eq!(of(1), of(1));
        assert!((1..30).any(|ago| of(ago) != of(1)), "days differ");
        assert_eq!(day_of(&courier, day, 1, true)["status"], "holiday");
    }
}
