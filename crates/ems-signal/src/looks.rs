//! How a complex looks in one lead, and beside what is usual of that lead.

use crate::candidate::{extremes, mean, whole};
use crate::intervals::{Mean, Window};
use crate::kinds::LeadView;
use crate::tails::{P_WAVE, Tails, p_line};
use crate::wave::{SMOOTH_DELAY, Wave};

/// The complex: 120 ms before its centre to 128 ms after.
const COMPLEX: usize = 32;
const COMPLEX_UNTIL: u64 = 16;
/// Its middle: 64 ms to either side.
const CORE: usize = 17;
const CORE_UNTIL: u64 = 8;
/// The level before it: 104 to 72 ms before the centre.
const LEVEL: usize = 5;
const LEVEL_BEFORE: u64 = 9;
/// The T wave: 112 to 312 ms after the centre.
const T_WAVE: usize = 26;
const T_WAVE_UNTIL: u64 = 39;
/// A slope counts to the complex' width above this part of the steepest.
const STEEP: f32 = 0.12;
/// Below this slope, in microvolts per 8 ms, is no beat.
const FAINT: f32 = 4.0;
/// A P wave is known from so many beats.
const P_WAVES: f32 = 6.0;

/// What is measured of a complex: the first six are told over the usual, the others from it.
const MEASURES: usize = 9;
const RATIOS: usize = 6;
/// Numbers that a lead tells of a beat.
pub(crate) const LOOKS: usize = MEASURES + 5;

/// What a lead tells of a beat.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// How much of the usual energy the lead has there; 0 where it shows nothing.
    pub(crate) presence: f32,
    /// The width in samples: the slopes' mean distance from their middle, squared and rooted.
    pub(crate) width: f32,
    pub(crate) numbers: [f32; LOOKS],
    /// The usual P wave's size over the complex', and how much P waves are like it of late.
    pub(crate) p_size: f32,
    pub(crate) p_constancy: f32,
}

/// What is usual of a lead.
#[derive(Debug, Clone)]
pub(crate) struct LeadHabits {
    measures: [Window<64>; MEASURES],
    sizes: Window<32>,
    steepest: Window<64>,
    p_wave: [f32; P_WAVE],
    n_p_waves: f32,
    p_likeness: Mean,
    tails: Tails,
}

impl Default for LeadHabits {
    fn default() -> Self {
        Self {
            measures: std::array::from_fn(|_| Window::default()),
            sizes: Window::default(),
            steepest: Window::default(),
            p_wave: [0.0; P_WAVE],
            n_p_waves: 0.0,
            p_likeness: Mean::of_last(30.0),
            tails: Tails::default(),
        }
    }
}

/// A complex measured.
struct Measured {
    values: [f32; MEASURES],
    size: f32,
    steepest: f32,
    path: f32,
}

impl LeadHabits {
    /// The lead with its weight: one over the usual steepest slope.
    pub(crate) fn view<'a>(&self, wave: &'a Wave, centre: u64) -> LeadView<'a> {
        let steepest = complex_slopes(wave, centre).fold(0.0, f32::max);
        let usual = self.steepest.quantile(0.5).max(FAINT);
        let usual = if usual.is_nan() { steepest.max(FAINT) } else { usual };
        LeadView { wave, weight: if steepest < FAINT { 0.0 } else { 1.0 / usual } }
    }

    /// Looks at the complex around `centre`, the one before it being at `last`, and learns what is
    /// usual.
    pub(crate) fn look(&mut self, lead: &LeadView<'_>, last: Option<u64>, centre: u64) -> Look {
        if lead.weight <= 0.0 {
            return Look::nothing();
        }
        let measured = Measured::of(lead.wave, centre);
        let mut numbers = [0.0; LOOKS];
        let all = self.measures.iter_mut().zip(measured.values);
        for (at, (number, (known, value))) in numbers.iter_mut().zip(all).enumerate() {
            let usual = known.quantile(0.5);
            *number = if at < RATIOS { value / usual } else { value - usual };
            known.push(value);
        }
        self.sizes.push(measured.size);
        self.steepest.push(measured.steepest);
        let size = self.sizes.quantile(0.5);
        let p_constancy = self.p_likeness.value();
        let [p_likeness, p_distance] = self.compare_p_wave(lead.wave, centre, size);
        let p_rest = last.map_or(f32::NAN, |last| self.p_rest(lead.wave, last, centre) / size);
        let rest = [measured.values[3], measured.values[8], p_likeness, p_distance, p_rest];
        numbers[MEASURES..].copy_from_slice(&rest);
        let p_size = if self.n_p_waves < P_WAVES { f32::NAN } else { rms(&self.p_wave) / size };
        let (presence, width) = (measured.path * lead.weight, measured.values[0]);
        Look { presence, width, numbers, p_size, p_constancy }
    }

    /// The likeness to the usual P wave, and the mean distance over the complex' usual size.
    fn compare_p_wave(&mut self, wave: &Wave, centre: u64, size: f32) -> [f32; 2] {
        if self.n_p_waves < P_WAVES {
            return [f32::NAN; 2];
        }
        let line = p_line(wave, centre);
        let both: f32 = line.iter().zip(&self.p_wave).map(|(a, b)| a * b).sum();
        let own = rms(&line) * rms(&self.p_wave) * whole(P_WAVE);
        let likeness = both / own.max(1e-3);
        self.p_likeness.push(likeness);
        [likeness, distance(&line, &self.p_wave) / size]
    }

    /// How far from the usual P wave what is left there without the T wave is; microvolts.
    fn p_rest(&self, wave: &Wave, last: u64, centre: u64) -> f32 {
        if self.n_p_waves < P_WAVES {
            return f32::NAN;
        }
        distance(&self.tails.rest(wave, last, centre), &self.p_wave)
    }

    /// Learns what followed a usual beat at `last`.
    pub(crate) fn learn_tail(&mut self, wave: &Wave, last: u64, centre: u64) {
        self.tails.learn(wave, last, centre);
    }

    /// Learns the P wave of a usual beat that was not early.
    pub(crate) fn learn_p_wave(&mut self, wave: &Wave, centre: u64) {
        self.n_p_waves = (self.n_p_waves + 1.0).min(20.0);
        let line = p_line(wave, centre);
        self.p_wave.iter_mut().zip(line).for_each(|(a, b)| *a += (b - *a) / self.n_p_waves);
    }
}

