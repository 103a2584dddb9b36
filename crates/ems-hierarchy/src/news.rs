//! What the nodes of a hierarchy are told of in an update: ways over lower nodes that changed.

use std::ops::Range;

use crate::groups::number;
use crate::hierarchy::{NONE, Slope};
use crate::row::{Row, Sum};

/// Tables for updates of metrics, one after the other; keep it to use them again.
///
/// They have some numbers for each node, and more the more arcs ever changed in one update.
#[derive(Debug, Default)]
pub struct Updater {
    /// A bit for each rank that was told something.
    pub(crate) waiting: Vec<u64>,
    /// By slope and rank.
    told: [Vec<Told>; 2],
    pub(crate) news: Vec<News>,
    /// Arcs that changed, those of one node and slope together and rising.
    pub(crate) changed: Vec<Changed>,
    pub(crate) row: Row,
}

/// All that one row, the arcs of one node and slope, was told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told {
    /// The last news, or [`NONE`].
    pub(crate) last: u32,
    /// What it costs to read them, in the measure of [`crate::Hierarchy::effort`].
    pub(crate) effort: u32,
}

/// Ways that changed, all over one leg.
#[derive(Debug)]
pub(crate) struct News {
    pub(crate) leg: Sum,
    pub(crate) rest: Rest,
    /// The news before these for the same row, or [`NONE`].
    pub(crate) previous: u32,
}

/// What follows the leg.
#[derive(Debug, Clone)]
pub(crate) enum Rest {
    /// Some of [`Updater::changed`].
    Changed(Range<u32>),
    /// Arcs as they weigh now. Of those that changed a second piece of news tells what they
    /// weighed before.
    Arcs(Range<u32>),
}

/// An arc, or the graph's arc that it stands for, that weighs something else now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed {
    pub(crate) arc: u32,
    /// Of the arc's higher end.
    pub(crate) depth: u16,
    pub(crate) weight: Sum,
}

/// Efforts of reading, in the measure of [`crate::Hierarchy::effort`] (measured).
const NEWS_EFFORT: u32 = 10;
const SUM_EFFORT: u32 = 3;

impl Told {
    const NOTHING: Self = Self { last: NONE, effort: 0 };
}

impl Rest {
    fn n_sums(&self) -> u32 {
        let (Self::Changed(part) | Self::Arcs(part)) = self;
        part.end - part.start
    }
}

impl Updater {
    /// Makes the tables as large as a hierarchy asks for. Nobody is waiting between updates.
    pub(crate) fn fit(&mut self, n_nodes: u32) {
        self.waiting.resize(n_nodes.div_ceil(64) as usize, 0);
        for told in &mut self.told {
            told.resize(n_nodes as usize, Told::NOTHING);
        }
        self.news.clear();
        self.changed.clear();
    }

    /// Gives up what was not looked at.
    pub(crate) fn forget(&mut self) {
        self.waiting.fill(0);
        for told in &mut self.told {
            told.fill(Told::NOTHING);
        }
    }

    pub(crate) fn tell(&mut self, x: u32, slope: Slope, leg: Sum, rest: Rest) {
        self.waiting[(x / 64) as usize] |= 1 << (x % 64);
        let told = &mut self.told[slope as usize][x as usize];
        let effort = NEWS_EFFORT + SUM_EFFORT * rest.n_sums();
        told.effort = told.effort.saturating_add(effort);
        let previous = std::mem::replace(&mut told.last, number(self.news.len()));
        self.news.push(News { leg, rest, previous });
    }

    /// What a row was told, if anything, once.
    pub(crate) fn take_told(&mut self, x: u32, slope: Slope) -> Option<Told> {
        let told = &mut self.told[slope as usize][x as usize];
        let told = std::mem::replace(told, Told::NOTHING);
        (told.last != NONE).then_some(told)
    }
}
