//! The last two seconds of a signal, readable as one slice.

/// How many samples are kept: 2.05 s at 125 Hz.
pub(crate) const KEPT: usize = 256;
/// So many more are written before the kept ones are moved to the front.
const ROOM: usize = 128;
const LEN: usize = KEPT + ROOM;

/// The kept samples and those since they were last moved, in one piece.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    line: Box<[f32; LEN]>,
    /// Samples were put in up to here.
    n_put: usize,
    /// The sample at the line's start: before the first one, counted down from 2^64.
    start: u64,
}

impl Trail {
    pub(crate) fn new() -> Self {
        let start = 0_u64.wrapping_sub(KEPT as u64);
        Self { line: Box::new([0.0; LEN]), n_put: KEPT, start }
    }

    /// Adds the next samples, up to [`ROOM`].
    #[inline]
    pub(crate) fn extend<const N: usize>(&mut self, values: [f32; N]) {
        const { assert!(N <= ROOM, "what is kept is moved once") };
        if self.n_put + N > LEN {
            self.make_room();
        }
        self.line[self.n_put..self.n_put + N].copy_from_slice(&values);
        self.n_put += N;
    }

    #[cold]
    fn make_room(&mut self) {
        let n_left = self.n_put - KEPT;
        self.line.copy_within(n_left..self.n_put, 0);
        self.start = self.start.wrapping_add(n_left as u64);
        self.n_put = KEPT;
    }

    /// The newest `n_samples` and the `before` ones before them.
    #[inline]
    pub(crate) fn newest(&self, n_samples: usize, before: usize) -> &[f32] {
        &self.line[self.n_put - n_samples - before..self.n_put]
    }

    /// The `N` samples that end with sample `last`, which is kept: zeros before the first one.
    #[inline]
    pub(crate) fn ending<const N: usize>(&self, last: u64) -> &[f32; N] {
        const { assert!(N <= KEPT, "no more is kept") };
        let end = self.place(last).max(N - 1) + 1;
        self.line[end - N..].first_chunk().expect("N samples end there")
    }

    /// Sample `at`, which is kept.
    #[inline]
    pub(crate) fn at(&self, at: u64) -> f32 {
        self.line[self.place(at)]
    }

    #[inline]
    fn place(&self, at: u64) -> usize {
        usize::try_from(at.wrapping_sub(self.start)).map_or(LEN - 1, |it| it.min(LEN - 1))
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what was written is read")]
mod tests {
    use super::*;

    #[test]
    fn any_stretch_of_the_last_two_seconds_is_one_slice() {
        let mut trail = Trail::new();
        for at in 0..1000u16 {
            trail.extend([f32::from(at)]);
            let last: &[f32; 3] = trail.ending(u64::from(at));
            let wanted = [2, 1, 0].map(|back| f32::from(at.saturating_sub(back)));
            assert_eq!(*last, wanted, "at {at}");
        }
        assert_eq!(trail.ending::<KEPT>(999)[0], 744.0);
        assert_eq!(trail.newest(2, 1), [997.0, 998.0, 999.0]);
        assert_eq!(trail.at(800), 800.0);
    }
}
