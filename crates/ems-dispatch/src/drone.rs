//! How a drone with a defibrillator flies, and whether it can be sent.

use ems_model::{CrewState, Millis, UnitCandidate, UnitReason, UnitState};
use serde::Deserialize;

use crate::run_card::{RunCard, RunCards};
use crate::text::{Source, check_texts, secs};
use crate::units::UnitFacts;

/// How a drone flies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flight {
    /// From the alert to take-off.
    #[serde(rename = "set_up_s", deserialize_with = "secs")]
    pub set_up: Millis,
    /// Over the ground, km/h, 10..=200.
    pub ground_speed_kmh: u32,
    /// From arriving overhead until the defibrillator is on the ground.
    #[serde(rename = "lower_s", deserialize_with = "secs")]
    pub lower: Millis,
    /// The farthest scene in a straight line, metres, 100..=100,000.
    pub range_m: u32,
    /// The strongest wind that it takes off in, m/s, 1..=40.
    pub wind_mps_max: u32,
    /// Where that comes from.
    pub sources: Vec<Source>,
}

impl Flight {
    /// In the air for `metres`, and lowering the defibrillator.
    pub fn time(&self, metres: f64) -> Millis {
        let ms_by_kmh = 3_600 * i64::from(whole(metres));
        Millis::new(ms_by_kmh / i64::from(self.ground_speed_kmh)) + self.lower
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_texts([], &self.sources)?;
        for (key, value, least, most) in [
            ("ground_speed_kmh", self.ground_speed_kmh, 10, 200),
            ("range_m", self.range_m, 100, 100_000),
            ("wind_mps_max", self.wind_mps_max, 1, 40),
        ] {
            if !(least..=most).contains(&value) {
                return Err(format!("{key} {value} is outside {least}..={most}: correct it"));
            }
        }
        Ok(())
    }

    /// Weighs a drone that is `metres` from the scene, in a straight line, for a call of `card`.
    pub(crate) fn weigh(
        &self,
        drone: &UnitFacts,
        metres: f64,
        card: &RunCard,
        cards: &RunCards,
    ) -> UnitCandidate {
        let eta = self.set_up + self.time(metres);
        let way = whole(metres);
        let is_within_range = way <= self.range_m;
        let out = match (drone.state, drone.crew) {
            (UnitState::OffDuty, _) => Some(UnitReason::OffDuty),
            (UnitState::Engaged { incident, .. }, _) => Some(UnitReason::Busy { incident }),
            (UnitState::Lent { until }, _) => Some(UnitReason::Lent { until }),
            _ if !card.takes(drone.kind) => {
                Some(UnitReason::NotOnRunCard { card: card.id.clone() })
            }
            _ if !is_within_range => {
                Some(UnitReason::OutOfRange { metres: way, limit: self.range_m })
            }
            (_, CrewState::Resting { until, .. }) => Some(UnitReason::CrewRest { until }),
            _ => None,
        };
        let is_eligible = out.is_none();
        let wind = UnitReason::WindUnknown { limit: self.wind_mps_max };
        let against = [UnitReason::CannotTransport].into_iter().chain(is_eligible.then_some(wind));
        UnitCandidate {
            unit: drone.id.clone(),
            kind: drone.kind,
            eta: is_within_range.then_some(eta),
            likely: None,
            cost: (eta + cards.cannot_transport).get(),
            is_eligible,
            pros: Vec::new(),
            cons: out.into_iter().chain(against).collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a way on Earth is at most 20,000 km"
)]
fn whole(metres: f64) -> u32 {
    metres.max(0.0).ceil() as u32
}
