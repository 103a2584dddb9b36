//! What arrived, and when.

use std::collections::BTreeMap;

use ems_model::{Micros, Timestamp};
use ems_netem::Tally;
use ems_uplink::{Class, Counts};

/// A frame that was to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Its class.
    pub class: Class,
    /// Its length.
    pub n_bytes: usize,
    /// When it was to be sent.
    pub pushed_at: Timestamp,
    /// When it arrived first.
    pub delivered_at: Option<Timestamp>,
}

/// What became of a drive.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// When it began.
    pub start: Timestamp,
    /// All frames, in the order in which they were to be sent.
    pub fates: Vec<Fate>,
    /// Each link.
    pub links: Vec<LinkOutcome>,
    /// What the ambulance's sessions did.
    pub sent: Counts,
    /// What the centre's sessions did.
    pub received: Counts,
}

/// What went over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkOutcome {
    /// To the centre.
    pub forth: Tally,
    /// To the ambulance.
    pub back: Tally,
}

/// What became of a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassOutcome {
    /// Which.
    pub class: Class,
    /// Frames that were to be sent.
    pub n_offered: usize,
    /// Frames that arrived.
    pub n_delivered: usize,
    /// Frames that arrived after their deadline.
    pub n_late: usize,
    /// Bytes that arrived.
    pub n_delivered_bytes: u64,
    /// The median delay; none where nothing arrived, as of the next two.
    pub p50: Option<Micros>,
    /// The delay that 99 % stay within.
    pub p99: Option<Micros>,
    /// The longest delay.
    pub max: Option<Micros>,
}

impl Fate {
    /// How long it took.
    pub fn delay(&self) -> Option<Micros> {
        self.delivered_at.map(|at| at.micros_since(self.pushed_at))
    }

    /// Whether it arrived, by its class' deadline.
    pub fn is_in_time(&self) -> bool {
        self.delay().is_some_and(|delay| delay <= self.class.traits().deadline)
    }
}

impl Outcome {
    /// Each class of which something was to be sent, the most urgent first.
    pub fn classes(&self) -> Vec<ClassOutcome> {
        let mut by_class: BTreeMap<Class, Vec<&Fate>> = BTreeMap::new();
        for fate in &self.fates {
            by_class.entry(fate.class).or_default().push(fate);
        }
        by_class.into_iter().map(|(class, fates)| ClassOutcome::of(class, &fates)).collect()
    }

    /// All bytes sent over all links, there and back.
    pub fn n_link_bytes(&self) -> u64 {
        let bytes = |link: &LinkOutcome| link.forth.n_offered_bytes + link.back.n_offered_bytes;
        self.links.iter().map(bytes).sum()
    }
}

impl ClassOutcome {
    fn of(class: Class, fates: &[&Fate]) -> Self {
        let mut delays: Vec<Micros> = fates.iter().filter_map(|fate| fate.delay()).collect();
        delays.sort_unstable();
        let delivered = fates.iter().filter(|fate| fate.delivered_at.is_some());
        Self {
            class,
            n_offered: fates.len(),
            n_delivered: delays.len(),
            n_late: delays.iter().filter(|delay| **delay > class.traits().deadline).count(),
            n_delivered_bytes: delivered.map(|fate| fate.n_bytes as u64).sum(),
            p50: quantile(&delays, 50),
            p99: quantile(&delays, 99),
            max: delays.last().copied(),
        }
    }
}

/// The smallest of sorted values that `percent` of them do not exceed.
fn quantile(sorted: &[Micros], percent: usize) -> Option<Micros> {
    sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied()
}
