//! Who takes the places of a run card.
//!
//! One unit a place. Of all ways to fill the card it is one that, in this order,
//! 1. gives the most places to units that are on the call already,
//! 2. leaves the fewest needed places empty,
//! 3. brings the first crew soonest, on cards that ask for that,
//! 4. under a rule of dispatch that weighs cover: has the fewest units late for the target (a wished
//!    place left empty counts as one), takes the fewest from other calls, and loses least cover,
//!    that of each unit counted alone; under one that weighs calls: does least harm, that of each
//!    unit counted alone (a wished place left empty does what a unit does that costs as much),
//! 5. costs least: the ranking's cost without what it adds for the unit's kind, which the place's
//!    own order of kinds says instead.
//!
//! A unit is taken from another call for a needed place only. So a card of one place gets the unit
//! that the rule of dispatch would pick by these costs, or the one that leads the ranking where it
//! was told who leads. Found by assignment (Kuhn-Munkres), whose weights keep that order, once for
//! each crew that may be first.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{
    IncidentId, Millis, Need, NoUnit, Response, ResponseSlot, SlotState, UnitCandidate, UnitId,
    UnitKind, UnitReason,
};
use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use crate::doctrine::UnitRule;
use crate::drone::Flight;
use crate::policy::Policy;
use crate::run_card::{RunCard, RunCards, Slot};
use crate::units::{
    UnitFacts, UnitQuery, Weighed, harm, kind_penalty, ppm, sorted, tell_harm, weigh_units,
};

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

/// Who is on a call, and what they told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attendance {
    /// Units on the call.
    pub on_call: Vec<OnCall>,
    /// Places that nobody needs to take, by the word of a crew on scene.
    pub not_needed: BTreeMap<String, UnitId>,
}

/// Units as they were weighed for a call, best first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ranking {
    /// Each with its reasons.
    pub candidates: Vec<UnitCandidate>,
    /// By candidate: what the rule of dispatch weighs beside its time.
    beside: Vec<f64>,
    /// Who goes first whatever that rule says.
    leader: Option<UnitId>,
}

impl Ranking {
    /// These units alone, in the same order.
    #[must_use]
    pub fn only(&self, units: &[UnitId]) -> Self {
        let all = self.candidates.iter().zip(&self.beside);
        let some = all.filter(|(candidate, _)| units.contains(&candidate.unit));
        let (candidates, beside) = some.map(|(it, beside)| (it.clone(), *beside)).unzip();
        Self { candidates, beside, leader: self.leader.clone() }
    }

    /// Puts a unit first, and at a place of the run card before others that could take it.
    pub fn lead(&mut self, unit: &UnitId) {
        let Some(at) = self.candidates.iter().position(|it| it.unit == *unit) else { return };
        self.candidates[..=at].rotate_right(1);
        self.beside[..=at].rotate_right(1);
        self.leader = Some(unit.clone());
    }
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

/// Digits of a weight, the last ones first, each wide enough for its sum over eight places: places
/// in the ranking, costs to some weeks, cover to a trillionth of all demand or harm to a billionth
/// of a call, and numbers of units.
const COST: i128 = 1 << 16;
const COVER: i128 = COST << 36;
const HARM: i128 = COVER;
const OTHER_CALL: i128 = COVER << 44;
const LATE: i128 = OTHER_CALL << 5;
const LEAD: i128 = LATE << 5;
const FIRST: i128 = LEAD << 2;
const NEEDED: i128 = FIRST << 5;
const ON_CALL: i128 = NEEDED << 5;
const IMPOSSIBLE: i128 = ON_CALL << 5;
/// So many units are looked at, the best ones: their places in the ranking have 13 binary digits.
const FREE_MAX: usize = 8000;

impl ResponseRules<'_> {
    /// Weighs every unit, best first, as [`rank_units`](crate::rank_units) does; who takes no
    /// patient comes behind.
    pub fn rank(&self, query: &UnitQuery, units: &[UnitFacts], drones: &[DroneFacts]) -> Ranking {
        let mut weighed = weigh_units(query, units, self.policy);
        let picks = matches!(self.policy.dispatch.rule, UnitRule::Pick(_));
        for (candidate, beside) in weighed.iter_mut().filter(|it| !it.0.kind.can_transport()) {
            candidate.cost += self.cards.cannot_transport.get();
            candidate.cons.push(UnitReason::CannotTransport);
            *beside = if picks { 0.0 } else { *beside };
        }
        tell_harm(&mut weighed, query, self.policy);
        let weigh = |it: &DroneFacts| -> Weighed {
            (self.flight.weigh(&it.facts, it.metres, self.card, self.cards), 0.0)
        };
        weighed.extend(drones.iter().map(weigh));
        let (candidates, beside) = sorted(weighed, query, self.policy).unzip();
        Ranking { candidates, beside, leader: None }
    }

