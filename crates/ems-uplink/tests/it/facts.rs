//! What the sender does, one fact a test.

use ems_model::{
    Alarm, AlarmKind, AlarmPriority, AlarmSignal, Frame, FrameBody, Gap, GapCause, Timestamp,
    UnitId, Vitals, WaveChunk,
};
use ems_uplink::{
    MAX_BATCH_FRAMES, Portion, Ranges, Reading, Sender, SenderError, SenderOutput, WINDOW_FRAMES,
};

pub(crate) fn unit() -> UnitId {
    UnitId::new("A103").unwrap()
}

pub(crate) fn frame(seq: u64) -> Frame {
    let alarm = Alarm {
        kind: AlarmKind::LeadOff,
        priority: AlarmPriority::Low,
        is_active: true,
        value: None,
        limit: None,
        signal: AlarmSignal::On,
    };
    let body = FrameBody::Alarm { alarm };
    Frame { unit: unit(), seq, at: Timestamp::from_millis(0), incident: None, clock: None, body }
}

fn connected(acked: u64, last: u64) -> Sender {
    let held = Ranges::from_iter([(acked + 1, last)]);
    let mut sender = Sender::new(unit(), held, last);
    sender.on_connected();
    sender
}

fn transmitted(output: Option<SenderOutput>) -> (Vec<u64>, bool) {
    match output {
        Some(SenderOutput::Transmit { frames, is_backfill }) => {
            (frames.iter().map(|frame| frame.seq).collect(), is_backfill)
        }
        other => panic!("{other:?}"),
    }
}

fn reading(sender: &mut Sender) -> Reading {
    match sender.poll_output() {
        Some(SenderOutput::Load(reading)) => reading,
        other => panic!("{other:?}"),
    }
}

/// Alarms are asked for, up to the last of these, and given.
fn load(sender: &mut Sender, seqs: std::ops::RangeInclusive<u64>) {
    let reading = reading(sender);
    assert_eq!((reading.portion, reading.after + 1), (Portion::Alarms, *seqs.start()));
    sender.on_loaded(reading, Some(seqs.map(frame).take(reading.limit).collect()));
}

fn wave(seq: u64) -> Frame {
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![1], beats: vec![] };
    Frame { body: FrameBody::Wave(chunk), ..frame(seq) }
}

fn vitals(seq: u64) -> Frame {
    let body = FrameBody::Vitals { vitals: Vitals::default(), news2: None, scores: vec![] };
    Frame { body, ..frame(seq) }
}

#[test]
fn a_frame_goes_out_as_soon_as_it_is_pushed() {
    let mut sender = connected(0, 0);
    assert_eq!(sender.poll_output(), None);
    sender.push(frame(1));
    assert_eq!(transmitted(sender.poll_output()), (vec![1], false));
    assert_eq!(sender.poll_output(), None);
}

#[test]
fn a_new_frame_passes_a_backlog() {
    let mut sender = connected(0, 100_000);
    load(&mut sender, 1..=WINDOW_FRAMES);
    assert_eq!(transmitted(sender.poll_output()), ((1..=64).collect(), true));
    sender.push(frame(100_001));
    assert_eq!(transmitted(sender.poll_output()), (vec![100_001], false));
    assert_eq!(transmitted(sender.poll_output()), ((65..=128).collect(), true));
}

#[test]
fn no_more_of_a_backlog_is_on_its_way_than_the_window() {
    let mut sender = connected(0, 100_000);
    load(&mut sender, 1..=WINDOW_FRAMES);
    for _ in 0..WINDOW_FRAMES as usize / MAX_BATCH_FRAMES {
        assert!(transmitted(sender.poll_output()).1);
    }
    assert_eq!(sender.poll_output(), None);
    sender.on_stored(1, 127).unwrap();
    assert_eq!(sender.poll_output(), Some(SenderOutput::Forget { from: 1, to: 127 }));
    assert_eq!(sender.poll_output(), None, "it reads when half of the window is free");
    sender.on_stored(128, 128).unwrap();
    assert_eq!(sender.poll_output(), Some(SenderOutput::Forget { from: 128, to: 128 }));
    load(&mut sender, 257..=384);
}

#[test]
fn what_was_not_stored_goes_again_on_a_new_connection_and_the_rest_does_not() {
    let mut sender = connected(0, 0);
    (1..=5).for_each(|seq| sender.push(frame(seq)));
    assert_eq!(transmitted(sender.poll_output()), (vec![1, 2, 3, 4, 5], false));
    sender.on_stored(2, 3).unwrap();
    assert_eq!(sender.poll_output(), Some(SenderOutput::Forget { from: 2, to: 3 }));
    sender.on_connected();
    let reading = reading(&mut sender);
    sender.on_loaded(reading, Some(vec![frame(1), frame(4), frame(5)]));
    assert_eq!(transmitted(sender.poll_output()), (vec![1, 4, 5], true));
    assert_eq!(sender.backlog(), 3);
    assert_eq!(sender.poll_output(), None);
}

