//! What a crew's findings ask of the hospital.

use std::collections::BTreeSet;

use ems_model::{Findings, HospitalCapability, Judgement, Millis, Timestamp, Verdict};

use crate::burns::{Burnt, Referral};
use crate::field_triage::{Injured, InjuryFinding, InjuryRisk, Met, Missing, UnknownCriterion};
use crate::reference::Reference;
use crate::stroke::Race;
use crate::text::{Source, is_verified};

/// A patient as the crew found them.
#[derive(Debug, Clone)]
pub struct Patient<'a> {
    /// Age in whole years.
    pub age: Option<u8>,
    /// When the unit leaves the scene, or is expected to.
    pub leaves_at: Timestamp,
    /// What the crew found, at most one finding a subject.
    pub findings: Vec<&'a Findings>,
}

impl Patient<'_> {
    /// From then until the unit leaves the scene; a clock that runs ahead counts as then.
    pub(crate) fn since(&self, at: Timestamp) -> Millis {
        self.leaves_at.since(at).max(Millis::ZERO)
    }
}

/// What the patient needs of the hospital, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What it must have.
    pub needs: Vec<HospitalCapability>,
    /// What it should have where that costs little time.
    pub prefers: BTreeSet<HospitalCapability>,
    /// What the findings mean.
    pub judgements: Vec<Judgement>,
}

impl Demand {
    fn add(&mut self, model: &str, sources: &[Source], verdict: Verdict) {
        if let Verdict::Criteria { needs, prefers, .. } = &verdict {
            let more = needs.iter().filter(|need| !self.needs.contains(need));
            let more: Vec<_> = more.copied().collect();
            self.needs.extend(more);
            self.prefers.extend(prefers);
        }
        let is_verified = is_verified(sources);
        self.judgements.push(Judgement { model: model.to_owned(), is_verified, verdict });
    }
}

impl Reference {
    /// What the patient needs: `needs` by the complaint card, and what the findings ask for.
    ///
    /// A scored stroke of known onset and an ECG with ST elevation decide by time which hospital
    /// comes first ([`Reference::treatments`]), so that thrombectomy and the catheter laboratory
    /// are no longer needs. No finding takes away anything else that the card asks for.
    pub fn demand(&self, patient: &Patient<'_>, needs: Vec<HospitalCapability>) -> Demand {
        let (prefers, judgements) = (BTreeSet::new(), Vec::new());
        let mut demand = Demand { needs, prefers, judgements };
        for findings in &patient.findings {
            self.weigh_findings(&mut demand, patient, findings);
        }
        let is_judged = patient.findings.iter().any(|it| matches!(it, Findings::Child { .. }));
        if !is_judged && patient.age.is_some_and(|age| self.child().is_child(age)) {
            let verdict = self.child_by_age();
            demand.add(&self.child().name, &self.child().sources, verdict);
        }
        demand.prefers.retain(|capability| !demand.needs.contains(capability));
        demand
    }

    fn weigh_findings(&self, demand: &mut Demand, patient: &Patient<'_>, findings: &Findings) {
        let verdict = match findings {
            Findings::Stroke { .. } => self.stroke_verdict(patient, findings),
            Findings::Ecg { is_stemi: false, .. } => return,
            Findings::Ecg { .. } => self.stemi_verdict(patient, findings),
            Findings::Injury { .. } => self.injury_verdict(patient, findings),
            Findings::Burn { .. } => self.burn_verdict(patient, findings),
            Findings::Obstetric { weeks, signs } => self.maternal_verdict(*weeks, signs),
            Findings::Child { appearance, breathing, circulation } => {
                self.child_verdict([*appearance, *breathing, *circulation])
            }
        };
        match verdict {
            Verdict::Stroke { .. } => self.demand_of_stroke(demand, &verdict),
            Verdict::Stemi { .. } => demand.needs.retain(|need| *need != HospitalCapability::Pci),
            Verdict::Criteria { .. } => {}
        }
        let (model, sources) = self.judge_of(findings);
        demand.add(model, sources, verdict);
    }

