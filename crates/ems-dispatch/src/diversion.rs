//! Which unit a call may take: free ones, and those that a rule lets turn away from another call.

use ems_model::{Phase, UnitState};

/// The highest rank of a priority that a rule can name.
pub const RANK_MAX: u8 = 15;

/// What binds a unit, as far as sending it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Waiting, or on its way back: nothing binds it.
    Free,
    /// Driving to a call of this rank, 1 the most urgent.
    ToCall {
        /// The rank of that call's priority.
        rank: u8,
    },
    /// With a patient, or off duty.
    Bound,
}

impl Errand {
    /// The errand of a unit as the ledger knows it; `rank` is that of its call, if it has one.
    pub fn of(state: UnitState, rank: u8) -> Self {
        match state {
            UnitState::Available { .. } => Self::Free,
            UnitState::Engaged { phase, .. } => Self::in_phase(phase, rank),
            UnitState::OffDuty | UnitState::Lent { .. } => Self::Bound,
        }
    }

    /// The errand of a unit that has come so far with a call of this rank.
    pub fn in_phase(phase: Phase, rank: u8) -> Self {
        if phase < Phase::OnScene { Self::ToCall { rank } } else { Self::Bound }
    }
}

/// Between which priorities a unit under way may be turned round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Diversions {
    /// By the rank it leaves: a bit for each rank it may turn to.
    to: [u16; RANK_MAX as usize + 1],
}

/// A rank beyond [`RANK_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rank {0} is outside 0..={RANK_MAX}: number priorities from 1, the most urgent")]
pub struct RankTooHigh(pub u8);

impl Diversions {
    /// Lets units that drive to a call of rank `from` be taken for one of rank `to`.
    pub fn allow(&mut self, from: u8, to: u8) -> Result<(), RankTooHigh> {
        if let Some(rank) = [from, to].into_iter().find(|rank| *rank > RANK_MAX) {
            return Err(RankTooHigh(rank));
        }
        self.to[usize::from(from)] |= 1 << to;
        Ok(())
    }

    /// Whether a unit on this errand may be sent to a call of rank `to`.
    pub fn lets(&self, errand: Errand, to: u8) -> bool {
        match errand {
            Errand::Free => true,
            Errand::Bound => false,
            Errand::ToCall { rank } => {
                let bits = self.to.get(usize::from(rank)).copied().unwrap_or(0);
                to <= RANK_MAX && bits & (1 << to) != 0
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use ems_model::IncidentId;

    use super::*;

    #[test]
    fn only_a_rule_turns_a_unit_round() {
        let mut rules = Diversions::default();
        rules.allow(3, 1).unwrap();
        for (errand, to, may) in [
            (Errand::Free, 3, true),
            (Errand::Bound, 1, false),
            (Errand::ToCall { rank: 3 }, 1, true),
            (Errand::ToCall { rank: 3 }, 2, false),
            (Errand::ToCall { rank: 1 }, 3, false),
            (Errand::ToCall { rank: 200 }, 1, false),
            (Errand::ToCall { rank: 3 }, 17, false),
        ] {
            assert_eq!(rules.lets(errand, to), may, "{errand:?} to {to}");
        }
        assert_eq!(rules.allow(1, 16), Err(RankTooHigh(16)));
    }

    #[test]
    fn a_unit_is_bound_from_its_arrival_on_scene() {
        let incident = IncidentId(1);
        for (phase, errand) in [
            (Phase::Notified, Errand::ToCall { rank: 2 }),
            (Phase::Staged, Errand::ToCall { rank: 2 }),
            (Phase::OnScene, Errand::Bound),
            (Phase::CareTransferred, Errand::Bound),
        ] {
            assert_eq!(Errand::of(UnitState::Engaged { incident, phase }, 2), errand, "{phase:?}");
        }
        assert_eq!(Errand::of(UnitState::OffDuty, 2), Errand::Bound);
    }
}
