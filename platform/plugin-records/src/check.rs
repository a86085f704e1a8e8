//! The checks all records share: the type system already checked their shape, this is about their meaning.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::text::{clean, invisible, mask_card};
use crate::{Amount, Attributes, Flag, Point};

/// Longest id a provider may give a record.
pub const MAX_ID_LENGTH: usize = 128;
/// Longest card, plate, VIN, internal or driver reference.
pub const MAX_REF_LENGTH: usize = 64;
/// Attributes a record may carry.
pub const MAX_ATTRIBUTES: usize = 32;

pub(crate) const MAX_NAME_LENGTH: usize = 200;
pub(crate) const MAX_WORDS_LENGTH: usize = 500;
const MAX_ATTRIBUTE_LENGTH: usize = 256;
/// 10 billion in a currency with two decimals: above any purchase, far below where sums overflow.
pub(crate) const MAX_AMOUNT_MINOR: i64 = 1_000_000_000_000;
/// 2000-01-01T00:00:00Z: an earlier record is a wrong date.
const EARLIEST_S: i64 = 946_684_800;
/// Clocks of providers run ahead; two days is beyond any of that.
const LATEST_AHEAD: TimeDelta = TimeDelta::hours(48);
/// Something is planned at most a year and a day ahead.
const PLANNED_AHEAD: TimeDelta = TimeDelta::days(366);

/// What the checks depend on besides the record.
#[derive(Debug, Clone)]
pub struct Rules {
    pub now: DateTime<Utc>,
    /// Accepted currencies; empty accepts any.
    pub currencies: Vec<String>,
}

/// A record of the provider that is not among the accepted ones, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRow {
    /// Kind of record; empty where a page has only one.
    #[serde(default)]
    pub record: String,
    /// Position in its list; none for a row the plugin itself could not read.
    #[serde(default)]
    pub index: Option<usize>,
    /// As the plugin gave it, made safe to show; empty when it gave none.
    pub external_id: String,
    pub field: String,
    /// The host's: `required`, `too_long`, `invisible_characters`, `out_of_range`, `unknown_currency`, `unknown`,
    /// `too_many`, `twice`, `not_granted`. A plugin's own words otherwise.
    pub reason: String,
}

/// Field and reason of a refusal.
pub(crate) type Verdict = Result<(), (&'static str, &'static str)>;

/// The records that pass, one per id: of two with the same id the last one counts. Refused ones are added to `refused`, where an
/// id is shown as far as its first NUL: behind that stands what tells two records of one such id apart.
/// The number is how many were given again.
pub(crate) fn sift<T>(
    record: &str,
    given: Vec<T>,
    id: impl Fn(&T) -> String,
    mut check: impl FnMut(&mut T) -> Verdict,
    refused: &mut Vec<RefusedRow>,
) -> (Vec<T>, usize) {
    let mut passed: Vec<T> = Vec::with_capacity(given.len());
    let mut position: HashMap<String, usize> = HashMap::with_capacity(given.len());
    let mut repeated = 0;
    for (index, mut item) in given.into_iter().enumerate() {
        if let Err((field, reason)) = check(&mut item) {
            let id = id(&item);
            let shown = id.split('\u{0}').next().unwrap_or_default();
            refused.push(RefusedRow {
                record: record.to_owned(),
                index: Some(index),
                external_id: clean(shown, MAX_ID_LENGTH).0.unwrap_or_default(),
                field: field.to_owned(),
                reason: reason.to_owned(),
            });
            continue;
        }
        if let Some(at) = position.get(&id(&item)) {
            passed[*at] = item;
            repeated += 1;
        } else {
            position.insert(id(&item), passed.len());
            passed.push(item);
        }
    }
    (passed, repeated)
}

/// An id is compared byte by byte ever after, so it is refused rather than changed.
pub(crate) fn id(field: &'static str, text: &str) -> Verdict {
    match text {
        text if text.trim().is_empty() => Err((field, "required")),
        text if text.len() > MAX_ID_LENGTH => Err((field, "too_long")),
        text if text.chars().any(invisible) => Err((field, "invisible_characters")),
        _ => Ok(()),
    }
}

pub(crate) fn optional_id(field: &'static str, text: Option<&String>) -> Verdict {
    text.map_or(Ok(()), |text| id(field, text))
}

