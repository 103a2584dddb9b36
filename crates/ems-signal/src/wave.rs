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

    /// Takes a sample in microvolts and gives the energy.
    #[inline]
    pub(crate) fn push(&mut self, microvolts: f32) -> f32 {
        let now = self.next;
        self.next += 1;
        self.raw.put(now, microvolts);
        let [y, z, a, b, c, d, e] = *self.raw.ending(now);
        let smooth = (a + e + 2.0 * (b + d) + 3.0 * c) / 9.0;
        let slope = if now == 0 { 0.0 } else { smooth - self.smooth.at(now - 1) };
        let bend = y + e + 2.0 * (z + d) - a - c - 4.0 * b;
        self.smooth.put(now, smooth);
        self.bend.put(now, bend.abs() / 4.0);
        self.slope.put(now, slope);
        let slopes: &[f32; COMPLEX] = self.slope.ending(now);
        let energy = slopes.iter().map(|slope| slope.abs()).sum();
        self.energy.put(now, energy);
        energy
    }
}
