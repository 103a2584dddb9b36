//! Idle units that move when the state changes: who goes where, for how much cover.

use std::sync::Arc;

use crate::relocation::{BadBusyFraction, CoverPatterns, Dmexclp};

/// A unit that waits at a post, or drives to where it will wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle<U> {
    /// The unit.
    pub unit: U,
    /// Its station, counted as in [`CoverPatterns`].
    pub post: usize,
    /// Whether it may be moved: a crew may have a break, or have been moved of late.
    pub may_move: bool,
}

/// An idle unit is to wait elsewhere, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Move<U> {
    /// The unit.
    pub unit: U,
    /// The station it leaves.
    pub from: usize,
    /// The station it goes to.
    pub to: usize,
    /// The drive, minutes.
    pub minutes: f64,
    /// Expected cover that the move adds, in the patterns' quantity of demand; 0 where the rule
    /// counts none.
    pub gain: f64,
}

/// What moves may cost together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoveBounds {
    /// The longest drive of one unit, minutes.
    pub minutes_each_max: f64,
    /// The longest drive of all units that move at once, minutes.
    pub minutes_total_max: f64,
    /// How many units may move at once.
    pub n_max: usize,
}

impl MoveBounds {
    /// Nothing is bounded.
    pub const NONE: Self = Self {
        minutes_each_max: f64::INFINITY,
        minutes_total_max: f64::INFINITY,
        n_max: usize::MAX,
    };

    /// Whether a drive may be made beside others that take `total` minutes already.
    pub(crate) fn lets(&self, minutes: f64, total: f64) -> bool {
        minutes <= self.minutes_each_max && total + minutes <= self.minutes_total_max
    }
}

/// Expected cover by units on their way: a unit covers what its station covers with probability
/// (1 − Q) · exp(−t / T), t its drive to that station; cover is
/// Σ demand · (1 − Π (1 − probability)) over patterns and the units that cover each.
///
/// MEXCLP's expected cover (Daskin 1983) where no unit is on its way, and then its marginal form is
/// that of [`crate::Dmexclp`]; the discount of a drive is this project's own, measured in
/// `docs/fleet.md`. When the state changes, the single move that adds most is made, then the next,
/// until none adds anything or the bounds end it.
#[derive(Debug, Clone, PartialEq)]
pub struct Redeployment {
    patterns: Arc<CoverPatterns>,
    busy: f64,
    patience: f64,
    bounds: MoveBounds,
    /// The units that have joined, wherever they are.
    pub(crate) counted: Dmexclp,
}

impl Redeployment {
    /// With busy fraction Q (0..=1) for at most `n_units` units, none of which has joined yet, and
    /// the drive in minutes (T, above 0) that makes a unit worth 1/e of one that waits.
    pub fn new(
        patterns: Arc<CoverPatterns>,
        busy: f64,
        n_units: usize,
        patience_minutes: f64,
        bounds: MoveBounds,
    ) -> Result<Self, BadRedeployment> {
        if patience_minutes.is_nan() || patience_minutes <= 0.0 {
            return Err(BadRedeployment::Patience(patience_minutes));
        }
        let counted = Dmexclp::new(Arc::clone(&patterns), busy, n_units)?;
        Ok(Self { patterns, busy, patience: patience_minutes, bounds, counted })
    }

    /// The moves to make now, one a unit at most. `minutes`: the drive of the idle unit of that
    /// place in the list to a station, asked for where a move could be the best.
    ///
    /// Costs, for each move, a look at each station for each idle unit, and at each of its patterns
    /// where a move could be the best.
    pub(crate) fn moves<U: Copy>(
        &self,
        idle: &[Idle<U>],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        let mut plan = Posting::new(self, idle, minutes);
        let mut moves: Vec<Move<U>> = Vec::new();
        let mut total = 0.0;
        while moves.len() < self.bounds.n_max {
            let Some(Best { unit: idx, to, minutes, gain }) = plan.best(total) else { break };
            plan.shift(idx, to, minutes);
            let (unit, from) = (idle[idx].unit, idle[idx].post);
            total += minutes;
            moves.push(Move { unit, from, to, minutes, gain });
        }
        moves
    }
}

/// A setting that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BadRedeployment {
    /// The busy fraction.
    #[error(transparent)]
    Busy(#[from] BadBusyFraction),
    /// The drive after which a unit is worth 1/e.
    #[error("{0} minutes of patience are not above 0: give the drive that is long, as 40")]
    Patience(f64),
}

/// Gains below this share of all demand are rounding.
const GAIN_MIN: f64 = 1e-12;

