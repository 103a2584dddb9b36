//! Which straight piece of road is nearest: a packed tree of boxes over all pieces.
//!
//! The pieces stand in the order of a Hilbert curve through their middles, and each sixteen that
//! follow each other have a box, as have each sixteen boxes (Kamel and Faloutsos, "On packing
//! R-trees", CIKM 1993). The order is what costs to make, so a pack stores it; the boxes are made
//! when it is read. Distances are measured in the Mercator square, between exact projections.

use ems_model::Position;

use crate::mercator::project;
use crate::roads::{Parts, shape};

/// Pieces, or boxes, of one box.
const FAN: usize = 16;

/// A straight piece of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Piece {
    pub(crate) edge: u32,
    /// From this point of the edge to the next.
    pub(crate) segment: u32,
}

/// A box of latitude and longitude, in ten-millionths of a degree.
#[derive(Debug, Clone, Copy)]
struct Span {
    low: [i32; 2],
    high: [i32; 2],
}

/// All pieces of road that a place can be on.
pub(crate) struct SnapIndex {
    /// The boxes of sixteen pieces, then those of sixteen of these, and so on up to one.
    levels: Vec<Vec<Span>>,
}

/// What a search knows of the place that it is for.
struct Near<'a> {
    parts: &'a Parts,
    position: Position,
    point: [f64; 2],
}

/// All pieces of these edges, in the order of the curve.
pub(crate) fn order(parts: &Parts, edges: impl Iterator<Item = u32>) -> Vec<Piece> {
    let pieces = edges.flat_map(|edge| {
        let n_points = u32::try_from(shape(parts, edge as usize).len());
        let n_points = n_points.expect("points are numbered by u32");
        (1..n_points).map(move |end| Piece { edge, segment: end - 1 })
    });
    let pieces: Vec<Piece> = pieces.collect();
    let whole = pieces.iter().map(|&piece| Span::of(parts, piece)).reduce(Span::joined);
    let Some(whole) = whole else { return pieces };
    let key =
        |(idx, &piece): (usize, &Piece)| (curve(Span::of(parts, piece).middle_in(whole)), idx);
    let mut keys: Vec<(u32, usize)> = pieces.iter().enumerate().map(key).collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, idx)| pieces[idx]).collect()
}

impl SnapIndex {
    /// Makes the boxes around the pieces, each of which must be there.
    pub(crate) fn of(parts: &Parts) -> Self {
        let lowest = parts.pieces.chunks(FAN);
        let around =
            |pieces: &[Piece]| pieces.iter().map(|&p| Span::of(parts, p)).reduce(Span::joined);
        let mut levels: Vec<Vec<Span>> = vec![lowest.filter_map(around).collect()];
        while let Some(top) = levels.last().filter(|top| top.len() > 1) {
            let joined = top.chunks(FAN).filter_map(|few| few.iter().copied().reduce(Span::joined));
            levels.push(joined.collect());
        }
        Self { levels }
    }

    /// The nearest piece of the edges asked for; of equally near ones that of the lowest edge.
    pub(crate) fn nearest(
        &self,
        parts: &Parts,
        position: Position,
        is_asked: impl Fn(u32) -> bool,
    ) -> Option<Piece> {
        let near = Near::to(parts, position);
        let mut best: Option<(f64, Piece)> = None;
        self.visit(
            &near,
            |piece, limit_2| {
                if is_asked(piece.edge) && near.least_2(Span::of(parts, piece)) <= *limit_2 {
                    let found = (near.distance_2(piece), piece);
                    if best.is_none_or(|best| found < best) {
                        best = Some(found);
                        *limit_2 = found.0;
                    }
                }
            },
            f64::INFINITY,
        );
        best.map(|(_, piece)| piece)
    }

    /// All pieces within a radius in the square, by edge, of each edge the nearest first.
    pub(crate) fn within(&self, parts: &Parts, position: Position, radius: f64) -> Vec<Piece> {
        let near = Near::to(parts, position);
        let mut found: Vec<(u32, f64, Piece)> = Vec::new();
        self.visit(
            &near,
            |piece, &mut limit_2| {
                if near.least_2(Span::of(parts, piece)) <= limit_2 {
                    let distance_2 = near.distance_2(piece);
                    found
                        .extend((distance_2 <= limit_2).then_some((piece.edge, distance_2, piece)));
                }
            },
            radius * radius,
        );
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        found.into_iter().map(|(.., piece)| piece).collect()
    }

    /// Calls with each piece whose box is not farther than the limit, which the call may lower;
    /// near boxes first.
    fn visit(&self, near: &Near<'_>, mut call: impl FnMut(Piece, &mut f64), mut limit_2: f64) {
        let top = self.levels.len() - 1;
        let whole = self.levels[top].first();
        let mut open: Vec<(f64, usize, usize)> =
            whole.map(|&span| (near.least_2(span), top, 0)).into_iter().collect();
        while let Some((least_2, level, idx)) = open.pop() {
            if least_2 > limit_2 {
                continue;
            }
            let Some(below) = level.checked_sub(1) else {
                let pieces = near.parts.pieces.iter().skip(FAN * idx).take(FAN);
                pieces.for_each(|&piece| call(piece, &mut limit_2));
                continue;
            };
            let n_before = open.len();
            let spans = self.levels[below].iter().enumerate().skip(FAN * idx).take(FAN);
            open.extend(spans.map(|(idx, &span)| (near.least_2(span), below, idx)));
            open[n_before..].sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        }
    }
}

