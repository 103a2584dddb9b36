//! What the links carried, read every few seconds for the map of coverage.
//!
//! While no link answers, nobody can tell a hole from a centre that is away. So what is read then
//! waits, and is told when a link answers and the centre has not begun anew meanwhile.

use std::collections::{BTreeMap, VecDeque};

use ems_device::ModemReading;
use ems_model::{LinkReading, Micros, Millis, Position, Timestamp};
use ems_uplink::{LinkReport, LinkStanding};

use crate::link::LinkStatus;

/// How often links are read.
const EVERY: Millis = Millis::from_secs(2);
/// A position or a modem's word that is older is none.
const LASTS: Millis = Millis::from_secs(5);
/// What is read in a hole waits so long at most: ten minutes.
const HELD_LEN_MAX: usize = 300;
/// Modems that are remembered.
const MODEMS_LEN_MAX: usize = 16;

/// What was read at one time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Read {
    pub(super) at: Timestamp,
    pub(super) span: Millis,
    pub(super) position: Option<Position>,
    pub(super) links: Vec<LinkReading>,
}

/// Reads links.
#[derive(Debug, Default)]
pub(super) struct Survey {
    read_at: Option<Timestamp>,
    before: BTreeMap<String, Before>,
    position: Option<(Timestamp, Position)>,
    modems: BTreeMap<String, (Timestamp, ModemReading)>,
    held: VecDeque<Read>,
    /// How often the centre had begun when a link last answered; `None` before the first.
    n_begun: Option<u64>,
}

/// What a link's counts were; a link that has answered once is silent when it does not.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    n_acked_bytes: u64,
    full_for: Micros,
    has_answered: bool,
}

impl Survey {
    pub(super) fn on_position(&mut self, now: Timestamp, position: Position) {
        self.position = Some((now, position));
    }

    pub(super) fn on_modem(&mut self, now: Timestamp, reading: ModemReading) {
        if self.modems.len() < MODEMS_LEN_MAX || self.modems.contains_key(&reading.link) {
            self.modems.insert(reading.link.clone(), (now, reading));
        }
    }

    /// Whether links are to be read now.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.read_at.is_none_or(|at| now.since(at) >= EVERY)
    }

    /// Reads all links, and gives what may be told, oldest first.
    pub(super) fn read(&mut self, now: Timestamp, links: &[LinkStatus], n_begun: u64) -> Vec<Read> {
        let span = self.read_at.replace(now).map(|at| now.since(at));
        let readings: Vec<_> = links.iter().map(|link| self.read_link(now, span, link)).collect();
        let Some(span) = span.filter(|_| !links.is_empty()) else { return Vec::new() };
        let position = self.position.filter(|(at, _)| now.since(*at) <= LASTS).map(|it| it.1);
        self.held.push_back(Read { at: now, span, position, links: readings });
        if !links.iter().any(|link| link.report.is_some_and(|it| is_good(&it))) {
            if self.held.len() > HELD_LEN_MAX {
                self.held.pop_front();
            }
            return Vec::new();
        }
        if self.n_begun.replace(n_begun) != Some(n_begun) {
            self.held.drain(..self.held.len() - 1);
        }
        self.held.drain(..).collect()
    }

    fn read_link(
        &mut self,
        now: Timestamp,
        span: Option<Millis>,
        link: &LinkStatus,
    ) -> LinkReading {
        let before = self.before.entry(link.name.clone()).or_default();
        let report = link.report.unwrap_or_else(silent);
        before.has_answered |= report.round_trip.is_some();
        let is_anew = report.n_acked_bytes < before.n_acked_bytes;
        let from = if is_anew { Before::default() } else { *before };
        let n_bytes = report.n_acked_bytes - from.n_acked_bytes;
        let full_for = Micros::new((report.full_for.get() - from.full_for.get()).max(0));
        (before.n_acked_bytes, before.full_for) = (report.n_acked_bytes, report.full_for);
        let is_silent = n_bytes == 0 && !is_good(&report);
        let half = span.map_or(Micros::ZERO, |span| Micros::from_millis(span.get() / 2));
        let modem =
            self.modems.get(&link.name).filter(|it| now.since(it.0) <= LASTS).map(|it| &it.1);
        LinkReading {
            link: link.name.clone(),
            cell: modem.and_then(|modem| modem.cell.clone()),
            signal_dbm: modem.and_then(|modem| modem.signal_dbm),
            up_kbps: span.filter(|_| before.has_answered).map(|span| kbps(n_bytes, span)),
            is_at_least: !is_silent && full_for < half,
            round_trip_ms: report
                .round_trip
                .filter(|_| !is_silent)
                .map(|it| tenths(it.as_millis_f64())),
        }
    }
}

