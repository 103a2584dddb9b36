//! The other end's clock, told by a session over emulated links.

use ems_model::{Micros, Seen, Timestamp, joint_uncertainty};
use ems_netem::{Interruption, InterruptionKind, Link, LinkConfig, Loss};
use ems_uplink::{Class, LinkId, Session, SessionOutput};

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// A clock against true time: so far ahead, so much faster, and set once by so much.
#[derive(Clone, Copy)]
struct Skew {
    ahead: Micros,
    drift_ppm: i64,
    step: (Micros, Timestamp),
}

impl Skew {
    fn at(&self, truth: Timestamp) -> Timestamp {
        let passed = truth.micros_since(START).get();
        let stepped = if truth >= self.step.1 { self.step.0 } else { Micros::ZERO };
        truth + self.ahead + stepped + Micros::new(passed * self.drift_ppm / 1_000_000)
    }
}

struct End {
    session: Session,
    skew: Skew,
}

impl End {
    fn new(skew: Skew, n_links: u8) -> Self {
        let mut session = Session::new(skew.at(START));
        (0..n_links).for_each(|link| session.on_link_up(skew.at(START), LinkId(link)));
        Self { session, skew }
    }

    fn packets(&mut self, truth: Timestamp) -> Vec<(LinkId, Vec<u8>)> {
        let now = self.skew.at(truth);
        self.session.on_wake(now);
        let outputs = std::iter::from_fn(|| self.session.poll_output(now));
        let packets = outputs.filter_map(|output| match output {
            SessionOutput::Packet { link, bytes } => Some((link, bytes)),
            _ => None,
        });
        packets.collect()
    }
}

/// What was told in a run: how often, how often it was wrong, and the mean of what it may be off.
#[derive(Debug)]
struct Told {
    n: u32,
    n_wrong: u32,
    mean_uncertainty_ms: f64,
    mean_off_ms: f64,
}

/// Two ends and what is between them.
struct Pair {
    forth: Vec<Link<Vec<u8>>>,
    back: Vec<Link<Vec<u8>>>,
    ends: [End; 2],
}

impl Pair {
    /// Over links of so many ms there and back.
    fn new(ways: &[(i64, i64)], jitter_ms: i64, skews: [Skew; 2], seed: u64) -> Self {
        let numbered = || (0..).zip(ways);
        let link = |ms, idx, seed| link(ms, jitter_ms, idx, seed);
        let forth = numbered().map(|(idx, way)| link(way.0, idx, seed)).collect();
        let back = numbered().map(|(idx, way)| link(way.1, idx, seed + 100)).collect();
        Self { forth, back, ends: skews.map(|skew| End::new(skew, ways.len() as u8)) }
    }

    /// A millisecond, the `ms`th: vital signs are sent every 50.
    fn step(&mut self, truth: Timestamp, ms: i64) {
        let [one, other] = &mut self.ends;
        if ms % 50 == 0 {
            one.session.push(one.skew.at(truth), Class::Vitals, vec![7; 400]).unwrap();
        }
        carry(&mut self.forth, one, other, truth);
        carry(&mut self.back, other, one, truth);
    }

    /// What happens at `truth`, as the first end tells it by the second one's clock.
    fn seen(&self, truth: Timestamp) -> Seen {
        let [one, _] = &self.ends;
        let own = one.skew.at(truth);
        Seen::elsewhere(own, one.session.clock().offset(own))
    }
}

fn link(ms: i64, jitter_ms: i64, idx: u64, seed: u64) -> Link<Vec<u8>> {
    let black = Interruption {
        from: Micros::from_millis(20_000),
        to: Micros::from_millis(27_000),
        kind: InterruptionKind::Blackout,
    };
    let config = LinkConfig {
        jitter: Micros::from_millis(jitter_ms.min(ms)),
        loss: Loss::Single(0.01),
        // All links but the first are black for seven seconds.
        interruptions: if idx > 0 { vec![black] } else { vec![] },
        ..LinkConfig::steady(4_000_000, Micros::from_millis(ms))
    };
    Link::new(config, START, seed + idx)
}

/// Two ends over links for `seconds` in steps of a millisecond.
fn drive(ways: &[(i64, i64)], jitter_ms: i64, skews: [Skew; 2], seconds: i64, seed: u64) -> Told {
    let mut pair = Pair::new(ways, jitter_ms, skews, seed);
    let mut told = Told { n: 0, n_wrong: 0, mean_uncertainty_ms: 0.0, mean_off_ms: 0.0 };
    for ms in 0..seconds * 1000 {
        let truth = START + Micros::from_millis(ms);
        pair.step(truth, ms);
        told.look(&pair.ends, truth);
    }
    told.mean_uncertainty_ms /= f64::from(told.n);
    told.mean_off_ms /= f64::from(told.n);
    told
}

