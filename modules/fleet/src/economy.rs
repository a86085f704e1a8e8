//! How far a vehicle goes on a litre: the full-tank method.
//!
//! Between two full tanks a vehicle burns exactly the litres that it takes to be full again. So distance and litres are
//! measured from one full tank with an odometer reading to the next one (a segment); the litres of the first full tank
//! belong to the distance before it. Partial fills and fills without a reading add their litres to the open segment. A
//! segment belongs to the month of the fill that closes it, whole, so months add up without splitting a tank.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use crate::month::Month;

/// Two full tanks further apart than this say nothing: a vehicle at work is filled every few days, so somebody stopped writing
/// fills down in between. It also bounds how far back rows are read to open the first segment of a period.
pub(crate) const LONGEST_SEGMENT: TimeDelta = TimeDelta::days(92);

/// More than anybody drives in a day: a reading beyond it is a slip of the hand, not a distance.
const MOST_KM_PER_DAY: Decimal = Decimal::from_parts(1_500, 0, 0, false, 0);

/// One purchase of fuel for one vehicle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fill {
    pub(crate) id: Uuid,
    /// The business day, in the organization's time zone.
    pub(crate) day: NaiveDate,
    /// Orders fills of a day; noon when the time is not known.
    pub(crate) at: DateTime<Utc>,
    /// Negative for a reversal.
    pub(crate) volume_l: Decimal,
    pub(crate) cost_minor: i64,
    pub(crate) odometer_km: Option<Decimal>,
    /// Unknown counts as full: cards do not say, and fleets fill up.
    pub(crate) is_full_tank: Option<bool>,
    /// Kilowatt-hours, which are no litres.
    pub(crate) is_electric: bool,
}

/// What a fill means for the economy of its vehicle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// A full tank with a reading: ends a segment and begins the next one.
    Closes,
    /// A full tank with a reading that begins a segment and ends none.
    Opens,
    /// Its litres belong to the segment that a later fill closes.
    Joins,
    /// The same, without a reading.
    NoOdometer,
    /// The reading of the full tank before: its litres belong to the segment which that one closed.
    SameReading,
    /// No full tank before it to measure from.
    Unanchored,
    /// Its reading is lower than the one before: the open segment is given up.
    OdometerFell,
    /// Its reading is further than anybody drives in the time since the reading before: its litres count, the reading does not.
    OdometerJumped,
    /// The full tank before is too long ago: the open segment is given up.
    GapTooLong,
    /// It was in a segment that was given up.
    GivenUp,
    /// A reversal, or the purchase that it takes back.
    Reversed,
    /// Electricity.
    Electric,
}

impl Note {
    /// Stable word for the API.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Closes => "closes",
            Self::Opens => "opens",
            Self::Joins => "joins",
            Self::NoOdometer => "no_odometer",
            Self::SameReading => "same_reading",
            Self::Unanchored => "unanchored",
            Self::OdometerFell => "odometer_fell",
            Self::OdometerJumped => "odometer_jumped",
            Self::GapTooLong => "gap_too_long",
            Self::GivenUp => "given_up",
            Self::Reversed => "reversed",
            Self::Electric => "electric",
        }
    }
}

/// From one full tank to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) distance_km: Decimal,
    pub(crate) volume_l: Decimal,
    pub(crate) cost_minor: i64,
}

/// A fill and what it means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Accounted {
    pub(crate) fill: Fill,
    pub(crate) note: Note,
    /// The segment that this fill closes.
    pub(crate) segment: Option<Segment>,
}

/// The full tank that the open segment began with.
struct Anchor {
    /// Position of the fill whose segment ended here, if one did.
    closed: Option<usize>,
    day: NaiveDate,
    odometer_km: Decimal,
}

