//! What a beat's class is told by: its looks in all leads and its place among its neighbours.

use std::collections::VecDeque;

use crate::beats::{Beat, BeatFinder};
use crate::candidate::Candidate;
use crate::intervals::{Intervals, Pace, Window};
use crate::kinds::{Kinds, Kinship, LeadView};
use crate::looks::{LOOKS, LeadHabits, Look};
use crate::memory::samples;
use crate::rate::{Rate, UnsupportedRate};
use crate::resampler::Resampler;
use crate::wave::Wave;

/// Numbers that a beat's class is told by; NaN for one that is not known.
pub const N_PORTRAIT: usize = LOOKS + OTHERS;
const OTHERS: usize = 28;
/// Where "disorder" stands.
const DISORDER: usize = LOOKS + 10;
/// From here on atria fibrillate: intervals change so much, and no P wave keeps its shape.
const FIBRILLATING: f32 = 0.1;
/// What the numbers are, in their order. Those `of usual` are over the median of the last 64 beats,
/// those `from usual` are from it; all of a lead are means over the leads, by how much each shows.
pub const NUMBERS: [&str; N_PORTRAIT] = [
    "width of usual",
    "span of usual",
    "steep samples of usual",
    "slope of usual",
    "path of usual",
    "size of usual",
    "height from usual",
    "area from usual",
    "T wave from usual",
    "slope",
    "T wave",
    "P likeness",
    "P distance",
    "P rest",
    "before",
    "after",
    "after over before",
    "before and after",
    "before of 10",
    "before of 40",
    "before of 400",
    "before of long",
    "irregularity",
    "restlessness",
    "disorder",
    "interval",
    "likeness",
    "gain",
    "own likeness",
    "share",
    "is usual",
    "kind's width",
    "kind's before",
    "kind's after",
    "next likeness",
    "likeness of late",
    "likeness from late",
    "P size",
    "P constancy",
    "width",
    "bend",
    "energy width",
];
/// A beat's portrait is finished by the next beat, or after this: 2 s in samples of 8 ms.
const LONGEST: u64 = 250;
const HZ: f32 = 125.0;
/// A beat that comes sooner, over the usual interval, does not show the usual P wave.
const ON_TIME: f32 = 0.88;
/// Beats and portraits that nobody took beyond this many are dropped, oldest first.
const KEPT: usize = 64;

/// A beat and the numbers that its class is told by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Portrait {
    /// The beat's R wave, as in [`crate::Beat::sample`].
    pub sample: u64,
    /// Its numbers.
    pub numbers: [f32; N_PORTRAIT],
}

impl Portrait {
    /// Whether the intervals of the last minutes are so uneven, and P waves so unlike each other,
    /// that no beat is early.
    pub fn is_in_fibrillation(&self) -> bool {
        self.numbers[DISORDER] > FIBRILLATING
    }
}

/// Finds the beats of the first of some leads and paints each by all of them, once the next one is
/// found or after 2 s.
///
/// A lead that is missing or shows nothing leaves the others to tell. What it learns of the leads
/// on the way is what is usual there; no class is told to it.
#[derive(Debug, Clone)]
pub struct Painter {
    finder: BeatFinder,
    others: Vec<(Resampler, Wave)>,
    habits: Vec<LeadHabits>,
    intervals: Intervals,
    kinds: Kinds,
    likenesses: Window<40>,
    sitter: Option<Sitter>,
    found: VecDeque<Beat>,
    finished: VecDeque<Portrait>,
}

/// The beat whose next one has not come yet.
#[derive(Debug, Clone)]
struct Sitter {
    sample: u64,
    candidate: Candidate,
    pace: Pace,
    kinship: Kinship,
    kind: usize,
    /// The median likeness to the usual kind of the beats before it.
    likeness: f32,
    looks: [f32; LOOKS],
    width: f32,
    p_wave: [f32; 2],
}

impl Painter {
    /// Sets up for `n_leads` sampled together at `hz`, 100..=2000.
    pub fn new(hz: u32, n_leads: usize) -> Result<Self, UnsupportedRate> {
        let rate = Rate::new(hz)?;
        let other = |_| (Resampler::new(rate), Wave::new());
        Ok(Self {
            finder: BeatFinder::new(hz)?,
            others: (1..n_leads).map(other).collect(),
            habits: vec![LeadHabits::default(); n_leads.max(1)],
            intervals: Intervals::default(),
            kinds: Kinds::default(),
            likenesses: Window::default(),
            sitter: None,
            found: VecDeque::new(),
            finished: VecDeque::new(),
        })
    }

    /// Takes one sample of each lead in microvolts, NaN for a missing one; leads beyond the
    /// samples get none.
    pub fn push(&mut self, microvolts: &[f32]) {
        let mut samples = microvolts.iter().copied().chain(std::iter::repeat(f32::NAN));
        self.finder.push(samples.next().unwrap_or(f32::NAN));
        for ((resampler, wave), sample) in self.others.iter_mut().zip(samples) {
            resampler.push(sample, |whole| wave.push([whole]));
        }
        while let Some((beat, candidate)) = self.finder.poll_complex() {
            keep(&mut self.found, beat);
            self.on_beat(beat.sample, candidate);
        }
        let now = self.finder.wave().next;
        if let Some(sitter) = self.sitter.take_if(|it| now > it.candidate.centre + LONGEST) {
            self.finish_portrait(&sitter, LONGEST, f32::NAN);
        }
    }

    /// Tells that the recording has ended: as 2.5 s of nothing.
    pub fn finish(&mut self) {
        (0..self.finder.hz() * 5 / 2).for_each(|_| self.push(&[]));
    }

