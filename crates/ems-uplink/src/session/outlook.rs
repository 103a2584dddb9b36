//! What the signal of a link, and outages of the past, say about the next second.

use ems_model::{Micros, Timestamp};

use super::LINKS_MAX;

/// Below this received power a link is taken to break soon, in dBm; ours, not a standard's.
const WEAK_DBM: f64 = -115.0;
/// How far ahead a trend is drawn.
const AHEAD_S: f64 = 1.0;
/// A reading that is older says nothing.
const READING_LASTS: Micros = Micros::from_millis(3_000);
/// How much of the trend is the newest reading's.
const TREND_WEIGHT: f64 = 0.3;
/// A hole that a map foretells may come so much sooner.
const HOLE_EARLY: Micros = Micros::from_millis(2_000);
const SECOND: Micros = Micros::from_millis(1_000);
/// Outages are forgotten by half in about two hours of driving.
const REMEMBERED: f64 = 0.9999;
/// What is assumed before outages were seen: of four, one is shared.
const SHARED: f64 = 0.5;
const SEEN: f64 = 2.0;

/// The outlook for all links.
#[derive(Debug)]
pub(crate) struct Outlook {
    readings: [Option<Reading>; LINKS_MAX],
    handover_until: [Option<Timestamp>; LINKS_MAX],
    /// Holes ahead: from when, until when.
    holes: [Option<(Timestamp, Timestamp)>; LINKS_MAX],
    /// For how many seconds two links were silent together; on the diagonal, one by itself.
    silent: [[f64; LINKS_MAX]; LINKS_MAX],
    second: Timestamp,
    /// The links that were silent in this second.
    now_silent: u16,
}

#[derive(Debug, Clone, Copy)]
struct Reading {
    at: Timestamp,
    dbm: f64,
    dbm_per_s: f64,
}

impl Outlook {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            readings: [None; LINKS_MAX],
            handover_until: [None; LINKS_MAX],
            holes: [None; LINKS_MAX],
            silent: [[0.0; LINKS_MAX]; LINKS_MAX],
            second: now,
            now_silent: 0,
        }
    }

    /// A modem has read its signal.
    pub(crate) fn on_signal(&mut self, now: Timestamp, link: usize, dbm: f64) {
        let before = self.readings[link].filter(|reading| is_fresh(reading, now));
        let dbm_per_s = before.map_or(0.0, |before| {
            let span_s = now.micros_since(before.at).as_millis_f64() / 1000.0;
            let slope = if span_s > 0.0 { (dbm - before.dbm) / span_s } else { 0.0 };
            before.dbm_per_s + TREND_WEIGHT * (slope - before.dbm_per_s)
        });
        self.readings[link] = Some(Reading { at: now, dbm, dbm_per_s });
    }

    /// A modem changes its cell until then.
    pub(crate) fn on_handover(&mut self, link: usize, until: Timestamp) {
        self.handover_until[link] = Some(until);
    }

    /// A hole is foretold; `None` where none is any more.
    pub(crate) fn on_hole(&mut self, link: usize, hole: Option<(Timestamp, Timestamp)>) {
        self.holes[link] = hole;
    }

    /// Whether a link is likely to break within a second.
    pub(crate) fn is_fading(&self, now: Timestamp, link: usize) -> bool {
        let is_weak = |reading: &Reading| {
            is_fresh(reading, now) && reading.dbm + AHEAD_S * reading.dbm_per_s < WEAK_DBM
        };
        self.readings[link].as_ref().is_some_and(is_weak)
            || self.handover_until[link].is_some_and(|until| now < until)
            || self.holes[link].is_some_and(|(from, until)| now + HOLE_EARLY >= from && now < until)
    }

    /// Notes which links are silent now, a bit each.
    pub(crate) fn note(&mut self, now: Timestamp, silent: u16) {
        self.now_silent |= silent;
        if now.micros_since(self.second) < SECOND {
            return;
        }
        for one in bits(self.now_silent) {
            for other in bits(self.now_silent) {
                self.silent[one][other] = self.silent[one][other] * REMEMBERED + 1.0;
            }
        }
        (self.second, self.now_silent) = (now, silent);
    }

    /// How likely a link is silent while any of `others`, a bit each, is.
    pub(crate) fn shares(&self, link: usize, others: u16) -> f64 {
        let share =
            |other: usize| (self.silent[other][link] + SHARED) / (self.silent[other][other] + SEEN);
        bits(others).filter(|other| *other != link).map(share).fold(0.0, f64::max)
    }
}

fn is_fresh(reading: &Reading, now: Timestamp) -> bool {
    now.micros_since(reading.at) < READING_LASTS
}

fn bits(mask: u16) -> impl Iterator<Item = usize> {
    (0..LINKS_MAX).filter(move |idx| mask & 1 << idx != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_falls_towards_its_end_is_fading_and_an_old_one_says_nothing() {
        let start = Timestamp::from_millis(1_000_000);
        let mut outlook = Outlook::new(start);
        let at = |step: i64| start + Micros::from_millis(500 * step);
        for (step, dbm) in [(0, -90.0), (1, -94.0), (2, -99.0), (3, -104.0)] {
            outlook.on_signal(at(step), 0, dbm);
            assert!(!outlook.is_fading(at(step), 0), "{dbm} dBm");
        }
        outlook.on_signal(at(4), 0, -110.0);
        assert!(outlook.is_fading(at(4), 0));
        assert!(!outlook.is_fading(at(4) + READING_LASTS, 0));
        assert!(!outlook.is_fading(at(4), 1));
    }

    #[test]
    fn a_hole_on_the_map_counts_from_two_seconds_before_it_until_its_end() {
        let start = Timestamp::from_millis(1_000_000);
        let mut outlook = Outlook::new(start);
        let at = |second: i64| start + Micros::from_millis(1000 * second);
        outlook.on_hole(0, Some((at(10), at(14))));
        for (second, is_fading) in [(7, false), (8, true), (13, true), (14, false)] {
            assert_eq!(outlook.is_fading(at(second), 0), is_fading, "{second} s");
        }
        outlook.on_hole(0, None);
        assert!(!outlook.is_fading(at(11), 0));
    }

    #[test]
    fn links_that_fall_silent_together_are_known() {
        let start = Timestamp::from_millis(1_000_000);
        let mut outlook = Outlook::new(start);
        for second in 1..40 {
            outlook.note(start + Micros::from_millis(1000 * second), 0b011);
        }
        assert!(outlook.shares(1, 0b001) > 0.9);
        assert!(outlook.shares(2, 0b001) < 0.1);
        assert!(outlook.shares(1, 0b100) > 0.2, "nothing was seen of the third");
    }
}
