//! The beats of a recording in groups of one shape, and the average beat of the dominant one.

use ems_signal::LeadsFinder;

use crate::ecg::Ecg;
use crate::lead::OfLeads;
use crate::rate::{Rate, count, mean, median};

/// Samples before and after the R wave by which shapes are compared.
const SHAPE_BEFORE_MS: f64 = 80.0;
const SHAPE_AFTER_MS: f64 = 120.0;
/// Beats of one shape are at least so alike.
const ALIKE: f64 = 0.9;
/// R waves are moved at most so far to lie above each other.
const SHIFT_MS: f64 = 50.0;
/// What the average beat shows around its R wave.
const BEFORE_MS: f64 = 400.0;
const AFTER_MS: f64 = 700.0;

/// A beat of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShapedBeat {
    /// The sample of its R wave, as the average beat's lies.
    pub sample: usize,
    /// Which shape it has: 0 for the dominant one, then by their first beats.
    pub shape: usize,
}

/// The average of the dominant beats.
#[derive(Debug, Clone)]
pub struct AverageBeat {
    pub(crate) rate: Rate,
    /// Microvolts.
    pub(crate) leads: OfLeads<Option<Vec<f64>>>,
    /// Where the R wave is.
    pub(crate) r: usize,
    /// How many beats it is the average of.
    pub n_beats: usize,
    /// The median of the leads' noise that is left in it, microvolts.
    pub(crate) noise: f64,
    /// The median interval between beats, milliseconds; `None` for one beat.
    pub rr_ms: Option<f64>,
}

/// Finds the beats of all leads together and groups them by their shape.
pub(crate) fn shaped_beats(ecg: &Ecg) -> Vec<ShapedBeat> {
    let samples = found(ecg);
    let mut shapes: Vec<Shape> = vec![];
    let mut beats = vec![];
    for sample in samples {
        beats.extend(shaped(ecg, &mut shapes, sample));
    }
    rank_shapes(&mut beats);
    beats
}

fn found(ecg: &Ecg) -> Vec<usize> {
    let leads = ecg.raw_leads();
    // Ecg::new holds the rate to what the finder takes.
    let Ok(mut finder) = LeadsFinder::new(ecg.hz(), leads.len()) else { return vec![] };
    for at in 0..ecg.n_samples() {
        finder.push(&leads.iter().map(|lead| lead[at]).collect::<Vec<_>>());
    }
    finder.finish();
    let beats = std::iter::from_fn(|| finder.poll_output());
    beats.filter_map(|beat| usize::try_from(beat.sample).ok()).collect()
}

/// The mean shape of a group.
#[derive(Debug)]
struct Shape {
    mean: Vec<f64>,
    n_beats: usize,
}

