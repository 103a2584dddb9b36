//! Which hospital to drive to, and why.

use std::collections::BTreeSet;

use ems_model::{
    Crowding, Doors, HospitalCandidate, HospitalCapability, HospitalId, HospitalReason, Millis,
    RemoteCareReason, Timestamp,
};

use crate::nedocs::nedocs_points;
use crate::policy::HospitalPolicy;
use crate::treatment::Treatment;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalQuery {
    /// The present time.
    pub now: Timestamp,
    /// What the patient needs.
    pub needs: Vec<HospitalCapability>,
    /// What the hospital should have where that costs little time.
    pub prefers: BTreeSet<HospitalCapability>,
    /// The longest drive that still serves the patient.
    pub window: Millis,
}

/// A hospital as the service knows it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalFacts {
    /// Its name within the city pack.
    pub id: HospitalId,
    /// What it can do.
    pub capabilities: BTreeSet<HospitalCapability>,
    /// The drive from the scene; `None` where no road leads.
    pub drive: Option<Millis>,
    /// Between which times four of five such drives end; `None` where nobody has learnt that.
    pub likely: Option<[Millis; 2]>,
    /// How full it last said it is.
    pub crowding: Option<Crowding>,
    /// Whether it takes ambulances.
    pub doors: Doors,
    /// Why it has refused this patient, if it has.
    pub refused: Option<String>,
    /// When this patient's treatment begins there, where that decides.
    pub treatment: Option<Treatment>,
    /// Other patients who are announced to arrive there within the policy's time.
    pub n_expected: u32,
    /// Treatment places of its emergency department; `None` where nobody said.
    pub beds: Option<u32>,
}

impl HospitalFacts {
    /// Whether the patient can be brought there at all: a road leads there, it does not ask to be
    /// passed by, and has not refused this patient.
    pub fn takes_patients(&self, now: Timestamp) -> bool {
        self.drive.is_some() && self.refused.is_none() && self.diversion(now).is_none()
    }

    fn diversion(&self, now: Timestamp) -> Option<&String> {
        match &self.doors {
            Doors::Diverting { reason, until } if until.is_none_or(|until| until > now) => {
                Some(reason)
            }
            _ => None,
        }
    }
}

/// Hospitals by suitability, and what to do where none suits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HospitalRanking {
    /// Every hospital, best first.
    pub candidates: Vec<HospitalCandidate>,
    /// Why the patient should be cared for with a remote expert; `None` while a hospital suits.
    pub remote_care: Option<RemoteCareReason>,
}

/// What a hospital costs that no road leads to: a day.
const NO_ROAD: Millis = Millis::from_mins(24 * 60);

/// Weighs every hospital, best first: suitable ones, then those that lack something or are too far,
/// then those that turn the patient away or cannot be reached; within each by cost, drive and id.
pub fn rank_hospitals(
    query: &HospitalQuery,
    hospitals: &[HospitalFacts],
    policy: &HospitalPolicy,
) -> HospitalRanking {
    let lost = hospitals.iter().filter_map(|facts| Some(facts.treatment.as_ref()?.lost));
    let lost_most = lost.max().unwrap_or(Millis::ZERO);
    let weigh = |facts| weigh(query, facts, lost_most, policy);
    let mut candidates: Vec<_> = hospitals.iter().map(weigh).collect();
    mark_nearest(&mut candidates);
    candidates.sort_by(|a, b| order(a).cmp(&order(b)));
    let has_suitable = candidates.first().is_some_and(|best| best.is_suitable);
    let remote_care = (!has_suitable).then(|| no_suitable(query, hospitals));
    HospitalRanking { candidates, remote_care }
}

fn no_suitable(query: &HospitalQuery, hospitals: &[HospitalFacts]) -> RemoteCareReason {
    let is_able =
        |facts: &&HospitalFacts| query.needs.iter().all(|need| facts.capabilities.contains(need));
    RemoteCareReason::NoSuitableHospital {
        needs: query.needs.clone(),
        window: query.window,
        nearest: hospitals.iter().filter(is_able).filter_map(|facts| facts.drive).min(),
    }
}

fn order(candidate: &HospitalCandidate) -> (bool, bool, i64, Millis, &HospitalId) {
    let drive = candidate.drive.unwrap_or(NO_ROAD);
    let is_excluded = candidate.cons.iter().any(excludes);
    (!candidate.is_suitable, is_excluded, candidate.cost, drive, &candidate.hospital)
}

fn excludes(reason: &HospitalReason) -> bool {
    use HospitalReason as R;
    matches!(reason, R::Diverting { .. } | R::Refused { .. } | R::Unreachable)
}

fn mark_nearest(candidates: &mut [HospitalCandidate]) {
    let suitable = candidates.iter().filter(|candidate| candidate.is_suitable);
    let Some(nearest) = suitable.filter_map(|candidate| candidate.drive).min() else { return };
    for candidate in candidates {
        if candidate.is_suitable && candidate.drive == Some(nearest) {
            candidate.pros.insert(0, HospitalReason::Nearest);
        }
    }
}

