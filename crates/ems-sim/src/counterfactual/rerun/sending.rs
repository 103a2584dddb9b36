//! A dispatcher's part: the places of a run card are filled as the centre recommends, and what is
//! still lacking when a unit comes free.

use std::collections::BTreeMap;

use ems_model::{
    Command, Event, IncidentId, Millis, NoUnit, Response, SlotState, Timestamp, UnitCandidate,
    UnitId, UnitReason,
};

use super::super::day::Sent;
use super::super::report::Assumed;
use super::super::whereabouts::Way;
use super::{Act, Decision, Engine, Hand, Next, UNSEEN};

/// A unit for a place of a run card.
#[derive(Debug, Clone)]
struct Chosen {
    slot: String,
    unit: UnitCandidate,
}

impl Engine<'_> {
    /// The next in the queue is looked after when a unit has come free; those with some units come
    /// after all with none.
    pub(super) fn serve_waiting(&mut self, now: Timestamp) {
        let Some((_, _, idx)) = self.waiting.first().or(self.short.first()).copied() else {
            return;
        };
        let call = &self.day.calls[idx];
        let next = call.responses().nth(self.cases[idx].n_responses);
        let has_waited = call.has_waited || self.cases[idx].n_responses > 0;
        let known = next.and_then(|sent| sent.first()?.after_freed).filter(|_| has_waited);
        self.set(now + known.unwrap_or(self.day.decides_within), Act::Decide(idx));
    }

    pub(super) fn decide(&mut self, now: Timestamp, idx: usize) {
        let (case, turn) = (&self.cases[idx], self.turn_of(idx));
        let (has_none, is_short) = (case.hands.is_empty(), self.short.contains(&turn));
        let is_open = !case.is_over && case.carrier.is_none() && (has_none || is_short);
        let Some(incident) = case.incident.filter(|_| is_open) else { return };
        self.stop_waiting(idx);
        self.report_positions(now);
        let Ok(advice) = self.centre.recommend(now, incident) else { return };
        let Some(response) = advice.response else { return };
        let is_next = match self.waiting.first() {
            Some(first) => has_none && *first >= turn,
            None => has_none || self.short.first().is_none_or(|first| *first >= turn),
        };
        let table = advice.units;
        let chosen = if is_next { self.chosen(now, idx, &response, &table) } else { Vec::new() };
        if has_none && (chosen.is_empty() || response.first_crew.is_none()) {
            self.waiting.insert(turn);
            return;
        }
        if response.unmet().next().is_some() {
            self.short.insert(turn);
        } else if is_next {
            self.short.remove(&turn);
        }
        if chosen.is_empty() {
            return;
        }
        if self.does(now, send_command(incident, &chosen, advice.version)) {
            self.note_decision(now, idx, &chosen, &response, table);
            for chosen in &chosen {
                self.send(now, idx, chosen);
            }
            self.cases[idx].n_responses += 1;
            // Those that lack some of their units are looked after when one comes free.
            if !self.waiting.is_empty() {
                self.serve_waiting(now);
            }
        } else if has_none {
            self.waiting.insert(turn);
        }
    }

    /// The dispatcher exchanges units as the centre proposes.
    pub(super) fn exchange(
        &mut self,
        now: Timestamp,
        incident: IncidentId,
        unit: &UnitId,
        instead_of: &UnitId,
    ) {
        let Some(&idx) = self.places.get(&incident) else { return };
        let (unit, instead_of, expected_version) = (unit.clone(), instead_of.clone(), None);
        let exchange = Command::ExchangeUnit { incident, expected_version, unit, instead_of };
        let Some(accepted) = self.ask(now, exchange) else { return };
        let taken_over = accepted.events.into_iter().find_map(|recorded| match recorded.event {
            Event::UnitAssigned { choice, .. } => Some(choice.chosen),
            _ => None,
        });
        let slot = |unit: &UnitCandidate| {
            unit.pros.iter().find_map(|reason| match reason {
                UnitReason::Fills { slot } => Some(slot.clone()),
                _ => None,
            })
        };
        if let Some(unit) = taken_over {
            let slot = slot(&unit).unwrap_or_default();
            self.send(now, idx, &Chosen { slot, unit });
        }
    }

    /// The recommended units; of two for a place that nothing parts but what the log does not keep,
    /// where one of them was on the road, the recorded one: chance would else make differences out
    /// of nothing.
    fn chosen(
        &self,
        now: Timestamp,
        idx: usize,
        response: &Response,
        table: &[UnitCandidate],
    ) -> Vec<Chosen> {
        let find = |unit: &UnitId| table.iter().find(|it| it.unit == *unit);
        let filled = response.slots.iter().filter_map(|place| match &place.state {
            SlotState::Fills { unit, .. } => {
                Some(Chosen { slot: place.slot.clone(), unit: find(unit)?.clone() })
            }
            SlotState::Held { .. } | SlotState::Empty { .. } => None,
        });
        let mut chosen: Vec<Chosen> = filled.collect();
        let recorded = self.day.calls[idx].responses().nth(self.cases[idx].n_responses);
        for sent in recorded.unwrap_or_default() {
            let is_sent = chosen.iter().any(|it| it.unit.unit == sent.unit);
            let place = chosen.iter_mut().find(|it| sent.slot().is_none_or(|slot| slot == it.slot));
            if let (Some(place), Some(tied)) = (place, find(&sent.unit).filter(|_| !is_sent))
                && self.are_tied(now, tied, &place.unit)
            {
                place.unit = tied.clone();
            }
        }
        chosen
    }

    fn are_tied(&self, now: Timestamp, recorded: &UnitCandidate, best: &UnitCandidate) -> bool {
        let is_driving = |it: &UnitCandidate| {
            self.drivers.get(&it.unit).is_some_and(|it| it.way.is_driven(now - UNSEEN))
        };
        recorded.is_eligible
            && recorded.kind == best.kind
            && (recorded.cost - best.cost).abs() <= UNSEEN.get()
            && weighed(recorded).eq(weighed(best))
            && (is_driving(recorded) || is_driving(best))
    }

    fn note_decision(
        &mut self,
        now: Timestamp,
        idx: usize,
        chosen: &[Chosen],
        response: &Response,
        table: Vec<UnitCandidate>,
    ) {
        let sent = chosen.iter().map(|it| (it.slot.clone(), it.unit.unit.clone())).collect();
        let empty = response.slots.iter().filter_map(|place| match &place.state {
            SlotState::Empty { why } => Some((place.slot.clone(), self.why_as_recorded(why))),
            SlotState::Held { .. } | SlotState::Fills { .. } => None,
        });
        let last = self.drivers.values().filter_map(|it| Some((it.id.clone(), it.last?))).collect();
        let (empty, table) = (empty.collect(), self.as_recorded(table));
        let policy = self.centre.policy().name.clone();
        let decision = Decision { at: now, sent, empty, policy, table, last };
        self.courses[idx].decided.get_or_insert(decision);
    }

    fn send(&mut self, now: Timestamp, idx: usize, chosen: &Chosen) {
        let Chosen { slot, unit } = chosen;
        let recorded = self.recorded_for(idx, slot, &unit.unit);
        let Some(driver) = self.drivers.get_mut(&unit.unit) else { return };
        let position = driver.way.at(now, &self.city.roads);
        (driver.way, driver.job) = (Way::stand(position), Some(idx));
        let turn_out = if unit.kind.is_crewed() {
            self.centre.policy().units.turn_out
        } else {
            self.centre.config().reference.flight().set_up
        };
        let case = &mut self.cases[idx];
        case.n_turns += 1;
        let hand = Hand {
            unit: unit.unit.clone(),
            kind: unit.kind,
            turn: case.n_turns,
            slot: slot.clone(),
            recorded,
            sent_at: now,
            sent_from: position,
            drive: unit.eta.unwrap_or_default() - turn_out,
            is_there: false,
        };
        case.hands.push(hand.clone());
        if case.reached_at.is_none() {
            self.leads(idx, &hand);
        }
        let turn_out = self.turn_out(idx, &hand, turn_out);
        self.set(now + turn_out, Act::Crew(idx, hand.turn, Next::GoEnRoute));
        self.plan_release(now, idx, hand.turn);
        if let Some(at) = self.chosen_before_arrival(idx, now) {
            self.set(at, Act::Crew(idx, hand.turn, Next::ChooseHospital));
        }
    }

    /// The recorded unit whose times another one takes: itself, else the one in its place, else the
    /// one that brought the patient; each is taken once.
    fn recorded_for(&self, idx: usize, slot: &str, unit: &UnitId) -> Option<usize> {
        let (call, case) = (&self.day.calls[idx], &self.cases[idx]);
        let is_taken = |nth: usize| case.hands.iter().any(|hand| hand.recorded == Some(nth));
        let find = |is_it: &dyn Fn(&Sent) -> bool| {
            let mut sent = call.sent.iter().enumerate();
            sent.find(|(nth, sent)| !is_taken(*nth) && is_it(sent)).map(|(nth, _)| nth)
        };
        let lead = call.lead().map(|lead| &lead.unit);
        find(&|sent| sent.unit == *unit)
            .or_else(|| find(&|sent| sent.slot() == Some(slot)))
            .or_else(|| find(&|sent| Some(&sent.unit) == lead))
    }

    /// The recorded times of a unit on a call; the lead's where it has none of its own.
    pub(super) fn recorded_of(&self, idx: usize, hand: &Hand) -> Option<&Sent> {
        let call = &self.day.calls[idx];
        hand.recorded.map(|nth| &call.sent[nth]).or_else(|| call.lead())
    }

    fn turn_out(&mut self, idx: usize, hand: &Hand, by_policy: Millis) -> Millis {
        let own = self.recorded_of(idx, hand).and_then(Sent::turn_out);
        let lead = || self.day.calls[idx].lead().and_then(Sent::turn_out);
        own.or_else(lead).unwrap_or_else(|| {
            self.assume(idx, Assumed::TurnOut);
            by_policy
        })
    }

    fn chosen_before_arrival(&self, idx: usize, now: Timestamp) -> Option<Timestamp> {
        let call = &self.day.calls[idx];
        let (first, chosen) = (call.sent.first()?, call.chosen.first()?);
        let is_before = call.after_arrival(chosen.at).is_none_or(|after| after < Millis::ZERO);
        (is_before && chosen.at >= first.at).then(|| now + chosen.at.since(first.at))
    }

    /// With the numbers that the calls have in the log.
    fn as_recorded(&self, mut table: Vec<UnitCandidate>) -> Vec<UnitCandidate> {
        for con in table.iter_mut().flat_map(|candidate| &mut candidate.cons) {
            self.rename(con);
        }
        table
    }

    fn why_as_recorded(&self, why: &NoUnit) -> NoUnit {
        let mut why = why.clone();
        if let NoUnit::NotFree { reason, .. } = &mut why {
            self.rename(reason);
        }
        why
    }

    fn rename(&self, reason: &mut UnitReason) {
        if let UnitReason::Busy { incident } | UnitReason::DivertedFrom { incident, .. } = reason
            && let Some(&idx) = self.places.get(incident)
        {
            *incident = self.day.calls[idx].incident;
        }
    }
}

fn send_command(incident: IncidentId, chosen: &[Chosen], version: u32) -> Command {
    let from = |it: &UnitCandidate| {
        it.cons.iter().find_map(|reason| match reason {
            UnitReason::DivertedFrom { incident, .. } => Some(*incident),
            _ => None,
        })
    };
    let diverted: BTreeMap<_, _> =
        chosen.iter().filter_map(|it| Some((it.unit.unit.clone(), from(&it.unit)?))).collect();
    let units = chosen.iter().map(|it| it.unit.unit.clone()).collect();
    let expected_version = Some(version);
    Command::SendResponse { incident, expected_version, units, diverted, overrule: None }
}

/// What the policy weighs beside time.
fn weighed(unit: &UnitCandidate) -> impl Iterator<Item = &UnitReason> {
    unit.cons.iter().filter(|con| {
        matches!(
            con,
            UnitReason::CoverLost { .. } | UnitReason::Harm { .. } | UnitReason::LookAhead { .. }
        )
    })
}
