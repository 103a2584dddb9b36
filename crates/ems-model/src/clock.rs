//! A clock against another: what every time that an ambulance told carries, and what several of
//! them are worth side by side.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{Micros, Timestamp};

/// How far another clock is ahead of the one that a time was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockOffset {
    /// The other clock's time less this one's, µs.
    #[serde(rename = "ahead_us")]
    pub ahead: Micros,
    /// The truth lies within so many µs of it: a bound, not a deviation; never negative.
    #[serde(rename = "uncertainty_us", deserialize_with = "not_negative")]
    pub uncertainty: Micros,
}

/// When something happened, by one clock for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// The truth lies within so much of it; `None` where nobody knows.
    pub within: Option<Micros>,
}

impl Seen {
    /// By the clock that all are told by: nothing is between.
    pub const fn here(at: Timestamp) -> Self {
        Self { at, within: Some(Micros::ZERO) }
    }

    /// By a clock of which the offset to that one is known, or is not: then the time stays as it
    /// was told.
    pub fn elsewhere(at: Timestamp, clock: Option<ClockOffset>) -> Self {
        match clock {
            Some(clock) => Self { at: at + clock.ahead, within: Some(clock.uncertainty) },
            None => Self { at, within: None },
        }
    }
}

/// How much the time between any two of these sources may be off, each given by the largest of its
/// uncertainties: the two largest together. `None` where one is not known.
pub fn joint_uncertainty(sources: impl IntoIterator<Item = Option<Micros>>) -> Option<Micros> {
    let (mut most, mut next) = (Micros::ZERO, Micros::ZERO);
    for source in sources {
        let within = source?;
        if within > most {
            (most, next) = (within, most);
        } else {
            next = next.max(within);
        }
    }
    Some(most + next)
}

fn not_negative<'de, D: Deserializer<'de>>(from: D) -> Result<Micros, D::Error> {
    let micros = i64::deserialize(from)?;
    if micros >= 0 {
        return Ok(Micros::new(micros));
    }
    let what = format!("uncertainty_us {micros} is negative: leave clock out where none is known");
    Err(serde::de::Error::custom(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_moves_by_the_offset_and_an_unknown_one_stays() {
        let at = Timestamp::from_millis(10_000);
        let clock = ClockOffset { ahead: Micros::from_millis(-2_500), uncertainty: Micros::new(3) };
        let seen = Seen { at: Timestamp::from_millis(7_500), within: Some(Micros::new(3)) };
        assert_eq!(Seen::elsewhere(at, Some(clock)), seen);
        assert_eq!(Seen::elsewhere(at, None), Seen { at, within: None });
    }

    #[test]
    fn two_sources_are_off_by_both_of_their_bounds() {
        let ms = |ms: i64| Some(Micros::from_millis(ms));
        for (sources, joint) in [
            (vec![], ms(0)),
            (vec![ms(3)], ms(3)),
            (vec![ms(0), ms(3)], ms(3)),
            (vec![ms(4), ms(1), ms(3)], ms(7)),
            (vec![ms(1), ms(4), ms(4)], ms(8)),
            (vec![ms(4), None], None),
        ] {
            assert_eq!(joint_uncertainty(sources.clone()), joint, "{sources:?}");
        }
    }
}
