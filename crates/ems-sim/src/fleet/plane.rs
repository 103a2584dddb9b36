//! The plane of a city in kilometres, and the nearest node to a place on it.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "squares of a grid are counted by the thousand"
)]

use super::table::{NamedFile, TableError};

/// How degrees become kilometres: the map file's corner and scales.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Plane {
    corner: [f64; 2],
    scale: [f64; 2],
}

impl Plane {
    pub(crate) fn read(file: &NamedFile) -> Result<Self, TableError> {
        let table = file.table("map")?;
        let row = table.first();
        let any = |name| row.number(table.column(name)?, f64::MIN, f64::MAX);
        let positive = |name| row.number(table.column(name)?, f64::MIN_POSITIVE, f64::MAX);
        Ok(Self {
            corner: [any("xMin")?, any("yMin")?],
            scale: [positive("xScale")?, positive("yScale")?],
        })
    }

    /// Kilometres from the corner of `[longitude, latitude]`.
    pub(crate) fn at(&self, degrees: [f64; 2]) -> [f64; 2] {
        [0, 1].map(|axis| (degrees[axis] - self.corner[axis]) * self.scale[axis])
    }
}

/// A place and the node where it meets the roads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// The nearest node that may be left for open ground.
    pub(crate) node: u32,
    /// The straight line between, kilometres.
    pub(crate) off_road_km: f64,
}

/// Points in squares of a grid.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    corner: [f64; 2],
    size_km: f64,
    n: [usize; 2],
    /// By square, rows of x: where its points begin.
    first: Vec<u32>,
    nodes: Vec<u32>,
    points: Vec<[f64; 2]>,
}

/// Points in a square, on average.
const POINTS_PER_SQUARE: f64 = 2.0;

impl Grid {
    /// `points`, kilometres, by node; `nodes`, at least one, may be snapped to.
    pub(crate) fn new(points: &[[f64; 2]], mut nodes: Vec<u32>) -> Self {
        let at = |node: u32| points[node as usize];
        let bound = |axis: usize, pick: fn(f64, f64) -> f64| {
            nodes.iter().map(|&node| at(node)[axis]).reduce(pick).unwrap_or(0.0)
        };
        let corner = [bound(0, f64::min), bound(1, f64::min)];
        let span = [0, 1].map(|axis| bound(axis, f64::max) - corner[axis]);
        let share = POINTS_PER_SQUARE / nodes.len().max(1) as f64;
        let size_km =
            (span[0] * span[1] * share).sqrt().max(span[0].max(span[1]) * share).max(1e-6);
        let n = span.map(|span| (span / size_km) as usize + 1);
        let mut grid = Self {
            corner,
            size_km,
            n,
            first: vec![0; n[0] * n[1] + 1],
            nodes: vec![],
            points: vec![],
        };
        nodes.sort_by_key(|&node| (grid.square_of(at(node)), node));
        for &node in &nodes {
            let square = grid.square_of(at(node));
            grid.first[square + 1] += 1;
        }
        for square in 1..grid.first.len() {
            grid.first[square] += grid.first[square - 1];
        }
        grid.points = nodes.iter().map(|&node| at(node)).collect();
        grid.nodes = nodes;
        grid
    }

    /// The nearest node to a point, of equally near ones the lowest.
    ///
    /// Costs a look into a few squares; more for a point far from all of them.
    pub(crate) fn nearest(&self, point: [f64; 2]) -> Place {
        let home = [0, 1].map(|axis| self.square_along(point[axis], axis));
        let mut best = (f64::INFINITY, u32::MAX);
        for ring in 0..self.n[0].max(self.n[1]) {
            self.look_at_ring(home, ring, point, &mut best);
            if best.0 <= self.reach_km(home, ring, point).powi(2) {
                break;
            }
        }
        Place { node: best.1, off_road_km: best.0.sqrt() }
    }

    /// How far a point is from whatever lies beyond a ring of squares.
    fn reach_km(&self, home: [usize; 2], ring: usize, point: [f64; 2]) -> f64 {
        let sides = [0, 1].map(|axis| {
            let low = self.corner[axis] + (home[axis] as f64 - ring as f64) * self.size_km;
            let high = low + (2 * ring + 1) as f64 * self.size_km;
            let is_first = home[axis] <= ring;
            let is_last = home[axis] + ring + 1 >= self.n[axis];
            let below = if is_first { f64::INFINITY } else { point[axis] - low };
            let above = if is_last { f64::INFINITY } else { high - point[axis] };
            below.min(above)
        });
        sides[0].min(sides[1]).max(0.0)
    }

    fn look_at_ring(&self, home: [usize; 2], ring: usize, point: [f64; 2], best: &mut (f64, u32)) {
        let range = |axis: usize| {
            home[axis].saturating_sub(ring)..=(home[axis] + ring).min(self.n[axis] - 1)
        };
        let is_edge = |at: usize, axis: usize| at.abs_diff(home[axis]) == ring;
        for y in range(1) {
            for x in range(0).filter(|&x| is_edge(x, 0) || is_edge(y, 1)) {
                let square = y * self.n[0] + x;
                let within = self.first[square] as usize..self.first[square + 1] as usize;
                for (at, &node) in self.points[within.clone()].iter().zip(&self.nodes[within]) {
                    let (dx, dy) = (at[0] - point[0], at[1] - point[1]);
                    let next = (dx * dx + dy * dy, node);
                    if next < *best {
                        *best = next;
                    }
                }
            }
        }
    }

    fn square_of(&self, point: [f64; 2]) -> usize {
        self.square_along(point[1], 1) * self.n[0] + self.square_along(point[0], 0)
    }

    fn square_along(&self, km: f64, axis: usize) -> usize {
        let square = (km - self.corner[axis]) / self.size_km;
        (square.max(0.0) as usize).min(self.n[axis] - 1)
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn the_grid_finds_what_a_look_at_every_point_finds() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        for n in [1, 2, 7, 60, 500] {
            let points: Vec<[f64; 2]> =
                (0..n).map(|_| [rng.random::<f64>() * 9.0, rng.random::<f64>().powi(3)]).collect();
            let grid = Grid::new(&points, (0..n).collect());
            for _ in 0..500 {
                let point = [rng.random::<f64>() * 20.0 - 5.0, rng.random::<f64>() * 4.0 - 2.0];
                let squared =
                    |at: &[f64; 2]| (at[0] - point[0]).powi(2) + (at[1] - point[1]).powi(2);
                let all = (0u32..).zip(&points).map(|(node, at)| (squared(at), node));
                let best = all.reduce(|a, b| if b < a { b } else { a }).unwrap();
                assert_eq!(grid.nearest(point).node, best.1, "{point:?} of {n}");
            }
        }
    }
}
