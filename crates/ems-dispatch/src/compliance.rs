//! Compliance tables: for each number of idle units, the stations where they are to wait.

use std::sync::Arc;

use crate::assignment::assign;
use crate::redeployment::{Idle, Move, MoveBounds};
use crate::relocation::{BadBusyFraction, CoverPatterns, Dmexclp, Relocation};

/// Stations for each number of idle units, with alternatives of about the same cover.
///
/// Units are sent so that the longest drive is least, then the sum of all; of alternatives the one
/// with the smallest sum is taken, of equals the first. Moves beyond the bounds are not made.
#[derive(Debug, Clone, PartialEq)]
pub struct ComplianceTable {
    name: &'static str,
    /// By number of idle units less one: the alternatives, the best first; each has so many
    /// stations, ascending.
    rows: Arc<Vec<Vec<Vec<usize>>>>,
    bounds: MoveBounds,
    /// By station: units that wait there or drive there to wait.
    n_waiting: Vec<u32>,
}

impl ComplianceTable {
    /// A nested table: each row is the row before it and the station where one unit more adds most
    /// expected cover, with busy fraction Q (0..=1). No unit has joined yet.
    pub fn nested(
        patterns: &CoverPatterns,
        busy: f64,
        n_units: usize,
        bounds: MoveBounds,
    ) -> Result<Self, BadBusyFraction> {
        let added = filling_order(patterns, busy, n_units)?;
        let grow = |row: &mut Vec<usize>, station: usize| {
            *row = with(row, station);
            Some(vec![row.clone()])
        };
        let rows = Arc::new(added.into_iter().scan(Vec::new(), grow).collect());
        let n_waiting = vec![0; patterns.n_stations()];
        Ok(Self { name: "compliance-nested/1", rows, bounds, n_waiting })
    }

    /// A table whose rows stand each for itself: the row of the nested table, improved by moving
    /// one unit at a time until no such move adds cover; and as alternatives all rows that differ
    /// from it in one unit and keep `1 - slack` (0..=1) of its cover.
    pub fn multi(
        patterns: &CoverPatterns,
        busy: f64,
        slack: f64,
        n_units: usize,
        bounds: MoveBounds,
    ) -> Result<Self, BadBusyFraction> {
        let scale = Scale::new(patterns, busy)?;
        let mut own = Self::nested(patterns, busy, n_units, bounds)?;
        own.name = "compliance-multi/1";
        for row in Arc::make_mut(&mut own.rows) {
            let best = scale.improved(row.swap_remove(0));
            let least = scale.cover(&best) * (1.0 - slack);
            let near = neighbours(&best, patterns.n_stations());
            let near = near.filter(|near| scale.cover(near) >= least);
            row.extend(std::iter::once(best.clone()).chain(near));
        }
        Ok(own)
    }

