//! Changes on their way up the hierarchy.
//!
//! Nodes are looked at from the lowest up, each once, when all below it is final. What changed at
//! a node is written down for each higher neighbour as a [`Note`]: the detour that the neighbour
//! has over it. The neighbour compares the sums over that detour before and now with what its
//! arcs weigh: a smaller sum is taken over at once; an arc that may have had its weight from a
//! sum that grew is in doubt, and its weight is looked for again among all of its detours.

use std::ops::Range;
use std::sync::Arc;

use crate::groups::number;
use crate::hierarchy::{Hierarchy, Slope};
use crate::metric::{ByDepth, Metric, by_depth};
use crate::update::{Change, Update};

/// Arcs of a slope that a node is to look at, by a way over a lower node of which something
/// changed.
#[derive(Debug, Clone, Copy)]
struct Note {
    /// The arc of the other slope between the two nodes.
    leg: u32,
    /// The arcs over the lower node, from here...
    first: u32,
    /// ... to here.
    end: u32,
    /// Twice the index in [`Spread::pasts`], and one more for [`Slope::Down`].
    past: u32,
    /// The note of the same node that was written before: one more than its index, or 0.
    previous: u32,
}

/// Where the weights of a node's arcs before the change stand, by slope, and which arcs they are.
#[derive(Debug, Clone, Copy)]
struct Past {
    at: [u32; 2],
    first_arc: [u32; 2],
}

impl Past {
    fn index(&self, slope: Slope, arc: u32) -> usize {
        (self.at[slope as usize] + arc - self.first_arc[slope as usize]) as usize
    }
}

/// The weight of something before and now.
#[derive(Debug, Clone, Copy)]
struct Sum {
    before: u32,
    now: u32,
}

/// What the arcs of one node and slope weigh, by the depth of their higher end.
struct Row {
    least: Box<ByDepth>,
    /// Depths of arcs that weigh less now, or may have had their weight from what has grown.
    touched: Vec<u16>,
}

impl Row {
    fn of() -> Self {
        Self { least: by_depth(), touched: Vec::new() }
    }

    fn weigh(&mut self, depth: u16, sum: Sum) {
        let least = &mut self.least[depth as usize];
        if sum.now < *least {
            *least = sum.now;
            self.touched.push(depth);
        } else if sum.before == *least && sum.now > sum.before {
            self.touched.push(depth);
        }
    }
}

/// An arc and the weight that it gets.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    slope: Slope,
    arc: u32,
    weight: u32,
}

pub(crate) struct Spread<'a> {
    metric: &'a mut Metric,
    hierarchy: Arc<Hierarchy>,
    /// A bit for each rank that has notes.
    waiting: Vec<u64>,
    /// By rank: its last note, one more than its index, or 0.
    last_note: Vec<u32>,
    notes: Vec<Note>,
    /// Changes of the graph's arcs, by the node to look at them; the next is the last.
    inputs: Vec<(u32, Change)>,
    /// The nodes of which any arc changed.
    pasts: Vec<Past>,
    /// Their weights before.
    past: Vec<u32>,
    table: Box<ByDepth>,
    /// What was done so far, in the measure of [`Hierarchy::effort`].
    effort: u64,
}

/// Efforts of a partial update, in the measure of [`Hierarchy::effort`] (measured).
const VISIT_EFFORT: u64 = 40;
const ARC_EFFORT: u64 = 4;
const NOTE_EFFORT: u64 = 12;
const SUM_EFFORT: u64 = 4;
const DOUBT_EFFORT: u64 = 5;

/// All higher nodes are made anew when the effort so far exceeds that of making the lower nodes
/// anew by one part in so many of the whole.
const EXCESS_SHARE: u64 = 20;

impl<'a> Spread<'a> {
    pub(crate) fn of(metric: &'a mut Metric, changes: &[Change]) -> Self {
        let hierarchy = metric.hierarchy_handle();
        let n = hierarchy.n_nodes() as usize;
        let mut spread = Self {
            metric,
            waiting: vec![0; n.div_ceil(64)],
            last_note: vec![0; n],
            notes: Vec::new(),
            inputs: Vec::new(),
            pasts: Vec::new(),
            past: Vec::new(),
            table: by_depth(),
            effort: 0,
            hierarchy: Arc::clone(&hierarchy),
        };
        for &change in changes {
            let low = hierarchy.wing(change.slope).ends.group_of(change.arc);
            spread.inputs.push((low, change));
            spread.wake(low);
        }
        spread.inputs.sort_by_key(|&(low, _)| std::cmp::Reverse(low));
        spread
    }