/// Where idle units wait, and what of each pattern's demand none of them covers.
struct Posting<'a, F> {
    rule: &'a Redeployment,
    minutes: F,
    post: Vec<usize>,
    /// By unit: the probability that it covers what its post covers.
    chance: Vec<f64>,
    /// Moved already, or not to be moved.
    is_settled: Vec<bool>,
    left: Vec<f64>,
}

/// A move with what it adds.
struct Best {
    unit: usize,
    to: usize,
    minutes: f64,
    gain: f64,
}

impl<'a, F: Fn(usize, usize) -> f64> Posting<'a, F> {
    fn new<U>(rule: &'a Redeployment, idle: &[Idle<U>], minutes: F) -> Self {
        let chance = |(idx, unit): (usize, &Idle<U>)| rule.chance(minutes(idx, unit.post));
        let mut own = Self {
            rule,
            chance: idle.iter().enumerate().map(chance).collect(),
            minutes,
            post: idle.iter().map(|unit| unit.post).collect(),
            is_settled: idle.iter().map(|unit| !unit.may_move).collect(),
            left: rule.patterns.demand().to_vec(),
        };
        (0..idle.len()).for_each(|idx| own.scale(idx, |chance| 1.0 - chance));
        own
    }

    /// Multiplies what is left of the demand that a unit covers.
    fn scale(&mut self, idx: usize, by: impl Fn(f64) -> f64) {
        let by = by(self.chance[idx]);
        for &pattern in self.rule.patterns.of_station(self.post[idx]) {
            self.left[pattern as usize] *= by;
        }
    }

    /// What is left of the demand that a station covers.
    fn left_at(&self, station: usize) -> f64 {
        let covered = self.rule.patterns.of_station(station).iter();
        covered.map(|&pattern| self.left[pattern as usize]).sum()
    }

    /// The move of a unit not yet settled that adds most, beside others that drive `total` minutes.
    fn best(&mut self, total: f64) -> Option<Best> {
        let least = GAIN_MIN * self.rule.patterns.demand().iter().sum::<f64>();
        let lacks: Vec<f64> =
            (0..self.rule.patterns.n_stations()).map(|to| self.left_at(to)).collect();
        let mut best: Option<Best> = None;
        for unit in (0..self.post.len()).filter(|&idx| !self.is_settled[idx]).collect::<Vec<_>>() {
            self.scale(unit, |chance| 1.0 / (1.0 - chance));
            let stays = self.left_at(self.post[unit]) * self.chance[unit];
            for (to, lacks) in lacks.iter().enumerate() {
                let bar = best.as_ref().map_or(least, |best| best.gain);
                // Without a drive, and if all that it covers now were covered from there, too.
                let most = (lacks + stays) * (1.0 - self.rule.busy);
                if most * ROUNDING - stays <= bar {
                    continue;
                }
                let minutes = (self.minutes)(unit, to);
                let gain = self.left_at(to) * self.rule.chance(minutes) - stays;
                if gain > bar && self.rule.bounds.lets(minutes, total) {
                    best = Some(Best { unit, to, minutes, gain });
                }
            }
            self.scale(unit, |chance| 1.0 - chance);
        }
        best
    }

    fn shift(&mut self, idx: usize, to: usize, minutes: f64) {
        self.scale(idx, |chance| 1.0 / (1.0 - chance));
        (self.post[idx], self.chance[idx]) = (to, self.rule.chance(minutes));
        self.is_settled[idx] = true;
        self.scale(idx, |chance| 1.0 - chance);
    }
}

impl Redeployment {
    /// The probability that a unit covers a station's demand to which it drives so long.
    fn chance(&self, minutes: f64) -> f64 {
        ((1.0 - self.busy) * (-minutes / self.patience).exp()).min(CHANCE_MAX)
    }
}

/// Far more than sums that a unit leaves and joins again differ by.
const ROUNDING: f64 = 1.0 + 1e-6;