impl Look {
    const fn nothing() -> Self {
        let nan = f32::NAN;
        Self { presence: 0.0, width: nan, numbers: [nan; LOOKS], p_size: nan, p_constancy: nan }
    }
}

impl Measured {
    fn of(wave: &Wave, centre: u64) -> Self {
        let level = mean(line::<LEVEL>(wave, centre.saturating_sub(LEVEL_BEFORE)));
        let core = line::<CORE>(wave, centre + CORE_UNTIL).map(|sample| sample - level);
        let t_wave = mean(line::<T_WAVE>(wave, centre + T_WAVE_UNTIL)) - level;
        let [low, high] = extremes(&core);
        let size = (high - low).max(1e-3);
        let steepest = complex_slopes(wave, centre).fold(0.0, f32::max);
        let path: f32 = complex_slopes(wave, centre).sum();
        let n_steep = complex_slopes(wave, centre).filter(|&it| it > STEEP * steepest).count();
        let points_at = if high > -low { 1.0 } else { -1.0 };
        let values = [
            width(wave, centre, path),
            span(wave, centre, path),
            whole(n_steep),
            steepest / size,
            path / size,
            size,
            high / size,
            mean(&core) / size,
            points_at * t_wave / size,
        ];
        Self { values, size, steepest, path }
    }
}

/// The amounts of the complex' slopes.
fn complex_slopes(wave: &Wave, centre: u64) -> impl Iterator<Item = f32> {
    let slopes = wave.slope.ending::<{ COMPLEX - 1 }>(centre + SMOOTH_DELAY + COMPLEX_UNTIL);
    slopes.iter().map(|slope| slope.abs())
}

/// How far the slopes are from their middle.
fn width(wave: &Wave, centre: u64, path: f32) -> f32 {
    let weighed = |moment: fn(f32, f32) -> f32, about: f32| {
        let slopes = complex_slopes(wave, centre).enumerate();
        slopes.map(|(at, slope)| slope * moment(whole(at), about)).sum::<f32>() / path.max(1e-3)
    };
    let middle = weighed(|at, _| at, 0.0);
    weighed(|at, middle| (at - middle).powi(2), middle).sqrt()
}

/// Samples from the first twentieth of the path to the last.
fn span(wave: &Wave, centre: u64, path: f32) -> f32 {
    let reached = |share: f32| {
        let mut sum = 0.0;
        for (at, slope) in complex_slopes(wave, centre).enumerate() {
            if sum + slope >= share * path {
                return whole(at) + (share * path - sum) / slope.max(1e-3);
            }
            sum += slope;
        }
        whole(COMPLEX)
    };
    reached(0.95) - reached(0.05)
}

fn line<const N: usize>(wave: &Wave, until: u64) -> &[f32; N] {
    wave.smooth.ending(until + SMOOTH_DELAY)
}

fn distance(a: &[f32; P_WAVE], b: &[f32; P_WAVE]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>() / whole(P_WAVE)
}

fn rms(line: &[f32]) -> f32 {
    (line.iter().map(|it| it * it).sum::<f32>() / whole(line.len())).sqrt()
}
