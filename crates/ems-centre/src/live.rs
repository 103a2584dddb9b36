//! What the centre knows now and does not keep in its log: positions and the latest vitals.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{
    AlarmKind, Frame, FrameBody, HospitalId, IncidentId, Micros, Millis, News2, Position,
    ScoreTold, Seen, Timestamp, UnitId, Vitals,
};

use crate::asked::Asked;
use crate::fleet::Fleet;
use crate::hours::MealsSeen;

/// Where a unit was last.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fix {
    /// Where.
    pub position: Position,
    /// When.
    pub at: Timestamp,
}

/// A unit's newest vital signs.
#[derive(Debug, Clone, PartialEq)]
pub struct LatestVitals {
    /// When they were measured, by the centre's clock where the unit's is known.
    pub at: Timestamp,
    /// The truth lies within so much of it; `None` where nobody knows.
    pub within: Option<Micros>,
    /// Of which incident's patient.
    pub incident: Option<IncidentId>,
    /// The readings.
    pub vitals: Vitals,
    /// Their score.
    pub news2: Option<News2>,
    /// Other scores that they begin.
    pub scores: Vec<ScoreTold>,
}

/// What is lost in a restart and comes back within seconds.
#[derive(Debug, Default)]
pub(crate) struct Live {
    pub(crate) vitals: BTreeMap<UnitId, LatestVitals>,
    /// The number of each unit's newest frame of an alarm.
    pub(crate) alarms: BTreeMap<(UnitId, AlarmKind), u64>,
    /// When a unit's expected arrival was last computed.
    pub(crate) eta_checked: BTreeMap<UnitId, Timestamp>,
    /// Units whose expected arrival was last computed under other traffic.
    pub(crate) under_new_traffic: BTreeSet<UnitId>,
    /// The drives from the scene of each open incident, which stays where it is.
    pub(crate) drives: BTreeMap<IncidentId, BTreeMap<HospitalId, Millis>>,
    /// Where units drove of late.
    pub(crate) fleet: Fleet,
    /// Which crews were looked at when the window for their break opened.
    pub(crate) meals: MealsSeen,
    /// What was asked of late.
    pub(crate) asked: Asked,
}

impl Live {
    /// Notes a frame of an alarm; gives whether one of the same alarm that is newer came before, as
    /// it does when an outage is caught up.
    pub(crate) fn is_outdated(&mut self, unit: &UnitId, kind: AlarmKind, seq: u64) -> bool {
        let newest = self.alarms.entry((unit.clone(), kind)).or_default();
        let is_outdated = seq < *newest;
        *newest = seq.max(*newest);
        is_outdated
    }

    /// Takes vital signs unless newer ones are known; a clock that runs ahead counts as now.
    pub(crate) fn take_vitals(&mut self, now: Timestamp, frame: &Frame) {
        let FrameBody::Vitals { vitals, news2, scores } = &frame.body else { return };
        let seen = Seen::elsewhere(frame.at, frame.clock);
        let (at, within) = (seen.at.min(now), seen.within);
        if self.vitals.get(&frame.unit).is_some_and(|known| known.at > at) {
            return;
        }
        let (news2, scores) = (news2.clone(), scores.clone());
        let (incident, vitals) = (frame.incident, *vitals);
        let latest = LatestVitals { at, within, incident, vitals, news2, scores };
        self.vitals.insert(frame.unit.clone(), latest);
    }
}
