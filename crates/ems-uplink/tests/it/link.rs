//! A link that loses, repeats and reorders, between two ends that crash.

use std::collections::BTreeMap;

use ems_model::{Frame, Millis, Timestamp};
use ems_uplink::{PROTOCOL, Receiver, Sender, SenderOutput, UplinkDown, UplinkUp};
use proptest::prelude::*;

use crate::facts::{frame, unit};

/// What happens next; an index picks one of the messages on their way.
#[derive(Debug, Clone, Copy)]
enum Step {
    Produce,
    Pump { does_read_fail: bool },
    Up { idx: usize, fate: Fate },
    Down { idx: usize, fate: Fate },
    Store,
    FailToStore,
    Reconnect,
    CrashSender,
    CrashReceiver,
    Wait,
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    ArrivesTwice,
    IsLost,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fate = || {
        prop_oneof![
            6 => Just(Fate::Arrives),
            1 => Just(Fate::ArrivesTwice),
            1 => Just(Fate::IsLost),
        ]
    };
    let step = prop_oneof![
        20 => Just(Step::Produce),
        10 => (0..8).prop_map(|dice| Step::Pump { does_read_fail: dice == 0 }),
        10 => (0..4usize, fate()).prop_map(|(idx, fate)| Step::Up { idx, fate }),
        10 => (0..4usize, fate()).prop_map(|(idx, fate)| Step::Down { idx, fate }),
        8 => Just(Step::Store),
        1 => Just(Step::FailToStore),
        2 => Just(Step::Reconnect),
        1 => Just(Step::CrashSender),
        1 => Just(Step::CrashReceiver),
        3 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 0..400)
}

