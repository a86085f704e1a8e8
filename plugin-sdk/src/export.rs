//! From a type to the component's exports.

/// Exports a type as the plugin: `export!(MyType: lifecycle, fuel_source)`.
///
/// After the colon stand the interfaces of the contract the type implements: `lifecycle`, `fuel_source`, `order_source`,
/// `sms_gateway`, `payout_gateway`, `events`, `schedule`, `webhook`, and of the second contract `fuel_source_v2`. The component has these and no others, and the manifest
/// names the same ones.
#[macro_export]
macro_rules! export {
    ($plugin:ty: $($interface:ident),+ $(,)?) => {
        struct ExportedPlugin;
        $($crate::export_interface!($interface, $plugin);)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_interface {
    (lifecycle, $plugin:ty) => {
        impl $crate::bindings::lifecycle::exports::barq::plugin::lifecycle::Guest for ExportedPlugin {
            fn check(ctx: $crate::CallContext) -> $crate::Result<$crate::Health> {
                $crate::begin();
                <$plugin as $crate::Lifecycle>::check(&ctx)
            }
            fn migrate(ctx: $crate::CallContext, from_version: Option<String>) -> $crate::Result<()> {
                $crate::begin();
                <$plugin as $crate::Lifecycle>::migrate(&ctx, from_version.as_deref())
            }
        }
        $crate::bindings::lifecycle::export!(ExportedPlugin with_types_in $crate::bindings::lifecycle);
    };
    (fuel_source, $plugin:ty) => {
        impl $crate::bindings::fuel_source::exports::barq::plugin::fuel_source::Guest for ExportedPlugin {
            fn pull(ctx: $crate::CallContext, cursor: Option<String>, since: i64) -> $crate::Result<$crate::FuelPage> {
                $crate::begin();
                <$plugin as $crate::FuelSource>::pull(&ctx, cursor.as_deref(), since)
            }
        }
        $crate::bindings::fuel_source::export!(ExportedPlugin with_types_in $crate::bindings::fuel_source);
    };
    (fuel_source_v2, $plugin:ty) => {
        impl $crate::bindings::fuel_source_v2::exports::barq::plugin2_0_0::fuel_source::Guest for ExportedPlugin {
            fn pull(ctx: $crate::CallContext, cursor: Option<String>, since: i64) -> $crate::Result<$crate::v2::FuelPage> {
                $crate::begin();
                <$plugin as $crate::v2::FuelSource>::pull(&ctx, cursor.as_deref(), since)
            }
        }
        $crate::bindings::fuel_source_v2::export!(ExportedPlugin with_types_in $crate::bindings::fuel_source_v2);
    };
    (order_source, $plugin:ty) => {
        impl $crate::bindings::order_source::exports::barq::plugin::order_source::Guest for ExportedPlugin {
            fn pull(ctx: $crate::CallContext, cursor: Option<String>, since: i64) -> $crate::Result<$crate::OrderPage> {
                $crate::begin();
                <$plugin as $crate::OrderSource>::pull(&ctx, cursor.as_deref(), since)
            }
            fn event(ctx: $crate::CallContext, message: $crate::Inbound) -> $crate::Result<$crate::OrderNews> {
                $crate::begin();
                <$plugin as $crate::OrderSource>::event(&ctx, message)
            }
            fn push_status(
                ctx: $crate::CallContext,
                notices: Vec<$crate::StatusNotice>,
            ) -> $crate::Result<Vec<$crate::NoticeResult>> {
                $crate::begin();
                <$plugin as $crate::OrderSource>::push_status(&ctx, notices)
            }
        }
        $crate::bindings::order_source::export!(ExportedPlugin with_types_in $crate::bindings::order_source);
    };
    (sms_gateway, $plugin:ty) => {
        impl $crate::bindings::sms_gateway::exports::barq::plugin::sms_gateway::Guest for ExportedPlugin {
            fn send(
                ctx: $crate::CallContext,
                messages: Vec<$crate::SmsMessage>,
            ) -> $crate::Result<Vec<$crate::SmsResult>> {
                $crate::begin();
                <$plugin as $crate::SmsGateway>::send(&ctx, messages)
            }
            fn report(
                ctx: $crate::CallContext,
                message: $crate::Inbound,
            ) -> $crate::Result<Vec<$crate::DeliveryReport>> {
                $crate::begin();
                <$plugin as $crate::SmsGateway>::report(&ctx, message)
            }
            fn query(
                ctx: $crate::CallContext,
                messages: Vec<$crate::SmsRef>,
            ) -> $crate::Result<Vec<$crate::DeliveryReport>> {
                $crate::begin();
                <$plugin as $crate::SmsGateway>::query(&ctx, messages)
            }
        }
        $crate::bindings::sms_gateway::export!(ExportedPlugin with_types_in $crate::bindings::sms_gateway);
    };
    (payout_gateway, $plugin:ty) => {
        impl $crate::bindings::payout_gateway::exports::barq::plugin::payout_gateway::Guest for ExportedPlugin {
            fn prepare(ctx: $crate::CallContext, batch: $crate::Batch) -> $crate::Result<$crate::Prepared> {
                $crate::begin();
                <$plugin as $crate::PayoutGateway>::prepare(&ctx, batch)
            }
            fn read_file(ctx: $crate::CallContext, file: $crate::BatchFile) -> $crate::Result<$crate::PayoutReport> {
                $crate::begin();
                <$plugin as $crate::PayoutGateway>::read_file(&ctx, file)
            }
            fn query(
                ctx: $crate::CallContext,
                batch_id: String,
                provider_ref: Option<String>,
            ) -> $crate::Result<$crate::PayoutReport> {
                $crate::begin();
                <$plugin as $crate::PayoutGateway>::query(&ctx, &batch_id, provider_ref.as_deref())
            }
        }
        $crate::bindings::payout_gateway::export!(ExportedPlugin with_types_in $crate::bindings::payout_gateway);
    };
    (events, $plugin:ty) => {
        impl $crate::bindings::events::exports::barq::plugin::events::Guest for ExportedPlugin {
            fn handle(ctx: $crate::CallContext, event: $crate::Event) -> $crate::Result<Vec<$crate::Effect>> {
                $crate::begin();
                <$plugin as $crate::Events>::handle(&ctx, event)
            }
        }
        $crate::bindings::events::export!(ExportedPlugin with_types_in $crate::bindings::events);
    };
    (schedule, $plugin:ty) => {
        impl $crate::bindings::schedule::exports::barq::plugin::schedule::Guest for ExportedPlugin {
            fn run(ctx: $crate::CallContext, name: String, planned_for: i64) -> $crate::Result<Vec<$crate::Effect>> {
                $crate::begin();
                <$plugin as $crate::Schedule>::run(&ctx, &name, planned_for)
            }
            fn job(
                ctx: $crate::CallContext,
                name: String,
                key: String,
                payload: Vec<u8>,
            ) -> $crate::Result<Vec<$crate::Effect>> {
                $crate::begin();
                <$plugin as $crate::Schedule>::job(&ctx, &name, &key, payload)
            }
        }
        $crate::bindings::schedule::export!(ExportedPlugin with_types_in $crate::bindings::schedule);
    };
    (webhook, $plugin:ty) => {
        impl $crate::bindings::webhook::exports::barq::plugin::webhook::Guest for ExportedPlugin {
            fn receive(ctx: $crate::CallContext, request: $crate::Inbound) -> $crate::Result<$crate::Handled> {
                $crate::begin();
                <$plugin as $crate::Webhook>::receive(&ctx, request)
            }
        }
        $crate::bindings::webhook::export!(ExportedPlugin with_types_in $crate::bindings::webhook);
    };
    ($other:ident, $plugin:ty) => {
        compile_error!(concat!(
            "`",
            stringify!($other),
            "` is no interface a plugin exports; there are lifecycle, fuel_source, order_source, sms_gateway, \
             payout_gateway, events, schedule and webhook"
        ));
    };
}

/// Exports a type as a plugin that brings fuel transactions and does nothing else.
#[macro_export]
macro_rules! fuel_plugin {
    ($plugin:ty) => {
        impl $crate::Lifecycle for $plugin {
            fn check(ctx: &$crate::CallContext) -> $crate::Result<$crate::Health> {
                <$plugin as $crate::FuelPlugin>::check(ctx)
            }
        }
        impl $crate::FuelSource for $plugin {
            fn pull(ctx: &$crate::CallContext, cursor: Option<&str>, since: i64) -> $crate::Result<$crate::FuelPage> {
                <$plugin as $crate::FuelPlugin>::pull(ctx, cursor, since)
            }
        }
        $crate::export!($plugin: lifecycle, fuel_source);
    };
}

/// Makes a panic's words reach the log; called before each call.
#[doc(hidden)]
pub fn begin() {
    std::panic::set_hook(Box::new(|info| crate::log::error(&info.to_string(), &[])));
}
