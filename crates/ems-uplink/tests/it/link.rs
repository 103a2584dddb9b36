//! A carrier that reorders and ends, between two ends that crash.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::Frame;
use ems_uplink::{Ranges, Sender, SenderOutput, UplinkDown, UplinkUp};
use proptest::prelude::*;

use crate::facts::{frame, unit};

/// What happens next; an index picks one of the messages on their way.
#[derive(Debug, Clone, Copy)]
enum Step {
    Produce,
    Pump { does_read_fail: bool },
    Up { idx: usize },
    Refuse { idx: usize },
    Down { idx: usize },
    Store,
    Reconnect,
    CrashSender,
    CrashReceiver,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => Just(Step::Produce),
        10 => (0..8).prop_map(|dice| Step::Pump { does_read_fail: dice == 0 }),
        10 => (0..4usize).prop_map(|idx| Step::Up { idx }),
        2 => (0..4usize).prop_map(|idx| Step::Refuse { idx }),
        10 => (0..4usize).prop_map(|idx| Step::Down { idx }),
        8 => Just(Step::Store),
        2 => Just(Step::Reconnect),
        1 => Just(Step::CrashSender),
        1 => Just(Step::CrashReceiver),
    ];
    prop::collection::vec(step, 0..400)
}

struct World {
    /// The unit's disk, and the highest number that was ever given or forgotten.
    outbox: BTreeMap<u64, Frame>,
    last: u64,
    sender: Sender,
    up: Vec<Frame>,
    down: Vec<Ranges>,
    /// Came and is not on disk yet.
    pending: Vec<u64>,
    /// The centre's disk.
    stored: BTreeSet<u64>,
    n_stored_twice: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            outbox: BTreeMap::new(),
            last: 0,
            sender: Sender::new(unit(), 0, 0),
            up: vec![],
            down: vec![],
            pending: vec![],
            stored: BTreeSet::new(),
            n_stored_twice: 0,
        };
        world.reconnect();
        world
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Produce => self.produce(),
            Step::Pump { does_read_fail } => self.pump(does_read_fail),
            Step::Up { idx } => {
                self.pending.extend(take(&mut self.up, idx).map(|frame| frame.seq));
            }
            Step::Refuse { idx } => {
                if let Some(frame) = take(&mut self.up, idx) {
                    self.sender.on_refused(frame.seq);
                }
            }
            Step::Down { idx } => {
                if let Some(ranges) = take(&mut self.down, idx) {
                    self.hear(&ranges);
                }
            }
            Step::Store => self.store(),
            Step::Reconnect | Step::CrashReceiver => self.reconnect(),
            Step::CrashSender => {
                let before = self.outbox.keys().next().map_or(self.last, |first| first - 1);
                self.sender = Sender::new(unit(), before, self.last);
                self.reconnect();
            }
        }
        let is_kept = |seq| self.outbox.contains_key(&seq) || self.stored.contains(&seq);
        assert!((1..=self.last).all(is_kept), "forgotten before it was stored");
    }

    fn produce(&mut self) {
        self.last += 1;
        self.outbox.insert(self.last, frame(self.last));
        self.sender.push(frame(self.last));
    }

    fn pump(&mut self, does_read_fail: bool) {
        for _ in 0..100 {
            match self.sender.poll_output() {
                Some(SenderOutput::Transmit { frames, .. }) => self.up.extend(frames),
                Some(SenderOutput::Forget { from, to }) => {
                    self.outbox.retain(|seq, _| !(from..=to).contains(seq));
                }
                Some(SenderOutput::Load { from, to }) => {
                    let frames = self.outbox.range(from..=to).map(|(_, frame)| frame.clone());
                    let frames = (!does_read_fail).then(|| frames.collect());
                    self.sender.on_loaded(from, to, frames);
                }
                None => return,
            }
        }
    }

    fn hear(&mut self, ranges: &Ranges) {
        for (first, last) in ranges.iter() {
            self.sender.on_stored(first, last).unwrap();
        }
    }

    fn store(&mut self) {
        let mut ranges = Ranges::default();
        for seq in self.pending.drain(..) {
            self.n_stored_twice += usize::from(!self.stored.insert(seq));
            ranges.insert(seq, seq);
        }
        self.down.push(ranges);
    }

    /// What was on its way on the old connection is lost, with what was not on disk.
    fn reconnect(&mut self) {
        self.up.clear();
        self.down.clear();
        self.pending.clear();
        self.sender.on_connected();
    }

    /// Everything arrives, until nothing is left to send.
    fn heal(&mut self) {
        for _ in 0..10_000 {
            self.pump(false);
            self.pending.extend(self.up.drain(..).map(|frame| frame.seq));
            self.store();
            for ranges in std::mem::take(&mut self.down) {
                self.hear(&ranges);
            }
            if self.sender.backlog() == 0 {
                return;
            }
        }
        panic!("{} frames never arrive", self.sender.backlog());
    }
}

fn take<T>(messages: &mut Vec<T>, idx: usize) -> Option<T> {
    (!messages.is_empty()).then(|| messages.remove(idx % messages.len()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_frame_is_stored_whatever_the_carrier_and_the_ends_do(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.heal();
        prop_assert_eq!(world.stored.len() as u64, world.last);
        world.pump(false);
        prop_assert!(world.outbox.is_empty(), "the outbox is emptied");
    }

    #[test]
    fn no_bytes_make_the_parsers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = UplinkUp::from_json(&bytes);
        let _ = UplinkDown::from_json(&bytes);
    }
}

#[test]
fn a_day_without_network_is_caught_up_and_nothing_goes_twice() {
    let mut world = World::new();
    world.sender.on_disconnected();
    for _ in 0..20_000 {
        world.produce();
    }
    world.reconnect();
    world.heal();
    assert_eq!((world.stored.len(), world.n_stored_twice), (20_000, 0));
}
