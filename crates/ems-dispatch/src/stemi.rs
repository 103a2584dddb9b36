//! How a heart attack with ST elevation is reperfused in time, and where.

use ems_model::{HospitalId, Millis};
use serde::Deserialize;

use crate::text::{Source, check_name, check_texts, mins};

/// Time targets, from one TOML file: `data/dispatch/destination/stemi.toml`, which explains each.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StemiModel {
    /// Its name with its version.
    pub name: String,
    #[serde(rename = "diagnosis_to_wire_max_min", deserialize_with = "mins")]
    diagnosis_to_wire_max: Millis,
    #[serde(rename = "diagnosis_to_wire_goal_min", deserialize_with = "mins")]
    goal: Millis,
    #[serde(rename = "diagnosis_to_wire_goal_transferred_min", deserialize_with = "mins")]
    goal_transferred: Millis,
    #[serde(rename = "lysis_goal_min", deserialize_with = "mins")]
    lysis_goal: Millis,
    #[serde(rename = "lysis_limit_min", deserialize_with = "mins")]
    lysis_limit: Millis,
    #[serde(rename = "door_to_wire_min", deserialize_with = "mins")]
    door_to_wire: Millis,
    #[serde(rename = "door_in_door_out_min", deserialize_with = "mins")]
    door_in_door_out: Millis,
    /// Where its figures come from.
    pub sources: Vec<Source>,
}

/// What is known of the patient and the crew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StemiCase {
    /// From onset of pain until the unit leaves the scene; `None` if unknown.
    pub since_onset: Option<Millis>,
    /// From the diagnosing ECG until the unit leaves the scene.
    pub since_diagnosis: Millis,
    /// Whether the crew can give lysis on scene.
    pub crew_gives_lysis: bool,
}

/// A hospital that takes the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StemiCentre {
    /// Which.
    pub hospital: HospitalId,
    /// The drive from the scene.
    pub drive: Millis,
    /// Whether it has a catheter laboratory that is open.
    pub has_pci: bool,
}

/// How the vessel is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reperfusion {
    /// In the catheter laboratory, within the longest time.
    PrimaryPci {
        /// From the diagnosis to the wire.
        wire: Millis,
        /// Whether that meets the goal.
        meets_goal: bool,
    },
    /// By lysis first, since the laboratory comes too late.
    Lysis {
        /// From the diagnosis to the bolus.
        bolus: Millis,
        /// When the wire would come; `None` where the way leads to no laboratory.
        wire: Option<Millis>,
    },
    /// Neither the laboratory nor lysis can be had in time: as soon as can be.
    LatePci {
        /// From the diagnosis to the wire.
        wire: Millis,
    },
}

/// A way through the hospitals and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StemiPath {
    /// Where the ambulance drives first.
    pub first: HospitalId,
    /// Where the patient is transferred to from there.
    pub then: Option<HospitalId>,
    /// The drive from the scene.
    pub drive: Millis,
    /// How the vessel is opened.
    pub reperfusion: Reperfusion,
}

