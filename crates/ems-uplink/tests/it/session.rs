//! What a session promises, over links that a test breaks as it likes.

use std::collections::{BTreeMap, VecDeque};

use ems_model::{Micros, Timestamp};
use ems_uplink::{
    Class, LinkId, LinkStanding, Number, Packet, PacketError, ParityOf, PushError, Section,
    Session, SessionOutput,
};
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn ms(millis: i64) -> Micros {
    Micros::from_millis(millis)
}

/// Two ends and the packets between them.
struct Road {
    now: Timestamp,
    one: Session,
    other: Session,
    /// Each link's delay.
    delays: Vec<Micros>,
    /// Packets under way: when they arrive, to which end, over which link.
    flying: VecDeque<(Timestamp, bool, LinkId, Vec<u8>)>,
    /// Frames that the other end gave.
    come: Vec<(Timestamp, Class, Vec<u8>)>,
    n_bytes: usize,
}

impl Road {
    fn new(delays: &[i64]) -> Self {
        let mut road = Self {
            now: START,
            one: Session::new(START),
            other: Session::new(START + Micros::new(7)),
            delays: delays.iter().map(|delay| ms(*delay)).collect(),
            flying: VecDeque::new(),
            come: Vec::new(),
            n_bytes: 0,
        };
        for link in 0..delays.len() {
            road.one.on_link_up(START, LinkId(link as u8));
            road.other.on_link_up(START, LinkId(link as u8));
        }
        road
    }

    /// Goes on until `until`; `lets` says which packets arrive, and how often.
    fn run(&mut self, until: Timestamp, mut lets: impl FnMut(Timestamp, bool, LinkId) -> usize) {
        loop {
            self.transmit(&mut lets);
            let arrival = self.flying.iter().map(|packet| packet.0).min();
            let wakes = [self.one.next_wake(), self.other.next_wake()];
            let wake = wakes.into_iter().flatten().map(|wake| wake.0).chain(arrival).min();
            let Some(at) = wake.filter(|at| *at <= until) else { break };
            self.now = self.now.max(at);
            self.arrive();
            self.one.on_wake(self.now);
            self.other.on_wake(self.now);
        }
        self.now = until;
    }

    fn arrive(&mut self) {
        let due = |packet: &(Timestamp, bool, LinkId, Vec<u8>)| packet.0 <= self.now;
        while let Some(idx) = self.flying.iter().position(due) {
            let (_, is_up, link, bytes) = self.flying.remove(idx).unwrap();
            let end = if is_up { &mut self.other } else { &mut self.one };
            end.on_packet(self.now, link, &bytes).unwrap();
        }
    }

    fn transmit(&mut self, lets: &mut impl FnMut(Timestamp, bool, LinkId) -> usize) {
        for is_up in [true, false] {
            let end = if is_up { &mut self.one } else { &mut self.other };
            while let Some(output) = end.poll_output(self.now) {
                match output {
                    SessionOutput::Packet { link, bytes } => {
                        assert!(bytes.len() <= 1160, "{} bytes", bytes.len());
                        self.n_bytes += bytes.len();
                        let due = self.now + self.delays[usize::from(link.0)];
                        for copy in 0..lets(self.now, is_up, link) {
                            let due = due + ms(3 * copy as i64);
                            self.flying.push_back((due, is_up, link, bytes.clone()));
                        }
                    }
                    SessionOutput::Frame { class, bytes } => {
                        self.come.push((self.now, class, bytes));
                    }
                    SessionOutput::PeerBegan { .. } => {}
                }
            }
        }
    }
}

#[test]
fn a_late_answer_sends_a_copy_over_the_other_link_in_time() {
    let mut road = Road::new(&[20, 35]);
    road.run(START + ms(500), |_, _, _| 1);
    let dead = |_: Timestamp, _: bool, link: LinkId| usize::from(link != LinkId(0));
    for idx in 0..40_u8 {
        road.one.push(road.now, Class::Vitals, vec![idx; 400]).unwrap();
        road.run(road.now + ms(50), dead);
    }
    road.run(road.now + ms(500), dead);
    assert_eq!(road.come.len(), 40);
    for (at, _, bytes) in &road.come {
        let pushed = START + ms(500 + 50 * i64::from(bytes[0]));
        assert!(at.micros_since(pushed) <= ms(150), "frame {}: {at:?}", bytes[0]);
    }
    let report = road.one.link_report(LinkId(0)).unwrap();
    assert!(matches!(report.standing, LinkStanding::Suspect(_)));
    assert!(road.n_bytes < 40 * 400 * 13 / 10, "{} bytes", road.n_bytes);
    // The link comes back: it is found, and used again.
    road.run(road.now + ms(1_000), |_, _, _| 1);
    assert_eq!(road.one.link_report(LinkId(0)).unwrap().standing, LinkStanding::Good);
}

