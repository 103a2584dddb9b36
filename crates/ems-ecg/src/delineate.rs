//! Where the waves of the average beat begin and end, in all leads together.
//!
//! QRS: from the speed of the heart's vector, the root mean square of the leads' slopes, after the
//! rule that the earliest onset and the latest offset of any lead count (CSE working party, Eur
//! Heart J 1985; unverified). End of T: the steepest tangent after its peak meets the baseline
//! (Lepeschkin and Surawicz 1952; unverified).

use crate::average::AverageBeat;
use crate::filter::smoothed;
use crate::rate::{Rate, count, mean};

/// Fiducial points, as samples of the average beat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fiducials {
    pub(crate) p: Option<Wave>,
    pub(crate) qrs_on: usize,
    /// The J point.
    pub(crate) qrs_off: usize,
    pub(crate) t: Option<Wave>,
}

/// A wave's bounds and its highest point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wave {
    pub(crate) on: usize,
    pub(crate) peak: usize,
    pub(crate) off: usize,
}

/// Slopes are taken over so much on both sides.
const SLOPE_MS: f64 = 4.0;
/// Slower than this part of the fastest is outside of the complex,
const SLOW_BEFORE: f64 = 0.05;
const SLOW_AFTER: f64 = 0.04;
/// or than this multiple of the line at rest,
const REST_FACTOR: f64 = 2.0;
/// for so long.
const STILL_MS: f64 = 16.0;
/// The complex reaches at most so far to both sides of its fastest point.
const QRS_REACH_MS: f64 = 160.0;
/// A T wave that is lower than this, in microvolts, has no end that could be told.
const T_MIN: f64 = 30.0;
/// A P wave stands out of its surroundings by so much.
const P_MIN: f64 = 22.0;
/// T stands out of what beats differ by by so many times, P at least as much: whether each beat has
/// its P wave is asked later.
const NOISE_FACTOR: f64 = 3.0;

/// Delineates the average beat.
pub(crate) fn delineate(beat: &AverageBeat) -> Fiducials {
    let speed = speed(beat);
    let (qrs_on, qrs_off) = qrs(beat, &speed);
    let p = p_wave(beat, qrs_on);
    let t = t_wave(beat, qrs_on, qrs_off, p.map(|p| p.on));
    Fiducials { p, qrs_on, qrs_off, t }
}

/// Microvolts a millisecond.
fn speed(beat: &AverageBeat) -> Vec<f64> {
    let reach = beat.rate.samples(SLOPE_MS);
    let span_ms = beat.rate.ms(2 * reach);
    let of_lead = |lead: &Vec<f64>, at: usize| {
        let after = lead[(at + reach).min(lead.len() - 1)];
        (after - lead[at.saturating_sub(reach)]) / span_ms
    };
    root_mean_square(beat, of_lead)
}

fn root_mean_square(beat: &AverageBeat, value: impl Fn(&Vec<f64>, usize) -> f64) -> Vec<f64> {
    let n_samples = beat.leads.iter().flatten().map(Vec::len).max().unwrap_or(0);
    let at = |at: usize| {
        let squares = beat.leads.iter().flatten().map(|lead| value(lead, at).powi(2));
        mean(squares).unwrap_or(0.0).sqrt()
    };
    (0..n_samples).map(at).collect()
}

fn qrs(beat: &AverageBeat, speed: &[f64]) -> (usize, usize) {
    let rate = beat.rate;
    let near = rate.samples(80.0);
    let (from, until) = (beat.r - near, beat.r + near);
    let fastest = highest(speed, from, until);
    let reach = rate.samples(QRS_REACH_MS);
    let rest = rest(speed, rate, fastest.saturating_sub(rate.samples(260.0)), from);
    let slow = |part: f64| (part * speed[fastest]).max(REST_FACTOR * rest);
    let still = rate.samples(STILL_MS);
    let is_still =
        |at: usize, limit: f64| speed[at.saturating_sub(still)..at].iter().all(|it| *it <= limit);
    let limit = slow(SLOW_BEFORE);
    let on = (fastest.saturating_sub(reach)..=fastest).rev().find(|&at| is_still(at, limit));
    let on = on.unwrap_or_else(|| lowest(speed, fastest.saturating_sub(reach), fastest));
    let limit = slow(SLOW_AFTER).max(1.5 * slowest_after(speed, rate, fastest));
    let off = (fastest..fastest + reach).find(|&at| is_still(at + still, limit));
    (on, off.unwrap_or_else(|| lowest(speed, fastest, fastest + reach)))
}

/// The slowest 12 ms in a stretch.
fn rest(speed: &[f64], rate: Rate, from: usize, until: usize) -> f64 {
    let n = rate.samples(12.0);
    let means = speed[from..until].windows(n).map(|it| it.iter().sum::<f64>() / count(n));
    means.reduce(f64::min).unwrap_or(0.0)
}

