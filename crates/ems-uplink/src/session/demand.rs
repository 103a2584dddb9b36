//! How much each class sends, and what that leaves for others.

use ems_model::{Micros, Timestamp};

use super::class::{Class, N_CLASSES};

const SPAN: Micros = Micros::from_millis(1_000);

/// The bits of each class, in the second that runs and in the one before.
#[derive(Debug)]
pub(crate) struct Demand {
    since: Timestamp,
    now: [f64; N_CLASSES],
    before: [f64; N_CLASSES],
}

impl Demand {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { since: now, now: [0.0; N_CLASSES], before: [0.0; N_CLASSES] }
    }

    pub(crate) fn note(&mut self, now: Timestamp, class: Class, n_bytes: usize) {
        self.turn(now);
        #[expect(clippy::cast_precision_loss, reason = "at most 1 MiB")]
        let bits = n_bytes as f64 * 8.0;
        self.now[class.idx()] += bits;
    }

    /// The rate of all classes before one, in bit/s.
    pub(crate) fn before_bps(&mut self, now: Timestamp, class: Class) -> f64 {
        self.turn(now);
        let classes = &Class::ALL[..class.idx()];
        classes.iter().map(|class| self.before[class.idx()].max(self.now[class.idx()])).sum()
    }

    fn turn(&mut self, now: Timestamp) {
        let passed = now.micros_since(self.since);
        if passed < SPAN {
            return;
        }
        let is_next = passed < SPAN + SPAN;
        self.before = if is_next { self.now } else { [0.0; N_CLASSES] };
        (self.now, self.since) = ([0.0; N_CLASSES], now);
    }
}

/// Grades of a stream, such as the rates of a video or of a decimated curve.
///
/// It goes down as soon as a grade no longer fits, and up when the next one has fitted with a fifth
/// to spare for five seconds: so it does not swing.
#[derive(Debug, Clone)]
pub struct Ladder {
    /// The rates in bit/s, rising.
    grades_bps: Vec<f64>,
    idx: usize,
    fits_since: Option<Timestamp>,
}

/// How long a better grade must fit.
const PROVED: Micros = Micros::from_millis(5_000);
/// With how much to spare.
const SPARE: f64 = 1.2;

impl Ladder {
    /// Begins at the lowest of `grades_bps`; they are put in order.
    ///
    /// # Panics
    /// If there is none.
    pub fn new(mut grades_bps: Vec<f64>) -> Self {
        assert!(!grades_bps.is_empty(), "a ladder has a grade");
        grades_bps.sort_by(f64::total_cmp);
        Self { grades_bps, idx: 0, fits_since: None }
    }

    /// The place of the grade to send, from 0 for the lowest; nothing where even that does not fit.
    pub fn on_allowance(&mut self, now: Timestamp, allowance_bps: f64) -> Option<usize> {
        while self.idx > 0 && self.grades_bps[self.idx] > allowance_bps {
            (self.idx, self.fits_since) = (self.idx - 1, None);
        }
        let next = self.grades_bps.get(self.idx + 1);
        if next.is_none_or(|next| next * SPARE > allowance_bps) {
            self.fits_since = None;
        } else if now.micros_since(*self.fits_since.get_or_insert(now)) >= PROVED {
            (self.idx, self.fits_since) = (self.idx + 1, None);
        }
        (self.grades_bps[self.idx] <= allowance_bps).then_some(self.idx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn more_urgent_classes_count_and_what_ended_does_not() {
        let mut demand = Demand::new(START);
        for step in 0..20 {
            let now = START + Micros::from_millis(100 * step);
            demand.note(now, Class::Vitals, 1000);
            demand.note(now, Class::Image, 50_000);
        }
        let now = START + Micros::from_millis(2_000);
        assert!((demand.before_bps(now, Class::Video) - 80_000.0).abs() < 1.0);
        assert!(demand.before_bps(now, Class::Alarm).abs() < 1.0);
        let later = START + Micros::from_millis(5_000);
        assert!(demand.before_bps(later, Class::Video).abs() < 1.0);
    }

    #[test]
    fn a_ladder_falls_at_once_and_rises_when_it_is_sure() {
        let mut ladder = Ladder::new(vec![2e6, 5e5, 1e6]);
        let mut at = |second: i64, bps: f64| {
            ladder.on_allowance(START + Micros::from_millis(1000 * second), bps)
        };
        for (second, mbps, grade) in [
            (0, 3.0, Some(0)),
            (4, 3.0, Some(0)),
            (5, 3.0, Some(1)),
            (6, 3.0, Some(1)),
            (11, 3.0, Some(2)),
            (12, 0.9, Some(0)),
            (13, 0.4, None),
            (14, 1.1, Some(0)),
            (30, 1.1, Some(0)),
        ] {
            assert_eq!(at(second, mbps * 1e6), grade, "second {second}");
        }
    }
}