fn shaped(ecg: &Ecg, shapes: &mut Vec<Shape>, sample: usize) -> Option<ShapedBeat> {
    let reach = ecg.rate().samples(SHIFT_MS);
    let around = |shape: &Shape| {
        let shifts = sample.saturating_sub(reach)..=sample + reach;
        let likeness = shifts.filter_map(|at| Some((likeness(&shape.mean, &cut(ecg, at)?), at)));
        likeness.max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let best = shapes.iter().enumerate().filter_map(|(idx, shape)| Some((around(shape)?, idx)));
    let best = best.max_by(|a, b| a.0.0.total_cmp(&b.0.0)).filter(|((alike, _), _)| *alike > ALIKE);
    if let Some(((_, sample), shape)) = best {
        shapes[shape].learn(&cut(ecg, sample)?);
        return Some(ShapedBeat { sample, shape });
    }
    shapes.push(Shape { mean: cut(ecg, sample)?, n_beats: 1 });
    Some(ShapedBeat { sample, shape: shapes.len() - 1 })
}

impl Shape {
    fn learn(&mut self, shape: &[f64]) {
        self.n_beats += 1;
        let weight = 1.0 / count(self.n_beats);
        self.mean.iter_mut().zip(shape).for_each(|(mean, it)| *mean += weight * (it - *mean));
    }
}

/// The complex in all leads, each from its mean; `None` at the recording's ends.
fn cut(ecg: &Ecg, sample: usize) -> Option<Vec<f64>> {
    let rate = ecg.rate();
    let from = sample.checked_sub(rate.samples(SHAPE_BEFORE_MS))?;
    let until = sample + rate.samples(SHAPE_AFTER_MS);
    let mut shape = vec![];
    for wave in ecg.waves().iter().flatten() {
        let complex = wave.get(from..until)?;
        let middle = complex.iter().sum::<f64>() / count(complex.len());
        shape.extend(complex.iter().map(|it| it - middle));
    }
    Some(shape)
}

fn likeness(a: &[f64], b: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(1e-9)
}

/// Makes the dominant shape number 0: the one of most beats. Of two that are nearly as many, as in
/// bigeminy, the one with the longer intervals before its beats, for the other is premature.
fn rank_shapes(beats: &mut [ShapedBeat]) {
    let n_shapes = beats.iter().map(|beat| beat.shape + 1).max().unwrap_or(0);
    let n_beats = |shape: usize| beats.iter().filter(|beat| beat.shape == shape).count();
    let most = (0..n_shapes).map(n_beats).max().unwrap_or(0);
    let interval_before = |shape: usize| {
        let pairs = beats.windows(2).filter(|pair| pair[1].shape == shape);
        mean(pairs.map(|pair| count(pair[1].sample - pair[0].sample))).unwrap_or(0.0)
    };
    let frequent = (0..n_shapes).filter(|&shape| 5 * n_beats(shape) >= 4 * most);
    let dominant = frequent.max_by(|&a, &b| interval_before(a).total_cmp(&interval_before(b)));
    let Some(dominant) = dominant else { return };
    for beat in beats {
        beat.shape = match beat.shape {
            shape if shape == dominant => 0,
            shape if shape < dominant => shape + 1,
            shape => shape,
        };
    }
}

/// The median of the dominant beats, sample by sample; `None` if none is whole.
pub(crate) fn average_beat(ecg: &Ecg, beats: &[ShapedBeat]) -> Option<AverageBeat> {
    let rate = ecg.rate();
    let (before, after) = (rate.samples(BEFORE_MS), rate.samples(AFTER_MS));
    let is_whole = |at: usize| at >= before && at + after <= ecg.n_samples();
    let dominant = beats.iter().filter(|beat| beat.shape == 0).map(|beat| beat.sample);
    let whole: Vec<usize> = dominant.filter(|&at| is_whole(at)).collect();
    if whole.is_empty() {
        return None;
    }
    let averaged = |wave: &Vec<f64>| -> Vec<f64> {
        let at_offset = |offset: usize| middle(whole.iter().map(|at| wave[at - before + offset]));
        (0..before + after).map(at_offset).collect()
    };
    let leads = ecg.waves().each_ref().map(|wave| wave.as_ref().map(averaged));
    let noise = leads.iter().zip(ecg.waves()).filter_map(|(lead, wave)| {
        let (lead, wave) = (lead.as_ref()?, wave.as_ref()?);
        Some(left_noise(lead, wave, &whole, before))
    });
    let intervals = beats.windows(2).map(|pair| rate.ms(pair[1].sample - pair[0].sample));
    Some(AverageBeat {
        rate,
        noise: median(noise).unwrap_or(0.0),
        leads,
        r: before,
        n_beats: whole.len(),
        rr_ms: median(intervals),
    })
}

/// The mean of the middle third: steadier than the median, and one odd beat does not move it.
fn middle(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let outer = sorted.len() / 3;
    mean(sorted[outer..sorted.len() - outer].iter().copied()).unwrap_or(0.0)
}

/// What a lead's beats differ from their average by, over the root of their number.
fn left_noise(average: &[f64], wave: &[f64], beats: &[usize], before: usize) -> f64 {
    let square = |at: &usize| {
        let own = &wave[at - before..at - before + average.len()];
        mean(own.iter().zip(average).map(|(a, b)| (a - b).powi(2))).unwrap_or(0.0)
    };
    (median(beats.iter().map(square)).unwrap_or(0.0) / count(beats.len())).sqrt()
}
