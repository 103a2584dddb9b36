//! Crews through their shifts: on and off duty, meals, refilling.

use ems_dispatch::{Meals, VehicleRange};

use super::agenda::What;
use super::duty::Duty;
use super::run::Fleet;
use super::staffing::{HOURS, Hours, MINUTES};
use super::trip::Heading;

/// What is known of a crew and its vehicle in a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crew {
    hours: Option<Hours>,
    /// When the present shift ends; `None` off duty, and for a unit without shifts.
    ends: Option<f64>,
    /// When the last shift ended, overtime included.
    ended: Option<f64>,
    meal: Meal,
    /// Days driven since the vehicle was filled.
    driven: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Meal {
    /// Not yet, or not in this shift any more.
    #[default]
    Closed,
    Open,
}

/// A moment of a crew's day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Turn {
    Starts,
    Ends,
    MealOpens,
    MealCloses,
}

/// What crews' days came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CrewSums {
    /// Shifts that ended.
    pub n_shifts: u32,
    /// Shifts that did not take place: the crew was still out, or its rest outlasted them.
    pub n_shifts_lost: u32,
    /// Shifts that began late: overtime had cut into the crew's rest, which it took first.
    pub n_shifts_late: u32,
    /// From the end of shifts to units' being home, days.
    pub overtime: f64,
    /// Breaks that were taken.
    pub n_breaks: u32,
    /// Windows that closed without a break.
    pub n_breaks_missed: u32,
    /// How often vehicles were refilled.
    pub n_refills: u32,
}

