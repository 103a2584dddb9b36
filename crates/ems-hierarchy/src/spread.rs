//! Changes on their way up the hierarchy.
//!
//! Rows, the arcs of one node and slope, are looked at from the lowest node up, each once, when all
//! below it is final. What changed in a row is told to the higher nodes that have a detour over it.
//! Such a node compares the sums over the detour before and now with what its arcs weigh: a smaller
//! sum is taken over; an arc that may have had its weight from a sum that grew is in doubt, and its
//! weight is looked for again among all of its detours.

use std::ops::Range;
use std::sync::Arc;

use crate::groups::number;
use crate::hierarchy::{Hierarchy, Slope};
use crate::metric::Metric;
use crate::row::{Row, Sum};
use crate::update::{Change, Update};
use crate::wing::{Detour, short};

/// Tables for updates of metrics, one after the other; keep it to use them again.
///
/// They are as large as a metric and are made by the first update.
#[derive(Debug, Default)]
pub struct Updater {
    /// By slope: a bit for each rank whose row has news.
    waiting: [Vec<u64>; 2],
    /// By slope: a bit for the leg of each detour over which something changed.
    has_news: [Vec<u64>; 2],
    /// By slope and leg: the part of such a detour's arcs that are to be looked at.
    news: [Vec<News>; 2],
    /// By slope: what the arcs of nodes that changed weighed before.
    before: [Vec<u32>; 2],
    /// Changes of the graph's arcs, by the row to look at them; the next is the last.
    inputs: Vec<(u32, Change)>,
    /// The detours of a row that have news.
    told: Vec<Detour>,
    row: Row,
}

/// A part of a row: how many arcs are left from its first arc on, and after its last.
#[derive(Debug, Clone, Copy, Default)]
struct News {
    n_from: u16,
    n_after: u16,
}

impl News {
    fn of(n_arcs: usize, part: &Range<usize>) -> Self {
        let [n_from, n_after] = [part.start, part.end].map(|at| short(n_arcs - at));
        Self { n_from, n_after }
    }

    /// The part of a detour, which goes on to the end of a row, that it names.
    fn part_of(self, detour: &Detour) -> Detour {
        let n_skipped = detour.n_arcs - self.n_from;
        let at = if detour.is_run() { detour.at + n_skipped } else { detour.at };
        let first = detour.first + u32::from(n_skipped);
        Detour { first, n_arcs: self.n_from - self.n_after, at, ..*detour }
    }
}

impl Updater {
    /// Makes the tables as large as a hierarchy asks for. No bit is set between updates.
    fn fit(&mut self, hierarchy: &Hierarchy) {
        for slope in Slope::BOTH {
            let n_arcs = hierarchy.wing(slope).n_arcs();
            let n_legs = hierarchy.wing(slope.other()).n_arcs();
            self.before[slope as usize].resize(n_arcs, 0);
            self.has_news[slope as usize].resize(n_legs.div_ceil(64), 0);
            self.news[slope as usize].resize(n_legs, News::default());
            self.waiting[slope as usize].resize((hierarchy.n_nodes() as usize).div_ceil(64), 0);
        }
    }

    /// Gives up what was not looked at.
    fn forget(&mut self) {
        for bits in self.waiting.iter_mut().chain(&mut self.has_news) {
            bits.fill(0);
        }
        self.inputs.clear();
    }

    /// The next change of the graph's arcs, if it is one of this row.
    fn next_input(&mut self, x: u32, slope: Slope) -> Option<Change> {
        let is_of_row = |&mut (low, change): &mut (u32, Change)| low == x && change.slope == slope;
        Some(self.inputs.pop_if(is_of_row)?.1)
    }
}

pub(crate) struct Spread<'a> {
    tables: &'a mut Updater,
    metric: &'a mut Metric,
    hierarchy: Arc<Hierarchy>,
    /// What was done so far, in the measure of [`Hierarchy::effort`].
    effort: u64,
}