impl<'a> Near<'a> {
    fn to(parts: &'a Parts, position: Position) -> Self {
        Self { parts, position, point: project(position) }
    }

    /// The squared distance to a piece.
    fn distance_2(&self, piece: Piece) -> f64 {
        let [start, end] = ends(self.parts, piece).map(project);
        let [along_x, along_y] = [end[0] - start[0], end[1] - start[1]];
        let [x, y] = [self.point[0] - start[0], self.point[1] - start[1]];
        let length_2 = along_x * along_x + along_y * along_y;
        let share = if length_2 > 0.0 {
            ((x * along_x + y * along_y) / length_2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let [off_x, off_y] = [x - share * along_x, y - share * along_y];
        off_x * off_x + off_y * off_y
    }

    /// At most the squared distance to anything in a box, without projecting it: nowhere is a
    /// degree of latitude shorter in the square than one of longitude. The square ends short of
    /// the poles, so that nothing is known there.
    fn least_2(&self, span: Span) -> f64 {
        const LAT_E7_MAX: i32 = 850_000_000;
        /// More than a projection is wrong by.
        const ROUNDING: f64 = 1e-15;
        let here = [self.position.lat_e7(), self.position.lon_e7()];
        let [lat, lon] = [0, 1].map(|axis| {
            let at = i64::from(here[axis]);
            (i64::from(span.low[axis]) - at).max(at - i64::from(span.high[axis])).max(0)
        });
        let is_polar = here[0].abs().max(span.low[0].abs()).max(span.high[0].abs()) > LAT_E7_MAX;
        let [lat, lon] = [if is_polar { 0 } else { lat }, lon].map(turns);
        let [lat, lon] = [lat, lon].map(|share| (share - ROUNDING).max(0.0));
        lat * lat + lon * lon
    }
}

/// Ten-millionths of a degree, as a share of the whole circle.
#[expect(clippy::cast_precision_loss, reason = "a circle has less than 2^53 of them")]
fn turns(e7: i64) -> f64 {
    e7 as f64 / 3.6e9
}

impl Span {
    fn of(parts: &Parts, piece: Piece) -> Self {
        let [a, b] = ends(parts, piece).map(|p| [p.lat_e7(), p.lon_e7()]);
        Self { low: [a[0].min(b[0]), a[1].min(b[1])], high: [a[0].max(b[0]), a[1].max(b[1])] }
    }

    fn joined(self, other: Self) -> Self {
        Self {
            low: [0, 1].map(|axis| self.low[axis].min(other.low[axis])),
            high: [0, 1].map(|axis| self.high[axis].max(other.high[axis])),
        }
    }

    /// Where its middle is in a box around it, each 0..=65535.
    fn middle_in(self, whole: Self) -> [u32; 2] {
        [0, 1].map(|axis| {
            let wide = |e7: i32| i64::from(e7);
            let middle = i64::midpoint(wide(self.low[axis]), wide(self.high[axis]));
            let middle = middle - wide(whole.low[axis]);
            let size = (wide(whole.high[axis]) - wide(whole.low[axis])).max(1);
            u32::try_from(middle * 65_535 / size).expect("the middle is inside")
        })
    }
}

/// Where a piece starts and ends.
fn ends(parts: &Parts, piece: Piece) -> [Position; 2] {
    let start = (parts.edges[piece.edge as usize].first_point + piece.segment) as usize;
    [parts.points[start], parts.points[start + 1]]
}

/// How far along Hilbert's curve of 65,536 by 65,536 cells a cell is.
fn curve([mut x, mut y]: [u32; 2]) -> u32 {
    const LAST: u32 = 65_535;
    let mut along = 0;
    for bit in (0..16).rev() {
        let side = 1 << bit;
        let (right, up) = (u32::from(x & side != 0), u32::from(y & side != 0));
        along += side * side * ((3 * right) ^ up);
        if up == 0 {
            if right == 1 {
                (x, y) = (LAST - x, LAST - y);
            }
            (x, y) = (y, x);
        }
    }
    along
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_goes_from_cell_to_neighbour_and_meets_each_once() {
        let scale = 65_536 / 16;
        let cells = (0..16 * 16).map(|cell| [cell % 16, cell / 16]);
        let mut along: Vec<(u32, [u32; 2])> =
            cells.map(|cell| (curve(cell.map(|c| c * scale)) / (scale * scale), cell)).collect();
        along.sort_unstable();
        for (want, (place, _)) in (0..).zip(&along) {
            assert_eq!(*place, want);
        }
        for pair in along.windows(2) {
            let ([ax, ay], [bx, by]) = (pair[0].1, pair[1].1);
            assert_eq!(ax.abs_diff(bx) + ay.abs_diff(by), 1, "{pair:?}");
        }
    }
}
