//! Who calls, when, from where and about what.

mod file;
mod interview;

use std::sync::Arc;

use ems_dispatch::Reference;
use ems_model::{Millis, Position};
use ems_roads::Roads;
use rand_pcg::Pcg64Mcg;

pub use file::{CallFileError, CallList, ListedCall};
pub(crate) use interview::interview;

use crate::chance::{Purpose, normal, share, stream};
use crate::mix::{Mix, Severity};
use crate::settings::{CallSettings, Settings};

/// Where a rehearsal's calls come from.
#[derive(Debug, Clone)]
pub enum CallSource {
    /// Chance: a Poisson process whose rate follows the day.
    Poisson {
        /// Calls an hour, averaged over the day; `None` for the settings' own.
        per_hour: Option<f64>,
    },
    /// A list, played from its first call on.
    Listed(Arc<CallList>),
    /// Nobody calls but people at a console.
    Silent,
}

/// One call of a rehearsal, before it rings.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCall {
    /// Its place in the rehearsal, from 0: with the seed it decides all that chance has to say.
    pub idx: u64,
    /// When it rings, from the start of the rehearsal.
    pub rings_after: Millis,
    /// Where help is needed.
    pub position: Position,
    /// The same in words.
    pub address: String,
    /// The complaint card.
    pub complaint: String,
    /// The patient's age in years.
    pub age: u8,
    pub(crate) severity: Severity,
}

/// The calls of a rehearsal, one after the other: the same seed gives the same calls.
#[derive(Debug, Clone)]
pub struct Calls {
    seed: u64,
    source: CallSource,
    curve: DayCurve,
    mix: Arc<Mix>,
    next_idx: u64,
    /// Calls expected since the start, as the integral of the rate.
    expected: f64,
}

impl Calls {
    /// The calls of a seed.
    pub fn new(seed: u64, source: CallSource, settings: &Settings, mix: Arc<Mix>) -> Self {
        let per_hour = match &source {
            CallSource::Poisson { per_hour } => per_hour.unwrap_or(settings.calls.per_hour),
            CallSource::Listed(_) | CallSource::Silent => 0.0,
        };
        let curve = DayCurve::new(per_hour, &settings.calls);
        Self { seed, source, curve, mix, next_idx: 0, expected: 0.0 }
    }

    /// The next call; `None` after the last of a list, or where nobody calls.
    pub fn next_call(&mut self, roads: &Roads) -> Option<PlannedCall> {
        let idx = self.next_idx;
        self.next_idx += 1;
        let mut rng = stream(self.seed, Purpose::Call, idx);
        match &self.source {
            CallSource::Silent => None,
            CallSource::Poisson { .. } => {
                // Time changed by its expected calls, a Poisson process has rate one (Cinlar 1975).
                self.expected += -(1.0 - share(&mut rng)).ln();
                let rings_after = self.curve.when(self.expected)?;
                Some(draw(idx, rings_after, &self.mix, roads, &mut rng))
            }
            CallSource::Listed(list) => {
                let listed = list.calls().get(usize::try_from(idx).ok()?)?;
                Some(complete(idx, listed, &self.mix, roads, &mut rng))
            }
        }
    }
}

fn draw(
    idx: u64,
    rings_after: Millis,
    mix: &Mix,
    roads: &Roads,
    rng: &mut Pcg64Mcg,
) -> PlannedCall {
    let snap = roads.somewhere(share(rng));
    let complaint = mix.draw(rng);
    let (age, severity) = (complaint.draw_age(rng), complaint.draw_severity(rng));
    let address = roads.street_at(&snap).map_or_else(|| off_street(snap.position()), str::to_owned);
    let position = beside_road(snap.position(), rng);
    let complaint = complaint.id.clone();
    PlannedCall { idx, rings_after, position, address, complaint, age, severity }
}

/// A listed call says where, when and what; chance says the rest.
fn complete(
    idx: u64,
    listed: &ListedCall,
    mix: &Mix,
    roads: &Roads,
    rng: &mut Pcg64Mcg,
) -> PlannedCall {
    let complaint = mix.get(&listed.complaint);
    let (age, severity) = (complaint.draw_age(rng), complaint.draw_severity(rng));
    let snap = roads.snap(listed.position).ok();
    let street = snap.and_then(|snap| roads.street_at(&snap).map(str::to_owned));
    PlannedCall {
        idx,
        rings_after: listed.rings_after,
        position: listed.position,
        address: street.unwrap_or_else(|| off_street(listed.position)),
        complaint: listed.complaint.clone(),
        age,
        severity,
    }
}

fn off_street(position: Position) -> String {
    format!("{:.5}, {:.5}", position.lat(), position.lon())
}

/// Houses stand some metres beside the road.
fn beside_road(position: Position, rng: &mut Pcg64Mcg) -> Position {
    const HOUSE_DEGREES: f64 = 0.000_1;
    let lat = position.lat() + HOUSE_DEGREES * normal(rng);
    let lon = position.lon() + HOUSE_DEGREES * normal(rng);
    Position::from_degrees(lat, lon).unwrap_or(position)
}

/// Whether every complaint of the mix has a card.
pub(crate) fn check_cards(mix: &Mix, reference: &Reference) -> Result<(), crate::SettingsError> {
    let known: Vec<_> = reference.cards().iter().map(|card| card.id.as_str()).collect();
    match mix.complaints().find(|id| !known.contains(id)) {
        Some(id) => Err(crate::SettingsError::UnknownComplaint {
            id: id.to_owned(),
            known: known.join(", "),
        }),
        None => Ok(()),
    }
}

/// The rate of calls over the day.
#[derive(Debug, Clone)]
struct DayCurve {
    /// Calls in each hour, the first being the hour at which the rehearsal starts.
    per_hour: [f64; 24],
    per_day: f64,
}

impl DayCurve {
    fn new(per_hour: f64, settings: &CallSettings) -> Self {
        let total: f64 = settings.by_hour.iter().sum();
        let first = usize::from(settings.first_hour);
        let rate = |idx: usize| per_hour * 24.0 * settings.by_hour[(first + idx) % 24] / total;
        Self { per_hour: std::array::from_fn(rate), per_day: per_hour * 24.0 }
    }

    /// When so many calls are expected to have come; `None` where none ever come.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "rates are at most 10000 an hour, so times stay far below 2^53 ms"
    )]
    fn when(&self, expected: f64) -> Option<Millis> {
        if self.per_day <= 0.0 {
            return None;
        }
        let days = (expected / self.per_day).floor();
        let mut left = expected - days * self.per_day;
        let mut hours = days * 24.0;
        for rate in self.per_hour {
            if left < rate {
                hours += left / rate;
                break;
            }
            (left, hours) = (left - rate, hours + 1.0);
        }
        Some(Millis::new((hours * 3_600_000.0).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(per_hour: f64) -> DayCurve {
        DayCurve::new(per_hour, &Settings::standard().calls)
    }

    #[test]
    fn a_day_has_as_many_calls_as_its_hours_times_the_rate() {
        let curve = curve(6.0);
        assert_eq!(curve.when(144.0), Some(Millis::from_mins(24 * 60)));
        assert!(curve.when(72.0) < Some(Millis::from_mins(12 * 60)), "days are busier than nights");
        assert_eq!(DayCurve { per_hour: [0.0; 24], per_day: 0.0 }.when(1.0), None);
    }

    #[test]
    fn times_never_run_backwards() {
        let curve = curve(20.0);
        let times: Vec<_> = (0..2000).map(|n| curve.when(f64::from(n) * 0.7).unwrap()).collect();
        assert!(times.is_sorted());
    }
}
