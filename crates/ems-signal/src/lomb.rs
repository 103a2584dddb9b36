//! Power in bands of unevenly spaced values (Lomb 1976, Scargle 1982), as a mean over pieces.

use std::f64::consts::TAU;

/// Values are looked at in pieces of this length, each begun half a piece after the one before.
const PIECE_S: f64 = 300.0;
/// Frequencies looked at in the width of a line.
const FINE: f64 = 4.0;

/// A band of frequencies, Hz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Band {
    from: f64,
    to: f64,
}

impl Band {
    pub(crate) const fn new(from: f64, to: f64) -> Self {
        Self { from, to }
    }
}

/// The power in each band, the square of the values' unit: pieces of 5 minutes (or the whole, where
/// it is shorter), the line through each taken out, weighed by a Hann window.
pub(crate) fn band_powers<const N: usize>(series: &[(f64, f64)], bands: [Band; N]) -> [f64; N] {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return [0.0; N] };
    let mut sums = [0.0; N];
    let mut n_pieces = 0.0;
    let mut from = first.0;
    loop {
        let to = from + PIECE_S;
        let piece: Vec<_> =
            series.iter().filter(|it| (from..=to).contains(&it.0)).copied().collect();
        let piece = prepared(&piece);
        for (sum, band) in sums.iter_mut().zip(bands) {
            *sum += piece.as_ref().map_or(0.0, |piece| piece.power(band));
        }
        n_pieces += f64::from(u8::from(piece.is_some()));
        from += PIECE_S / 2.0;
        if from + PIECE_S > last.0 + 1.0 {
            return sums.map(|sum| sum / f64::max(n_pieces, 1.0));
        }
    }
}

/// A piece about its line, weighed.
struct Piece {
    values: Vec<(f64, f64)>,
    length_s: f64,
    /// The sum of squared weights.
    weight: f64,
}

fn prepared(piece: &[(f64, f64)]) -> Option<Piece> {
    let (first, last) = (piece.first()?.0, piece.last()?.0);
    let length_s = last - first;
    if piece.len() < 8 || length_s <= 0.0 {
        return None;
    }
    let hann = |at: f64| 0.5 - 0.5 * (TAU * (at - first) / length_s).cos();
    let values = about_line(piece).into_iter().map(|(at, value)| (at, hann(at) * value)).collect();
    let weight = piece.iter().map(|it| hann(it.0).powi(2)).sum();
    Some(Piece { values, length_s, weight })
}

fn about_line(piece: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let n: f64 = piece.iter().map(|_| 1.0).sum();
    let (at, height) =
        piece.iter().fold((0.0, 0.0), |sum, it| (sum.0 + it.0 / n, sum.1 + it.1 / n));
    let rise: f64 = piece.iter().map(|it| (it.0 - at) * (it.1 - height)).sum();
    let square: f64 = piece.iter().map(|it| (it.0 - at).powi(2)).sum();
    let slope = rise / square;
    piece.iter().map(|it| (it.0, it.1 - height - slope * (it.0 - at))).collect()
}

impl Piece {
    fn power(&self, band: Band) -> f64 {
        let step = 1.0 / (FINE * self.length_s);
        let n_steps = ((band.to - band.from) / step).ceil();
        let step = (band.to - band.from) / n_steps;
        let mut frequency = band.from + step / 2.0;
        let mut power = 0.0;
        while frequency < band.to {
            power += self.density(frequency) * step;
            frequency += step;
        }
        power
    }

    /// Power a Hz: Lomb's, so that a swing of amplitude A has A²/2 in all.
    fn density(&self, frequency: f64) -> f64 {
        let omega = TAU * frequency;
        let (sin2, cos2) = self.values.iter().fold((0.0, 0.0), |sum, (at, _)| {
            let (sin, cos) = (2.0 * omega * at).sin_cos();
            (sum.0 + sin, sum.1 + cos)
        });
        let tau = f64::atan2(sin2, cos2) / (2.0 * omega);
        let (mut by_cos, mut by_sin, mut cos_cos, mut sin_sin) = (0.0, 0.0, 0.0, 0.0);
        for (at, value) in &self.values {
            let (sin, cos) = (omega * (at - tau)).sin_cos();
            by_cos += value * cos;
            by_sin += value * sin;
            cos_cos += cos * cos;
            sin_sin += sin * sin;
        }
        let lomb = f64::midpoint(by_cos * by_cos / cos_cos, by_sin * by_sin / sin_sin);
        2.0 * self.length_s * lomb / self.weight
    }
}