/// Efforts of a partial update, in the measure of [`Hierarchy::effort`] (measured).
const ROW_EFFORT: u64 = 40;
const ARC_EFFORT: u64 = 2;
const DETOUR_EFFORT: u64 = 10;
const SUM_EFFORT: u64 = 3;
const DOUBT_EFFORT: u64 = 5;

/// All higher nodes are made anew when the effort so far exceeds that of making the lower nodes
/// anew by one part in so many of the whole.
const EXCESS_SHARE: u64 = 20;

impl<'a> Spread<'a> {
    pub(crate) fn of(metric: &'a mut Metric, tables: &'a mut Updater, changes: &[Change]) -> Self {
        let hierarchy = metric.hierarchy_handle();
        tables.fit(&hierarchy);
        for &change in changes {
            let low = hierarchy.wing(change.slope).ends.group_of(change.arc);
            tables.inputs.push((low, change));
            set(&mut tables.waiting[change.slope as usize], low);
        }
        tables.inputs.sort_by_key(|&(low, change)| std::cmp::Reverse((low, change.slope)));
        Self { tables, metric, hierarchy, effort: 0 }
    }

    /// Follows all changes to their end.
    pub(crate) fn run(mut self) -> Update {
        let excess_max = self.hierarchy.effort_below(self.hierarchy.n_nodes()) / EXCESS_SHARE;
        for word in 0..self.tables.waiting[0].len() {
            // News go to higher nodes only, though perhaps to some of the same word.
            while let Some(x) = self.next_of_word(word) {
                if self.effort > self.hierarchy.effort_below(x) + excess_max {
                    self.tables.forget();
                    self.metric.make_anew_from(x);
                    return Update::Whole;
                }
                self.visit(x);
            }
        }
        Update::Part
    }

    fn next_of_word(&self, word: usize) -> Option<u32> {
        let [up, down] = &self.tables.waiting;
        let both = up[word] | down[word];
        (both != 0).then(|| number(word * 64) + both.trailing_zeros())
    }

    /// Makes the arcs of a node final.
    fn visit(&mut self, x: u32) {
        let changed = Slope::BOTH.map(|slope| {
            if !take(&mut self.tables.waiting[slope as usize], x) {
                return 0..0;
            }
            self.keep(x, slope);
            self.remake(x, slope);
            self.changed_arcs(x, slope)
        });
        match changed.each_ref().map(Range::is_empty) {
            [true, true] => return,
            [true, false] => self.keep(x, Slope::Up),
            [false, true] => self.keep(x, Slope::Down),
            [false, false] => {}
        }
        self.pass_on(x, &changed);
    }

    /// Keeps what the arcs of a row weigh.
    fn keep(&mut self, x: u32, slope: Slope) {
        let arcs = self.hierarchy.wing(slope).ends.range(x);
        let weights = &self.metric.weights(slope)[arcs.clone()];
        self.tables.before[slope as usize][arcs].copy_from_slice(weights);
    }

    /// Makes the arcs of a row final.
    fn remake(&mut self, x: u32, slope: Slope) {
        // Both rows of a node cost about the same.
        let anew = self.hierarchy.effort(x) / 2;
        let effort = self.listen(x, slope);
        if effort <= anew {
            self.effort += effort;
            self.read(x, slope);
            if self.settle(x, slope, anew) {
                return;
            }
        }
        self.effort += anew;
        while self.tables.next_input(x, slope).is_some() {}
        self.metric.make_row_anew(x, slope, &mut self.tables.row.table);
    }

    /// Gathers the detours that have news, and says what it costs to read them.
    fn listen(&mut self, x: u32, slope: Slope) -> u64 {
        let Updater { has_news, news, told, .. } = &mut *self.tables;
        let (has_news, news) = (&mut has_news[slope as usize], &news[slope as usize]);
        let wing = self.hierarchy.wing(slope);
        let detours = wing.detours.of(x).iter().filter(|detour| take(has_news, detour.leg));
        told.clear();
        told.extend(detours.map(|detour| news[detour.leg as usize].part_of(detour)));
        let n_sums: u64 = told.iter().map(|detour| detour.rest().len() as u64).sum();
        ROW_EFFORT
            + ARC_EFFORT * wing.ends.of(x).len() as u64
            + DETOUR_EFFORT * told.len() as u64
            + SUM_EFFORT * n_sums
    }