struct World {
    now: Timestamp,
    /// The unit's disk: frames that may not be forgotten, and up to where the rest went.
    outbox: BTreeMap<u64, Frame>,
    pruned: u64,
    last: u64,
    sender: Sender,
    up: Vec<UplinkUp>,
    down: Vec<UplinkDown>,
    receiver: Receiver,
    /// Taken from the receiver and not on disk yet.
    pending: Vec<Frame>,
    /// The centre's disk.
    log: Vec<u64>,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: Timestamp::from_millis(0),
            outbox: BTreeMap::new(),
            pruned: 0,
            last: 0,
            sender: Sender::new(unit(), 0, 0),
            up: vec![],
            down: vec![],
            receiver: Receiver::new(),
            pending: vec![],
            log: vec![],
        };
        world.reconnect();
        world
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Produce => self.produce(),
            Step::Pump { does_read_fail } => self.pump(does_read_fail),
            Step::Up { idx, fate } => {
                for message in take(&mut self.up, idx, fate) {
                    self.arrive_up(message);
                }
            }
            Step::Down { idx, fate } => {
                for message in take(&mut self.down, idx, fate) {
                    self.arrive_down(&message);
                }
            }
            Step::Store => self.store(),
            Step::FailToStore => self.fail_to_store(),
            Step::Reconnect => self.reconnect(),
            Step::CrashSender => {
                self.sender = Sender::new(unit(), self.pruned, self.last);
                self.reconnect();
            }
            Step::CrashReceiver => {
                self.pending.clear();
                self.receiver = Receiver::new();
                self.reconnect();
            }
            Step::Wait => {
                self.now = self.now + Millis::new(700);
                self.sender.on_wake(self.now);
            }
        }
        assert!(self.sender.acked() <= self.log.len() as u64, "acknowledged before it was stored");
    }

    fn produce(&mut self) {
        self.last += 1;
        self.outbox.insert(self.last, frame(self.last));
        self.sender.push(self.now, frame(self.last));
    }

    fn pump(&mut self, does_read_fail: bool) {
        while let Some(output) = self.sender.poll_output(self.now) {
            match output {
                SenderOutput::Transmit(message) => self.up.push(message),
                SenderOutput::Prune { through } => {
                    assert!(through <= self.log.len() as u64, "pruned before it was stored");
                    self.outbox.retain(|&seq, _| seq > through);
                    self.pruned = through;
                }
                SenderOutput::Load { from, to } => {
                    let frames = self.outbox.range(from..=to).map(|(_, frame)| frame.clone());
                    let frames: Vec<_> = frames.collect();
                    assert_eq!(frames.len() as u64, to + 1 - from, "asked for a pruned frame");
                    let frames = if does_read_fail { vec![] } else { frames };
                    self.sender.on_loaded(self.now, frames);
                }
            }
        }
    }

    fn arrive_up(&mut self, message: UplinkUp) {
        let UplinkUp::Frames { frames } = message else { panic!("{message:?}") };
        let accepted = self.receiver.on_frames(frames).unwrap();
        self.pending.extend(accepted.frames);
        self.down.extend(accepted.replies);
    }

    fn arrive_down(&mut self, message: &UplinkDown) {
        match *message {
            UplinkDown::Ack { seq, .. } => self.sender.on_ack(self.now, seq).unwrap(),
            UplinkDown::Resend { from, .. } => self.sender.on_resend(self.now, from).unwrap(),
            _ => panic!("{message:?}"),
        }
    }

    fn store(&mut self) {
        self.log.extend(self.pending.drain(..).map(|frame| frame.seq));
        self.down.extend(self.receiver.on_stored(&unit(), self.log.len() as u64));
    }

    fn fail_to_store(&mut self) {
        if !self.pending.is_empty() {
            self.pending.clear();
            self.down.extend(self.receiver.on_store_failed(&unit(), self.log.len() as u64));
        }
    }

    /// A new connection: what was on its way on the old one is lost.
    fn reconnect(&mut self) {
        self.up.clear();
        self.down.clear();
        self.sender.on_disconnected();
        let UplinkUp::Hello { unit, last, protocol, .. } = self.sender.hello() else { panic!() };
        assert_eq!(protocol, PROTOCOL);
        let stored = self.log.len() as u64;
        let welcome = self.receiver.on_hello(&unit, last, protocol, stored).unwrap();
        let UplinkDown::Welcome { acked, .. } = welcome else { panic!("{welcome:?}") };
        self.sender.on_connected(self.now, acked).unwrap();
    }

    /// The link heals: everything arrives in order, until nothing is left to send.
    fn heal(&mut self) {
        for _ in 0..10_000 {
            self.pump(false);
            for message in std::mem::take(&mut self.up) {
                self.arrive_up(message);
            }
            self.store();
            for message in std::mem::take(&mut self.down) {
                self.arrive_down(&message);
            }
            if self.sender.backlog() == 0 {
                return;
            }
            self.now = self.now + Millis::from_secs(1);
            self.sender.on_wake(self.now);
        }
        panic!("{} frames never arrive", self.sender.backlog());
    }
}

fn take<T: Clone>(messages: &mut Vec<T>, idx: usize, fate: Fate) -> Vec<T> {
    if messages.is_empty() {
        return vec![];
    }
    let message = messages.remove(idx % messages.len());
    match fate {
        Fate::Arrives => vec![message],
        Fate::ArrivesTwice => vec![message.clone(), message],
        Fate::IsLost => vec![],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_frame_is_stored_once_and_in_order_whatever_the_link_and_the_ends_do(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            world.step(step);
        }
        world.heal();
        prop_assert_eq!(&world.log, &(1..=world.last).collect::<Vec<_>>());
        world.pump(false);
        prop_assert!(world.outbox.is_empty(), "the outbox is pruned");
    }

    #[test]
    fn no_bytes_make_the_parsers_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = UplinkUp::from_json(&bytes);
        let _ = UplinkDown::from_json(&bytes);
    }
}

#[test]
fn a_day_without_network_is_caught_up() {
    let mut world = World::new();
    world.sender.on_disconnected();
    for _ in 0..20_000 {
        world.produce();
    }
    world.reconnect();
    world.heal();
    assert_eq!(world.log.len(), 20_000);
}
