//! One link: what flies on it, how it answers, whether it is to be trusted.

use std::collections::VecDeque;

use ems_model::{Micros, Timestamp};

use super::class::Class;
use super::flight::{Ack, Sent, Settled};
use super::number::{Number, Recent};
use super::received::{ACK_WAIT, Received};
use super::round_trip::RoundTrip;
use super::window::Window;

/// A packet is lost when so many later ones have come (RFC 9002, section 6.1.1).
const LOST_BEHIND: u64 = 3;
/// How long a packet is remembered after it was sent.
const REMEMBERED: Micros = Micros::from_millis(10_000);
/// How long a late packet without urgent pieces may still come before it is taken as lost.
const PATIENCE: Micros = Micros::from_millis(200);
/// For how long packets of a link may overtake each other.
const OVERTAKES: Micros = Micros::from_millis(500);
/// How often a link on which nothing else asks for an answer is asked whether it is there, while
/// this end has something live to send.
const PING_GOOD: Micros = Micros::from_millis(1_000);
/// The same, while it has not; and where the other end is heard all the time.
const PING_IDLE: Micros = Micros::from_millis(2_000);
const PING_HEARD: Micros = Micros::from_millis(10_000);
/// How soon a link that does not answer is asked again: at first, at last where no link is good,
/// and at last where one is.
const PING_SUSPECT: Micros = Micros::from_millis(100);
const PING_ALONE_MAX: Micros = Micros::from_millis(300);
const PING_SUSPECT_MAX: Micros = Micros::from_millis(1_000);

/// After how long an urgent answer is late whatever the round trips were: where another link could
/// still bring a copy in time, or only this one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hurry {
    Elsewhere(Micros),
    Here(Micros),
}

/// Whether a link is to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStanding {
    /// It has not answered yet.
    Fresh,
    /// It answers in time.
    Good,
    /// It owes an answer since then.
    Suspect(Timestamp),
}

/// A link that is up.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) standing: LinkStanding,
    pub(crate) round_trip: RoundTrip,
    pub(crate) window: Window,
    pub(crate) received: Received,
    /// Packets by number, the first is `first_number`; `None` for one that asks for no answer or
    /// is settled.
    sent: VecDeque<Option<Sent>>,
    first_number: u64,
    /// Packets with urgent pieces: they do not wait behind others to be found late.
    urgent: VecDeque<u64>,
    newest_acked: Option<u64>,
    /// The newest number that the other end, as it is now, has.
    known: Option<u64>,
    recent: Recent,
    /// Packets before these were looked at: whether they are late, or lost.
    late_before: u64,
    lost_before: u64,
    n_flying_bytes: usize,
    first_way: Option<u32>,
    /// When pacing lets the next packet go.
    pub(crate) free_at: Timestamp,
    /// When it was last asked for an answer.
    asked_at: Option<Timestamp>,
    /// When it last answered.
    heard_at: Timestamp,
    ping_wait: Micros,
    /// The share of packets that are lost, at first a careful guess.
    pub(crate) loss: f64,
    pub(crate) n_sent_bytes: u64,
}

const LOSS_FIRST: f64 = 0.01;
const LOSS_WEIGHT: f64 = 1.0 / 256.0;

