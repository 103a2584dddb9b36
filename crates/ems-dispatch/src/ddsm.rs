//! The dynamic double standard: everybody within a long time, most within a short one, as many as
//! can be by two units, and few moves.

use std::collections::BTreeMap;
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
    /// Costs, for each move, a look at the patterns that lack a unit for each station left, and at
    /// each station for each idle unit; drives are asked for where the standard would gain.
    pub(crate) fn moves<U: Copy>(
        &self,
        idle: &[Idle<U>],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        let mut posts: Vec<usize> = idle.iter().map(|unit| unit.post).collect();
        let mut counted = Counted::of(self, &posts);
        let mut moves: Vec<Move<U>> = Vec::new();
        let (mut value, mut total) = (counted.value(), 0.0);
        while moves.len() < self.bounds.n_max {
            let is_still = |idx: &usize| idle[*idx].may_move && posts[*idx] == idle[*idx].post;
            let still = (0..idle.len()).filter(is_still).map(|idx| (idx, posts[idx]));
            let drive = |idx, to| {
                let drive = minutes(idx, to);
                self.bounds.lets(drive, total).then_some(drive)
            };
            let best = counted.best(still, drive, value + GAIN_MIN);
            let Some(Way { net, next, unit: idx, to, drive }) = best else { break };
            let (unit, from) = (idle[idx].unit, idle[idx].post);
            moves.push(Move { unit, from, to, minutes: drive, gain: net - value });
            counted.shift(from, to);
            (posts[idx], value, total) = (to, next, total + drive);
        }
        moves
    }
}

/// Gains below this are rounding.
const GAIN_MIN: f64 = 1e-9;

/// A move that can be made.
#[derive(Debug, Clone, Copy)]
struct Way {
    /// The standard after it, less the price of the drive.
    net: f64,
    next: f64,
    unit: usize,
    to: usize,
    drive: f64,
}

/// How far the standard is kept: by pattern the units that cover it.
struct Counted<'a> {
    rule: &'a DoubleStandard,
    near: Vec<u32>,
    far: Vec<u32>,
    /// The demand to cover within the short time, and within the long one.
    wanted: [f64; 2],
    /// More than two sums of the standard differ by their order.
    rounding: f64,
}

impl<'a> Counted<'a> {
    fn of(rule: &'a DoubleStandard, posts: &[usize]) -> Self {
        let (near, far) = (counts(&rule.near, posts), counts(&rule.far, posts));
        let [all_near, all_far] = [&rule.near, &rule.far].map(|it| it.demand().iter().sum::<f64>());
        let rounding = 1e-10 * SHORT_FAR * (all_near + all_far);
        Self { rule, near, far, wanted: [rule.share * all_near, all_far], rounding }
    }

    fn shift(&mut self, from: usize, to: usize) {
        self.add(from, u32::MAX);
        self.add(to, 1);
    }

    fn add(&mut self, station: usize, n: u32) {
        for (patterns, counts) in
            [(&self.rule.near, &mut self.near), (&self.rule.far, &mut self.far)]
        {
            for &pattern in patterns.of_station(station) {
                let count = &mut counts[pattern as usize];
                *count = count.wrapping_add(n);
            }
        }
    }

    /// The standard as a number: the more the better.
    fn value(&self) -> f64 {
        let once = covered(&self.rule.near, &self.near, 1);
        let far = covered(&self.rule.far, &self.far, 1);
        self.standard(covered(&self.rule.near, &self.near, 2), once, far)
    }

    fn standard(&self, twice: f64, once: f64, far: f64) -> f64 {
        let [wanted, all] = self.wanted;
        twice - SHORT_NEAR * (wanted - once).max(0.0) - SHORT_FAR * (all - far)
    }

    /// The best move to a standard, its drive paid, above `least`; of equals that of the unit and
    /// the station named first. `units` with their stations; `drive`: minutes, where it may be
    /// made.
    ///
    /// Sums in another order differ in their last digits. So what a move changes only says which
    /// moves are about the best, and these few are summed as a whole, always in one order.
    fn best(
        &mut self,
        units: impl Iterator<Item = (usize, usize)>,
        drive: impl Fn(usize, usize) -> Option<f64>,
        least: f64,
    ) -> Option<Way> {
        let n_stations = self.rule.near.n_stations();
        let mut about = vec![None; n_stations];
        let mut bar = least - self.rounding;
        let mut likely = Vec::new();
        for (unit, from) in units {
            let about = about[from].get_or_insert_with(|| self.about(from));
            for to in (0..n_stations).filter(|&to| to != from) {
                if about[to] < bar {
                    continue;
                }
                let Some(drive) = drive(unit, to) else { continue };
                let net = about[to] - self.rule.per_minute * drive;
                if net >= bar {
                    bar = bar.max(net - self.rounding);
                    likely.push((from, Way { net, next: 0.0, unit, to, drive }));
                }
            }
        }
        likely.retain(|(_, way)| way.net >= bar);
        let mut known = BTreeMap::new();
        let summed = likely.into_iter().map(|(from, way)| {
            let next =
                *known.entry((from, way.to)).or_insert_with(|| self.value_after(from, way.to));
            Way { net: next - self.rule.per_minute * way.drive, next, ..way }
        });
        let best = summed.reduce(|best, next| if next.net > best.net { next } else { best });
        best.filter(|best| best.net > least)
    }

