//! A recorded call beside its rerun, and why they differ.

use ems_dispatch::Reference;
use ems_model::{Millis, NoUnit, Timestamp, UnitCandidate, UnitId, UnitReason};

use super::day::{RecordedCall, RecordedDay, Sent};
use super::report::{CallChange, PlaceChange, Side, Why};
use super::rerun::{Course, Decision};

/// Differences this small are no news.
const NEWS: Millis = Millis::from_secs(30);
/// A unit whose drive differs by more stands elsewhere.
const MOVED: Millis = Millis::from_secs(60);

/// What the two courses of a call differ in.
pub(super) fn compare(
    day: &RecordedDay,
    call: &RecordedCall,
    rerun: &Course,
    baseline: &Course,
    reference: &Reference,
) -> CallChange {
    let target = reference.target(call.priority());
    let recorded = recorded_side(call, baseline, target);
    let replayed = replayed_side(day, call, rerun, target);
    let change = |before: Option<Timestamp>, after: Option<Timestamp>| Some(after?.since(before?));
    let response_change = change(recorded.arrived_at, replayed.arrived_at);
    let door_change = change(recorded.door_at, replayed.door_at);
    let places = places(day, call, rerun);
    let other_unit = recorded.sent_first != replayed.sent_first;
    let other_place = places.iter().any(PlaceChange::differs);
    let other_hospital = is_other(recorded.hospital.as_ref(), replayed.hospital.as_ref());
    let is_news = response_change.is_some_and(|change| change.abs() >= NEWS);
    let mut why = Vec::new();
    if other_unit || is_news {
        why.extend(why_unit(day, call, rerun));
    }
    for one in places.iter().flat_map(|place| &place.why) {
        if !why.contains(one) {
            why.push(one.clone());
        }
    }
    if other_hospital {
        why.extend(is_news.then_some(Why::OtherTime));
        why.extend(why_hospital(call, rerun));
    }
    CallChange {
        incident: call.incident,
        rang_at: call.call.rang_at,
        position: call.call.position,
        complaint: call.call.complaint.clone(),
        priority: call.priority().clone(),
        recorded,
        replayed,
        response_change,
        door_change,
        places,
        is_changed: other_unit || other_place || other_hospital || is_news,
        why,
        assumed: rerun.assumed.iter().copied().collect(),
    }
}

/// Whether two that both are there differ.
fn is_other<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

fn recorded_side(call: &RecordedCall, baseline: &Course, target: Option<Millis>) -> Side {
    let lead = call.lead();
    let arrived_at = call.first_there().and_then(Sent::arrived_at);
    let unit = lead.map(|lead| lead.unit.clone());
    let is_same = baseline.unit == unit;
    Side {
        sent_first: call.sent.first().map(|sent| sent.unit.clone()),
        unit,
        sent_at: lead.map(|lead| lead.at),
        sent_from: baseline.sent_from.filter(|_| is_same),
        arrived_at,
        response: arrived_at.map(|at| at.since(call.call.rang_at)),
        is_late: is_late(call, arrived_at, target),
        hospital: call.chosen.last().map(|chosen| chosen.hospital.clone()),
        door_at: lead
            .and_then(|lead| lead.steps.get(&ems_model::UnitStep::ArriveAtHospital).copied()),
    }
}

/// The first decision. Where the log ends before the call got a unit, what comes after the end is
/// no difference.
fn decided<'a>(day: &RecordedDay, call: &RecordedCall, course: &'a Course) -> Option<&'a Decision> {
    let is_known = |decided: &&Decision| !call.sent.is_empty() || decided.at <= day.end;
    course.decided.as_ref().filter(is_known)
}

fn replayed_side(
    day: &RecordedDay,
    call: &RecordedCall,
    course: &Course,
    target: Option<Millis>,
) -> Side {
    Side {
        sent_first: decided(day, call, course).and_then(Decision::first).cloned(),
        unit: course.unit.clone(),
        sent_at: course.sent_at,
        sent_from: course.sent_from,
        arrived_at: course.arrived_at,
        response: course.arrived_at.map(|at| at.since(call.call.rang_at)),
        is_late: is_late(call, course.arrived_at, target),
        hospital: course.hospital.clone(),
        door_at: course.door_at,
    }
}

fn is_late(
    call: &RecordedCall,
    arrived_at: Option<Timestamp>,
    target: Option<Millis>,
) -> Option<bool> {
    Some(arrived_at?.since(call.call.rang_at) > target?)
}

