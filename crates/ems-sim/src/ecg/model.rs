//! A model of lead II: `McSharry`, Clifford, Tarassenko and Smith, "A dynamical model for generating
//! synthetic electrocardiogram signals", IEEE Trans. Biomed. Eng. 50(3):289-294, 2003 (ECGSYN).
//!
//! The heart's phase turns once a beat; five Gaussian waves (Table I) pull the voltage `z` as the
//! phase passes them:
//!
//! `dz/dt = - sum_i a_i dtheta_i exp(-dtheta_i^2 / (2 b_i^2)) - (z - z0(t))`
//!
//! The paper's `x` and `y` stay on their limit cycle, the unit circle, so only the angle is kept;
//! `z` is integrated by the classical Runge-Kutta method of fourth order, as in the paper. Angles
//! and widths follow the heart rate as in the authors' program. Added here: a sixth wave that
//! raises the ST segment, atrial fibrillation without P wave, ventricular fibrillation as a sum of
//! drifting oscillations of 3 to 7 Hz, muscle noise, mains hum, electrode wander.

use std::f64::consts::{PI, TAU};

use rand_pcg::Pcg64Mcg;

use super::rhythm::{RrProcess, fibrillating};
use crate::chance::{Purpose, normal, share, stream};
use crate::mix::Rhythm;
use crate::patient::Heart;

/// One wave: where on the circle, how strong, how wide; and how its angle and width follow the
/// heart rate.
#[derive(Debug, Clone, Copy)]
struct Wave {
    theta: f64,
    a: f64,
    b: f64,
}

/// `McSharry` et al. 2003, Table I: P, Q, R, S, T.
const WAVES: [Wave; 5] = [
    Wave { theta: -PI / 3.0, a: 1.2, b: 0.25 },
    Wave { theta: -PI / 12.0, a: -5.0, b: 0.1 },
    Wave { theta: 0.0, a: 30.0, b: 0.1 },
    Wave { theta: PI / 12.0, a: -7.5, b: 0.1 },
    Wave { theta: PI / 2.0, a: 0.75, b: 0.4 },
];
/// Ours: the raised ST segment of an infarction, and the taller T wave behind it.
const ST_WAVE: Wave = Wave { theta: PI / 3.8, a: 0.75, b: 0.34 };
const ST_T_GAIN: f64 = 1.5;
/// Microvolts for one unit of `z`: an R wave of Table I becomes about 1.1 mV.
const MICROVOLTS_PER_Z: f64 = 24_000.0;
/// Breathing moves the baseline `z0` by this much (0.005 in the authors' program).
const BREATHING_Z: f64 = 0.005;

const MUSCLE_MICROVOLTS: f64 = 9.0;
const MAINS_MICROVOLTS: f64 = 8.0;
const MAINS_HZ: f64 = 50.0;
const WANDER_MICROVOLTS: f64 = 45.0;
const WANDER_HZ: f64 = 0.07;
/// Fine waves of fibrillating atria.
const ATRIA_MICROVOLTS: f64 = 55.0;
/// Coarse waves of fibrillating ventricles.
const FIBRILLATION_MICROVOLTS: f64 = 420.0;

/// A stream of lead II for one patient.
#[derive(Debug, Clone)]
pub struct EcgModel {
    hz: u32,
    rng: Pcg64Mcg,
    heart: Heart,
    waves: [Wave; 6],
    theta: f64,
    z: f64,
    rr_s: f64,
    rr: RrProcess,
    breath_phase: f64,
    mains_phase: f64,
    wander_phase: f64,
    muscle: f64,
    chaos: Chaos,
}

impl EcgModel {
    /// A patient's stream at `hz` samples a second (100..=1000), its chances drawn from the seed
    /// and the call.
    pub fn new(seed: u64, call_idx: u64, hz: u32) -> Self {
        let mut rng = stream(seed ^ 0xec6, Purpose::Body, call_idx);
        let heart = Heart { bpm: 60.0, breaths_per_min: 15.0, rhythm: Rhythm::Sinus };
        Self {
            hz,
            heart,
            waves: waves(heart),
            theta: -PI,
            z: 0.0,
            rr_s: 1.0,
            rr: RrProcess::new(&mut rng),
            breath_phase: TAU * share(&mut rng),
            mains_phase: TAU * share(&mut rng),
            wander_phase: TAU * share(&mut rng),
            muscle: 0.0,
            chaos: Chaos::new(&mut rng),
            rng,
        }
    }

    /// Samples a second.
    pub fn hz(&self) -> u32 {
        self.hz
    }

    /// What the heart does from now on; the beat that has begun ends as it began.
    pub fn set_heart(&mut self, heart: Heart) {
        self.heart = heart;
    }

