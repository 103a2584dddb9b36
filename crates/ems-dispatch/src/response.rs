//! Who takes the places of a run card.
//!
//! One unit a place. Of all ways to fill the card it is one that, in this order, gives the most
//! places to units that are on the call already, leaves the fewest needed places empty, brings the
//! first crew soonest (on cards that ask for that) and costs least: the ranking's cost without what
//! it adds for the unit's kind, which the place's own order of kinds says instead. Found by
//! assignment (Kuhn-Munkres), whose weights keep that order, once for each crew that may be first.

use ems_model::{
    Millis, Need, NoUnit, Response, ResponseSlot, SlotState, UnitCandidate, UnitId, UnitKind,
    UnitReason,
};
use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use crate::drone::Flight;
use crate::policy::Policy;
use crate::run_card::{RunCard, RunCards, Slot};
use crate::units::{UnitFacts, UnitQuery, kind_penalty, rank_units, sort};

/// A drone as the service knows it now.
#[derive(Debug, Clone, PartialEq)]
pub struct DroneFacts {
    /// As of any unit; its drive is not looked at.
    pub facts: UnitFacts,
    /// From where it is to the scene in a straight line, metres.
    pub metres: f64,
}

/// A unit that is on the call already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnCall {
    /// Its call sign.
    pub unit: UnitId,
    /// What it can do.
    pub kind: UnitKind,
    /// From now until it arrives, zero where it is there; `None` where nobody knows.
    pub eta: Option<Millis>,
}

/// What units are weighed by for a call with a run card.
#[derive(Debug, Clone, Copy)]
pub struct ResponseRules<'a> {
    /// The call's run card.
    pub card: &'a RunCard,
    /// All of them.
    pub cards: &'a RunCards,
    /// How drones fly.
    pub flight: &'a Flight,
    /// How units are ranked.
    pub policy: &'a Policy,
}

/// Places, kinds and arrivals stay far below these: a cost is a day and some penalties of a day.
const IMPOSSIBLE: i64 = 100_000_000_000_000_000;
const ON_CALL: i64 = 10_000_000_000_000_000;
const NEEDED: i64 = 1_000_000_000_000_000;
const FIRST: i64 = 100_000_000_000_000;
/// Costs are told apart to the millisecond, and equal ones by the units' places in the ranking.
const PLACES_MAX: usize = 8192;

impl ResponseRules<'_> {
    /// Weighs every unit, best first, as [`rank_units`] does; who takes no patient comes behind.
    pub fn rank(
        &self,
        query: &UnitQuery,
        units: &[UnitFacts],
        drones: &[DroneFacts],
    ) -> Vec<UnitCandidate> {
        let mut candidates = rank_units(query, units, self.policy);
        for candidate in candidates.iter_mut().filter(|it| !it.kind.can_transport()) {
            candidate.cost += self.cards.cannot_transport.get();
            candidate.cons.push(UnitReason::CannotTransport);
        }
        let weigh =
            |it: &DroneFacts| self.flight.weigh(&it.facts, it.metres, self.card, self.cards);
        candidates.extend(drones.iter().map(weigh));
        sort(&mut candidates);
        candidates
    }

    /// Fills the run card from units on the call and from `candidates`, ranked for `query`.
    ///
    /// Cost: slots squared by units, for each crew that may be first; mostly one.
    pub fn respond(
        &self,
        query: &UnitQuery,
        on_call: &[OnCall],
        candidates: &[UnitCandidate],
    ) -> Response {
        let fits = |it: &&UnitCandidate| it.is_eligible && self.card.takes(it.kind);
        let free: Vec<_> = candidates.iter().filter(fits).take(PLACES_MAX - 100).collect();
        let table = Table { rules: *self, query, on_call, free };
        let filled = table.fill();
        table.tell(&filled, candidates)
    }
}

/// A run card with all who may take its places.
struct Table<'a> {
    rules: ResponseRules<'a>,
    query: &'a UnitQuery,
    on_call: &'a [OnCall],
    free: Vec<&'a UnitCandidate>,
}

