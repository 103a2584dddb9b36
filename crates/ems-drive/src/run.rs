//! The drive itself.

use ems_model::{Micros, Timestamp};
use ems_netem::{Drive, Link};
use ems_uplink::{Class, Counts, LinkId, Session, SessionOutput};

use crate::outcome::{Fate, LinkOutcome, Outcome};
use crate::profile::{Flow, Profile, ProfileError, seconds};

/// How long after the end what is under way may still arrive.
const AFTER: Micros = Micros::from_millis(10_000);
/// What a flow without a rate keeps waiting.
const KEEP_WAITING_BYTES: usize = 2 << 20;
/// How often that is looked at.
const REFILL_EVERY: Micros = Micros::from_millis(5);
/// Any day will do: clocks of a drive are virtual.
const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Which links carry what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// One session over all links.
    Session,
    /// One session over one link.
    Single(usize),
    /// A session for each link, and every frame over each.
    Duplicate,
}

/// A drive that can be driven.
#[derive(Debug)]
pub struct Run {
    now: Timestamp,
    end: Timestamp,
    ways: Vec<Way>,
    pairs: Vec<Pair>,
    flows: Vec<Source>,
    fates: Vec<Fate>,
}

/// A link, both directions; packets carry their bytes.
#[derive(Debug)]
struct Way {
    forth: Link<Vec<u8>>,
    back: Link<Vec<u8>>,
}

/// Both ends of a session.
#[derive(Debug)]
struct Pair {
    links: Vec<usize>,
    ambulance: Session,
    centre: Session,
}

/// A flow, and when its next frame is due.
#[derive(Debug)]
struct Source {
    class: Class,
    n_bytes: usize,
    gap: Option<Micros>,
    next: Timestamp,
    end: Timestamp,
}

impl Run {
    /// Prepares a profile along a drive, where one tells rates. `length` is how long frames are
    /// sent; chance follows from `seed`.
    pub fn new(
        profile: &Profile,
        drive: Option<&Drive>,
        length: Micros,
        strategy: Strategy,
        seed: u64,
    ) -> Result<Self, ProfileError> {
        let links = profile.link.iter().zip(0_u64..);
        let ways = links.map(|(link, idx)| {
            let forth = Link::new(link.forth(drive)?, START, seed.wrapping_mul(64) + 2 * idx);
            let back = Link::new(link.back(), START, seed.wrapping_mul(64) + 2 * idx + 1);
            Ok(Way { forth, back })
        });
        let ways: Vec<Way> = ways.collect::<Result<_, ProfileError>>()?;
        let all = 0..ways.len();
        let groups = match strategy {
            Strategy::Session => vec![all.collect()],
            Strategy::Single(link) => vec![vec![link]],
            Strategy::Duplicate => all.map(|link| vec![link]).collect(),
        };
        let flows = profile.flow.iter().map(|flow| Source::new(flow, START + length));
        Ok(Self {
            now: START,
            end: START + length,
            ways,
            pairs: groups.into_iter().map(Pair::new).collect(),
            flows: flows.collect::<Result<_, _>>()?,
            fates: Vec::new(),
        })
    }

    /// Drives to the end, and ten seconds more.
    pub fn drive(mut self) -> Outcome {
        let stop = self.end + AFTER;
        while let Some(at) = self.next_wake().filter(|at| *at <= stop) {
            self.now = self.now.max(at);
            self.wake();
            self.push();
            self.transmit();
        }
        let sum =
            |count: fn(&Pair) -> Counts| self.pairs.iter().map(count).fold(Counts::default(), plus);
        let tallies = self
            .ways
            .iter()
            .map(|way| LinkOutcome { forth: way.forth.tally(), back: way.back.tally() });
        Outcome {
            start: START,
            links: tallies.collect(),
            sent: sum(|pair| pair.ambulance.counts()),
            received: sum(|pair| pair.centre.counts()),
            fates: self.fates,
        }
    }

    fn next_wake(&mut self) -> Option<Timestamp> {
        let packets =
            self.ways.iter().flat_map(|way| [way.forth.next_wake(), way.back.next_wake()]);
        let flows = self.flows.iter().filter(|flow| flow.next < flow.end).map(|flow| flow.next);
        let first = packets.flatten().chain(flows).min();
        let pairs = self.pairs.iter_mut();
        let wakes = pairs.flat_map(|pair| [pair.ambulance.next_wake(), pair.centre.next_wake()]);
        first.into_iter().chain(wakes.flatten().map(|wake| wake.0)).min()
    }

