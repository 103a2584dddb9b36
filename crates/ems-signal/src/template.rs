//! What the beats of this lead look like.

use crate::trail::Trail;
use crate::wave::SMOOTH_DELAY;

/// Slopes of a complex: 224 ms.
const LEN: usize = 28;
/// A complex is compared up to 24 ms to either side.
const LAG: u64 = 3;
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
        let [a, b] = self.kinds.map(|kind| kind.compare(slopes, centre));
        if self.kinds[1].n_beats > self.kinds[0].n_beats { [b, a] } else { [a, b] }
    }

    /// Learns from a beat.
    pub(crate) fn learn(&mut self, slopes: &Trail, centre: u64) {
        self.beats += 1;
        let matches = self.kinds.map(|kind| kind.compare(slopes, centre));
        let nearer = usize::from(matches[1].likeness > matches[0].likeness);
        let is_known = matches[nearer].likeness >= SAME_KIND;
        let older = usize::from(self.kinds[1].last_beat < self.kinds[0].last_beat);
        let (kind, lag) = if is_known { (nearer, matches[nearer].lag) } else { (older, LAG) };
        if !is_known {
            self.kinds[kind] = Kind::default();
        }
        self.kinds[kind].learn(window(slopes, centre, lag), self.beats);
        if self.kinds[kind].n_beats >= MAX_BEATS {
            self.kinds.iter_mut().for_each(|kind| kind.n_beats /= 2);
        }
    }
}

impl Kind {
    fn compare(&self, slopes: &Trail, centre: u64) -> Match {
        let own = dot(&self.slopes, &self.slopes);
        if own <= 0.0 {
            return Match { lag: LAG, ..Match::default() };
        }
        let matches = (0..=2 * LAG).map(|lag| {
            let window = window(slopes, centre, lag);
            let (both, theirs) = (dot(&self.slopes, window), dot(window, window));
            Match { likeness: both / (own * theirs).sqrt().max(1e-3), gain: both / own, lag }
        });
        matches.fold(Match { likeness: -1.0, gain: 0.0, lag: LAG }, |best, it| {
            if it.likeness > best.likeness { it } else { best }
        })
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

fn window(slopes: &Trail, centre: u64, lag: u64) -> &[f32; LEN] {
    slopes.ending(centre + SEEN_AFTER - 2 * LAG + lag)
}

/// In four lanes, so that the compiler may use the machine's.
fn dot(a: &[f32; LEN], b: &[f32; LEN]) -> f32 {
    let mut lanes = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum()
}