/// A way to fill a card: for each place the column that takes it, first those on the call, then the
/// free ones, then one empty column a place.
#[derive(Debug)]
struct Filled {
    columns: Vec<usize>,
    /// When the first crew arrives.
    first: Option<Millis>,
    weight: i64,
}

impl<'a> Table<'a> {
    fn fill(&self) -> Filled {
        let on_call = self.on_call.iter().filter(|it| it.kind.is_crewed());
        let on_call = on_call.filter_map(|it| it.eta).min();
        let plain = self.assign(on_call, None);
        if !self.rules.card.is_first_hands {
            let first = self.first_of(&plain.columns).into_iter().chain(on_call).min();
            return Filled { first, ..plain };
        }
        let crewed = (0..self.free.len()).filter(|&idx| self.free[idx].kind.is_crewed());
        let eta = |idx: usize| self.free[idx].eta.expect("who can be sent has a way there");
        let mut sooner: Vec<_> = crewed.map(|idx| (eta(idx), idx)).collect();
        sooner.retain(|(eta, _)| on_call.is_none_or(|on_call| *eta < on_call));
        sooner.sort_unstable();
        for firsts in sooner.chunk_by(|a, b| a.0 == b.0) {
            let ways = firsts.iter().map(|(eta, idx)| self.assign(Some(*eta), Some(*idx)));
            let possible = ways.filter(|way| way.weight < plain.weight - FIRST / 2);
            if let Some(best) = possible.min_by_key(|way| way.weight) {
                return best;
            }
        }
        plain
    }

    /// The least costly way where the first crew comes at `first`, and `forced` is it.
    fn assign(&self, first: Option<Millis>, forced: Option<usize>) -> Filled {
        let slots = &self.rules.card.slots;
        let n_columns = self.on_call.len() + self.free.len() + slots.len();
        let weigh = |(row, column): (usize, usize)| self.weight(&slots[row], column, first, forced);
        let weights = Matrix::from_fn(slots.len(), n_columns, weigh);
        let (weight, columns) = kuhn_munkres_min(&weights);
        Filled { columns, first, weight }
    }

    fn weight(
        &self,
        slot: &Slot,
        column: usize,
        first: Option<Millis>,
        forced: Option<usize>,
    ) -> i64 {
        let to_int = |n: usize| i64::try_from(n).expect("a fleet is smaller than 2^63");
        let scale = to_int(PLACES_MAX);
        let Some(free) = column.checked_sub(self.on_call.len()) else {
            let place = place_of(slot, self.on_call[column].kind);
            return place.map_or(IMPOSSIBLE, |place| self.place_cost(place) * scale - ON_CALL);
        };
        let Some(unit) = self.free.get(free) else {
            return match slot.need {
                Need::Needed => NEEDED,
                Need::Wished => self.rules.cards.unfilled.get() * scale,
            };
        };
        let Some(cost) = self.cost(slot, unit).filter(|_| !is_late(slot, unit, first)) else {
            return IMPOSSIBLE;
        };
        let is_first = if forced == Some(free) { FIRST } else { 0 };
        cost * scale + to_int(free) - is_first
    }

    /// What it costs to send a unit to a place; `None` where its kind does not fit.
    fn cost(&self, slot: &Slot, unit: &UnitCandidate) -> Option<i64> {
        let place = self.place_cost(place_of(slot, unit.kind)?);
        let cannot_transport = self.rules.cards.cannot_transport.get();
        let alone = if unit.kind.can_transport() { 0 } else { cannot_transport };
        if !unit.kind.is_crewed() {
            return Some(unit.cost - alone + place);
        }
        let policy = &self.rules.policy.units;
        let for_kind = |needs| kind_penalty(self.query, unit.kind, needs, policy).get();
        let (ranked, here) = (for_kind(self.query.needs), for_kind(slot.kinds[0]));
        Some(unit.cost - alone - ranked + here + place)
    }

    /// What a place costs that the unit of this column takes, or nobody.
    fn spent(&self, slot: &Slot, column: usize) -> i64 {
        if let Some(on_call) = self.on_call.get(column) {
            return place_of(slot, on_call.kind).map_or(0, |place| self.place_cost(place));
        }
        let sent = self.sent(column).and_then(|unit| self.cost(slot, unit));
        sent.unwrap_or(self.rules.cards.unfilled.get())
    }

