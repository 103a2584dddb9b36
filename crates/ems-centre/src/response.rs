//! Several units for one call: what its run card wants, who is sent at once, who is not needed.

use std::collections::{BTreeMap, BTreeSet};

use ems_dispatch::{
    Attendance, DroneFacts, NextCover, OnCall, Ranking, ResponseRules, UnitFacts, UnitQuery,
    unit_choice,
};
use ems_model::{
    Choice, Event, IncidentId, IncidentState, Leg, Millis, Phase, Position, Response, Timestamp,
    UNITS_PER_INCIDENT_MAX, Unit, UnitCandidate, UnitId, UnitKind, UnitReason, UnitStep,
};

use crate::centre::Centre;
use crate::checks::{check_reason, within};
use crate::decide::{Decided, all_at, unknown};
use crate::divert::{TIE, not_eligible, weighed};
use crate::ledger::{IncidentRecord, UnitRecord};
use crate::rejection::Rejection;

impl Centre {
    /// Who is on the call, by the places of its run card; a place that nobody takes says nothing of
    /// why. `None` once the patient has left the scene, at a major incident and when all is over.
    pub fn standing(&self, now: Timestamp, record: &IncidentRecord) -> Option<Response> {
        let query = self.unit_query(now, record).ok()?;
        self.fill(now, record, &query, &Ranking::default()).ok().flatten()
    }