/// As a link reports that has no connection.
fn silent() -> LinkReport {
    LinkReport {
        standing: LinkStanding::Fresh,
        round_trip: None,
        queue: Micros::ZERO,
        rate_bps: 0.0,
        loss: 0.0,
        n_sent_bytes: 0,
        n_acked_bytes: 0,
        full_for: Micros::ZERO,
    }
}

fn is_good(report: &LinkReport) -> bool {
    report.standing == LinkStanding::Good
}

#[expect(clippy::cast_precision_loss, reason = "bytes of some seconds stay far below 2^52")]
fn kbps(n_bytes: u64, span: Millis) -> f64 {
    tenths(n_bytes as f64 * 8.0 / span.as_secs_f64().max(1e-3) / 1000.0)
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn link(name: &str, standing: LinkStanding, n_acked_bytes: u64, full_ms: i64) -> LinkStatus {
        let round_trip = Some(Micros::from_millis(31));
        let full_for = Micros::from_millis(full_ms);
        let report = LinkReport { standing, round_trip, n_acked_bytes, full_for, ..silent() };
        let (name, from) = (name.to_owned(), "wwan0".to_owned());
        LinkStatus { name, from, report: Some(report), complaint: None }
    }

    fn second(s: i64) -> Timestamp {
        START + Millis::from_secs(s)
    }

    #[test]
    fn a_rate_is_a_bound_unless_the_link_was_full_and_a_silent_one_carries_nothing() {
        let good = LinkStanding::Good;
        let mut survey = Survey::default();
        let links = |bytes, full_ms, standing| {
            [link("a", good, bytes, full_ms), link("b", standing, 500, 0)]
        };
        assert!(survey.read(START, &links(1_000, 0, good), 1).is_empty(), "no span yet");
        let read = &survey.read(second(2), &links(11_000, 0, good), 1)[0];
        assert_eq!((read.links[0].up_kbps, read.links[0].is_at_least), (Some(40.0), true));
        let suspect = LinkStanding::Suspect(second(2));
        let read = &survey.read(second(4), &links(261_000, 1_500, suspect), 1)[0];
        assert_eq!((read.links[0].up_kbps, read.links[0].is_at_least), (Some(1000.0), false));
        let silent = &read.links[1];
        assert_eq!((silent.up_kbps, silent.is_at_least), (Some(0.0), false));
        assert_eq!(silent.round_trip_ms, None);
    }

    #[test]
    fn a_link_that_never_answered_is_missing_not_empty() {
        let mut survey = Survey::default();
        let never = LinkStatus { report: None, ..link("b", LinkStanding::Fresh, 0, 0) };
        let links = [link("a", LinkStanding::Good, 0, 0), never];
        survey.read(START, &links, 1);
        let read = &survey.read(second(2), &links, 1)[0];
        assert_eq!((read.links[1].up_kbps, read.links[1].round_trip_ms), (None, None));
    }

    #[test]
    fn a_hole_is_told_after_it_unless_the_centre_was_away() {
        for (n_begun, n_told) in [(1, 3), (2, 1)] {
            let mut survey = Survey::default();
            let good = [link("a", LinkStanding::Good, 100, 0)];
            let hole = [link("a", LinkStanding::Suspect(second(2)), 100, 0)];
            survey.read(START, &good, 1);
            assert_eq!(survey.read(second(2), &good, 1).len(), 1);
            assert!(survey.read(second(4), &hole, 1).is_empty());
            assert!(survey.read(second(6), &hole, 1).is_empty());
            let told = survey.read(second(8), &good, n_begun);
            assert_eq!(told.len(), n_told);
            let zeros = told.iter().filter(|it| it.links[0].up_kbps == Some(0.0));
            assert_eq!(zeros.filter(|it| !it.links[0].is_at_least).count(), n_told - 1);
        }
    }

    #[test]
    fn a_position_and_a_modem_are_told_while_they_are_fresh() {
        let mut survey = Survey::default();
        let links = [link("a", LinkStanding::Good, 0, 0)];
        let place = Position::from_degrees(35.9, 14.5).unwrap();
        let modem = ModemReading {
            at: START,
            link: "a".into(),
            cell: Some("x".into()),
            signal_dbm: Some(-97),
        };
        survey.on_position(START, place);
        survey.on_modem(START, modem);
        survey.read(START, &links, 1);
        for (s, place, dbm) in [(2, Some(place), Some(-97)), (8, None, None)] {
            let read = &survey.read(second(s), &links, 1)[0];
            assert_eq!((read.position, read.links[0].signal_dbm), (place, dbm));
        }
    }
}
