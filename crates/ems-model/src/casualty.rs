//! A casualty of a major incident: tagged, allotted, loaded, brought.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CasualtyId, HospitalCapability, HospitalId, Timestamp, TransitionError, UnitId};

/// Most taggings of one casualty.
pub const TAGS_PER_CASUALTY_MAX: usize = 50;

/// How soon a casualty is cared for, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Red: at once.
    Immediate,
    /// Yellow: can wait.
    Delayed,
    /// Green: the walking wounded.
    Minor,
    /// Grey: cannot be saved with what is at hand.
    Expectant,
    /// Black.
    Deceased,
}

impl Tag {
    /// Every tag, most urgent first.
    pub const ALL: [Self; 5] =
        [Self::Immediate, Self::Delayed, Self::Minor, Self::Expectant, Self::Deceased];
}

/// Which trees fit a casualty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AgeGroup {
    /// Looks like a child.
    Child,
    /// Looks grown up.
    Adult,
    /// Nobody has said.
    Unknown,
}

/// What a tagging found: the answers, where the tree leads, and the tag that was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TagFinding {
    /// How old the casualty looks.
    pub age_group: AgeGroup,
    /// The tree with its version: `start-1997/1`.
    pub tree: String,
    /// Question to yes, as the tree names them: the tag can be derived from them again.
    pub answers: BTreeMap<String, bool>,
    /// Where the tree leads.
    pub by_tree: Tag,
    /// The tag that was given.
    pub tag: Tag,
    /// Why it differs, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrule: Option<String>,
    /// What the hospital must have beyond what the tag asks for: `burns`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub needs: BTreeSet<HospitalCapability>,
}

/// A tagging with who did it and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TagRecord {
    /// What was found.
    #[serde(flatten)]
    pub finding: TagFinding,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// How a casualty leaves the scene without an ambulance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SceneEnd {
    /// Dead.
    Dead,
    /// Gone without asking.
    WalkedAway,
    /// Let go by a crew.
    Released,
}

/// Where a casualty is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CasualtyState {
    /// On scene, no hospital named.
    Tagged,
    /// On scene, a hospital has been told.
    Allotted {
        /// Which.
        hospital: HospitalId,
    },
    /// In an ambulance.
    Loaded {
        /// Which.
        unit: UnitId,
        /// Where it goes.
        hospital: HospitalId,
    },
    /// Brought.
    AtHospital {
        /// Where.
        hospital: HospitalId,
    },
    /// Dead on scene.
    DeadOnScene,
    /// Gone without asking.
    WalkedAway,
    /// Let go by a crew.
    Released,
}

impl fmt::Display for CasualtyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tagged => f.write_str("tagged"),
            Self::Allotted { hospital } => write!(f, "allotted to {hospital}"),
            Self::Loaded { unit, .. } => write!(f, "in {unit}"),
            Self::AtHospital { hospital } => write!(f, "at {hospital}"),
            Self::DeadOnScene => f.write_str("dead on scene"),
            Self::WalkedAway => f.write_str("gone"),
            Self::Released => f.write_str("released"),
        }
    }
}

/// A casualty with every tag that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Casualty {
    /// The number within the incident.
    pub id: CasualtyId,
    /// Every tagging, oldest first; never empty.
    pub tags: Vec<TagRecord>,
    /// Where the casualty is.
    pub state: CasualtyState,
    /// Since when.
    pub since: Timestamp,
}

type Stepped = Result<Casualty, TransitionError>;

impl Casualty {
    /// A casualty who has just been tagged for the first time.
    pub fn found(id: CasualtyId, tag: TagRecord) -> Self {
        let since = tag.at;
        Self { id, tags: vec![tag], state: CasualtyState::Tagged, since }
    }

    /// The newest tagging.
    ///
    /// # Panics
    /// Never: a casualty is found by being tagged.
    pub fn latest(&self) -> &TagRecord {
        self.tags.last().expect("a casualty is found by being tagged")
    }

    /// The newest tag.
    pub fn tag(&self) -> Tag {
        self.latest().finding.tag
    }

    /// The hospital that was named.
    pub fn hospital(&self) -> Option<&HospitalId> {
        match &self.state {
            CasualtyState::Allotted { hospital }
            | CasualtyState::Loaded { hospital, .. }
            | CasualtyState::AtHospital { hospital } => Some(hospital),
            _ => None,
        }
    }