#[test]
fn a_link_that_slows_down_beside_a_video_makes_no_vital_frame_late() {
    let mut road = Road::new(&[20, 35]);
    road.run(START + ms(500), |_, _, _| 1);
    for idx in 0..60_u8 {
        road.one.push(road.now, Class::Video, vec![255; 20_000]).unwrap();
        for step in 0..10 {
            if step == 1 {
                road.one.push(road.now, Class::Vitals, vec![idx; 400]).unwrap();
            }
            road.run(road.now + ms(5), |_, _, _| 1);
            if (20..28).contains(&idx) {
                road.delays[0] = road.delays[0] + ms(10);
            }
        }
    }
    road.run(road.now + ms(500), |_, _, _| 1);
    let vitals = road.come.iter().filter(|come| come.1 == Class::Vitals);
    let delays = vitals
        .map(|(at, _, bytes)| at.micros_since(START + ms(505) + ms(50 * i64::from(bytes[0]))));
    let delays: Vec<_> = delays.collect();
    assert_eq!(delays.len(), 60);
    let longest = delays.into_iter().max().unwrap();
    assert!(longest <= ms(150), "{longest:?}");
}

#[test]
fn nothing_is_lost_while_no_link_carries() {
    let mut road = Road::new(&[20, 35]);
    road.run(START + ms(500), |_, _, _| 1);
    for idx in 0..200_u8 {
        road.one.push(road.now, Class::Vitals, vec![idx; 400]).unwrap();
        road.one.push(road.now, Class::Waveform, vec![idx; 2000]).unwrap();
        road.run(road.now + ms(50), |_, _, _| 0);
    }
    let back = road.now;
    road.run(back + ms(5_000), |_, _, _| 1);
    let last = road.come.iter().map(|frame| frame.0).max().unwrap();
    assert_eq!(road.come.len(), 400);
    assert!(last.micros_since(back) < ms(2_000), "{:?}", last.micros_since(back));
}

#[test]
fn a_frame_of_many_round_trips_comes_whole() {
    let mut road = Road::new(&[40]);
    road.run(START + ms(500), |_, _, _| 1);
    for class in [Class::Image, Class::Record] {
        let frame: Vec<u8> = (0..600_000_u32).map(|idx| (idx / 7) as u8).collect();
        road.one.push(road.now, class, frame.clone()).unwrap();
        road.run(road.now + ms(3_000), |_, _, _| 1);
        let (_, come, bytes) = road.come.pop().unwrap();
        assert!(come == class && bytes == frame, "{}", class.name());
    }
}

#[test]
fn while_the_signal_of_the_best_link_fades_frames_go_over_two() {
    let mut road = Road::new(&[20, 35]);
    road.run(START + ms(500), |_, _, _| 1);
    for idx in 0..20_u8 {
        road.one.on_signal(road.now, LinkId(0), if idx < 10 { -100.0 } else { -120.0 });
        road.one.push(road.now, Class::Vitals, vec![idx; 400]).unwrap();
        road.run(road.now + ms(50), |_, _, _| 1);
    }
    road.run(road.now + ms(100), |_, _, _| 1);
    assert_eq!((road.come.len(), road.other.counts().n_duplicates), (20, 10));
}

#[test]
fn parity_brings_pictures_over_a_long_link_that_loses_much() {
    let mut road = Road::new(&[180]);
    let mut state = 99_u64;
    let mut lets = move |_: Timestamp, is_up: bool, _: LinkId| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::from(!is_up || state >> 33 & 0xff >= 13)
    };
    road.run(START + ms(2_000), &mut lets);
    for idx in 0..200_u8 {
        road.one.push(road.now, Class::Video, vec![idx; 15_000]).unwrap();
        road.run(road.now + ms(40), &mut lets);
    }
    road.run(road.now + ms(1_000), &mut lets);
    // One packet of twenty is lost, and to ask again takes longer than a picture is worth. The
    // first ones go before the link is known to lose.
    let late = road.come.iter().filter(|frame| frame.2[0] >= 60).count();
    assert!(late >= 120, "{late} of 140, without parity it would be half of them");
    assert!(road.come.iter().all(|frame| frame.2 == vec![frame.2[0]; 15_000]));
}

