//! Learns gradient-boosted oblivious trees for yes-or-no questions; the same rows give the same
//! trees.

use ems_signal::{DEPTH, LEAVES, Tree, Trees};

/// What is learnt from: features and the answer.
#[derive(Debug, Clone, Default)]
pub struct Rows<const N: usize> {
    /// A row each.
    pub features: Vec<[f32; N]>,
    /// Whether the answer is yes.
    pub labels: Vec<bool>,
    /// How much a row counts.
    pub weights: Vec<f32>,
    /// Whose it is: each tree is learnt from half of the groups.
    pub groups: Vec<u16>,
}

impl<const N: usize> Rows<N> {
    /// Adds a row of weight 1 and group 0.
    pub fn push(&mut self, features: [f32; N], label: bool) {
        self.features.push(features);
        self.labels.push(label);
        self.weights.push(1.0);
        self.groups.push(0);
    }

    /// The rows of these numbers.
    pub fn only(&self, is_wanted: impl Fn(usize) -> bool) -> Self {
        let mut some = Self::default();
        for row in (0..self.labels.len()).filter(|&row| is_wanted(row)) {
            some.push(self.features[row], self.labels[row]);
        }
        some
    }

    /// Adds other rows.
    pub fn extend(&mut self, other: &Self) {
        self.features.extend(&other.features);
        self.labels.extend(&other.labels);
        self.weights.extend(&other.weights);
        self.groups.extend(&other.groups);
    }
}

/// How it is learnt.
#[derive(Debug, Clone, Copy)]
pub struct Boosting {
    /// How many trees.
    pub n_trees: usize,
    /// How much of each answer is taken.
    pub rate: f32,
    /// Rows of no weight that pull each answer to zero.
    pub ridge: f32,
    /// How many questions a tree asks, up to [`DEPTH`].
    pub depth: usize,
}

/// How the answer may go with a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// Any way.
    Free,
    /// The more of it the more of a yes.
    Rising,
    /// The more of it the more of a no.
    Falling,
}

impl Trend {
    fn allows(self, below: f32, above: f32) -> bool {
        match self {
            Self::Free => true,
            Self::Rising => above >= below,
            Self::Falling => above <= below,
        }
    }
}

const BINS: usize = 64;
/// Rows with a smaller gradient are drawn one in [`DRAWN`].
const SMALL: f32 = 0.05;
const DRAWN: u64 = 8;
/// Each tree is learnt from this part of the groups, and asks this part of the features.
const GROUPS_DRAWN: f32 = 0.6;
const FEATURES_DRAWN: f32 = 0.5;

/// Numbers that look random (splitmix64), for the same seed the same ones.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly within 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u64 << 24) as f32
    }
}

/// Learns from the rows by their logistic loss.
/// Only features with a trend are asked.
pub fn learn<const N: usize>(
    rows: &Rows<N>,
    how: Boosting,
    trend: impl Fn(usize) -> Option<Trend>,
) -> Trees<N> {
    let edges = |feature| trend(feature).map_or_else(Vec::new, |_| edges(rows, feature));
    let edges: Vec<Vec<f32>> = (0..N).map(edges).collect();
    let trends: Vec<Trend> = (0..N).map(|at| trend(at).unwrap_or(Trend::Free)).collect();
    let bins: Vec<[u8; N]> = rows.features.iter().map(|row| binned(row, &edges)).collect();
    let (yes, all) = rows.labels.iter().zip(&rows.weights).fold((0.0, 0.0), |(yes, all), it| {
        (yes + f64::from(u8::from(*it.0)) * f64::from(*it.1), all + f64::from(*it.1))
    });
    let bias = ((yes + 1.0) / (all - yes + 1.0)).ln() as f32;
    let mut scores = vec![bias; bins.len()];
    let mut dice = Dice(7);
    let mut trees = vec![];
    for _ in 0..how.n_trees {
        let drawn = draw(rows, &scores, &mut dice);
        let (splits, leaves) = grow(&bins, &drawn, &edges, &trends, how, &mut dice);
        for (score, row) in scores.iter_mut().zip(&bins) {
            *score += leaves[leaf(row, &splits)];
        }
        let features = splits.map(|(feature, _)| feature as u8);
        let thresholds = splits.map(|(feature, bin)| {
            edges[feature].get(usize::from(bin)).copied().unwrap_or(f32::MAX)
        });
        trees.push(Tree { features, thresholds, leaves });
    }
    Trees::new(bias, trees)
}

/// Thresholds between bins: a value's bin is the number of edges below it, 0 for NaN.
fn edges<const N: usize>(rows: &Rows<N>, feature: usize) -> Vec<f32> {
    let step = rows.features.len() / 100_000 + 1;
    let mut values: Vec<f32> = rows.features.iter().step_by(step).map(|row| row[feature]).collect();
    values.retain(|value| value.is_finite());
    values.sort_by(f32::total_cmp);
    let at = |idx: usize| values[idx * values.len() / BINS];
    let mut edges: Vec<f32> =
        if values.is_empty() { vec![] } else { (0..BINS - 1).map(at).collect() };
    edges.dedup();
    edges
}

fn binned<const N: usize>(row: &[f32; N], edges: &[Vec<f32>]) -> [u8; N] {
    std::array::from_fn(|feature| {
        let value = row[feature];
        if value.is_nan() { 0 } else { edges[feature].partition_point(|&edge| edge < value) as u8 }
    })
}

struct Drawn {
    row: usize,
    gradient: f32,
    curvature: f32,
}

