//! One end of a session over several links.

mod admit;
mod class;
mod demand;
mod flight;
mod incoming;
mod link;
mod number;
mod outgoing;
mod outlook;
mod packet;
mod parity;
mod playout;
mod received;
mod round_trip;
mod schedule;
mod time;
mod window;

use std::collections::VecDeque;

use ems_model::{Micros, Timestamp};

pub use class::{Class, Traits};
pub use demand::Ladder;
pub use link::LinkStanding;
pub use number::Number;
pub use outgoing::{PushError, WINDOW_PIECES};
pub use packet::{Packet, PacketError, ParityOf, Section};
pub use playout::{Played, Playout};

use admit::{arrival, asks};
use demand::Demand;
use flight::Ack;
use incoming::Incoming;
use link::Link;
use outgoing::Outgoing;
use outlook::Outlook;
use time::Times;

/// The most links of a session.
const LINKS_MAX: usize = 8;
/// The deadline that copies of urgent pieces aim at.
const URGENT: Micros = Micros::from_millis(150);
/// The part of what links carry that may be planned with.
const RESERVE: f64 = 0.85;
/// What is kept of that deadline for what is not foreseen.
const MARGIN: Micros = Micros::from_millis(5);

/// A link by its place at both ends: 0 to 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkId(pub u8);

/// One end of a session: takes frames, gives packets for links; takes packets, gives frames.
///
/// Both ends are alike. A frame of an urgent class goes over the link that is best at that moment;
/// as soon as its answer is later than the link's round trip explains, a copy goes over another, so
/// that it still is there in time. Memory is bounded whatever the other end sends.
///
/// The host tells of links with [`Self::on_link_up`], calls [`Self::poll_output`] until it gives
/// `None` after each call, and [`Self::on_wake`] when [`Self::next_wake`] says so. Packets are
/// trusted as far as the link below authenticates them: replays within a run are dropped, but
/// secrecy is the link's.
#[derive(Debug)]
pub struct Session {
    epoch: u64,
    peer: Option<u64>,
    /// Whether the other end has answered since it began.
    is_known: bool,
    links: [Option<Link>; LINKS_MAX],
    outgoing: Vec<Outgoing>,
    incoming: Vec<Incoming>,
    output: VecDeque<SessionOutput>,
    /// Until when classes with a deadline are taken to be in use, and whether they were at the last
    /// poll.
    live_until: Timestamp,
    is_live: bool,
    outlook: Outlook,
    demand: Demand,
    /// When pacing lets go what waits.
    paced_until: Option<Timestamp>,
    times: Times,
    counts: Counts,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionOutput {
    /// Send this over a link, as one datagram.
    Packet {
        /// Which link.
        link: LinkId,
        /// The packet.
        bytes: Vec<u8>,
    },
    /// A frame has come.
    Frame {
        /// Its class.
        class: Class,
        /// Its content, as it was pushed.
        bytes: Vec<u8>,
    },
    /// The other end has begun anew: what it had not stored is to be pushed again.
    PeerBegan {
        /// Its epoch.
        epoch: u64,
    },
}

/// Why to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionWake {
    /// An acknowledgement is due.
    Acknowledge,
    /// An answer is late.
    Late,
    /// A silent link is to be asked.
    Ping,
    /// Pacing lets the next packet go.
    Pace,
}

/// What a session has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pieces that were sent again, or twice.
    pub n_copies: u64,
    /// Pieces that came more than once.
    pub n_duplicates: u64,
    /// Packets that came more than once.
    pub n_replays: u64,
    /// Pieces that were given up.
    pub n_expired: u64,
}

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinkReport {
    /// Whether it is to be trusted.
    pub standing: LinkStanding,
    /// Its round trip, smoothed; `None` before it has answered.
    pub round_trip: Option<Micros>,
    /// The queue that was last seen in it.
    pub queue: Micros,
    /// What it carried a second, in bit/s, when it was last busy.
    pub rate_bps: f64,
    /// The share of packets that are lost, at first a careful guess of 1 %.
    pub loss: f64,
    /// The bytes sent over it.
    pub n_sent_bytes: u64,
    /// Those of them that have come.
    pub n_acked_bytes: u64,
    /// For how long in all it was asked for all that it carries: packets waited, and it queued.
    pub full_for: Micros,
}