    /// What a kind costs that stands at this place of a slot's order.
    fn place_cost(&self, place: usize) -> i64 {
        let place = i64::try_from(place).expect("a handful of kinds");
        place * self.rules.cards.later_kind.get()
    }

    fn first_of(&self, columns: &[usize]) -> Option<Millis> {
        let sent = columns.iter().filter_map(|column| self.sent(*column));
        sent.filter(|unit| unit.kind.is_crewed()).filter_map(|unit| unit.eta).min()
    }

    fn sent(&self, column: usize) -> Option<&'a UnitCandidate> {
        self.free.get(column.checked_sub(self.on_call.len())?).copied()
    }

    fn tell(&self, filled: &Filled, candidates: &[UnitCandidate]) -> Response {
        let card = self.rules.card;
        let slots = card.slots.iter().zip(&filled.columns).map(|(slot, column)| ResponseSlot {
            slot: slot.id.clone(),
            need: slot.need,
            kinds: slot.kinds.clone(),
            state: self.state(slot, *column, filled, candidates),
        });
        let placed = |idx: usize| filled.columns.contains(&idx);
        let beyond = (0..self.on_call.len()).filter(|idx| !placed(*idx));
        let costs = card.slots.iter().zip(&filled.columns);
        let costs = costs.map(|(slot, column)| self.spent(slot, *column));
        Response {
            card: card.id.clone(),
            slots: slots.collect(),
            beyond: beyond.map(|idx| self.on_call[idx].unit.clone()).collect(),
            first_crew: filled.first,
            cost: costs.sum(),
        }
    }

    fn state(
        &self,
        slot: &Slot,
        column: usize,
        filled: &Filled,
        candidates: &[UnitCandidate],
    ) -> SlotState {
        if let Some(on_call) = self.on_call.get(column) {
            return SlotState::Held { unit: on_call.unit.clone() };
        }
        match self.sent(column) {
            Some(unit) => SlotState::Fills {
                unit: unit.unit.clone(),
                eta: unit.eta.expect("who can be sent has a way there"),
            },
            None => SlotState::Empty { why: self.why_empty(slot, filled, candidates) },
        }
    }

    fn why_empty(&self, slot: &Slot, filled: &Filled, candidates: &[UnitCandidate]) -> NoUnit {
        let of_kind = |it: &&UnitCandidate| slot.kinds.contains(&it.kind);
        let is_elsewhere = |it: &UnitCandidate| {
            filled
                .columns
                .iter()
                .any(|&idx| self.sent(idx).is_some_and(|sent| sent.unit == it.unit))
        };
        let mut free = self.free.iter().copied().filter(of_kind).peekable();
        if free.peek().is_none() {
            let likeliest = candidates.iter().filter(of_kind).find_map(|it| {
                Some((it.unit.clone(), it.cons.first().filter(|_| !it.is_eligible)?.clone()))
            });
            return likeliest
                .map_or(NoUnit::NoSuchUnit, |(unit, reason)| NoUnit::NotFree { unit, reason });
        }
        let others = free.filter(|it| !is_elsewhere(it));
        let Some(best) = others.min_by_key(|it| (is_late(slot, it, filled.first), it.eta)) else {
            return NoUnit::TakenByOthers;
        };
        let unit = best.unit.clone();
        match (best.eta, filled.first.zip(slot.within)) {
            (Some(eta), Some((first, within))) if eta > first + within => {
                NoUnit::TooLate { unit, eta, limit: first + within }
            }
            _ => NoUnit::NotWorth { unit },
        }
    }
}

fn place_of(slot: &Slot, kind: UnitKind) -> Option<usize> {
    slot.kinds.iter().position(|it| *it == kind)
}

fn is_late(slot: &Slot, unit: &UnitCandidate, first: Option<Millis>) -> bool {
    let limit = first.zip(slot.within).map(|(first, within)| first + within);
    limit.zip(unit.eta).is_some_and(|(limit, eta)| eta > limit)
}
