//! A carrier that reorders and ends, between two ends that crash.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{Frame, FrameBody, Gap, GapCause, WaveChunk};
use ems_uplink::{Portion, Ranges, Reading, Sender, SenderOutput, UplinkDown, UplinkUp};
use proptest::prelude::*;

use crate::facts::{frame, unit};

/// What happens next; an index picks one of the messages on their way.
#[derive(Debug, Clone, Copy)]
enum Step {
    Produce,
    ProduceWave,
    GiveUp,
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
        12 => Just(Step::Produce),
        8 => Just(Step::ProduceWave),
        2 => Just(Step::GiveUp),
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
    given_up: BTreeSet<u64>,
    last: u64,
    sender: Sender,
    up: Vec<Up>,
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
            given_up: BTreeSet::new(),
            sender: Sender::new(unit(), Ranges::default(), 0),
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
            Step::Produce => self.produce(frame),
            Step::ProduceWave => self.produce(wave),
            Step::GiveUp => self.give_up(),
            Step::Pump { does_read_fail } => self.pump(does_read_fail),
            Step::Up { idx } => {
                let came = take(&mut self.up, idx);
                self.pending.extend(came.iter().flat_map(Up::seqs));
            }
            Step::Refuse { idx } => match take(&mut self.up, idx) {
                Some(Up::Frame(frame)) => self.sender.on_refused(&frame),
                Some(Up::Gap(gap)) => self.sender.on_gaps_refused(&[gap]),
                None => {}
            },
            Step::Down { idx } => {
                if let Some(ranges) = take(&mut self.down, idx) {
                    self.hear(&ranges);
                }
            }
            Step::Store => self.store(),
            Step::Reconnect | Step::CrashReceiver => self.reconnect(),
            Step::CrashSender => {
                let kept = self.outbox.keys().chain(&self.given_up);
                let held = kept.map(|seq| (*seq, *seq)).collect();
                self.sender = Sender::new(unit(), held, self.last);
                self.reconnect();
            }
        }
        let is_kept = |seq| {
            self.outbox.contains_key(&seq)
                || self.given_up.contains(&seq)
                || self.stored.contains(&seq)
        };
        assert!((1..=self.last).all(is_kept), "forgotten before it was stored");
    }

    fn produce(&mut self, make: fn(u64) -> Frame) {
        self.last += 1;
        self.outbox.insert(self.last, make(self.last));
        self.sender.push(make(self.last));
    }

    /// The oldest wave is given up.
    fn give_up(&mut self) {
        let is_wave = |frame: &&Frame| Portion::of(&frame.body) == Portion::Waves;
        let Some(seq) = self.outbox.values().find(is_wave).map(|frame| frame.seq) else { return };
        self.outbox.remove(&seq);
        self.given_up.insert(seq);
        self.sender.on_given_up();
    }

    fn gaps(&self, reading: Reading) -> Vec<Gap> {
        let after = self.given_up.range(reading.after + 1..).take(reading.limit);
        after.map(|seq| Gap { first: *seq, last: *seq, cause: GapCause::NoSpace }).collect()
    }

    fn frames(&self, reading: Reading) -> Vec<Frame> {
        let after = self.outbox.range(reading.after + 1..).map(|(_, frame)| frame);
        let wanted = after.filter(|frame| Portion::of(&frame.body) == reading.portion);
        wanted.take(reading.limit).cloned().collect()
    }

    fn pump(&mut self, does_read_fail: bool) {
        for _ in 0..100 {
            match self.sender.poll_output() {
                Some(SenderOutput::Transmit { frames, .. }) => {
                    self.up.extend(frames.into_iter().map(Up::Frame));
                }
                Some(SenderOutput::GiveUp { gaps }) => {
                    self.up.extend(gaps.into_iter().map(Up::Gap));
                }
                Some(SenderOutput::Forget { from, to }) => {
                    self.outbox.retain(|seq, _| !(from..=to).contains(seq));
                    self.given_up.retain(|seq| !(from..=to).contains(seq));
                }
                Some(SenderOutput::Load(reading)) if reading.portion == Portion::Gaps => {
                    let gaps = (!does_read_fail).then(|| self.gaps(reading));
                    self.sender.on_gaps_loaded(reading, gaps);
                }
                Some(SenderOutput::Load(reading)) => {
                    let frames = (!does_read_fail).then(|| self.frames(reading));
                    self.sender.on_loaded(reading, frames);
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
            self.pending.extend(self.up.drain(..).flat_map(|up| up.seqs()));
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

/// What is on its way to the centre.
#[derive(Debug)]
enum Up {
    Frame(Frame),
    Gap(Gap),
}

impl Up {
    fn seqs(&self) -> std::ops::RangeInclusive<u64> {
        match self {
            Self::Frame(frame) => frame.seq..=frame.seq,
            Self::Gap(gap) => gap.first..=gap.last,
        }
    }
}

fn wave(seq: u64) -> Frame {
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1], beats: vec![] };
    Frame { body: FrameBody::Wave(chunk), ..frame(seq) }
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
        world.produce(frame);
    }
    world.reconnect();
    world.heal();
    assert_eq!((world.stored.len(), world.n_stored_twice), (20_000, 0));
}