/// What one end sends goes over the links, and what has come out of them to the other.
fn carry(ways: &mut [Link<Vec<u8>>], from: &mut End, to: &mut End, truth: Timestamp) {
    for (link, bytes) in from.packets(truth) {
        let _ = ways[usize::from(link.0)].push(truth, bytes.len(), bytes);
    }
    for (idx, way) in ways.iter_mut().enumerate() {
        while let Some(bytes) = way.poll_output(truth) {
            let now = to.skew.at(truth);
            to.session.on_packet(now, LinkId(idx as u8), &bytes).unwrap();
        }
    }
}

impl Told {
    fn look(&mut self, [one, other]: &[End; 2], truth: Timestamp) {
        let own = one.skew.at(truth);
        let Some(offset) = one.session.clock().offset(own) else { return };
        let off = offset.ahead - other.skew.at(truth).micros_since(own);
        // A set clock is noticed by the first answer after it.
        let since_step = truth.micros_since(other.skew.step.1).as_millis_f64();
        if (0.0..500.0).contains(&since_step) {
            return;
        }
        self.n += 1;
        self.n_wrong += u32::from(off.get().abs() > offset.uncertainty.get());
        self.mean_uncertainty_ms += offset.uncertainty.as_millis_f64();
        self.mean_off_ms += off.as_millis_f64().abs();
    }
}

fn skew(ahead_ms: i64, drift_ppm: i64) -> Skew {
    let never = START + Micros::from_millis(i64::MAX / 4000);
    Skew { ahead: Micros::from_millis(ahead_ms), drift_ppm, step: (Micros::ZERO, never) }
}

#[test]
fn the_truth_is_within_what_a_session_tells_of_the_other_clock() {
    let hours = 3_600_000;
    for (ways, jitter_ms, ahead_ms, drifts_ppm) in [
        (&[(20, 20), (35, 35)][..], 2, 0, [0, 0]),
        (&[(20, 20), (35, 35)], 5, 1_500, [200, -200]),
        (&[(60, 15), (20, 70)], 10, -24 * hours, [-200, 200]),
        (&[(300, 280)], 30, 9 * hours, [100, 150]),
    ] {
        let skews = [skew(0, drifts_ppm[0]), skew(ahead_ms, drifts_ppm[1])];
        let told = drive(ways, jitter_ms, skews, 60, 3);
        assert_eq!(told.n_wrong, 0, "{told:?}");
        let least = |way: fn(&(i64, i64)) -> i64| ways.iter().map(way).min().unwrap();
        let half_ms =
            Micros::from_millis(least(|way| way.0) + least(|way| way.1)).as_millis_f64() / 2.0;
        assert!(told.n > 55_000, "{told:?}");
        // Queues, pauses, the first second and unknown drift cost a little more than the ways.
        assert!(told.mean_uncertainty_ms < half_ms + 5.0, "{told:?}");
    }
}

#[test]
fn a_clock_that_is_set_is_noticed_and_followed() {
    let at = START + Micros::from_millis(40_000);
    for step_ms in [-100, 100, 5_000, 4_294_967, 86_400_000] {
        let set = Skew { step: (Micros::from_millis(step_ms), at), ..skew(700, 0) };
        let told = drive(&[(20, 20), (35, 35)], 2, [skew(0, 0), set], 60, 5);
        assert!(told.n_wrong < told.n / 20, "{step_ms} ms: {told:?}");
    }
}

#[test]
fn what_three_clocks_tell_lines_up_within_the_stated_bounds() {
    let centre = skew(-700, 40);
    // An ambulance and a hospital, seconds and an hour off, over links that lose and are silent.
    let ambulance = skew(4_200, -180);
    let hospital = skew(-3_600_000, 220);
    let mut pairs = vec![
        Pair::new(&[(60, 15), (20, 70)], 10, [ambulance, centre], 11),
        Pair::new(&[(25, 30)], 5, [hospital, centre], 23),
    ];
    let (mut n, mut widest) = (0, Micros::ZERO);
    for ms in 0..60_000 {
        let truth = START + Micros::from_millis(ms);
        for pair in &mut pairs {
            pair.step(truth, ms);
        }
        let [ambulance, hospital] = [0, 1].map(|idx| pairs[idx].seen(truth));
        let here = Seen::here(centre.at(truth));
        let Some(joint) = joint_uncertainty([ambulance.within, hospital.within]) else {
            // Until each has been answered once.
            assert!(ms < 1_000, "unknown after {ms} ms");
            continue;
        };
        for (seen, other, within) in [
            (ambulance, here, ambulance.within),
            (hospital, here, hospital.within),
            (ambulance, hospital, Some(joint)),
        ] {
            let off = seen.at.micros_since(other.at).get().abs();
            assert!(off <= within.unwrap().get(), "{ms} ms: {seen:?} against {other:?}");
        }
        (n, widest) = (n + 1, widest.max(joint));
    }
    assert!(n > 59_000, "{n}");
    // Half of each pair's ways, and what queues and drift add.
    assert!(widest < Micros::from_millis(100), "{widest:?}");
}
