//! The order of stops: nearest neighbour, then 2-opt and moves of single stops, never a drop-off before its pickup. Lateness
//! against time windows counts like a detour. Pure: the same stops have the same order.

use crate::engine::WAY_KM_PER_H;
use crate::geometry::{Point, haversine_km};

/// Minutes that a stop takes.
pub(crate) const STOP_MINUTES: i64 = 5;
/// Kilometres that one late minute is worth.
const KM_PER_LATE_MINUTE: f64 = 1.0;

/// A stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stop {
    pub(crate) place: Point,
    /// The stop that has to come before, by position in the input.
    pub(crate) after: Option<usize>,
    /// Minutes from the start until it opens and closes.
    pub(crate) window: (Option<f64>, Option<f64>),
}

/// Ways between all places, computed once: trying orders looks them up.
struct Ways {
    km: Vec<f64>,
    width: usize,
}

impl Ways {
    fn of(start: Point, stops: &[Stop]) -> Self {
        let places: Vec<Point> = stops.iter().map(|stop| stop.place).chain([start]).collect();
        let row = |from: &Point| places.iter().map(|to| haversine_km(*from, *to)).collect::<Vec<_>>();
        Self {
            km: places.iter().flat_map(row).collect(),
            width: places.len(),
        }
    }

    /// The start is the place after the last stop.
    fn start(&self) -> usize {
        self.width - 1
    }

    fn km(&self, from: usize, to: usize) -> f64 {
        self.km[from * self.width + to]
    }
}

/// Length of an order from the start.
pub(crate) fn length_km(start: Point, stops: &[Stop], order: &[usize]) -> f64 {
    let ways = Ways::of(start, stops);
    let mut at = ways.start();
    order.iter().fold(0.0, |km, place| {
        let way = ways.km(at, *place);
        at = *place;
        km + way
    })
}

/// Length and lateness.
fn cost(ways: &Ways, stops: &[Stop], order: &[usize]) -> f64 {
    let (mut at, mut minutes, mut cost) = (ways.start(), 0.0, 0.0);
    for place in order {
        let (opens, closes) = stops[*place].window;
        let km = ways.km(at, *place);
        minutes += km / WAY_KM_PER_H * 60.0;
        minutes = opens.map_or(minutes, |opens| minutes.max(opens));
        cost += km + closes.map_or(0.0, |closes| (minutes - closes).max(0.0) * KM_PER_LATE_MINUTE);
        minutes += 5.0;
        at = *place;
    }
    cost
}

/// Whether everything comes after what it has to come after.
fn is_possible(stops: &[Stop], order: &[usize]) -> bool {
    let mut places = vec![0; stops.len()];
    for (place, stop) in order.iter().enumerate() {
        places[*stop] = place;
    }
    stops
        .iter()
        .enumerate()
        .all(|(number, stop)| stop.after.is_none_or(|first| places[first] < places[number]))
}

fn nearest_neighbour(ways: &Ways, stops: &[Stop]) -> Vec<usize> {
    let (mut at, mut order) = (ways.start(), Vec::with_capacity(stops.len()));
    let mut open: Vec<usize> = (0..stops.len()).collect();
    while !open.is_empty() {
        let may = |number: &&usize| stops[**number].after.is_none_or(|first| order.contains(&first));
        let way = |number: usize| ways.km(at, number);
        let next = open
            .iter()
            .filter(may)
            .min_by(|a, b| way(**a).total_cmp(&way(**b)).then(a.cmp(b)))
            .copied();
        // A ring of stops that wait for each other cannot be driven: the rest stays as it is.
        let Some(next) = next else {
            order.append(&mut open);
            break;
        };
        open.retain(|number| *number != next);
        at = next;
        order.push(next);
    }
    order
}

/// Rounds of improvement: each is a pass over all pairs.
const ROUNDS: usize = 12;

/// A short order of the stops.
pub(crate) fn shorten(start: Point, stops: &[Stop]) -> Vec<usize> {
    let ways = &Ways::of(start, stops);
    let mut best = nearest_neighbour(ways, stops);
    let given: Vec<usize> = (0..stops.len()).collect();
    if is_possible(stops, &given) && cost(ways, stops, &given) < cost(ways, stops, &best) {
        best = given;
    }
    let mut least = cost(ways, stops, &best);
    for _ in 0..ROUNDS {
        let before = least;
        for from in 0..best.len() {
            for to in 0..best.len() {
                if from < to {
                    let mut turned = best.clone();
                    turned[from..=to].reverse();
                    keep(ways, stops, turned, &mut best, &mut least);
                }
                let mut tried = best.clone();
                let moved = tried.remove(from);
                tried.insert(to, moved);
                keep(ways, stops, tried, &mut best, &mut least);
            }
        }
        if before - least < 1e-9 {
            break;
        }
    }
    best
}

fn keep(ways: &Ways, stops: &[Stop], tried: Vec<usize>, best: &mut Vec<usize>, least: &mut f64) {
    let found = cost(ways, stops, &tried);
    if found < *least - 1e-9 && is_possible(stops, &tried) {
        *best = tried;
        *least = found;
    }
}

/// Minutes of a route: the way, and five for each stop.
pub(crate) fn minutes(km: f64, stops: i64) -> i64 {
    crate::engine::way_minutes(km) + STOP_MINUTES * stops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(north: f64, east: f64) -> Point {
        Point {
            latitude: 24.7 + north / 100.0,
            longitude: 46.7 + east / 100.0,
        }
    }

    fn stop(place: Point, after: Option<usize>) -> Stop {
        Stop {
            place,
            after,
            window: (None, None),
        }
    }

    #[test]
    fn eighteen_km_and_eight_stops_take_77_minutes() {
        assert_eq!(minutes(18.6, 8), 77);
    }

    #[test]
    fn crossings_are_undone_and_nothing_gets_longer() {
        let start = at(0.0, 0.0);
        let stops = [
            stop(at(0.0, 3.0), None),
            stop(at(0.0, 1.0), None),
            stop(at(0.0, 2.0), None),
            stop(at(3.0, 3.0), None),
        ];
        let order = shorten(start, &stops);
        assert_eq!(order, [1, 2, 0, 3]);
        let given: Vec<usize> = (0..4).collect();
        assert!(length_km(start, &stops, &order) < length_km(start, &stops, &given));
    }

    #[test]
    fn a_drop_off_waits_for_its_pickup() {
        let start = at(0.0, 0.0);
        // The drop-off lies at the start, its pickup far away.
        let stops = [
            stop(at(0.0, 0.1), Some(1)),
            stop(at(0.0, 5.0), None),
            stop(at(0.0, 2.0), None),
        ];
        let order = shorten(start, &stops);
        let place = |stop: usize| order.iter().position(|one| *one == stop).expect("it is there");
        assert!(place(1) < place(0), "{order:?}");
    }

    #[test]
    fn a_window_is_worth_a_detour() {
        let start = at(0.0, 0.0);
        let near = stop(at(0.0, 1.0), None);
        let far = Stop {
            window: (None, Some(12.0)),
            ..stop(at(0.0, -4.0), None)
        };
        assert_eq!(shorten(start, &[near, far]), [1, 0]);
        assert_eq!(shorten(start, &[near, stop(at(0.0, -4.0), None)]), [0, 1]);
    }
}
