//! Which courier should take an order: the plain recommendation, and the engine that tries the order in each courier's tour.
//! Pure: everything it depends on is given. Distances are great circles; a road engine would lengthen them all.

use uuid::Uuid;

use crate::geometry::{Point, haversine_km};

/// Couriers farther away than this are not asked.
pub(crate) const RADIUS_KM: f64 = 7.0;
/// Nobody takes longer than this to the pickup.
pub(crate) const PICKUP_MINUTES: f64 = 15.0;
/// Mean speed in the city for tours.
pub(crate) const TOUR_KM_PER_H: f64 = 25.0;
/// Mean speed of a single way, as recommendations and routes count it.
pub(crate) const WAY_KM_PER_H: f64 = 30.0;
/// Orders of a good courier-day.
const TARGET_ORDERS: i64 = 15;
/// Minutes before a deadline from which it costs.
const SLA_BUFFER_MINUTES: f64 = 15.0;
const OVERLOAD_WEIGHT: f64 = 4.0;
const SLA_WEIGHT: f64 = 5.0;

/// Whole minutes of a single way.
pub(crate) fn way_minutes(km: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a way in a city")]
    let minutes = (km / WAY_KM_PER_H * 60.0).floor() as i64;
    minutes
}

/// The plain score: near, free and good.
pub(crate) fn recommendation(km: f64, load: i64, performance: Option<f64>) -> f64 {
    (100.0 - 2.0 * km).max(0.0) + float(10 - load) * 5.0 + 0.5 * performance.unwrap_or(50.0)
}

/// How sure a recommendation is.
pub(crate) fn confidence(total: f64) -> f64 {
    (total / 200.0).clamp(0.0, 1.0)
}

fn float(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}

/// The engine's score: kilometres, distance from the target day, overload and a slim deadline. The lowest wins.
pub(crate) fn score(km: f64, orders: i64, slack_minutes: f64) -> f64 {
    km + float((orders - TARGET_ORDERS).abs())
        + OVERLOAD_WEIGHT * float((orders - TARGET_ORDERS).max(0))
        + SLA_WEIGHT * (SLA_BUFFER_MINUTES - slack_minutes).max(0.0)
}

/// An order that a courier has or may get.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    /// Nothing when it is in the bag already.
    pub(crate) pickup: Option<Point>,
    pub(crate) drop: Point,
    /// Minutes from now until it has to be there.
    pub(crate) due_minutes: f64,
}

/// A tour through all orders, each dropped only after it was picked up, always to the nearest next stop: its length, and the
/// fewest minutes that a drop-off comes before its deadline.
pub(crate) fn tour(start: Point, orders: &[Order]) -> (f64, f64) {
    let mut open: Vec<(Option<Point>, Point, f64)> = orders
        .iter()
        .map(|order| (order.pickup, order.drop, order.due_minutes))
        .collect();
    let (mut at, mut km, mut slack) = (start, 0.0, f64::INFINITY);
    while !open.is_empty() {
        let next = |order: &(Option<Point>, Point, f64)| order.0.unwrap_or(order.1);
        let nearest = (0..open.len()).min_by(|a, b| {
            haversine_km(at, next(&open[*a]))
                .total_cmp(&haversine_km(at, next(&open[*b])))
                .then(a.cmp(b))
        });
        let Some(place) = nearest else { break };
        let stop = next(&open[place]);
        km += haversine_km(at, stop);
        at = stop;
        if open[place].0.take().is_none() {
            let (_, _, due) = open.remove(place);
            slack = slack.min(due - km / TOUR_KM_PER_H * 60.0);
        }
    }
    (km, slack)
}

/// A courier who could be asked.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) id: Uuid,
    pub(crate) position: Point,
    pub(crate) zone_id: Option<Uuid>,
    /// Open orders with their places.
    pub(crate) orders: Vec<Order>,
    /// Open orders, also those without places.
    pub(crate) load: i64,
    pub(crate) completed_today: i64,
    /// Minutes since the last delivery; more is idle for longer.
    pub(crate) idle_minutes: i64,
    pub(crate) max_load: i64,
}

