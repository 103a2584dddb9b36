//! The dynamic double standard: everybody within a long time, most within a short one, as many as
//! can be by two units, and few moves.

use std::sync::Arc;

use crate::redeployment::{Idle, Move, MoveBounds};
use crate::relocation::CoverPatterns;

/// The dynamic double standard model (Gendreau, Laporte, Semet, "A dynamic model and parallel tabu
/// search heuristic for real-time ambulance relocation", Parallel Computing 27, 2001; named from
/// memory, unverified).
///
/// When the state changes, the single move that improves the standard most is made, then the next,
/// until none does: all demand within the long time comes first, then the share within the short
/// time, then demand that two units reach in the short time, less the price of the drives. The
/// paper searches further (tabu) and remembers who was moved before; this does not.
#[derive(Debug, Clone, PartialEq)]
pub struct DoubleStandard {
    /// What is covered within the short time.
    pub near: Arc<CoverPatterns>,
    /// What is covered within the long time.
    pub far: Arc<CoverPatterns>,
    /// The share of the near patterns' demand to cover within the short time, 0 to 1.
    pub share: f64,
    /// What a minute of driving costs, in demand covered twice.
    pub per_minute: f64,
    /// What moves may cost together.
    pub bounds: MoveBounds,
}

/// Demand short of a standard counts as so many times demand covered twice.
const SHORT_NEAR: f64 = 10.0;
const SHORT_FAR: f64 = 100.0;

impl DoubleStandard {
    pub(crate) fn moves<U: Copy>(
        &self,
        idle: &[Idle<U>],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        let mut posts: Vec<usize> = idle.iter().map(|unit| unit.post).collect();
        let mut moves: Vec<Move<U>> = Vec::new();
        let (mut value, mut total) = (self.value(&posts), 0.0);
        while moves.len() < self.bounds.n_max {
            let is_still = |idx: usize| idle[idx].may_move && posts[idx] == idle[idx].post;
            let pairs = (0..idle.len()).filter(|&idx| is_still(idx));
            let pairs = pairs.flat_map(|idx| (0..self.near.n_stations()).map(move |to| (idx, to)));
            let fits = |&(idx, to): &(usize, usize)| {
                to != idle[idx].post && self.bounds.lets(minutes(idx, to), total)
            };
            // By the station left and the station gone to: what it comes to is the same for all.
            let n_stations = self.near.n_stations();
            let mut values = vec![None; n_stations * n_stations];
            let mut value_of = |idx: usize, to: usize| {
                let known: &mut Option<f64> = &mut values[posts[idx] * n_stations + to];
                *known.get_or_insert_with(|| self.value(&moved(&posts, idx, to)))
            };
            let weighed = pairs.filter(fits).map(|(idx, to)| {
                let next = value_of(idx, to);
                (next - self.per_minute * minutes(idx, to), next, idx, to)
            });
            let best = weighed.reduce(|best, next| if next.0 > best.0 { next } else { best });
            let Some((net, next, idx, to)) = best.filter(|best| best.0 > value + GAIN_MIN) else {
                break;
            };
            let drive = minutes(idx, to);
            let (unit, from) = (idle[idx].unit, idle[idx].post);
            moves.push(Move { unit, from, to, minutes: drive, gain: net - value });
            (posts[idx], value, total) = (to, next, total + drive);
        }
        moves
    }

    /// The standard as a number: the more the better.
    fn value(&self, posts: &[usize]) -> f64 {
        let (near, far) = (counts(&self.near, posts), counts(&self.far, posts));
        let once = covered(&self.near, &near, 1);
        let wanted = self.share * self.near.demand().iter().sum::<f64>();
        let beyond = self.far.demand().iter().sum::<f64>() - covered(&self.far, &far, 1);
        covered(&self.near, &near, 2) - SHORT_NEAR * (wanted - once).max(0.0) - SHORT_FAR * beyond
    }
}

/// Gains below this are rounding.
const GAIN_MIN: f64 = 1e-9;

fn moved(posts: &[usize], idx: usize, to: usize) -> Vec<usize> {
    let mut posts = posts.to_vec();
    posts[idx] = to;
    posts
}

/// By pattern: the units that cover it.
fn counts(patterns: &CoverPatterns, posts: &[usize]) -> Vec<u32> {
    let mut counts = vec![0; patterns.demand().len()];
    for &post in posts {
        for &pattern in patterns.of_station(post) {
            counts[pattern as usize] += 1;
        }
    }
    counts
}

fn covered(patterns: &CoverPatterns, counts: &[u32], least: u32) -> f64 {
    let by_pattern = patterns.demand().iter().zip(counts);
    by_pattern.filter(|(_, count)| **count >= least).map(|(demand, _)| demand).sum()
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use super::*;

    #[test]
    fn the_long_time_comes_before_the_short_one_and_that_before_twice() {
        let near = [(6.0, vec![0]), (3.0, vec![1]), (1.0, vec![2])];
        let far = [(9.0, vec![0, 1]), (1.0, vec![2])];
        let rule = |share| DoubleStandard {
            near: Arc::new(CoverPatterns::new(3, near.clone())),
            far: Arc::new(CoverPatterns::new(3, far.clone())),
            share,
            per_minute: 0.1,
            bounds: MoveBounds::NONE,
        };
        let moves = |share, posts: &[usize]| {
            let idle: Vec<_> = posts
                .iter()
                .enumerate()
                .map(|(unit, &post)| Idle { unit, post, may_move: true })
                .collect();
            let minutes = |idx: usize, to: usize| 4.0 * posts[idx].abs_diff(to) as f64;
            let moves = rule(share).moves(&idle, minutes);
            moves.iter().map(|made| (made.unit, made.to)).collect::<Vec<_>>()
        };
        // One of two at 0 must go to 2, which nobody else reaches.
        assert_eq!(moves(0.0, &[0, 0]), [(0, 2)]);
        // Of three, one goes to 2; a second to 1 only where the share asks for it.
        assert_eq!(moves(0.7, &[0, 0, 0]), [(0, 2)]);
        assert_eq!(moves(1.0, &[0, 0, 0]), [(0, 2), (1, 1)]);
        // Twice is better, but not for any price.
        assert_eq!(moves(0.7, &[2, 0, 1]), [(2, 0)]);
        assert_eq!(
            DoubleStandard { per_minute: 2.0, ..rule(0.7) }.moves(
                &[2, 0, 1].map(|post| Idle { unit: post, post, may_move: true }),
                |idx, to| 4.0 * [2usize, 0, 1][idx].abs_diff(to) as f64,
            ),
            []
        );
    }
}