/// Accounts for the fills of one vehicle, in the order of time.
pub(crate) fn account(mut fills: Vec<Fill>) -> Vec<Accounted> {
    fills.sort_by_key(|fill| (fill.day, fill.at, fill.odometer_km, fill.id));
    let reversed = reversed(&fills);
    let mut accounted: Vec<Accounted> = Vec::with_capacity(fills.len());
    let mut ledger = Ledger::default();
    for (fill, reversed) in fills.into_iter().zip(reversed) {
        accounted.push(Accounted {
            fill,
            note: Note::Unanchored,
            segment: None,
        });
        let place = accounted.len() - 1;
        accounted[place].note = if reversed {
            Note::Reversed
        } else if accounted[place].fill.is_electric {
            Note::Electric
        } else {
            ledger.enter(&mut accounted, place)
        };
    }
    accounted
}

/// Which fills are reversals or were taken back: a reversal cancels the latest fill before it of the same size and amount.
fn reversed(fills: &[Fill]) -> Vec<bool> {
    let mut reversed = vec![false; fills.len()];
    for (place, reversal) in fills.iter().enumerate() {
        if reversal.volume_l >= Decimal::ZERO {
            continue;
        }
        reversed[place] = true;
        let taken_back = (0..place).rev().find(|earlier| {
            let fill = &fills[*earlier];
            !reversed[*earlier] && fill.volume_l == -reversal.volume_l && fill.cost_minor == -reversal.cost_minor
        });
        if let Some(earlier) = taken_back {
            reversed[earlier] = true;
        }
    }
    reversed
}

/// What has been seen so far.
#[derive(Default)]
struct Ledger {
    anchor: Option<Anchor>,
    /// Fills whose litres wait for the segment to be closed.
    waiting: Vec<usize>,
    last_reading: Option<(NaiveDate, Decimal)>,
    /// The reading before the last one fell: if the next goes on from there, the low one was a slip of the pen.
    before_fall: Option<(NaiveDate, Decimal)>,
}

impl Ledger {
    fn enter(&mut self, accounted: &mut [Accounted], place: usize) -> Note {
        let fill = accounted[place].fill.clone();
        let Some(odometer_km) = fill.odometer_km else {
            return self.wait(place, Note::NoOdometer);
        };
        let jumped = |(day, last): (NaiveDate, Decimal)| {
            let days = Decimal::from((fill.day - day).num_days().max(0) + 1);
            odometer_km - last > MOST_KM_PER_DAY * days
        };
        if self.last_reading.is_some_and(jumped) {
            let goes_on = |before: &(NaiveDate, Decimal)| odometer_km >= before.1 && !jumped(*before);
            if self.before_fall.take_if(|before| goes_on(before)).is_none() {
                return self.wait(place, Note::OdometerJumped);
            }
            self.give_up(accounted);
            self.anchor = None;
            self.last_reading = None;
        }
        let fell = self.last_reading.is_some_and(|(_, last)| odometer_km < last);
        self.before_fall = if fell { self.last_reading } else { None };
        self.last_reading = Some((fill.day, odometer_km));
        let is_full = fill.is_full_tank != Some(false);
        let lapsed = self
            .anchor
            .as_ref()
            .is_some_and(|anchor| fill.day - anchor.day > LONGEST_SEGMENT);
        if fell || lapsed {
            self.give_up(accounted);
            self.anchor = is_full.then_some(Anchor {
                closed: None,
                day: fill.day,
                odometer_km,
            });
            return if fell { Note::OdometerFell } else { Note::GapTooLong };
        }
        match &mut self.anchor {
            Some(anchor) if odometer_km == anchor.odometer_km => {
                // Several receipts of one stop, or of a vehicle that has not moved.
                if is_full {
                    anchor.day = fill.day;
                }
                let late: Vec<usize> = self.waiting.drain(..).chain([place]).collect();
                match anchor.closed {
                    Some(closed) => add(accounted, closed, &late),
                    None => late.iter().for_each(|place| accounted[*place].note = Note::SameReading),
                }
                Note::SameReading
            }
            Some(anchor) if is_full => {
                let distance_km = odometer_km - anchor.odometer_km;
                accounted[place].segment = Some(Segment {
                    distance_km,
                    volume_l: fill.volume_l,
                    cost_minor: fill.cost_minor,
                });
                add(accounted, place, &std::mem::take(&mut self.waiting));
                self.anchor = Some(Anchor {
                    closed: Some(place),
                    day: fill.day,
                    odometer_km,
                });
                Note::Closes
            }
            Some(_) => self.wait(place, Note::Joins),
            None if is_full => {
                self.anchor = Some(Anchor {
                    closed: None,
                    day: fill.day,
                    odometer_km,
                });
                Note::Opens
            }
            None => Note::Unanchored,
        }
    }

