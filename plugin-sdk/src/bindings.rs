//! What the contract's text becomes in Rust. The types come once, from the world that names all of them. Each interface a
//! plugin may export is bound alone, in a world of its own: a plugin exports what it implements and nothing else, and the
//! macros of two worlds never meet.

#![expect(clippy::same_length_and_capacity, reason = "generated from the contract")]

wit_bindgen::generate!({
    path: "wit/since_v1",
    world: "vocabulary",
});

pub mod lifecycle {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-lifecycle",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::lifecycle",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
        },
    });
}

pub mod fuel_source {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-fuel-source",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::fuel_source",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/fuel@1.0.0": crate::bindings::barq::plugin::fuel,
        },
    });
}

pub mod order_source {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-order-source",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::order_source",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/orders@1.0.0": crate::bindings::barq::plugin::orders,
        },
    });
}

pub mod sms_gateway {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-sms-gateway",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::sms_gateway",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/sms@1.0.0": crate::bindings::barq::plugin::sms,
        },
    });
}

pub mod payout_gateway {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-payout-gateway",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::payout_gateway",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/payouts@1.0.0": crate::bindings::barq::plugin::payouts,
        },
    });
}

pub mod events {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-events",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::events",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/fuel@1.0.0": crate::bindings::barq::plugin::fuel,
            "barq:plugin/orders@1.0.0": crate::bindings::barq::plugin::orders,
            "barq:plugin/sms@1.0.0": crate::bindings::barq::plugin::sms,
            "barq:plugin/payouts@1.0.0": crate::bindings::barq::plugin::payouts,
            "barq:plugin/effects@1.0.0": crate::bindings::barq::plugin::effects,
        },
    });
}

pub mod schedule {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-schedule",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::schedule",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/fuel@1.0.0": crate::bindings::barq::plugin::fuel,
            "barq:plugin/orders@1.0.0": crate::bindings::barq::plugin::orders,
            "barq:plugin/sms@1.0.0": crate::bindings::barq::plugin::sms,
            "barq:plugin/payouts@1.0.0": crate::bindings::barq::plugin::payouts,
            "barq:plugin/effects@1.0.0": crate::bindings::barq::plugin::effects,
        },
    });
}

pub mod webhook {
    wit_bindgen::generate!({
        path: "wit/since_v1",
        world: "exports-webhook",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::webhook",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
            "barq:plugin/fuel@1.0.0": crate::bindings::barq::plugin::fuel,
            "barq:plugin/orders@1.0.0": crate::bindings::barq::plugin::orders,
            "barq:plugin/sms@1.0.0": crate::bindings::barq::plugin::sms,
            "barq:plugin/payouts@1.0.0": crate::bindings::barq::plugin::payouts,
            "barq:plugin/effects@1.0.0": crate::bindings::barq::plugin::effects,
        },
    });
}

/// Fuel transactions of the second contract.
pub mod fuel_source_v2 {
    wit_bindgen::generate!({
        path: ["wit/since_v1", "wit/since_v2"],
        world: "barq:plugin/exports-fuel-source-v2@2.0.0",
        pub_export_macro: true,
        export_macro_name: "export",
        default_bindings_module: "barq_plugin::bindings::fuel_source_v2",
        with: {
            "barq:plugin/types@1.0.0": crate::bindings::barq::plugin::types,
        },
        generate_all,
    });
}
