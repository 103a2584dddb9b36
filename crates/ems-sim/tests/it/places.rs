//! The places of a run card filled by what the fleet simulator decides with: every way is tried.

use std::collections::BTreeSet;

use ems_dispatch::{Errand, Loss, Outlook, Prospect, RunCard, RunCards, Slot, Weighing, minutes};
use ems_model::{IncidentId, Millis, Need, UnitId, UnitKind};
use ems_sim::{FleetPolicy, Sending};

/// A unit on the call.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) unit: UnitId,
    pub(crate) kind: UnitKind,
    pub(crate) eta: Option<Millis>,
}

/// A unit that may be sent.
#[derive(Debug, Clone)]
pub(crate) struct Able {
    pub(crate) unit: UnitId,
    pub(crate) kind: UnitKind,
    pub(crate) eta: Millis,
    pub(crate) errand: Errand,
    pub(crate) station: usize,
    /// The call that would lose it.
    pub(crate) from: Option<IncidentId>,
    pub(crate) loss: Option<Loss>,
}

/// A call whose places are to be filled.
pub(crate) struct Places<'a> {
    pub(crate) cards: &'a RunCards,
    pub(crate) card: &'a RunCard,
    pub(crate) rules: &'a FleetPolicy,
    pub(crate) rank: u8,
    pub(crate) target: Millis,
    pub(crate) waited: Millis,
    pub(crate) held: Vec<Held>,
    pub(crate) not_needed: BTreeSet<String>,
}

/// What a way of filling is worth, less is better: places not held by who is there, needed places
/// left empty, when the first crew comes, units late, units taken from other calls, cover that goes
/// (trillionths) or harm that is done (billionths), time.
pub(crate) type Worth = (usize, usize, i64, usize, usize, i64, i64);

/// Who takes a place: of those on the call, of those who may be sent, or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    Held(usize),
    Sent(usize),
    Nobody,
}

