//! The kinds of beats that a patient has shown, and which of them is the usual one.

use crate::intervals::Mean;
use crate::trail::Trail;
use crate::wave::{SMOOTH_DELAY, Wave};

/// Slopes of a complex: 112 ms before its centre to 144 ms after.
const LEN: usize = 32;
const AFTER: u64 = 17;
/// A complex is compared up to 24 ms to either side.
const LAG: u64 = 3;
const KINDS: usize = 8;
/// From this likeness on a beat is of a kind.
const SAME_KIND: f32 = 0.7;
/// A beat counts half as much after 300 others.
const FADING: f32 = 0.997_692;
/// A new beat counts at least so much in its kind's shape, and in what is usual of the kind.
const SHAPE_OF_LAST: f32 = 16.0;
const HABITS_OF_LAST: f32 = 30.0;

/// A lead and how much a microvolt of it counts, 0 where it shows nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeadView<'a> {
    pub(crate) wave: &'a Wave,
    pub(crate) weight: f32,
}

/// Up to eight kinds by their shapes in all leads; the rarest makes room for a new one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kinds {
    kinds: Vec<Kind>,
}

#[derive(Debug, Clone)]
struct Kind {
    slopes: Vec<[f32; LEN]>,
    /// How many of the last beats were of this kind.
    weight: f32,
    n_beats: f32,
    width: Mean,
    /// The interval before its beats and the one after, over the usual one.
    before: Mean,
    after: Mean,
}

/// How a beat compares with a kind.
#[derive(Debug, Clone, Copy, Default)]
struct Match {
    /// -1..=1: 1 for the same shape of the same size.
    likeness: f32,
    gain: f32,
    lag: u64,
}

/// What its kind tells of a beat; NaN where nothing is known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kinship {
    kind: Option<(usize, Match)>,
    /// Its likeness to the usual kind, and its size over that kind's.
    pub(crate) to_usual: f32,
    pub(crate) gain: f32,
    /// Its likeness to its own kind, which may be the usual one.
    pub(crate) to_own: f32,
    /// The share of its kind among the last beats.
    pub(crate) share: f32,
    pub(crate) is_usual: f32,
    /// Of its kind over the usual one: width, interval before and interval after.
    pub(crate) width: f32,
    pub(crate) before: f32,
    pub(crate) after: f32,
}

