//! A good plan, found quickly: where the search starts.

/// Rounds of exchanging before a start is good enough.
const N_ROUNDS: usize = 4;

/// Places `n` units one by one where each is worth most, then moves single units while that helps.
/// Ties go to the lower place. Cost: `(N_ROUNDS + 1) * n * places` calls of `worth`.
pub(crate) fn greedy(most: &[u32], n: u32, worth: &dyn Fn(&[u32]) -> f64) -> Vec<u32> {
    let mut units = vec![0; most.len()];
    for _ in 0..n {
        let Some((place, _)) = best_addition(&mut units, most, worth) else { break };
        units[place] += 1;
    }
    for _ in 0..N_ROUNDS {
        if !exchange(&mut units, most, worth) {
            break;
        }
    }
    units
}

/// The place where one more unit is worth most, and what the plan is then worth.
fn best_addition(
    units: &mut [u32],
    most: &[u32],
    worth: &dyn Fn(&[u32]) -> f64,
) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for place in 0..units.len() {
        if units[place] < most[place] {
            units[place] += 1;
            let value = worth(units);
            units[place] -= 1;
            if best.is_none_or(|(_, most)| value > most) {
                best = Some((place, value));
            }
        }
    }
    best
}

/// Moves each unit to where it is worth most; whether any moved.
fn exchange(units: &mut [u32], most: &[u32], worth: &dyn Fn(&[u32]) -> f64) -> bool {
    let mut has_moved = false;
    for from in 0..units.len() {
        if units[from] == 0 {
            continue;
        }
        let before = worth(units);
        units[from] -= 1;
        let better = best_addition(units, most, worth).filter(|(_, value)| *value > before);
        units[better.map_or(from, |(place, _)| place)] += 1;
        has_moved |= better.is_some();
    }
    has_moved
}