impl Places<'_> {
    /// The best of all ways, and how many units it sends.
    pub(crate) fn best(&self, able: &[Able]) -> (Worth, usize) {
        let mut best = None;
        self.try_all(able, &mut Vec::new(), &mut |worth, way| {
            let n_sent = way.iter().filter(|it| matches!(it, Taker::Sent(_))).count();
            best = [best, Some((worth, n_sent))].into_iter().flatten().min();
        });
        best.expect("to send nobody is a way")
    }

    fn try_all(&self, able: &[Able], way: &mut Vec<Taker>, tell: &mut dyn FnMut(Worth, &[Taker])) {
        let Some(slot) = self.card.slots.get(way.len()) else {
            if let Some(worth) = self.worth(able, way) {
                tell(worth, way);
            }
            return;
        };
        let held = (0..self.held.len()).map(Taker::Held);
        let sent = (0..able.len()).map(Taker::Sent);
        for taker in held.chain(sent).chain([Taker::Nobody]) {
            let is_taken = taker != Taker::Nobody && way.contains(&taker);
            if !is_taken && self.may_take(slot, able, taker) {
                way.push(taker);
                self.try_all(able, way, tell);
                way.pop();
            }
        }
    }

    fn may_take(&self, slot: &Slot, able: &[Able], taker: Taker) -> bool {
        match taker {
            Taker::Nobody => true,
            Taker::Held(idx) => slot.kinds.contains(&self.held[idx].kind),
            Taker::Sent(idx) => {
                let is_taken_away = able[idx].from.is_some();
                slot.kinds.contains(&able[idx].kind)
                    && !self.not_needed.contains(&slot.id)
                    && !(is_taken_away && slot.need == Need::Wished)
            }
        }
    }

    fn worth(&self, able: &[Able], way: &[Taker]) -> Option<Worth> {
        let first = self.first(able, way);
        let mut worth = (self.card.slots.len(), 0, 0, 0, 0, 0, 0);
        if self.card.is_first_hands {
            worth.2 = first.map_or(i64::MAX, Millis::get);
        }
        for (slot, taker) in self.card.slots.iter().zip(way) {
            let place = |kind| slot.kinds.iter().position(|it| *it == kind);
            let later = |kind| {
                let place = i64::try_from(place(kind).unwrap()).unwrap();
                Millis::new(place * self.cards.later_kind.get())
            };
            match *taker {
                Taker::Held(idx) => {
                    worth.0 -= 1;
                    worth.6 += later(self.held[idx].kind).get();
                }
                Taker::Sent(idx) => {
                    let unit = &able[idx];
                    let limit = first.zip(slot.within).map(|(first, within)| first + within);
                    if limit.is_some_and(|limit| unit.eta > limit) {
                        return None;
                    }
                    self.send(unit, unit.eta + later(unit.kind), &mut worth);
                }
                Taker::Nobody if self.not_needed.contains(&slot.id) => {}
                Taker::Nobody if slot.need == Need::Needed => worth.1 += 1,
                Taker::Nobody => self.leave_empty(&mut worth),
            }
        }
        Some(worth)
    }

    fn leave_empty(&self, worth: &mut Worth) {
        let unfilled = self.cards.unfilled;
        worth.6 += unfilled.get();
        match &self.rules.dispatch {
            Sending::Rule(rule) => worth.3 += usize::from(rule.weighs_cover()),
            Sending::Weighed(weighing) => worth.5 += self.harm(weighing, unfilled, None),
            Sending::Ahead(_) => panic!("no policy of these looks ahead"),
        }
    }

    /// Who takes no patient covers nothing, so that none of it goes.
    fn send(&self, unit: &Able, time: Millis, worth: &mut Worth) {
        worth.6 += time.get();
        let left = self.target - self.waited;
        match &self.rules.dispatch {
            Sending::Weighed(weighing) => worth.5 += self.harm(weighing, time, unit.loss),
            Sending::Rule(rule) if rule.weighs_cover() && time > left => worth.3 += 1,
            Sending::Rule(rule) if rule.weighs_cover() && unit.kind.can_transport() => {
                let errand = (unit.errand, unit.station);
                match self.rules.candidate(*rule, (), errand, time, left).cover_lost {
                    lost if lost.is_infinite() => worth.4 += 1,
                    lost => worth.5 += trillionths(lost),
                }
            }
            Sending::Rule(_) => {}
            Sending::Ahead(_) => panic!("no policy of these looks ahead"),
        }
    }

    fn harm(&self, weighing: &Weighing, time: Millis, loss: Option<Loss>) -> i64 {
        let (response, target) = (minutes(self.waited + time), minutes(self.target));
        let call = Outlook { rank: self.rank, response, target };
        billionths(weighing.cost(&Prospect { unit: (), call, cover_lost: 0.0, loss }))
    }

    /// Whether the best way for those on the call has one in a place that takes this kind.
    pub(crate) fn may_replace(&self, unit: &UnitId, kind: UnitKind) -> bool {
        let mut ways = Vec::new();
        self.try_all(&[], &mut Vec::new(), &mut |worth, way| {
            ways.push((worth, way.to_vec()));
        });
        let best = ways.iter().map(|(worth, _)| *worth).min();
        let holds = |(slot, taker): (&Slot, &Taker)| match taker {
            Taker::Held(idx) => self.held[*idx].unit == *unit && slot.kinds.contains(&kind),
            Taker::Sent(_) | Taker::Nobody => false,
        };
        let mut ways = ways.iter().filter(|(worth, _)| Some(*worth) == best);
        ways.any(|(_, way)| self.card.slots.iter().zip(way).any(holds))
    }

    fn first(&self, able: &[Able], way: &[Taker]) -> Option<Millis> {
        let sent = way.iter().filter_map(|taker| match taker {
            Taker::Sent(idx) => Some((able[*idx].kind, able[*idx].eta)),
            Taker::Held(_) | Taker::Nobody => None,
        });
        let held = self.held.iter().filter_map(|it| Some((it.kind, it.eta?)));
        let crews = sent.chain(held).filter(|(kind, _)| kind.is_crewed());
        crews.map(|(_, eta)| eta).min()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share of all demand")]
fn trillionths(share: f64) -> i64 {
    (share.clamp(0.0, 1.0) * 1e12).round() as i64
}

#[expect(clippy::cast_possible_truncation, reason = "a number of calls")]
fn billionths(harm: f64) -> i64 {
    (harm.clamp(-1e3, 1e3) * 1e9).round() as i64
}
