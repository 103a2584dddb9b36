//! What is sent next, and over which link.

use ems_model::{Micros, Timestamp};

use super::class::Class;
use super::flight::Sent;
use super::link::{Hurry, Link, LinkStanding};
use super::outgoing::Next;
use super::packet::{ACK_BYTES_MAX, DATA_HEADER_BYTES_MAX, PACKET_BYTES_MAX, Section, start};
use super::{LINKS_MAX, LinkId, MARGIN, Session, SessionOutput, URGENT, mark_of, tag_of};

/// A packet may go so much before its time, so that few timers are needed.
const BURST: Micros = Micros::from_millis(1);
/// The chance that all copies of a piece that is late are lost is kept below this. One in a hundred
/// or fewer are late, so less than one in a million is there too late.
const RESIDUAL: f64 = 1e-4;
/// A link that answered so lately may well answer again.
const RECENT: Micros = Micros::from_millis(1_000);
/// The most copies of a round.
const COPIES_MAX: u8 = 3;

/// Where a piece goes.
#[derive(Debug, Clone, Copy)]
struct Choice {
    link: usize,
    /// How many copies the first round sends.
    n_copies: u8,
}

impl Session {
    /// What to do next.
    pub fn poll_output(&mut self, now: Timestamp) -> Option<SessionOutput> {
        self.is_live = now < self.live_until;
        self.outlook.note(now, self.silent());
        if let Some(output) = self.output.pop_front() {
            return Some(output);
        }
        self.poll_answer(now).or_else(|| self.poll_ping(now)).or_else(|| self.poll_data(now))
    }

    /// After how long an urgent answer on a link is late whatever its round trips were: a copy on
    /// the best other link would not be there in time else.
    pub(super) fn hurry(&self, idx: usize) -> Hurry {
        let within = |way: Micros| URGENT - MARGIN - Micros::new(way.get() + way.get() / 4);
        let others = self.links.iter().enumerate().filter(|other| other.0 != idx);
        let ways = others.filter_map(|(_, link)| link.as_ref().filter(|link| link.is_good()));
        let own = || self.links[idx].as_ref().map_or(Micros::ZERO, Link::way);
        let other = ways.map(Link::way).min();
        other.map_or_else(|| Hurry::Here(within(own())), |way| Hurry::Elsewhere(within(way)))
    }

    /// Whether no link is good.
    pub(super) fn is_alone(&self) -> bool {
        !self.links.iter().flatten().any(Link::is_good)
    }

    /// Lost or late pieces are sent again.
    pub(super) fn send_again(&mut self, now: Timestamp, pieces: Vec<(Class, u64)>) {
        for (class, number) in pieces {
            let Some(deadline) = self.outgoing[class.idx()].deadline(number) else { continue };
            let n_copies = if class.traits().is_urgent { self.n_copies(now, deadline) } else { 1 };
            self.outgoing[class.idx()].send_again(number, n_copies);
        }
    }

    /// While another round would still be in time, one copy, or two where two links are left: holes
    /// come to several at once. Else as many as make it likely that one arrives. What is late
    /// already needs no hurry.
    fn n_copies(&self, now: Timestamp, deadline: Timestamp) -> u8 {
        let left = deadline.micros_since(now);
        let up = self.links.iter().flatten();
        let best = up.min_by_key(|link| link.way() + link.distrust(now));
        let Some(best) = best.filter(|link| left >= link.way()) else { return 1 };
        if left > best.round_trip.late_after() + best.way() + MARGIN {
            let others = self.links.iter().flatten().filter(|link| link.is_good()).count();
            return if others > 1 { 2 } else { 1 };
        }
        let n_copies = (RESIDUAL.ln() / best.loss.clamp(1e-6, 0.5).ln()).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 20")]
        let n_copies = n_copies as u8;
        n_copies.clamp(1, COPIES_MAX)
    }

    fn poll_answer(&mut self, now: Timestamp) -> Option<SessionOutput> {
        let is_due = |link: &Link| link.received.ack_at().is_some_and(|at| at <= now);
        let idx = self.links.iter().position(|link| link.as_ref().is_some_and(is_due))?;
        Some(self.packet(now, idx, false, None))
    }