    fn value_after(&mut self, from: usize, to: usize) -> f64 {
        self.shift(from, to);
        let value = self.value();
        self.shift(to, from);
        value
    }

    /// By station: about the standard with a unit of `from` there instead.
    fn about(&mut self, from: usize) -> Vec<f64> {
        self.add(from, u32::MAX);
        let twice = covered_with(&self.rule.near, &self.near, 2);
        let once = covered_with(&self.rule.near, &self.near, 1);
        let far = covered_with(&self.rule.far, &self.far, 1);
        self.add(from, 1);
        (0..twice.len()).map(|to| self.standard(twice[to], once[to], far[to])).collect()
    }
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

/// By station: the same with one more unit there.
fn covered_with(patterns: &CoverPatterns, counts: &[u32], least: u32) -> Vec<f64> {
    let mut sums = vec![covered(patterns, counts, least); patterns.n_stations()];
    for (pattern, demand) in patterns.demand().iter().enumerate() {
        if counts[pattern] + 1 == least {
            patterns.stations_of(pattern).iter().for_each(|&station| sums[station] += demand);
        }
    }
    sums
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_pcg::Pcg64Mcg;

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

    /// The standard of posts, summed from its definition, and the best single move by trying all.
    fn tried(
        rule: &DoubleStandard,
        idle: &[Idle<usize>],
        minutes: &[Vec<f64>],
    ) -> Vec<(usize, usize)> {
        let value = |posts: &[usize]| {
            let [near, far] = [&rule.near, &rule.far].map(|it| counts(it, posts));
            let all = |it: &CoverPatterns| it.demand().iter().sum::<f64>();
            let short = rule.share * all(&rule.near) - covered(&rule.near, &near, 1);
            let beyond = all(&rule.far) - covered(&rule.far, &far, 1);
            covered(&rule.near, &near, 2) - SHORT_NEAR * short.max(0.0) - SHORT_FAR * beyond
        };
        let mut posts: Vec<usize> = idle.iter().map(|unit| unit.post).collect();
        let (mut now, mut total, mut made) = (value(&posts), 0.0, Vec::new());
        while made.len() < rule.bounds.n_max {
            let mut best = (now + GAIN_MIN, None);
            for idx in
                (0..idle.len()).filter(|&idx| idle[idx].may_move && posts[idx] == idle[idx].post)
            {
                for to in (0..rule.near.n_stations()).filter(|&to| to != posts[idx]) {
                    let drive = minutes[idx][to];
                    let mut after = posts.clone();
                    after[idx] = to;
                    let next = value(&after);
                    let net = next - rule.per_minute * drive;
                    if rule.bounds.lets(drive, total) && net > best.0 {
                        best = (net, Some((idx, to, next)));
                    }
                }
            }
            let Some((idx, to, next)) = best.1 else { break };
            (posts[idx], now, total) = (to, next, total + minutes[idx][to]);
            made.push((idx, to));
        }
        made
    }

    fn patterns(rng: &mut Pcg64Mcg, n: usize) -> Arc<CoverPatterns> {
        let mut pattern = || {
            let reaches = (0..6).filter(|_| rng.random_bool(0.4)).collect();
            (f64::from(rng.random_range(0u8..5)) / 3.0, reaches)
        };
        Arc::new(CoverPatterns::new(6, (0..n).map(|_| pattern()).collect::<Vec<_>>()))
    }

    #[test]
    fn moves_are_those_of_trying_all() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let mut n_moves = 0;
        for _ in 0..2000 {
            let n = rng.random_range(1..12);
            let rule = DoubleStandard {
                near: patterns(&mut rng, n),
                far: patterns(&mut rng, n / 2),
                share: f64::from(rng.random_range(0u8..11)) / 10.0,
                per_minute: f64::from(rng.random_range(0u8..4)) / 7.0,
                bounds: MoveBounds {
                    minutes_each_max: f64::from(rng.random_range(3u8..30)),
                    minutes_total_max: 40.0,
                    n_max: rng.random_range(0..5),
                },
            };
            let n_idle = rng.random_range(0..9);
            let mut unit = |unit| {
                let (post, may_move) = (rng.random_range(0..6), rng.random_bool(0.7));
                Idle { unit, post, may_move }
            };
            let idle: Vec<_> = (0..n_idle).map(&mut unit).collect();
            let mut drives = || (0..6).map(|_| f64::from(rng.random_range(0u8..20))).collect();
            let drives: Vec<Vec<f64>> = idle.iter().map(|_| drives()).collect();
            let moves = rule.moves(&idle, |idx, to| drives[idx][to]);
            let made: Vec<_> = moves.iter().map(|made| (made.unit, made.to)).collect();
            n_moves += made.len();
            assert_eq!(made, tried(&rule, &idle, &drives), "{rule:?} {idle:?} {drives:?}");
        }
        assert!(n_moves > 500, "{n_moves}");
    }
}
