//! A verified paper says until when: its day goes to the courier or the vehicle whose paper it is.

use platform_core::{Cx, Event, Problem};
use platform_resource::Resource;
use serde_json::{Map, json};

use crate::{COURIERS, DOCUMENTS, VEHICLES};

/// The field that keeps the day of a paper of this kind.
fn field_of(document_type: &str) -> Option<(&'static Resource, &'static str, &'static str)> {
    match document_type {
        "iqama" => Some((&COURIERS, "courier_id", "iqama_expires_on")),
        "passport" => Some((&COURIERS, "courier_id", "passport_expires_on")),
        "driver_license" => Some((&COURIERS, "courier_id", "license_expires_on")),
        "vehicle_registration" | "mulkiya" => Some((&VEHICLES, "vehicle_id", "registration_expires_on")),
        "insurance" => Some((&VEHICLES, "vehicle_id", "insurance_expires_on")),
        _ => None,
    }
}

/// Moves the day forward; an older paper that is verified later changes nothing.
pub(super) async fn document_verified(cx: &mut Cx, event: &Event) -> Result<(), Problem> {
    let document = platform_engine::load(cx, &DOCUMENTS, event.subject).await?;
    let Some((resource, reference, field)) = document.text("document_type").and_then(field_of) else {
        return Ok(());
    };
    let (Some(id), Some(expires_on)) = (document.uuid(reference), document.date("expires_on")) else {
        return Ok(());
    };
    let subject = platform_engine::load(cx, resource, id).await?;
    if subject.date(field).is_some_and(|known| known >= expires_on) {
        return Ok(());
    }
    let change = Map::from_iter([(field.to_owned(), json!(expires_on))]);
    platform_engine::change(cx, resource, id, "update", change)
        .await
        .map(drop)
}
