//! What a crew of the twin finds on scene, drawn by complaint and severity. The shares are invented
//! for rehearsal.

use std::collections::BTreeSet;

use ems_dispatch::{Criterion, Reference};
use ems_model::{
    BurnDepth, Command, Consciousness, Findings, IncidentId, Millis, RaceItems, Timestamp, Vitals,
};
use rand_pcg::Pcg64Mcg;

use super::City;
use crate::chance::{Purpose, lognormal, share, stream};
use crate::mix::{Rhythm, Severity};

/// One in so many onsets is not known.
const UNKNOWN_ONSET: f64 = 0.2;

impl City {
    /// The crew tells what it found, where the complaint is one that findings decide.
    pub(crate) fn record_findings(&mut self, now: Timestamp, incident: IncidentId) {
        let Some(case) = self.cases.get_mut(&incident).filter(|case| !case.is_over()) else {
            return;
        };
        let Some(unit) = case.carer.clone() else { return };
        case.body.advance(now);
        let scene = Scene {
            severity: case.severity,
            rang_at: case.rang_at,
            now,
            vitals: case.body.vitals(),
            rhythm: case.body.heart().rhythm,
        };
        let mut rng = stream(self.plan.seed, Purpose::Findings, case.idx);
        let findings = scene.findings(&case.complaint, &self.reference, &mut rng);
        let Some(findings) = findings else { return };
        let (what, actor) = (format!("{}-findings", case.label), format!("unit:{unit}"));
        let command = Command::RecordFindings { incident, unit, at: now, findings };
        self.send(now, &what, actor, command);
    }
}

struct Scene {
    severity: Severity,
    rang_at: Timestamp,
    now: Timestamp,
    vitals: Vitals,
    rhythm: Rhythm,
}

impl Scene {
    fn findings(
        &self,
        complaint: &str,
        reference: &Reference,
        rng: &mut Pcg64Mcg,
    ) -> Option<Findings> {
        match complaint {
            "stroke" => Some(Findings::Stroke {
                race: self.race(rng),
                last_known_well: self.onset([40.0, 240.0], rng),
            }),
            "chest-pain" => Some(Findings::Ecg {
                is_stemi: self.rhythm == Rhythm::StElevation,
                recorded_at: self.now,
                onset: self.onset([60.0, 300.0], rng),
                crew_gives_lysis: None,
            }),
            "trauma" | "fall" => Some(self.injury(reference, rng)),
            "burns" => Some(self.burn(reference, rng)),
            "childbirth" => Some(self.obstetric(reference, rng)),
            "child-fever" => Some(self.child(rng)),
            _ => None,
        }
    }

    /// When it began, before the call: median and longest of nine in ten, minutes.
    #[expect(clippy::cast_possible_truncation, reason = "at most some days")]
    fn onset(&self, [median, p90]: [f64; 2], rng: &mut Pcg64Mcg) -> Option<Timestamp> {
        let before = lognormal(median, p90, rng);
        let is_known = share(rng) >= UNKNOWN_ONSET;
        is_known.then(|| self.rang_at - Millis::from_mins(before.round() as i64))
    }

    fn by_severity<T>(&self, [minor, serious, critical]: [T; 3]) -> T {
        match self.severity {
            Severity::Minor => minor,
            Severity::Serious => serious,
            Severity::Critical => critical,
        }
    }

    fn race(&self, rng: &mut Pcg64Mcg) -> RaceItems {
        let chance = self.by_severity([0.15, 0.5, 0.85]);
        let mut points = |most: u8| {
            let scored = (0..most).map(|_| u8::from(share(rng) < chance));
            Some(scored.sum())
        };
        RaceItems {
            face: points(2),
            arm: points(2),
            leg: points(2),
            gaze: points(1),
            cortex: points(2),
        }
    }

    fn injury(&self, reference: &Reference, rng: &mut Pcg64Mcg) -> Findings {
        let (red, yellow) = (&reference.trauma().red, &reference.trauma().yellow);
        let any = ["fall", "run-over", "rider", "intrusion", "worry"];
        let criteria = self.by_severity([
            None,
            one_of(yellow, &any, rng),
            one_of(red, &["long-bones", "pelvis", "chest-wall", "skull", "bleeding"], rng),
        ]);
        let vitals = &self.vitals;
        let motor = vitals.consciousness.map(|level| match level {
            Consciousness::Alert | Consciousness::Confusion | Consciousness::Voice => 6,
            Consciousness::Pain => 4,
            Consciousness::Unresponsive => 1,
        });
        let is_on_air = vitals.on_oxygen == Some(false);
        Findings::Injury {
            motor,
            breaths: vitals.respiratory_rate.map(ems_model::BreathsPerMin::get),
            saturation: vitals
                .spo2
                .filter(|_| is_on_air)
                .and_then(|it| u8::try_from(it.get()).ok()),
            systolic: vitals.systolic.map(ems_model::MmHg::get),
            pulse: vitals.heart_rate.map(ems_model::Bpm::get),
            criteria: criteria.into_iter().collect(),
        }
    }

    fn burn(&self, reference: &Reference, rng: &mut Pcg64Mcg) -> Findings {
        let (from, to) = self.by_severity([(1.0, 9.0), (8.0, 20.0), (20.0, 50.0)]);
        let depth = self.by_severity([BurnDepth::Partial, BurnDepth::DeepPartial, BurnDepth::Full]);
        let burns = reference.burns();
        let criteria = self.by_severity([
            None,
            one_of(&burns.consult, &["inhalation-signs"], rng),
            one_of(&burns.immediate, &["inhalation", "deep-place"], rng),
        ]);
        Findings::Burn {
            tbsa_percent: Some(whole(from, to, rng)),
            depth: Some(depth),
            criteria: criteria.into_iter().collect(),
        }
    }

    fn obstetric(&self, reference: &Reference, rng: &mut Pcg64Mcg) -> Findings {
        let (from, to) = self.by_severity([(37.0, 41.0), (30.0, 37.0), (25.0, 34.0)]);
        let weeks = Some(whole(from, to, rng));
        let named = self.by_severity([None, Some("severe-preeclampsia"), Some("bleeding")]);
        let known = |id: &&str| reference.obstetric().signs.iter().any(|sign| sign.id == **id);
        let signs: BTreeSet<_> = named.filter(known).map(str::to_owned).into_iter().collect();
        Findings::Obstetric { weeks, signs }
    }

    fn child(&self, rng: &mut Pcg64Mcg) -> Findings {
        let chance = self.by_severity([0.05, 0.35, 0.8]);
        let mut side = || Some(share(rng) < chance);
        Findings::Child { appearance: side(), breathing: side(), circulation: side() }
    }
}

/// One of the named criteria that the file has.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of a handful"
)]
fn one_of(criteria: &[Criterion], named: &[&str], rng: &mut Pcg64Mcg) -> Option<String> {
    let known = |id: &&&str| criteria.iter().any(|criterion| criterion.id == **id);
    let known: Vec<_> = named.iter().filter(known).collect();
    let idx = (share(rng) * known.len() as f64) as usize;
    known.get(idx).map(|id| (**id).to_owned())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0..=50")]
fn whole(from: f64, to: f64, rng: &mut Pcg64Mcg) -> u8 {
    (from + (to - from) * share(rng)).round() as u8
}
