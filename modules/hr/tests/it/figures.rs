//! Operations over stored rows.

use hr::{BUDGETS, EXPENSES, LOANS};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn budgets_and_vat_follow_the_expenses() {
    let world = World::new().await;
    let budget = json!({"name": "Fuel of June", "category": "fuel", "starts_on": "2026-06-01", "ends_on": "2026-06-30",
                        "amount": "1000.00"});
    world.create(&BUDGETS, &budget).await;
    for (amount, vat, approve) in [
        ("900.00", "135.00", true),
        ("300.00", "45.00", true),
        ("50.00", "7.50", false),
    ] {
        let row = json!({"category": "fuel", "spent_on": "2026-06-10", "amount": amount, "vat_amount": vat});
        let id = world.create(&EXPENSES, &row).await;
        if approve {
            world.act(&EXPENSES, id, "approve", &json!({})).await.unwrap();
        }
    }
    let found = world.call("hr.budgets.variances", "", "").await.unwrap();
    let row = &found["data"][0];
    assert_eq!(
        (&row["actual"], &row["variance"], &row["variance_percent"]),
        (&json!("1200.00"), &json!("200.00"), &json!("20.00"))
    );
    let query = "from=2026-04-01&to=2026-06-30&taxable_sales=20000.00";
    let vat = world.call("hr.tax_returns.figures", query, "").await.unwrap();
    assert_eq!(
        (
            &vat["output_vat"],
            &vat["input_vat"],
            &vat["net_vat"],
            &vat["without_vat_number"]
        ),
        (&json!("3000.00"), &json!("180.00"), &json!("2820.00"), &json!(2))
    );
}

#[tokio::test]
async fn the_last_day_of_a_courier() {
    let world = World::new().await;
    let courier = world.courier("A", "2020-01-01", "Pakistani").await;
    let loan = json!({"courier_id": courier, "loan_type": "personal", "amount": "500.00", "monthly_deduction": "100.00",
                      "starts_on": "2025-01-01"});
    let loan = world.create(&LOANS, &loan).await;
    world.act(&LOANS, loan, "approve", &json!({})).await.unwrap();
    let query = format!("courier_id={courier}&last_day=2025-12-31&reason=employer_termination");
    let end = world.call("hr.end_of_service.read", &query, "").await.unwrap();
    // Six years on 3,000 and 750: 3.5 wages; 30 days of leave on 3,000; less the loan.
    assert_eq!(
        (&end["award"], &end["unused_leave"], &end["loans"]),
        (&json!("13125.00"), &json!("3000.00"), &json!("500.00"))
    );
    assert_eq!(
        (&end["net"], &end["settle_by"]),
        (&json!("15625.00"), &json!("2026-01-07"))
    );

    let query = "joined_on=2020-01-01&last_day=2025-12-31&monthly_wage=3000&reason=resignation";
    let end = world.call("hr.end_of_service.calculate", query, "").await.unwrap();
    assert_eq!(
        (&end["full_award"], &end["award"]),
        (&json!("10500.00"), &json!("7000.00"))
    );
    assert_eq!(end["service"], json!({"years": 6, "months": 0, "days": 0}));
}

#[tokio::test]
async fn rules_are_adopted_once_and_give_the_same_figures() {
    let world = World::new().await;
    let preview =
        "category=ecommerce_wh&year=2025&month=12&period_target=500&joined_on=2025-12-15&orders=200&gas_usage=120";
    let documented = world.call("hr.payroll.preview", preview, "").await.unwrap();
    assert_eq!(
        (&documented["total"], &documented["rounding"]),
        (&json!("963.63"), &json!("-0.01"))
    );
    let wage = "basic=6000&housing=1500&contributor_class=saudi_new&on=2026-11-05";
    let by_law = world.call("hr.gosi.calculate", wage, "").await.unwrap();
    assert_eq!(
        (&by_law["employee"], &by_law["employer"]),
        (&json!("806.25"), &json!("956.25"))
    );

    let made = world.call("hr.rules.adopt", "", "{}").await.unwrap();
    assert_eq!(
        made,
        json!({"gosi_rates": 7, "leave_entitlements": 13, "payroll_parameters": 6})
    );
    let made = world.call("hr.rules.adopt", "", "{}").await.unwrap();
    assert_eq!(
        made,
        json!({"gosi_rates": 0, "leave_entitlements": 0, "payroll_parameters": 0})
    );
    assert_eq!(world.call("hr.payroll.preview", preview, "").await.unwrap(), documented);
    assert_eq!(world.call("hr.gosi.calculate", wage, "").await.unwrap(), by_law);

    let gcc = world
        .call("hr.gosi.calculate", "basic=6000&contributor_class=gcc", "")
        .await
        .unwrap_err();
    assert_eq!(gcc.code, "no_gosi_rate");
}