    fn wait(&mut self, place: usize, note: Note) -> Note {
        if self.anchor.is_none() {
            return Note::Unanchored;
        }
        self.waiting.push(place);
        note
    }

    fn give_up(&mut self, accounted: &mut [Accounted]) {
        for place in self.waiting.drain(..) {
            accounted[place].note = Note::GivenUp;
        }
    }
}

/// Adds the litres and the cost of fills to the segment that `closed` ends.
fn add(accounted: &mut [Accounted], closed: usize, places: &[usize]) {
    for place in places {
        let (volume_l, cost_minor) = (accounted[*place].fill.volume_l, accounted[*place].fill.cost_minor);
        if let Some(segment) = &mut accounted[closed].segment {
            segment.volume_l += volume_l;
            segment.cost_minor += cost_minor;
        }
    }
}

/// Sums over fills, of one vehicle or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Totals {
    pub(crate) fills: u32,
    pub(crate) volume_l: Decimal,
    pub(crate) cost_minor: i64,
    /// Of the segments closed.
    pub(crate) distance_km: Decimal,
    pub(crate) economy_volume_l: Decimal,
    pub(crate) economy_cost_minor: i64,
    pub(crate) segments: u32,
    /// Segments given up because readings contradict each other or lie too far apart.
    pub(crate) breaks: u32,
}

impl Totals {
    /// Counts one fill.
    pub(crate) fn count(&mut self, accounted: &Accounted) {
        self.fills += 1;
        self.cost_minor += accounted.fill.cost_minor;
        if !accounted.fill.is_electric {
            self.volume_l += accounted.fill.volume_l;
        }
        if matches!(accounted.note, Note::OdometerFell | Note::GapTooLong) {
            self.breaks += 1;
        }
        if let Some(segment) = &accounted.segment {
            self.segments += 1;
            self.distance_km += segment.distance_km;
            self.economy_volume_l += segment.volume_l;
            self.economy_cost_minor += segment.cost_minor;
        }
    }

    /// Distance of the segments closed; nothing when none was.
    pub(crate) fn distance_km(&self) -> Option<Decimal> {
        (self.segments > 0).then_some(self.distance_km)
    }

    /// Distance over the litres that it took.
    pub(crate) fn km_per_l(&self) -> Option<Decimal> {
        let ratio = self.distance_km.checked_div(self.economy_volume_l)?;
        (self.economy_volume_l > Decimal::ZERO).then(|| rounded(ratio, 2))
    }

    /// What the litres of that distance cost, over the distance, in major units.
    pub(crate) fn cost_per_km(&self) -> Option<Decimal> {
        let ratio = Decimal::new(self.economy_cost_minor, 2).checked_div(self.distance_km)?;
        (self.segments > 0).then(|| rounded(ratio, 3))
    }
}

/// Rounds once, at the end, halves away from zero.
pub(crate) fn rounded(figure: Decimal, digits: u32) -> Decimal {
    let mut figure = figure.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
    figure.rescale(digits);
    figure
}

/// Sums by month.
pub(crate) fn by_month(accounted: &[Accounted]) -> BTreeMap<Month, Totals> {
    let mut months: BTreeMap<Month, Totals> = BTreeMap::new();
    for one in accounted {
        months.entry(Month::of(one.fill.day)).or_default().count(one);
    }
    months
}

#[cfg(test)]
#[path = "economy_tests.rs"]
mod tests;
