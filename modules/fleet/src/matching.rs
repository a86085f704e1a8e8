//! Which vehicle a purchase of fuel belongs to, how sure that is, and why.
//!
//! The card decides before the plate, the plate before the VIN, the VIN before the internal number. Whatever else the
//! provider says must not contradict the vehicle found; where it does, or where the figures cannot be true of that vehicle,
//! the purchase is doubtful: it names the vehicle and waits for a person. Nothing here reads a clock or a database, and the
//! same input gives the same verdict whatever order vehicles come in.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use platform_resource::{ascii_digits, normalize_plate};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::economy::{Fill, Note, account};
use crate::fuel_transactions::MatchStatus;
use crate::reason::Reason;

/// What the rules know of a vehicle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vehicle {
    pub(crate) id: Uuid,
    pub(crate) fuel_card_number: Option<String>,
    pub(crate) plate_number: Option<String>,
    pub(crate) vin_number: Option<String>,
    pub(crate) internal_number: Option<String>,
    pub(crate) fuel_capacity_l: Option<Decimal>,
    pub(crate) retired_on: Option<NaiveDate>,
}

/// What the provider says about a purchase.
#[derive(Clone, Debug)]
pub(crate) struct Purchase {
    pub(crate) card_ref: Option<String>,
    pub(crate) plate_ref: Option<String>,
    pub(crate) plate_ref_ar: Option<String>,
    pub(crate) vin_ref: Option<String>,
    pub(crate) internal_ref: Option<String>,
    pub(crate) day: NaiveDate,
    pub(crate) at: DateTime<Utc>,
    pub(crate) volume_l: Decimal,
    pub(crate) odometer_km: Option<Decimal>,
    pub(crate) is_full_tank: Option<bool>,
    pub(crate) is_electric: bool,
    /// Whether the amount is in the organization's currency.
    pub(crate) is_own_currency: bool,
}

/// What became of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) status: MatchStatus,
    pub(crate) vehicle_id: Option<Uuid>,
    /// 0 to 100.
    pub(crate) score: i64,
    /// What speaks for the vehicle, then what speaks against it.
    pub(crate) reasons: Vec<Reason>,
}

/// A second reference that finds the same vehicle.
const AGREEMENT: i64 = 3;
/// Each doubt.
const DOUBT: i64 = 20;
/// Tanks hold a little more than their figure: the filler neck, and heat.
const OVERFILL: Decimal = Decimal::from_parts(105, 0, 0, false, 2);
/// Consumption this many times the usual one, or one part of it, is far outside.
const FAR: Decimal = Decimal::TWO;
/// Fewer segments are no history.
const HISTORY: usize = 3;

/// The vehicles of an organization, found by what providers say.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    vehicles: HashMap<Uuid, Vehicle>,
    by_card: HashMap<String, Vec<Uuid>>,
    by_plate: HashMap<String, Vec<Uuid>>,
    by_vin: HashMap<String, Vec<Uuid>>,
    by_internal_number: HashMap<String, Vec<Uuid>>,
}

impl Fleet {
    /// Indexes vehicles.
    pub(crate) fn new(mut vehicles: Vec<Vehicle>) -> Self {
        vehicles.sort_by_key(|vehicle| vehicle.id);
        let mut fleet = Self::default();
        for vehicle in vehicles {
            let keys = [
                (&mut fleet.by_card, vehicle.fuel_card_number.as_deref().and_then(plain)),
                (
                    &mut fleet.by_plate,
                    vehicle.plate_number.as_deref().and_then(normalize_plate),
                ),
                (&mut fleet.by_vin, vehicle.vin_number.as_deref().and_then(plain)),
                (
                    &mut fleet.by_internal_number,
                    vehicle.internal_number.as_deref().and_then(plain),
                ),
            ];
            for (index, key) in keys {
                if let Some(key) = key {
                    index.entry(key).or_default().push(vehicle.id);
                }
            }
            fleet.vehicles.insert(vehicle.id, vehicle);
        }
        fleet
    }

    /// What the references of a purchase point to, before its figures are looked at. Needs no history.
    pub(crate) fn find(&self, purchase: &Purchase) -> Found {
        let mut found = Found::default();
        self.find_card(purchase, &mut found);
        self.find_plate(purchase, &mut found);
        let vin = purchase.vin_ref.as_deref().and_then(plain);
        if let Some(vin) = &vin {
            found.look(self.by_vin.get(vin), Reason::Vin, Reason::VinUnknown);
        }
        let internal = purchase.internal_ref.as_deref().and_then(plain);
        if let Some(internal) = &internal {
            found.look(
                self.by_internal_number.get(internal),
                Reason::InternalNumber,
                Reason::InternalNumberUnknown,
            );
        }
        found
            .unknown
            .retain(|reason| found.vehicle_id.is_none_or(|id| self.contradicts(id, *reason)));
        found
    }

