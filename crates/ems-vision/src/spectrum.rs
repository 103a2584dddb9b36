//! The strongest rate of a pulse wave, and how far it stands out.

use std::f64::consts::TAU;

use crate::methods::hann;
use crate::pulse::BAND_HZ;
use crate::skin::count;
use crate::trace::HZ;

/// A peak of the spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    pub(crate) bpm: f64,
    /// Power around the rate and its double over the rest of the band, in decibels.
    pub(crate) snr_db: f64,
}

/// Steps of a spectrum, in beats a minute.
const STEP_BPM: f64 = 0.5;
/// Power this near to the rate, and to its double, is the pulse's (de Haan and Jeanne 2013, there
/// of a spectrum of 5 and 10 a minute; from memory, unverified).
const NEAR_BPM: [f64; 2] = [6.0, 12.0];

/// The strongest rate of `wave`, within `reach` beats a minute of a known one where it is given.
pub(crate) fn peak(wave: &[f64], near: Option<(f64, f64)>) -> Option<Peak> {
    let spectrum = spectrum(wave);
    let is_near = |bpm: f64| near.is_none_or(|(of, reach)| (bpm - of).abs() <= reach);
    let candidates = spectrum.iter().enumerate().filter(|(_, (bpm, _))| is_near(*bpm));
    let (idx, _) = candidates.max_by(|a, b| a.1.1.total_cmp(&b.1.1))?;
    let bpm = refine(&spectrum, idx);
    let is_pulse =
        |at: f64| (at - bpm).abs() <= NEAR_BPM[0] || (at - 2.0 * bpm).abs() <= NEAR_BPM[1];
    let power = |wanted: bool| {
        let part = spectrum.iter().filter(|(at, _)| is_pulse(*at) == wanted);
        part.map(|(_, power)| power).sum::<f64>()
    };
    let snr_db = 10.0 * (power(true) / power(false).max(f64::MIN_POSITIVE)).log10();
    snr_db.is_finite().then_some(Peak { bpm, snr_db })
}

/// Power by rate, over the band. As many operations as samples times 400.
fn spectrum(wave: &[f64]) -> Vec<(f64, f64)> {
    let windowed = wave.iter().enumerate();
    let windowed: Vec<f64> = windowed.map(|(idx, it)| it * hann(idx, wave.len())).collect();
    let n_steps = ((BAND_HZ[1] - BAND_HZ[0]) * 60.0 / STEP_BPM).round();
    let rates = (0_u16..).map(f64::from).take_while(|step| *step <= n_steps);
    let rates = rates.map(|step| BAND_HZ[0] * 60.0 + step * STEP_BPM);
    rates.map(|bpm| (bpm, power_at(&windowed, bpm / 60.0))).collect()
}

/// Goertzel's recurrence.
fn power_at(samples: &[f64], at_hz: f64) -> f64 {
    let twice_cos = 2.0 * (TAU * at_hz / HZ).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        (last, before) = (sample + twice_cos * last - before, last);
    }
    (last * last + before * before - twice_cos * last * before) / count(samples.len().max(1))
}

/// The top of a parabola through the logarithms of three neighbours.
fn refine(spectrum: &[(f64, f64)], idx: usize) -> f64 {
    let at = spectrum[idx].0;
    let around = idx.checked_sub(1).and_then(|before| spectrum.get(before..idx + 2));
    let Some([before, top, after]) = around else { return at };
    let [before, top, after] = [before, top, after].map(|it| it.1.max(f64::MIN_POSITIVE).ln());
    let bend = before - 2.0 * top + after;
    if bend >= 0.0 {
        return at;
    }
    at + STEP_BPM * (0.5 * (before - after) / bend).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_tone_is_found_between_the_steps() {
        for bpm in [48.3, 71.9, 143.2, 231.0] {
            let wave: Vec<f64> =
                (0..450).map(|idx| (TAU * bpm / 60.0 * f64::from(idx) / HZ).sin()).collect();
            let found = peak(&wave, None).unwrap();
            assert!((found.bpm - bpm).abs() < 0.1, "{} for {bpm}", found.bpm);
            assert!(found.snr_db > 10.0, "{} dB", found.snr_db);
        }
    }
}