    /// The ambulance that the casualty is in.
    pub fn unit(&self) -> Option<&UnitId> {
        match &self.state {
            CasualtyState::Loaded { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// Whether the casualty's way is not over.
    pub fn is_open(&self) -> bool {
        use CasualtyState as S;
        matches!(self.state, S::Tagged | S::Allotted { .. } | S::Loaded { .. })
    }

    /// Tags again, until the casualty's way is over.
    pub fn retag(mut self, tag: TagRecord) -> Stepped {
        if !self.is_open() {
            return Err(self.illegal("be tagged again", "on scene or in an ambulance"));
        }
        if self.tags.len() >= TAGS_PER_CASUALTY_MAX {
            return Err(self.illegal("be tagged again", "tagged fewer than 50 times"));
        }
        self.tags.push(tag);
        Ok(self)
    }

    /// Names a hospital, or another one until the casualty is there.
    pub fn allot(self, at: Timestamp, hospital: HospitalId) -> Stepped {
        use CasualtyState as S;
        let state = match &self.state {
            S::Tagged | S::Allotted { .. } => S::Allotted { hospital },
            S::Loaded { unit, .. } => S::Loaded { unit: unit.clone(), hospital },
            _ => return Err(self.illegal("be allotted", "on scene or in an ambulance")),
        };
        Ok(Self { state, since: at, ..self })
    }

    /// Is carried into an ambulance; the hospital must be known.
    pub fn load(self, at: Timestamp, unit: UnitId) -> Stepped {
        match &self.state {
            CasualtyState::Allotted { hospital } => {
                let state = CasualtyState::Loaded { unit, hospital: hospital.clone() };
                Ok(Self { state, since: at, ..self })
            }
            _ => Err(self.illegal("be loaded", "allotted to a hospital")),
        }
    }

    /// Is carried out again before the hospital.
    pub fn unload(self, at: Timestamp) -> Stepped {
        match &self.state {
            CasualtyState::Loaded { hospital, .. } => {
                let state = CasualtyState::Allotted { hospital: hospital.clone() };
                Ok(Self { state, since: at, ..self })
            }
            _ => Err(self.illegal("be unloaded", "in an ambulance")),
        }
    }

    /// The ambulance is at the hospital.
    pub fn arrive(self, at: Timestamp) -> Stepped {
        match &self.state {
            CasualtyState::Loaded { hospital, .. } => {
                let state = CasualtyState::AtHospital { hospital: hospital.clone() };
                Ok(Self { state, since: at, ..self })
            }
            _ => Err(self.illegal("arrive at hospital", "in an ambulance")),
        }
    }

    /// Leaves the scene without an ambulance.
    pub fn end(self, at: Timestamp, how: SceneEnd) -> Stepped {
        use CasualtyState as S;
        if !matches!(self.state, S::Tagged | S::Allotted { .. }) {
            return Err(self.illegal("end on scene", "on scene"));
        }
        let state = match how {
            SceneEnd::Dead => S::DeadOnScene,
            SceneEnd::WalkedAway => S::WalkedAway,
            SceneEnd::Released => S::Released,
        };
        Ok(Self { state, since: at, ..self })
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("casualty", &self.id, &self.state, step, legal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Step = (&'static str, fn(Casualty) -> Stepped);

    fn tag(tag: Tag) -> TagRecord {
        let finding = TagFinding {
            age_group: AgeGroup::Unknown,
            tree: "start-1997/1".into(),
            answers: BTreeMap::new(),
            by_tree: tag,
            tag,
            overrule: None,
            needs: BTreeSet::new(),
        };
        TagRecord { finding, by: "unit:A1".into(), at: Timestamp::default() }
    }

    #[test]
    fn each_state_takes_its_own_steps_and_no_other() {
        let at = Timestamp::from_millis(1);
        let hospital = || HospitalId::new("n1").unwrap();
        let unit = || UnitId::new("A1").unwrap();
        let steps: [Step; 6] = [
            ("retag", |it| it.retag(tag(Tag::Minor))),
            ("allot", |it| it.allot(Timestamp::default(), HospitalId::new("n2").unwrap())),
            ("load", |it| it.load(Timestamp::default(), UnitId::new("A2").unwrap())),
            ("unload", |it| it.unload(Timestamp::default())),
            ("arrive", |it| it.arrive(Timestamp::default())),
            ("end", |it| it.end(Timestamp::default(), SceneEnd::Dead)),
        ];
        let tagged = Casualty::found(CasualtyId(1), tag(Tag::Immediate));
        let allotted = tagged.clone().allot(at, hospital()).unwrap();
        let loaded = allotted.clone().load(at, unit()).unwrap();
        let brought = loaded.clone().arrive(at).unwrap();
        let dead = tagged.clone().end(at, SceneEnd::Dead).unwrap();
        let gone = tagged.clone().end(at, SceneEnd::WalkedAway).unwrap();
        let released = allotted.clone().end(at, SceneEnd::Released).unwrap();
        for (casualty, legal) in [
            (tagged, vec!["retag", "allot", "end"]),
            (allotted, vec!["retag", "allot", "load", "end"]),
            (loaded, vec!["retag", "allot", "unload", "arrive"]),
            (brought, vec![]),
            (dead, vec![]),
            (gone, vec![]),
            (released, vec![]),
        ] {
            for (name, step) in steps {
                let state = &casualty.state;
                let is_ok = step(casualty.clone()).is_ok();
                assert_eq!(is_ok, legal.contains(&name), "{state} then {name}");
            }
        }
    }

    #[test]
    fn each_tag_is_kept_and_their_number_is_limited() {
        let mut casualty = Casualty::found(CasualtyId(1), tag(Tag::Minor));
        for _ in 1..TAGS_PER_CASUALTY_MAX {
            casualty = casualty.retag(tag(Tag::Delayed)).unwrap();
        }
        assert_eq!((casualty.tags[0].finding.tag, casualty.tag()), (Tag::Minor, Tag::Delayed));
        assert!(casualty.retag(tag(Tag::Minor)).is_err());
    }
}
