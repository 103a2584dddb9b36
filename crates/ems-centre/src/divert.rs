//! Units are chosen for calls, also those that drive to another one.

use ems_dispatch::unit_choice;
use ems_model::{Choice, Event, IncidentId, Millis, Timestamp, UnitCandidate, UnitId, UnitReason};

use crate::centre::Centre;
use crate::checks::check_reason;
use crate::decide::needs_reason;
use crate::ledger::IncidentRecord;
use crate::rejection::Rejection;

/// Costs this close are a tie: between the best and one that close a person chooses freely.
pub(crate) const TIE: Millis = Millis::from_secs(30);

impl Centre {
    /// What was on the table when this unit is chosen, if it may be.
    pub(crate) fn choose_unit(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &UnitId,
        overrule: Option<&str>,
    ) -> Result<Choice<UnitCandidate>, Rejection> {
        check_reason("overrule", overrule)?;
        let candidates = self.weigh_units(now, record)?.candidates;
        let choice = unit_choice(&candidates, unit, overrule.map(str::to_owned), self.policy());
        let choice =
            choice.ok_or_else(|| Rejection::Unknown { subject: "unit", id: unit.to_string() })?;
        if !choice.chosen.is_eligible {
            return Err(not_eligible(&choice.chosen, record.incident.id));
        }
        if overrule.is_none() && is_worse(&choice.chosen, &candidates[0]) {
            return Err(needs_reason("unit", unit, choice.rank, &candidates[0].unit));
        }
        Ok(choice)
    }

    /// Takes a unit on its way from one call and gives it to another, in one step.
    pub(crate) fn divert(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        unit: &UnitId,
        from: IncidentId,
        overrule: Option<&str>,
    ) -> Result<[Event; 2], Rejection> {
        if self.unit_record(unit)?.unit.incident() != Some(from) {
            return Err(Rejection::NotItsCall { unit: unit.clone(), incident: from });
        }
        let (incident, choice) =
            (record.incident.id, self.choose_unit(now, record, unit, overrule)?);
        let unit = unit.clone();
        let diverted = Event::UnitDiverted { incident: from, unit: unit.clone(), to: incident };
        Ok([diverted, Event::UnitAssigned { incident, unit, choice }])
    }
}

/// Whether a person who takes `chosen` passes over a unit that the policy finds better.
fn is_worse(chosen: &UnitCandidate, best: &UnitCandidate) -> bool {
    let (chosen_weighs, best_weighs) = (weighed(chosen), weighed(best));
    let is_weighed_worse = chosen_weighs.iter().zip(best_weighs).any(|(own, best)| *own > best);
    chosen.cost - best.cost > TIE.get() || is_weighed_worse
}

/// What a policy weighs beside time, each told only under one that does: cover, harm, late calls of
/// sampled futures.
pub(crate) fn weighed(candidate: &UnitCandidate) -> [Option<i64>; 3] {
    let mut weighed = [None; 3];
    for reason in &candidate.cons {
        match reason {
            UnitReason::CoverLost { share_ppm } => weighed[0] = Some(i64::from(*share_ppm)),
            UnitReason::Harm { milli, .. } => weighed[1] = Some(i64::from(*milli)),
            UnitReason::LookAhead { late_milli, .. } => {
                weighed[2] = Some(i64::from(*late_milli));
            }
            _ => {}
        }
    }
    weighed
}

pub(crate) fn not_eligible(candidate: &UnitCandidate, incident: IncidentId) -> Rejection {
    let (unit, why) = (candidate.unit.clone(), why_not(&candidate.cons));
    Rejection::NotEligible { unit, incident, why }
}

fn why_not(cons: &[UnitReason]) -> &'static str {
    let why = cons.iter().find_map(|reason| match reason {
        UnitReason::Busy { .. } => Some("it is busy"),
        UnitReason::OffDuty => Some("it is off duty"),
        UnitReason::Lent { .. } => Some("it is lent to another centre"),
        UnitReason::Unreachable => Some("no road leads there"),
        UnitReason::CrewRest { .. } => Some("its crew has a protected break"),
        UnitReason::NotOnRunCard { .. } => Some("the call's run card has no place for it"),
        UnitReason::OutOfRange { .. } => Some("it does not fly as far"),
        _ => None,
    });
    why.unwrap_or("the policy excludes it")
}