fn why_unit(day: &RecordedDay, call: &RecordedCall, course: &Course) -> Vec<Why> {
    let Some(decided) = &course.decided else { return vec![Why::NoUnit] };
    let (Some(sent), Some(unit)) = (call.sent.first(), decided.first()) else { return Vec::new() };
    let mut why =
        overruled(&sent.unit.to_string(), sent.choice.rank, sent.choice.overrule.as_deref());
    if course.n_diverted > 0 {
        why.push(Why::LosesUnit);
    }
    if *unit == sent.unit {
        why.extend(why_otherwise(day, call, decided, sent));
    } else if why.is_empty() {
        why.extend(why_other(day, decided, unit, sent));
    }
    why
}

/// The places that the first decision of either filled, those of the log first.
fn places(day: &RecordedDay, call: &RecordedCall, course: &Course) -> Vec<PlaceChange> {
    let recorded = call.responses().next().unwrap_or_default();
    let decided = decided(day, call, course);
    let sent = decided.map_or(&[][..], |decided| &decided.sent);
    // A log without run cards names no places: its unit took the one that the replay fills first.
    let unnamed = sent.first().map_or("", |(slot, _)| slot.as_str());
    let slot_of = |it: &Sent| it.slot().unwrap_or(unnamed).to_owned();
    let mut slots: Vec<String> = recorded.iter().map(slot_of).collect();
    for (slot, _) in sent {
        if !slots.contains(slot) {
            slots.push(slot.clone());
        }
    }
    let change = |slot: String| {
        let before = recorded.iter().find(|it| slot_of(it) == slot);
        let after = sent.iter().find(|(it, _)| *it == slot).map(|(_, unit)| unit);
        let why = decided.map_or_else(Vec::new, |it| why_place(day, it, &slot, before, after));
        let recorded = before.map(|sent| sent.unit.clone());
        PlaceChange { slot, recorded, replayed: after.cloned(), why }
    };
    slots.into_iter().map(change).collect()
}

fn why_place(
    day: &RecordedDay,
    decided: &Decision,
    slot: &str,
    before: Option<&Sent>,
    after: Option<&UnitId>,
) -> Vec<Why> {
    match (before, after) {
        (Some(sent), Some(unit)) if sent.unit == *unit => Vec::new(),
        (Some(sent), after) => {
            let (rank, overrule) = (sent.choice.rank, sent.choice.overrule.as_deref());
            let why = overruled(&sent.unit.to_string(), rank, overrule);
            match after {
                _ if !why.is_empty() => why,
                Some(unit) => why_other(day, decided, unit, sent),
                None => vec![why_emptied(decided, slot, sent)],
            }
        }
        (None, Some(unit)) => vec![match day.busy_with(unit, decided.at) {
            Some(incident) => Why::Freed { unit: unit.clone(), incident },
            None => Why::PlaceFilled { slot: slot.to_owned(), unit: unit.clone() },
        }],
        (None, None) => Vec::new(),
    }
}

/// A recorded unit is not sent, and no other in its place.
fn why_emptied(decided: &Decision, slot: &str, sent: &Sent) -> Why {
    let instead_of = decided.table.iter().find(|it| it.unit == sent.unit);
    if let Some(instead_of) = instead_of.filter(|it| !it.is_eligible) {
        return why_not(instead_of);
    }
    let reason = decided.empty.iter().find(|(empty, _)| empty == slot);
    let reason = reason.map_or(NoUnit::TakenByOthers, |(_, reason)| reason.clone());
    Why::PlaceEmpty { slot: slot.to_owned(), reason }
}

fn overruled(chosen: &str, rank: u32, overrule: Option<&str>) -> Vec<Why> {
    let reason = overrule.filter(|_| rank > 1).map(str::to_owned);
    let why = |reason| Why::OverruleNotRepeated { chosen: chosen.to_owned(), reason };
    reason.map(why).into_iter().collect()
}

/// The same unit at another time or from another place.
fn why_otherwise(
    day: &RecordedDay,
    call: &RecordedCall,
    decided: &Decision,
    sent: &Sent,
) -> Option<Why> {
    let has_lost_one = call.responses().count() > 1;
    if decided.at.since(sent.at).abs() >= NEWS || has_lost_one {
        return Some(Why::Waits);
    }
    let now = decided.table.iter().find(|it| it.unit == sent.unit)?;
    let moved = has_moved(now.eta, sent.choice.chosen.eta, NEWS);
    moved.then(|| elsewhere(day, decided, &sent.unit))
}