    fn poll_ping(&mut self, now: Timestamp) -> Option<SessionOutput> {
        let (is_live, is_alone) = (self.is_live, self.is_alone());
        let is_due = |link: &Link| link.ping_at(is_live, is_alone) <= now;
        let idx = self.links.iter().position(|link| link.as_ref().is_some_and(is_due))?;
        self.links[idx].as_mut()?.on_ping();
        Some(self.packet(now, idx, true, None))
    }

    fn poll_data(&mut self, now: Timestamp) -> Option<SessionOutput> {
        self.paced_until = None;
        for class in Class::ALL {
            let Some((next, choice)) = self.next_of(now, class) else { continue };
            return Some(self.packet(now, choice.link, false, Some((class, next, choice))));
        }
        None
    }

    /// The next piece of a class and its link, if it can go now.
    fn next_of(&mut self, now: Timestamp, class: Class) -> Option<(Next, Choice)> {
        let way = self.links.iter().flatten().filter(|link| link.is_good()).map(Link::way).min();
        let outgoing = &mut self.outgoing[class.idx()];
        // What cannot be there in time is not worth sending.
        outgoing.expire(now + way.unwrap_or(Micros::ZERO));
        let next = outgoing.next()?;
        let choice = if class.traits().is_urgent {
            self.choose_urgent(now, &next)
        } else {
            self.choose_patient(now, class, &next)
        };
        Some((next, choice?))
    }

    /// The link on which an urgent piece is there first, past windows. If none is good, a new
    /// piece goes over two that answered of late; one that is late waits for a link that answers.
    fn choose_urgent(&mut self, now: Timestamp, next: &Next) -> Option<Choice> {
        let silent = self.silent();
        let scores =
            (0..LINKS_MAX).filter_map(|idx| Some((self.score(now, idx, next, silent)?, idx)));
        let (_, link) = scores.min()?;
        let good = self.links.iter().flatten().filter(|link| link.is_good()).count();
        let best = self.links[link].as_ref()?;
        if good == 0 && next.is_again && now + best.way() > next.deadline {
            return None;
        }
        let heard = |link: &&Link| link.silence(now) < RECENT;
        let n_recent = self.links.iter().flatten().filter(heard).count();
        let is_risky = good == 0 || self.outlook.is_fading(now, link);
        Some(Choice { link, n_copies: if is_risky && n_recent >= 2 { 2 } else { 1 } })
    }

