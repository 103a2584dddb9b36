//! The least of a function of few numbers.

/// Halvings of the step before the search ends: from 0.5 to about 10⁻⁴.
const N_HALVINGS: usize = 12;

/// Steps at one size at most, so that no function keeps the search going for ever.
const N_STEPS_MAX: usize = 200;

/// Compass search: steps along each axis while that helps, then half as long (Kolda, Lewis and
/// Torczon, "Optimization by direct search", SIAM Review 45(3), 2003, section 1).
pub(crate) fn least<const N: usize>(start: [f64; N], cost: impl Fn(&[f64; N]) -> f64) -> [f64; N] {
    let mut at = (start, cost(&start));
    let mut step = 0.5;
    for _ in 0..N_HALVINGS {
        for _ in 0..N_STEPS_MAX {
            let Some(better) = better(&at, step, &cost) else { break };
            at = better;
        }
        step /= 2.0;
    }
    at.0
}

/// The best neighbour, if it is better.
fn better<const N: usize>(
    at: &([f64; N], f64),
    step: f64,
    cost: &impl Fn(&[f64; N]) -> f64,
) -> Option<([f64; N], f64)> {
    let moves = (0..N).flat_map(|axis| [(axis, step), (axis, -step)]);
    let neighbours = moves.map(|(axis, step)| {
        let mut point = at.0;
        point[axis] += step;
        (point, cost(&point))
    });
    neighbours.filter(|(_, cost)| *cost < at.1).min_by(|a, b| a.1.total_cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bottom_of_a_bowl_is_found() {
        let bowl = |p: &[f64; 2]| (p[0] - 1.3).powi(2) + 3.0 * (p[1] + 0.4 - p[0] / 5.0).powi(2);
        let [x, y] = least([0.0, 0.0], bowl);
        assert!((x - 1.3).abs() < 1e-2 && (y + 0.14).abs() < 1e-2, "{x} {y}");
    }
}
