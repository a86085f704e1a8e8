//! What delivery platforms call the states of an order, and what they mean here. A word that is not known stays as it came
//! and is flagged: guessing that it means `pending` would hide a delivered order.

use strum::{EnumString, IntoStaticStr, VariantNames};

/// An order's states, the same for every platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum OrderStatus {
    Pending,
    Assigned,
    PickedUp,
    InTransit,
    Delivered,
    Failed,
    Cancelled,
    Returned,
}

/// Delivery platforms whose orders may come in.
pub(crate) const PLATFORMS: &[&str] = &[
    "barq",
    "jahez",
    "saned",
    "hungerstation",
    "mrsool",
    "nana",
    "keeta",
    "chefz",
    "mealme",
    "amazon",
    "kaykroo",
    "chalhoub",
    "spl",
    "other",
];

/// Other names of platforms.
pub(crate) const PLATFORM_ALIASES: &[(&str, &str)] = &[
    ("hunger", "hungerstation"),
    ("hunger_station", "hungerstation"),
    ("the_chefz", "chefz"),
    ("spl_wh", "spl"),
    ("spl_ds", "spl"),
];

/// What a platform's word means; nothing when it is not known.
pub(crate) fn meaning(platform: &str, word: &str) -> Option<OrderStatus> {
    let folded = word.trim().to_lowercase().replace([' ', '-'], "_");
    match platform {
        "barq" => of_barq(&folded),
        "jahez" | "saned" => of_restaurants(&folded),
        // The others have not said what their words mean: only the words that mean the same everywhere are taken.
        _ => folded.parse().ok(),
    }
}

fn of_barq(word: &str) -> Option<OrderStatus> {
    match word {
        "pending" | "new" => Some(OrderStatus::Pending),
        "assigned" | "accepted" => Some(OrderStatus::Assigned),
        "picked_up" | "picking" => Some(OrderStatus::PickedUp),
        "in_transit" | "on_the_way" | "delivering" => Some(OrderStatus::InTransit),
        "delivered" | "completed" => Some(OrderStatus::Delivered),
        "failed" => Some(OrderStatus::Failed),
        "cancelled" => Some(OrderStatus::Cancelled),
        "returned" => Some(OrderStatus::Returned),
        _ => None,
    }
}

fn of_restaurants(word: &str) -> Option<OrderStatus> {
    match word {
        "pending" | "new" | "waiting" => Some(OrderStatus::Pending),
        "accepted" | "assigned" | "driver_assigned" | "preparing" | "ready" => Some(OrderStatus::Assigned),
        "picked" | "picked_up" | "collecting" | "at_pickup" => Some(OrderStatus::PickedUp),
        "on_way" | "in_transit" | "delivering" | "near_customer" | "at_dropoff" => Some(OrderStatus::InTransit),
        "delivered" | "completed" | "done" => Some(OrderStatus::Delivered),
        "failed" | "undelivered" => Some(OrderStatus::Failed),
        "cancelled" | "rejected" => Some(OrderStatus::Cancelled),
        "returned" => Some(OrderStatus::Returned),
        _ => None,
    }
}

impl OrderStatus {
    /// What the order is as a delivery of ours.
    pub(crate) const fn as_delivery(self) -> &'static str {
        match self {
            Self::Pending | Self::Assigned => "pending",
            Self::PickedUp | Self::InTransit => "in_transit",
            Self::Delivered => "delivered",
            Self::Failed | Self::Cancelled => "failed",
            Self::Returned => "returned",
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::VariantNames as _;

    use super::*;

    #[test]
    fn words_of_platforms() {
        for (platform, words, expected) in [
            ("barq", "pending new", Some(OrderStatus::Pending)),
            ("barq", "assigned accepted", Some(OrderStatus::Assigned)),
            ("barq", "picked_up picking", Some(OrderStatus::PickedUp)),
            (
                "barq",
                "in_transit on_the_way delivering On-The-Way",
                Some(OrderStatus::InTransit),
            ),
            ("barq", "delivered completed", Some(OrderStatus::Delivered)),
            ("jahez", "waiting", Some(OrderStatus::Pending)),
            (
                "jahez",
                "accepted driver_assigned preparing ready",
                Some(OrderStatus::Assigned),
            ),
            ("saned", "picked collecting at_pickup", Some(OrderStatus::PickedUp)),
            ("saned", "on_way near_customer at_dropoff", Some(OrderStatus::InTransit)),
            ("saned", "done", Some(OrderStatus::Delivered)),
            ("jahez", "failed undelivered", Some(OrderStatus::Failed)),
            ("jahez", "cancelled rejected", Some(OrderStatus::Cancelled)),
            ("barq", "done waiting lost", None),
            ("keeta", "delivered", Some(OrderStatus::Delivered)),
            ("keeta", "on_way", None),
        ] {
            for word in words.split(' ') {
                assert_eq!(meaning(platform, word), expected, "{platform} {word}");
            }
        }
    }

    #[test]
    fn every_state_is_a_delivery() {
        let deliveries: Vec<&str> = OrderStatus::VARIANTS
            .iter()
            .map(|word| word.parse::<OrderStatus>().expect("a state").as_delivery())
            .collect();
        assert_eq!(
            deliveries,
            [
                "pending",
                "pending",
                "in_transit",
                "in_transit",
                "delivered",
                "failed",
                "failed",
                "returned"
            ]
        );
    }
}
