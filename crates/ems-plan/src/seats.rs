//! How many call-takers it takes: Erlang's delay formula.

use crate::PlanError;

/// The largest load that is reckoned with, calls in progress on average.
pub const ERLANGS_MAX: f64 = 1e7;

/// Calls that arrive at random (Poisson), wait without hanging up, and take exponential times, at
/// call-takers who take them in order: M/M/c (Erlang 1917).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallLoad {
    erlangs: f64,
    handling_s: f64,
}

impl CallLoad {
    /// A load. `calls_per_hour`, at least 0; `handling_s`: mean time that a call keeps its taker
    /// busy, seconds, above 0.
    ///
    /// # Errors
    /// A number outside its range, or more than [`ERLANGS_MAX`] calls in progress.
    pub fn new(calls_per_hour: f64, handling_s: f64) -> Result<Self, PlanError> {
        let erlangs = calls_per_hour * handling_s / 3600.0;
        let out = |what, value, allowed, remedy| {
            Err(PlanError::OutOfRange { what, value, allowed, remedy })
        };
        if !(calls_per_hour.is_finite() && calls_per_hour >= 0.0) {
            return out("calls per hour", calls_per_hour, "0 and more", "give the busiest hour's");
        }
        if !(handling_s.is_finite() && handling_s > 0.0) {
            return out("handling", handling_s, "above 0 s", "give the mean seconds a call takes");
        }
        if erlangs > ERLANGS_MAX {
            return out("load", erlangs, "up to 10 million calls at once", "give fewer calls");
        }
        Ok(Self { erlangs, handling_s })
    }

    /// Calls in progress on average, if none waits: the load in Erlangs.
    pub fn erlangs(&self) -> f64 {
        self.erlangs
    }

    /// The share of calls that wait: Erlang's C. Nothing where the queue grows without end, which
    /// it does unless there are more seats than Erlangs. Cost: the seats.
    pub fn waiting_share(&self, seats: u32) -> Option<f64> {
        let lost = (1..=seats).fold(1.0, |lost, seat| self.next_lost(lost, seat));
        self.waiting(seats, lost)
    }

    /// The share of calls answered within `within_s` seconds; nothing as in
    /// [`CallLoad::waiting_share`].
    pub fn answered_share(&self, seats: u32, within_s: f64) -> Option<f64> {
        self.waiting_share(seats).map(|waiting| self.answered(seats, waiting, within_s))
    }

    /// The mean wait of all calls, seconds; nothing as in [`CallLoad::waiting_share`].
    pub fn mean_wait_s(&self, seats: u32) -> Option<f64> {
        let spare = f64::from(seats) - self.erlangs;
        self.waiting_share(seats).map(|waiting| waiting * self.handling_s / spare)
    }

    /// The fewest seats at which a share of calls is answered within `within_s` seconds.
    ///
    /// # Errors
    /// A share outside 0 up to and without 1, or a time below 0.
    pub fn seats_for(&self, share: f64, within_s: f64) -> Result<u32, PlanError> {
        let out = |what, value, allowed, remedy| {
            Err(PlanError::OutOfRange { what, value, allowed, remedy })
        };
        if !(0.0..1.0).contains(&share) {
            return out("share", share, "0 up to and without 1", "give a share such as 0.9");
        }
        if !(within_s.is_finite() && within_s >= 0.0) {
            return out("answer within", within_s, "0 s and more", "give seconds such as 10");
        }
        let (mut seats, mut lost) = (0, 1.0);
        loop {
            let waiting = self.waiting(seats, lost);
            if waiting.is_some_and(|waiting| self.answered(seats, waiting, within_s) >= share) {
                return Ok(seats);
            }
            seats += 1;
            lost = self.next_lost(lost, seats);
        }
    }

    /// Erlang's B with one more seat: the share lost if no call could wait. The recursion adds and
    /// divides positive numbers only, so it neither overflows nor cancels at any load.
    fn next_lost(&self, lost: f64, seats: u32) -> f64 {
        self.erlangs * lost / (f64::from(seats) + self.erlangs * lost)
    }

    fn waiting(&self, seats: u32, lost: f64) -> Option<f64> {
        let seats = f64::from(seats);
        (seats > self.erlangs).then(|| seats * lost / (seats - self.erlangs * (1.0 - lost)))
    }

    fn answered(&self, seats: u32, waiting: f64, within_s: f64) -> f64 {
        let spare = f64::from(seats) - self.erlangs;
        1.0 - waiting * (-spare * within_s / self.handling_s).exp()
    }
}
