//! Makes rows to learn from: what the finder saw in annotated records, and which of it was a beat.

use ems_signal::{Beat, BeatFinder, N_FEATURES, Scorer, Trees, pair_beats};

use crate::boost::{Dice, Rows};
use crate::records::Record;

/// The candidate nearest to an annotated beat is that beat, within this.
const REACH_MS: i64 = 150;

/// Keeps each candidate with its truth, and answers with the truth or the trees.
struct Teacher<'a> {
    /// The candidates that are beats; `None` while they are not known.
    beats: Option<&'a [i64]>,
    trees: Option<&'a Trees<N_FEATURES>>,
    samples: Vec<i64>,
    rows: Rows<N_FEATURES>,
}

impl Scorer for Teacher<'_> {
    fn score(&mut self, beat: Beat, features: &[f32; N_FEATURES]) -> f32 {
        let sample = beat.sample.cast_signed();
        let is_beat = self.beats.is_none_or(|beats| beats.binary_search(&sample).is_ok());
        self.samples.push(sample);
        self.rows.push(*features, is_beat);
        match self.trees {
            Some(trees) => trees.score(features),
            None if is_beat => 2.0,
            None => -2.0,
        }
    }
}

/// Runs the finder over a piece.
fn taught<'a>(
    hz: u32,
    piece: &[f32],
    beats: Option<&'a [i64]>,
    trees: Option<&'a Trees<N_FEATURES>>,
) -> Teacher<'a> {
    let teacher = Teacher { beats, trees, samples: vec![], rows: Rows::default() };
    let mut finder = BeatFinder::with_scorer(hz, teacher).expect("a rate within 100..=2000");
    piece.iter().for_each(|&sample| finder.push(sample));
    finder.finish();
    finder.into_scorer()
}

/// How a record is shown.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// The second lead's part beside the first one's; `None` for the first lead as it is.
    pub mixed: Option<f32>,
    /// Whether P waves, complexes and T waves are made larger or smaller.
    pub is_reshaped: bool,
    /// Whether noise is added.
    pub is_noisy: bool,
    /// Whether it is cut into pieces of 10 s, each a new start, and stretched in time.
    pub is_cut: bool,
}

/// Rows of a record; with trees the finder goes its own way, else it is told the truth.
pub fn rows(
    record: &Record,
    view: View,
    noise: &[Vec<f32>],
    trees: Option<&Trees<N_FEATURES>>,
    dice: &mut Dice,
) -> Rows<N_FEATURES> {
    let truth = record.truth();
    let mut lead = mixed(record, view.mixed);
    if view.is_reshaped {
        reshape(&mut lead, record.hz, &truth, dice);
    }
    if view.is_noisy {
        add_noise(&mut lead, record.hz, &truth, noise, dice);
    }
    let mut rows = Rows::default();
    let len = if view.is_cut { 10 * record.hz as usize } else { lead.len() };
    for (idx, piece) in lead.chunks(len).enumerate() {
        let stretch = if view.is_cut { 0.85 + 0.3 * dice.unit() } else { 1.0 };
        let hz = (record.hz as f32 * stretch) as u32;
        rows.extend(&piece_rows(record, hz, piece, (idx * len) as i64, trees));
    }
    rows
}

/// Rows of a piece that starts at sample `from`, without those in ventricular flutter.
fn piece_rows(
    record: &Record,
    hz: u32,
    piece: &[f32],
    from: i64,
    trees: Option<&Trees<N_FEATURES>>,
) -> Rows<N_FEATURES> {
    let until = from + piece.len() as i64;
    let truth: Vec<i64> = record.truth();
    let truth = truth.iter().filter(|at| (from..until).contains(at)).map(|at| at - from);
    let truth: Vec<i64> = truth.collect();
    let reach = i64::from(record.hz) * REACH_MS / 1000;
    let nearest = |candidates: &[i64]| -> Vec<i64> {
        let pairs = pair_beats(&truth, candidates, reach);
        pairs.into_iter().map(|(_, candidate)| candidates[candidate]).collect()
    };
    let any = taught(hz, piece, None, None);
    let beats = nearest(&any.samples);
    let known = taught(hz, piece, Some(&beats), None);
    let beats = nearest(&known.samples);
    let Teacher { samples, rows, .. } = taught(hz, piece, Some(&beats), trees);
    let is_flutter = |at: i64| record.flutter.iter().any(|&(a, b)| (a..=b).contains(&(at + from)));
    rows.only(|row| !is_flutter(samples[row]))
}