    /// The file that judges such findings, and where it comes from.
    fn judge_of(&self, findings: &Findings) -> (&str, &[Source]) {
        match findings {
            Findings::Stroke { .. } => (&self.stroke().name, &self.stroke().sources),
            Findings::Ecg { .. } => (&self.stemi().name, &self.stemi().sources),
            Findings::Injury { .. } => (&self.trauma().name, &self.trauma().sources),
            Findings::Burn { .. } => (&self.burns().name, &self.burns().sources),
            Findings::Obstetric { .. } => (&self.obstetric().name, &self.obstetric().sources),
            Findings::Child { .. } => (&self.child().name, &self.child().sources),
        }
    }

    fn demand_of_stroke(&self, demand: &mut Demand, verdict: &Verdict) {
        use HospitalCapability::{StrokeThrombectomy, StrokeThrombolysis};
        let Verdict::Stroke { race, positive_from, missing, since_onset, .. } = verdict else {
            unreachable!("{verdict:?} is no stroke")
        };
        let in_time = since_onset.filter(|since| *since < self.stroke().puncture_limit());
        if in_time.is_some() && missing.is_empty() {
            demand.needs.retain(|need| *need != StrokeThrombectomy);
        }
        if !demand.needs.contains(&StrokeThrombolysis) {
            demand.needs.push(StrokeThrombolysis);
        }
        let is_late = since_onset.is_some_and(|since| self.stroke().is_late(since));
        if is_late && race >= positive_from {
            demand.prefers.insert(StrokeThrombectomy);
        }
    }

    fn stroke_verdict(&self, patient: &Patient<'_>, findings: &Findings) -> Verdict {
        let Findings::Stroke { race: items, last_known_well } = findings else {
            unreachable!("{findings:?} is no stroke")
        };
        let (race, missing) = Race::of(items);
        let occlusion = missing.is_empty().then(|| permille(self.stroke().occlusion(race)));
        Verdict::Stroke {
            race: race.get(),
            missing,
            positive_from: self.stroke().race_positive,
            occlusion_permille: occlusion,
            since_onset: last_known_well.map(|well| patient.since(well)),
        }
    }

    fn stemi_verdict(&self, patient: &Patient<'_>, findings: &Findings) -> Verdict {
        let Findings::Ecg { recorded_at, onset, .. } = findings else {
            unreachable!("{findings:?} is no ECG")
        };
        Verdict::Stemi {
            since_diagnosis: patient.since(*recorded_at),
            since_onset: onset.map(|onset| patient.since(onset)),
            wire_max: self.stemi().wire_max(),
        }
    }

    fn injury_verdict(&self, patient: &Patient<'_>, findings: &Findings) -> Verdict {
        let Findings::Injury { motor, breaths, saturation, systolic, pulse, criteria } = findings
        else {
            unreachable!("{findings:?} is no injury")
        };
        let (motor, breaths, saturation) = (*motor, *breaths, *saturation);
        let (systolic, pulse) = (*systolic, *pulse);
        let known = self.trauma().knows();
        let ticked = criteria.iter().filter(|id| known.contains(id.as_str())).cloned().collect();
        let age = patient.age;
        let injured = Injured { age, motor, breaths, saturation, systolic, pulse, ticked };
        let found = self.trauma().judge(&injured);
        let found = found.expect("criteria that the file does not name were left out");
        let is_child = patient.age.is_some_and(|age| self.child().is_child(age));
        let of_child = is_child.then(|| self.child().injured_prefers());
        let (grade, needs, prefers) = match found.risk {
            InjuryRisk::Red => ("red", vec![HospitalCapability::Trauma], None),
            InjuryRisk::Yellow => ("yellow", vec![], Some(HospitalCapability::Trauma)),
            InjuryRisk::NoneMet => ("none", vec![], None),
        };
        let of_child = of_child.filter(|_| found.risk > InjuryRisk::NoneMet);
        let prefers = prefers.into_iter().chain(of_child).collect();
        let (met, missing) = (met_names(&found), missing_names(&found));
        Verdict::Criteria { grade: grade.into(), met, missing, needs, prefers }
    }

