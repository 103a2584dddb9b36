//! Made-up hearts whose waves begin and end where they were told to.

use std::f64::consts::{FRAC_PI_2, PI};

use ems_ecg::Lead;

/// One lead's waves, millivolts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amplitudes {
    pub(crate) p: f64,
    pub(crate) q: f64,
    pub(crate) r: f64,
    pub(crate) s: f64,
    pub(crate) r2: f64,
    pub(crate) st: f64,
    pub(crate) t: f64,
}

/// A heart; times in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Heart {
    pub(crate) hz: u32,
    pub(crate) rr: Vec<f64>,
    /// `None` for one without P waves.
    pub(crate) pr: Option<f64>,
    pub(crate) p: f64,
    pub(crate) qrs: f64,
    pub(crate) qt: f64,
    pub(crate) leads: Vec<(Lead, Amplitudes)>,
    /// Noise of so many microvolts, and wander of ten times as much.
    pub(crate) noise: f64,
    /// Onsets of P waves that go their own way, from the start.
    pub(crate) p_at: Vec<f64>,
    /// The period of flutter waves.
    pub(crate) flutter: Option<f64>,
}

/// Voltages of a healthy adult, roughly.
pub(crate) fn normal_leads() -> Vec<(Lead, Amplitudes)> {
    let rows = [
        (Lead::I, 0.08, 0.05, 0.7, 0.1, 0.2),
        (Lead::II, 0.14, 0.06, 1.0, 0.15, 0.3),
        (Lead::V1, 0.05, 0.0, 0.2, 0.9, 0.05),
        (Lead::V2, 0.07, 0.0, 0.5, 1.3, 0.4),
        (Lead::V3, 0.07, 0.0, 0.8, 0.9, 0.4),
        (Lead::V4, 0.08, 0.05, 1.4, 0.5, 0.4),
        (Lead::V5, 0.08, 0.08, 1.3, 0.2, 0.35),
        (Lead::V6, 0.08, 0.08, 1.0, 0.1, 0.25),
    ];
    let of = |(lead, p, q, r, s, t)| (lead, Amplitudes { p, q, r, s, r2: 0.0, st: 0.0, t });
    rows.map(of).to_vec()
}

impl Amplitudes {
    /// Q, R, S and R' side by side: heights and shares of the complex. A lead without Q or R'
    /// shares the time among the others, so that leads do not turn at the same moments.
    fn parts(&self) -> Vec<(f64, f64)> {
        let parts = [(-self.q, 0.6), (self.r, 1.2), (-self.s, 1.0), (self.r2, 1.1)];
        let parts = parts.into_iter().filter(|(height, _)| *height != 0.0);
        let whole: f64 = parts.clone().map(|(_, share)| share).sum();
        parts.map(|(height, share)| (height, share / whole)).collect()
    }
}

impl Heart {
    /// Ten seconds at a steady rate.
    pub(crate) fn steady(hz: u32, bpm: f64) -> Self {
        let rr = 60_000.0 / bpm;
        let n_beats = (10_000.0 / rr) as usize;
        Self {
            hz,
            rr: vec![rr; n_beats],
            pr: Some(160.0),
            p: 100.0,
            qrs: 90.0,
            qt: (0.39 * (rr / 1000.0).cbrt() * 1000.0).min(0.6 * rr),
            leads: normal_leads(),
            noise: 0.0,
            p_at: vec![],
            flutter: None,
        }
    }

    pub(crate) fn lead_mut(&mut self, lead: Lead) -> &mut Amplitudes {
        let own = self.leads.iter_mut().find(|(own, _)| *own == lead);
        &mut own.expect("one of the eight").1
    }

    /// Microvolts of each lead.
    pub(crate) fn record(&self) -> Vec<(Lead, Vec<f32>)> {
        let n_samples = 10 * self.hz;
        let mut seed = 1_u64;
        let mut record = vec![];
        for (lead, volts) in &self.leads {
            let mut samples = vec![];
            for idx in 0..n_samples {
                let ms = 1000.0 * f64::from(idx) / f64::from(self.hz);
                let wander = 10.0 * self.noise * (ms / 1700.0).sin();
                let value = 1000.0 * self.value(ms, volts) + wander;
                samples.push((value + self.noise * chance(&mut seed)) as f32);
            }
            record.push((*lead, samples));
        }
        record
    }

    fn value(&self, ms: f64, volts: &Amplitudes) -> f64 {
        let mut at = 500.0;
        let own = self.p_at.iter().map(|p_at| volts.p * lobe(ms - p_at, self.p));
        let mut sum: f64 = own.sum();
        if let Some(period) = self.flutter {
            // A slow fall and a steep rise, as of the usual flutter.
            let phase = (ms / period).fract();
            sum +=
                1.5 * volts.p * if phase < 0.7 { 0.5 - phase / 0.7 } else { (phase - 0.85) / 0.3 };
        }
        for rr in &self.rr {
            if (-500.0..900.0).contains(&(ms - at)) {
                sum += self.beat(ms - at, volts);
            }
            at += rr;
        }
        sum
    }

    /// `ms` from the onset of QRS. ST rises to its
    /// level by the J point and falls with T, whose steepest tangent ends at QT.
    fn beat(&self, ms: f64, volts: &Amplitudes) -> f64 {
        let p = self.pr.map_or(0.0, |pr| volts.p * lobe(ms + pr, self.p));
        let mut from = 0.0;
        let mut complex = 0.0;
        for (height, share) in volts.parts() {
            complex += height * lobe(ms - from, share * self.qrs);
            from += share * self.qrs;
        }
        let rise = 140.0;
        let half_fall = 100.0;
        let peak = self.qt - half_fall * (0.5 + 1.0 / PI);
        let t = if ms < peak {
            lobe(ms - peak + rise, 2.0 * rise)
        } else {
            lobe(ms - peak + half_fall, 2.0 * half_fall)
        };
        let st = match ms {
            _ if ms < 0.0 || ms > peak + half_fall => 0.0,
            _ if ms < self.qrs => (FRAC_PI_2 * ms / self.qrs).sin().powi(2),
            _ if ms < peak => 1.0,
            _ => lobe(ms - peak + half_fall, 2.0 * half_fall),
        };
        p + complex + volts.t * t + volts.st * st
    }
}

/// A squared sine from 0 to `length`.
fn lobe(ms: f64, length: f64) -> f64 {
    if (0.0..length).contains(&ms) { (PI * ms / length).sin().powi(2) } else { 0.0 }
}

/// Between -1 and 1, by Numerical Recipes' quick generator.
fn chance(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
}
