//! Takes baseline wander, mains hum and muscle noise out of one lead.

use ems_model::Millis;

use crate::biquad::Biquad;
use crate::rate::{Rate, UnsupportedRate};

/// The frequency of the mains whose hum is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mains {
    /// 50 Hz: most of the world.
    #[default]
    Hz50,
    /// 60 Hz: the Americas and parts of Asia.
    Hz60,
    /// No notch.
    Off,
}

/// Cleans one lead: high-pass 0.5 Hz, notch, low-pass 40 Hz; second order each.
#[derive(Debug, Clone)]
pub struct Cleaner {
    rate: Rate,
    stages: Vec<Biquad>,
    origin: Option<f64>,
}

const HIGH_PASS_HZ: f64 = 0.5;
const LOW_PASS_HZ: f64 = 40.0;
/// 5 Hz wide: rings out within 100 ms.
const NOTCH_Q: f64 = 10.0;
/// Where the middle of a QRS complex's energy lies.
const QRS_HZ: f64 = 10.0;

impl Cleaner {
    /// Sets up the filters for one lead at `hz`, 100..=2000.
    pub fn new(hz: u32, mains: Mains) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        let mut stages =
            vec![Biquad::high_pass(rate, HIGH_PASS_HZ), Biquad::low_pass(rate, LOW_PASS_HZ)];
        stages.extend(notch(rate, mains));
        Ok(Self { rate, stages, origin: None })
    }

    /// Takes one sample in microvolts and gives the cleaned one; NaN for NaN.
    ///
    /// After a missing sample the filters start afresh, so that no step is drawn.
    pub fn push(&mut self, microvolts: f32) -> f32 {
        if !microvolts.is_finite() {
            self.origin = None;
            return f32::NAN;
        }
        let sample = f64::from(microvolts);
        let origin = self.origin.unwrap_or_else(|| self.start_at(sample));
        narrow(self.stages.iter_mut().fold(sample - origin, |sample, stage| stage.push(sample)))
    }

    /// How late a QRS complex comes out: the group delay at 10 Hz, a few milliseconds.
    #[expect(clippy::cast_possible_truncation, reason = "a few milliseconds")]
    pub fn group_delay(&self) -> Millis {
        let delays = self.stages.iter().map(|stage| stage.group_delay_s(self.rate, QRS_HZ));
        Millis::new((delays.sum::<f64>() * 1000.0).round() as i64)
    }

    fn start_at(&mut self, sample: f64) -> f64 {
        self.stages.iter_mut().for_each(Biquad::reset);
        self.origin = Some(sample);
        sample
    }
}

/// The notch, where the rate is high enough for one.
fn notch(rate: Rate, mains: Mains) -> Option<Biquad> {
    let centre_hz = match mains {
        Mains::Hz50 => 50.0,
        Mains::Hz60 => 60.0,
        Mains::Off => return None,
    };
    (centre_hz < 0.45 * rate.hz()).then(|| Biquad::notch(rate, centre_hz, NOTCH_Q))
}

#[expect(clippy::cast_possible_truncation, reason = "microvolts need no more than 24 bits")]
fn narrow(sample: f64) -> f32 {
    sample as f32
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    /// The largest output in the last second of 20 s of a 1 mV sine on an electrode offset.
    fn peak_after(hz: u32, mains: Mains, sine_hz: f64) -> f32 {
        let mut cleaner = Cleaner::new(hz, mains).unwrap();
        let sine = |idx: u32| (TAU * sine_hz * f64::from(idx) / f64::from(hz)).sin();
        let out: Vec<f32> =
            (0..20 * hz).map(|idx| cleaner.push(narrow(5000.0 + 1000.0 * sine(idx)))).collect();
        out[19 * hz as usize..].iter().fold(0.0, |peak, value| peak.max(value.abs()))
    }

    #[test]
    fn the_heart_passes_and_wander_and_hum_do_not() {
        for hz in [100, 125, 250, 360, 500, 1000] {
            assert!((900.0..1100.0).contains(&peak_after(hz, Mains::Hz50, 8.0)), "{hz} Hz");
            assert!(peak_after(hz, Mains::Hz50, 0.1) < 60.0, "wander at {hz} Hz");
            if hz >= 125 {
                assert!(peak_after(hz, Mains::Hz50, 50.0) < 20.0, "hum at {hz} Hz");
            }
        }
    }

    #[test]
    fn an_electrode_offset_and_a_gap_draw_no_step() {
        let mut cleaner = Cleaner::new(250, Mains::Hz50).unwrap();
        assert!(cleaner.push(30_000.0).abs() < 1e-3);
        assert!(cleaner.push(f32::NAN).is_nan());
        assert!(cleaner.push(-30_000.0).abs() < 1e-3);
    }

    #[test]
    fn its_delay_is_a_few_milliseconds_at_every_rate() {
        for hz in [100, 250, 500, 2000] {
            let delay = Cleaner::new(hz, Mains::Hz50).unwrap().group_delay();
            assert!((1..=12).contains(&delay.get()), "{delay:?} at {hz} Hz");
        }
        assert_eq!(Cleaner::new(99, Mains::Off).unwrap_err(), UnsupportedRate { hz: 99 });
    }
}