#[test]
fn an_end_that_begins_anew_is_greeted_and_its_past_is_refused() {
    let mut road = Road::new(&[20]);
    road.one.push(START, Class::Command, b"first".to_vec()).unwrap();
    road.run(START + ms(500), |_, _, _| 1);
    let mut before = std::mem::replace(&mut road.one, Session::new(road.now));
    road.one.on_link_up(road.now, LinkId(0));
    road.one.push(road.now, Class::Command, b"second".to_vec()).unwrap();
    // The new end answers before the old hello is through: one round trip and a bit.
    road.run(road.now + ms(70), |_, _, _| 1);
    let frames: Vec<_> = road.come.iter().map(|frame| frame.2.as_slice()).collect();
    assert_eq!(frames, [b"first".as_slice(), b"second"]);
    before.push(road.now, Class::Command, b"ghost".to_vec()).unwrap();
    let ghost = loop {
        match before.poll_output(road.now) {
            Some(SessionOutput::Packet { bytes, .. }) => break bytes,
            Some(_) => {}
            None => panic!("the old end has something to say"),
        }
    };
    let refused = road.other.on_packet(road.now, LinkId(0), &ghost);
    assert!(matches!(refused, Err(PacketError::UnknownEpoch { .. })), "{refused:?}");
}

/// What marks packets of epoch 9.
const MARK_OF_9: u8 = 16;

#[test]
fn a_stranger_cannot_make_memory_grow() {
    let mut end = Session::new(START);
    end.on_link_up(START, LinkId(0));
    let bytes = [7; 1000];
    let (mut number, mut n_taken) = (0, 0);
    for class in Class::ALL {
        // Frames that never end, each piece the next; then a piece far ahead.
        for piece in 0..20_000 {
            let data = |number| Section::Data {
                class,
                is_first: piece == 0,
                is_last: false,
                number: Number::whole(number),
                back: number.min(8_191),
                bytes: &bytes,
            };
            let hello = Section::Hello { epoch: 9 };
            let sections = vec![hello.clone(), data(piece + 1)];
            let packet = Packet { mark: MARK_OF_9, number: Number::whole(number), sections };
            n_taken += usize::from(end.on_packet(START, LinkId(0), &packet.print()).is_ok());
            number += 1;
            while end.poll_output(START).is_some() {}
        }
    }
    // 4 MiB a class and no more.
    assert!(n_taken <= 10 * 4_195, "{n_taken} pieces of 1,000 bytes");
    assert!(n_taken >= 10 * 4_000, "{n_taken} pieces of 1,000 bytes");
}

#[test]
fn what_does_not_fit_is_refused_with_the_reason() {
    let mut end = Session::new(START);
    assert_eq!(end.push(START, Class::Alarm, vec![]), Err(PushError::Size { n_bytes: 0 }));
    assert!(end.push(START, Class::Alarm, vec![0; 200_000]).is_ok());
    let error = end.push(START, Class::Alarm, vec![0; 100_000]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "200000 bytes of class alarm wait, 262144 may: send less or keep it for later"
    );
    // What expires makes room by itself.
    for second in 0..100 {
        let now = START + ms(1000 * second);
        end.push(now, Class::Voice, vec![0; 50_000]).unwrap();
    }
}

/// A kind, two numbers, content, and lengths with gaps.
type Parts = (u8, u64, u64, Vec<u8>, Vec<(u64, u64)>);

fn section() -> impl Strategy<Value = Parts> {
    let ranges = prop::collection::vec((0..1_000_u64, 0..1_000_u64), 1..16);
    (0..15_u8, 0..1_u64 << 61, any::<u64>(), prop::collection::vec(any::<u8>(), 0..300), ranges)
}

/// A section out of arbitrary parts.
fn built((kind, number, other, bytes, gaps): &Parts) -> Section<'_> {
    let class = Class::ALL[usize::from(kind % 10)];
    match kind {
        13 => {
            let of = ParityOf {
                place: (*other % 16) as u8,
                n_data: (*other % 64) as u8 + 1,
                n_last_bytes: 9,
            };
            let (number, back) = (Number::within(*number, other % 9_000), other % (number + 1));
            Section::Parity { class, number, back, of, bytes }
        }
        10 => Section::Ping,
        11 => Section::Hello { epoch: *other },
        14 => Section::Clock { now_us: *other },
        12 => {
            let mut last = number + 100_000;
            let ranges = gaps.iter().map(|(length, gap)| {
                let range = (last - length, last);
                last = last.saturating_sub(length + gap + 2);
                range
            });
            let ranges = ranges.collect();
            let received_us = (*other >> 32) as u32;
            Section::Ack { tag: *other as u16, ranges, delay_us: *number, received_us }
        }
        _ => {
            let (is_first, is_last) = (other & 1 == 1, other & 2 == 2);
            Section::Data {
                class,
                is_first,
                is_last,
                number: Number::within(*number, other % 9_000),
                back: (other % (number + 1)) >> (other % 63),
                bytes,
            }
        }
    }
}