#[test]
fn a_backlog_goes_portion_by_portion() {
    let mut sender = connected(0, 6);
    let frames = [wave(1), vitals(2), frame(3), wave(4), vitals(5)];
    let gap = Gap { first: 6, last: 6, cause: GapCause::Expired };
    let mut sent = Vec::new();
    for portion in Portion::ALL {
        let reading = reading(&mut sender);
        assert_eq!(reading, Reading { portion, after: 0, limit: reading.limit });
        if portion == Portion::Gaps {
            sender.on_gaps_loaded(reading, Some(vec![gap]));
            assert_eq!(sender.poll_output(), Some(SenderOutput::GiveUp { gaps: vec![gap] }));
            continue;
        }
        let of_it = frames.iter().filter(|frame| Portion::of(&frame.body) == portion).cloned();
        sender.on_loaded(reading, Some(of_it.collect()));
        if portion != Portion::Records {
            sent.extend(transmitted(sender.poll_output()).0);
        }
    }
    assert_eq!(sent, [3, 2, 5, 1, 4]);
    assert_eq!(sender.poll_output(), None);
}

#[test]
fn what_was_given_up_is_told_until_the_centre_has_stored_it() {
    let mut sender = connected(0, 5);
    let gap = Gap { first: 1, last: 5, cause: GapCause::NoSpace };
    for _ in 0..2 {
        while let Some(SenderOutput::Load(reading)) = sender.poll_output() {
            if reading.portion == Portion::Gaps {
                sender.on_gaps_loaded(reading, Some(vec![gap]));
                break;
            }
            sender.on_loaded(reading, Some(vec![]));
        }
        assert_eq!(sender.poll_output(), Some(SenderOutput::GiveUp { gaps: vec![gap] }));
        assert_eq!(sender.backlog(), 5);
        sender.on_connected();
    }
    sender.on_stored(1, 5).unwrap();
    assert_eq!(sender.backlog(), 0);
    assert_eq!(sender.poll_output(), Some(SenderOutput::Forget { from: 1, to: 5 }));
    assert_eq!(sender.poll_output(), None);
}

#[test]
fn a_frame_that_was_refused_and_given_up_is_told() {
    let mut sender = connected(0, 0);
    sender.push(wave(1));
    assert_eq!(transmitted(sender.poll_output()), (vec![1], false));
    sender.on_given_up();
    assert_eq!(sender.poll_output(), None, "it may still arrive");
    sender.on_refused(&wave(1));
    let mut asked = Vec::new();
    while let Some(SenderOutput::Load(reading)) = sender.poll_output() {
        asked.push(reading.portion);
        if reading.portion != Portion::Gaps {
            sender.on_loaded(reading, Some(vec![]));
            continue;
        }
        let gap = Gap { first: 1, last: 1, cause: GapCause::NoSpace };
        sender.on_gaps_loaded(reading, Some(vec![gap]));
        assert_eq!(sender.poll_output(), Some(SenderOutput::GiveUp { gaps: vec![gap] }));
    }
    assert!(asked.contains(&Portion::Gaps));
}

#[test]
fn a_read_that_failed_is_asked_for_again() {
    let mut sender = connected(0, 3);
    for _ in 0..2 {
        let reading = reading(&mut sender);
        assert_eq!(reading, Reading { portion: Portion::Alarms, after: 0, limit: 256 });
        assert_eq!(sender.poll_output(), None, "once at a time");
        sender.on_loaded(reading, None);
    }
    load(&mut sender, 1..=3);
}

#[test]
fn what_its_carrier_did_not_take_is_read_again() {
    let mut sender = connected(0, 0);
    sender.push(frame(1));
    assert_eq!(transmitted(sender.poll_output()), (vec![1], false));
    sender.on_refused(&frame(1));
    load(&mut sender, 1..=1);
    assert_eq!(transmitted(sender.poll_output()), (vec![1], true));
}

#[test]
fn in_a_hole_new_frames_stay_in_the_outbox_and_what_flies_is_not_sent_again() {
    let mut sender = connected(0, 0);
    sender.push(frame(1));
    assert_eq!(transmitted(sender.poll_output()), (vec![1], false));
    sender.push(frame(2));
    sender.on_paused();
    sender.push(frame(3));
    assert_eq!(sender.poll_output(), None);
    sender.on_resumed();
    sender.push(frame(4));
    assert_eq!(transmitted(sender.poll_output()), (vec![4], false));
    load(&mut sender, 1..=4);
    assert_eq!(transmitted(sender.poll_output()), (vec![2, 3], true));
}

#[test]
fn a_unit_that_cannot_keep_up_holds_few_frames_in_memory() {
    let mut sender = connected(0, 0);
    (1..=10_000).for_each(|seq| sender.push(frame(seq)));
    let mut live = 0;
    while let Some(SenderOutput::Transmit { frames, is_backfill: false }) = sender.poll_output() {
        live += frames.len();
    }
    assert_eq!(live, 256);
}

#[test]
fn a_centre_that_has_what_was_never_sent_is_told_apart() {
    let mut sender = connected(3, 9);
    let error = SenderError::PeerAhead { unit: unit(), acked: 10, last: 9 };
    assert_eq!(sender.on_stored(10, 10), Err(error.clone()));
    assert_eq!(
        error.to_string(),
        "centre has frame 10 of A103, the outbox ends at 9: the outbox was lost, number new frames from 10 on"
    );
    assert_eq!(sender.backlog(), 6);
}