    /// Fills the run card from units on the call and from units that were ranked for `query`.
    ///
    /// Cost: a look at each unit for each place and for each crew that may be first; mostly one.
    pub fn respond(&self, query: &UnitQuery, there: &Attendance, ranking: &Ranking) -> Response {
        let fits = |it: &UnitCandidate| it.is_eligible && self.card.takes(it.kind);
        let free = ranking.candidates.iter().zip(&ranking.beside);
        let free = free.filter(|(unit, _)| fits(unit)).take(FREE_MAX);
        let leads = |it: &UnitCandidate| ranking.leader.as_ref() == Some(&it.unit);
        let free = free.map(|(unit, beside)| Free {
            unit,
            beside: *beside,
            is_leader: leads(unit),
            from: left_by(unit),
        });
        let Attendance { on_call, not_needed } = there;
        let place = |slot| Place::of(slot, self, query, not_needed);
        let places = self.card.slots.iter().map(place).collect();
        let table = Table { rules: *self, query, on_call, places, free: free.collect() };
        let filled = table.fill();
        table.tell(&filled, &ranking.candidates)
    }

    /// What a place adds to the cost of a unit of this kind: in the ranking it was weighed as one
    /// that comes alone, and by what the complaint needs.
    fn for_this_place(&self, query: &UnitQuery, slot: &Slot, kind: UnitKind) -> i64 {
        let alone = if kind.can_transport() { 0 } else { self.cards.cannot_transport.get() };
        if !kind.is_crewed() {
            return -alone;
        }
        let for_kind = |needs| kind_penalty(query, kind, needs, &self.policy.units).get();
        for_kind(slot.kinds[0]) - for_kind(query.needs) - alone
    }
}

/// A unit that may be sent.
#[derive(Debug, Clone, Copy)]
struct Free<'a> {
    unit: &'a UnitCandidate,
    /// What the rule of dispatch weighs beside its time.
    beside: f64,
    is_leader: bool,
    /// The call from which it is taken.
    from: Option<IncidentId>,
}

impl Free<'_> {
    fn eta(&self) -> Millis {
        self.unit.eta.expect("who can be sent has a way there")
    }
}

/// The call from which a unit is taken.
fn left_by(unit: &UnitCandidate) -> Option<IncidentId> {
    unit.cons.iter().find_map(|reason| match reason {
        UnitReason::DivertedFrom { incident, .. } => Some(*incident),
        _ => None,
    })
}

/// A place of a run card, with what is the same for all units of a kind.
struct Place<'a> {
    slot: &'a Slot,
    /// The crew on scene that said that nobody needs to take it.
    not_needed_by: Option<&'a UnitId>,
    kinds: Vec<OfKind>,
}

/// What a kind costs that fits a place.
struct OfKind {
    kind: UnitKind,
    /// For being later in the place's order.
    later: i64,
    /// What is added to the cost of a unit in the ranking.
    added: i64,
}

