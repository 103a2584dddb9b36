//! When a patient's treatment begins at each hospital, and what that loses against the best one.

use std::collections::BTreeMap;

use ems_model::{
    Findings, HospitalCapability, HospitalId, HospitalReason, Millis, ReperfusionKind, Timestamp,
};

use crate::destination::{Patient, permille};
use crate::hospitals::HospitalFacts;
use crate::policy::HospitalPolicy;
use crate::reference::Reference;
use crate::stemi::{Reperfusion, StemiCase, StemiCentre, StemiPath};
use crate::stroke::{Race, StrokeCase, StrokeCentre, StrokeOutlook, StrokePath};

/// What a hospital's time to treatment is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treatment {
    /// When it begins there and what may be hoped for.
    pub reason: HospitalReason,
    /// What that loses against the best hospital, as so much more of a drive; zero for the best.
    pub lost: Millis,
}

impl Reference {
    /// When a scored stroke or a heart attack is treated at each hospital that takes the patient
    /// and can be reached; empty for other patients. `transfer` is the drive between two hospitals,
    /// `None` where no road leads. Cost: the square of the hospitals.
    pub fn treatments(
        &self,
        patient: &Patient<'_>,
        hospitals: &[HospitalFacts],
        now: Timestamp,
        transfer: impl Fn(&HospitalId, &HospitalId) -> Option<Millis>,
    ) -> BTreeMap<HospitalId, Treatment> {
        let open: Vec<_> = hospitals.iter().filter(|facts| facts.takes_patients(now)).collect();
        let treat = patient.findings.iter().find_map(|findings| match findings {
            Findings::Stroke { .. } => {
                Some(self.stroke_treatments(patient, findings, &open, &transfer))
            }
            Findings::Ecg { is_stemi: true, .. } => {
                Some(self.stemi_treatments(patient, findings, &open, &transfer))
            }
            _ => None,
        });
        treat.unwrap_or_default()
    }

    fn stroke_treatments(
        &self,
        patient: &Patient<'_>,
        findings: &Findings,
        open: &[&HospitalFacts],
        transfer: impl Fn(&HospitalId, &HospitalId) -> Option<Millis>,
    ) -> BTreeMap<HospitalId, Treatment> {
        let Findings::Stroke { race, last_known_well } = findings else {
            unreachable!("{findings:?} is no stroke")
        };
        let gives_lysis =
            |facts: &&&HospitalFacts| has(facts, HospitalCapability::StrokeThrombolysis);
        let centres = open.iter().filter(gives_lysis).filter_map(|facts| {
            let has_thrombectomy = has(facts, HospitalCapability::StrokeThrombectomy);
            Some(StrokeCentre { hospital: facts.id.clone(), drive: facts.drive?, has_thrombectomy })
        });
        let centres: Vec<_> = centres.collect();
        let (race, missing) = Race::of(race);
        let since_onset = last_known_well.map(|well| patient.since(well));
        let ways = |since_onset| {
            self.stroke().outlooks(StrokeCase { race, since_onset }, &centres, transfer)
        };
        if let Some(since_onset) = since_onset.filter(|_| missing.is_empty()) {
            self.by_chance(&ways(since_onset))
        } else {
            self.by_time(&ways(Millis::ZERO), race)
        }
    }

    fn by_chance(&self, ways: &[StrokeOutlook]) -> BTreeMap<HospitalId, Treatment> {
        let best = ways.iter().map(|way| way.chance).fold(0.0, f64::max);
        let policy = self.hospitals();
        let treatment = |way: &StrokeOutlook| {
            let behind = best - way.chance;
            let is_equal = behind * 100.0 < self.stroke().equal_within_percent;
            let behind_permille = if is_equal { 0 } else { permille(behind) };
            Treatment {
                reason: HospitalReason::StrokeOutlook {
                    then: onward(way),
                    to_needle: way.onset_to_needle,
                    to_puncture: way.onset_to_puncture,
                    chance_permille: permille(way.chance),
                    behind_permille,
                },
                lost: policy.stroke_lost(behind_permille),
            }
        };
        best_by_first(ways, |way| way.path.first(), treatment)
    }