#[tokio::test]
async fn a_month_of_social_insurance_names_who_lacks_a_nationality() {
    let world = World::new().await;
    world.courier("A", "2024-01-01", "Saudi").await;
    world.courier("B", "2024-01-01", "Pakistani").await;
    world.courier("C", "2024-01-01", "").await;
    let month = world.call("hr.gosi.summary", "year=2026&month=6", "").await.unwrap();
    assert_eq!(
        (&month["employee"], &month["employer"]),
        (&json!("365.63"), &json!("515.63"))
    );
    assert_eq!(month["data"][2]["problem"], "no_nationality");
    let gaps = world.call("hr.payroll.gaps", "year=2026&month=6", "").await.unwrap();
    assert_eq!(gaps["data"].as_array().unwrap().len(), 3);
    assert_eq!(gaps["data"][0]["problem"], "no_target");
}

const MONTH: &str = "SELECT string_agg(status || ' ' || count, ', ' ORDER BY status) FROM (
    SELECT r.status || '/' || s.status AS status, count(*) FROM hr.salaries s
    JOIN hr.payroll_runs r ON r.organization_id = s.organization_id AND r.id = s.run_id
    WHERE s.organization_id = $1 GROUP BY 1) AS counted";
const BROKEN: &str = "SELECT count(*)::text FROM hr.salaries s WHERE s.organization_id = $1 AND s.net_salary <> (
    SELECT sum(n.amount) FROM hr.salary_lines n WHERE n.organization_id = $1 AND n.salary_id = s.id)";

#[tokio::test]
async fn the_demonstration_has_a_paid_month_and_one_to_approve() {
    let world = World::new().await;
    for number in 0..30 {
        let nationality = if number % 4 == 0 { "Saudi" } else { "Pakistani" };
        world.courier(&format!("C{number:02}"), "2024-03-01", nationality).await;
    }
    let mut cx = world.cx(platform_core::Mode::Write).await;
    hr::demo::demo(&mut cx, 1).await.unwrap();
    cx.commit().await.unwrap();
    assert_eq!(world.text(MONTH).await, "paid/paid 30, reviewed/calculated 30");
    assert_eq!(world.text(BROKEN).await, "0");
    let summary = world
        .call("hr.attendance.summary", "from=2026-05-14&to=2026-06-16", "")
        .await
        .unwrap();
    assert_eq!(summary["data"].as_array().unwrap().len(), 30);
    let overview = world.call("hr.overview.read", "", "").await.unwrap();
    assert_eq!(overview["payroll"], json!({"month": "2026-05", "status": "reviewed"}));
    assert_eq!(overview["waiting"]["payroll_runs"], 1);
}

#[tokio::test]
async fn what_the_database_cannot_take_is_refused() {
    let world = World::new().await;
    let far = "%2B262142-01-01";
    let id = world.courier("A", "2024-01-01", "Saudi").await;
    for (operation, query) in [
        ("hr.attendance.summary", format!("from={far}&to={far}")),
        ("hr.leaves.balances", format!("courier_id={id}&on={far}")),
        ("hr.penalties.totals", "from=-262142-01-01&to=2026-01-01".into()),
        (
            "hr.end_of_service.read",
            format!("courier_id={id}&reason=death&last_day={far}"),
        ),
        ("hr.end_of_service.list", format!("to={far}")),
        ("hr.gosi.calculate", format!("basic=1&nationality=Saudi&on={far}")),
        ("hr.gosi.summary", "year=9999999999&month=1".into()),
        ("hr.payroll.gaps", "year=1&month=1".into()),
        (
            "hr.payroll.preview",
            "category=%00&year=2026&month=1&period_target=1&joined_on=2020-01-01".into(),
        ),
        (
            "hr.payroll.preview",
            "category=ecommerce&year=-5000&month=1&period_target=1&joined_on=2020-01-01".into(),
        ),
    ] {
        let problem = world.call(operation, &query, "").await.unwrap_err();
        assert_eq!(problem.status.as_u16(), 422, "{operation} {query}: {problem:?}");
    }
    let left = world.call("hr.end_of_service.list", "", "").await.unwrap();
    assert_eq!(left["data"], json!([]));
}
