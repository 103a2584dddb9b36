//! Look-ahead: each unit that might be sent is tried on the same sampled futures, and what it would
//! leave for the calls to come is counted.
//!
//! A rollout of one step (Bertsekas, Tsitsiklis, Wu, "Rollout algorithms for combinatorial
//! optimization", Journal of Heuristics 3, 1997; named from memory, unverified) on top of any rule
//! that orders the candidates. In a future, each call is given the unit that is there first, a busy
//! one once it is free; afterwards the unit goes home.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The ground that futures are played on.
#[derive(Debug, Clone, PartialEq)]
pub struct Board {
    n_places: usize,
    minutes: Vec<f32>,
    per_minute: Vec<f64>,
    targets: Vec<(f64, f64)>,
    service: f64,
}

/// A board that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBoard {
    /// Drives are missing.
    #[error("{given} drives are not {n_places} x {n_places}: give one from each place to each")]
    Drives {
        /// How many there are.
        given: usize,
        /// Places by their demand.
        n_places: usize,
    },
    /// Demand, targets or the service time are below 0 or not finite, or there are no targets.
    #[error("demand, targets and service must be 0 and more: correct the board")]
    Negative,
}

impl Board {
    /// `per_minute`: by place, the calls a minute that come from there. `minutes`: the drive from
    /// each place to each, row by row. `targets`: kinds of calls, each with its share of all and
    /// the longest drive that is in time, minutes. `service`: from a unit's arrival to when it is
    /// free, minutes.
    pub fn new(
        per_minute: Vec<f64>,
        minutes: Vec<f32>,
        targets: Vec<(f64, f64)>,
        service: f64,
    ) -> Result<Self, BadBoard> {
        let n_places = per_minute.len();
        if minutes.len() != n_places * n_places {
            return Err(BadBoard::Drives { given: minutes.len(), n_places });
        }
        let numbers = targets.iter().flat_map(|(share, target)| [*share, *target]);
        let mut numbers = per_minute.iter().copied().chain(numbers).chain([service]);
        let is_sound = numbers.all(|number| number.is_finite() && number >= 0.0);
        if targets.is_empty() || !is_sound {
            return Err(BadBoard::Negative);
        }
        Ok(Self { n_places, minutes, per_minute, targets, service })
    }

    /// The drive from a place to another, minutes.
    pub fn minutes(&self, from: usize, to: usize) -> f64 {
        f64::from(self.minutes[from * self.n_places + to])
    }
}

/// A unit on the board.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Where it is, or will be when it is free.
    pub place: usize,
    /// In how many minutes it is free there; 0 for one that is.
    pub free_in: f64,
    /// The place where it waits.
    pub home: usize,
}

/// A unit that might be sent now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Its place in the list of pieces.
    pub piece: usize,
    /// When it is at the call, minutes from now.
    pub arrives_in: f64,
    /// What sending it costs the calls at hand, in late calls.
    pub cost: f64,
}

/// How far, how often and how widely to look ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rollout {
    /// Futures that every trial is played on.
    pub n_futures: u32,
    /// How long each lasts, minutes.
    pub horizon: f64,
    /// Candidates that are tried: the first of the rule's order.
    pub n_trials: usize,
    /// Units that are played: those nearest to the call. Calls come from as far as they stand.
    pub n_pieces: usize,
    /// From which chance is drawn, together with a number for the decision.
    pub seed: u64,
}

/// What became of a trial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// The trial's piece.
    pub piece: usize,
    /// Late calls in the mean of the futures, those at hand included.
    pub late: f64,
    /// Standard error of that mean.
    pub late_error: f64,
    /// By how much fewer than with the first trial, on the same futures.
    pub fewer: f64,
    /// Standard error of that difference.
    pub fewer_error: f64,
}

impl Default for Rollout {
    /// Some tenths of a millisecond a decision.
    fn default() -> Self {
        Self { n_futures: 32, horizon: 30.0, n_trials: 5, n_pieces: 40, seed: 1 }
    }
}

/// A trial is taken before the rule's own first choice if it saves so many standard errors.
const ERRORS_MIN: f64 = 1.0;

