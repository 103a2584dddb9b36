//! What becomes of idle units when the state changes.

use ems_dispatch::{Idle, Move, OnTheWay};

use super::duty::{Duty, Unit};
use super::run::Fleet;
use super::stats::MINUTES;

impl Fleet<'_> {
    /// A unit that goes to wait takes over a call that it reaches so much sooner; the unit that
    /// lost it goes to wait in its turn.
    pub(super) fn exchange(&mut self, mut unit: usize) {
        while let Some((case, other)) = self.exchanged(unit) {
            let now = self.now;
            let taken = self.case_mut(case);
            taken.n_bumps += 1;
            taken.bumped += now - taken.since;
            let from = self.heading(unit);
            self.send(unit, case, from);
            let from = self.heading(other);
            self.go_home(other, from);
            unit = other;
        }
    }

    /// The call that a free unit takes over, and the unit that was on its way there.
    fn exchanged(&mut self, unit: usize) -> Option<(usize, usize)> {
        let rule = self.policy.exchange?;
        if self.units[unit].is_leaving {
            return None;
        }
        let on_the_way = (0..self.units.len()).filter_map(|other| {
            let Duty::ToCall { case, trip } = &self.units[other].duty else { return None };
            let (case, arrives) = (*case, trip.arrives);
            let then = self.now + self.days_to(unit, case);
            Some(OnTheWay {
                call: (case, other),
                now: self.outlook(case, arrives),
                then: self.outlook(case, then).response,
            })
        });
        rule.pick(on_the_way)
    }

    /// Moves idle units as the rule of relocation wants.
    pub(super) fn rearrange(&mut self) {
        if !self.policy.relocation.moves_idle() {
            return;
        }
        let is_idle = |unit: &usize| {
            let is_free = matches!(self.units[*unit].duty, Duty::AtStation | Duty::Homeward(_));
            is_free && !self.units[*unit].is_leaving
        };
        let units: Vec<usize> = (0..self.units.len()).filter(is_idle).collect();
        let may_move = |unit: &Unit| {
            let pause = self.policy.move_pause_min / MINUTES;
            unit.moved_at.is_none_or(|at| self.now - at >= pause)
        };
        let idle = |&unit: &usize| {
            let own = &self.units[unit];
            let may_move = may_move(own) && self.is_movable(unit);
            Idle { unit, post: own.station, may_move }
        };
        let idle: Vec<_> = units.iter().map(idle).collect();
        let from: Vec<_> = units.iter().map(|&unit| self.heading(unit)).collect();
        let minutes = |idx: usize, station: usize| {
            let unit = &self.units[units[idx]];
            let is_there = station == unit.station && unit.duty == Duty::AtStation;
            if is_there { 0.0 } else { self.city.minutes_home(self.now, from[idx], station) }
        };
        for Move { unit, from, to, .. } in self.policy.relocation.moves(&idle, minutes) {
            self.policy.relocation.leaves(from);
            self.policy.relocation.joins(to);
            self.tally.moved(self.now, false);
            let heading = self.heading(unit);
            self.drive_to(unit, to, heading);
            self.units[unit].moved_at = Some(self.now);
        }
    }
}