impl Session {
    /// Begins at `now`. Of two runs of one end the later one counts, so its clock must not be
    /// earlier than when it last began.
    pub fn new(now: Timestamp) -> Self {
        Self {
            epoch: u64::try_from(now.as_micros()).unwrap_or(0).min(packet::VARINT_MAX),
            peer: None,
            is_known: false,
            links: [const { None }; LINKS_MAX],
            outgoing: Class::ALL.map(Outgoing::new).into(),
            incoming: Class::ALL.map(Incoming::new).into(),
            output: VecDeque::new(),
            live_until: now,
            is_live: false,
            outlook: Outlook::new(now),
            demand: Demand::new(now),
            paced_until: None,
            times: Times::default(),
            counts: Counts::default(),
        }
    }

    /// A link is there: both ends know it by the same number. One that was there begins anew.
    ///
    /// # Panics
    /// If the number is above 7.
    pub fn on_link_up(&mut self, now: Timestamp, link: LinkId) {
        self.on_link_down(now, link);
        self.links[usize::from(link.0)] = Some(Link::new(now));
    }

    /// A link is gone: what flew on it goes over others.
    pub fn on_link_down(&mut self, now: Timestamp, link: LinkId) {
        let Some(mut gone) = self.links.get_mut(usize::from(link.0)).and_then(Option::take) else {
            return;
        };
        self.send_again(now, gone.abandon());
    }

    /// A modem has read the power that it receives (RSRP), in dBm: while it falls towards the end
    /// of what can be received, urgent frames go over a second link too. Other links than 0 to 7
    /// are passed over.
    pub fn on_signal(&mut self, now: Timestamp, link: LinkId, rsrp_dbm: f64) {
        if usize::from(link.0) < LINKS_MAX {
            self.outlook.on_signal(now, usize::from(link.0), rsrp_dbm);
        }
    }

    /// A modem changes its cell, or will soon: until then, urgent frames go over a second link too.
    pub fn on_handover(&mut self, link: LinkId, until: Timestamp) {
        if usize::from(link.0) < LINKS_MAX {
            self.outlook.on_handover(usize::from(link.0), until);
        }
    }

    /// Takes a frame to send.
    pub fn push(&mut self, now: Timestamp, class: Class, frame: Vec<u8>) -> Result<(), PushError> {
        if class <= Class::Video {
            self.live_until = now + Micros::from_millis(2_000);
        }
        self.demand.note(now, class, frame.len());
        let good = self.links.iter().flatten().filter(|link| link.is_good());
        let loss = good.map(|link| link.loss).fold(0.0, f64::max);
        self.outgoing[class.idx()].push(now, frame, loss)
    }

    /// Takes a packet that came over a link. On an error nothing is changed, and the packet counts
    /// as lost.
    pub fn on_packet(
        &mut self,
        now: Timestamp,
        from: LinkId,
        bytes: &[u8],
    ) -> Result<(), PacketError> {
        let mut packet = Packet::parse(bytes)?;
        self.complete(from, &mut packet)?;
        self.check(from, &packet)?;
        self.greet(&packet);
        let (link, number) = (self.link_mut(from)?, packet.number.value());
        if !link.received.is_new(number) {
            self.counts.n_replays += 1;
            return Ok(());
        }
        link.received.note(now, number, asks(&packet));
        for section in &packet.sections {
            self.take(now, from, section);
        }
        Ok(())
    }

    /// When to wake, and why.
    pub fn next_wake(&self) -> Option<(Timestamp, SessionWake)> {
        let (is_live, is_alone) = (self.is_live, self.is_alone());
        let mut wakes: Vec<_> =
            self.paced_until.map(|at| (at, SessionWake::Pace)).into_iter().collect();
        for idx in 0..LINKS_MAX {
            let hurry = self.hurry(idx);
            let Some(link) = &self.links[idx] else { continue };
            let late = link.late_at(hurry).into_iter().chain(link.overdue_at());
            wakes.extend(late.map(|at| (at, SessionWake::Late)));
            wakes.extend(link.received.ack_at().map(|at| (at, SessionWake::Acknowledge)));
            wakes.push((link.ping_at(is_live, is_alone), SessionWake::Ping));
        }
        wakes.into_iter().min_by_key(|wake| wake.0)
    }

    /// Sends again what is late; an early call does nothing.
    pub fn on_wake(&mut self, now: Timestamp) {
        for idx in 0..LINKS_MAX {
            let hurry = self.hurry(idx);
            let mut lost = Vec::new();
            if let Some(link) = &mut self.links[idx] {
                link.on_late(now, hurry, &mut lost);
            }
            self.send_again(now, lost);
        }
    }