/// How slow it becomes within 160 ms: a steep ST segment never rests.
fn slowest_after(speed: &[f64], rate: Rate, fastest: usize) -> f64 {
    let until = (fastest + rate.samples(QRS_REACH_MS)).min(speed.len());
    rest(speed, rate, fastest, until).min(0.12 * speed[fastest])
}

fn highest(wave: &[f64], from: usize, until: usize) -> usize {
    let until = until.min(wave.len());
    (from..until).max_by(|&a, &b| wave[a].total_cmp(&wave[b])).unwrap_or(from)
}

fn lowest(wave: &[f64], from: usize, until: usize) -> usize {
    let until = until.min(wave.len());
    (from..until).min_by(|&a, &b| wave[a].total_cmp(&wave[b])).unwrap_or(from)
}

/// The level that voltages are measured from: the mean of the last 16 ms before the complex.
pub(crate) fn isoelectric(lead: &[f64], rate: Rate, qrs_on: usize) -> f64 {
    let from = qrs_on.saturating_sub(rate.samples(16.0));
    mean(lead[from..qrs_on.max(from + 1)].iter().copied()).unwrap_or(0.0)
}

/// How far the leads are from their levels, each smoothed over 20 ms.
fn distance(beat: &AverageBeat, qrs_on: usize) -> Vec<f64> {
    let rate = beat.rate;
    let from_level = |lead: &Vec<f64>| -> Vec<f64> {
        let level = isoelectric(lead, rate, qrs_on);
        let smooth = smoothed(lead, rate.samples(20.0));
        smooth.iter().map(|it| it - level).collect()
    };
    let leads: Vec<Vec<f64>> = beat.leads.iter().flatten().map(from_level).collect();
    let n_samples = leads.iter().map(Vec::len).max().unwrap_or(0);
    let at = |at: usize| mean(leads.iter().map(|lead| lead[at].powi(2))).unwrap_or(0.0).sqrt();
    (0..n_samples).map(at).collect()
}

fn p_wave(beat: &AverageBeat, qrs_on: usize) -> Option<Wave> {
    let rate = beat.rate;
    let rr = beat.rr_ms.unwrap_or(1000.0);
    let reach = rate.samples((0.45 * rr).min(340.0));
    let from = qrs_on.saturating_sub(reach).max(1);
    let until = qrs_on.saturating_sub(rate.samples(24.0));
    let line = distance(beat, qrs_on);
    let is_peak = |at: &usize| line[*at] >= line[at - 1] && line[*at] > line[at + 1];
    let stands_out = |at: usize| {
        let left = lowest(&line, from.max(at.saturating_sub(rate.samples(110.0))), at);
        let right = lowest(&line, at, qrs_on.min(at + rate.samples(110.0)));
        (line[at] - line[left]).min(line[at] - line[right])
    };
    let peaks = (from..until).filter(is_peak).map(|at| (stands_out(at), at));
    let (height, peak) = peaks.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (height > P_MIN.max(beat.noise)).then(|| bounds(&line, rate, peak, qrs_on))
}

/// Where a wave leaves its base on both sides: a sixteenth of its height.
fn bounds(line: &[f64], rate: Rate, peak: usize, limit: usize) -> Wave {
    let reach = rate.samples(90.0);
    let left = lowest(line, peak.saturating_sub(reach), peak);
    let right = lowest(line, peak, limit.min(peak + reach));
    let is_base =
        |at: usize, base: usize| line[at] <= line[base] + (line[peak] - line[base]) / 16.0;
    let on = (left..peak).rev().find(|&at| is_base(at, left)).unwrap_or(left);
    let off = (peak..=right).find(|&at| is_base(at, right)).unwrap_or(right);
    Wave { on, peak, off }
}

fn t_wave(beat: &AverageBeat, qrs_on: usize, qrs_off: usize, p_on: Option<usize>) -> Option<Wave> {
    let rate = beat.rate;
    let line = distance(beat, qrs_on);
    let rr = rate.samples(beat.rr_ms?);
    let next = p_on.map_or(qrs_on + 3 * rr / 4, |p_on| p_on + rr);
    let end = next.min(line.len()).saturating_sub(rate.samples(10.0));
    let from = qrs_off + rate.samples(60.0);
    if from + rate.samples(60.0) >= end {
        return None;
    }
    let peak = highest(&line, from, end);
    let base = line[lowest(&line, peak, end)];
    let height = line[peak] - base;
    if height < T_MIN.max(NOISE_FACTOR * beat.noise) {
        return None;
    }
    let reach = rate.samples(8.0);
    let fall = |at: usize| line[at - reach] - line[(at + reach).min(line.len() - 1)];
    let until = end.min(peak + rate.samples(200.0));
    let steepest = (peak..until).max_by(|&a, &b| fall(a).total_cmp(&fall(b)))?;
    let per_sample = fall(steepest) / count(2 * reach);
    let rest = (line[steepest] - base) / per_sample.max(1e-6);
    let off = steepest + rate.samples(rate.ms(1) * rest);
    (off < end + rate.samples(10.0)).then_some(Wave { on: from, peak, off })
}