impl Rollout {
    /// Its name with its version.
    pub fn name(&self) -> &'static str {
        "rollout/1"
    }

    /// Plays each trial, in the rule's order, on the same futures. `call`: where the call is;
    /// `decision`: a number that is another for each decision, for its chances.
    ///
    /// Costs, for each future and trial, a look at each piece for each call of the future.
    pub fn play(
        &self,
        board: &Board,
        pieces: &[Piece],
        call: usize,
        trials: &[Trial],
        decision: u64,
    ) -> Vec<Outcome> {
        let trials = &trials[..trials.len().min(self.n_trials)];
        let near = self.nearest(board, pieces, call, trials);
        let radius =
            near.iter().map(|&at| board.minutes(pieces[at].place, call)).fold(0.0, f64::max);
        let demand = Demand::within(board, call, radius);
        let mut rng =
            Pcg64Mcg::seed_from_u64(self.seed ^ decision.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut late = vec![Vec::new(); trials.len()];
        for _ in 0..self.n_futures {
            let future = demand.draw(board, self.horizon, &mut rng);
            for (trial, late) in trials.iter().zip(&mut late) {
                let free_in = trial.arrives_in + board.service;
                let sent = |&at: &usize| {
                    let piece = pieces[at];
                    if at == trial.piece { Piece { place: call, free_in, ..piece } } else { piece }
                };
                let pieces: Vec<Piece> = near.iter().map(sent).collect();
                late.push(trial.cost + f64::from(n_late(board, pieces, &future)));
            }
        }
        let outcome = |(trial, own): (&Trial, &Vec<f64>)| {
            let fewer: Vec<f64> = late[0].iter().zip(own).map(|(first, own)| first - own).collect();
            let ([late, late_error], [fewer, fewer_error]) = (mean(own), mean(&fewer));
            Outcome { piece: trial.piece, late, late_error, fewer, fewer_error }
        };
        trials.iter().zip(&late).map(outcome).collect()
    }

    /// The outcome to act on: the first, unless another saves more than chance may have made.
    pub fn choose(outcomes: &[Outcome]) -> Option<&Outcome> {
        let is_surer = |own: &&Outcome| own.fewer > ERRORS_MIN * own.fewer_error;
        let better = outcomes.iter().filter(is_surer);
        better.max_by(|a, b| a.fewer.total_cmp(&b.fewer)).or(outcomes.first())
    }

    /// The pieces that are played: those tried, and the nearest.
    fn nearest(
        &self,
        board: &Board,
        pieces: &[Piece],
        call: usize,
        trials: &[Trial],
    ) -> Vec<usize> {
        let minutes = |at: &usize| pieces[*at].free_in + board.minutes(pieces[*at].place, call);
        let is_tried = |at: &usize| trials.iter().any(|trial| trial.piece == *at);
        let mut rest: Vec<usize> = (0..pieces.len()).filter(|at| !is_tried(at)).collect();
        let n_rest = self.n_pieces.saturating_sub(trials.len()).min(rest.len());
        if n_rest < rest.len() {
            rest.select_nth_unstable_by(n_rest, |a, b| minutes(a).total_cmp(&minutes(b)));
            rest.truncate(n_rest);
        }
        trials.iter().map(|trial| trial.piece).chain(rest).collect()
    }
}

/// A call of a future.
#[derive(Debug, Clone, Copy)]
struct Coming {
    at: f64,
    place: usize,
    target: f64,
}

/// Where calls of a future come from.
struct Demand {
    places: Vec<usize>,
    /// Sums of the calls a minute up to each place.
    sums: Vec<f64>,
}

impl Demand {
    fn within(board: &Board, call: usize, radius: f64) -> Self {
        let is_near =
            |place: &usize| board.per_minute[*place] > 0.0 && board.minutes(call, *place) <= radius;
        let places: Vec<usize> = (0..board.n_places).filter(is_near).collect();
        let add = |sum: &mut f64, place: &usize| {
            *sum += board.per_minute[*place];
            Some(*sum)
        };
        let sums = places.iter().scan(0.0, add).collect();
        Self { places, sums }
    }

    /// Calls as they come at random until the horizon.
    fn draw(&self, board: &Board, horizon: f64, rng: &mut Pcg64Mcg) -> Vec<Coming> {
        let Some(&total) = self.sums.last() else { return Vec::new() };
        let mut at = 0.0;
        let mut calls = Vec::new();
        loop {
            at -= (1.0 - rng.random::<f64>()).ln() / total;
            if at >= horizon {
                return calls;
            }
            let share = rng.random::<f64>() * total;
            let place = self.sums.partition_point(|sum| *sum <= share).min(self.places.len() - 1);
            let target = kind(&board.targets, rng.random());
            calls.push(Coming { at, place: self.places[place], target });
        }
    }
}

/// The target of the kind of call on which a share of all falls.
fn kind(targets: &[(f64, f64)], share: f64) -> f64 {
    let mut left = share * targets.iter().map(|(share, _)| share).sum::<f64>();
    for &(share, target) in targets {
        if left < share {
            return target;
        }
        left -= share;
    }
    targets[targets.len() - 1].1
}

