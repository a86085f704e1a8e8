//! From what the guest returned to what may be stored: shape was checked by the sandbox, meaning is checked here.

use platform_plugin_records::{
    Fault, FaultKind, Permitted, RefusedRow, Rules, check_effects, check_fuel_transactions, check_notice_results,
    check_order_updates, check_orders, check_payout_statuses, check_prepared, check_reply, check_sms_reports,
    check_sms_results, clean,
};

use crate::input::Input;
use crate::outcome::{Answer, FuelPage, Handled, Health, OrderNews, OrderPage, Reports, Results, fault, malformed};
use crate::wire;

const MAX_CURSOR_BYTES: usize = 4 * 1024;

/// What an answer is checked against.
pub(crate) struct Against<'a> {
    pub input: &'a Input,
    pub rules: Rules,
    pub permitted: Permitted,
    pub max_records: usize,
}

/// The answer to the input, or why there is none.
pub(crate) fn accept(raw: wire::Answer, against: &Against<'_>) -> Result<Answer, Fault> {
    let given = raw.records();
    if given > against.max_records {
        let detail = format!("an answer of {given} records; the limit is {}", against.max_records);
        return Err(fault(FaultKind::Budget, &detail));
    }
    let rules = &against.rules;
    let mut refused = Vec::new();
    Ok(match (against.input, raw) {
        (Input::Check, wire::Answer::Health { degraded }) => Answer::Health(match degraded {
            None => Health::Ok,
            Some(why) => Health::Degraded(clean(&why, 500).0.unwrap_or_default()),
        }),
        (Input::Migrate { .. }, wire::Answer::Migrated) => Answer::Migrated,
        (Input::FuelPull { .. }, wire::Answer::FuelPage(page)) => {
            check_cursor(&page)?;
            let checked = check_fuel_transactions(page.records, rules);
            Answer::FuelPage(FuelPage {
                transactions: checked.transactions,
                refused: readable(page.unreadable).chain(checked.refused).collect(),
                repeated: checked.repeated,
                cursor: page.cursor,
                more: page.more,
            })
        }
        (Input::OrdersPull { .. }, wire::Answer::Orders(page, updates)) => {
            check_cursor(&page)?;
            refused.extend(readable(page.unreadable));
            Answer::OrderPage(OrderPage {
                orders: check_orders(page.records, rules, &mut refused),
                updates: check_order_updates(updates, rules, &mut refused),
                refused,
                cursor: page.cursor,
                more: page.more,
            })
        }
        (Input::OrderEvent(_), wire::Answer::Orders(page, updates)) => {
            refused.extend(readable(page.unreadable));
            Answer::OrderNews(OrderNews {
                orders: check_orders(page.records, rules, &mut refused),
                updates: check_order_updates(updates, rules, &mut refused),
                refused,
            })
        }
        (Input::OrderStatus(asked), wire::Answer::NoticeResults(results)) => Answer::OrderStatus(Results {
            results: check_notice_results(asked, results, &mut refused),
            refused,
        }),
        (Input::SmsSend(asked), wire::Answer::SmsResults(results)) => Answer::SmsSend(Results {
            results: check_sms_results(asked, results, rules, &mut refused),
            refused,
        }),
        (Input::SmsReport(_) | Input::SmsQuery(_), wire::Answer::SmsReports(page)) => {
            refused.extend(readable(page.unreadable));
            Answer::SmsReports(Reports {
                reports: check_sms_reports(page.records, rules, &mut refused),
                refused,
            })
        }
        (Input::PayoutBatch(batch), wire::Answer::Prepared(prepared)) => {
            let prepared = check_prepared(batch, *prepared, rules);
            Answer::PayoutBatch(prepared.map_err(|row| malformed(&in_words(&row)))?)
        }
        (Input::PayoutFile(_) | Input::PayoutQuery { .. }, wire::Answer::PayoutReport(page)) => {
            refused.extend(readable(page.unreadable));
            Answer::PayoutReport(Reports {
                reports: check_payout_statuses(page.records, rules, &mut refused),
                refused,
            })
        }
        (Input::Event(_) | Input::Schedule { .. } | Input::Job { .. }, wire::Answer::Effects { effects, .. }) => {
            Answer::Effects(check_effects(effects, &against.permitted, rules))
        }
        (Input::Webhook(_), wire::Answer::Effects { reply, effects }) => {
            if let Some(reply) = &reply {
                check_reply(reply).map_err(|row| malformed(&in_words(&row)))?;
            }
            Answer::Webhook(Handled {
                reply,
                effects: check_effects(effects, &against.permitted, rules),
            })
        }
        _ => return Err(malformed("what another function answers with")),
    })
}

fn check_cursor<T>(page: &wire::RawPage<T>) -> Result<(), Fault> {
    if page
        .cursor
        .as_ref()
        .is_some_and(|cursor| cursor.len() > MAX_CURSOR_BYTES)
    {
        return Err(malformed("a cursor over 4 KiB"));
    }
    if page.more && page.cursor.is_none() {
        return Err(malformed("more pages but no cursor to continue from"));
    }
    Ok(())
}

/// Rows the plugin could not read, made safe to show.
fn readable(rows: Vec<RefusedRow>) -> impl Iterator<Item = RefusedRow> {
    let safe = |text: String| clean(&text, 200).0.unwrap_or_default();
    rows.into_iter().map(move |row| RefusedRow {
        record: row.record,
        index: row.index,
        external_id: safe(row.external_id),
        field: safe(row.field),
        reason: safe(row.reason),
    })
}

fn in_words(row: &RefusedRow) -> String {
    format!(
        "a {} whose {} is not acceptable ({})",
        row.record.replace('_', " "),
        row.field,
        row.reason
    )
}