    /// Compares what changed below a node with its arcs.
    fn read(&mut self, x: u32, slope: Slope) {
        let wing = self.hierarchy.wing(slope);
        let arcs = wing.ends.range(x);
        let weights = self.metric.weights(slope);
        self.tables.row.load(&wing.depths[arcs.clone()], &weights[arcs.clone()]);
        while let Some(Change { arc, before, now, .. }) = self.tables.next_input(x, slope) {
            self.tables.row.weigh_at(arc as usize - arcs.start, Sum { before, now });
        }
        let Updater { row, told, before, .. } = &mut *self.tables;
        for detour in &*told {
            let leg = Sum {
                before: before[slope.other() as usize][detour.leg as usize],
                now: self.metric.weights(slope.other())[detour.leg as usize],
            };
            row.weigh(detour, leg, &wing.depths, [&before[slope as usize], weights]);
        }
    }

    /// Gives the arcs of a row what they weigh now; `false` if making all of them anew is less work
    /// than looking for those in doubt.
    fn settle(&mut self, x: u32, slope: Slope, effort_max: u64) -> bool {
        let wing = self.hierarchy.wing(slope);
        let first = wing.ends.range(x).start;
        let row = &mut self.tables.row;
        row.find_doubts();
        let effort = DOUBT_EFFORT * (row.doubts.len() * wing.detours.of(x).len()) as u64;
        if effort > effort_max {
            return false;
        }
        self.effort += effort;
        for &place in &row.doubts {
            row.least[place] = self.metric.least_weight(x, slope, number(first + place));
        }
        self.metric.set_weights(slope, first, &row.least);
        true
    }

    /// From the first arc of a row that changed to the last, counted from the row's first.
    fn changed_arcs(&self, x: u32, slope: Slope) -> Range<usize> {
        let arcs = self.hierarchy.wing(slope).ends.range(x);
        let before = &self.tables.before[slope as usize][arcs.clone()];
        let now = &self.metric.weights(slope)[arcs];
        let differs = |(now, before): (&u32, &u32)| now != before;
        let Some(first) = now.iter().zip(before).position(differs) else { return 0..0 };
        let last = now.iter().zip(before).rposition(differs).unwrap_or(first);
        first..last + 1
    }

    /// Tells the higher neighbours of a node that have a way over it on which something changed.
    fn pass_on(&mut self, v: u32, changed: &[Range<usize>; 2]) {
        let Updater { waiting, has_news, news, before, .. } = &mut *self.tables;
        for slope in Slope::BOTH {
            let ends = self.hierarchy.wing(slope).ends.of(v);
            let part = &changed[slope as usize];
            let other = &self.hierarchy.wing(slope.other()).ends;
            let legs = other.range(v);
            let now = &self.metric.weights(slope.other())[legs.clone()];
            let before = &before[slope.other() as usize][legs.clone()];
            let mut above = 0;
            for (((leg, &x), now), before) in legs.zip(other.of(v)).zip(now).zip(before) {
                while ends.get(above).is_some_and(|&end| end <= x) {
                    above += 1;
                }
                let is_same = now == before;
                let rest =
                    if is_same { above.max(part.start)..part.end } else { above..ends.len() };
                if rest.start < rest.end {
                    news[slope as usize][leg] = News::of(ends.len(), &rest);
                    set(&mut has_news[slope as usize], number(leg));
                    set(&mut waiting[slope as usize], x);
                }
            }
        }
    }
}

fn set(bits: &mut [u64], at: u32) {
    bits[(at / 64) as usize] |= 1 << (at % 64);
}

/// Clears a bit and says whether it was set.
fn take(bits: &mut [u64], at: u32) -> bool {
    let word = &mut bits[(at / 64) as usize];
    let is_set = *word >> (at % 64) & 1 == 1;
    *word &= !(1 << (at % 64));
    is_set
}
