//! Second-order filters (R. Bristow-Johnson's audio cookbook, bilinear transform).

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::rate::Rate;

/// The weights of one filter section.
#[derive(Debug, Clone)]
pub(crate) struct Biquad {
    forward: [f64; 3],
    back: [f64; 2],
}

impl Biquad {
    /// Butterworth low-pass: 3 dB down at `cutoff_hz`.
    pub(crate) fn low_pass(rate: Rate, cutoff_hz: f64) -> Self {
        let (cos, alpha) = shape(rate, cutoff_hz, FRAC_1_SQRT_2);
        let side = (1.0 - cos) / 2.0;
        Self::new([side, 1.0 - cos, side], cos, alpha)
    }

    /// Butterworth high-pass: 3 dB down at `cutoff_hz`.
    pub(crate) fn high_pass(rate: Rate, cutoff_hz: f64) -> Self {
        let (cos, alpha) = shape(rate, cutoff_hz, FRAC_1_SQRT_2);
        let side = f64::midpoint(1.0, cos);
        Self::new([side, -1.0 - cos, side], cos, alpha)
    }

    /// Takes out `centre_hz`; 3 dB down `centre_hz / q` apart.
    #[cfg(test)]
    pub(crate) fn notch(rate: Rate, centre_hz: f64, q: f64) -> Self {
        let (cos, alpha) = shape(rate, centre_hz, q);
        Self::new([1.0, -2.0 * cos, 1.0], cos, alpha)
    }

    /// Bessel low-pass: delays what it passes evenly; 3 dB down somewhat below `corner_hz`.
    pub(crate) fn bessel(rate: Rate, corner_hz: f64) -> Self {
        let (cos, alpha) = shape(rate, corner_hz, 1.0 / 3.0_f64.sqrt());
        let side = (1.0 - cos) / 2.0;
        Self::new([side, 1.0 - cos, side], cos, alpha)
    }

    /// The weights of the samples and of what came out, the newest first.
    pub(crate) const fn weights(&self) -> ([f64; 3], [f64; 2]) {
        (self.forward, self.back)
    }

    fn new(forward: [f64; 3], cos: f64, alpha: f64) -> Self {
        let scale = 1.0 / (1.0 + alpha);
        let back = [-2.0 * cos * scale, (1.0 - alpha) * scale];
        Self { forward: forward.map(|weight| weight * scale), back }
    }

    /// The group delay at `at_hz`, in seconds.
    pub(crate) fn group_delay_s(&self, rate: Rate, at_hz: f64) -> f64 {
        let step_hz = 0.01;
        let turn = self.phase(rate, at_hz - step_hz) - self.phase(rate, at_hz + step_hz);
        turn / (TAU * 2.0 * step_hz)
    }

    fn phase(&self, rate: Rate, at_hz: f64) -> f64 {
        let angle = TAU * at_hz / rate.hz();
        let [b0, b1, b2] = self.forward;
        let [a1, a2] = self.back;
        turn(b0, b1, b2, angle) - turn(1.0, a1, a2, angle)
    }
}

/// The argument of `c0 + c1/z + c2/z²` at `angle` on the unit circle.
fn turn(c0: f64, c1: f64, c2: f64, angle: f64) -> f64 {
    let re = c0 + c1 * angle.cos() + c2 * (2.0 * angle).cos();
    let im = -c1 * angle.sin() - c2 * (2.0 * angle).sin();
    im.atan2(re)
}

fn shape(rate: Rate, at_hz: f64, q: f64) -> (f64, f64) {
    let angle = TAU * at_hz / rate.hz();
    (angle.cos(), angle.sin() / (2.0 * q))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twin::PlainSection;

    /// The amplitude after two seconds of a sine of `at_hz`.
    fn gain(filter: &Biquad, rate: Rate, at_hz: f64) -> f64 {
        let sine = |idx: u32| (TAU * at_hz * f64::from(idx) / rate.hz()).sin();
        let mut filter = PlainSection::new(filter);
        let out: Vec<f64> = (0..4000).map(|idx| filter.push(sine(idx))).collect();
        out[2000..].iter().fold(0.0, |peak: f64, value| peak.max(value.abs()))
    }

    #[test]
    fn each_filter_passes_and_stops_what_its_name_says() {
        let rate = Rate::new(500).unwrap();
        for (filter, at_hz, low, high) in [
            (Biquad::low_pass(rate, 40.0), 5.0, 0.99, 1.01),
            (Biquad::low_pass(rate, 40.0), 40.0, 0.70, 0.715),
            (Biquad::low_pass(rate, 40.0), 150.0, 0.0, 0.06),
            (Biquad::high_pass(rate, 5.0), 1.0, 0.0, 0.05),
            (Biquad::high_pass(rate, 5.0), 50.0, 0.95, 1.01),
            (Biquad::notch(rate, 50.0, 10.0), 50.0, 0.0, 0.01),
            (Biquad::notch(rate, 50.0, 10.0), 30.0, 0.98, 1.01),
        ] {
            let gain = gain(&filter, rate, at_hz);
            assert!((low..=high).contains(&gain), "{gain} at {at_hz} Hz");
        }
    }
}
