//! What the sender does, one fact a test.

use ems_model::{
    Alarm, AlarmKind, AlarmPriority, AlarmSignal, Frame, FrameBody, Timestamp, UnitId,
};
use ems_uplink::{MAX_BATCH_FRAMES, Sender, SenderError, SenderOutput, WINDOW_FRAMES};

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
    Frame { unit: unit(), seq, at: Timestamp::from_millis(0), incident: None, body }
}

fn connected(acked: u64, last: u64) -> Sender {
    let mut sender = Sender::new(unit(), acked, last);
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

fn load(sender: &mut Sender, seqs: std::ops::RangeInclusive<u64>) {
    let (from, to) = (*seqs.start(), *seqs.end());
    assert_eq!(sender.poll_output(), Some(SenderOutput::Load { from, to }));
    sender.on_loaded(from, to, Some(seqs.map(frame).collect()));
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
    load(&mut sender, 1..=1);
    assert_eq!(transmitted(sender.poll_output()), (vec![1], true));
    load(&mut sender, 4..=5);
    assert_eq!(transmitted(sender.poll_output()), (vec![4, 5], true));
    assert_eq!(sender.backlog(), 3);
}

#[test]
fn numbers_that_the_outbox_has_forgotten_are_passed_over() {
    let mut sender = connected(0, 600);
    assert_eq!(sender.poll_output(), Some(SenderOutput::Load { from: 1, to: 256 }));
    sender.on_loaded(1, 256, Some(vec![frame(7)]));
    assert_eq!(transmitted(sender.poll_output()), (vec![7], true));
    assert_eq!(sender.poll_output(), Some(SenderOutput::Load { from: 257, to: 511 }));
    assert_eq!(sender.backlog(), 345);
}

#[test]
fn a_read_that_failed_is_asked_for_again() {
    let mut sender = connected(0, 3);
    for _ in 0..2 {
        assert_eq!(sender.poll_output(), Some(SenderOutput::Load { from: 1, to: 3 }));
        assert_eq!(sender.poll_output(), None, "once at a time");
        sender.on_loaded(1, 3, None);
    }
    load(&mut sender, 1..=3);
}

#[test]
fn what_its_carrier_did_not_take_is_read_again() {
    let mut sender = connected(0, 0);
    sender.push(frame(1));
    assert_eq!(transmitted(sender.poll_output()), (vec![1], false));
    sender.on_refused(1);
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
    load(&mut sender, 2..=3);
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