impl StemiModel {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_texts([], &self.sources)?;
        check_name(&self.name)?;
        if self.goal > self.diagnosis_to_wire_max
            || self.goal_transferred > self.diagnosis_to_wire_max
        {
            return Err("a goal is longer than diagnosis_to_wire_max_min: shorten it".into());
        }
        Ok(())
    }

    /// Every way, best first: primary PCI by its time to the wire, then lysis by its time to the
    /// bolus, then what comes late; `transfer` is the drive between two hospitals, `None` where no
    /// road leads. Cost: the product of hospitals without and with a laboratory.
    pub fn paths(
        &self,
        case: StemiCase,
        centres: &[StemiCentre],
        transfer: impl Fn(&HospitalId, &HospitalId) -> Option<Millis>,
    ) -> Vec<StemiPath> {
        let (with, without): (Vec<_>, Vec<_>) = centres.iter().partition(|centre| centre.has_pci);
        let straight = with.iter().map(|centre| self.straight(case, centre));
        let onward = without.iter().filter_map(|&first| {
            let on = with
                .iter()
                .filter_map(|&then| Some((then, transfer(&first.hospital, &then.hospital)?)));
            self.by_way_of(case, first, on.min_by_key(|&(_, drive)| drive))
        });
        let mut paths: Vec<_> = straight.chain(onward).collect();
        paths.sort_by(|a, b| a.order().cmp(&b.order()));
        paths
    }

    /// From the diagnosis to the wire at most, before lysis comes first.
    pub(crate) fn wire_max(&self) -> Millis {
        self.diagnosis_to_wire_max
    }

    /// The time that a path is to meet: to the bolus where lysis comes first, else to the wire.
    pub(crate) fn goal(&self, path: &StemiPath) -> Millis {
        match path.reperfusion {
            Reperfusion::PrimaryPci { .. } if path.then.is_some() => self.goal_transferred,
            Reperfusion::PrimaryPci { .. } => self.goal,
            Reperfusion::Lysis { .. } => self.lysis_goal,
            Reperfusion::LatePci { .. } => self.diagnosis_to_wire_max,
        }
    }

    /// The time to the wire that counts as much. The guideline turns to lysis within `lysis_goal`
    /// where the wire comes after `diagnosis_to_wire_max`: so much later is a wire worth as much as
    /// a bolus. What comes too late for either counts as late as that.
    pub(crate) fn worth(&self, reperfusion: &Reperfusion) -> Millis {
        let delay = self.diagnosis_to_wire_max - self.lysis_goal;
        match *reperfusion {
            Reperfusion::PrimaryPci { wire, .. } => wire,
            Reperfusion::Lysis { bolus, .. } => bolus + delay,
            Reperfusion::LatePci { wire } => wire + delay,
        }
    }

    fn straight(&self, case: StemiCase, centre: &StemiCentre) -> StemiPath {
        let wire = case.since_diagnosis + centre.drive + self.door_to_wire;
        let on_scene = case.crew_gives_lysis.then(|| case.since_diagnosis + self.lysis_goal);
        StemiPath {
            first: centre.hospital.clone(),
            then: None,
            drive: centre.drive,
            reperfusion: self
                .reperfusion(case, Some(wire), on_scene, self.goal)
                .unwrap_or(Reperfusion::LatePci { wire }),
        }
    }

    /// `None` where the first hospital can do nothing in time and leads no farther.
    fn by_way_of(
        &self,
        case: StemiCase,
        first: &StemiCentre,
        then: Option<(&StemiCentre, Millis)>,
    ) -> Option<StemiPath> {
        let arrival = case.since_diagnosis + first.drive;
        let wire =
            then.map(|(_, drive)| arrival + self.door_in_door_out + drive + self.door_to_wire);
        let bolus =
            if case.crew_gives_lysis { case.since_diagnosis } else { arrival } + self.lysis_goal;
        let reperfusion = self.reperfusion(case, wire, Some(bolus), self.goal_transferred);
        Some(StemiPath {
            first: first.hospital.clone(),
            then: then.map(|(centre, _)| centre.hospital.clone()),
            drive: first.drive,
            reperfusion: reperfusion.or(wire.map(|wire| Reperfusion::LatePci { wire }))?,
        })
    }

    fn reperfusion(
        &self,
        case: StemiCase,
        wire: Option<Millis>,
        bolus: Option<Millis>,
        goal: Millis,
    ) -> Option<Reperfusion> {
        if let Some(wire) = wire.filter(|&wire| wire <= self.diagnosis_to_wire_max) {
            return Some(Reperfusion::PrimaryPci { wire, meets_goal: wire <= goal });
        }
        let since_onset = case.since_onset.unwrap_or(case.since_diagnosis);
        let is_in_time =
            |bolus: &Millis| since_onset - case.since_diagnosis + *bolus <= self.lysis_limit;
        bolus.filter(is_in_time).map(|bolus| Reperfusion::Lysis { bolus, wire })
    }
}

impl StemiPath {
    fn order(&self) -> (u8, Millis, Millis, &HospitalId) {
        let (rank, time) = match self.reperfusion {
            Reperfusion::PrimaryPci { wire, .. } => (0, wire),
            Reperfusion::Lysis { bolus, .. } => (1, bolus),
            Reperfusion::LatePci { wire } => (2, wire),
        };
        (rank, time, self.drive, &self.first)
    }
}