/// A draw of a hundred, seeded.
fn chance(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state % 100
}

/// Takes each of `come` out of `sent`; gives one that is not there.
fn stranger(mut sent: Vec<Vec<u8>>, come: &[Vec<u8>]) -> Option<usize> {
    come.iter().position(|frame| match sent.iter().position(|known| known == frame) {
        Some(at) => {
            sent.swap_remove(at);
            false
        }
        None => true,
    })
}

fn packets() -> impl Strategy<Value = Vec<(Vec<u8>, bool)>> {
    prop::collection::vec((prop::collection::vec(any::<u8>(), 0..80), any::<bool>()), 1..40)
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(
        mark in 0..32_u8,
        number in 0..1_u64 << 61,
        reach in 0..1_u64 << 30,
        parts in prop::collection::vec(section(), 0..3),
    ) {
        let number = Number::within(number, reach);
        let packet = Packet { mark, number, sections: parts.iter().map(built).collect() };
        let bytes = packet.print();
        prop_assert_eq!(Packet::parse(&bytes).unwrap(), packet);
    }

    #[test]
    fn no_bytes_make_an_end_panic(
        packets in packets(),
        parts in prop::collection::vec(section(), 1..20),
    ) {
        let mut end = Session::new(START);
        end.on_link_up(START, LinkId(0));
        let _ = end.push(START, Class::Vitals, vec![1; 3000]);
        for ((bytes, is_framed), part) in packets.iter().zip(parts.iter().cycle()) {
            let mut bytes = bytes.clone();
            if *is_framed {
                let sections = vec![Section::Hello { epoch: 9 }, built(part)];
                let number = Number::within(part.1 % 50, part.2 % 99);
                bytes = Packet { mark: MARK_OF_9, number, sections }.print();
            }
            let _ = end.on_packet(START, LinkId(0), &bytes);
            while end.poll_output(START).is_some() {}
        }
    }

    #[test]
    fn every_frame_comes_once_and_in_order_where_that_is_asked(
        seed in any::<u64>(),
        frames in prop::collection::vec((0..10_usize, 1..5_000_usize), 1..60),
        loss in 0..40_u64,
    ) {
        let mut road = Road::new(&[15, 40]);
        let mut state = seed | 1;
        let mut lets = move |_: Timestamp, _: bool, _: LinkId| match chance(&mut state) {
            draw if draw < loss => 0,
            draw if draw > 90 => 2,
            _ => 1,
        };
        let mut sent: BTreeMap<Class, Vec<Vec<u8>>> = BTreeMap::new();
        for (idx, (class, n_bytes)) in frames.iter().enumerate() {
            let mut frame = vec![idx as u8; *n_bytes];
            frame[n_bytes / 2] ^= 0x55;
            let class = Class::ALL[*class];
            road.one.push(road.now, class, frame.clone()).unwrap();
            sent.entry(class).or_default().push(frame);
            road.run(road.now + ms(7), &mut lets);
        }
        road.run(road.now + ms(30_000), &mut lets);
        for (class, sent) in sent {
            let come = road.come.iter().filter(|frame| frame.1 == class);
            let come: Vec<Vec<u8>> = come.map(|frame| frame.2.clone()).collect();
            prop_assert_eq!(stranger(sent.clone(), &come), None, "{}", class.name());
            let is_whole = come.len() == sent.len() || class.traits().expires;
            prop_assert!(is_whole, "{}: {} of {}", class.name(), come.len(), sent.len());
            prop_assert!(!class.traits().is_ordered || come == sent, "{}", class.name());
        }
    }
}

#[test]
fn frames_of_one_packet_come_in_the_order_in_which_they_were_pushed() {
    let mut road = Road::new(&[20]);
    road.run(START + ms(500), |_, _, _| 1);
    for idx in 0..4_u8 {
        road.one.push(road.now, Class::Vitals, vec![idx; 100]).unwrap();
    }
    road.run(road.now + ms(500), |_, _, _| 1);
    let order: Vec<u8> = road.come.iter().map(|frame| frame.2[0]).collect();
    assert_eq!(order, [0, 1, 2, 3]);
}
