#![no_main]
//! Packets of a link, each after its length, with pauses between: an end takes or refuses them, its
//! memory stays within its limits, and what was read is written as it was.
use ems_fuzz::START;
use ems_model::Micros;
use ems_uplink::{Class, LinkId, Packet, Session, SessionOutput};
use libfuzzer_sys::fuzz_target;

/// More packets are not taken from an input.
const PACKETS_MAX: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let mut now = START;
    let mut session = Session::new(now);
    (0..2).for_each(|link| session.on_link_up(now, LinkId(link)));
    session.push(now, Class::Vitals, vec![7; 400]).expect("it is empty");
    let mut rest = bytes;
    for _ in 0..PACKETS_MAX {
        let Some((head, after)) = rest.split_first_chunk::<3>() else { break };
        let [link, pause, len] = *head;
        let (packet, after) = after.split_at(usize::from(len).min(after.len()));
        rest = after;
        now = now + Micros::from_millis(i64::from(pause));
        let _ = session.on_packet(now, LinkId(link % 3), packet);
        session.on_wake(now);
        turn(&mut session, now);
    }
});

fn turn(session: &mut Session, now: ems_model::Timestamp) {
    while let Some(output) = session.poll_output(now) {
        match output {
            SessionOutput::Packet { bytes, .. } => {
                assert!(bytes.len() <= 1160, "a packet fits a datagram");
                Packet::parse(&bytes).expect("what is sent can be read");
            }
            SessionOutput::Frame { bytes, .. } => assert!(bytes.len() <= 1 << 20),
            SessionOutput::PeerBegan { .. } => {}
        }
    }
}
