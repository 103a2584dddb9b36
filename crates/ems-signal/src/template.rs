//! What the beats of this lead look like.

use crate::lanes::{Loop, wide};
use crate::trail::Trail;
use crate::wave::SMOOTH_DELAY;

/// Slopes of a complex: 224 ms.
const LEN: usize = 28;
/// A complex is compared up to 24 ms to either side.
const LAG: u64 = 3;
/// Comparisons side by side: one more than there are lags, as wide as registers are.
const LAGS: usize = 8;
/// The last slope that a comparison sees comes so long after the complex' centre.
pub(crate) const SEEN_AFTER: u64 = SMOOTH_DELAY + LEN as u64 / 2 + LAG;
/// Two complexes of this likeness are of one kind.
const SAME_KIND: f32 = 0.85;
/// A new beat counts at least so much in its kind's shape.
const LEARNING: f32 = 0.125;
/// Counts of both kinds are halved when one has so many.
const MAX_BEATS: u32 = 64;

/// Shapes of the two kinds of beats seen most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Templates {
    kinds: [Kind; 2],
    beats: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    slopes: [f32; LEN],
    n_beats: u32,
    last_beat: u32,
}

/// How a complex compares with one shape.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Match {
    /// The correlation, -1..=1.
    pub(crate) likeness: f32,
    /// Its size, 1 for the shape's own.
    pub(crate) gain: f32,
    /// It fits best so many samples (plus [`LAG`]) from its centre.
    lag: u64,
}

impl Templates {
    /// Compares the complex around `centre` with the usual kind, and with the rarer one.
    pub(crate) fn compare(&self, slopes: &Trail, centre: u64) -> [Match; 2] {
        let [a, b] = self.matches(&mut Complex::of(slopes, centre));
        if self.kinds[1].n_beats > self.kinds[0].n_beats { [b, a] } else { [a, b] }
    }

    fn matches(&self, complex: &mut Complex<'_>) -> [Match; 2] {
        let [one, other, own] = wide(complex, [&self.kinds[0].slopes, &self.kinds[1].slopes]);
        [self.kinds[0].compare(one, own), self.kinds[1].compare(other, own)]
    }

    /// Learns from a beat.
    pub(crate) fn learn(&mut self, slopes: &Trail, centre: u64) {
        self.beats += 1;
        let mut complex = Complex::of(slopes, centre);
        let matches = self.matches(&mut complex);
        let nearer = usize::from(matches[1].likeness > matches[0].likeness);
        let is_known = matches[nearer].likeness >= SAME_KIND;
        let older = usize::from(self.kinds[1].last_beat < self.kinds[0].last_beat);
        let (kind, lag) = if is_known { (nearer, matches[nearer].lag) } else { (older, LAG) };
        if !is_known {
            self.kinds[kind] = Kind::default();
        }
        self.kinds[kind].learn(complex.at(lag), self.beats);
        if self.kinds[kind].n_beats >= MAX_BEATS {
            self.kinds.iter_mut().for_each(|kind| kind.n_beats /= 2);
        }
    }
}

impl Kind {
    /// By what it has in common with a complex and that with itself, at each lag.
    fn compare(&self, both: [f32; LAGS], theirs: [f32; LAGS]) -> Match {
        let own: f32 = self.slopes.iter().map(|slope| slope * slope).sum();
        let mut best = Match { likeness: -1.0, gain: 0.0, lag: LAG };
        if own <= 0.0 {
            return Match { lag: LAG, ..Match::default() };
        }
        for (lag, (both, theirs)) in (0..=2 * LAG).zip(both.into_iter().zip(theirs)) {
            let likeness = both / (own * theirs).sqrt().max(1e-3);
            if likeness > best.likeness {
                best = Match { likeness, gain: both / own, lag };
            }
        }
        best
    }

    #[expect(clippy::cast_precision_loss, reason = "a small count")]
    fn learn(&mut self, window: &[f32; LEN], beat: u32) {
        self.n_beats += 1;
        self.last_beat = beat;
        let weight = (1.0 / self.n_beats as f32).max(LEARNING);
        for (slope, &new) in self.slopes.iter_mut().zip(window) {
            *slope += weight * (new - *slope);
        }
    }
}

/// The slopes that a complex has at any lag.
struct Complex<'a> {
    slopes: &'a [f32; LEN + LAGS - 1],
}

impl<'a> Complex<'a> {
    fn of(slopes: &'a Trail, centre: u64) -> Self {
        Self { slopes: slopes.ending(centre + SEEN_AFTER + LAGS as u64 - 1 - 2 * LAG) }
    }

    fn at(&self, lag: u64) -> &[f32; LEN] {
        let slopes = usize::try_from(lag).ok().and_then(|lag| self.slopes.get(lag..));
        slopes.and_then(|slopes| slopes.first_chunk()).expect("a lag is 0 to 6")
    }
}

impl Loop<[&[f32; LEN]; 2]> for Complex<'_> {
    /// The sums of its slopes times the shapes', and times themselves, at each lag; the last of
    /// each is no lag's.
    type Told = [[f32; LAGS]; 3];

    #[inline(always)]
    fn run(&mut self, [one, other]: [&[f32; LEN]; 2]) -> [[f32; LAGS]; 3] {
        let mut sums = [[0.0; LAGS]; 3];
        for (at, slopes) in self.slopes.array_windows::<LAGS>().enumerate() {
            for (lag, slope) in slopes.iter().enumerate() {
                sums[0][lag] += one[at] * slope;
                sums[1][lag] += other[at] * slope;
                sums[2][lag] += slope * slope;
            }
        }
        sums
    }
}