fn weigh(
    query: &HospitalQuery,
    facts: &HospitalFacts,
    lost_most: Millis,
    policy: &HospitalPolicy,
) -> HospitalCandidate {
    let mut candidate = HospitalCandidate {
        hospital: facts.id.clone(),
        drive: facts.drive,
        likely: facts.likely,
        cost: facts.drive.unwrap_or(NO_ROAD).get(),
        is_suitable: true,
        pros: Vec::new(),
        cons: Vec::new(),
    };
    weigh_capabilities(&mut candidate, query, facts, policy);
    weigh_preferences(&mut candidate, query, facts, policy);
    weigh_treatment(&mut candidate, facts, lost_most);
    weigh_drive(&mut candidate, query, facts);
    weigh_expected(&mut candidate, facts, policy);
    weigh_crowding(&mut candidate, query, facts, policy);
    weigh_will(&mut candidate, query, facts);
    candidate
}

fn weigh_capabilities(
    candidate: &mut HospitalCandidate,
    query: &HospitalQuery,
    facts: &HospitalFacts,
    policy: &HospitalPolicy,
) {
    for &capability in &query.needs {
        if facts.capabilities.contains(&capability) {
            candidate.pros.push(HospitalReason::HasCapability { capability });
        } else {
            candidate.cost += policy.lacks_capability.get();
            rule_out(candidate, HospitalReason::LacksCapability { capability });
        }
    }
}

fn weigh_preferences(
    candidate: &mut HospitalCandidate,
    query: &HospitalQuery,
    facts: &HospitalFacts,
    policy: &HospitalPolicy,
) {
    for &capability in &query.prefers {
        if facts.capabilities.contains(&capability) {
            candidate.pros.push(HospitalReason::HasPreferred { capability });
        } else {
            candidate.cost += policy.lacks_preferred.get();
            candidate.cons.push(HospitalReason::LacksPreferred { capability });
        }
    }
}

/// A hospital where no treatment was told loses as much as the worst one where it was.
fn weigh_treatment(candidate: &mut HospitalCandidate, facts: &HospitalFacts, lost_most: Millis) {
    let Some(treatment) = &facts.treatment else {
        return candidate.cost += lost_most.get();
    };
    candidate.cost += treatment.lost.get();
    let reasons =
        if treatment.lost == Millis::ZERO { &mut candidate.pros } else { &mut candidate.cons };
    reasons.push(treatment.reason.clone());
}

fn weigh_expected(
    candidate: &mut HospitalCandidate,
    facts: &HospitalFacts,
    policy: &HospitalPolicy,
) {
    let (n, limit) = (facts.n_expected, policy.expected_limit(facts.beds));
    if n >= limit {
        let n_over = i64::from(n - limit + 1).min(CROWDED_STEPS_MAX);
        candidate.cost += n_over * policy.expected_each.get();
        let within = policy.expected_within;
        candidate.cons.push(HospitalReason::ManyExpected { n, limit, within });
    }
}

fn weigh_drive(candidate: &mut HospitalCandidate, query: &HospitalQuery, facts: &HospitalFacts) {
    let window = query.window;
    match facts.drive {
        None => rule_out(candidate, HospitalReason::Unreachable),
        Some(drive) if drive > window => {
            rule_out(candidate, HospitalReason::TooFar { drive, window });
        }
        Some(_) => {
            if let Some([_, last]) = facts.likely.filter(|[_, last]| *last > window) {
                candidate.cons.push(HospitalReason::MayBeTooFar { last, window });
            }
        }
    }
}

fn weigh_crowding(
    candidate: &mut HospitalCandidate,
    query: &HospitalQuery,
    facts: &HospitalFacts,
    policy: &HospitalPolicy,
) {
    let is_fresh =
        |crowding: &Crowding| query.now.since(crowding.reported_at) <= policy.crowding_fresh;
    let Some(crowding) = facts.crowding.filter(is_fresh) else {
        candidate.cost += policy.crowding_unknown.get();
        return candidate.cons.push(HospitalReason::CrowdingUnknown);
    };
    let (level, limit, step, each, reason) = match nedocs_points(&crowding) {
        None => {
            let (percent, limit) = (crowding.percent(), policy.crowded_percent);
            let reason = HospitalReason::Crowded { percent, limit };
            (percent, limit, 10, policy.crowded_each_10_percent, reason)
        }
        Some(nedocs) => {
            let limit = policy.nedocs_limit;
            let reason = HospitalReason::Overcrowded { nedocs, limit };
            (nedocs, limit, 20, policy.overcrowded_each_20_points, reason)
        }
    };
    if level >= limit {
        let n_steps = i64::from((level - limit) / step).min(CROWDED_STEPS_MAX);
        candidate.cost += policy.crowded.get() + n_steps * each.get();
        candidate.cons.push(reason);
    }
}

/// Steps above the limit that count, so that a slip of a key cannot rule out a hospital.
const CROWDED_STEPS_MAX: i64 = 10;

fn weigh_will(candidate: &mut HospitalCandidate, query: &HospitalQuery, facts: &HospitalFacts) {
    if let Some(why) = facts.diversion(query.now) {
        rule_out(candidate, HospitalReason::Diverting { why: why.clone() });
    }
    if let Some(why) = &facts.refused {
        rule_out(candidate, HospitalReason::Refused { why: why.clone() });
    }
}

fn rule_out(candidate: &mut HospitalCandidate, reason: HospitalReason) {
    candidate.is_suitable = false;
    candidate.cons.push(reason);
}