impl<'a> Place<'a> {
    fn of(
        slot: &'a Slot,
        rules: &ResponseRules<'_>,
        query: &UnitQuery,
        not_needed: &'a BTreeMap<String, UnitId>,
    ) -> Self {
        let of_kind = |(&kind, nth): (&UnitKind, i64)| {
            let later = nth * rules.cards.later_kind.get();
            OfKind { kind, later, added: later + rules.for_this_place(query, slot, kind) }
        };
        let kinds = slot.kinds.iter().zip(0..).map(of_kind).collect();
        Self { slot, not_needed_by: not_needed.get(&slot.id), kinds }
    }

    fn kind(&self, kind: UnitKind) -> Option<&OfKind> {
        self.kinds.iter().find(|it| it.kind == kind)
    }

    /// What it costs to send a unit here; `None` where its kind does not fit.
    fn cost(&self, unit: &UnitCandidate) -> Option<i64> {
        Some(unit.cost + self.kind(unit.kind)?.added)
    }
}

/// A run card with all who may take its places.
struct Table<'a> {
    rules: ResponseRules<'a>,
    query: &'a UnitQuery,
    on_call: &'a [OnCall],
    places: Vec<Place<'a>>,
    free: Vec<Free<'a>>,
}

/// A way to fill a card: for each place the column that takes it, first those on the call, then the
/// free ones, then one empty column a place.
#[derive(Debug)]
struct Filled {
    columns: Vec<usize>,
    /// When the first crew arrives.
    first: Option<Millis>,
    weight: i128,
}

impl<'a> Table<'a> {
    fn fill(&self) -> Filled {
        let on_call = self.on_call.iter().filter(|it| it.kind.is_crewed());
        let on_call = on_call.filter_map(|it| it.eta).min();
        let plain = self.assign(on_call, None);
        if self.rules.card.is_first_hands {
            return self.soonest(on_call, &plain).unwrap_or(plain);
        }
        let first = self.first_of(&plain.columns).into_iter().chain(on_call).min();
        Filled { first, ..plain }
    }

    /// The best way whose first crew is the soonest that leaves no more places empty than `plain`;
    /// `None` where nobody comes before the crews on the call.
    fn soonest(&self, on_call: Option<Millis>, plain: &Filled) -> Option<Filled> {
        let crewed = (0..self.free.len()).filter(|&idx| self.free[idx].unit.kind.is_crewed());
        let mut sooner: Vec<_> = crewed.map(|idx| (self.free[idx].eta(), idx)).collect();
        sooner.retain(|(eta, _)| on_call.is_none_or(|on_call| *eta < on_call));
        sooner.sort_unstable();
        let mut in_the_way = BTreeSet::new();
        for firsts in sooner.chunk_by(|a, b| a.0 == b.0) {
            let sort = |idx: usize| (self.free[idx].unit.kind, self.free[idx].from.is_some());
            let able = firsts.iter().filter(|(_, idx)| !in_the_way.contains(&sort(*idx)));
            let ways = able.map(|(eta, idx)| self.assign(Some(*eta), Some(*idx)));
            let possible = ways.filter(|way| way.weight < plain.weight - FIRST / 2);
            if let Some(best) = possible.min_by_key(|way| way.weight) {
                return Some(best);
            }
            // Whether one can be first at all depends on nothing but that.
            in_the_way.extend(firsts.iter().map(|(_, idx)| sort(*idx)));
        }
        None
    }

