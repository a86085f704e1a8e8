//! Expenses of two months, budgets of the quarter, the last quarter's VAT return, and the account that pays wages.

use chrono::{Datelike, Months, NaiveDate};
use platform_core::{Cx, Problem};
use serde_json::json;

use super::{Company, Object, drawn, object};
use crate::{BUDGETS, EXPENSES, PAYING_ACCOUNTS, TAX_RETURNS};

/// Category, vendor in English and Arabic, amounts from and to, whether with VAT.
const EXPENSE_KINDS: [(&str, &str, &str, i64, i64, bool); 8] = [
    (
        "fuel",
        "Aldrees Petroleum",
        "الدريس للخدمات البترولية",
        2_500,
        6_800,
        true,
    ),
    ("maintenance", "Petromin Express", "بترومين إكسبرس", 300, 2_400, true),
    ("rent", "Al-Olaya Offices", "مكاتب العليا", 8_000, 8_000, true),
    (
        "utilities",
        "Saudi Electricity Company",
        "الشركة السعودية للكهرباء",
        350,
        1_400,
        true,
    ),
    ("insurance", "Tawuniya", "التعاونية للتأمين", 1_800, 5_200, true),
    ("government_fees", "Absher Business", "أبشر أعمال", 650, 2_600, false),
    ("communications", "stc business", "أعمال stc", 900, 2_100, true),
    ("supplies", "Jarir Bookstore", "مكتبة جرير", 120, 900, true),
];

pub(super) async fn seed(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    expenses(cx, company).await?;
    let account = json!({
        "name": company.pick("Payroll account", "حساب الرواتب"), "iban": "SA8880000123456789012345",
        "establishment_number": "1012345678", "ministry_number": "1-1234567", "is_default": true,
    });
    platform_engine::create(cx, &PAYING_ACCOUNTS, object(&account)).await?;
    let quarter = quarter(company.today);
    let until = quarter
        .checked_add_months(Months::new(3))
        .and_then(|day| day.pred_opt());
    let budgets = [
        ("fuel", company.pick("Fuel of the quarter", "وقود الربع"), "42000.00"),
        (
            "maintenance",
            company.pick("Maintenance of the quarter", "صيانة الربع"),
            "12000.00",
        ),
        (
            "communications",
            company.pick("Communications of the quarter", "اتصالات الربع"),
            "6000.00",
        ),
        (
            "supplies",
            company.pick("Supplies of the quarter", "مستلزمات الربع"),
            "3000.00",
        ),
    ];
    let rows = budgets.map(|(category, name, amount)| {
        object(&json!({"name": name, "category": category, "starts_on": quarter, "ends_on": until, "amount": amount}))
    });
    platform_engine::create_many(cx, &BUDGETS, rows.into()).await?;
    vat_return(cx, quarter).await
}

fn quarter(day: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1).unwrap_or(day)
}

async fn expenses(cx: &mut Cx, company: &Company) -> Result<(), Problem> {
    let now = cx.now;
    let mut rows = Vec::new();
    for number in 0..32_u64 {
        let (category, english, arabic, low, high, with_vat) = EXPENSE_KINDS[usize::try_from(number % 8).unwrap_or(0)];
        let amount = drawn(number, 30, low, high);
        let state = match number / 8 {
            0 if number % 3 == 0 => "pending",
            0 | 1 => "approved",
            _ => "paid",
        };
        let spent_on = company.back(number * 2 + 1);
        let is_decided = state != "pending";
        let is_paid = state == "paid";
        rows.push(object(&json!({
            "category": category, "spent_on": spent_on, "amount": format!("{amount}.00"),
            "vat_amount": if with_vat { format!("{}.{:02}", amount * 15 / 100, amount * 15 % 100) } else { "0.00".into() },
            "vendor_name": company.pick(english, arabic), "vendor_vat_number": with_vat.then(|| format!("3{:013}3", 1_000_000_007 * (number % 8 + 1))),
            "invoice_number": format!("INV-{}", 2000 + number), "status": state, "approved_at": is_decided.then_some(now),
            "approved_by": company.member(3).filter(|_| is_decided), "paid_on": is_paid.then(|| spent_on.succ_opt()).flatten(),
            "payment_method": is_paid.then_some("bank_transfer"),
        })));
    }
    platform_engine::create_many(cx, &EXPENSES, rows).await.map(drop)
}

/// The quarter before, filed.
async fn vat_return(cx: &mut Cx, quarter: NaiveDate) -> Result<(), Problem> {
    let from = quarter.checked_sub_months(Months::new(3)).unwrap_or(quarter);
    let row = json!({"period_starts_on": from, "period_ends_on": quarter.pred_opt(), "taxable_sales": "412500.00",
                     "taxable_purchases": "138240.00"});
    let filed = platform_engine::create(cx, &TAX_RETURNS, object(&row)).await?;
    let id = filed.uuid("id").unwrap_or_default();
    platform_engine::act(cx, &TAX_RETURNS, id, "calculate", Object::new()).await?;
    let filing = json!({"filing_reference": "VAT-100482", "filed_on": quarter});
    platform_engine::act(cx, &TAX_RETURNS, id, "file", object(&filing))
        .await
        .map(drop)
}