    /// The next sample in microvolts.
    #[expect(clippy::cast_possible_truncation, reason = "a voltage; f32 is what devices send")]
    pub fn next_sample(&mut self) -> f32 {
        let dt_s = 1.0 / f64::from(self.hz);
        let beat = match self.heart.rhythm {
            Rhythm::Asystole => 0.0,
            Rhythm::VentricularFibrillation => {
                FIBRILLATION_MICROVOLTS * self.chaos.next(4.6, dt_s, &mut self.rng)
            }
            Rhythm::AtrialFibrillation => {
                let atria = self.chaos.next(6.2, dt_s, &mut self.rng);
                MICROVOLTS_PER_Z * self.step(dt_s) + ATRIA_MICROVOLTS * atria
            }
            Rhythm::Sinus | Rhythm::StElevation => MICROVOLTS_PER_Z * self.step(dt_s),
        };
        (beat + self.noise(dt_s)) as f32
    }

    /// One step of the model: the voltage `z` after it.
    fn step(&mut self, dt_s: f64) -> f64 {
        let omega = TAU / self.rr_s;
        let breath_step = TAU * self.heart.breaths_per_min / 60.0 * dt_s;
        let drive = |part: f64| {
            let z0 = BREATHING_Z * (self.breath_phase + part * breath_step).sin();
            pull(&self.waves, self.theta + part * omega * dt_s) + z0
        };
        let (start, middle, end) = (drive(0.0), drive(0.5), drive(1.0));
        let k1 = start - self.z;
        let k2 = middle - (self.z + 0.5 * dt_s * k1);
        let k3 = middle - (self.z + 0.5 * dt_s * k2);
        let k4 = end - (self.z + dt_s * k3);
        self.z += dt_s / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
        self.breath_phase = (self.breath_phase + breath_step) % TAU;
        self.theta += omega * dt_s;
        if self.theta >= PI {
            self.theta -= TAU;
            self.rr_s = self.next_rr();
            self.waves = waves(Heart { bpm: 60.0 / self.rr_s, ..self.heart });
        }
        self.z
    }

    fn next_rr(&mut self) -> f64 {
        let Heart { bpm, breaths_per_min, rhythm } = self.heart;
        match rhythm {
            Rhythm::AtrialFibrillation => fibrillating(bpm, &mut self.rng),
            _ => self.rr.next(bpm, breaths_per_min, self.rr_s),
        }
    }

    fn noise(&mut self, dt_s: f64) -> f64 {
        self.muscle = 0.35 * self.muscle + 0.94 * MUSCLE_MICROVOLTS * normal(&mut self.rng);
        self.mains_phase = (self.mains_phase + TAU * MAINS_HZ * dt_s) % TAU;
        self.wander_phase = (self.wander_phase + TAU * WANDER_HZ * dt_s) % TAU;
        self.muscle
            + MAINS_MICROVOLTS * self.mains_phase.sin()
            + WANDER_MICROVOLTS * self.wander_phase.sin()
    }
}

/// The waves as they stand at a heart rate: sixth and last the ST segment.
fn waves(heart: Heart) -> [Wave; 6] {
    // As in the authors' ecgsyn program: widths and the angles of Q and S grow with the square
    // root of the rate, those of P and T with its fourth root.
    let width = (heart.bpm / 60.0).sqrt();
    let spread = [width.sqrt(), width, 1.0, width, width.sqrt()];
    let at = |idx: usize, gain: f64| {
        let Wave { theta, a, b } = WAVES[idx];
        Wave { theta: theta * spread[idx], a: a * gain, b: b * width }
    };
    let has_p = heart.rhythm != Rhythm::AtrialFibrillation;
    let has_st = heart.rhythm == Rhythm::StElevation;
    let gain = |is_there: bool| f64::from(u8::from(is_there));
    [
        at(0, gain(has_p)),
        at(1, 1.0),
        at(2, 1.0),
        at(3, 1.0),
        at(4, if has_st { ST_T_GAIN } else { 1.0 }),
        Wave {
            a: ST_WAVE.a * gain(has_st),
            b: ST_WAVE.b * width,
            theta: ST_WAVE.theta * width.sqrt(),
        },
    ]
}

fn pull(waves: &[Wave; 6], theta: f64) -> f64 {
    let mut sum = 0.0;
    for wave in waves {
        let away = wrapped(theta - wave.theta);
        let widths = away / wave.b;
        if widths.abs() < 6.0 {
            sum -= wave.a * away * (-0.5 * widths * widths).exp();
        }
    }
    sum
}

/// The angle within ±π.
fn wrapped(theta: f64) -> f64 {
    if theta > PI {
        theta - TAU
    } else if theta < -PI {
        theta + TAU
    } else {
        theta
    }
}

/// Fibrillation: oscillations whose frequency and strength wander.
#[derive(Debug, Clone)]
struct Chaos {
    phases: [f64; 4],
    pitch: f64,
    strength: f64,
}

