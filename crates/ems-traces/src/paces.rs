//! How much slower or faster than its profile a fleet drives: by road class, hour and arc.

use ems_model::{HOURS_A_WEEK, HourOfWeek};
use ems_roads::{ROAD_CLASSES, Roads};

use crate::span::{Part, Span};

/// How many observed seconds a belief in "as the next coarser level says" is worth.
///
/// All are this crate's own choice, made on synthetic drives; none is from a paper.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shrinkage {
    /// For the fleet as a whole, against its profile.
    pub fleet_s: f64,
    /// For a road class, against the fleet's whole; for turning round, against the profile.
    pub class_s: f64,
    /// For an hour of the week, against the whole week.
    pub hour_s: f64,
    /// For a class in an hour, against class and hour.
    pub class_hour_s: f64,
    /// For an arc, against its class.
    pub arc_s: f64,
}

impl Shrinkage {
    /// Ten minutes, and half a minute for an arc.
    pub const CAREFUL: Self =
        Self { fleet_s: 600.0, class_s: 600.0, hour_s: 600.0, class_hour_s: 600.0, arc_s: 30.0 };
}

/// Paces: time driven over time of the profile, so 1.25 is a quarter slower.
///
/// The pace of an arc in an hour is the product of the fleet's pace and the ratios of class, hour,
/// class in hour, and arc. Where nothing was observed a ratio is 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Paces {
    /// By level and slot.
    ratios: [Vec<f64>; N_LEVELS],
    /// The class of each edge.
    class_of: Vec<usize>,
}

/// Fleet, kind, hour, kind in hour, arc.
const N_LEVELS: usize = 5;

/// The kinds of parts: road classes and turning round.
const N_KINDS: usize = ROAD_CLASSES.len() + 1;

/// The kind of turning round.
const U_TURN: usize = ROAD_CLASSES.len();

/// A span counts for no more than so many times what was expected, and no less than one in so
/// many: a stop that was not seen as one, or a mismatch, must not speak for its roads.
const RATIO_MAX: f64 = 4.0;

/// Rounds over all levels; in the last, paces move by less than a thousandth.
const N_ROUNDS: usize = 20;

/// Where the ratios of a part stand; `None` at levels that do not touch it.
type Slots = [Option<usize>; N_LEVELS];

/// A span in slots: its seconds, and for each part the profile's seconds and the slots.
struct Sum {
    seconds: f64,
    terms: Vec<(f64, Slots)>,
}

impl Paces {
    /// As the profile says.
    pub fn of_profile(roads: &Roads) -> Self {
        let n_arcs = 2 * u32::try_from(roads.n_edges()).expect("edges are numbered by u32");
        let class_of = (0..n_arcs).step_by(2).map(|arc| roads.arc_class(arc)).collect();
        let sizes = [1, N_KINDS, HOURS_A_WEEK, N_KINDS * HOURS_A_WEEK, n_arcs as usize];
        Self { ratios: sizes.map(|n| vec![1.0; n]), class_of }
    }

    /// Learns from spans.
    ///
    /// A span tells only the sum of what its parts took. It is shared out by what each is now
    /// expected to take, and the ratios are made anew from the shares: expectation maximisation as
    /// for Poisson sums (Shepp and Vardi, "Maximum likelihood reconstruction for emission
    /// tomography", IEEE TMI 1(2), 1982), with a gamma prior of mean 1 on each ratio.
    ///
    /// Cost: about 1 µs for each part of each span.
    pub fn learn(roads: &Roads, spans: &[Span], shrinkage: &Shrinkage) -> Self {
        let mut paces = Self::of_profile(roads);
        let sums: Vec<Sum> = spans.iter().map(|span| paces.sum(span)).collect();
        let priors = [
            shrinkage.fleet_s,
            shrinkage.class_s,
            shrinkage.hour_s,
            shrinkage.class_hour_s,
            shrinkage.arc_s,
        ];
        for _ in 0..N_ROUNDS {
            for (level, &prior) in priors.iter().enumerate() {
                paces.improve(level, &sums, prior);
            }
        }
        paces
    }

    /// Seconds that a span's parts take at these paces.
    pub fn seconds(&self, span: &Span) -> f64 {
        let sum = self.sum(span);
        sum.terms.iter().map(|(profile_s, slots)| profile_s * self.pace(slots)).sum()
    }

    /// The pace of an arc in an hour.
    ///
    /// # Panics
    /// If there is no such arc.
    pub fn of_arc(&self, arc: u32, hour: HourOfWeek) -> f64 {
        self.pace(&self.slots(Part::Arc(arc), hour))
    }

    /// The pace of a road class over the whole week, by its index in [`ROAD_CLASSES`].
    ///
    /// # Panics
    /// If there is no such class.
    pub fn of_class(&self, class: usize) -> f64 {
        self.ratios[0][0] * self.ratios[1][class]
    }

    /// The pace of a road class in an hour.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn of_class_in(&self, class: usize, hour: HourOfWeek) -> f64 {
        let class_hour = self.ratios[3][class * HOURS_A_WEEK + hour.get()];
        self.of_class(class) * self.ratios[2][hour.get()] * class_hour
    }

    /// The pace of turning round: seconds taken over seconds of the profile.
    pub fn of_u_turn(&self) -> f64 {
        self.ratios[1][U_TURN]
    }

    fn slots(&self, part: Part, hour: HourOfWeek) -> Slots {
        match part {
            Part::UTurn => [None, Some(U_TURN), None, None, None],
            Part::Arc(arc) => {
                let class = self.class_of[(arc / 2) as usize];
                let class_hour = class * HOURS_A_WEEK + hour.get();
                let own = [0, class, hour.get(), class_hour, arc as usize];
                own.map(Some)
            }
        }
    }

    fn sum(&self, span: &Span) -> Sum {
        let term = |&(part, profile_s): &(Part, f64)| (profile_s, self.slots(part, span.hour));
        Sum { seconds: span.seconds, terms: span.parts.iter().map(term).collect() }
    }

    fn pace(&self, slots: &Slots) -> f64 {
        let ratios = self.ratios.iter().zip(slots);
        ratios.filter_map(|(ratios, slot)| slot.map(|slot| ratios[slot])).product()
    }

    /// Makes the ratios of one level anew.
    fn improve(&mut self, level: usize, sums: &[Sum], prior_s: f64) {
        let n = self.ratios[level].len();
        let (mut taken, mut expected) = (vec![prior_s; n], vec![prior_s; n]);
        for sum in sums {
            let seconds: Vec<f64> =
                sum.terms.iter().map(|(profile_s, slots)| profile_s * self.pace(slots)).collect();
            let ratio = sum.seconds / seconds.iter().sum::<f64>();
            let ratio = ratio.clamp(1.0 / RATIO_MAX, RATIO_MAX);
            for ((_, slots), seconds) in sum.terms.iter().zip(seconds) {
                if let Some(slot) = slots[level] {
                    taken[slot] += seconds * ratio;
                    expected[slot] += seconds / self.ratios[level][slot];
                }
            }
        }
        for ((ratio, taken), expected) in self.ratios[level].iter_mut().zip(taken).zip(expected) {
            if expected > 0.0 {
                *ratio = taken / expected;
            }
        }
    }
}