/// A short name of ours: letters, digits, `_`, `-` and `.`.
pub(crate) fn slug(field: &'static str, text: &str) -> Verdict {
    let named = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
    match text {
        "" => Err((field, "required")),
        text if text.len() > MAX_REF_LENGTH => Err((field, "too_long")),
        text if !text.chars().all(named) => Err((field, "unknown")),
        _ => Ok(()),
    }
}

/// A moment something happened at.
pub(crate) fn happened(field: &'static str, at: DateTime<Utc>, rules: &Rules) -> Verdict {
    let latest = rules.now + LATEST_AHEAD;
    within(field, at.timestamp(), EARLIEST_S, latest.timestamp())
}

/// A moment something is planned for.
pub(crate) fn planned(field: &'static str, at: DateTime<Utc>, rules: &Rules) -> Verdict {
    let latest = rules.now + PLANNED_AHEAD;
    within(field, at.timestamp(), EARLIEST_S, latest.timestamp())
}

pub(crate) fn day(field: &'static str, text: &str, rules: &Rules) -> Verdict {
    let date = text.parse::<NaiveDate>().map_err(|_| (field, "out_of_range"))?;
    planned(field, date.and_time(chrono::NaiveTime::MIN).and_utc(), rules)
}

pub(crate) fn currency(field: &'static str, code: &str, rules: &Rules) -> Verdict {
    let known = rules.currencies.is_empty() || rules.currencies.iter().any(|known| known == code);
    if known && code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
        Ok(())
    } else {
        Err((field, "unknown_currency"))
    }
}

/// What is paid, charged or collected: never negative.
pub(crate) fn amount(field: &'static str, amount: Option<&Amount>, rules: &Rules) -> Verdict {
    let Some(amount) = amount else { return Ok(()) };
    currency(field, &amount.currency, rules)?;
    within(field, amount.minor, 0, MAX_AMOUNT_MINOR)
}

pub(crate) fn point(field: &'static str, point: Option<&Point>) -> Verdict {
    let Some(point) = point else { return Ok(()) };
    within(field, i64::from(point.lat_e7), -900_000_000, 900_000_000)?;
    within(field, i64::from(point.lon_e7), -1_800_000_000, 1_800_000_000)
}

/// A reference finds something: a cut one would find the wrong thing.
pub(crate) fn reference(field: &'static str, value: &mut Option<String>, flags: &mut Vec<Flag>) -> Verdict {
    let length = value.as_ref().map_or(0, |text| text.trim().chars().count());
    if length > MAX_REF_LENGTH {
        return Err((field, "too_long"));
    }
    tidy(value, MAX_REF_LENGTH, flags);
    Ok(())
}

/// Makes a text for people visible, short, and free of payment card numbers.
pub(crate) fn tidy(value: &mut Option<String>, max: usize, flags: &mut Vec<Flag>) {
    let Some(text) = value.take() else { return };
    let (cleaned, lost) = clean(&text, max);
    *value = cleaned;
    if lost {
        flags.push(Flag::TextCleaned);
    }
    if let Some(masked) = value.as_deref().and_then(mask_card) {
        *value = Some(masked);
        flags.push(Flag::CardMasked);
    }
}

/// The same for a text that has to be there.
pub(crate) fn tidy_required(field: &'static str, value: &mut String, max: usize, flags: &mut Vec<Flag>) -> Verdict {
    let mut text = Some(std::mem::take(value));
    tidy(&mut text, max, flags);
    *value = text.ok_or((field, "required"))?;
    Ok(())
}

pub(crate) fn attributes(attributes: &mut Attributes, flags: &mut Vec<Flag>) -> Verdict {
    if attributes.len() > MAX_ATTRIBUTES {
        return Err(("attributes", "too_many"));
    }
    let given: BTreeMap<_, _> = std::mem::take(attributes);
    for (name, value) in given {
        if name.len() > MAX_REF_LENGTH || name.is_empty() || name.chars().any(invisible) {
            return Err(("attributes", "too_long"));
        }
        let mut value = Some(value);
        tidy(&mut value, MAX_ATTRIBUTE_LENGTH, flags);
        if let Some(value) = value {
            attributes.insert(name, value);
        }
    }
    Ok(())
}

pub(crate) fn within(field: &'static str, value: i64, low: i64, high: i64) -> Verdict {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err((field, "out_of_range"))
    }
}

/// Each flag once, in order.
pub(crate) fn settle(flags: &mut Vec<Flag>) {
    flags.sort_unstable();
    flags.dedup();
}