impl Chaos {
    /// Each oscillation's frequency over the dominant one, and its strength.
    const PARTS: [(f64, f64); 4] = [(0.78, 0.35), (1.0, 0.8), (1.21, 0.4), (1.52, 0.2)];

    fn new(rng: &mut Pcg64Mcg) -> Self {
        Self { phases: std::array::from_fn(|_| TAU * share(rng)), pitch: 0.0, strength: 0.0 }
    }

    /// The next value, about ±1.
    fn next(&mut self, dominant_hz: f64, dt_s: f64, rng: &mut Pcg64Mcg) -> f64 {
        let step = dt_s.sqrt();
        self.pitch += -self.pitch * dt_s + 0.25 * step * normal(rng);
        self.strength += -0.5 * self.strength * dt_s + 0.3 * step * normal(rng);
        let hz = dominant_hz * (1.0 + self.pitch.clamp(-0.3, 0.3));
        let mut sum = 0.0;
        for (phase, (ratio, part)) in self.phases.iter_mut().zip(Self::PARTS) {
            *phase = (*phase + TAU * hz * ratio * dt_s) % TAU;
            sum += part * phase.sin();
        }
        sum * (1.0 + self.strength.clamp(-0.6, 0.6))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HZ: u32 = 250;

    fn samples(bpm: f64, rhythm: Rhythm, secs: u32) -> Vec<f32> {
        let mut model = EcgModel::new(7, 1, HZ);
        model.set_heart(Heart { bpm, breaths_per_min: 15.0, rhythm });
        (0..secs * HZ).map(|_| model.next_sample()).collect()
    }

    /// R waves: the largest of each run above half a millivolt over the second's median.
    fn n_beats(samples: &[f32]) -> usize {
        let mut beats = 0;
        let mut last = 0;
        for (idx, pair) in samples.windows(2).enumerate() {
            if pair[0] < 550.0 && pair[1] >= 550.0 && (beats == 0 || idx - last > 60) {
                (beats, last) = (beats + 1, idx);
            }
        }
        beats
    }

    #[test]
    fn it_beats_as_often_as_the_heart_does() {
        for bpm in [50.0, 75.0, 120.0, 150.0] {
            let beats = n_beats(&samples(bpm, Rhythm::Sinus, 60));
            let off = (f64::from(u32::try_from(beats).unwrap()) - bpm).abs();
            assert!(off <= 3.0, "{beats} beats at {bpm} beats/min");
        }
    }

    #[test]
    fn an_r_wave_is_about_a_millivolt_at_any_rate() {
        for bpm in [45.0, 60.0, 100.0, 180.0] {
            let samples = samples(bpm, Rhythm::Sinus, 20);
            let highest = samples.iter().copied().fold(f32::MIN, f32::max);
            let lowest = samples.iter().copied().fold(f32::MAX, f32::min);
            assert!((800.0..1600.0).contains(&highest), "{highest} µV at {bpm}");
            assert!((-600.0..-100.0).contains(&lowest), "{lowest} µV at {bpm}");
        }
    }

    /// The mean voltage over a beat's phase from `from` to `to`, without noise.
    fn level(rhythm: Rhythm, from: f64, to: f64) -> f64 {
        let mut model = EcgModel::new(7, 1, HZ);
        model.set_heart(Heart { bpm: 75.0, breaths_per_min: 0.0, rhythm });
        let (mut sum, mut n) = (0.0, 0.0);
        for _ in 0..20 * HZ {
            let z = model.step(1.0 / f64::from(HZ));
            if (from..to).contains(&model.theta) {
                (sum, n) = (sum + z * MICROVOLTS_PER_Z, n + 1.0);
            }
        }
        sum / n
    }

    #[test]
    fn an_infarction_raises_the_st_segment_by_more_than_a_tenth_of_a_millivolt() {
        let above_baseline = |rhythm| level(rhythm, 0.7, 0.9) - level(rhythm, -2.6, -2.2);
        let raised = above_baseline(Rhythm::StElevation) - above_baseline(Rhythm::Sinus);
        assert!(raised > 100.0, "{raised} µV");
    }

    #[test]
    fn arrests_look_like_arrests() {
        let rms = |samples: &[f32]| {
            let sum: f64 = samples.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
            (sum / f64::from(u32::try_from(samples.len()).unwrap())).sqrt()
        };
        let flat = rms(&samples(60.0, Rhythm::Asystole, 20));
        let coarse = rms(&samples(60.0, Rhythm::VentricularFibrillation, 20));
        assert!(flat < 60.0, "{flat} µV");
        assert!((150.0..700.0).contains(&coarse), "{coarse} µV");
    }

    #[test]
    fn the_same_call_gives_the_same_wave() {
        let (first, second) = (samples(75.0, Rhythm::Sinus, 2), samples(75.0, Rhythm::Sinus, 2));
        assert!(first.iter().zip(&second).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}