    /// Its name with its version.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The stations for so many idle units, the best alternative first; none beyond the table.
    pub fn row(&self, n_idle: usize) -> &[Vec<usize>] {
        n_idle.checked_sub(1).and_then(|at| self.rows.get(at)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, station: usize, n: u32) {
        let count = &mut self.n_waiting[station];
        *count = count.wrapping_add(n);
    }

    /// The first station of the row for one unit more that lacks a unit.
    pub(crate) fn lacking(&self) -> Option<usize> {
        let n_idle = self.n_waiting.iter().sum::<u32>() as usize + 1;
        let lacks = |row: &Vec<usize>| {
            let mut wanted = vec![0; self.n_waiting.len()];
            for &of in row {
                wanted[of] += 1;
            }
            row.iter().copied().find(|&of| self.n_waiting[of] < wanted[of])
        };
        self.row(n_idle).first().and_then(lacks)
    }

    /// The moves that bring the idle units to where the table wants them.
    pub(crate) fn moves<U: Copy>(
        &self,
        idle: &[Idle<U>],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        let rows = self.row(idle.len());
        let ways = rows.iter().map(|row| {
            let to = followed(row, idle, &minutes);
            let drives = to.iter().enumerate().filter(|_| rows.len() > 1);
            (drives.map(|(idx, &to)| minutes(idx, to)).sum::<f64>(), to)
        });
        let best = ways.reduce(|best, next| if next.0 < best.0 { next } else { best });
        self.within_bounds(idle, &best.map_or(Vec::new(), |(_, to)| to), minutes)
    }

    fn within_bounds<U: Copy>(
        &self,
        idle: &[Idle<U>],
        to: &[usize],
        minutes: impl Fn(usize, usize) -> f64,
    ) -> Vec<Move<U>> {
        let mut total = 0.0;
        let mut moves = Vec::new();
        let led = idle.iter().zip(to).enumerate().filter(|(_, (unit, to))| unit.post != **to);
        for (idx, (&Idle { unit, post, .. }, &to)) in led {
            let minutes = minutes(idx, to);
            if moves.len() < self.bounds.n_max && self.bounds.lets(minutes, total) {
                total += minutes;
                moves.push(Move { unit, from: post, to, minutes, gain: 0.0 });
            }
        }
        moves
    }
}

/// Units that are assigned at once, whose cost is the cube of their number. With more of them those
/// whose station the row has keep it, and of the rest only so many move.
const ASSIGNED_MAX: usize = 60;

/// Where each unit goes under a row. One that may not move keeps its post, and takes a place of
/// the row with it: its own if the row has that, else the one that costs the others most.
fn followed<U>(
    row: &[usize],
    idle: &[Idle<U>],
    minutes: impl Fn(usize, usize) -> f64,
) -> Vec<usize> {
    let mut places = row.to_vec();
    let mut to: Vec<usize> = idle.iter().map(|unit| unit.post).collect();
    let (mut movers, mut astray) = (Vec::new(), Vec::new());
    for (idx, unit) in idle.iter().enumerate() {
        if unit.may_move {
            movers.push(idx);
        } else if !take(&mut places, unit.post) {
            astray.push(idx);
        }
    }
    if movers.len() > ASSIGNED_MAX {
        movers.retain(|&idx| !take(&mut places, idle[idx].post));
        movers.truncate(ASSIGNED_MAX);
        places.truncate(movers.len() + astray.len());
    }
    let n_movers = movers.len();
    movers.extend(astray);
    let drive = |nth: usize, at: usize| {
        if nth < n_movers { minutes(movers[nth], places[at]) } else { 0.0 }
    };
    let assigned = assign(movers.len(), drive);
    for (&idx, at) in movers.iter().zip(assigned).take(n_movers) {
        to[idx] = places[at];
    }
    to
}

/// Takes a station from an ascending list, if it is there.
fn take(places: &mut Vec<usize>, station: usize) -> bool {
    let at = places.partition_point(|place| *place < station);
    let is_there = places.get(at) == Some(&station);
    if is_there {
        places.remove(at);
    }
    is_there
}

/// Stations in the order in which one unit more adds most expected cover, with busy fraction Q
/// (0..=1); of equals the first.
///
/// Costs a look at each pattern of each station for each unit.
pub(crate) fn filling_order(
    patterns: &CoverPatterns,
    busy: f64,
    n_units: usize,
) -> Result<Vec<usize>, BadBusyFraction> {
    let mut counted = Relocation::Dmexclp(Dmexclp::new(Arc::new(patterns.clone()), busy, n_units)?);
    let next = |_| {
        let station = counted.station_for(0);
        counted.joins(station);
        station
    };
    Ok((0..n_units).map(next).collect())
}

fn with(row: &[usize], station: usize) -> Vec<usize> {
    let mut row = [row, &[station]].concat();
    row.sort_unstable();
    row
}

/// All rows that differ in one unit.
fn neighbours(row: &[usize], n_stations: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..row.len()).flat_map(move |at| {
        let rest = [&row[..at], &row[at + 1..]].concat();
        let others = (0..n_stations).filter(move |&station| station != row[at]);
        others.map(move |station| with(&rest, station))
    })
}

/// The expected cover by which rows are compared: Σ demand · (1 − Q^k).
struct Scale<'a> {
    patterns: &'a CoverPatterns,
    busy: f64,
}

impl<'a> Scale<'a> {
    fn new(patterns: &'a CoverPatterns, busy: f64) -> Result<Self, BadBusyFraction> {
        let is_share = (0.0..=1.0).contains(&busy);
        if is_share { Ok(Self { patterns, busy }) } else { Err(BadBusyFraction(busy)) }
    }

    fn cover(&self, row: &[usize]) -> f64 {
        let mut missed = self.patterns.demand().to_vec();
        for &station in row {
            for &pattern in self.patterns.of_station(station) {
                missed[pattern as usize] *= self.busy;
            }
        }
        let demand = self.patterns.demand().iter().sum::<f64>();
        demand - missed.iter().sum::<f64>()
    }

