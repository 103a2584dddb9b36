//! P waves that no complex follows, and flutter waves: what the atria do between the complexes.
//!
//! Only what lies outside of the complexes is looked at, for P waves only what lies outside of T
//! too. A wave is what stands out between two points beside it, in all leads together.

mod flutter;
mod train;

use std::ops::Range;

use crate::average::{AverageBeat, ShapedBeat};
use crate::delineate::delineate;
use crate::ecg::Ecg;
use crate::filter::smoothed;
use crate::lead::Lead;
use crate::rate::{Rate, mean};

pub(crate) use flutter::flutter;
pub(crate) use train::{PTrain, p_train};

/// Leads are smoothed over so much.
const SMOOTH_MS: f64 = 20.0;
/// A complex reaches so much farther to both sides than the average one, for beats are not
/// exactly above each other.
const SLACK_MS: f64 = 15.0;
/// Without a T wave that could be told, T ends so long after the complex.
const T_AFTER_MS: f64 = 300.0;

/// Where P waves and flutter are seen best beside T; any others where none of these was recorded.
const ATRIAL_LEADS: [Lead; 4] = [Lead::II, Lead::III, Lead::AVF, Lead::V1];

/// A recording with its complexes marked.
pub(crate) struct Diastole {
    rate: Rate,
    /// Smoothed leads, microvolts.
    leads: Vec<Vec<f64>>,
    /// The samples of R waves.
    beats: Vec<usize>,
    is_complex: Vec<bool>,
    is_complex_or_t: Vec<bool>,
}

impl Diastole {
    pub(crate) fn of(ecg: &Ecg, beats: &[ShapedBeat], average: &AverageBeat) -> Self {
        let rate = ecg.rate();
        let at = delineate(average);
        let slack = rate.samples(SLACK_MS);
        let before = average.r - at.qrs_on.min(average.r) + slack;
        let complex = at.qrs_off.saturating_sub(average.r) + slack;
        let t_end = at.t.map_or(at.qrs_off + rate.samples(T_AFTER_MS), |t| t.off);
        let t_end = t_end.saturating_sub(average.r) + slack;
        let beats: Vec<usize> = beats.iter().map(|beat| beat.sample).collect();
        let mark = |after: usize| {
            let mut marks = vec![false; ecg.n_samples()];
            for &beat in &beats {
                let end = (beat + after).min(marks.len());
                marks[beat.saturating_sub(before).min(end)..end].fill(true);
            }
            marks
        };
        let smooth = |lead: &[f64]| smoothed(lead, rate.samples(SMOOTH_MS));
        let has_them = ATRIAL_LEADS.iter().any(|lead| ecg.wave(*lead).is_some());
        let leads = if has_them { ATRIAL_LEADS.to_vec() } else { ecg.leads().collect() };
        Self {
            rate,
            leads: leads.iter().filter_map(|lead| ecg.wave(*lead)).map(smooth).collect(),
            is_complex: mark(complex),
            is_complex_or_t: mark(t_end),
            beats,
        }
    }

    fn n_samples(&self) -> usize {
        self.is_complex.len()
    }

    /// How far each lead stands out at a sample from the line between two points beside it; `None`
    /// where one of the three is marked.
    fn bump(&self, marks: &[bool], at: usize, arm: usize) -> Option<Vec<f64>> {
        let (left, right) = (at.checked_sub(arm)?, at + arm);
        let is_free = |sample: usize| marks.get(sample) == Some(&false);
        let stands_out = |lead: &Vec<f64>| lead[at] - f64::midpoint(lead[left], lead[right]);
        let is_open = [left, at, right].into_iter().all(is_free);
        is_open.then(|| self.leads.iter().map(stands_out).collect())
    }

    /// The times between beats, samples.
    fn intervals(&self) -> impl Iterator<Item = Range<usize>> {
        self.beats.windows(2).map(|pair| pair[0]..pair[1])
    }
}

/// The length of a vector of leads: its root mean square.
fn size(leads: &[f64]) -> f64 {
    mean(leads.iter().map(|it| it * it)).unwrap_or(0.0).sqrt()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
