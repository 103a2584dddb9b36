//! Changes on their way up the hierarchy, arc by arc.
//!
//! Nodes are looked at from the lowest up, each once, when all below it is final. A node is told
//! which ways over lower nodes changed, and what they weighed before and now. A way that is shorter
//! than the arc is taken over; an arc that may have had its weight from a way that grew is in doubt,
//! and its weight is looked for again among all of its detours. Where many ways changed, or many arcs
//! are in doubt, the node's arcs of a slope are made anew instead: that is straight work without a
//! branch. Of the arcs that changed so, and of no others, the higher nodes with a way over them are
//! told.

use std::ops::Range;
use std::sync::Arc;

use crate::groups::number;
use crate::hierarchy::{Hierarchy, Slope};
use crate::metric::Metric;
use crate::news::{Changed, News, Rest, Told, Updater};
use crate::row::Sum;
use crate::update::{Change, Update};

pub(crate) struct Spread<'a> {
    tables: &'a mut Updater,
    metric: &'a mut Metric,
    hierarchy: Arc<Hierarchy>,
    /// What was done so far, in the measure of [`Hierarchy::effort`].
    effort: u64,
}

/// Efforts of a partial update, in the measure of [`Hierarchy::effort`] (measured).
const ROW_EFFORT: u64 = 40;
const ARC_EFFORT: u64 = 3;
const DOUBT_EFFORT: u64 = 8;

/// All higher nodes are made anew when the effort so far exceeds that of making the lower nodes
/// anew by one part in so many of the whole.
const EXCESS_SHARE: u64 = 20;

impl<'a> Spread<'a> {
    pub(crate) fn of(metric: &'a mut Metric, tables: &'a mut Updater, changes: &[Change]) -> Self {
        let hierarchy = metric.hierarchy_handle();
        tables.fit(hierarchy.n_nodes());
        for (at, &Change { slope, arc, weight }) in (0..).zip(changes) {
            let wing = hierarchy.wing(slope);
            let no_leg = Sum { before: 0, now: 0 };
            tables.changed.push(Changed { arc, depth: wing.depths[arc as usize], weight });
            tables.tell(wing.ends.group_of(arc), slope, no_leg, Rest::Changed(at..at + 1));
        }
        Self { tables, metric, hierarchy, effort: 0 }
    }

    /// Follows all changes to their end.
    pub(crate) fn run(mut self) -> Update {
        let excess_max = self.hierarchy.effort_below(self.hierarchy.n_nodes()) / EXCESS_SHARE;
        for word in 0..self.tables.waiting.len() {
            // News go to higher nodes only, though perhaps to some of the same word.
            while let Some(x) = self.next_of_word(word) {
                if self.effort > self.hierarchy.effort_below(x) + excess_max {
                    self.tables.forget();
                    self.metric.make_anew_from(x);
                    return Update::Whole;
                }
                let changed = Slope::BOTH.map(|slope| self.visit(x, slope));
                self.pass_on(x, &changed);
            }
        }
        Update::Part
    }

    fn next_of_word(&mut self, word: usize) -> Option<u32> {
        let waiting = &mut self.tables.waiting[word];
        let bit = (*waiting != 0).then(|| waiting.trailing_zeros())?;
        *waiting &= *waiting - 1;
        Some(number(word * 64) + bit)
    }

    /// Makes a row, the arcs of a node and slope, final, and says which of [`Updater::changed`] it
    /// has.
    fn visit(&mut self, x: u32, slope: Slope) -> Range<usize> {
        let first = self.tables.changed.len();
        if let Some(told) = self.tables.take_told(x, slope) {
            self.remake(x, slope, told);
            self.keep_changed(x, slope);
        }
        first..self.tables.changed.len()
    }

    /// Makes a row final by what it was told, or anew if that is less work.
    fn remake(&mut self, x: u32, slope: Slope, told: Told) {
        let wing = self.hierarchy.wing(slope);
        let arcs = wing.ends.range(x);
        self.tables.row.load(&wing.depths[arcs.clone()], &self.metric.weights(slope)[arcs.clone()]);
        // Both rows of a node cost about the same.
        let anew = self.hierarchy.effort(x) / 2 + ARC_EFFORT * arcs.len() as u64;
        let of_doubt = DOUBT_EFFORT * wing.detours.of(x).len().max(1) as u64;
        self.effort += ROW_EFFORT;
        if u64::from(told.effort) <= anew {
            self.effort += u64::from(told.effort);
            if self.read(x, slope, told.last, anew / of_doubt) {
                self.effort += of_doubt * self.tables.row.doubts.len() as u64;
                return self.settle(x, slope);
            }
        }
        self.effort += anew;
        self.metric.make_row_anew(x, slope, &mut self.tables.row.table);
    }

