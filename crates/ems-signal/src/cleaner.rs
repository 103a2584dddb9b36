//! Takes spikes, mains hum, baseline wander and muscle noise out of leads.

use ems_model::Millis;

use crate::biquad::Biquad;
use crate::gaps::{Bridge, Cleaned, Gaps, Leads};
use crate::hum::Hum;
use crate::lanes::{Lanes, Loop, wide};
use crate::muscle::Muscle;
use crate::rate::{Rate, UnsupportedRate};
use crate::sections::{HighPass, Section};
use crate::spikes::Spikes;
use crate::tail::Delay;

/// The frequency of the mains whose hum is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mains {
    /// 50 Hz: most of the world.
    Hz50,
    /// 60 Hz: the Americas and parts of Asia.
    Hz60,
    /// No hum is taken out.
    Off,
    /// Whichever of the two hums.
    #[default]
    Auto,
}

/// Cleans up to `4 * QUADS` leads that were sampled together, each by itself but for the mains
/// frequency, which they share.
///
/// In this order: spikes up to 6 ms, hum, high-pass 0.5 Hz, low-pass 40 Hz (second order each),
/// muscle noise. What comes out does not depend on how the stream is cut into blocks.
#[derive(Debug, Clone)]
pub struct Cleaner<const QUADS: usize = 1> {
    gaps: Gaps<QUADS>,
    filters: Filters<QUADS>,
    missing: Vec<Leads>,
}

const HIGH_PASS_HZ: f64 = 0.5;
const LOW_PASS_HZ: f64 = 40.0;
/// So many samples go through all stages before the next ones, so that they stay in the nearest
/// cache.
pub(crate) const PART: usize = 128;
/// Where the middle of a QRS complex's energy lies.
const QRS_HZ: f64 = 10.0;

impl<const QUADS: usize> Cleaner<QUADS> {
    /// Sets up the filters at `hz`, 100..=2000.
    pub fn new(hz: u32, mains: Mains) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        Ok(Self { gaps: Gaps::new(rate), filters: Filters::new(rate, mains), missing: vec![] })
    }

    /// Takes samples as measured and adds as many cleaned ones to `out`, each late by
    /// [`Self::delay_samples`]; what was in `block` is lost.
    pub fn clean(&mut self, block: &mut [Lanes<QUADS>], out: &mut Vec<Cleaned<QUADS>>) {
        self.missing.clear();
        self.gaps.take(block, &mut self.missing);
        self.filters.run(block, &self.missing, out);
    }

    /// How late a QRS complex comes out: the group delay at 10 Hz.
    pub fn group_delay(&self) -> Millis {
        self.filters.group_delay()
    }

    /// How many samples late a sample comes out, but for what the filters smear.
    pub fn delay_samples(&self) -> usize {
        self.filters.delay_samples()
    }

    /// The frequency whose hum is taken out; none where there is no such stage.
    pub fn mains_hz(&self) -> Option<f64> {
        self.filters.mains_hz()
    }
}

impl Cleaner<1> {
    /// Takes one sample of one lead in microvolts, NaN for a missing one, and gives a cleaned one
    /// of a little before; NaN where that was missing.
    pub fn push(&mut self, microvolts: f32) -> f32 {
        let mut out = Vec::with_capacity(1);
        self.clean(&mut [Lanes::of(&[microvolts])], &mut out);
        out[0].measured(0)
    }
}

/// What works on samples none of which is missing any more.
#[derive(Debug, Clone)]
pub(crate) struct Filters<const QUADS: usize> {
    rate: Rate,
    spikes: Spikes<QUADS>,
    hum: Option<Hum<QUADS>>,
    smoothing: Smoothing<QUADS>,
    bridge: Bridge<QUADS>,
    delay: usize,
    late: Vec<Leads>,
}

/// What follows once nothing stands out and nothing hums.
#[derive(Debug, Clone)]
struct Smoothing<const QUADS: usize> {
    high_pass: HighPass<QUADS>,
    low_pass: Section<QUADS>,
    muscle: Muscle<QUADS>,
    late: Delay<QUADS>,
}

impl<const QUADS: usize> Loop<&mut [Lanes<QUADS>]> for Smoothing<QUADS> {
    type Told = ();