    fn find_card(&self, purchase: &Purchase, found: &mut Found) {
        let Some(card) = purchase.card_ref.as_deref().and_then(plain) else {
            return;
        };
        if let Some(ids) = self.by_card.get(&card) {
            return found.look(Some(ids), Reason::Card, Reason::CardUnknown);
        }
        let masked = card.contains('*');
        let mut similar: Vec<Uuid> = Vec::new();
        for (number, ids) in &self.by_card {
            if masked && same_but_masked(&card, number) {
                similar.extend(ids);
            }
        }
        similar.sort_unstable();
        let similar = (!similar.is_empty()).then_some(similar);
        found.look(similar.as_ref(), Reason::CardMasked, Reason::CardUnknown);
    }

    /// A plate may come in Latin letters, in Arabic ones, in both; and some systems write Arabic letters in the order of
    /// the screen, which is the reverse.
    fn find_plate(&self, purchase: &Purchase, found: &mut Found) {
        let given = [&purchase.plate_ref, &purchase.plate_ref_ar];
        let read: Vec<String> = given
            .iter()
            .filter_map(|raw| normalize_plate(raw.as_deref()?))
            .collect();
        if read.is_empty() {
            if given.iter().any(|raw| raw.is_some()) {
                found.unknown.push(Reason::PlateUnreadable);
            }
            return;
        }
        if let [latin, arabic] = read.as_slice()
            && latin != arabic
            && reversed(latin).as_ref() != Some(arabic)
        {
            found.doubts.push(Reason::PlatesDiffer);
        }
        let exact = read.iter().find_map(|plate| self.by_plate.get(plate));
        if exact.is_some() {
            return found.look(exact, Reason::Plate, Reason::PlateUnknown);
        }
        let reversed = read.iter().filter_map(|plate| reversed(plate));
        let turned = reversed
            .into_iter()
            .find_map(|plate| self.by_plate.get(&plate).cloned());
        found.look(turned.as_ref(), Reason::PlateReversed, Reason::PlateUnknown);
    }

    /// Whether a reference that nobody has speaks against the vehicle that another reference found: only when that vehicle
    /// has another value of its own. Internal numbers are the provider's as often as ours, so they never do.
    fn contradicts(&self, id: Uuid, unknown: Reason) -> bool {
        let Some(vehicle) = self.vehicles.get(&id) else {
            return false;
        };
        match unknown {
            Reason::CardUnknown => vehicle.fuel_card_number.is_some(),
            Reason::PlateUnknown => vehicle.plate_number.is_some(),
            Reason::VinUnknown => vehicle.vin_number.is_some(),
            Reason::PlateUnreadable
            | Reason::InternalNumberUnknown
            | Reason::Card
            | Reason::Plate
            | Reason::PlateReversed
            | Reason::Vin
            | Reason::InternalNumber
            | Reason::CardMasked
            | Reason::PlatesDiffer
            | Reason::NoReference
            | Reason::Ambiguous
            | Reason::Disagree
            | Reason::Retired
            | Reason::OverCapacity
            | Reason::OdometerFalls
            | Reason::ConsumptionHigh
            | Reason::ConsumptionLow
            | Reason::OtherCurrency => false,
        }
    }

    /// The verdict on a purchase whose references were followed, with the earlier fills of the vehicle found.
    pub(crate) fn judge(&self, purchase: &Purchase, found: Found, history: &[Fill]) -> Verdict {
        let vehicle = found.vehicle_id.and_then(|id| self.vehicles.get(&id));
        let Some(vehicle) = vehicle else {
            let mut reasons = [found.unknown, found.doubts].concat();
            if reasons.is_empty() {
                reasons.push(Reason::NoReference);
            }
            return Verdict {
                status: MatchStatus::Unmatched,
                vehicle_id: None,
                score: 0,
                reasons,
            };
        };
        let first = found.supports.first().map_or(0, |reason| reason.worth());
        let agreeing = i64::try_from(found.supports.len().saturating_sub(1)).unwrap_or(0);
        let mut reasons = [found.supports, found.unknown, found.doubts].concat();
        reasons.extend(doubts_of_figures(vehicle, purchase, history));
        let doubts = reasons.iter().filter(|reason| reason.is_doubt()).count();
        let penalty = DOUBT * i64::try_from(doubts).unwrap_or(0);
        Verdict {
            status: if doubts == 0 {
                MatchStatus::Matched
            } else {
                MatchStatus::Doubtful
            },
            vehicle_id: Some(vehicle.id),
            score: (first + AGREEMENT * agreeing - penalty).clamp(1, 100),
            reasons,
        }
    }
}

