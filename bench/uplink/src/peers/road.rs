//! The links, and the frames that go over them.

use anyhow::{Context, ensure};
use ems_drive::{Fate, LinkOutcome, Outcome, Profile};
use ems_model::{Micros, Timestamp};
use ems_netem::{Link, LinkConfig, Loss};

use super::{Side, Transport};

/// The length of each frame.
pub(crate) const FRAME_BYTES: usize = 400;
/// When the first frame is sent.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
/// When ends begin to connect.
pub(crate) const DAWN: Timestamp = Timestamp::from_millis(1_699_999_997_000);
pub(crate) const LENGTH: Micros = Micros::from_millis(20_000);
/// How long after the last frame those under way may still arrive.
pub(crate) const AFTER: Micros = Micros::from_millis(10_000);

/// Links before the start, or those after it.
pub(crate) struct Road {
    ways: Vec<[Link<Vec<u8>>; 2]>,
}

/// Drives one transport from its handshake to the end.
pub(crate) fn drive(
    profile: &Profile,
    seed: u64,
    peer: &mut impl Transport,
) -> anyhow::Result<Outcome> {
    let flow = profile.flow.first().context("no flow")?;
    ensure!(flow.frame_bytes == FRAME_BYTES, "frames are not of {FRAME_BYTES} bytes");
    let gap = flow.per_second.context("the flow has no rate")?;
    #[expect(clippy::cast_possible_truncation, reason = "frames come more often than once a day")]
    let gap = Micros::new((1e6 / gap) as i64);
    run(peer, &mut Road::calm(profile)?, DAWN, START);
    let mut road = Road::real(profile, seed)?;
    let mut fates: Vec<Fate> = Vec::new();
    let mut next = START;
    while next < START + LENGTH {
        fates.push(Fate {
            class: flow.class()?,
            n_bytes: FRAME_BYTES,
            pushed_at: next,
            delivered_at: None,
        });
        let mut frame = vec![0; FRAME_BYTES];
        frame[..8].copy_from_slice(&(fates.len() as u64 - 1).to_be_bytes());
        peer.push(next, &frame);
        for (at, frame) in run(peer, &mut road, next, next + gap) {
            deliver(&mut fates, at, &frame);
        }
        next = next + gap;
    }
    // Until all have arrived: what a link at rest costs is another matter.
    while next < START + LENGTH + AFTER && fates.iter().any(|fate| fate.delivered_at.is_none()) {
        for (at, frame) in run(peer, &mut road, next, next + gap) {
            deliver(&mut fates, at, &frame);
        }
        next = next + gap;
    }
    let [sent, received] = peer.counts();
    Ok(Outcome { start: START, fates, links: road.tallies(), sent, received })
}

/// Lets the ends talk from `now` until before `end`; frames that arrived, and when.
fn run(
    peer: &mut impl Transport,
    road: &mut Road,
    mut now: Timestamp,
    end: Timestamp,
) -> Vec<(Timestamp, Vec<u8>)> {
    let mut arrived = Vec::new();
    while now < end {
        road.bring(now, peer);
        peer.on_wake(now);
        while let Some((from, link, bytes)) = peer.poll_packet(now) {
            // What a link drops is in its tally.
            let _ = road.way(link, from).push(now, bytes.len(), bytes);
        }
        arrived.extend(std::iter::from_fn(|| peer.poll_frame()).map(|frame| (now, frame)));
        let wakes = [road.next_wake(), peer.next_wake()].into_iter().flatten().min();
        // What is overdue is done a microsecond later: time must go on.
        now = wakes.map_or(end, |at| at.max(now + Micros::new(1)));
    }
    arrived
}

pub(crate) fn deliver(fates: &mut [Fate], at: Timestamp, frame: &[u8]) {
    let number = frame.first_chunk().map(|number| u64::from_be_bytes(*number));
    let number = number.and_then(|number| usize::try_from(number).ok());
    if let Some(fate) = number.and_then(|number| fates.get_mut(number)) {
        fate.delivered_at.get_or_insert(at);
    }
}

impl Road {
    /// The profile's links, seeded as a session's are.
    pub(crate) fn real(profile: &Profile, seed: u64) -> anyhow::Result<Self> {
        let ways = profile.link.iter().zip(0_u64..).map(|(link, idx)| {
            let seed = seed.wrapping_mul(64) + 2 * idx;
            anyhow::Ok([
                Link::new(link.forth(None)?, START, seed),
                Link::new(link.back(), START, seed + 1),
            ])
        });
        Ok(Self { ways: ways.collect::<anyhow::Result<_>>()? })
    }

    /// The same links without loss, jitter and holes.
    pub(crate) fn calm(profile: &Profile) -> anyhow::Result<Self> {
        let ways = profile.link.iter().map(|link| {
            let [forth, back] = [calm(link.forth(None)?), calm(link.back())];
            anyhow::Ok([Link::new(forth, DAWN, 0), Link::new(back, DAWN, 0)])
        });
        Ok(Self { ways: ways.collect::<anyhow::Result<_>>()? })
    }

    pub(crate) fn way(&mut self, link: usize, from: Side) -> &mut Link<Vec<u8>> {
        let [forth, back] = &mut self.ways[link];
        match from {
            Side::Ambulance => forth,
            Side::Centre => back,
        }
    }

    fn bring(&mut self, now: Timestamp, peer: &mut impl Transport) {
        for (link, [forth, back]) in self.ways.iter_mut().enumerate() {
            while let Some(bytes) = forth.poll_output(now) {
                peer.on_packet(now, Side::Centre, link, &bytes);
            }
            while let Some(bytes) = back.poll_output(now) {
                peer.on_packet(now, Side::Ambulance, link, &bytes);
            }
        }
    }

    pub(crate) fn next_wake(&self) -> Option<Timestamp> {
        self.ways.iter().flatten().filter_map(Link::next_wake).min()
    }

    pub(crate) fn tallies(&self) -> Vec<LinkOutcome> {
        let tally = |[forth, back]: &[Link<Vec<u8>>; 2]| LinkOutcome {
            forth: forth.tally(),
            back: back.tally(),
        };
        self.ways.iter().map(tally).collect()
    }
}

fn calm(config: LinkConfig) -> LinkConfig {
    LinkConfig {
        jitter: Micros::ZERO,
        loss: Loss::Single(0.0),
        interruptions: Vec::new(),
        ..config
    }
}