    /// Gives the ends what has come, and wakes them.
    fn wake(&mut self) {
        let now = self.now;
        for pair in &mut self.pairs {
            for link in &pair.links {
                let way = &mut self.ways[*link];
                #[expect(clippy::cast_possible_truncation, reason = "at most 8 links")]
                let id = LinkId(*link as u8);
                while let Some(bytes) = way.forth.poll_output(now) {
                    // A packet that is refused counts as lost, here as on the road.
                    let _ = pair.centre.on_packet(now, id, &bytes);
                }
                while let Some(bytes) = way.back.poll_output(now) {
                    let _ = pair.ambulance.on_packet(now, id, &bytes);
                }
            }
            pair.ambulance.on_wake(now);
            pair.centre.on_wake(now);
        }
    }

    /// Frames that are due are given to the ambulance.
    fn push(&mut self) {
        for idx in 0..self.flows.len() {
            while self.flows[idx].is_due(self.now, &self.pairs) {
                self.push_one(idx);
            }
            let flow = &mut self.flows[idx];
            if flow.gap.is_none() && flow.next <= self.now {
                flow.next = self.now + REFILL_EVERY;
            }
        }
    }

    fn push_one(&mut self, idx: usize) {
        let flow = &mut self.flows[idx];
        let (class, n_bytes) = (flow.class, flow.n_bytes);
        // The number of the frame tells it apart on the other side.
        let mut frame = vec![0; n_bytes];
        frame[..8].copy_from_slice(&(self.fates.len() as u64).to_be_bytes());
        for pair in &mut self.pairs {
            // A frame that finds no room is offered, and not delivered.
            let _ = pair.ambulance.push(self.now, class, frame.clone());
        }
        self.fates.push(Fate { class, n_bytes, pushed_at: self.now, delivered_at: None });
        flow.next = flow.next + flow.gap.unwrap_or(Micros::ZERO);
    }

    fn transmit(&mut self) {
        let now = self.now;
        for pair in &mut self.pairs {
            while let Some(output) = pair.ambulance.poll_output(now) {
                if let SessionOutput::Packet { link, bytes } = output {
                    // What a link drops is in its tally.
                    let _ = self.ways[usize::from(link.0)].forth.push(now, bytes.len(), bytes);
                }
            }
            while let Some(output) = pair.centre.poll_output(now) {
                match output {
                    SessionOutput::Packet { link, bytes } => {
                        let _ = self.ways[usize::from(link.0)].back.push(now, bytes.len(), bytes);
                    }
                    SessionOutput::Frame { bytes, .. } => deliver(&mut self.fates, now, &bytes),
                    SessionOutput::PeerBegan { .. } => {}
                }
            }
        }
    }
}

fn deliver(fates: &mut [Fate], now: Timestamp, bytes: &[u8]) {
    let number = bytes.first_chunk().map(|number| u64::from_be_bytes(*number));
    let number = number.and_then(|number| usize::try_from(number).ok());
    if let Some(fate) = number.and_then(|number| fates.get_mut(number)) {
        fate.delivered_at.get_or_insert(now);
    }
}

fn plus(one: Counts, other: Counts) -> Counts {
    Counts {
        n_copies: one.n_copies + other.n_copies,
        n_duplicates: one.n_duplicates + other.n_duplicates,
        n_replays: one.n_replays + other.n_replays,
        n_expired: one.n_expired + other.n_expired,
    }
}

impl Pair {
    fn new(links: Vec<usize>) -> Self {
        let [mut ambulance, mut centre] = [Session::new(START), Session::new(START)];
        for link in &links {
            #[expect(clippy::cast_possible_truncation, reason = "at most 8 links")]
            let id = LinkId(*link as u8);
            ambulance.on_link_up(START, id);
            centre.on_link_up(START, id);
        }
        Self { links, ambulance, centre }
    }
}

impl Source {
    fn new(flow: &Flow, end: Timestamp) -> Result<Self, ProfileError> {
        Ok(Self {
            class: flow.class()?,
            n_bytes: flow.frame_bytes,
            gap: flow.per_second.map(|rate| seconds(1.0 / rate)),
            next: START + seconds(flow.from_s),
            end: flow.to_s.map_or(end, |to| end.min(START + seconds(to))),
        })
    }

    fn is_due(&self, now: Timestamp, pairs: &[Pair]) -> bool {
        let waits = |pair: &Pair| pair.ambulance.n_waiting_bytes(self.class) < KEEP_WAITING_BYTES;
        self.next <= now && self.next < self.end && (self.gap.is_some() || pairs.iter().any(waits))
    }
}