    /// Where the onset is unknown or a sign was not looked at: by the time from leaving the scene,
    /// to the vessel where an occlusion is likely, else to the needle.
    fn by_time(&self, ways: &[StrokeOutlook], race: Race) -> BTreeMap<HospitalId, Treatment> {
        let wants_vessel = self.stroke().is_positive(race)
            && ways.iter().any(|way| way.onset_to_puncture.is_some());
        let time = |way: &StrokeOutlook| match way.onset_to_puncture {
            Some(puncture) if wants_vessel => puncture,
            None if wants_vessel => self.stroke().puncture_limit() + way.drive,
            _ => way.onset_to_needle.unwrap_or(way.drive),
        };
        let mut sorted: Vec<_> = ways.iter().filter(|way| way.onset_to_needle.is_some()).collect();
        sorted.sort_by_key(|way| (time(way), way.drive));
        let beyond = |way: &StrokeOutlook| time(way) - way.drive;
        let best = sorted.iter().map(|way| beyond(way)).min().unwrap_or(Millis::ZERO);
        let treatment = |way: &&StrokeOutlook| {
            let behind = beyond(way) - best;
            let to_needle = way.onset_to_needle.expect("those without were left out");
            let (then, to_puncture) = (onward(way), way.onset_to_puncture);
            let reason = HospitalReason::StrokeTimes { then, to_needle, to_puncture };
            Treatment { reason, lost: behind }
        };
        best_by_first(&sorted, |way| way.path.first(), treatment)
    }

    fn stemi_treatments(
        &self,
        patient: &Patient<'_>,
        findings: &Findings,
        open: &[&HospitalFacts],
        transfer: impl Fn(&HospitalId, &HospitalId) -> Option<Millis>,
    ) -> BTreeMap<HospitalId, Treatment> {
        let Findings::Ecg { recorded_at, onset, crew_gives_lysis, .. } = findings else {
            unreachable!("{findings:?} is no ECG")
        };
        let takes = |facts: &&&HospitalFacts| has(facts, HospitalCapability::Emergency);
        let centres = open.iter().filter(takes).filter_map(|facts| {
            let has_pci = has(facts, HospitalCapability::Pci);
            Some(StemiCentre { hospital: facts.id.clone(), drive: facts.drive?, has_pci })
        });
        let centres: Vec<_> = centres.collect();
        let case = StemiCase {
            since_onset: onset.map(|onset| patient.since(onset)),
            since_diagnosis: patient.since(*recorded_at),
            crew_gives_lysis: *crew_gives_lysis == Some(true),
        };
        let paths = self.stemi().paths(case, &centres, transfer);
        let mut treatments = self.by_reperfusion(&paths);
        let without = centres.iter().filter(|it| !treatments.contains_key(&it.hospital));
        let without: Vec<_> = without.map(|it| it.hospital.clone()).collect();
        let can_nothing = nothing_in_time(self.hospitals());
        treatments.extend(without.into_iter().map(|id| (id, can_nothing.clone())));
        treatments
    }

    fn by_reperfusion(&self, paths: &[StemiPath]) -> BTreeMap<HospitalId, Treatment> {
        let beyond = |path: &StemiPath| self.stemi().worth(&path.reperfusion) - path.drive;
        let best = paths.iter().map(beyond).min().unwrap_or(Millis::ZERO);
        let treatment = |path: &StemiPath| {
            let (how, to_wire, to_bolus) = match path.reperfusion {
                Reperfusion::PrimaryPci { wire, .. } => {
                    (ReperfusionKind::PrimaryPci, Some(wire), None)
                }
                Reperfusion::Lysis { bolus, wire } => (ReperfusionKind::Lysis, wire, Some(bolus)),
                Reperfusion::LatePci { wire } => (ReperfusionKind::LatePci, Some(wire), None),
            };
            let (then, goal) = (path.then.clone(), self.stemi().goal(path));
            let counts_as = self.stemi().worth(&path.reperfusion);
            let reason =
                HospitalReason::Reperfusion { then, how, to_wire, to_bolus, goal, counts_as };
            Treatment { reason, lost: beyond(path) - best }
        };
        best_by_first(paths, |path| &path.first, treatment)
    }
}

/// The first of `ways`, which stand best first, for each hospital where one begins.
fn best_by_first<W>(
    ways: &[W],
    first: impl Fn(&W) -> &HospitalId,
    treatment: impl Fn(&W) -> Treatment,
) -> BTreeMap<HospitalId, Treatment> {
    let mut best = BTreeMap::new();
    for way in ways {
        best.entry(first(way).clone()).or_insert_with(|| treatment(way));
    }
    best
}

fn nothing_in_time(policy: &HospitalPolicy) -> Treatment {
    let reason = HospitalReason::LacksPreferred { capability: HospitalCapability::Pci };
    Treatment { reason, lost: policy.lacks_capability }
}

fn has(facts: &HospitalFacts, capability: HospitalCapability) -> bool {
    facts.capabilities.contains(&capability)
}

fn onward(way: &StrokeOutlook) -> Option<HospitalId> {
    match &way.path {
        StrokePath::DripAndShip { then, .. } => Some(then.clone()),
        StrokePath::Thrombolysis(_) | StrokePath::Mothership(_) => None,
    }
}
