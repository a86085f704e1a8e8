//! Into the guest: one instance, one function.

use wasmtime::component::Instance;
use wasmtime::{AsContextMut, Store};

use platform_plugin_records::FaultKind;

use super::bindings::{self, Give};
use super::engine::{FuelSource, Loaded};
use super::state::{State, stop};
use crate::input::Input;
use crate::wire::Answer;

/// Checks the types of everything a component exports, which only shows with an instance.
pub(super) fn look(loaded: &Loaded, store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<()> {
    loaded.lifecycle.load(store.as_context_mut(), instance)?;
    macro_rules! each {
        ($($export:ident),+) => {
            $(if let Some(indices) = &loaded.$export {
                indices.load(store.as_context_mut(), instance)?;
            })+
        };
    }
    match &loaded.fuel_source {
        Some(FuelSource::First(indices)) => {
            indices.load(store.as_context_mut(), instance)?;
        }
        Some(FuelSource::Second(indices)) => {
            indices.load(store.as_context_mut(), instance)?;
        }
        None => {}
    }
    each!(order_source, sms_gateway, payout_gateway, events, schedule, webhook);
    Ok(())
}

/// Makes an instance and calls the function.
pub(super) async fn enter(loaded: &Loaded, store: &mut Store<State>, input: Input) -> wasmtime::Result<Answer> {
    let instance: Instance = loaded.pre.instantiate_async(store.as_context_mut()).await?;
    let context = store.data().call_context();
    macro_rules! guest {
        ($export:ident) => {
            match &loaded.$export {
                Some(indices) => indices.load(store.as_context_mut(), &instance)?,
                None => return Err(missing(&input)),
            }
        };
    }
    macro_rules! call {
        ($guest:expr, $function:ident($($argument:expr),*), $answer:expr) => {{
            let guest = $guest;
            match guest.$function(store.as_context_mut(), &context $(, $argument)*).await? {
                Ok(value) => $answer(value),
                Err(failure) => Answer::Failure(bindings::failure(failure)),
            }
        }};
    }
    macro_rules! lifecycle {
        () => {
            loaded.lifecycle.load(store.as_context_mut(), &instance)?
        };
    }
    Ok(match &input {
        Input::Check => call!(lifecycle!(), call_check(), bindings::health),
        Input::Migrate { from_version } => {
            call!(lifecycle!(), call_migrate(from_version.as_deref()), |()| {
                Answer::Migrated
            })
        }
        Input::FuelPull { cursor, since } => {
            let (cursor, since_ms) = (cursor.as_deref(), since.timestamp_millis());
            match &loaded.fuel_source {
                Some(FuelSource::First(indices)) => {
                    let guest = indices.load(store.as_context_mut(), &instance)?;
                    call!(guest, call_pull(cursor, since_ms), bindings::fuel_page)
                }
                Some(FuelSource::Second(indices)) => {
                    let guest = indices.load(store.as_context_mut(), &instance)?;
                    call!(guest, call_pull(cursor, since_ms), bindings::second_fuel_page)
                }
                None => return Err(missing(&input)),
            }
        }
        Input::OrdersPull { cursor, since } => call!(
            guest!(order_source),
            call_pull(cursor.as_deref(), since.timestamp_millis()),
            bindings::order_page
        ),
        Input::OrderEvent(message) => call!(guest!(order_source), call_event(&message.give()), bindings::order_news),
        Input::OrderStatus(notices) => {
            call!(
                guest!(order_source),
                call_push_status(&notices.give()),
                bindings::notice_results
            )
        }
        Input::SmsSend(messages) => call!(guest!(sms_gateway), call_send(&messages.give()), bindings::sms_results),
        Input::SmsReport(message) => call!(guest!(sms_gateway), call_report(&message.give()), bindings::sms_reports),
        Input::SmsQuery(messages) => call!(guest!(sms_gateway), call_query(&messages.give()), bindings::sms_reports),
        Input::PayoutBatch(batch) => call!(guest!(payout_gateway), call_prepare(&batch.give()), bindings::prepared),
        Input::PayoutFile(file) => call!(
            guest!(payout_gateway),
            call_read_file(&file.give()),
            bindings::payout_report
        ),
        Input::PayoutQuery { batch_id, provider_ref } => call!(
            guest!(payout_gateway),
            call_query(batch_id, provider_ref.as_ref()),
            bindings::payout_report
        ),
        Input::Event(event) => call!(guest!(events), call_handle(&event.give()), |effects| {
            bindings::returned_effects(effects, None)
        }),
        Input::Schedule { name, planned_for } => call!(
            guest!(schedule),
            call_run(name, planned_for.timestamp_millis()),
            |effects| bindings::returned_effects(effects, None)
        ),
        Input::Job { name, key, payload } => call!(guest!(schedule), call_job(name, key, payload), |effects| {
            bindings::returned_effects(effects, None)
        }),
        Input::Webhook(request) => call!(
            guest!(webhook),
            call_receive(&request.give()),
            |handled: bindings::exports::barq::plugin::webhook::Handled| {
                bindings::returned_effects(handled.effects, handled.reply.map(bindings::reply))
            }
        ),
    })
}

fn missing(input: &Input) -> wasmtime::Error {
    let export = input.export().map_or("lifecycle", |export| export.as_str());
    stop(
        FaultKind::Denied,
        format!("the plugin does not export barq:plugin/{export}"),
    )
}
