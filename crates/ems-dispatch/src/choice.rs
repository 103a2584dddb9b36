//! What is kept of a ranking once a person has chosen.

use ems_model::{Choice, HospitalCandidate, HospitalId, UnitCandidate, UnitId};

use crate::policy::Policy;

/// What was on the table when `unit` was chosen; `None` if it was not weighed.
///
/// `candidates` are best first, as [`crate::rank_units`] gives them.
pub fn unit_choice(
    candidates: &[UnitCandidate],
    unit: &UnitId,
    overrule: Option<String>,
    policy: &Policy,
) -> Option<Choice<UnitCandidate>> {
    let at = candidates.iter().position(|candidate| candidate.unit == *unit)?;
    Some(choice(candidates, at, overrule, policy))
}

/// What was on the table when `hospital` was chosen; `None` if it was not weighed.
///
/// `candidates` are best first, as [`crate::rank_hospitals`] gives them.
pub fn hospital_choice(
    candidates: &[HospitalCandidate],
    hospital: &HospitalId,
    overrule: Option<String>,
    policy: &Policy,
) -> Option<Choice<HospitalCandidate>> {
    let at = candidates.iter().position(|candidate| candidate.hospital == *hospital)?;
    Some(choice(candidates, at, overrule, policy))
}

fn choice<T: Clone>(
    candidates: &[T],
    at: usize,
    overrule: Option<String>,
    policy: &Policy,
) -> Choice<T> {
    let others = candidates[..at].iter().chain(&candidates[at + 1..]);
    Choice {
        policy: policy.name.clone(),
        rank: u32::try_from(at + 1).expect("a service has fewer than 2^32 units and hospitals"),
        chosen: candidates[at].clone(),
        passed_over: others.take(policy.n_passed_over_max).cloned().collect(),
        overrule,
    }
}