/// How a courier would do with the order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fit {
    pub(crate) courier: Uuid,
    pub(crate) score: f64,
    pub(crate) tour_km: f64,
    pub(crate) pickup_km: f64,
    pub(crate) slack_minutes: f64,
    pub(crate) orders: i64,
    load: i64,
    idle_minutes: i64,
}

/// The couriers who can do it, the best first: lowest score, then fewer open orders, then idle for longer, then by id, so
/// that the same question has the same answer.
pub(crate) fn fits(candidates: &[Candidate], order: &Order, zone: Option<Uuid>, max_km: f64) -> Vec<Fit> {
    let mut fits: Vec<Fit> = candidates
        .iter()
        .filter_map(|courier| fit(courier, order, zone, max_km))
        .collect();
    fits.sort_by(|a, b| {
        a.score
            .total_cmp(&b.score)
            .then(a.load.cmp(&b.load))
            .then(b.idle_minutes.cmp(&a.idle_minutes))
            .then(a.courier.cmp(&b.courier))
    });
    fits
}

/// Gives all orders away together: again and again the order that would lose most by waiting (nobody else can take it, or
/// the second best is much worse) goes to its best courier, whose tour then holds it.
pub(crate) fn jointly(
    mut couriers: Vec<Candidate>,
    orders: &[(Order, Option<Uuid>)],
    max_km: f64,
) -> Vec<(usize, Fit)> {
    let mut open: Vec<usize> = (0..orders.len()).collect();
    let mut given = Vec::new();
    loop {
        let regret = |fits: &[Fit]| match fits {
            [best, second, ..] => second.score - best.score,
            _ => f64::INFINITY,
        };
        let mut pressing: Option<(f64, usize, Fit)> = None;
        for number in &open {
            let (order, zone) = &orders[*number];
            let fits = fits(&couriers, order, *zone, max_km);
            let Some(best) = fits.first() else { continue };
            let loss = regret(&fits);
            if pressing.as_ref().is_none_or(|(most, ..)| loss > *most) {
                pressing = Some((loss, *number, *best));
            }
        }
        let Some((_, number, fit)) = pressing else { return given };
        open.retain(|other| *other != number);
        if let Some(courier) = couriers.iter_mut().find(|courier| courier.id == fit.courier) {
            courier.orders.push(orders[number].0);
            courier.load += 1;
        }
        given.push((number, fit));
    }
}