    /// What a unit is weighed by for an incident.
    pub(crate) fn unit_query(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
    ) -> Result<UnitQuery, Rejection> {
        let call = &record.incident.call;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age)?;
        let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
        Ok(UnitQuery {
            now,
            rank: priority.rank,
            target: self.config.reference.target(priority),
            waited: now.since(call.rang_at),
            needs: suggestion.needs_unit,
            expected_call: self.expected_call(record),
        })
    }

    /// The run card of an incident, and what else units are weighed by.
    pub(crate) fn response_rules(
        &self,
        record: &IncidentRecord,
    ) -> Result<ResponseRules<'_>, Rejection> {
        let reference = &self.config.reference;
        let call = &record.incident.call;
        let suggestion = self.suggest(&call.complaint, &call.answers, call.age)?;
        let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
        Ok(ResponseRules {
            card: reference.run_card(&call.complaint, &call.answers, &suggestion, priority),
            cards: reference.run_cards(),
            flight: reference.flight(),
            policy: self.policy(),
        })
    }

    /// Who should take the places of an incident's run card, of units as they were weighed for it.
    pub(crate) fn respond(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        ranking: &Ranking,
    ) -> Result<Option<Response>, Rejection> {
        self.fill(now, record, &self.unit_query(now, record)?, ranking)
    }

    fn fill(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        query: &UnitQuery,
        ranking: &Ranking,
    ) -> Result<Option<Response>, Rejection> {
        use IncidentState as S;
        let is_on_scene =
            matches!(record.incident.state, S::Received | S::Triaged | S::Assigned | S::Attended);
        if !is_on_scene || record.incident.major.is_some() {
            return Ok(None);
        }
        let rules = self.response_rules(record)?;
        let on_call = record.incident.units.iter().map(|id| self.on_call(now, record, id));
        let not_needed = record.not_needed.iter().filter(|((card, _), _)| *card == rules.card.id);
        let not_needed = not_needed.map(|((_, slot), by)| (slot.clone(), by.clone()));
        let there = Attendance { on_call: on_call.collect(), not_needed: not_needed.collect() };
        Ok(Some(rules.respond(query, &there, ranking)))
    }

    fn on_call(&self, now: Timestamp, record: &IncidentRecord, id: &UnitId) -> OnCall {
        let unit = &self.ledger.units[id].unit;
        let is_there = unit.phase().is_some_and(|phase| phase >= Phase::OnScene);
        let known = record.etas.get(&(id.clone(), Leg::ToScene));
        let to_come = known.map(|known| known.eta.since(now).max(Millis::ZERO));
        let eta = if is_there { Some(Millis::ZERO) } else { to_come };
        OnCall { unit: id.clone(), kind: unit.kind, eta }
    }

    /// The drones of the service as seen from a scene.
    pub(crate) fn drones(&self, now: Timestamp, scene: Position) -> Vec<DroneFacts> {
        let drones = self.ledger.units.values().filter(|it| it.unit.kind == UnitKind::Drone);
        let facts = |record: &UnitRecord| {
            let unit = &record.unit;
            let fix = self.whereabouts.fix(&unit.id);
            DroneFacts {
                facts: UnitFacts {
                    id: unit.id.clone(),
                    kind: unit.kind,
                    state: unit.state,
                    crew: unit.crew.state,
                    eta: None,
                    likely: None,
                    position_age: fix.map(|fix| now.since(fix.at)),
                    station: None,
                    next_cover: NextCover::NotWeighed,
                    call_rank: None,
                    cover_lost: None,
                    loss: None,
                    meal_due: None,
                    range_low: None,
                },
                metres: self.hovers(unit).metres_to(scene),
            }
        };
        drones.map(facts).collect()
    }

    /// Where a drone is: its last fix, or its home before it has reported one.
    fn hovers(&self, drone: &Unit) -> Position {
        self.whereabouts.fix(&drone.id).map_or(drone.home, |fix| fix.position)
    }

    /// When a drone has its defibrillator on the ground at the scene.
    pub(crate) fn lands(&self, now: Timestamp, drone: &Unit, scene: Position) -> Timestamp {
        let flight = self.config.reference.flight();
        let waits = matches!(drone.phase(), Some(Phase::Notified | Phase::Acknowledged));
        let leaves = if waits { (drone.since + flight.set_up).max(now) } else { now };
        leaves + flight.time(self.hovers(drone).metres_to(scene))
    }

    pub(crate) fn send_response(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        (units, diverted): (&[UnitId], &BTreeMap<UnitId, IncidentId>),
        overrule: Option<&str>,
    ) -> Decided {
        check_reason("overrule", overrule)?;
        check_units(units)?;
        let incident = record.incident.id;
        for unit in units {
            self.check_left(unit, diverted.get(unit).copied(), incident)?;
        }
        let ranking = self.weigh_units(now, record)?;
        let chosen = self.choices(units, &ranking.candidates, overrule)?;
        if let Some(choice) = chosen.iter().find(|choice| !choice.chosen.is_eligible) {
            return Err(not_eligible(&choice.chosen, incident));
        }
        let best = self.respond(now, record, &ranking)?;
        let own = self.respond(now, record, &ranking.only(units))?;
        if overrule.is_none()
            && let Some((best, own)) = best.as_ref().zip(own.as_ref())
            && (self.is_worse(record, own, best, units)?
                || weighs_more(&ranking.candidates, own, best))
        {
            return Err(needs_reason(best));
        }
        let sent = chosen.into_iter().flat_map(|mut choice| {
            let unit = choice.chosen.unit.clone();
            let slot = own.as_ref().and_then(|own| own.slot_of(&unit));
            let fills = slot.map(|slot| UnitReason::Fills { slot: slot.slot.clone() });
            choice.chosen.pros.extend(fills);
            let left = diverted.get(&unit).map(|from| Event::UnitDiverted {
                incident: *from,
                unit: unit.clone(),
                to: incident,
            });
            left.into_iter().chain([Event::UnitAssigned { incident, unit, choice }])
        });
        Ok(all_at(now, sent))
    }

    /// A unit is with no call but the one from which it is to be taken.
    fn check_left(
        &self,
        unit: &UnitId,
        from: Option<IncidentId>,
        to: IncidentId,
    ) -> Result<(), Rejection> {
        let Some(from) = from else { return self.check_free(unit, to) };
        if self.unit_record(unit)?.unit.incident() == Some(from) {
            return Ok(());
        }
        Err(Rejection::NotItsCall { unit: unit.clone(), incident: from })
    }

    fn choices(
        &self,
        units: &[UnitId],
        candidates: &[UnitCandidate],
        overrule: Option<&str>,
    ) -> Result<Vec<Choice<UnitCandidate>>, Rejection> {
        let policy = self.policy();
        let choose = |unit: &UnitId| {
            let choice = unit_choice(candidates, unit, overrule.map(str::to_owned), policy);
            choice.ok_or_else(|| unknown("unit", unit))
        };
        units.iter().map(choose).collect()
    }

    /// Whether units that a person chose do worse than those that the run card would get.
    fn is_worse(
        &self,
        record: &IncidentRecord,
        own: &Response,
        best: &Response,
        units: &[UnitId],
    ) -> Result<bool, Rejection> {
        let later = own.first_crew.zip(best.first_crew).map(|(own, best)| own - best);
        let is_later = later.is_some_and(|later| later > TIE);
        let is_beyond = units.iter().any(|unit| own.slot_of(unit).is_none());
        Ok(is_beyond
            || own.unmet().count() > best.unmet().count()
            || (self.response_rules(record)?.card.is_first_hands && is_later)
            || own.cost - best.cost > TIE.get())
    }

    pub(crate) fn trim_response(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        by: &UnitId,
        units: &[UnitId],
    ) -> Decided {
        check_units(units)?;
        let incident = record.incident.id;
        let on_call = |unit: &UnitId| {
            let unit = &self.unit_record(unit)?.unit;
            let not_its = || Rejection::NotItsCall { unit: unit.id.clone(), incident };
            if unit.incident() == Some(incident) { Ok(unit) } else { Err(not_its()) }
        };
        let judge = on_call(by)?;
        let is_there = matches!(judge.phase(), Some(Phase::OnScene | Phase::AtPatient));
        if !is_there || !judge.kind.is_crewed() || units.contains(by) {
            return Err(Rejection::NotOnScene { unit: by.clone(), incident });
        }
        let stand_down = |id: &UnitId| {
            let unit = on_call(id)?;
            if unit.phase() >= Some(Phase::AtPatient) {
                return Err(Rejection::WithPatient { unit: id.clone(), incident });
            }
            Ok(Event::UnitStepped { unit: id.clone(), incident, step: UnitStep::StandDown })
        };
        let stood_down = units.iter().map(stand_down).collect::<Result<Vec<_>, _>>()?;
        let trimmed = self.trimmed(now, record, by, units);
        Ok(all_at(now, trimmed.into_iter().chain(stood_down)))
    }

    /// The places of the run card that nobody needs to take once these units have turned back.
    fn trimmed(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        by: &UnitId,
        units: &[UnitId],
    ) -> Option<Event> {
        let standing = self.standing(now, record)?;
        let slots = units.iter().filter_map(|unit| standing.slot_of(unit));
        let slots: Vec<_> = slots.map(|slot| slot.slot.clone()).collect();
        let (incident, unit) = (record.incident.id, by.clone());
        let is_some = !slots.is_empty();
        is_some.then_some(Event::ResponseTrimmed { incident, unit, card: standing.card, slots })
    }
}

