//! Many deliveries at once: couriers are found for all of them together, so that one does not take what another needs more.

use platform_core::{Cx, Problem};
use platform_engine::load;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::DELIVERIES;
use crate::dispatch_choice::{ask, candidates, order_of, usual_limits};
use crate::engine;
use crate::geometry::rounded;

/// Deliveries with places that wait for a courier, the most pressing first: at most thirty are solved at once.
pub(crate) const PENDING: &str = "SELECT id FROM operations.deliveries WHERE organization_id = $1 AND status = 'pending'
    AND deleted_at IS NULL AND pickup_latitude IS NOT NULL AND pickup_longitude IS NOT NULL
    ORDER BY array_position(ARRAY['urgent', 'high', 'normal', 'low'], priority), coalesce(ordered_at, created_at), id LIMIT 30";

/// What to do with what is found.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// Also ask the couriers; otherwise nothing is written.
    assign: Option<bool>,
}

/// Couriers for everything that waits.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Batch {
    /// In the order in which they were settled.
    data: Vec<Pair>,
    /// Deliveries for which nobody fits.
    without_courier: Vec<Left>,
}

/// A delivery and its courier.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Pair {
    delivery_id: Uuid,
    courier_id: Uuid,
    /// The engine's score at the moment of the choice.
    #[schemars(with = "String")]
    score: Decimal,
    /// The dispatch that was written.
    dispatch_assignment_id: Option<Uuid>,
}

/// A delivery that goes on waiting.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Left {
    delivery_id: Uuid,
}

/// `POST /operations/dispatch/propose_all`.
pub(crate) async fn propose_all(cx: &mut Cx, asked: Asked) -> Result<Batch, Problem> {
    let organization_id = cx.organization_id;
    let ids: Vec<Uuid> = sqlx::query_scalar(PENDING)
        .bind(organization_id)
        .fetch_all(cx.db())
        .await?;
    let (mut deliveries, mut orders) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
    for id in &ids {
        let delivery = load(cx, &DELIVERIES, *id).await?;
        orders.push((order_of(cx, *id, &delivery).await?, delivery.uuid("zone_id")));
        deliveries.push(delivery);
    }
    let limits = usual_limits(cx).await?;
    let (couriers, _) = candidates(cx, &limits).await?;
    let given = engine::jointly(couriers, &orders, limits.max_km);
    let mut data = Vec::with_capacity(given.len());
    for (number, fit) in &given {
        let written = if asked.assign == Some(true) {
            Some(ask(cx, ids[*number], &deliveries[*number], fit, &limits).await?)
        } else {
            None
        };
        data.push(Pair {
            delivery_id: ids[*number],
            courier_id: fit.courier,
            score: rounded(fit.score, 2),
            dispatch_assignment_id: written,
        });
    }
    let is_given = |number: &usize| given.iter().any(|(other, _)| other == number);
    let without_courier = (0..ids.len()).filter(|number| !is_given(number)).map(|number| Left {
        delivery_id: ids[number],
    });
    Ok(Batch {
        data,
        without_courier: without_courier.collect(),
    })
}
