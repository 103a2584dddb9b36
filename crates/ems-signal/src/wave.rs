//! The signals that complexes are found in, at 125 samples a second.

use crate::trail::Trail;

/// A sample of [`Wave::smooth`] shows what came so many samples before.
pub(crate) const SMOOTH_DELAY: u64 = 2;
/// The same of [`Wave::bend`].
pub(crate) const BEND_DELAY: u64 = 3;
/// The same of [`Wave::energy`], rounded: 2 of the smoothing, half a slope, 5.5 of the sum.
pub(crate) const ENERGY_DELAY: u64 = 8;
/// The energy is summed over so many samples: 96 ms, about a complex.
const COMPLEX: usize = 12;

/// One lead smoothed, its slopes, and the path that it goes within 96 ms.
#[derive(Debug, Clone)]
pub(crate) struct Wave {
    /// The index of the next sample.
    pub(crate) next: u64,
    pub(crate) raw: Trail,
    /// Means over 24 ms, twice: 3 dB down at 18 Hz. Microvolts.
    pub(crate) smooth: Trail,
    /// Differences of `smooth`, microvolts per 8 ms.
    pub(crate) slope: Trail,
    /// How sharply the line bends, about 25 Hz, microvolts.
    pub(crate) bend: Trail,
    /// Sums of the slopes' amounts over 96 ms, microvolts.
    pub(crate) energy: Trail,
}

impl Wave {
    pub(crate) fn new() -> Self {
        let new = Trail::new;
        Self { next: 0, raw: new(), smooth: new(), slope: new(), bend: new(), energy: new() }
    }

    /// Takes the next samples in microvolts.
    #[inline]
    pub(crate) fn push<const N: usize>(&mut self, microvolts: [f32; N]) {
        let is_first = self.next == 0;
        self.next += N as u64;
        self.raw.extend(microvolts);
        let raw = self.raw.newest(N, 6);
        let smooth = array(|at| {
            let raw = &raw[at..at + 7];
            (raw[2] + raw[6] + 2.0 * (raw[3] + raw[5]) + 3.0 * raw[4]) / 9.0
        });
        let bend = array(|at| {
            let raw = &raw[at..at + 7];
            let bend = raw[0] + raw[6] + 2.0 * (raw[1] + raw[5]) - raw[2] - raw[4] - 4.0 * raw[3];
            bend.abs() / 4.0
        });
        self.smooth.extend::<N>(smooth);
        self.bend.extend::<N>(bend);
        let smooth = self.smooth.newest(N, 1);
        let mut slope: [f32; N] = array(|at| smooth[at + 1] - smooth[at]);
        if is_first {
            slope[0] = 0.0;
        }
        self.slope.extend(slope);
        self.energy.extend(paths::<N>(self.slope.newest(N, COMPLEX - 1)));
    }
}

#[inline]
fn array<const N: usize>(of: impl Fn(usize) -> f32) -> [f32; N] {
    std::array::from_fn(of)
}

/// The sums over [`COMPLEX`] slopes, side by side.
#[inline]
fn paths<const N: usize>(slopes: &[f32]) -> [f32; N] {
    let mut paths = [0.0; N];
    for from in 0..COMPLEX {
        for (path, slope) in paths.iter_mut().zip(&slopes[from..from + N]) {
            *path += slope.abs();
        }
    }
    paths
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "reads recordings; parts of a sample are small numbers"
)]
mod tests {
    use ems_device::{Header, Recording};

    use super::*;
    use crate::rate::Rate;
    use crate::resampler::{INNER_HZ, Resampler};

    /// The energy by its definition, in double precision and without a ring.
    fn plain_energy(lead: &[f32], hz: usize) -> Vec<f64> {
        let inner = INNER_HZ as usize;
        let level = |at: usize| f64::from(lead[at]) - f64::from(lead[0]);
        // In parts of which an input sample has 125: output sample k is k * hz..(k + 1) * hz.
        let whole = |k: usize| {
            let (from, until) = (k * hz, (k + 1) * hz);
            let inputs = from / inner..until.div_ceil(inner);
            let part = |at: usize| until.min((at + 1) * inner) - from.max(at * inner);
            inputs.map(|at| level(at) * part(at) as f64).sum::<f64>() / hz as f64
        };
        let raw: Vec<f64> = (0..lead.len() * inner / hz).map(whole).collect();
        let mean = |line: &[f64], at: usize| {
            [0, 1, 2].iter().filter_map(|back| line.get(at.checked_sub(*back)?)).sum::<f64>() / 3.0
        };
        let once: Vec<f64> = (0..raw.len()).map(|at| mean(&raw, at)).collect();
        let smooth: Vec<f64> = (0..raw.len()).map(|at| mean(&once, at)).collect();
        let slope: Vec<f64> = smooth.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        // The slope at sample `at` is `slope[at - 1]`.
        (0..raw.len()).map(|at| slope[at.saturating_sub(COMPLEX)..at].iter().sum()).collect()
    }

    #[test]
    fn a_plain_twin_in_double_precision_has_the_same_energy_on_all_records() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/mitdb");
        let Ok(folder) = std::fs::read_dir(root) else {
            eprintln!("SKIPPED: {root} is absent");
            return;
        };
        for path in folder.map(|entry| entry.unwrap().path()) {
            if path.extension() != Some("hea".as_ref()) {
                continue;
            }
            let header = Header::parse(&std::fs::read(&path).unwrap()).unwrap();
            let file = header.signals[0].file.clone();
            let bytes = std::fs::read(path.with_file_name(&file)).unwrap();
            let recording = Recording::decode(&header, &[(&file, &bytes)]).unwrap().0;
            let lead = recording.signals[0].microvolts().unwrap();
            let (mut wave, mut energies) = (Wave::new(), vec![]);
            let mut resampler = Resampler::new(Rate::new(360).unwrap());
            for &sample in &lead {
                resampler.push(sample, |whole| {
                    wave.push([whole]);
                    energies.push(wave.energy.at(wave.next - 1));
                });
            }
            let plain = plain_energy(&lead, 360);
            assert_eq!(energies.len(), plain.len());
            for (at, (&energy, plain)) in energies.iter().zip(plain).enumerate() {
                let off = (f64::from(energy) - plain).abs();
                assert!(off < 0.05, "{energy} for {plain} at {at} of {}", path.display());
            }
        }
    }
}
