//! Clocks that drift and are set, and streams read on another's grid, against known truth.

use std::f64::consts::TAU;

use ems_model::Timestamp;
use ems_signal::{Regrid, SourceClock};

const HZ: f64 = 250.0;
/// Samples that arrive together.
const PIECE: u64 = 25;
/// The shortest way.
const WAY_US: f64 = 8000.0;

/// Numbers that look random (splitmix64), evenly within 0..1.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Mostly 20 ms, one in 50 times up to half a second.
    fn wait_us(&mut self) -> f64 {
        let stall = if self.unit() < 0.02 { 500_000.0 * self.unit() } else { 0.0 };
        -20_000.0 * (1.0 - self.unit()).ln() + stall
    }
}

/// Runs a clock for `secs` and gives, each second, how far its time of the newest sample is from
/// the
/// truth in milliseconds, and the stated deviation.
fn followed(
    clock: &mut SourceClock,
    secs: u64,
    seed: u64,
    measured_us: impl Fn(f64) -> f64,
    is_lost: impl Fn(f64) -> bool,
) -> Vec<[f64; 2]> {
    let (mut dice, mut last, mut seen) = (Dice(seed), 0.0_f64, vec![]);
    for piece in 0..secs * HZ as u64 / PIECE {
        let sample = (piece + 1) * PIECE - 1;
        let nominal_s = sample as f64 / HZ;
        // In order, as over one connection.
        last = last.max(measured_us(nominal_s) + WAY_US + dice.wait_us());
        if !is_lost(nominal_s) {
            clock.arrived(sample, Timestamp::from_micros(last as i64));
        }
        if piece % 10 == 9 {
            let off = clock
                .time_of(sample as f64)
                .map(|it| [(it.us - measured_us(nominal_s) - WAY_US) / 1000.0, it.sd_us / 1000.0]);
            seen.push(off.unwrap_or([f64::NAN; 2]));
        }
    }
    seen
}

fn worst(seen: &[[f64; 2]]) -> f64 {
    seen.iter().fold(0.0, |worst, it| worst.max(it[0].abs()))
}

#[test]
fn a_drifting_clock_is_followed_within_milliseconds_through_jitter_and_gaps() {
    for (seed, ppm) in [(1, -200.0), (2, -50.0), (3, 0.0), (4, 50.0), (5, 200.0)] {
        let mut clock = SourceClock::new(HZ);
        let measured = |s: f64| 5e6 + s * 1e6 * (1.0 + ppm * 1e-6);
        // Nothing comes for 40 s.
        let seen = followed(&mut clock, 600, seed, measured, |s| (200.0..240.0).contains(&s));
        let (early, gap, late) =
            (worst(&seen[30..120]), worst(&seen[200..240]), worst(&seen[240..]));
        let drift = clock.drift().unwrap() * 1e6;
        eprintln!(
            "clock at {ppm} ppm: {early:.2} ms off at most from 30 s, {gap:.2} in a gap of 40 s, \
             {late:.2} later; drift {drift:.1} ppm"
        );
        assert!(early < 6.0 && gap < 6.0 && late < 3.0, "{early} {gap} {late} at {ppm} ppm");
        assert!((drift - ppm).abs() < 20.0, "{drift} for {ppm} ppm");
        assert_eq!(clock.n_jumps(), 0);
        let sample = 100_000.5;
        let there = clock.sample_at(clock.time_of(sample).unwrap().us).unwrap();
        assert!((there - sample).abs() < 1e-3, "{there} for {sample}");
    }
}

#[test]
fn a_clock_that_is_set_is_followed_after_three_seconds() {
    for jump_ms in [-2000.0, -100.0, 100.0, 2000.0] {
        let mut clock = SourceClock::new(HZ);
        let measured = |s: f64| 5e6 + s * 1e6 + if s > 300.0 { jump_ms * 1000.0 } else { 0.0 };
        // One set forward counts samples that were never measured.
        let skipped = 300.0..=300.0 - jump_ms / 1000.0;
        let seen = followed(&mut clock, 600, 9, measured, |s| s > 300.0 && skipped.contains(&s));
        let (soon, late) = (worst(&seen[307..330]), worst(&seen[330..]));
        eprintln!("clock set by {jump_ms} ms: {soon:.2} ms off after 7 s, {late:.2} after 30 s");
        assert_eq!(clock.n_jumps(), 1, "{jump_ms} ms");
        assert!(soon < 20.0 && late < 6.0, "{soon} {late} after {jump_ms} ms");
    }
}

#[test]
fn a_stream_on_another_grid_is_what_was_measured() {
    for (from_hz, to_hz, sine_hz, limit_db) in [
        (250.0, 250.05, 5.0, -80.0),
        (250.0, 250.05, 40.0, -80.0),
        (250.0, 500.0, 40.0, -80.0),
        (500.0, 125.0, 40.0, -60.0),
        (360.0, 250.0, 40.0, -80.0),
    ] {
        let mut grid = Regrid::new(from_hz, to_hz);
        let wave = |s: f64| 1000.0 * (TAU * sine_hz * s).sin();
        let (mut error, mut n) = (0.0, 0);
        for sample in 0..4000_u32 {
            grid.push(wave(f64::from(sample) / from_hz) as f32);
            let newest = f64::from(sample) - grid.delay_samples() as f64;
            // As a source whose samples fall between those of the grid.
            let place = (newest / from_hz * to_hz).floor() / to_hz * from_hz;
            if let Some(value) = grid.at(place) {
                error += (f64::from(value) - wave(place / from_hz)).powi(2);
                n += 1;
            }
        }
        let db = 10.0 * (error / f64::from(n) / 500_000.0).log10();
        eprintln!("{from_hz} Hz read at {to_hz} Hz: a sine of {sine_hz} Hz within {db:.1} dB");
        assert!(n > 3000 && db < limit_db, "{db} dB of {n}");
    }
    let mut grid = Regrid::new(500.0, 125.0);
    let values = (0..4000_u32).map(|sample| {
        grid.push((TAU * 100.0 * f64::from(sample) / 500.0).sin() as f32);
        grid.at(f64::from(sample) - grid.delay_samples() as f64).unwrap_or(0.0)
    });
    let most = values.fold(0.0_f32, |most, it| most.max(it.abs()));
    assert!(most < 1e-3, "100 Hz, which 125 Hz cannot hold, leaves {most}");
}

#[test]
fn a_place_is_known_only_where_its_samples_are() {
    let mut grid = Regrid::new(250.0, 250.0);
    (0..40).for_each(|at| grid.push(if at == 20 { f32::NAN } else { 1.0 }));
    for (place, is_known) in [(-1.0, false), (3.5, false), (20.5, false), (30.0, false)] {
        assert_eq!(grid.at(place).is_some(), is_known, "{place}");
    }
    (0..40).for_each(|_| grid.push(1.0));
    assert_eq!(grid.at(50.5), Some(1.0));
    for place in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
        assert_eq!(grid.at(place), None, "{place}");
    }
}