impl Fleet<'_> {
    /// Puts each crew where it is at time 0, and plans its day.
    pub(super) fn staff(&mut self) {
        let city = self.city;
        let Some(staffing) = &city.staffing else { return };
        for unit in 0..self.units.len() {
            let hours = staffing.hours(unit);
            self.crews.push(Crew { hours, ..Crew::default() });
            let Some(Hours { start, length, .. }) = hours else { continue };
            self.plan_turn(if start > 0.0 { start } else { 1.0 }, unit, Turn::Starts);
            if start <= 0.0 || start + length > 1.0 {
                self.work(unit, if start > 0.0 { start - 1.0 } else { 0.0 });
            } else {
                self.policy.relocation.leaves(self.units[unit].station);
                self.units[unit].duty = Duty::Off;
            }
        }
    }

    fn plan_turn(&mut self, at: f64, unit: usize, turn: Turn) {
        self.agenda.plan(at, What::Turn { unit, turn });
    }

    pub(super) fn turn(&mut self, unit: usize, turn: Turn) {
        match turn {
            Turn::Starts => self.start_shift(unit),
            Turn::Ends => self.end_shift(unit),
            Turn::MealOpens => {
                self.crews[unit].meal = Meal::Open;
                if self.units[unit].duty == Duty::AtStation {
                    self.settle(unit);
                }
            }
            Turn::MealCloses if self.crews[unit].meal == Meal::Open => {
                self.crews[unit].meal = Meal::Closed;
                self.tally.crews.n_breaks_missed += 1;
            }
            Turn::MealCloses => {}
        }
    }

    /// A shift is due: the crew comes on duty, once it has rested.
    fn start_shift(&mut self, unit: usize) {
        let city = self.city;
        let (Some(staffing), Some(hours)) = (&city.staffing, self.crews[unit].hours) else {
            return;
        };
        if !self.is_going_on() {
            return;
        }
        let began = (self.now - hours.start + 1e-9).floor() + hours.start;
        if (self.now - began).abs() < 1e-9 {
            self.plan_turn(began + 1.0, unit, Turn::Starts);
        }
        let rested = self.crews[unit].ended.map_or(self.now, |ended| ended + staffing.rest());
        if self.units[unit].duty != Duty::Off || rested >= began + hours.length {
            self.tally.crews.n_shifts_lost += 1;
            return;
        }
        if rested > self.now {
            self.tally.crews.n_shifts_late += 1;
            return self.plan_turn(rested, unit, Turn::Starts);
        }
        let home = self.city.units[unit];
        self.units[unit].station = home;
        self.take_up(unit, Duty::AtStation, None);
        self.policy.relocation.joins(home);
        self.work(unit, began);
        self.serve(unit);
    }

    /// The crew is on duty in the shift that began then.
    fn work(&mut self, unit: usize, began: f64) {
        let Some(hours) = self.crews[unit].hours else { return };
        let ends = began + hours.length;
        let crew = &mut self.crews[unit];
        (crew.ends, crew.meal) = (Some(ends), Meal::Closed);
        self.plan_turn(ends, unit, Turn::Ends);
        let meals = self.city.staffing.as_ref().and_then(|staffing| staffing.meals);
        let Some(window) = meals.map(Meals::window_h) else { return };
        let [opens, closes] = window.map(|hours| hours / HOURS);
        for (after, turn) in [(opens, Turn::MealOpens), (closes, Turn::MealCloses)] {
            if began + after >= self.now && after <= hours.length {
                self.plan_turn(began + after, unit, turn);
            }
        }
    }

    /// A free unit takes the call that has waited, or others make room for it.
    fn serve(&mut self, unit: usize) {
        match self.take_waiting() {
            Some(case) => {
                let from = self.heading(unit);
                self.send(unit, case, from);
            }
            None => self.rearrange(),
        }
    }

    fn end_shift(&mut self, unit: usize) {
        match self.units[unit].duty {
            Duty::AtStation | Duty::Homeward(_) if !self.units[unit].is_leaving => {
                self.policy.relocation.leaves(self.units[unit].station);
                let from = self.heading(unit);
                self.go_off(unit, from);
                self.rearrange();
            }
            Duty::Pause => {
                let from = self.heading(unit);
                self.go_off(unit, from);
            }
            _ => {}
        }
    }

    /// Whether its shift is over.
    fn is_over(&self, unit: usize) -> bool {
        self.crews[unit].ends.is_some_and(|ends| self.now >= ends)
    }

    fn is_low(&self, unit: usize) -> bool {
        let range = self.city.staffing.as_ref().and_then(|staffing| staffing.range);
        range.is_some_and(|range| range.is_low(range.full_km(), self.crews[unit].driven * HOURS))
    }

    /// Whether the rule of relocation may still move it: not shortly before the end of its shift.
    pub(super) fn is_movable(&self, unit: usize) -> bool {
        let Some(Crew { hours: Some(hours), ends: Some(ends), .. }) = self.crews.get(unit) else {
            return true;
        };
        self.now < ends - hours.last
    }

    /// A unit that comes free goes home for good, or to be refilled, if it must.
    pub(super) fn must_leave(&self, unit: usize) -> bool {
        !self.crews.is_empty() && (self.is_over(unit) || self.is_low(unit))
    }

    /// Drives to its own station, and is neither sent nor counted on the way.
    pub(super) fn go_off(&mut self, unit: usize, from: Heading) {
        self.units[unit].is_leaving = true;
        let home = self.city.units[unit];
        if self.units[unit].station == home && self.units[unit].duty == Duty::AtStation {
            return self.come_home(unit);
        }
        self.drive_to(unit, home, from);
    }

    /// A unit that leaves has come to its own station.
    pub(super) fn come_home(&mut self, unit: usize) {
        if self.is_over(unit) {
            let crew = &mut self.crews[unit];
            let ends = crew.ends.take().unwrap_or(self.now);
            crew.ended = Some(self.now);
            self.tally.crews.n_shifts += 1;
            self.tally.crews.overtime += self.now - ends;
            if std::mem::take(&mut crew.meal) == Meal::Open {
                self.tally.crews.n_breaks_missed += 1;
            }
            self.units[unit].is_leaving = false;
            return self.take_up(unit, Duty::Off, None);
        }
        self.refill(unit);
    }

    fn refill(&mut self, unit: usize) {
        let range = self.city.staffing.as_ref().and_then(|staffing| staffing.range);
        let refill = range.map_or(0.0, VehicleRange::refill_minutes) / MINUTES;
        self.units[unit].is_leaving = true;
        self.crews[unit].driven = 0.0;
        self.tally.crews.n_refills += 1;
        self.take_up(unit, Duty::Pause, Some(self.now + refill));
    }

    /// A unit that has come to a station pauses if it is due to.
    pub(super) fn settle(&mut self, unit: usize) {
        let Some(crew) = self.crews.get(unit) else { return };
        let is_meal = crew.meal == Meal::Open;
        if self.is_low(unit) {
            self.policy.relocation.leaves(self.units[unit].station);
            let from = self.heading(unit);
            self.go_off(unit, from);
        } else if is_meal {
            let meals = self.city.staffing.as_ref().and_then(|staffing| staffing.meals);
            let length = meals.map_or(0.0, Meals::minutes) / MINUTES;
            self.policy.relocation.leaves(self.units[unit].station);
            self.units[unit].is_leaving = true;
            self.crews[unit].meal = Meal::Closed;
            self.tally.crews.n_breaks += 1;
            self.take_up(unit, Duty::Pause, Some(self.now + length));
        }
    }

    /// A meal or refilling is over.
    pub(super) fn resume(&mut self, unit: usize) {
        self.units[unit].is_leaving = false;
        self.take_up(unit, Duty::AtStation, None);
        self.policy.relocation.joins(self.units[unit].station);
        self.settle(unit);
        if self.units[unit].duty == Duty::AtStation {
            self.serve(unit);
        }
    }

    /// A unit has driven.
    pub(super) fn drove(&mut self, unit: usize, days: f64) {
        if let Some(crew) = self.crews.get_mut(unit) {
            crew.driven += days;
        }
    }
}
