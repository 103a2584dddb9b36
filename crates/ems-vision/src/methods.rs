//! From three colours to one pulse wave.

use crate::skin::count;
use crate::trace::{Trace, band_pass};

/// How a pulse wave is made of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PulseMethod {
    /// Plane orthogonal to the skin: W. Wang, A. den Brinker, S. Stuijk, G. de Haan, "Algorithmic
    /// principles of remote PPG", IEEE TBME 64(7), 2017, algorithm 1 (from memory, unverified).
    Pos,
    /// Chrominance: G. de Haan, V. Jeanne, "Robust pulse rate from chrominance-based rPPG", IEEE
    /// TBME 60(10), 2013 (from memory, unverified).
    Chrom,
    /// The green channel alone: what the other two are compared with.
    Green,
}

/// Both methods work on pieces of 1.6 s, at 30 samples a second.
const PIECE: usize = 48;

impl PulseMethod {
    /// Every method, the one to be preferred first.
    pub const ALL: [Self; 3] = [Self::Pos, Self::Chrom, Self::Green];

    /// The wave at the trace's rate, in no unit.
    pub(crate) fn wave(self, trace: &Trace) -> Vec<f64> {
        match self {
            Self::Pos => pos(trace),
            Self::Chrom => chrom(trace),
            Self::Green => band_pass(&trace.rgb[1]),
        }
    }
}

/// Every piece is normalised by its mean colour, projected, tuned by α and added where it lies.
fn pos(trace: &Trace) -> Vec<f64> {
    let n_samples = trace.rgb[0].len();
    let mut wave = vec![0.0; n_samples];
    for start in 0..(n_samples + 1).saturating_sub(PIECE) {
        let [red, green, blue] = normalised(trace, start);
        let across: Vec<f64> = green.iter().zip(&blue).map(|(green, blue)| green - blue).collect();
        let rest = green.iter().zip(&blue).zip(&red);
        let along: Vec<f64> = rest.map(|((green, blue), red)| green + blue - 2.0 * red).collect();
        let alpha = ratio(deviation(&across), deviation(&along));
        let piece: Vec<f64> = across.iter().zip(&along).map(|(a, b)| a + alpha * b).collect();
        let mean = mean(&piece);
        for (sum, value) in wave[start..start + PIECE].iter_mut().zip(&piece) {
            *sum += value - mean;
        }
    }
    band_pass(&wave)
}

/// X and Y are filtered to the band, then tuned by α piece by piece and added under Hann windows.
fn chrom(trace: &Trace) -> Vec<f64> {
    let n_samples = trace.rgb[0].len();
    let [red, green, blue] = [0, 1, 2].map(|idx| over_running_mean(&trace.rgb[idx]));
    let x: Vec<f64> = red.iter().zip(&green).map(|(red, green)| 3.0 * red - 2.0 * green).collect();
    let rest = red.iter().zip(&green).zip(&blue);
    let y: Vec<f64> = rest.map(|((red, green), blue)| 1.5 * red + green - 1.5 * blue).collect();
    let (x, y) = (band_pass(&x), band_pass(&y));
    let mut wave = vec![0.0; n_samples];
    for start in (0..(n_samples + 1).saturating_sub(PIECE)).step_by(PIECE / 2) {
        let piece = start..start + PIECE;
        let alpha = ratio(deviation(&x[piece.clone()]), deviation(&y[piece.clone()]));
        for (idx, at) in piece.enumerate() {
            wave[at] += hann(idx, PIECE) * (x[at] - alpha * y[at]);
        }
    }
    band_pass(&wave)
}

fn normalised(trace: &Trace, start: usize) -> [Vec<f64>; 3] {
    [0, 1, 2].map(|idx| {
        let piece = &trace.rgb[idx][start..start + PIECE];
        let mean = mean(piece);
        piece.iter().map(|value| ratio(*value, mean)).collect()
    })
}

fn over_running_mean(channel: &[f64]) -> Vec<f64> {
    let around = |at: usize| {
        let piece = at.saturating_sub(PIECE / 2)..(at + PIECE / 2).min(channel.len());
        mean(&channel[piece])
    };
    channel.iter().enumerate().map(|(at, value)| ratio(*value, around(at))).collect()
}

/// A Hann window of `n` samples whose halves, laid over each other, add up to 1.
pub(crate) fn hann(idx: usize, n: usize) -> f64 {
    (std::f64::consts::PI * (count(idx) + 0.5) / count(n)).sin().powi(2)
}

fn ratio(above: f64, below: f64) -> f64 {
    if below.abs() > f64::EPSILON { above / below } else { 0.0 }
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len().max(1))
}

pub(crate) fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (squares.sum::<f64>() / count(values.len().max(1))).sqrt()
}
