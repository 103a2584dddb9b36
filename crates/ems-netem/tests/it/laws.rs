//! What holds on every link.

use ems_model::{Micros, Timestamp};
use ems_netem::{Interruption, InterruptionKind, Link, LinkConfig, Loss, Steps};
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

/// Any link of modest rates.
fn config() -> impl Strategy<Value = LinkConfig> {
    let rates = prop::collection::vec((1..400_000_i64, 0..30_000_000_u64), 0..8);
    let interruptions =
        prop::collection::vec((0..2_000_000_i64, 1..300_000_i64, any::<bool>()), 0..3);
    (1..20_000_000_u64, rates, 0..40_000_i64, 0.0..0.3, interruptions, 3_000..60_000_usize)
        .prop_map(|(first, rates, jitter, loss, interruptions, queue)| {
            let mut steps = vec![(Micros::ZERO, first)];
            for (gap, rate) in rates {
                let at = steps.last().map_or(Micros::ZERO, |last| last.0) + Micros::new(gap);
                steps.push((at, rate));
            }
            let pause = |(from, length, is_black)| Interruption {
                from: Micros::new(from),
                to: Micros::new(from + length),
                kind: [InterruptionKind::Handover, InterruptionKind::Blackout]
                    [usize::from(is_black)],
            };
            LinkConfig {
                rate_bps: Steps::new(steps).unwrap(),
                delay: Steps::constant(Micros::from_millis(20)),
                jitter: Micros::new(jitter),
                overtakes: false,
                loss: Loss::Bursts { to_bad: loss, to_good: 0.3, loss_good: 0.0, loss_bad: 0.5 },
                queue_bytes_max: queue,
                interruptions: interruptions.into_iter().map(pause).collect(),
            }
        })
}

/// Packets as (time since the one before in µs, bytes).
fn packets() -> impl Strategy<Value = Vec<(i64, usize)>> {
    prop::collection::vec((0..20_000_i64, 1..1500_usize), 1..200)
}

/// Sends all; gives when each came out (its place and time), and the link.
fn run(
    config: &LinkConfig,
    packets: &[(i64, usize)],
    seed: u64,
) -> (Vec<(usize, Timestamp)>, Link<usize>) {
    let mut link = Link::new(config.clone(), START, seed);
    let (mut now, mut out) = (START, Vec::new());
    for (idx, (gap, n_bytes)) in packets.iter().enumerate() {
        now = now + Micros::new(*gap);
        let _ = link.push(now, *n_bytes, idx);
    }
    while let Some(at) = link.next_wake() {
        assert_eq!(link.poll_output(at - Micros::new(1)), None, "nothing comes early");
        out.extend(link.poll_output(at).map(|idx| (idx, at)));
    }
    (out, link)
}

/// The bits that the rates let pass between two times since the start.
fn capacity(config: &LinkConfig, from: i64, to: i64) -> i128 {
    let steps: Vec<_> = config.rate_bps.iter().collect();
    let part = |(idx, (at, rate)): (usize, &(Micros, u64))| {
        let ends = steps.get(idx + 1).map_or(i64::MAX, |next| next.0.get());
        let span = (to.min(ends) - from.max(at.get())).max(0);
        i128::from(span) * i128::from(*rate) / 1_000_000 + 1
    };
    steps.iter().enumerate().map(part).sum()
}

proptest! {
    #[test]
    fn packets_come_out_in_order_once_and_are_all_accounted_for(
        config in config(), packets in packets(), seed in any::<u64>(),
    ) {
        let (out, link) = run(&config, &packets, seed);
        prop_assert!(out.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1));
        let tally = link.tally();
        let gone = tally.n_lost + tally.n_overflowed + tally.n_blacked_out;
        prop_assert_eq!(tally.n_offered, packets.len() as u64);
        prop_assert_eq!(tally.n_delivered + gone, tally.n_offered);
        prop_assert_eq!(tally.n_delivered, out.len() as u64);
        let bytes: usize = out.iter().map(|(idx, _)| packets[*idx].1).sum();
        prop_assert_eq!(tally.n_delivered_bytes, bytes as u64);
    }

    #[test]
    fn no_stretch_of_time_carries_more_than_its_rate(
        config in config(), packets in packets(), seed in any::<u64>(),
    ) {
        let config = LinkConfig { jitter: Micros::ZERO, ..config };
        let (out, _) = run(&config, &packets, seed);
        let sent = |at: Timestamp| at.micros_since(START).get() - 20_000;
        for first in 0..out.len() {
            let mut bits = 0_i128;
            for (idx, at) in &out[first + 1..] {
                bits += packets[*idx].1 as i128 * 8;
                let (from, to) = (sent(out[first].1) - 1, sent(*at));
                let room = capacity(&config, from, to);
                prop_assert!(bits <= room, "{bits} bits in {from}..{to} µs");
            }
        }
    }

    #[test]
    fn a_seed_tells_everything(config in config(), packets in packets(), seed in any::<u64>()) {
        prop_assert_eq!(run(&config, &packets, seed).0, run(&config, &packets, seed).0);
    }
}

#[test]
fn a_busy_link_carries_its_rate_to_a_thousandth() {
    let mut config = LinkConfig::steady(300_000_000, Micros::from_millis(5));
    config.queue_bytes_max = usize::MAX;
    let packets: Vec<_> = (0..100_000).map(|_| (0, 1200)).collect();
    let (out, _) = run(&config, &packets, 1);
    let took = out.last().unwrap().1.micros_since(START).get() - 5000;
    assert!((took - 3_200_000).abs() < 3200, "960 Mbit took {took} µs at 300 Mbit/s");
}

#[test]
fn a_handover_holds_packets_up_and_a_blackout_swallows_them() {
    let pause = |kind| Interruption { from: Micros::new(10_000), to: Micros::new(30_000), kind };
    let mut config = LinkConfig::steady(8_000_000, Micros::ZERO);
    let packets = [(15_000, 1000), (20_000, 1000)];
    config.interruptions = vec![pause(InterruptionKind::Handover)];
    let out = run(&config, &packets, 1).0;
    assert_eq!(
        out.iter().map(|out| out.1.micros_since(START).get()).collect::<Vec<_>>(),
        [31_001, 36_001]
    );
    config.interruptions = vec![pause(InterruptionKind::Blackout)];
    let (out, link) = run(&config, &packets, 1);
    assert_eq!((out.len(), link.tally().n_blacked_out), (1, 1));
}

#[test]
fn losses_come_as_often_as_they_should() {
    let bursts = Loss::Bursts { to_bad: 0.01, to_good: 0.2, loss_good: 0.001, loss_bad: 0.6 };
    for loss in [Loss::Single(0.02), bursts] {
        let mut config = LinkConfig::steady(1_000_000_000, Micros::ZERO);
        (config.loss, config.queue_bytes_max) = (loss, usize::MAX);
        let packets: Vec<_> = (0..200_000).map(|_| (1, 1)).collect();
        let n_lost = run(&config, &packets, 3).1.tally().n_lost;
        let expected = loss.mean() * 200_000.0;
        assert!((n_lost as f64 / expected - 1.0).abs() < 0.1, "{n_lost} lost, {expected} expected");
    }
}
