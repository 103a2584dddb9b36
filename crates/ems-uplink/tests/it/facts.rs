//! What each end does, one fact a test.

use ems_model::{
    Alarm, AlarmKind, AlarmPriority, AlarmSignal, Frame, FrameBody, Millis, Timestamp, UnitId,
};
use ems_uplink::{
    MAX_BATCH_FRAMES, PROTOCOL, Receiver, ReceiverError, Sender, SenderError, SenderOutput,
    SenderWake, UplinkDown, UplinkUp, WINDOW_FRAMES,
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
    Frame { unit: unit(), seq, at: Timestamp::from_millis(0), incident: None, body }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

fn seqs(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|frame| frame.seq).collect()
}

fn connected(acked: u64, last: u64) -> Sender {
    let mut sender = Sender::new(unit(), acked, last);
    sender.on_connected(at(0), acked).unwrap();
    sender
}

fn transmitted(output: Option<SenderOutput>) -> Vec<u64> {
    match output {
        Some(SenderOutput::Transmit(UplinkUp::Frames { frames })) => seqs(&frames),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_frame_goes_out_as_soon_as_it_is_pushed() {
    let mut sender = connected(0, 0);
    assert_eq!((sender.poll_output(at(0)), sender.next_wake()), (None, None));
    sender.push(at(5), frame(1));
    assert_eq!(transmitted(sender.poll_output(at(5))), [1]);
    assert_eq!(sender.poll_output(at(5)), None);
    assert_eq!(sender.next_wake(), Some((at(2005), SenderWake::Retransmit)));
}

#[test]
fn a_frame_without_acknowledgement_is_sent_again_and_later_each_time() {
    let mut sender = connected(0, 0);
    sender.push(at(0), frame(1));
    let mut waits = vec![];
    let mut now = at(0);
    for _ in 0..6 {
        assert_eq!(transmitted(sender.poll_output(now)), [1]);
        let (wake, _) = sender.next_wake().unwrap();
        sender.on_wake(wake - Millis::new(1));
        assert_eq!(sender.poll_output(now), None, "an early call does nothing");
        waits.push(wake.since(now).get());
        now = wake;
        sender.on_wake(now);
    }
    assert_eq!(waits, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
    sender.on_ack(now, 1).unwrap();
    assert_eq!(sender.poll_output(now), Some(SenderOutput::Prune { through: 1 }));
    assert_eq!((sender.poll_output(now), sender.next_wake()), (None, None));
}

#[test]
fn a_long_backlog_is_loaded_a_window_at_a_time() {
    let mut sender = connected(10, 10_000);
    let load = Some(SenderOutput::Load { from: 11, to: 10 + WINDOW_FRAMES });
    assert_eq!(sender.poll_output(at(0)), load);
    assert_eq!(sender.poll_output(at(0)), None, "one load at a time");
    sender.on_loaded(at(0), (11..=10 + WINDOW_FRAMES).map(frame).collect());
    let mut sent = vec![];
    while let Some(output) = sender.poll_output(at(0)) {
        let batch = transmitted(Some(output));
        assert!(batch.len() <= MAX_BATCH_FRAMES);
        sent.extend(batch);
    }
    assert_eq!(sent, (11..=10 + WINDOW_FRAMES).collect::<Vec<_>>());
    sender.on_ack(at(9), 74).unwrap();
    assert_eq!(sender.poll_output(at(9)), Some(SenderOutput::Prune { through: 74 }));
    let (from, to) = (11 + WINDOW_FRAMES, 74 + WINDOW_FRAMES);
    assert_eq!(sender.poll_output(at(9)), Some(SenderOutput::Load { from, to }));
}

#[test]
fn a_failed_read_is_tried_again_at_the_next_wake() {
    let mut sender = connected(0, 3);
    assert!(matches!(sender.poll_output(at(0)), Some(SenderOutput::Load { from: 1, to: 3 })));
    sender.on_loaded(at(0), vec![]);
    assert_eq!(sender.poll_output(at(0)), None);
    sender.on_wake(at(2000));
    assert!(matches!(sender.poll_output(at(2000)), Some(SenderOutput::Load { from: 1, to: 3 })));
}

#[test]
fn a_centre_that_knows_more_or_less_than_it_can_is_told_so() {
    let mut sender = Sender::new(unit(), 5, 9);
    assert_eq!(
        sender.on_connected(at(0), 10),
        Err(SenderError::PeerAhead { unit: unit(), acked: 10, last: 9 })
    );
    assert_eq!(
        sender.on_connected(at(0), 4),
        Err(SenderError::PeerForgot { unit: unit(), acked: 4, pruned: 5 })
    );
    assert_eq!(sender.poll_output(at(0)), None, "it stays unconnected");
    sender.on_connected(at(0), 7).unwrap();
    assert_eq!(sender.backlog(), 2);
    assert!(sender.on_ack(at(0), 10).is_err());
}

#[test]
fn the_receiver_takes_each_frame_once_and_asks_for_a_missing_one() {
    let mut receiver = Receiver::new();
    let hello = receiver.on_hello(&unit(), 9, PROTOCOL, 2);
    assert_eq!(hello, Ok(UplinkDown::Welcome { unit: unit(), acked: 2 }));
    let resend = UplinkDown::Resend { unit: unit(), from: 5 };
    let stale = UplinkDown::Ack { unit: unit(), seq: 2 };
    for (sent, taken, n_duplicates, replies) in [
        (vec![3, 4], vec![3, 4], 0, vec![]),
        (vec![4, 6, 7], vec![], 1, vec![stale, resend]),
        (vec![8], vec![], 0, vec![]),
        (vec![5, 6], vec![5, 6], 0, vec![]),
    ] {
        let accepted = receiver.on_frames(sent.iter().copied().map(frame).collect()).unwrap();
        assert_eq!(seqs(&accepted.frames), taken, "{sent:?}");
        assert_eq!((accepted.n_duplicates, accepted.replies), (n_duplicates, replies), "{sent:?}");
    }
    assert_eq!(receiver.on_stored(&unit(), 6), Some(UplinkDown::Ack { unit: unit(), seq: 6 }));
    assert_eq!(receiver.on_stored(&unit(), 6), None);
    assert_eq!(receiver.next_expected(&unit()), Some(7));
}

#[test]
fn a_unit_that_lost_its_outbox_or_its_manners_is_refused() {
    let mut receiver = Receiver::new();
    assert_eq!(receiver.on_frames(vec![frame(1)]), Err(ReceiverError::NoHello { unit: unit() }));
    let error = receiver.on_hello(&unit(), 3, PROTOCOL, 8).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unit A103 ends at frame 3, 8 are stored: its outbox was lost, let it number new frames from 8 on"
    );
    assert!(receiver.on_hello(&unit(), 9, PROTOCOL + 1, 8).is_err());
}

#[test]
fn frames_that_could_not_be_stored_are_asked_for_again() {
    let mut receiver = Receiver::new();
    receiver.on_hello(&unit(), 9, PROTOCOL, 0).unwrap();
    receiver.on_frames(vec![frame(1), frame(2)]).unwrap();
    let resend = receiver.on_store_failed(&unit(), 0);
    assert_eq!(resend, Some(UplinkDown::Resend { unit: unit(), from: 1 }));
    let again = receiver.on_frames(vec![frame(1), frame(2)]).unwrap();
    assert_eq!(seqs(&again.frames), [1, 2]);
}