fn check_units(units: &[UnitId]) -> Result<(), Rejection> {
    let n = i64::try_from(units.len()).unwrap_or(i64::MAX);
    let most = i64::try_from(UNITS_PER_INCIDENT_MAX).expect("eight");
    within("units", n, [1, most])?;
    let n_different = units.iter().collect::<BTreeSet<_>>().len();
    within("different units", i64::try_from(n_different).unwrap_or(0), [n, n])
}

/// Whether the units to be sent lose more of what the policy weighs beside time than the best do.
fn weighs_more(candidates: &[UnitCandidate], own: &Response, best: &Response) -> bool {
    let sum = |response: &Response| {
        let sent = response.to_send();
        let sent = sent.filter_map(|unit| candidates.iter().find(|it| it.unit == *unit));
        sent.fold([0; 3], |sums: [i64; 3], candidate| {
            let weighed = weighed(candidate);
            std::array::from_fn(|idx| sums[idx] + weighed[idx].unwrap_or(0))
        })
    };
    sum(own).iter().zip(sum(best)).any(|(own, best)| *own > best)
}

fn needs_reason(best: &Response) -> Rejection {
    let units: Vec<_> = best.to_send().map(ToString::to_string).collect();
    Rejection::ResponseNeedsReason { card: best.card.clone(), units: units.join(", ") }
}
