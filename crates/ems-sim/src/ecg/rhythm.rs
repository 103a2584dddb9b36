//! When the next beat comes: the RR process of ECGSYN, and the irregular one of atrial
//! fibrillation.

use std::f64::consts::TAU;

use rand_pcg::Pcg64Mcg;

use crate::chance::{normal, share};

/// Lines on each side of the spectrum.
const N_LINES: usize = 8;
/// Centre of the low-frequency (Mayer wave) peak, Hz (`McSharry` et al. 2003, section III).
const LOW_HZ: f64 = 0.1;
/// Standard deviation of both peaks, Hz (same).
const PEAK_SD_HZ: f64 = 0.01;
/// Power of the low peak over that of the high one (same).
const LOW_TO_HIGH: f64 = 0.5;
/// Standard deviation of RR over its mean at rest.
const RR_SD: f64 = 0.03;
/// Standard deviation of the logarithm of RR in atrial fibrillation.
const FIBRILLATION_SD: f64 = 0.18;
/// No ventricle answers sooner than this, seconds.
const REFRACTORY_S: f64 = 0.26;

/// The sequence of RR intervals of a sinus rhythm: a bimodal spectrum with random phases.
///
/// ECGSYN takes the inverse FFT of the spectrum; a sum of its lines is the same process and needs
/// no length beforehand.
#[derive(Debug, Clone)]
pub(crate) struct RrProcess {
    low: [f64; N_LINES],
    high: [f64; N_LINES],
}

impl RrProcess {
    pub(crate) fn new(rng: &mut Pcg64Mcg) -> Self {
        let mut phases = || std::array::from_fn(|_| TAU * share(rng));
        Self { low: phases(), high: phases() }
    }

    /// The next interval in seconds after one of `last_s`.
    pub(crate) fn next(&mut self, bpm: f64, breaths_per_min: f64, last_s: f64) -> f64 {
        let mean_s = 60.0 / bpm;
        let low = turn(&mut self.low, LOW_HZ, last_s);
        let high = turn(&mut self.high, (breaths_per_min / 60.0).max(0.05), last_s);
        let low_share = LOW_TO_HIGH / (1.0 + LOW_TO_HIGH);
        let swing = low_share.sqrt() * low + (1.0 - low_share).sqrt() * high;
        (mean_s * (1.0 + RR_SD * swing)).max(REFRACTORY_S)
    }
}

/// The next interval of atrial fibrillation, seconds: each is drawn anew.
pub(crate) fn fibrillating(bpm: f64, rng: &mut Pcg64Mcg) -> f64 {
    let mean_s = 60.0 / bpm;
    (mean_s * (FIBRILLATION_SD * normal(rng).clamp(-2.5, 2.5)).exp()).max(REFRACTORY_S)
}

/// Advances the lines of one peak and adds them up; the sum has variance 1.
fn turn(phases: &mut [f64; N_LINES], centre_hz: f64, dt_s: f64) -> f64 {
    let mut sum = 0.0;
    let mut power = 0.0;
    let mut offset_sd = -1.75;
    for phase in phases {
        let hz = centre_hz + offset_sd * PEAK_SD_HZ;
        let weight = (-offset_sd * offset_sd / 2.0_f64).exp();
        *phase = (*phase + TAU * hz * dt_s) % TAU;
        sum += (2.0 * weight).sqrt() * phase.cos();
        power += weight;
        offset_sd += 0.5;
    }
    sum / power.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Purpose, stream};

    fn mean_and_sd(mut next: impl FnMut() -> f64) -> (f64, f64) {
        let values: Vec<_> = (0..4000).map(|_| next()).collect();
        let n = 4000.0;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
        (mean, variance.sqrt())
    }

    #[test]
    fn a_sinus_rhythm_varies_as_its_spectrum_says() {
        let mut process = RrProcess::new(&mut stream(1, Purpose::Body, 0));
        let mut last = 0.8;
        let (mean, sd) = mean_and_sd(|| {
            last = process.next(75.0, 15.0, last);
            last
        });
        assert!((mean - 0.8).abs() < 0.01, "{mean}");
        assert!((sd / 0.8 - RR_SD).abs() < 0.01, "{sd}");
    }

    #[test]
    fn atrial_fibrillation_is_irregular() {
        let mut rng = stream(1, Purpose::Body, 0);
        let (mean, sd) = mean_and_sd(|| fibrillating(90.0, &mut rng));
        assert!(sd / mean > 0.15, "{sd} of {mean}");
    }
}