/// Makes P waves, complexes and T waves larger or smaller, anew every 30 beats.
fn reshape(lead: &mut [f32], hz: u32, truth: &[i64], dice: &mut Dice) {
    let ms = |ms: i64| ms * i64::from(hz) / 1000;
    for beats in truth.chunks(30) {
        let p = 3.0 * dice.unit().powi(2);
        let complex = 0.7 * dice.unit() - 0.55;
        let t = 2.0 * dice.unit().powi(2) - 0.3;
        for &at in beats {
            scale(lead, at - ms(260), at - ms(70), p);
            scale(lead, at - ms(70), at + ms(80), complex);
            scale(lead, at + ms(110), at + ms(400), t);
        }
    }
}

/// Adds `more` of what rises from the line between the ends, most in the middle.
fn scale(lead: &mut [f32], from: i64, to: i64, more: f32) {
    let Some(lead) = lead.get_mut(from.max(0) as usize..to.max(0) as usize) else { return };
    let (Some(&first), Some(&last)) = (lead.first(), lead.last()) else { return };
    let n = lead.len() as f32;
    for (idx, sample) in lead.iter_mut().enumerate() {
        let part = idx as f32 / n;
        let window = (4.0 * part.min(1.0 - part)).min(1.0);
        *sample += more * window * (*sample - first - part * (last - first));
    }
}

/// A lead between two, turned by an angle from the first one: the same beats, other shapes.
pub fn mixed(record: &Record, angle: Option<f32>) -> Vec<f32> {
    let Some((angle, second)) = angle.zip(record.leads.get(1)) else {
        return record.leads[0].clone();
    };
    let (sin, cos) = angle.sin_cos();
    record.leads[0].iter().zip(second).map(|(a, b)| cos * a + sin * b).collect()
}

/// Adds noise for 20 s, leaves 10 s, and so on; each time another noise and strength.
fn add_noise(lead: &mut [f32], hz: u32, truth: &[i64], noise: &[Vec<f32>], dice: &mut Dice) {
    let power = beat_power(lead, hz, truth);
    let len = 20 * hz as usize;
    for piece in lead.chunks_mut(3 * len / 2) {
        let noise = &noise[dice.bits() as usize % noise.len()];
        let from = dice.bits() as usize % (noise.len() - len);
        let decibels = 20.0 * dice.unit();
        let noise = &noise[from..from + len];
        let mean = noise.iter().sum::<f32>() / len as f32;
        let noise_power = noise.iter().map(|it| (it - mean).powi(2)).sum::<f32>() / len as f32;
        let gain = (power / noise_power.max(1.0) / 10f32.powf(decibels / 10.0)).sqrt();
        let sign = if dice.bits().is_multiple_of(2) { 1.0 } else { -1.0 };
        for (sample, noise) in piece.iter_mut().zip(noise) {
            *sample += sign * gain * (noise - mean);
        }
    }
}

/// The power of a sine as high as the median complex, as nst(1) of WFDB has it.
fn beat_power(lead: &[f32], hz: u32, truth: &[i64]) -> f32 {
    let side = hz as i64 / 20;
    let height = |&at: &i64| {
        let window = lead.get((at - side).max(0) as usize..(at + side).max(0) as usize)?;
        let high = window.iter().copied().fold(f32::MIN, f32::max);
        Some(high - window.iter().copied().fold(f32::MAX, f32::min))
    };
    let mut heights: Vec<f32> = truth.iter().filter_map(height).collect();
    heights.sort_by(f32::total_cmp);
    heights.get(heights.len() / 2).map_or(0.0, |height| height * height / 8.0)
}