/// Another unit.
fn why_other(day: &RecordedDay, decided: &Decision, unit: &UnitId, sent: &Sent) -> Vec<Why> {
    let find = |unit: &UnitId| decided.table.iter().find(|it| it.unit == *unit);
    let (Some(taken), Some(instead_of)) = (find(unit), find(&sent.unit)) else {
        return vec![Why::Waits];
    };
    if let Some((slot, unit)) = decided.sent.iter().find(|(_, unit)| *unit == sent.unit) {
        return vec![Why::OtherPlace { unit: unit.clone(), slot: slot.clone() }];
    }
    if !instead_of.is_eligible {
        return vec![why_not(instead_of)];
    }
    let mut why = knock_on(day, decided, sent, taken, instead_of);
    if why.is_empty() {
        why.push(on_merits(decided, sent, taken, instead_of));
    }
    why
}

/// Why a unit cannot be sent.
fn why_not(unit: &UnitCandidate) -> Why {
    let busy = unit.cons.iter().find_map(|con| match con {
        UnitReason::Busy { incident } => Some(*incident),
        _ => None,
    });
    match busy {
        Some(incident) => Why::Busy { unit: unit.unit.clone(), incident },
        None => Why::MayNotBeSent { unit: unit.clone() },
    }
}

fn knock_on(
    day: &RecordedDay,
    decided: &Decision,
    sent: &Sent,
    taken: &UnitCandidate,
    instead_of: &UnitCandidate,
) -> Vec<Why> {
    let mut why = Vec::new();
    if has_moved(instead_of.eta, sent.choice.chosen.eta, MOVED) {
        why.push(elsewhere(day, decided, &sent.unit));
    }
    let then = sent.choice.passed_over.iter().find(|it| it.unit == taken.unit);
    if let Some(incident) = day.busy_with(&taken.unit, sent.at) {
        why.push(Why::Freed { unit: taken.unit.clone(), incident });
    } else if then.is_some_and(|then| has_moved(taken.eta, then.eta, MOVED)) {
        why.push(elsewhere(day, decided, &taken.unit));
    }
    why
}

/// The call before is the replay's, or the log's where the replay has none.
fn elsewhere(day: &RecordedDay, decided: &Decision, unit: &UnitId) -> Why {
    let last = decided.last.get(unit).copied();
    Why::Elsewhere { unit: unit.clone(), after: last.or_else(|| day.last_call(unit, decided.at)) }
}

fn has_moved(now: Option<Millis>, then: Option<Millis>, limit: Millis) -> bool {
    now.zip(then).is_none_or(|(now, then)| (now - then).abs() > limit)
}

/// Both units were free and where they were: the policies differ, or nearly nothing does.
fn on_merits(
    decided: &Decision,
    sent: &Sent,
    taken: &UnitCandidate,
    instead_of: &UnitCandidate,
) -> Why {
    if decided.policy == sent.choice.policy {
        let then = sent.choice.passed_over.iter().find(|it| it.unit == taken.unit);
        let old = [Some(&sent.choice.chosen), then].into_iter().flatten().find(|it| is_old(it));
        if let Some(old) = old {
            return Why::PositionWasOld { unit: old.unit.clone() };
        }
        let by = Millis::new(instead_of.cost - taken.cost);
        if by.abs() <= NEWS {
            return Why::NearTie { by };
        }
    }
    Why::UnitPreferred { taken: taken.clone(), instead_of: instead_of.clone() }
}

fn is_old(unit: &UnitCandidate) -> bool {
    unit.cons
        .iter()
        .any(|con| matches!(con, UnitReason::StalePosition { .. } | UnitReason::NoPosition))
}

fn why_hospital(call: &RecordedCall, course: &Course) -> Vec<Why> {
    let Some(chosen) = call.chosen.last() else { return Vec::new() };
    let name = chosen.hospital.to_string();
    let mut why = overruled(&name, chosen.choice.rank, chosen.choice.overrule.as_deref());
    let find = |wanted: Option<&ems_model::HospitalId>| {
        course.hospitals.iter().find(|it| Some(&it.hospital) == wanted).cloned()
    };
    let instead_of = find(Some(&chosen.hospital));
    if let Some(taken) = find(course.hospital.as_ref()).filter(|_| why.is_empty()) {
        why.push(Why::HospitalPreferred { taken, instead_of });
    }
    why
}