    fn best_of(&self, rows: impl Iterator<Item = Vec<usize>>) -> Vec<usize> {
        let covered = rows.map(|row| (self.cover(&row), row));
        let best = covered.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(Vec::new(), |(_, row)| row)
    }

    fn improved(&self, mut row: Vec<usize>) -> Vec<usize> {
        loop {
            let next = self.best_of(neighbours(&row, self.patterns.n_stations()));
            if self.cover(&next) <= self.cover(&row) * (1.0 + 1e-9) {
                return row;
            }
            row = next;
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use super::*;

    fn town() -> CoverPatterns {
        let patterns =
            [(5.0, vec![0]), (4.0, vec![1]), (6.0, vec![0, 2]), (5.0, vec![1, 2]), (1.0, vec![2])];
        CoverPatterns::new(3, patterns)
    }

    #[test]
    fn a_nested_table_only_adds_and_a_multi_table_may_change() {
        let nested = ComplianceTable::nested(&town(), 0.1, 3, MoveBounds::NONE).unwrap();
        // 2 covers 12 alone; both of 0 and 1 cover 20, but 0 beside 2 only 17 and a rest.
        assert_eq!([nested.row(1), nested.row(2)], [[vec![2]], [vec![0, 2]]]);
        let multi = ComplianceTable::multi(&town(), 0.1, 0.0, 3, MoveBounds::NONE).unwrap();
        assert_eq!([multi.row(1), multi.row(2)], [[vec![2]], [vec![0, 1]]]);
        let loose = ComplianceTable::multi(&town(), 0.1, 0.2, 3, MoveBounds::NONE).unwrap();
        assert_eq!(loose.row(2), [vec![0, 1], vec![1, 2], vec![0, 2]]);
        assert_eq!(loose.row(0), loose.row(4));
    }

    #[test]
    fn idle_units_are_brought_to_the_row_by_short_drives() {
        let table = ComplianceTable::multi(&town(), 0.1, 0.0, 3, MoveBounds::NONE).unwrap();
        let idle = [
            Idle { unit: 'a', post: 2, may_move: true },
            Idle { unit: 'b', post: 0, may_move: true },
        ];
        let minutes = |idx: usize, to: usize| 5.0 * idle[idx].post.abs_diff(to) as f64;
        let moved = |table: &ComplianceTable| {
            let moves = table.moves(&idle, minutes);
            moves.iter().map(|made| (made.unit, made.from, made.to)).collect::<Vec<_>>()
        };
        assert_eq!(moved(&table), [('a', 2, 1)]);
        let bounds = MoveBounds { minutes_each_max: 4.0, ..MoveBounds::NONE };
        let still = ComplianceTable::multi(&town(), 0.1, 0.0, 3, bounds).unwrap();
        assert_eq!(moved(&still), []);
    }

    #[test]
    fn a_unit_that_may_not_move_keeps_its_post_and_the_others_do_what_is_left() {
        let table = ComplianceTable::multi(&town(), 0.1, 0.0, 3, MoveBounds::NONE).unwrap();
        assert_eq!(table.row(2), [vec![0, 1]]);
        let moved = |idle: &[Idle<usize>]| {
            let minutes = |idx: usize, to: usize| 5.0 * idle[idx].post.abs_diff(to) as f64;
            let moves = table.moves(idle, minutes);
            moves.iter().map(|made| (made.unit, made.to)).collect::<Vec<_>>()
        };
        let idle = |first: usize, second: usize| {
            [
                Idle { unit: 0, post: first, may_move: false },
                Idle { unit: 1, post: second, may_move: true },
            ]
        };
        assert_eq!(moved(&idle(0, 0)), [(1, 1)], "one is where it should be");
        assert_eq!(moved(&idle(2, 2)), [(1, 1)], "one is astray: the longer drive is left out");
        assert_eq!(moved(&idle(2, 1)), []);
    }

    #[test]
    fn a_freed_unit_fills_what_the_next_row_lacks() {
        let mut table = ComplianceTable::multi(&town(), 0.1, 0.0, 3, MoveBounds::NONE).unwrap();
        assert_eq!(table.lacking(), Some(2));
        table.add(0, 1);
        assert_eq!(table.lacking(), Some(1));
        table.add(1, 1);
        table.add(2, 1);
        assert_eq!(table.lacking(), None, "the table is for three");
    }
}