    fn burn_verdict(&self, patient: &Patient<'_>, findings: &Findings) -> Verdict {
        let Findings::Burn { tbsa_percent, depth, criteria } = findings else {
            unreachable!("{findings:?} is no burn")
        };
        let ticked: Vec<_> = criteria.iter().cloned().collect();
        let (age, tbsa_percent, depth) = (patient.age, *tbsa_percent, *depth);
        let found = self.burns().judge(&Burnt { age, tbsa_percent, depth, ticked: &ticked });
        let burns = || vec![HospitalCapability::Burns];
        let (grade, needs, prefers) = match found.referral {
            Referral::Immediate => ("immediate", burns(), vec![]),
            Referral::Consult => ("consult", vec![], burns()),
            Referral::None => ("none", vec![], vec![]),
        };
        let (met, missing) = (found.met, found.missing);
        Verdict::Criteria { grade: grade.into(), met, missing, needs, prefers }
    }

    fn maternal_verdict(&self, weeks: Option<u8>, signs: &BTreeSet<String>) -> Verdict {
        let finding = self.obstetric().judge(weeks, signs);
        Verdict::Criteria {
            grade: if finding.is_imminent { "imminent" } else { "level" }.into(),
            met: finding.met,
            missing: finding.missing,
            needs: finding.needs.into_iter().collect(),
            prefers: finding.prefers.into_iter().collect(),
        }
    }

    fn child_verdict(&self, sides: [Option<bool>; 3]) -> Verdict {
        let finding = self.child().judge(sides);
        Verdict::Criteria {
            grade: finding.impression.id.clone(),
            met: Vec::new(),
            missing: finding.missing,
            needs: Vec::new(),
            prefers: finding.prefers.into_iter().collect(),
        }
    }

    fn child_by_age(&self) -> Verdict {
        Verdict::Criteria {
            grade: "child".into(),
            met: Vec::new(),
            missing: Vec::new(),
            needs: Vec::new(),
            prefers: self.child().prefers().iter().copied().collect(),
        }
    }

    /// Refuses criteria and signs that the files do not name.
    pub fn check_findings(&self, findings: &Findings) -> Result<(), UnknownCriterion> {
        let (ticked, known, file) = match findings {
            Findings::Injury { criteria, .. } => {
                (criteria, self.trauma().knows(), &self.trauma().name)
            }
            Findings::Burn { criteria, .. } => (criteria, self.burns().knows(), &self.burns().name),
            Findings::Obstetric { signs, .. } => {
                (signs, self.obstetric().knows(), &self.obstetric().name)
            }
            Findings::Stroke { .. } | Findings::Ecg { .. } | Findings::Child { .. } => {
                return Ok(());
            }
        };
        match ticked.iter().find(|id| !known.contains(id.as_str())) {
            Some(id) => Err(UnknownCriterion::new(id, file)),
            None => Ok(()),
        }
    }
}

/// A share in whole thousandths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share lies in 0..=1"
)]
pub(crate) fn permille(share: f64) -> u16 {
    (share * 1000.0).round() as u16
}

fn met_names(found: &InjuryFinding<'_>) -> Vec<String> {
    let name = |met: &Met<'_>| match met {
        Met::Motor => "motor".to_owned(),
        Met::Breaths => "breaths".to_owned(),
        Met::Saturation => "saturation".to_owned(),
        Met::Systolic => "systolic".to_owned(),
        Met::ShockIndex => "shock-index".to_owned(),
        Met::Ticked(criterion) => criterion.id.clone(),
    };
    found.met.iter().map(name).collect()
}

fn missing_names(found: &InjuryFinding<'_>) -> Vec<String> {
    let name = |missing: &Missing| match missing {
        Missing::Age => "age",
        Missing::Motor => "motor",
        Missing::Breaths => "breaths",
        Missing::Saturation => "saturation",
        Missing::Systolic => "systolic",
        Missing::Pulse => "pulse",
    };
    found.missing.iter().map(|missing| name(missing).to_owned()).collect()
}