    /// The next beat that was found. Of those that nobody takes the last 64 are kept.
    pub fn poll_beat(&mut self) -> Option<Beat> {
        self.found.pop_front()
    }

    /// The next beat that can be classed. Of those that nobody takes the last 64 are kept.
    pub fn poll_output(&mut self) -> Option<Portrait> {
        self.finished.pop_front()
    }

    fn on_beat(&mut self, sample: u64, candidate: Candidate) {
        let centre = candidate.centre;
        let before_it = self.sitter.take();
        let since = before_it.as_ref().map(|it| centre - it.candidate.centre);
        let pace = self.intervals.push(since.map_or(f32::NAN, |since| samples(since) / HZ));
        if let (Some(it), Some(since)) = (&before_it, since) {
            self.kinds.learn_after(it.kind, samples(since) / HZ / it.pace.usual);
        }
        let sitter = self.sit(sample, candidate, pace, before_it.as_ref());
        if let (Some(it), Some(since)) = (&before_it, since) {
            self.finish_portrait(it, since, sitter.kinship.to_usual);
        }
        self.sitter = Some(sitter);
    }

    /// Looks at a beat in all leads, and learns what is usual.
    fn sit(
        &mut self,
        sample: u64,
        candidate: Candidate,
        pace: Pace,
        before_it: Option<&Sitter>,
    ) -> Sitter {
        let last = before_it.map(|it| it.candidate.centre);
        let centre = candidate.centre;
        let waves = std::iter::once(self.finder.wave());
        let waves = waves.chain(self.others.iter().map(|(_, wave)| wave));
        let habits = self.habits.iter().zip(waves);
        let leads: Vec<LeadView<'_>> = habits.map(|(it, wave)| it.view(wave, centre)).collect();
        let all = self.habits.iter_mut().zip(&leads);
        let all: Vec<Look> = all.map(|(habits, lead)| habits.look(lead, last, centre)).collect();
        let (looks, width) = together(&all);
        let kinship = self.kinds.compare(&leads, centre);
        let before = pace.before / pace.usual;
        if kinship.is_usual > 0.0 && before > ON_TIME {
            let all = self.habits.iter_mut().zip(&leads).filter(|(_, lead)| lead.weight > 0.0);
            let usual = before_it.filter(|it| it.kinship.is_usual > 0.0);
            for (habits, lead) in all {
                habits.learn_p_wave(lead.wave, centre);
                if let Some(it) = usual {
                    habits.learn_tail(lead.wave, it.candidate.centre, centre);
                }
            }
        }
        let kind = self.kinds.learn(&leads, centre, &kinship, width, before);
        let likeness = self.likenesses.quantile(0.5);
        self.likenesses.push(kinship.to_usual);
        let p_wave = [all[0].p_size, all[0].p_constancy];
        Sitter { sample, candidate, pace, kinship, kind, likeness, looks, width, p_wave }
    }

    fn finish_portrait(&mut self, it: &Sitter, until_next: u64, likeness_of_next: f32) {
        let after = samples(until_next.min(LONGEST)) / HZ;
        let mut numbers = [0.0; N_PORTRAIT];
        let others = it.others(after, likeness_of_next);
        let all = it.looks.iter().chain(&others);
        numbers.iter_mut().zip(all).for_each(|(number, &value)| *number = value);
        keep(&mut self.finished, Portrait { sample: it.sample, numbers });
    }
}

fn keep<T>(kept: &mut VecDeque<T>, last: T) {
    if kept.len() == KEPT {
        kept.pop_front();
    }
    kept.push_back(last);
}

impl Sitter {
    fn others(&self, after: f32, likeness_of_next: f32) -> [f32; OTHERS] {
        let (pace, kin, it) = (&self.pace, &self.kinship, &self.candidate);
        let [p_size, p_constancy] = self.p_wave;
        let [of_10, of_40, of_400] = pace.of_means;
        [
            pace.before / pace.usual,
            after / pace.usual,
            after / pace.before,
            (pace.before + after) / pace.usual,
            of_10,
            of_40,
            of_400,
            pace.of_long,
            pace.irregularity,
            pace.restlessness,
            pace.long_restlessness * (1.0 - p_constancy.max(0.0)),
            pace.usual,
            kin.to_usual,
            kin.gain,
            kin.to_own,
            kin.share,
            kin.is_usual,
            kin.width,
            kin.before,
            kin.after,
            likeness_of_next,
            self.likeness,
            kin.to_usual - self.likeness,
            p_size,
            p_constancy,
            self.width,
            it.bend / it.slope(),
            it.width,
        ]
    }
}

/// What the leads tell, each by how much it shows; and the complex' width.
fn together(looks: &[Look]) -> ([f32; LOOKS], f32) {
    let weighed = |number: &dyn Fn(&Look) -> f32| {
        let known = looks.iter().map(|look| (look.presence, number(look)));
        let (sum, whole) = known
            .filter(|it| it.0 > 0.0 && it.1.is_finite())
            .fold((0.0, 0.0), |(sum, whole), (presence, value)| {
                (sum + presence * value, whole + presence)
            });
        sum / whole
    };
    (std::array::from_fn(|at| weighed(&|look| look.numbers[at])), weighed(&|look| look.width))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_that_tells_fibrillation_is_disorder() {
        assert_eq!(NUMBERS[DISORDER], "disorder");
        for (disorder, is_in) in [(f32::NAN, false), (0.05, false), (0.2, true)] {
            let mut numbers = [0.0; N_PORTRAIT];
            numbers[DISORDER] = disorder;
            assert_eq!(Portrait { sample: 0, numbers }.is_in_fibrillation(), is_in, "{disorder}");
        }
    }
}