    /// How a link stands; `None` for one that is not up.
    pub fn link_report(&self, link: LinkId) -> Option<LinkReport> {
        let link = self.links.get(usize::from(link.0))?.as_ref()?;
        Some(LinkReport {
            standing: link.standing,
            round_trip: link.round_trip.is_known().then(|| link.round_trip.smoothed()),
            queue: link.window.queue(),
            rate_bps: link.window.rate_bps(),
            loss: link.loss,
            n_sent_bytes: link.n_sent_bytes,
            n_acked_bytes: link.window.n_acked_bytes(),
            full_for: link.window.full_for(),
        })
    }

    /// What a class may send, in bit/s, so that it arrives in time beside the classes before it:
    /// what the windows of the good links let pass, less a reserve. A [`Ladder`] makes a grade of
    /// it.
    pub fn allowance_bps(&mut self, now: Timestamp, class: Class) -> f64 {
        let good = self.links.iter().flatten().filter(|link| link.is_good());
        let room: f64 = good.map(Link::room_bps).sum();
        (RESERVE * room - self.demand.before_bps(now, class)).max(0.0)
    }

    /// The bytes of a class that wait to be sent or acknowledged.
    pub fn n_waiting_bytes(&self, class: Class) -> usize {
        self.outgoing[class.idx()].n_bytes()
    }

    /// What was done so far.
    pub fn counts(&self) -> Counts {
        let n_expired = self.outgoing.iter().map(Outgoing::n_expired).sum();
        Counts { n_expired, ..self.counts }
    }

    fn take(&mut self, now: Timestamp, from: LinkId, section: &Section<'_>) {
        match section {
            Section::Ping | Section::Hello { .. } => {}
            Section::Clock { now_us } => self.times.on_told(now, *now_us),
            Section::Ack { tag, ranges, delay_us, received_us } => {
                let delay = Micros::new(i64::try_from(*delay_us).unwrap_or(i64::MAX));
                if *tag == tag_of(self.epoch) {
                    self.on_ack(now, from, &Ack { ranges, delay, received_us: *received_us });
                }
            }
            Section::Data { class, .. } | Section::Parity { class, .. } => {
                let Some(arrival) = arrival(section) else { return };
                let output = &mut self.output;
                let mut deliver = |bytes| {
                    output.push_back(SessionOutput::Frame { class: *class, bytes });
                };
                let is_new = self.incoming[class.idx()].take(arrival, &mut deliver);
                self.counts.n_duplicates += u64::from(!is_new);
            }
        }
    }

    fn on_ack(&mut self, now: Timestamp, from: LinkId, ack: &Ack<'_>) {
        let is_live = now < self.live_until;
        let Ok(link) = self.link_mut(from) else { return };
        let target = if is_live { window::QUEUE_LIVE } else { window::QUEUE_PATIENT };
        let settled = link.on_ack(now, ack, target);
        self.is_known = true;
        if let Some(sent_at) = settled.newest_sent {
            self.times.on_ack(now, sent_at, ack.received_us, ack.delay);
        }
        for (class, number) in settled.acked {
            self.outgoing[class.idx()].settle(number);
        }
        self.send_again(now, settled.lost);
    }

    fn link(&self, link: LinkId) -> Result<&Link, PacketError> {
        let found = self.links.get(usize::from(link.0)).and_then(Option::as_ref);
        found.ok_or(PacketError::Link { link: link.0 })
    }

    fn link_mut(&mut self, link: LinkId) -> Result<&mut Link, PacketError> {
        let found = self.links.get_mut(usize::from(link.0)).and_then(Option::as_mut);
        found.ok_or(PacketError::Link { link: link.0 })
    }
}

/// What tells packets of two epochs apart: the first bits of a hash (the finisher of `SplitMix64`,
/// Steele, Lea and Flood, OOPSLA 2014).
fn mark_of(epoch: u64) -> u8 {
    let hash = (epoch ^ epoch >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    u8::try_from(hash >> (64 - packet::MARK_BITS)).expect("five bits")
}

/// The last 16 bits of an epoch.
#[expect(clippy::cast_possible_truncation, reason = "the last 16 bits")]
fn tag_of(epoch: u64) -> u16 {
    epoch as u16
}