fn fit(courier: &Candidate, order: &Order, zone: Option<Uuid>, max_km: f64) -> Option<Fit> {
    let pickup_km = haversine_km(courier.position, order.pickup.unwrap_or(order.drop));
    let elsewhere = courier.zone_id.zip(zone).is_some_and(|(his, wanted)| his != wanted);
    let too_far = pickup_km > max_km || pickup_km / TOUR_KM_PER_H * 60.0 > PICKUP_MINUTES;
    if elsewhere || too_far || courier.load >= courier.max_load {
        return None;
    }
    let mut orders = courier.orders.clone();
    orders.push(*order);
    let (tour_km, slack_minutes) = tour(courier.position, &orders);
    let count = courier.completed_today + courier.load + 1;
    (slack_minutes >= 0.0).then(|| Fit {
        courier: courier.id,
        score: score(tour_km, count, slack_minutes),
        tour_km,
        pickup_km,
        slack_minutes,
        orders: count,
        load: courier.load,
        idle_minutes: courier.idle_minutes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(number: f64, expected: f64) {
        assert!((number - expected).abs() < 1e-9, "{number} is not {expected}");
    }

    #[test]
    fn the_recommendation_of_the_handbook() {
        close(recommendation(6.0, 3, Some(80.0)), 163.0);
        close(confidence(163.0), 0.815);
        assert_eq!(way_minutes(6.0), 12);
        close(recommendation(2.0, 8, Some(60.0)), 136.0);
        close(recommendation(60.0, 10, None), 25.0);
        assert_eq!(way_minutes(18.6) + 5 * 8, 77);
    }

    #[test]
    fn a_beats_b_beats_c() {
        close(score(12.0, 9, 40.0), 18.0);
        close(score(8.0, 3, 60.0), 20.0);
        close(score(5.0, 17, 10.0), 40.0);
    }

    fn at(latitude: f64, longitude: f64) -> Point {
        Point { latitude, longitude }
    }

    fn order(due_minutes: f64) -> Order {
        Order {
            pickup: Some(at(24.70, 46.70)),
            drop: at(24.72, 46.70),
            due_minutes,
        }
    }

    fn candidate(number: u128, position: Point) -> Candidate {
        Candidate {
            id: Uuid::from_u128(number),
            position,
            zone_id: None,
            orders: Vec::new(),
            load: 0,
            completed_today: 0,
            idle_minutes: 0,
            max_load: 10,
        }
    }

    #[test]
    fn a_drop_off_follows_its_pickup() {
        // The drop-off is where the courier stands; he goes to the pickup first all the same.
        let there = at(24.70, 46.70);
        let order = Order {
            pickup: Some(at(24.74, 46.70)),
            drop: there,
            due_minutes: 60.0,
        };
        let (km, slack) = tour(there, &[order]);
        close(km, 2.0 * haversine_km(there, at(24.74, 46.70)));
        close(slack, 60.0 - km / 25.0 * 60.0);
    }

    #[test]
    fn couriers_who_cannot_are_not_asked_and_ties_are_settled() {
        let near = candidate(2, at(24.70, 46.70));
        let twin = candidate(1, at(24.70, 46.70));
        let far = candidate(3, at(24.80, 46.70));
        let full = Candidate {
            load: 10,
            ..candidate(4, at(24.70, 46.70))
        };
        let elsewhere = Candidate {
            zone_id: Some(Uuid::from_u128(9)),
            ..candidate(5, at(24.70, 46.70))
        };
        let all = [near.clone(), twin, far, full, elsewhere];
        let zone = Some(Uuid::from_u128(8));
        let found: Vec<_> = fits(&all, &order(240.0), zone, RADIUS_KM)
            .iter()
            .map(|fit| fit.courier.as_u128())
            .collect();
        assert_eq!(found, [1, 2], "standing at the pickup is no obstacle");
        let idle = Candidate {
            idle_minutes: 30,
            ..near
        };
        let found = fits(&[all[1].clone(), idle], &order(240.0), zone, RADIUS_KM);
        assert_eq!(found[0].courier.as_u128(), 2, "who waits longer goes first");
        assert!(
            fits(&all, &order(1.0), zone, RADIUS_KM).is_empty(),
            "too late for everybody"
        );
    }

    #[test]
    fn the_order_that_only_one_can_take_goes_to_him_first() {
        // The first order could go to both; the second is only in reach of the first courier, who can hold one.
        let one = Candidate {
            max_load: 1,
            ..candidate(1, at(24.70, 46.70))
        };
        let other = Candidate {
            max_load: 1,
            ..candidate(2, at(24.70, 46.72))
        };
        let near = |longitude: f64| Order {
            pickup: Some(at(24.70, longitude)),
            drop: at(24.71, longitude),
            due_minutes: 240.0,
        };
        let orders = [(near(46.70), None), (near(46.64), None)];
        let mut given: Vec<_> = jointly(vec![one, other], &orders, RADIUS_KM)
            .iter()
            .map(|(order, fit)| (*order, fit.courier.as_u128()))
            .collect();
        given.sort_unstable();
        assert_eq!(given, [(0, 2), (1, 1)]);
    }
}
