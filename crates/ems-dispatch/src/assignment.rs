//! Who goes where: the longest drive as short as can be, and then the sum of all drives.

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

/// By unit: its place, each place taken once. Of all ways it is one whose longest drive is least,
/// and of these one whose drives sum to least, to a millisecond a drive. `minutes`: the drive of a
/// unit to a place; infinite where no road leads.
///
/// Cost: the cube of `n`.
pub(crate) fn assign(n: usize, minutes: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    if n == 0 {
        return Vec::new();
    }
    let drive = |unit, place| millis(minutes(unit, place));
    let drives: Vec<i64> = (0..n * n).map(|at| drive(at / n, at % n)).collect();
    let longest = bottleneck(n, &drives);
    // A drive beyond the longest costs more than all others together.
    let forbidden = longest.saturating_add(1).saturating_mul(i64::try_from(n).unwrap_or(i64::MAX));
    let cost = |drive: i64| if drive > longest { forbidden } else { drive };
    let costs: Vec<i64> = drives.into_iter().map(cost).collect();
    let matrix = Matrix::from_vec(n, n, costs).expect("as many drives as units times places");
    kuhn_munkres_min(&matrix).1
}

/// The longest drive that counts, minutes: some years.
const MINUTES_MAX: f64 = 1e6;

#[expect(clippy::cast_possible_truncation, reason = "cut to some years")]
fn millis(minutes: f64) -> i64 {
    (minutes.min(MINUTES_MAX) * 60_000.0).round() as i64
}

/// The least longest drive of any way to give each unit a place of its own.
fn bottleneck(n: usize, drives: &[i64]) -> i64 {
    let mut lengths = drives.to_vec();
    lengths.sort_unstable();
    lengths.dedup();
    let first = lengths.partition_point(|&longest| !is_enough(n, drives, longest));
    lengths[first]
}

/// Whether drives up to `longest` give each unit a place of its own (augmenting paths).
fn is_enough(n: usize, drives: &[i64], longest: i64) -> bool {
    let mut unit_at = vec![None; n];
    (0..n).all(|unit| {
        let mut seen = vec![false; n];
        finds_place(unit, n, drives, longest, &mut seen, &mut unit_at)
    })
}

fn finds_place(
    unit: usize,
    n: usize,
    drives: &[i64],
    longest: i64,
    seen: &mut [bool],
    unit_at: &mut [Option<usize>],
) -> bool {
    for place in 0..n {
        if drives[unit * n + place] > longest || std::mem::replace(&mut seen[place], true) {
            continue;
        }
        let gives_way = match unit_at[place] {
            None => true,
            Some(other) => finds_place(other, n, drives, longest, seen, unit_at),
        };
        if gives_way {
            unit_at[place] = Some(unit);
            return true;
        }
    }
    false
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "some minutes")]
mod tests {
    use super::*;

    fn all_ways(n: usize) -> Vec<Vec<usize>> {
        let mut ways = vec![vec![]];
        for _ in 0..n {
            let longer = |way: &Vec<usize>| {
                let way = way.clone();
                let rest = (0..n).filter(|place| !way.contains(place)).collect::<Vec<_>>();
                rest.into_iter().map(move |place| [way.clone(), vec![place]].concat())
            };
            ways = ways.iter().flat_map(longer).collect();
        }
        ways
    }

    #[test]
    fn no_way_has_a_shorter_longest_drive_or_as_short_a_one_and_a_smaller_sum() {
        for seed in 0..200usize {
            let n = seed % 6;
            let minutes = |unit: usize, place: usize| {
                let mixed = (seed * 31 + unit * 17 + place * 7 + unit * place * 13) % 23;
                if mixed == 0 { f64::INFINITY } else { mixed as f64 }
            };
            let judge = |way: &[usize]| {
                let drives =
                    way.iter().enumerate().map(|(unit, &place)| millis(minutes(unit, place)));
                (drives.clone().max().unwrap_or(0), drives.sum::<i64>())
            };
            let best = all_ways(n).iter().map(|way| judge(way)).min().unwrap();
            assert_eq!(judge(&assign(n, minutes)), best, "{seed}");
        }
    }
}