impl Kinds {
    /// Compares the complex around `centre` with the kinds known.
    pub(crate) fn compare(&self, leads: &[LeadView<'_>], centre: u64) -> Kinship {
        let mut kinship = Kinship::unknown();
        let Some(usual) = self.usual() else { return kinship };
        let all: Vec<Match> = self.kinds.iter().map(|it| it.compare(leads, centre)).collect();
        let nearest = (0..all.len())
            .fold(usual, |best, it| if all[it].likeness > all[best].likeness { it } else { best });
        (kinship.to_usual, kinship.gain) = (all[usual].likeness, all[usual].gain);
        kinship.to_own = all[nearest].likeness;
        if all[nearest].likeness > SAME_KIND {
            kinship.kind = Some((nearest, all[nearest]));
            kinship.is_usual = f32::from(u8::from(nearest == usual));
            self.tell_of(&mut kinship, nearest, usual);
        }
        kinship
    }

    fn tell_of(&self, kinship: &mut Kinship, own: usize, usual: usize) {
        let whole: f32 = self.kinds.iter().map(|kind| kind.weight).sum();
        let (own, usual) = (&self.kinds[own], &self.kinds[usual]);
        kinship.share = own.weight / whole;
        kinship.width = own.width.value() / usual.width.value();
        kinship.before = own.before.value() / usual.before.value();
        kinship.after = own.after.value() / usual.after.value();
    }

    /// The kind with the most beats, where a wide one needs more of them: ventricular beats may
    /// be more alike than the narrow ones between them.
    fn usual(&self) -> Option<usize> {
        let rank = |kind: &Kind| kind.weight / kind.width.value().powi(3);
        (0..self.kinds.len()).reduce(|best, it| {
            if rank(&self.kinds[it]) > rank(&self.kinds[best]) { it } else { best }
        })
    }

    /// Learns the beat: its width in samples, and the interval before it over the usual one. Gives
    /// its kind.
    pub(crate) fn learn(
        &mut self,
        leads: &[LeadView<'_>],
        centre: u64,
        kinship: &Kinship,
        width: f32,
        before: f32,
    ) -> usize {
        self.kinds.iter_mut().for_each(|kind| kind.weight *= FADING);
        let (own, lag) = match kinship.kind {
            Some((own, likeness)) => (own, likeness.lag),
            None => (self.make_room(leads.len()), LAG),
        };
        let kind = &mut self.kinds[own];
        kind.weight += 1.0;
        kind.n_beats = (kind.n_beats + 1.0).min(SHAPE_OF_LAST);
        kind.width.push(width.max(0.5));
        kind.before.push(before);
        for (slopes, lead) in kind.slopes.iter_mut().zip(leads) {
            let window = window(&lead.wave.slope, centre, lag);
            slopes.iter_mut().zip(window).for_each(|(a, b)| *a += (b - *a) / kind.n_beats);
        }
        own
    }

    /// Learns the interval after the last beat, over the usual one.
    pub(crate) fn learn_after(&mut self, kind: usize, after: f32) {
        self.kinds[kind].after.push(after);
    }

    fn make_room(&mut self, n_leads: usize) -> usize {
        let new = Kind::new(n_leads);
        if self.kinds.len() < KINDS {
            self.kinds.push(new);
            return self.kinds.len() - 1;
        }
        let rarest = (1..KINDS).fold(0, |best, it| {
            if self.kinds[it].weight < self.kinds[best].weight { it } else { best }
        });
        self.kinds[rarest] = new;
        rarest
    }
}

impl Kinship {
    const fn unknown() -> Self {
        const NAN: f32 = f32::NAN;
        Self {
            kind: None,
            to_usual: NAN,
            gain: NAN,
            to_own: NAN,
            share: 0.0,
            is_usual: 0.0,
            width: NAN,
            before: NAN,
            after: NAN,
        }
    }
}

impl Kind {
    fn new(n_leads: usize) -> Self {
        let habit = Mean::of_last(HABITS_OF_LAST);
        Self {
            slopes: vec![[0.0; LEN]; n_leads],
            weight: 0.0,
            n_beats: 0.0,
            width: habit,
            before: habit,
            after: habit,
        }
    }

    fn compare(&self, leads: &[LeadView<'_>], centre: u64) -> Match {
        let all = (0..=2 * LAG).map(|lag| self.compare_at(leads, centre, lag));
        all.fold(Match { likeness: -2.0, ..Match::default() }, |best, it| {
            if it.likeness > best.likeness { it } else { best }
        })
    }

    fn compare_at(&self, leads: &[LeadView<'_>], centre: u64, lag: u64) -> Match {
        let (mut both, mut theirs, mut own) = (0.0, 0.0, 0.0);
        for (slopes, lead) in self.slopes.iter().zip(leads).filter(|it| it.1.weight > 0.0) {
            let window = window(&lead.wave.slope, centre, lag);
            let weight = lead.weight * lead.weight;
            both += weight * dot(slopes, window);
            theirs += weight * dot(window, window);
            own += weight * dot(slopes, slopes);
        }
        let likeness = 2.0 * both / (theirs + own).max(1e-6);
        Match { likeness, gain: (theirs / own.max(1e-6)).sqrt(), lag }
    }
}

fn window(slopes: &Trail, centre: u64, lag: u64) -> &[f32; LEN] {
    slopes.ending((centre + SMOOTH_DELAY + AFTER + lag).saturating_sub(LAG))
}

fn dot(a: &[f32; LEN], b: &[f32; LEN]) -> f32 {
    let mut lanes = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum()
}
