//! Several units for one call: the places of its run card, and who takes them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{IncidentId, Millis, UnitId, UnitKind, UnitReason};

/// Whether a place of a run card must be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// The call waits for it.
    Needed,
    /// It helps where a unit is at hand.
    Wished,
}

/// Who takes the places of a call's run card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Response {
    /// The run card.
    pub card: String,
    /// Its places, in its order.
    pub slots: Vec<ResponseSlot>,
    /// Units that are on the call and take none of the places.
    pub beyond: Vec<UnitId>,
    /// From now until the first crew arrives; `None` where none does.
    pub first_crew: Option<Millis>,
    /// What sending costs, places left empty included, milliseconds; lower is better.
    pub cost: i64,
    /// Expected cover that goes with those sent, each alone, shares of all demand, millionths;
    /// `None` where the policy weighs none.
    pub cover_lost: Option<u32>,
}

/// A place of a run card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResponseSlot {
    /// Its name on the card: `als`.
    pub slot: String,
    /// Whether it must be taken.
    pub need: Need,
    /// The kinds that may take it, best first.
    pub kinds: Vec<UnitKind>,
    /// Who takes it.
    pub state: SlotState,
}

/// Who takes a place of a run card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum SlotState {
    /// A unit that is on the call.
    Held {
        /// Which.
        unit: UnitId,
    },
    /// A unit that should be sent.
    Fills {
        /// Which.
        unit: UnitId,
        /// Its way to the scene, turning out included.
        eta: Millis,
        /// The call to which it drives now, and which would wait again.
        from: Option<IncidentId>,
    },
    /// Nobody.
    Empty {
        /// Why.
        why: NoUnit,
    },
}

/// Why nobody takes a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum NoUnit {
    /// A crew on scene says that nobody is needed there.
    NotNeeded {
        /// Whose crew.
        by: UnitId,
    },
    /// The service has no such unit.
    NoSuchUnit,
    /// The likeliest of them cannot be sent.
    NotFree {
        /// Which.
        unit: UnitId,
        /// Why it cannot.
        reason: UnitReason,
    },
    /// All that can be sent take other places.
    TakenByOthers,
    /// The best would come too long after the first crew.
    TooLate {
        /// Which.
        unit: UnitId,
        /// When it would come.
        eta: Millis,
        /// Until when it helps.
        limit: Millis,
    },
    /// The best costs more elsewhere than it helps here.
    NotWorth {
        /// Which.
        unit: UnitId,
    },
}

impl Response {
    /// The units that should be sent, in the order of the places.
    pub fn to_send(&self) -> impl Iterator<Item = &UnitId> {
        self.slots.iter().filter_map(|slot| match &slot.state {
            SlotState::Fills { unit, .. } => Some(unit),
            SlotState::Held { .. } | SlotState::Empty { .. } => None,
        })
    }

    /// Those of them that drive to another call, and to which.
    pub fn to_divert(&self) -> BTreeMap<UnitId, IncidentId> {
        let diverted = self.slots.iter().filter_map(|slot| match &slot.state {
            SlotState::Fills { unit, from, .. } => Some((unit.clone(), (*from)?)),
            SlotState::Held { .. } | SlotState::Empty { .. } => None,
        });
        diverted.collect()
    }

    /// The places that the call waits for and nobody takes.
    pub fn unmet(&self) -> impl Iterator<Item = &ResponseSlot> {
        self.slots.iter().filter(|slot| {
            let is_empty = match &slot.state {
                SlotState::Empty { why } => !matches!(why, NoUnit::NotNeeded { .. }),
                SlotState::Held { .. } | SlotState::Fills { .. } => false,
            };
            slot.need == Need::Needed && is_empty
        })
    }

    /// The place that a unit takes, if it takes one.
    pub fn slot_of(&self, id: &UnitId) -> Option<&ResponseSlot> {
        self.slots.iter().find(|slot| match &slot.state {
            SlotState::Held { unit } | SlotState::Fills { unit, .. } => unit == id,
            SlotState::Empty { .. } => false,
        })
    }
}