/// A unit that is never busy would leave nothing to divide by.
const CHANCE_MAX: f64 = 1.0 - 1e-6;

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use super::*;

    /// Three stations in a row, ten minutes apart, with demand 10, 6 and 9 of their own.
    fn rule(bounds: MoveBounds) -> Redeployment {
        let patterns = [(10.0, vec![0]), (6.0, vec![1]), (9.0, vec![2])];
        let patterns = Arc::new(CoverPatterns::new(3, patterns));
        Redeployment::new(patterns, 0.2, 3, 40.0, bounds).unwrap()
    }

    fn at(posts: &[usize]) -> Vec<Idle<usize>> {
        posts.iter().enumerate().map(|(unit, &post)| Idle { unit, post, may_move: true }).collect()
    }

    fn moves(rule: &Redeployment, idle: &[Idle<usize>]) -> Vec<(usize, usize, usize)> {
        let minutes = |idx: usize, to: usize| 10.0 * idle[idx].post.abs_diff(to) as f64;
        let moves = rule.moves(idle, minutes);
        moves.iter().map(|made| (made.unit, made.from, made.to)).collect()
    }

    #[test]
    fn a_second_unit_goes_where_none_is_and_the_nearer_one_goes() {
        let free = rule(MoveBounds::NONE);
        assert_eq!(moves(&free, &at(&[0, 0])), [(0, 0, 2)]);
        assert_eq!(moves(&free, &at(&[0, 1, 1])), [(1, 1, 2)]);
        assert_eq!(moves(&free, &at(&[0, 1, 2])), []);
        assert_eq!(moves(&free, &[]), []);
    }

    #[test]
    fn a_unit_that_may_not_move_is_counted_and_stays() {
        let mut idle = at(&[0, 0]);
        idle[0].may_move = false;
        assert_eq!(moves(&rule(MoveBounds::NONE), &idle), [(1, 0, 2)]);
        idle[1].may_move = false;
        assert_eq!(moves(&rule(MoveBounds::NONE), &idle), []);
    }

    #[test]
    fn bounds_hold_each_drive_their_sum_and_their_number() {
        let short = rule(MoveBounds { minutes_each_max: 10.0, ..MoveBounds::NONE });
        assert_eq!(moves(&short, &at(&[0, 0])), [(0, 0, 1)]);
        let none = rule(MoveBounds { n_max: 0, ..MoveBounds::NONE });
        assert_eq!(moves(&none, &at(&[0, 0])), []);
        let one = rule(MoveBounds { minutes_total_max: 25.0, ..MoveBounds::NONE });
        assert_eq!(moves(&one, &at(&[0, 0, 0])), [(0, 0, 2)]);
    }

    /// Cover reckoned anew from its definition.
    fn cover(rule: &Redeployment, posts: &[usize], minutes: impl Fn(usize, usize) -> f64) -> f64 {
        let covers = |pattern: u32, post: usize| rule.patterns.of_station(post).contains(&pattern);
        let missed = |pattern: u32| -> f64 {
            let units = posts.iter().enumerate().filter(|(_, post)| covers(pattern, **post));
            let chance =
                |idx, post| (1.0 - rule.busy) * (-minutes(idx, post) / rule.patience).exp();
            units.map(|(idx, &post)| 1.0 - chance(idx, post)).product()
        };
        let demand = (0u32..).zip(rule.patterns.demand());
        demand.map(|(pattern, demand)| demand * (1.0 - missed(pattern))).sum()
    }

    #[test]
    fn a_move_is_the_best_of_all_single_moves_and_adds_what_it_says() {
        let patterns = [(7.0, vec![0, 1]), (4.0, vec![1, 2]), (5.0, vec![2, 3]), (3.0, vec![0, 3])];
        let patterns = Arc::new(CoverPatterns::new(4, patterns));
        let one = MoveBounds { n_max: 1, ..MoveBounds::NONE };
        let rule = Redeployment::new(patterns, 0.3, 3, 25.0, one).unwrap();
        for seed in 0..64usize {
            let posts = [seed % 4, seed / 4 % 4, seed / 16];
            let minutes = |idx: usize, to: usize| (idx * 7 + to * 5 + seed * 3) as f64 % 17.0 + 1.0;
            let before = cover(&rule, &posts, minutes);
            let all = (0..3).flat_map(|idx| (0..4).map(move |to| (idx, to)));
            let best = all.fold(0.0, |best: f64, (idx, to)| {
                let mut after = posts;
                after[idx] = to;
                best.max(cover(&rule, &after, minutes) - before)
            });
            let made = rule.moves(&at(&posts), minutes);
            let gain = made.first().map_or(0.0, |made| made.gain);
            assert!((gain - best).abs() < 1e-9, "{posts:?}: {made:?} but {best}");
        }
    }

    #[test]
    fn a_setting_that_cannot_be_is_told() {
        let patterns = || Arc::new(CoverPatterns::new(1, [(1.0, vec![0])]));
        let new =
            |busy, patience| Redeployment::new(patterns(), busy, 1, patience, MoveBounds::NONE);
        for (busy, patience, ok) in [
            (0.0, f64::INFINITY, true),
            (1.1, 9.0, false),
            (0.5, 0.0, false),
            (0.5, f64::NAN, false),
        ] {
            assert_eq!(new(busy, patience).is_ok(), ok, "{busy} {patience}");
        }
    }
}