    /// Weighs all ways that changed against the arcs that they may improve; `false` once more arcs
    /// than so many are in doubt.
    fn read(&mut self, x: u32, slope: Slope, last: u32, n_doubts_max: u64) -> bool {
        let wing = self.hierarchy.wing(slope);
        let Updater { row, news, changed, .. } = &mut *self.tables;
        let (below, weights) = self.metric.row_mut(slope, wing.ends.range(x));
        let mut next = last;
        while let Some(News { leg, rest, previous }) = news.get(next as usize) {
            match rest {
                Rest::Changed(part) => {
                    for change in &changed[indices(part)] {
                        row.weigh(weights, change.depth, leg.plus(change.weight));
                    }
                }
                Rest::Arcs(part) => {
                    let arcs = wing.depths[indices(part)].iter().zip(&below[indices(part)]);
                    for (&depth, &now) in arcs {
                        row.weigh(weights, depth, leg.plus(Sum { before: now, now }));
                    }
                }
            }
            if row.doubts.len() as u64 > n_doubts_max {
                return false;
            }
            next = *previous;
        }
        true
    }

    /// Looks for the weights of arcs in doubt.
    fn settle(&mut self, x: u32, slope: Slope) {
        let row = &self.tables.row;
        let first = self.hierarchy.wing(slope).ends.range(x).start;
        for &(place, bound) in &row.doubts {
            let arc = first + place as usize;
            // What weighs less than before has got a shorter way than all that it had.
            if self.metric.weights(slope)[arc] == row.before[place as usize] {
                let least = self.metric.least_weight(x, slope, number(arc), bound);
                self.metric.set_weight(slope, arc, least);
            }
        }
    }

    fn keep_changed(&mut self, x: u32, slope: Slope) {
        let wing = self.hierarchy.wing(slope);
        let arcs = wing.ends.range(x);
        let Updater { row, changed, .. } = &mut *self.tables;
        let weights = row.before.iter().zip(&self.metric.weights(slope)[arcs.clone()]);
        for (arc, (&before, &now)) in arcs.zip(weights) {
            if before != now {
                let (arc, depth) = (number(arc), wing.depths[arc]);
                changed.push(Changed { arc, depth, weight: Sum { before, now } });
            }
        }
    }

    /// Tells the higher neighbours of a node that have a way over it on which something changed.
    fn pass_on(&mut self, v: u32, changed: &[Range<usize>; 2]) {
        for slope in Slope::BOTH {
            let legs = changed[slope.other() as usize].clone();
            self.pass_on_rests(v, slope, legs.clone(), changed[slope as usize].clone());
            self.pass_on_legs(v, slope, legs);
        }
    }

    /// Tells of ways whose second part changed, and perhaps the leg too.
    fn pass_on_rests(
        &mut self,
        v: u32,
        slope: Slope,
        mut legs: Range<usize>,
        mut rests: Range<usize>,
    ) {
        let Some(last) = self.tables.changed[rests.clone()].last() else { return };
        let ends = self.hierarchy.wing(slope).ends.items();
        let top = ends[last.arc as usize];
        let other = &self.hierarchy.wing(slope.other()).ends;
        for (leg, &x) in other.range(v).zip(other.of(v)).take_while(|&(_, &x)| x < top) {
            while ends[self.tables.changed[rests.start].arc as usize] <= x {
                rests.start += 1;
            }
            let now = self.metric.weights(slope.other())[leg];
            let mut sum = Sum { before: now, now };
            if let Some(change) = self.tables.changed[legs.clone()].first()
                && change.arc as usize == leg
            {
                sum = change.weight;
                legs.start += 1;
            }
            self.tables.tell(x, slope, sum, Rest::Changed(numbers(&rests)));
        }
    }

    /// Tells of ways whose leg changed.
    fn pass_on_legs(&mut self, v: u32, slope: Slope, legs: Range<usize>) {
        let ends = &self.hierarchy.wing(slope).ends;
        let others = self.hierarchy.wing(slope.other()).ends.items();
        for at in legs {
            let Changed { arc, weight, .. } = self.tables.changed[at];
            let x = others[arc as usize];
            let mut rest = ends.range(v);
            rest.start += ends.of(v).partition_point(|&end| end <= x);
            if !rest.is_empty() {
                self.tables.tell(x, slope, weight, Rest::Arcs(numbers(&rest)));
            }
        }
    }
}

fn indices(part: &Range<u32>) -> Range<usize> {
    part.start as usize..part.end as usize
}

fn numbers(part: &Range<usize>) -> Range<u32> {
    number(part.start)..number(part.end)
}