    /// The least weighty way where the first crew comes at `first`, and `forced` is it.
    fn assign(&self, first: Option<Millis>, forced: Option<usize>) -> Filled {
        let n_places = self.places.len();
        let n_columns = self.on_call.len() + self.free.len() + n_places;
        let weigh = |place: &Place<'_>| {
            (0..n_columns).map(|column| self.weight(place, column, first, forced)).collect()
        };
        let weights: Vec<Vec<i128>> = self.places.iter().map(weigh).collect();
        let columns = self.worth_a_look(&weights);
        let matrix =
            Matrix::from_fn(n_places, columns.len(), |(row, nth)| weights[row][columns[nth]]);
        let (weight, taken) = kuhn_munkres_min(&matrix);
        Filled { columns: taken.into_iter().map(|nth| columns[nth]).collect(), first, weight }
    }

    /// Each place has as many free units as there are places: the others take one less.
    fn worth_a_look(&self, weights: &[Vec<i128>]) -> Vec<usize> {
        let (n_on_call, n_free) = (self.on_call.len(), self.free.len());
        let mut columns: BTreeSet<usize> = (0..n_on_call).collect();
        columns.extend(n_on_call + n_free..n_on_call + n_free + weights.len());
        let mut free: Vec<usize> = (n_on_call..n_on_call + n_free).collect();
        for row in weights {
            let n = weights.len().min(free.len());
            if n < free.len() {
                free.select_nth_unstable_by_key(n, |&column| (row[column], column));
            }
            columns.extend(&free[..n]);
        }
        columns.into_iter().collect()
    }

    fn weight(
        &self,
        place: &Place<'_>,
        column: usize,
        first: Option<Millis>,
        forced: Option<usize>,
    ) -> i128 {
        let Some(free) = column.checked_sub(self.on_call.len()) else {
            let kind = place.kind(self.on_call[column].kind);
            return kind.map_or(IMPOSSIBLE, |kind| i128::from(kind.later) * COST - ON_CALL);
        };
        let (slot, is_needless) = (place.slot, place.not_needed_by.is_some());
        let Some(unit) = self.free.get(free) else {
            return match slot.need {
                _ if is_needless => 0,
                Need::Needed => NEEDED,
                Need::Wished => self.empty_weight(),
            };
        };
        let is_worth_a_call = slot.need == Need::Needed || unit.from.is_none();
        let may_take = !is_needless && is_worth_a_call && !is_late(slot, unit.unit, first);
        let Some(cost) = place.cost(unit.unit).filter(|_| may_take) else {
            return IMPOSSIBLE;
        };
        let is_first = if forced == Some(free) { FIRST } else { 0 };
        let rank = i128::try_from(free).expect("a place in a list");
        let leads = if unit.is_leader { LEAD } else { 0 };
        self.sent_weight(cost, unit.beside) + rank - leads - is_first
    }

    /// What sending a unit weighs by the rule of dispatch.
    fn sent_weight(&self, cost: i64, beside: f64) -> i128 {
        let time = i128::from(cost) * COST;
        match &self.rules.policy.dispatch.rule {
            UnitRule::Weigh(weighing) => {
                billionths(harm(weighing, self.query, cost, beside)) * HARM + time
            }
            UnitRule::Pick(_) if self.picks_by_cover() => self.cover_weight(cost, beside) + time,
            UnitRule::Pick(_) => time,
        }
    }

    fn cover_weight(&self, cost: i64, cover_lost: f64) -> i128 {
        let is_in_time = self.query.left().is_some_and(|left| cost <= left.get());
        match (is_in_time, cover_lost.is_finite()) {
            (false, _) => LATE,
            (true, false) => OTHER_CALL,
            (true, true) => trillionths(cover_lost) * COVER,
        }
    }

    fn empty_weight(&self) -> i128 {
        let unfilled = self.rules.cards.unfilled.get();
        if self.picks_by_cover() {
            return LATE + i128::from(unfilled) * COST;
        }
        self.sent_weight(unfilled, 0.0)
    }

    fn picks_by_cover(&self) -> bool {
        matches!(&self.rules.policy.dispatch.rule, UnitRule::Pick(rule) if rule.weighs_cover())
    }

    /// What a place costs that the unit of this column takes, or nobody.
    fn spent(&self, place: &Place<'_>, column: usize) -> i64 {
        if let Some(on_call) = self.on_call.get(column) {
            return place.kind(on_call.kind).map_or(0, |kind| kind.later);
        }
        let sent = self.sent(column).and_then(|sent| place.cost(sent.unit));
        let is_needless = place.not_needed_by.is_some();
        let empty = if is_needless { 0 } else { self.rules.cards.unfilled.get() };
        sent.unwrap_or(empty)
    }

    fn first_of(&self, columns: &[usize]) -> Option<Millis> {
        let sent = columns.iter().filter_map(|column| self.sent(*column));
        sent.filter(|sent| sent.unit.kind.is_crewed()).map(|sent| sent.eta()).min()
    }

    fn sent(&self, column: usize) -> Option<Free<'a>> {
        self.free.get(column.checked_sub(self.on_call.len())?).copied()
    }

    fn tell(&self, filled: &Filled, candidates: &[UnitCandidate]) -> Response {
        let card = self.rules.card;
        let taken = || self.places.iter().zip(&filled.columns);
        let slots = taken().map(|(place, column)| ResponseSlot {
            slot: place.slot.id.clone(),
            need: place.slot.need,
            kinds: place.slot.kinds.clone(),
            state: self.state(place, *column, filled, candidates),
        });
        let placed = |idx: usize| filled.columns.contains(&idx);
        let beyond = (0..self.on_call.len()).filter(|idx| !placed(*idx));
        let costs = taken().map(|(place, column)| self.spent(place, *column));
        Response {
            card: card.id.clone(),
            slots: slots.collect(),
            beyond: beyond.map(|idx| self.on_call[idx].unit.clone()).collect(),
            first_crew: filled.first,
            cost: costs.sum(),
            cover_lost: self.cover_lost(&filled.columns),
        }
    }

    /// Cover that goes with those sent, each alone; `None` where the policy weighs none.
    fn cover_lost(&self, columns: &[usize]) -> Option<u32> {
        let sent = columns.iter().filter_map(|column| self.sent(*column));
        let lost = sent.map(|sent| sent.beside).filter(|lost| lost.is_finite());
        self.picks_by_cover().then(|| ppm(lost.sum()))
    }

    fn state(
        &self,
        place: &Place<'_>,
        column: usize,
        filled: &Filled,
        candidates: &[UnitCandidate],
    ) -> SlotState {
        if let Some(on_call) = self.on_call.get(column) {
            return SlotState::Held { unit: on_call.unit.clone() };
        }
        match self.sent(column) {
            Some(sent) => {
                SlotState::Fills { unit: sent.unit.unit.clone(), eta: sent.eta(), from: sent.from }
            }
            None => SlotState::Empty { why: self.why_empty(place, filled, candidates) },
        }
    }

    fn why_empty(
        &self,
        place: &Place<'_>,
        filled: &Filled,
        candidates: &[UnitCandidate],
    ) -> NoUnit {
        if let Some(by) = place.not_needed_by {
            return NoUnit::NotNeeded { by: by.clone() };
        }
        let slot = place.slot;
        let of_kind = |it: &&UnitCandidate| slot.kinds.contains(&it.kind);
        let is_elsewhere = |it: &UnitCandidate| {
            filled
                .columns
                .iter()
                .any(|&idx| self.sent(idx).is_some_and(|sent| sent.unit.unit == it.unit))
        };
        let mut free = self.free.iter().map(|free| free.unit).filter(of_kind).peekable();
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

fn is_late(slot: &Slot, unit: &UnitCandidate, first: Option<Millis>) -> bool {
    let limit = first.zip(slot.within).map(|(first, within)| first + within);
    limit.zip(unit.eta).is_some_and(|(limit, eta)| eta > limit)
}

#[expect(clippy::cast_possible_truncation, reason = "a share is clamped to 0..=1 first")]
fn trillionths(share: f64) -> i128 {
    (share.clamp(0.0, 1.0) * 1e12).round() as i128
}

/// Harm beyond a thousand calls is taken for a thousand, so that eight places fit.
#[expect(clippy::cast_possible_truncation, reason = "clamped first")]
fn billionths(harm: f64) -> i128 {
    (harm.clamp(-1e3, 1e3) * 1e9).round() as i128
}