    /// How long an urgent piece takes over a link, and what speaks against it, in µs: that it owes
    /// answers, that this round has used it, that it fails together with those that have failed.
    fn score(&self, now: Timestamp, idx: usize, next: &Next, silent: u16) -> Option<i64> {
        let link = self.links[idx].as_ref()?;
        let mut score = link.way().get() + link.distrust(now).get();
        score += if link.is_doubtful(now) { URGENT.get() / 2 } else { 0 };
        score += if next.sent_on & 1 << idx == 0 { 0 } else { 1_000_000 };
        let failed = silent | next.tried | next.sent_on;
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "< 2^52")]
        let shared = (self.outlook.shares(idx, failed) * URGENT.get() as f64) as i64;
        Some(score + shared)
    }

    /// The links that owe an answer, a bit each.
    fn silent(&self) -> u16 {
        let is_silent = |link: &Link| matches!(link.standing, LinkStanding::Suspect(_));
        let links = self.links.iter().enumerate();
        let silent = links.filter(|(_, link)| link.as_ref().is_some_and(is_silent));
        silent.fold(0, |mask, (idx, _)| mask | 1 << idx)
    }

    /// A good link with room: the fastest one for what has a deadline, any for the rest; one that
    /// has not lost the piece before, where there is a choice.
    fn choose_patient(&mut self, now: Timestamp, class: Class, next: &Next) -> Option<Choice> {
        let is_live = class <= Class::Video;
        let mut best: Option<(i64, usize)> = None;
        for (idx, link) in self.links.iter_mut().enumerate() {
            let Some(link) = link.as_mut().filter(|link| link.is_good()) else { continue };
            if !link.has_room() {
                continue;
            }
            if link.free_at > now + BURST {
                link.window.on_full();
                let at = link.free_at - BURST;
                self.paced_until = Some(self.paced_until.map_or(at, |until| until.min(at)));
                continue;
            }
            let tried = if (next.sent_on | next.tried) & 1 << idx == 0 { 0 } else { 1_000_000 };
            let score = tried + if is_live { link.way().get() } else { 0 };
            if best.is_none_or(|best| score < best.0) {
                best = Some((score, idx));
            }
        }
        best.map(|(_, link)| Choice { link, n_copies: 1 })
    }

    /// A packet for a link: `first`, what else fits, and what is to be answered.
    fn packet(
        &mut self,
        now: Timestamp,
        idx: usize,
        pings: bool,
        first: Option<(Class, Next, Choice)>,
    ) -> SessionOutput {
        let link = self.links[idx].as_mut().expect("only links that are up are chosen");
        let mut bytes = start(mark_of(self.epoch), link.written_number(now));
        let asks = pings || !self.is_known || first.is_some();
        if !self.is_known {
            Section::Hello { epoch: self.epoch }.print(&mut bytes);
        }
        if pings {
            Section::Ping.print(&mut bytes);
        }
        let mut sent = Sent::new(now);
        let mut is_patient = false;
        let mut data = Vec::new();
        if let Some(piece) = first {
            is_patient |= self.add(now, &mut data, &mut sent, idx, piece);
            is_patient |= self.fill(now, bytes.len(), &mut data, &mut sent, idx);
        }
        let n_bytes = bytes.len() + data.len();
        let peer = self.peer.map(tag_of).filter(|_| n_bytes + ACK_BYTES_MAX <= PACKET_BYTES_MAX);
        let link = self.links[idx].as_mut().expect("it was up above");
        if let Some(ack) = peer.and_then(|tag| link.received.ack(now, tag)) {
            ack.print(&mut bytes);
        }
        self.times.say(now, &mut bytes, data.len());
        bytes.extend(data);
        let link = self.links[idx].as_mut().expect("it was up above");
        if is_patient {
            link.pace(now, bytes.len());
        }
        link.on_sent(now, bytes.len(), asks.then_some(sent));
        #[expect(clippy::cast_possible_truncation, reason = "at most 8 links")]
        let link = LinkId(idx as u8);
        SessionOutput::Packet { link, bytes }
    }

    /// Adds a piece; gives whether it was bound by window and pacing.
    fn add(
        &mut self,
        now: Timestamp,
        into: &mut Vec<u8>,
        sent: &mut Sent,
        idx: usize,
        (class, next, choice): (Class, Next, Choice),
    ) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "at most 8 links")]
        let link = idx as u8;
        self.outgoing[class.idx()].send(now, next, link, choice.n_copies, into);
        sent.add(class, next.number);
        self.counts.n_copies += u64::from(next.is_again);
        !class.traits().is_urgent
    }

    /// Fills a packet with what would go over the same link next.
    fn fill(
        &mut self,
        now: Timestamp,
        n_before: usize,
        data: &mut Vec<u8>,
        sent: &mut Sent,
        idx: usize,
    ) -> bool {
        let (mut is_patient, mut last_at) = (false, 0);
        for class in Class::ALL {
            loop {
                let n_bytes = n_before + data.len() + DATA_HEADER_BYTES_MAX;
                if !sent.has_room() || n_bytes >= PACKET_BYTES_MAX {
                    break;
                }
                let Some((next, choice)) = self.next_of(now, class) else { break };
                let n_bytes = n_bytes + next.n_bytes;
                if choice.link != idx || n_bytes > PACKET_BYTES_MAX {
                    break;
                }
                last_at = data.len();
                is_patient |= self.add(now, data, sent, idx, (class, next, choice));
            }
        }
        // The last one needs no length.
        if let Some((class, number)) = sent.pieces().last().copied() {
            data.truncate(last_at);
            self.outgoing[class.idx()].print_last(now, number, data);
        }
        is_patient
    }
}