impl Link {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            standing: LinkStanding::Fresh,
            round_trip: RoundTrip::new(),
            window: Window::new(now),
            received: Received::default(),
            sent: VecDeque::new(),
            first_number: 0,
            urgent: VecDeque::new(),
            newest_acked: None,
            known: None,
            recent: Recent::new(OVERTAKES),
            late_before: 0,
            lost_before: 0,
            n_flying_bytes: 0,
            first_way: None,
            free_at: now,
            asked_at: None,
            heard_at: now,
            ping_wait: PING_SUSPECT,
            loss: LOSS_FIRST,
            n_sent_bytes: 0,
        }
    }

    /// The pieces that are under way; they are no longer.
    pub(crate) fn abandon(&mut self) -> Vec<(Class, u64)> {
        let sent = std::mem::take(&mut self.sent);
        let flying = sent.iter().flatten().filter(|sent| sent.is_flying);
        flying.flat_map(|sent| sent.pieces().to_vec()).collect()
    }

    /// The number of the next packet.
    pub(crate) fn next_number(&self) -> u64 {
        self.first_number + self.sent.len() as u64
    }

    /// The same, as short as the other end understands it.
    pub(crate) fn written_number(&mut self, now: Timestamp) -> Number {
        let next = self.next_number();
        let recent = self.recent.first(now, next);
        self.known
            .map_or(Number::whole(next), |known| Number::within(next, next - known.min(recent)))
    }

    /// The other end has begun anew: it knows none of the numbers, and none of its own came.
    pub(crate) fn on_peer_began(&mut self) {
        (self.known, self.received) = (None, Received::default());
    }

    pub(crate) fn is_good(&self) -> bool {
        self.standing == LinkStanding::Good
    }

    /// How long a packet that is sent now takes to arrive, as far as is known.
    pub(crate) fn way(&self) -> Micros {
        Micros::new(self.round_trip.smoothed().get() / 2)
    }

    /// What the window lets pass, in bit/s.
    pub(crate) fn room_bps(&self) -> f64 {
        let ms = self.round_trip.smoothed().as_millis_f64().max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "at most 64e6")]
        let bits = self.window.bytes() as f64 * 8.0;
        bits * 1000.0 / ms
    }

    /// Whether the window has room; if not, that is noted.
    pub(crate) fn has_room(&mut self) -> bool {
        let has_room = self.n_flying_bytes < self.window.bytes();
        if !has_room {
            self.window.on_full();
        }
        has_room
    }

    /// Notes a packet; `sent` where it asks for an answer.
    pub(crate) fn on_sent(&mut self, now: Timestamp, n_bytes: usize, sent: Option<Sent>) {
        self.n_sent_bytes += n_bytes as u64;
        let doubt_after = self.round_trip.doubt_after();
        self.sent.push_back(sent.map(|sent| Sent { n_bytes, doubt_after, ..sent }));
        if let Some(sent) = sent {
            self.urgent.extend(sent.is_urgent.then(|| self.next_number() - 1));
            self.n_flying_bytes += n_bytes;
            self.asked_at = Some(now);
        }
        self.forget(now);
    }

    /// Makes room for the next packet in time: the window spread over a round trip, a tenth faster.
    pub(crate) fn pace(&mut self, now: Timestamp, n_bytes: usize) {
        let round_trip = self.round_trip.smoothed().get();
        #[expect(clippy::cast_possible_wrap, reason = "at most 64e6 bytes")]
        let [n_bytes, window] = [n_bytes, self.window.bytes()].map(|bytes| bytes as i64);
        let share = n_bytes * round_trip * 10 / (window * 11);
        self.free_at = self.free_at.max(now) + Micros::new(share);
    }

    /// Packets have come. Gives the pieces in them, and those in packets that are lost by what is
    /// missing.
    pub(crate) fn on_ack(&mut self, now: Timestamp, ack: &Ack<'_>, target: Micros) -> Settled {
        let mut settled = Settled::default();
        let newest = ack.ranges.first().map_or(0, |range| range.1);
        let newest_sent = self.settle_ranges(ack.ranges, &mut settled.acked);
        self.newest_acked = self.newest_acked.max(Some(newest));
        self.known = self.known.max(Some(newest));
        settled.newest_sent = newest_sent.map(|sent| sent.at);
        if let Some(sent) = newest_sent {
            self.round_trip.note(now.micros_since(sent.at) - ack.delay);
            let way = self.one_way(sent.at, ack.received_us);
            let (next, smoothed) = (self.next_number(), self.round_trip.smoothed());
            self.window.on_delay(now, way, smoothed, (newest, sent.n_bytes), next, target);
            (self.standing, self.heard_at) = (LinkStanding::Good, now);
            self.ping_wait = PING_SUSPECT;
        }
        self.find_lost(&mut settled.lost);
        self.forget(now);
        settled
    }

    /// Settles what has come. Gives the newest, if that one is new.
    fn settle_ranges(
        &mut self,
        ranges: &[(u64, u64)],
        acked: &mut Vec<(Class, u64)>,
    ) -> Option<Sent> {
        let newest = ranges.first()?.1;
        let mut newest_sent = None;
        for (first, last) in ranges {
            let first = (*first).max(self.first_number);
            let last = (*last).min(self.next_number().checked_sub(1)?);
            for number in first..=last {
                let Some(sent) = self.take(number) else { continue };
                if number == newest {
                    newest_sent = Some(sent);
                }
                acked.extend(sent.pieces());
                self.window.on_acked(sent.n_bytes);
                self.loss -= self.loss * LOSS_WEIGHT;
            }
        }
        newest_sent
    }

    fn take(&mut self, number: u64) -> Option<Sent> {
        let idx = usize::try_from(number.checked_sub(self.first_number)?).ok()?;
        let sent = self.sent.get_mut(idx)?.take()?;
        if sent.is_flying {
            self.n_flying_bytes -= sent.n_bytes;
        }
        Some(sent)
    }

    /// Packets that were overtaken are lost: an urgent one as soon as one later has come.
    fn find_lost(&mut self, lost: &mut Vec<(Class, u64)>) {
        let Some(newest) = self.newest_acked else { return };
        let mut is_first = true;
        for number in self.lost_before.max(self.first_number)..newest {
            let is_behind = number + LOST_BEHIND <= newest;
            let Some(sent) = self.get(number) else {
                self.lost_before += u64::from(is_first);
                continue;
            };
            if !is_behind && !sent.is_urgent {
                is_first = false;
                continue;
            }
            self.lose(number, lost);
            self.window.on_lost();
            self.loss += (1.0 - self.loss) * LOSS_WEIGHT;
            if is_first {
                self.lost_before = number + 1;
            }
        }
    }

    fn get(&self, number: u64) -> Option<&Sent> {
        let idx = usize::try_from(number.checked_sub(self.first_number)?).ok()?;
        self.sent.get(idx)?.as_ref().filter(|sent| sent.is_flying)
    }

    /// A packet no longer flies; should it come after all, its answer is still understood.
    fn lose(&mut self, number: u64, lost: &mut Vec<(Class, u64)>) {
        let idx = number.checked_sub(self.first_number).and_then(|idx| usize::try_from(idx).ok());
        let Some(Some(sent)) = idx.and_then(|idx| self.sent.get_mut(idx)) else { return };
        sent.is_flying = false;
        self.n_flying_bytes -= sent.n_bytes;
        lost.extend(sent.pieces());
    }

    /// Forgets packets that are settled or long gone.
    fn forget(&mut self, now: Timestamp) {
        let is_past = |sent: &mut Option<Sent>| {
            sent.is_none_or(|sent| !sent.is_flying && now.micros_since(sent.at) > REMEMBERED)
        };
        while self.sent.pop_front_if(is_past).is_some() {
            self.first_number += 1;
        }
        self.late_before = self.late_before.max(self.first_number);
        while self.late_before < self.next_number() && self.get(self.late_before).is_none() {
            self.late_before += 1;
        }
        self.lost_before = self.lost_before.max(self.first_number);
        while self.urgent.front().is_some_and(|number| self.get(*number).is_none()) {
            self.urgent.pop_front();
        }
    }

    /// The oldest packet whose answer is awaited, and was not found late.
    fn oldest(&self) -> Option<(u64, Sent)> {
        let mut numbers = self.late_before..self.next_number();
        numbers.find_map(|number| Some((number, *self.get(number)?)))
    }

    /// The same, of those with urgent pieces.
    fn oldest_urgent(&self) -> Option<(u64, Sent)> {
        self.urgent.iter().find_map(|number| Some((*number, *self.get(*number)?)))
    }

    /// Whether an answer is slower than usual.
    pub(crate) fn is_doubtful(&self, now: Timestamp) -> bool {
        let doubt = self.round_trip.doubt_after();
        self.oldest().is_some_and(|(_, sent)| now.micros_since(sent.at) > doubt)
    }

    /// When the next packet is late.
    pub(crate) fn late_at(&self, hurry: Hurry) -> Option<Timestamp> {
        let oldest = self.oldest_urgent().into_iter().chain(self.oldest());
        oldest.map(|(_, sent)| sent.at + self.wait(&sent, hurry)).min()
    }

    /// After how long an answer to a packet is late: an urgent one not after `hurry`, unless that
    /// was sooner than an answer could be when it was sent; and not before where a copy would have
    /// to go the same way.
    fn wait(&self, sent: &Sent, hurry: Hurry) -> Micros {
        let late = self.round_trip.late_after();
        match hurry {
            _ if !sent.is_urgent => late + ACK_WAIT,
            Hurry::Elsewhere(at) => late.min(at).max(sent.doubt_after),
            Hurry::Here(at) => at.max(sent.doubt_after),
        }
    }

    /// The next packet that is late; its urgent pieces, or all of it once patience is over, go to
    /// `lost`.
    pub(crate) fn on_late(&mut self, now: Timestamp, hurry: Hurry, lost: &mut Vec<(Class, u64)>) {
        let mut is_any = false;
        let is_late =
            |link: &Self, sent: &Sent| now.micros_since(sent.at) >= link.wait(sent, hurry);
        while let Some((number, _)) = self.oldest_urgent().filter(|it| is_late(self, &it.1)) {
            is_any = true;
            self.lose(number, lost);
        }
        while let Some((number, _)) = self.oldest().filter(|it| is_late(self, &it.1)) {
            is_any = true;
            self.late_before = number + 1;
        }
        if is_any {
            self.suspect(now);
        }
        self.lose_overdue(now, lost);
    }

    fn suspect(&mut self, now: Timestamp) {
        if !self.is_good() {
            return;
        }
        self.standing = LinkStanding::Suspect(now);
        self.asked_at = None;
    }

    /// What stays late for longer than patience is lost, and the link carries less.
    fn lose_overdue(&mut self, now: Timestamp, lost: &mut Vec<(Class, u64)>) {
        let n_lost = lost.len();
        let wait = self.round_trip.late_after();
        while self.lost_before < self.late_before {
            if let Some(sent) = self.get(self.lost_before) {
                if now.micros_since(sent.at) < wait + PATIENCE {
                    break;
                }
                self.lose(self.lost_before, lost);
            }
            self.lost_before += 1;
        }
        if lost.len() > n_lost {
            self.window.on_silence();
        }
    }

    /// When the oldest late packet is lost.
    pub(crate) fn overdue_at(&self) -> Option<Timestamp> {
        let mut numbers = self.lost_before..self.late_before;
        let sent = numbers.find_map(|number| self.get(number))?;
        Some(sent.at + self.round_trip.late_after() + PATIENCE)
    }

    /// When a ping is due; a link that was never asked, or has just become suspect, is asked now.
    /// `is_alone` tells that no link is good.
    pub(crate) fn ping_at(&self, is_live: bool, is_alone: bool) -> Timestamp {
        let Some(asked_at) = self.asked_at else { return Timestamp::from_micros(i64::MIN) };
        let suspect_max = if is_alone { PING_ALONE_MAX } else { PING_SUSPECT_MAX };
        match (self.standing, is_live) {
            (LinkStanding::Good, true) => asked_at + PING_GOOD,
            (LinkStanding::Suspect(_), true) | (LinkStanding::Fresh, _) => {
                asked_at + self.ping_wait.min(suspect_max)
            }
            (LinkStanding::Good, false) => self.heard_ping_at(asked_at),
            (LinkStanding::Suspect(_), false) => asked_at + PING_IDLE,
        }
    }

    /// Who hears the other end need not ask often.
    fn heard_ping_at(&self, asked_at: Timestamp) -> Timestamp {
        let heard = self.received.heard_at().map_or(asked_at, |at| at.max(asked_at));
        (heard + PING_IDLE).min(asked_at + PING_HEARD)
    }

    /// How much longer a way is worth taking than this one: none where it answers, else ten times
    /// as long as it has been silent.
    pub(crate) fn distrust(&self, now: Timestamp) -> Micros {
        Micros::new(if self.is_good() { 0 } else { 10 * self.silence(now).get() + 1_000_000 })
    }

    /// How long it has not answered.
    pub(crate) fn silence(&self, now: Timestamp) -> Micros {
        now.micros_since(self.heard_at)
    }

    /// A ping is sent: the next to a silent link waits longer.
    pub(crate) fn on_ping(&mut self) {
        if !self.is_good() {
            let longer = Micros::new(self.ping_wait.get() * 3 / 2);
            self.ping_wait = longer.min(PING_SUSPECT_MAX);
        }
    }

    /// The time from one clock to the other, in µs, against that of the first packet: the clocks
    /// need not agree, and only the last 32 bits of one are known.
    fn one_way(&mut self, sent_at: Timestamp, received_us: u32) -> i64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the last 32")]
        let raw = received_us.wrapping_sub(sent_at.as_micros() as u32);
        let first = *self.first_way.get_or_insert(raw);
        #[expect(clippy::cast_possible_wrap, reason = "a difference around zero")]
        let off = raw.wrapping_sub(first) as i32;
        i64::from(off)
    }
}