/// Late calls of a future where each gets the unit that is there first.
fn n_late(board: &Board, mut pieces: Vec<Piece>, future: &[Coming]) -> u32 {
    let mut n_late = 0;
    for call in future {
        let arrival = |piece: &Piece| {
            piece.free_in.max(call.at) + board.minutes(stands(board, piece, call.at), call.place)
        };
        let arrivals = pieces.iter().map(arrival).enumerate();
        let first = arrivals.reduce(|best, next| if next.1 < best.1 { next } else { best });
        let Some((first, arrives)) = first else { return u32::try_from(future.len()).unwrap_or(0) };
        n_late += u32::from(arrives - call.at > call.target);
        pieces[first].place = call.place;
        pieces[first].free_in = arrives + board.service;
    }
    n_late
}

/// Where a unit stands: half way home it counts as there.
fn stands(board: &Board, piece: &Piece, at: f64) -> usize {
    let drive = board.minutes(piece.place, piece.home);
    if at > piece.free_in + drive / 2.0 { piece.home } else { piece.place }
}

/// The mean and its standard error; 0 for fewer than two.
fn mean(values: &[f64]) -> [f64; 2] {
    let n = values.iter().map(|_| 1.0).sum::<f64>();
    let mean = values.iter().sum::<f64>() / f64::max(n, 1.0);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let error = if n > 1.0 { (squares / (n - 1.0) / n).sqrt() } else { 0.0 };
    [mean, error]
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use super::*;

    /// A street: places 0 to 3, ten minutes apart; calls come from `busy` alone, one in 5 minutes.
    fn street(busy: usize) -> Board {
        let drive = |at: usize| (at / 4).abs_diff(at % 4) as f32 * 10.0;
        let mut per_minute = vec![0.0; 4];
        per_minute[busy] = 0.2;
        Board::new(per_minute, (0..16).map(drive).collect(), vec![(1.0, 5.0)], 20.0).unwrap()
    }

    fn waiting(place: usize) -> Piece {
        Piece { place, free_in: 0.0, home: place }
    }

    fn trial(piece: usize, arrives_in: f64) -> Trial {
        Trial { piece, arrives_in, cost: 0.0 }
    }

    #[test]
    fn the_unit_that_will_be_missed_stays() {
        // The call is at 1: units from 0 and from 2 are as near, the first is named first.
        let pieces = [waiting(0), waiting(2)];
        let trials = [trial(0, 10.0), trial(1, 10.0)];
        for (busy, sent) in [(0, 1), (2, 0), (3, 0)] {
            let outcomes = Rollout::default().play(&street(busy), &pieces, 1, &trials, 7);
            assert_eq!(Rollout::choose(&outcomes).unwrap().piece, sent, "{busy}: {outcomes:?}");
        }
    }

    #[test]
    fn chances_are_those_of_seed_and_decision() {
        let board = street(0);
        let trials = [trial(0, 10.0), trial(1, 10.0)];
        let play = |seed, decision| {
            let rule = Rollout { seed, ..Rollout::default() };
            rule.play(&board, &[waiting(0), waiting(2)], 1, &trials, decision)
        };
        assert_eq!(play(1, 1), play(1, 1));
        assert_ne!(play(1, 1), play(1, 2));
        assert_ne!(play(1, 1), play(2, 1));
        let outcomes = play(1, 1);
        assert!(outcomes[0].fewer.abs() < 1e-12 && outcomes[1].fewer > 0.0, "{outcomes:?}");
    }

    #[test]
    fn without_calls_to_come_only_those_at_hand_count() {
        let board = Board::new(vec![0.0], vec![0.0], vec![(1.0, 5.0)], 20.0).unwrap();
        let trials = [Trial { cost: 1.0, ..trial(0, 9.0) }, Trial { cost: 0.25, ..trial(1, 3.0) }];
        let outcomes = Rollout::default().play(&board, &[waiting(0); 2], 0, &trials, 0);
        assert_eq!(Rollout::choose(&outcomes).unwrap().piece, 1);
        assert!((outcomes[1].fewer - 0.75).abs() < 1e-12, "{outcomes:?}");
        assert!(Rollout::choose(&Rollout::default().play(&board, &[], 0, &[], 0)).is_none());
    }

    #[test]
    fn a_board_that_cannot_be_is_refused() {
        for (per_minute, drives, targets, ok) in [
            (vec![1.0], 1, vec![(1.0, 5.0)], true),
            (vec![1.0], 2, vec![(1.0, 5.0)], false),
            (vec![-1.0], 1, vec![(1.0, 5.0)], false),
            (vec![1.0], 1, vec![], false),
            (vec![1.0], 1, vec![(1.0, f64::NAN)], false),
        ] {
            let board = Board::new(per_minute, vec![0.0; drives], targets, 1.0);
            assert_eq!(board.is_ok(), ok, "{board:?}");
        }
    }
}
