//! Which unit a call gets.

use ems_dispatch::{Dispatch, Errand, Loss, Outlook, Prospect, Weighing};

use super::city::Goal;
use super::duty::{Case, Duty};
use super::policy::Sending;
use super::run::Fleet;
use super::stats::MINUTES;
use super::trip::Trip;

impl Fleet<'_> {
    /// The unit to send to a call, if one can be sent.
    pub(super) fn pick(&mut self, case: usize) -> Option<usize> {
        match &self.policy.dispatch {
            Sending::Rule(rule) => self.pick_by_rule(case, *rule),
            Sending::Weighed(weighing) => {
                let weighing = weighing.clone();
                let prospects = self.prospects(case, &weighing);
                weighing.pick(prospects).map(|picked| picked.unit)
            }
            Sending::Ahead(ahead) => {
                let ahead = ahead.clone();
                self.pick_ahead(case, &ahead)
            }
        }
    }

    fn pick_by_rule(&mut self, case: usize, rule: Dispatch) -> Option<usize> {
        let left = self.due(case) - self.now;
        let rank = self.case(case).call.rank;
        let candidates = (0..self.units.len()).filter_map(|unit| {
            let errand = self.errand(unit);
            if !self.city.diversions.lets(errand, rank) {
                return None;
            }
            let time = self.days_to(unit, case);
            let waits = (errand, self.units[unit].station);
            time.is_finite().then(|| self.policy.candidate(rule, unit, waits, time, left))
        });
        rule.pick(candidates).map(|picked| picked.unit)
    }

    /// Every unit that may be sent to a call, with what a weighing looks at.
    pub(super) fn prospects(&mut self, case: usize, rule: &Weighing) -> Vec<Prospect<usize>> {
        let rank = self.case(case).call.rank;
        let prospects = (0..self.units.len()).filter_map(|unit| {
            let errand = self.errand(unit);
            if !self.city.diversions.lets(errand, rank) {
                return None;
            }
            let arrives = self.now + self.days_to(unit, case);
            let cover_lost = if rule.weighs_cover() { self.cover_lost(unit, errand) } else { 0.0 };
            let (call, loss) = (self.outlook(case, arrives), self.loss(unit));
            arrives.is_finite().then_some(Prospect { unit, call, cover_lost, loss })
        });
        prospects.collect()
    }

    fn cover_lost(&self, unit: usize, errand: Errand) -> f64 {
        match errand {
            Errand::Free => self.policy.relocation.cover_lost(self.units[unit].station),
            Errand::ToCall { .. } | Errand::Bound => 0.0,
        }
    }

    /// The call that a unit on its way would be taken from, and who is left for it.
    fn loss(&mut self, unit: usize) -> Option<Loss> {
        let Duty::ToCall { case, trip } = &self.units[unit].duty else { return None };
        let (case, arrives) = (*case, trip.arrives);
        let free = (0..self.units.len()).filter(|&other| self.errand(other) == Errand::Free);
        let free: Vec<usize> = free.collect();
        let next = free.into_iter().map(|other| self.days_to(other, case)).reduce(f64::min);
        let after = next.filter(|days| days.is_finite()).map(|days| self.now + days);
        Some(Loss {
            before: self.outlook(case, arrives),
            after: after.map(|arrives| self.outlook(case, arrives).response),
        })
    }

    /// How a call fares if a unit arrives at this time.
    pub(super) fn outlook(&self, case: usize, arrives: f64) -> Outlook {
        let Case { call, .. } = self.case(case);
        let target = self.city.priorities[usize::from(call.rank) - 1].target * MINUTES;
        Outlook { rank: call.rank, response: (arrives - call.arrival) * MINUTES, target }
    }

    /// Days until a unit would arrive at a call if it were sent now.
    pub(super) fn days_to(&mut self, unit: usize, case: usize) -> f64 {
        let Case { call, place, .. } = self.case(case);
        let (rank, place) = (usize::from(call.rank) - 1, *place);
        let mode = self.city.mode(rank, self.now);
        let from = self.heading(unit);
        let to = (Goal::Node(place.node), place);
        Trip::days(self.city, &mut self.scratch, mode, from, to)
    }

    /// The latest time at which a unit arrives in time.
    fn due(&self, case: usize) -> f64 {
        let Case { call, .. } = self.case(case);
        call.arrival + self.city.priorities[usize::from(call.rank) - 1].target
    }
}
