//! A hole that a map foretells: urgent frames go over a second link from two seconds before it.

use ems_coverage::{Coverage, Grid, Need, Quantity, Reading};
use ems_model::{Micros, Millis, Position, Timestamp};
use ems_netem::{Link, LinkConfig};
use ems_uplink::{Class, LinkId, Session, SessionOutput};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const FRAME_BYTES: usize = 400;

/// A way north, a second every 20 m, on which the first network has a hole from 10 to 16 s.
fn hole_ahead() -> (Millis, Millis) {
    let place = |s: i64| Position::from_e7(359_000_000 + 1_800 * s as i32, 145_000_000).unwrap();
    let mut map = Coverage::new(Grid::new(50).unwrap());
    for s in 0..30 {
        let value = if (10..16).contains(&s) { 0.0 } else { 20_000.0 };
        let (position, quantity) = (place(s), Quantity::Throughput);
        let reading = Reading { position, hour: None, quantity, value, is_at_least: false };
        (0..5_000).for_each(|_| map.add("5g-a", &reading));
    }
    let way: Vec<_> = (0..30).map(|s| (place(s), Millis::from_secs(s))).collect();
    map.ahead(&["5g-a"], &way, &Need { kbps: 100.0, hour: None }).unwrap().hole.unwrap()
}

/// Packets with a vital frame in them that were sent in each second, of 20 frames a second.
fn packets_a_second(outlook: Option<(Millis, Millis)>) -> Vec<usize> {
    let ways_ms = [20, 35];
    let links = |seed: u64| {
        let link =
            |ms| Link::new(LinkConfig::steady(4_000_000, Micros::from_millis(ms)), START, seed);
        ways_ms.map(link)
    };
    let (mut forth, mut back) = (links(1), links(2));
    let mut ends = [0, 1].map(|_| Session::new(START));
    for end in &mut ends {
        (0..2).for_each(|link| end.on_link_up(START, LinkId(link)));
    }
    let hole = outlook.map(|(from, until)| (START + from, START + until));
    ends[0].on_outlook(LinkId(0), hole);
    let mut sent = vec![0; 25];
    for ms in 0..25_000 {
        let now = START + Millis::new(ms);
        if ms % 50 == 0 {
            ends[0].push(now, Class::Vitals, vec![7; FRAME_BYTES]).unwrap();
        }
        let [one, other] = &mut ends;
        let second = usize::try_from(ms / 1000).unwrap();
        sent[second] += carry(&mut forth, one, other, now);
        carry(&mut back, other, one, now);
    }
    sent
}

/// Carries what there is, and counts packets that hold a frame.
fn carry(
    ways: &mut [Link<Vec<u8>>; 2],
    from: &mut Session,
    to: &mut Session,
    now: Timestamp,
) -> usize {
    from.on_wake(now);
    let mut n_full = 0;
    while let Some(output) = from.poll_output(now) {
        if let SessionOutput::Packet { link, bytes } = output {
            n_full += usize::from(bytes.len() >= FRAME_BYTES);
            let _ = ways[usize::from(link.0)].push(now, bytes.len(), bytes);
        }
    }
    for (idx, way) in ways.iter_mut().enumerate() {
        while let Some(bytes) = way.poll_output(now) {
            to.on_packet(now, LinkId(idx as u8), &bytes).unwrap();
        }
    }
    n_full
}

#[test]
fn frames_are_doubled_from_two_seconds_before_a_foretold_hole_until_its_end() {
    let hole = hole_ahead();
    let (from, until) = (hole.0.get() / 1000, hole.1.get() / 1000);
    assert!((8..=11).contains(&from) && (15..=18).contains(&until), "{hole:?}");
    let (with, without) = (packets_a_second(Some(hole)), packets_a_second(None));
    for second in 2..25 {
        let is_doubled = (from - 2..until).contains(&second);
        let second = usize::try_from(second).unwrap();
        let wanted = if is_doubled { 40 } else { 20 };
        assert_eq!((with[second], without[second]), (wanted, 20), "second {second}");
    }
}