/// All rows that are not yet known well, and some of the others for all of them.
fn draw<const N: usize>(rows: &Rows<N>, scores: &[f32], dice: &mut Dice) -> Vec<Drawn> {
    let mut drawn = vec![];
    let n_groups = rows.groups.iter().max().map_or(0, |&most| usize::from(most) + 1);
    let is_in: Vec<bool> = (0..n_groups).map(|_| dice.unit() < GROUPS_DRAWN).collect();
    for (row, &score) in scores.iter().enumerate() {
        if !is_in[usize::from(rows.groups[row])] {
            continue;
        }
        let share = 1.0 / (1.0 + (-score).exp());
        let off = share - f32::from(u8::from(rows.labels[row]));
        let is_small = off.abs() < SMALL;
        if is_small && !dice.bits().is_multiple_of(DRAWN) {
            continue;
        }
        let weight = rows.weights[row] * if is_small { DRAWN as f32 } else { 1.0 };
        let curvature = weight * share * (1.0 - share);
        drawn.push(Drawn { row, gradient: weight * off, curvature });
    }
    drawn
}

type Splits = [(usize, u8); DEPTH];

fn leaf<const N: usize>(row: &[u8; N], splits: &Splits) -> usize {
    splits
        .iter()
        .enumerate()
        .fold(0, |leaf, (level, &(feature, bin))| leaf | usize::from(row[feature] > bin) << level)
}

fn grow<const N: usize>(
    bins: &[[u8; N]],
    drawn: &[Drawn],
    edges: &[Vec<f32>],
    trends: &[Trend],
    how: Boosting,
    dice: &mut Dice,
) -> (Splits, [f32; LEAVES]) {
    let mut splits = [(0, u8::MAX); DEPTH];
    let mut leaves = vec![0usize; drawn.len()];
    for (level, split) in splits.iter_mut().enumerate().take(how.depth) {
        let is_asked: [bool; N] = std::array::from_fn(|_| dice.unit() < FEATURES_DRAWN);
        let sums = histogram(bins, drawn, &leaves, 1 << level);
        *split = best_split(&sums, edges, trends, &is_asked, 1 << level, how.ridge);
        let (feature, bin) = *split;
        for (leaf, it) in leaves.iter_mut().zip(drawn) {
            *leaf |= usize::from(bins[it.row][feature] > bin) << level;
        }
    }
    let mut sums = [[0.0f32; 2]; LEAVES];
    for (&leaf, it) in leaves.iter().zip(drawn) {
        sums[leaf][0] += it.gradient;
        sums[leaf][1] += it.curvature;
    }
    let mut leaves = sums.map(|sum| how.rate * answer(sum, how.ridge));
    let weights = sums.map(|[_, curvature]| curvature + how.ridge);
    let trend = |(feature, bin)| if bin == u8::MAX { Trend::Free } else { trends[feature] };
    level_out(&mut leaves, &weights, &splits.map(trend));
    (splits, leaves)
}

fn answer([gradient, curvature]: [f32; 2], ridge: f32) -> f32 {
    -gradient / (curvature + ridge)
}

/// Makes answers follow the trends: two that do not become their mean, until all do.
fn level_out(leaves: &mut [f32; LEAVES], weights: &[f32; LEAVES], trends: &[Trend; DEPTH]) {
    for _ in 0..100 {
        let mut is_level = true;
        for (level, trend) in trends.iter().enumerate() {
            for below in (0..LEAVES).filter(|leaf| leaf & (1 << level) == 0) {
                let above = below | 1 << level;
                if !trend.allows(leaves[below], leaves[above]) {
                    let (a, b) = (weights[below], weights[above]);
                    let mean = (a * leaves[below] + b * leaves[above]) / (a + b);
                    (leaves[below], leaves[above]) = (mean, mean);
                    is_level = false;
                }
            }
        }
        if is_level {
            return;
        }
    }
}

/// Gradients and curvatures by leaf, feature and bin.
fn histogram<const N: usize>(
    bins: &[[u8; N]],
    drawn: &[Drawn],
    leaves: &[usize],
    n_leaves: usize,
) -> Vec<[f32; 2]> {
    let mut sums = vec![[0.0; 2]; n_leaves * N * BINS];
    for (&leaf, it) in leaves.iter().zip(drawn) {
        let sums = &mut sums[leaf * N * BINS..(leaf + 1) * N * BINS];
        for (feature, &bin) in bins[it.row].iter().enumerate() {
            let sum = &mut sums[feature * BINS + usize::from(bin)];
            sum[0] += it.gradient;
            sum[1] += it.curvature;
        }
    }
    sums
}

/// The feature and bin that part the gradients best in all leaves together.
fn best_split(
    sums: &[[f32; 2]],
    edges: &[Vec<f32>],
    trends: &[Trend],
    is_asked: &[bool],
    n_leaves: usize,
    ridge: f32,
) -> (usize, u8) {
    let n = edges.len();
    let mut best = (0.0, (0, u8::MAX));
    for (feature, edges) in edges.iter().enumerate() {
        if !is_asked[feature] {
            continue;
        }
        let mut gains = vec![0.0f32; edges.len()];
        for leaf in 0..n_leaves {
            let sums = &sums[(leaf * n + feature) * BINS..][..BINS];
            let gain = |it: [f32; 2]| it[0] * it[0] / (it[1] + ridge);
            let all = sums.iter().fold([0.0; 2], |a, b| [a[0] + b[0], a[1] + b[1]]);
            let mut left = [0.0; 2];
            for (total, sum) in gains.iter_mut().zip(sums) {
                left = [left[0] + sum[0], left[1] + sum[1]];
                let right = [all[0] - left[0], all[1] - left[1]];
                if trends[feature].allows(answer(left, ridge), answer(right, ridge)) {
                    *total += gain(left) + gain(right) - gain(all);
                }
            }
        }
        for (bin, &gain) in gains.iter().enumerate() {
            if gain > best.0 {
                best = (gain, (feature, bin as u8));
            }
        }
    }
    best.1
}