    /// Follows all changes to their end.
    pub(crate) fn run(mut self) -> Update {
        let excess_max = self.hierarchy.effort_below(self.hierarchy.n_nodes()) / EXCESS_SHARE;
        let mut rows = [(); 2].map(|()| Row::of());
        for word in 0..self.waiting.len() {
            // Notes go to higher nodes only, though perhaps to some of the same word.
            while self.waiting[word] != 0 {
                let x = number(word * 64) + self.waiting[word].trailing_zeros();
                self.waiting[word] &= self.waiting[word] - 1;
                if self.effort > self.hierarchy.effort_below(x) + excess_max {
                    self.metric.make_anew_from(x);
                    return Update::Whole;
                }
                self.visit(x, &mut rows);
            }
        }
        Update::Part
    }

    /// Makes the arcs of a node final.
    fn visit(&mut self, x: u32, rows: &mut [Row; 2]) {
        let (effort, anew) = (self.notes_effort(x), self.hierarchy.effort(x));
        if effort > anew {
            self.visit_anew(x);
            return;
        }
        self.effort += effort;
        self.read_notes(x, rows);
        if rows.iter().all(|row| row.touched.is_empty()) {
            return;
        }
        let Some(outcomes) = self.outcomes(x, rows) else {
            self.visit_anew(x);
            return;
        };
        if outcomes.is_empty() {
            return;
        }
        let past = self.keep_past(x);
        let mut changed = [0..0, 0..0];
        for Outcome { slope, arc, weight } in outcomes {
            self.metric.set_weight(slope, arc, weight);
            let span = &mut changed[slope as usize];
            let first = if span.end == 0 { arc } else { span.start.min(arc) };
            *span = first..span.end.max(arc + 1);
        }
        self.pass_on(x, past, &changed);
    }

    /// Makes the arcs of a node anew, which is less work than looking for what changed.
    fn visit_anew(&mut self, x: u32) {
        self.effort += self.hierarchy.effort(x);
        while self.inputs.pop_if(|&mut (low, _)| low == x).is_some() {}
        let past = self.keep_past(x);
        self.metric.make_node_anew(x, &mut self.table);
        let changed = Slope::BOTH.map(|slope| self.changed_arcs(x, slope, past));
        if changed.iter().all(Range::is_empty) {
            self.past.truncate(past.at[0] as usize);
        } else {
            self.pass_on(x, past, &changed);
        }
    }

    fn keep_past(&mut self, x: u32) -> Past {
        let mut past = Past { at: [0; 2], first_arc: [0; 2] };
        for slope in Slope::BOTH {
            let arcs = self.hierarchy.wing(slope).ends.range(x);
            past.at[slope as usize] = number(self.past.len());
            past.first_arc[slope as usize] = number(arcs.start);
            self.past.extend_from_slice(&self.metric.weights(slope)[arcs]);
        }
        past
    }

    fn notes_effort(&self, x: u32) -> u64 {
        let n_sums: u64 = self.notes_of(x).map(|note| u64::from(note.end - note.first)).sum();
        let n_notes = self.notes_of(x).count() as u64;
        let n_arcs = self.hierarchy.n_arcs_of(x) as u64;
        VISIT_EFFORT + ARC_EFFORT * n_arcs + NOTE_EFFORT * n_notes + SUM_EFFORT * n_sums
    }

    fn notes_of(&self, x: u32) -> impl Iterator<Item = &Note> {
        let note = |number: u32| self.notes.get((number as usize).wrapping_sub(1));
        std::iter::successors(note(self.last_note[x as usize]), move |n| note(n.previous))
    }

    /// Compares what changed below a node with its arcs.
    fn read_notes(&mut self, x: u32, rows: &mut [Row; 2]) {
        for slope in Slope::BOTH {
            let wing = self.hierarchy.wing(slope);
            let arcs = wing.ends.range(x);
            let weights = &self.metric.weights(slope)[arcs.clone()];
            for (&depth, &weight) in wing.depths[arcs].iter().zip(weights) {
                rows[slope as usize].least[depth as usize] = weight;
            }
        }
        while let Some((_, change)) = self.inputs.pop_if(|&mut (low, _)| low == x) {
            let depth = self.hierarchy.wing(change.slope).depths[change.arc as usize];
            let sum = Sum { before: change.before, now: change.now };
            rows[change.slope as usize].weigh(depth, sum);
        }
        for note in self.notes_of(x) {
            let slope = Slope::BOTH[(note.past % 2) as usize];
            self.read_note(note, slope, &mut rows[slope as usize]);
        }
    }

