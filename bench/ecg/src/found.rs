//! Beats of a lead, and the points of CPSC2019.

use ems_signal::{BeatFinder, Painter, Portrait, Scorer, UnsupportedRate, compare_beats};

use crate::records::Record;

/// The beats found, and the longest wait in samples for one found after the first 2 s.
pub fn found<S: Scorer>(mut finder: BeatFinder<S>, lead: &[f32]) -> (Vec<i64>, u64) {
    let mut beats = vec![];
    for &sample in lead {
        finder.push(sample);
        beats.extend(std::iter::from_fn(|| finder.poll_output()));
    }
    finder.finish();
    beats.extend(std::iter::from_fn(|| finder.poll_output()));
    let late = beats.iter().filter(|beat| beat.found_at > u64::from(2 * finder.hz()));
    let wait = late.map(|beat| beat.found_at - beat.sample).max();
    (beats.iter().map(|beat| beat.sample.cast_signed()).collect(), wait.unwrap_or(0))
}

/// The mean of a point a strip, 0.7 for one error, 0.3 for two, none for more; within 75 ms, beats
/// of the first and last half second left out. Also tells the errors of strips that lost points.
pub fn strip_points(
    strips: &[Record],
    mut beats: impl FnMut(&Record) -> Vec<i64>,
) -> (f64, String) {
    let (mut points, mut shown) = (0.0, String::new());
    for strip in strips {
        let half = i64::from(strip.hz) / 2;
        let inner = |beats: Vec<i64>| -> Vec<i64> {
            beats.into_iter().filter(|at| (half..19 * half).contains(at)).collect()
        };
        let score = compare_beats(&inner(strip.truth()), &inner(beats(strip)), 75 * half / 500);
        let n_errors = score.n_missed + score.n_false;
        points += [1.0, 0.7, 0.3].get(n_errors).copied().unwrap_or(0.0);
        if n_errors > 0 {
            shown += &format!(" {}:-{}+{}", strip.name, score.n_missed, score.n_false);
        }
    }
    (points / strips.len().max(1) as f64, shown)
}

/// The portraits of the first lead's beats, by all of `leads`.
pub fn portraits(hz: u32, leads: &[&[f32]]) -> Result<Vec<Portrait>, UnsupportedRate> {
    let mut painter = Painter::new(hz, leads.len())?;
    let mut portraits = vec![];
    let n_samples = leads.iter().map(|lead| lead.len()).max().unwrap_or(0);
    let mut samples = vec![f32::NAN; leads.len()];
    for at in 0..n_samples {
        for (sample, lead) in samples.iter_mut().zip(leads) {
            *sample = lead.get(at).copied().unwrap_or(f32::NAN);
        }
        painter.push(&samples);
        portraits.extend(std::iter::from_fn(|| painter.poll_output()));
    }
    painter.finish();
    portraits.extend(std::iter::from_fn(|| painter.poll_output()));
    Ok(portraits)
}