    /// In one loop: each stage waits for what it gave last, and not for the others.
    #[inline(always)]
    fn run(&mut self, block: &mut [Lanes<QUADS>]) {
        let (mut high_pass, mut low_pass) = (self.high_pass.clone(), self.low_pass.clone());
        let mut muscle = self.muscle.clone();
        for sample in block {
            let smooth = low_pass.push(high_pass.push(*sample));
            *sample = muscle.push(smooth, self.late.push(smooth));
        }
        (self.high_pass, self.low_pass, self.muscle) = (high_pass, low_pass, muscle);
    }
}

impl<const QUADS: usize> Filters<QUADS> {
    pub(crate) fn new(rate: Rate, mains: Mains) -> Self {
        let (spikes, (muscle, late)) = (Spikes::new(rate), Muscle::new(rate));
        let delay = spikes.delay() + late;
        Self {
            rate,
            spikes,
            hum: Hum::new(rate, mains),
            smoothing: Smoothing {
                high_pass: HighPass::new(rate, HIGH_PASS_HZ),
                low_pass: Section::new(&Biquad::low_pass(rate, LOW_PASS_HZ)),
                muscle,
                late: Delay::new(late),
            },
            bridge: Bridge::new(rate),
            delay,
            late: vec![Leads::MAX; delay],
        }
    }

    pub(crate) fn run(
        &mut self,
        block: &mut [Lanes<QUADS>],
        missing: &[Leads],
        out: &mut Vec<Cleaned<QUADS>>,
    ) {
        self.late.extend_from_slice(missing);
        let mut missing = &self.late[..];
        for part in block.chunks_mut(PART) {
            wide(&mut self.spikes, &mut *part);
            if let Some(hum) = &mut self.hum {
                hum.run(part);
            }
            wide(&mut self.smoothing, &mut *part);
            let (now, later) = missing.split_at(part.len());
            self.bridge.take(part, now, out);
            missing = later;
        }
        self.late.drain(..block.len());
    }

    pub(crate) const fn delay_samples(&self) -> usize {
        self.delay
    }

    pub(crate) fn mains_hz(&self) -> Option<f64> {
        self.hum.as_ref().map(Hum::hz)
    }

    /// Samples taken out of each lead as spikes since the last call.
    pub(crate) fn take_spikes(&mut self) -> Lanes<QUADS> {
        self.spikes.take_found()
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "tens of milliseconds"
    )]
    fn group_delay(&self) -> Millis {
        let rate = self.rate;
        let filters = [Biquad::high_pass(rate, HIGH_PASS_HZ), Biquad::low_pass(rate, LOW_PASS_HZ)];
        let filters: f64 = filters.iter().map(|it| it.group_delay_s(rate, QRS_HZ)).sum();
        Millis::new(((filters + self.delay as f64 / rate.hz()) * 1000.0).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;
    use crate::sections::narrow;

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
            // Fibrillation, which rests nowhere, loses some of its size to the last stage.
            assert!((900.0..1100.0).contains(&peak_after(hz, Mains::Hz50, 4.0)), "{hz} Hz");
            assert!((800.0..1100.0).contains(&peak_after(hz, Mains::Hz50, 8.0)), "{hz} Hz");
            assert!(peak_after(hz, Mains::Hz50, 0.1) < 60.0, "wander at {hz} Hz");
            if hz >= 125 {
                assert!(peak_after(hz, Mains::Hz50, 50.0) < 20.0, "hum at {hz} Hz");
            }
        }
    }

    #[test]
    fn an_electrode_offset_and_a_gap_draw_no_step() {
        let mut cleaner = Cleaner::new(250, Mains::Hz50).unwrap();
        let levels = [30_000.0, f32::NAN, -30_000.0].into_iter();
        let wave = levels.flat_map(|level| std::iter::repeat_n(level, 250));
        let out: Vec<f32> = wave.map(|sample| cleaner.push(sample)).collect();
        assert!(out.iter().all(|it| it.is_nan() || it.abs() < 1e-3));
        assert_eq!(out.iter().filter(|it| it.is_nan()).count(), 250 + cleaner.delay_samples());
    }

    #[test]
    fn its_delay_is_some_tens_of_milliseconds_at_every_rate() {
        for hz in [100, 250, 500, 2000] {
            let delay = Cleaner::<1>::new(hz, Mains::Hz50).unwrap().group_delay();
            assert!((30..=50).contains(&delay.get()), "{delay:?} at {hz} Hz");
        }
        assert_eq!(Cleaner::<1>::new(99, Mains::Off).unwrap_err(), UnsupportedRate { hz: 99 });
    }
}
