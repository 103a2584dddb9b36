//! The sampling rate and spans of time counted in samples.

/// A sampling rate that the filters are not made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sampling rate {hz} Hz is outside 100..=2000: set the device to a rate within")]
pub struct UnsupportedRate {
    /// The rate.
    pub hz: u32,
}

/// Samples a second, 100..=2000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate(u32);

impl Rate {
    pub(crate) fn new(hz: u32) -> Result<Self, UnsupportedRate> {
        if (100..=2000).contains(&hz) { Ok(Self(hz)) } else { Err(UnsupportedRate { hz }) }
    }

    pub(crate) fn hz(self) -> f64 {
        f64::from(self.0)
    }

    pub(crate) const fn int_hz(self) -> u32 {
        self.0
    }

    /// Samples in `ms`, rounded, at least 1.
    pub(crate) const fn samples(self, ms: u32) -> u64 {
        let n_samples = (ms as u64 * self.0 as u64 + 500) / 1000;
        if n_samples == 0 { 1 } else { n_samples }
    }

    /// The same, as a length.
    #[expect(clippy::cast_possible_truncation, reason = "spans are seconds long at most")]
    pub(crate) const fn len(self, ms: u32) -> usize {
        self.samples(ms) as usize
    }
}