    fn read_note(&self, note: &Note, slope: Slope, row: &mut Row) {
        let past = self.pasts[(note.past / 2) as usize];
        let leg = Sum {
            before: self.past[past.index(slope.other(), note.leg)],
            now: self.metric.weights(slope.other())[note.leg as usize],
        };
        let rest = note.first as usize..note.end as usize;
        let depths = &self.hierarchy.wing(slope).depths[rest.clone()];
        let now = &self.metric.weights(slope)[rest];
        let before = &self.past[past.index(slope, note.first)..];
        for ((&depth, &now), &before) in depths.iter().zip(now).zip(before) {
            row.weigh(depth, Sum { before: leg.before + before, now: leg.now + now });
        }
    }

    /// The arcs of a node whose weight changes; `None` if making all of them anew is less work
    /// than the doubts that are left.
    fn outcomes(&mut self, x: u32, rows: &mut [Row; 2]) -> Option<Vec<Outcome>> {
        let mut outcomes = Vec::new();
        let mut doubts = Vec::new();
        let mut effort = 0;
        for slope in Slope::BOTH {
            let row = &mut rows[slope as usize];
            row.touched.sort_unstable();
            row.touched.dedup();
            let wing = self.hierarchy.wing(slope);
            for depth in row.touched.drain(..) {
                let arc = wing.arc_at_depth(x, depth);
                let weight = row.least[depth as usize];
                if weight == self.metric.weights(slope)[arc as usize] {
                    effort += DOUBT_EFFORT * wing.detours.of(x).len() as u64;
                    doubts.push((slope, arc));
                } else {
                    outcomes.push(Outcome { slope, arc, weight });
                }
            }
        }
        self.effort += effort.min(self.hierarchy.effort(x));
        if effort > self.hierarchy.effort(x) {
            return None;
        }
        outcomes.extend(doubts.into_iter().map(|(slope, arc)| Outcome {
            slope,
            arc,
            weight: self.metric.least_weight(x, slope, arc),
        }));
        outcomes.retain(|o| o.weight != self.metric.weights(o.slope)[o.arc as usize]);
        Some(outcomes)
    }

    /// From the first arc that changed to the last.
    fn changed_arcs(&self, x: u32, slope: Slope, past: Past) -> Range<u32> {
        let arcs = self.hierarchy.wing(slope).ends.range(x);
        let now = &self.metric.weights(slope)[arcs.clone()];
        let before = &self.past[past.index(slope, number(arcs.start))..][..now.len()];
        let differs = |(now, before): (&u32, &u32)| now != before;
        let Some(first) = now.iter().zip(before).position(differs) else { return 0..0 };
        let last = now.iter().zip(before).rposition(differs).unwrap_or(first);
        number(arcs.start + first)..number(arcs.start + last + 1)
    }

    /// Tells the higher neighbours of a node that have a way over it.
    fn pass_on(&mut self, v: u32, past: Past, changed: &[Range<u32>; 2]) {
        let hierarchy = Arc::clone(&self.hierarchy);
        self.pasts.push(past);
        for slope in Slope::BOTH {
            let (own, other) = (hierarchy.wing(slope), hierarchy.wing(slope.other()));
            let (arcs, ends) = (own.ends.range(v), own.ends.of(v));
            let mut n_passed = 0;
            for (leg, &x) in other.ends.range(v).zip(other.ends.of(v)) {
                n_passed += ends[n_passed..].iter().take_while(|&&end| end <= x).count();
                let mut rest = number(arcs.start + n_passed)..number(arcs.end);
                let leg = number(leg);
                if !self.has_changed(slope.other(), leg, past) {
                    let part = &changed[slope as usize];
                    rest = rest.start.max(part.start)..rest.end.min(part.end);
                }
                if rest.start < rest.end {
                    let past = 2 * number(self.pasts.len() - 1) + slope as u32;
                    let previous = self.last_note[x as usize];
                    let note = Note { leg, first: rest.start, end: rest.end, past, previous };
                    self.notes.push(note);
                    self.last_note[x as usize] = number(self.notes.len());
                    self.wake(x);
                }
            }
        }
    }

    fn has_changed(&self, slope: Slope, arc: u32, past: Past) -> bool {
        self.metric.weights(slope)[arc as usize] != self.past[past.index(slope, arc)]
    }

    fn wake(&mut self, x: u32) {
        self.waiting[(x / 64) as usize] |= 1 << (x % 64);
    }
}
