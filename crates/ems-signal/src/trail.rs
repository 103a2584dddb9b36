//! The last two seconds of a signal, readable as one slice.

/// How many samples are kept: 2.05 s at 125 Hz.
pub(crate) const KEPT: usize = 256;

/// A ring written twice, so that any stretch of it lies in one piece.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    twice: Box<[f32; 2 * KEPT]>,
}

impl Trail {
    pub(crate) fn new() -> Self {
        Self { twice: Box::new([0.0; 2 * KEPT]) }
    }

    /// Writes sample `at`; samples are written in order.
    #[inline]
    pub(crate) fn put(&mut self, at: u64, value: f32) {
        let slot = slot(at);
        self.twice[slot] = value;
        self.twice[slot + KEPT] = value;
    }

    /// The `N` samples that end with sample `last`: zeros before the first one written.
    #[inline]
    pub(crate) fn ending<const N: usize>(&self, last: u64) -> &[f32; N] {
        const { assert!(N <= KEPT, "no more is kept") };
        let end = slot(last) + KEPT + 1;
        self.twice[end - N..].first_chunk().expect("a slot has KEPT samples before and after it")
    }

    /// Sample `at`.
    #[inline]
    pub(crate) fn at(&self, at: u64) -> f32 {
        self.twice[slot(at)]
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask leaves 8 bits")]
const fn slot(at: u64) -> usize {
    (at as usize) & (KEPT - 1)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what was written is read")]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_of_the_last_two_seconds_is_one_slice() {
        let mut trail = Trail::new();
        for at in 0..1000u16 {
            trail.put(u64::from(at), f32::from(at));
            let last: &[f32; 3] = trail.ending(u64::from(at));
            let wanted = [2, 1, 0].map(|back| f32::from(at.saturating_sub(back)));
            assert_eq!(*last, wanted, "at {at}");
        }
        assert_eq!(trail.ending::<KEPT>(999)[0], 744.0);
        assert_eq!(trail.at(800), 800.0);
    }
}