/// What the references of a purchase point to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// The vehicle of the strongest reference.
    pub(crate) vehicle_id: Option<Uuid>,
    supports: Vec<Reason>,
    unknown: Vec<Reason>,
    doubts: Vec<Reason>,
}

impl Found {
    /// Takes in what one reference found. References are looked at from the strongest to the weakest.
    fn look(&mut self, ids: Option<&Vec<Uuid>>, good: Reason, none: Reason) {
        let Some([first, rest @ ..]) = ids.map(Vec::as_slice) else {
            self.unknown.push(none);
            return;
        };
        let vehicle_id = *self.vehicle_id.get_or_insert(*first);
        if !rest.is_empty() {
            self.doubt(Reason::Ambiguous);
        }
        if *first == vehicle_id || rest.contains(&vehicle_id) {
            self.supports.push(good);
        } else {
            self.doubt(Reason::Disagree);
        }
    }

    fn doubt(&mut self, reason: Reason) {
        if !self.doubts.contains(&reason) {
            self.doubts.push(reason);
        }
    }
}

/// What cannot be true of this vehicle.
fn doubts_of_figures(vehicle: &Vehicle, purchase: &Purchase, history: &[Fill]) -> Vec<Reason> {
    let mut doubts = Vec::new();
    if vehicle.retired_on.is_some_and(|day| purchase.day > day) {
        doubts.push(Reason::Retired);
    }
    if !purchase.is_own_currency {
        doubts.push(Reason::OtherCurrency);
    }
    // A reversal gives back what was bought: nothing went into a tank.
    if purchase.volume_l <= Decimal::ZERO || purchase.is_electric {
        return doubts;
    }
    if vehicle
        .fuel_capacity_l
        .is_some_and(|capacity| purchase.volume_l > capacity * OVERFILL)
    {
        doubts.push(Reason::OverCapacity);
    }
    let earlier = history.iter().filter(|fill| fill.at < purchase.at);
    let last_km = earlier
        .clone()
        .filter(|fill| fill.odometer_km.is_some())
        .max_by_key(|fill| (fill.at, fill.odometer_km))
        .and_then(|fill| fill.odometer_km);
    match purchase.odometer_km.zip(last_km) {
        Some((now_km, last_km)) if now_km < last_km => doubts.push(Reason::OdometerFalls),
        Some(_) => doubts.extend(consumption(purchase, earlier.cloned().collect())),
        None => {}
    }
    doubts
}

/// Compares the distance on a litre that this purchase would close with the median of those before it.
fn consumption(purchase: &Purchase, mut earlier: Vec<Fill>) -> Option<Reason> {
    const THIS: Uuid = Uuid::max();
    earlier.push(Fill {
        id: THIS,
        day: purchase.day,
        at: purchase.at,
        volume_l: purchase.volume_l,
        cost_minor: 0,
        odometer_km: purchase.odometer_km,
        is_full_tank: purchase.is_full_tank,
        is_electric: false,
    });
    let mut usual = Vec::new();
    let mut this = None;
    for one in account(earlier) {
        let ratio = one
            .segment
            .and_then(|segment| segment.distance_km.checked_div(segment.volume_l));
        if one.fill.id == THIS {
            this = ratio.filter(|_| one.note == Note::Closes);
        } else {
            usual.extend(ratio);
        }
    }
    if usual.len() < HISTORY {
        return None;
    }
    usual.sort_unstable();
    let median = usual[usual.len() / 2];
    match this? {
        ratio if ratio * FAR < median => Some(Reason::ConsumptionHigh),
        ratio if ratio > median * FAR => Some(Reason::ConsumptionLow),
        _ => None,
    }
}

/// Letters and digits of a reference, upper case; nothing when there are none.
fn plain(raw: &str) -> Option<String> {
    let text: String = ascii_digits(raw)
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '*')
        .flat_map(char::to_uppercase)
        .collect();
    text.chars().any(char::is_alphanumeric).then_some(text)
}

/// Whether a number with `*` for hidden digits can be this one.
fn same_but_masked(masked: &str, number: &str) -> bool {
    masked.chars().count() == number.chars().count()
        && masked
            .chars()
            .zip(number.chars())
            .all(|(shown, real)| shown == '*' || shown == real)
}

/// A plate's normal form with its letters in reverse order; nothing when that is the same plate or it has no letters apart.
fn reversed(plate: &str) -> Option<String> {
    let (letters, digits) = plate.split_once(' ')?;
    let turned: String = letters.chars().rev().collect();
    (turned != letters).then(|| format!("{turned} {digits}"))
}

#[cfg(test)]
#[path = "matching_tests.rs"]
mod tests;
