//! Lines and polygons in the Mercator square: area, simplification, clipping.

/// A point in the Mercator square.
pub(crate) type Point = [f64; 2];

/// A line of points; as a ring, its last point is its first.
pub(crate) type Path = Vec<Point>;

/// An outer ring, then its holes.
pub(crate) type Polygon = Vec<Path>;

/// Twice the area: positive where a ring runs clockwise as seen on the map (y is downward).
pub(crate) fn area_2(ring: &[Point]) -> f64 {
    ring.windows(2).map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum()
}

/// Whether a point is inside a ring (even-odd rule).
pub(crate) fn is_inside(point: Point, ring: &[Point]) -> bool {
    let crosses = |p: &&[Point]| {
        let (a, b) = (p[0], p[1]);
        (a[1] > point[1]) != (b[1] > point[1])
            && point[0] < (b[0] - a[0]) * (point[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    ring.windows(2).filter(crosses).count() % 2 == 1
}

/// The least and greatest coordinates of a path along an axis.
pub(crate) fn span(path: &[Point], axis: usize) -> (f64, f64) {
    let bounds = (f64::INFINITY, f64::NEG_INFINITY);
    path.iter().fold(bounds, |(lo, hi), p| (lo.min(p[axis]), hi.max(p[axis])))
}

/// Puts holes into the outer rings that contain them.
pub(crate) fn polygons(outers: Vec<Path>, holes: Vec<Path>) -> Vec<Polygon> {
    let mut polygons: Vec<Polygon> = outers.into_iter().map(|outer| vec![outer]).collect();
    for hole in holes {
        let around = polygons.iter_mut().find(|polygon| is_inside(hole[0], &polygon[0]));
        if let Some(polygon) = around {
            polygon.push(hole);
        }
    }
    polygons
}

/// Leaves out points that stray less than `tolerance` from the line (Douglas and Peucker,
/// "Algorithms for the reduction of the number of points", Cartographica 10(2), 1973).
pub(crate) fn simplified(path: &[Point], tolerance: f64) -> Path {
    if path.len() < 3 {
        return path.to_vec();
    }
    let mut is_kept = vec![false; path.len()];
    let last = path.len() - 1;
    // A ring's ends coincide: its farthest point anchors it too.
    let is_ring = path[0].map(f64::to_bits) == path[last].map(f64::to_bits);
    let anchor = if is_ring { farthest(path, 0, last).0 } else { last };
    (is_kept[0], is_kept[anchor], is_kept[last]) = (true, true, true);
    let mut open = vec![(0, anchor), (anchor, last)];
    while let Some((start, end)) = open.pop() {
        if end < start + 2 {
            continue;
        }
        let (split, distance_2) = farthest(path, start, end);
        if distance_2 > tolerance * tolerance {
            is_kept[split] = true;
            open.extend([(start, split), (split, end)]);
        }
    }
    path.iter().zip(is_kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

/// The point between two others that is farthest from their line, and its squared distance.
fn farthest(path: &[Point], start: usize, end: usize) -> (usize, f64) {
    let (a, b) = (path[start], path[end]);
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length_2 = dx * dx + dy * dy;
    let mut best = (start, -1.0);
    for (idx, p) in path.iter().enumerate().take(end).skip(start + 1) {
        let (px, py) = (p[0] - a[0], p[1] - a[1]);
        let along =
            if length_2 > 0.0 { ((px * dx + py * dy) / length_2).clamp(0.0, 1.0) } else { 0.0 };
        let (ex, ey) = (px - along * dx, py - along * dy);
        if ex * ex + ey * ey > best.1 {
            best = (idx, ex * ex + ey * ey);
        }
    }
    best
}

/// The part of a ring between two lines (Sutherland and Hodgman, "Reentrant polygon clipping", CACM
/// 17(1), 1974); empty if nothing is left.
pub(crate) fn clipped_ring(ring: &[Point], axis: usize, lo: f64, hi: f64) -> Path {
    let (least, greatest) = span(ring, axis);
    if least >= lo && greatest <= hi {
        return ring.to_vec();
    }
    if greatest < lo || least > hi {
        return Vec::new();
    }
    let above = half_ring(ring, axis, lo, 1.0);
    let ring = half_ring(&above, axis, hi, -1.0);
    if ring.len() < 4 { Vec::new() } else { ring }
}

/// The part of a ring on the side of a line where `side * (coordinate - limit)` is not negative.
fn half_ring(ring: &[Point], axis: usize, limit: f64, side: f64) -> Path {
    let depth = |p: Point| side * (p[axis] - limit);
    let mut kept: Path = Vec::with_capacity(ring.len() + 2);
    for pair in ring.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        if depth(a) >= 0.0 {
            kept.push(a);
        }
        if (depth(a) >= 0.0) != (depth(b) >= 0.0) {
            kept.push(crossing(a, b, axis, limit));
        }
    }
    if let Some(&first) = kept.first() {
        kept.push(first);
    }
    kept
}

fn crossing(a: Point, b: Point, axis: usize, limit: f64) -> Point {
    let share = (limit - a[axis]) / (b[axis] - a[axis]);
    let mut point = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
    point[axis] = limit;
    point
}

/// The parts of a line between two lines.
pub(crate) fn clipped_line(line: &[Point], axis: usize, lo: f64, hi: f64) -> Vec<Path> {
    let (least, greatest) = span(line, axis);
    if least >= lo && greatest <= hi {
        return vec![line.to_vec()];
    }
    let mut parts: Vec<Path> = Vec::new();
    let mut part: Path = Vec::new();
    for pair in line.windows(2) {
        let Some((start, end)) = clipped_segment(pair[0], pair[1], axis, lo, hi) else {
            continue;
        };
        if part.last() != Some(&start) {
            parts.push(std::mem::replace(&mut part, vec![start]));
        }
        part.push(end);
    }
    parts.push(part);
    parts.retain(|part| part.len() > 1);
    parts
}

fn clipped_segment(a: Point, b: Point, axis: usize, lo: f64, hi: f64) -> Option<(Point, Point)> {
    if a[axis].max(b[axis]) < lo || a[axis].min(b[axis]) > hi {
        return None;
    }
    let inside = |p: Point, other: Point| match p[axis] {
        c if c < lo => crossing(p, other, axis, lo),
        c if c > hi => crossing(p, other, axis, hi),
        _ => p,
    };
    Some((inside(a, b), inside(b, a)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SQUARE: [Point; 5] = [[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]];

    #[test]
    fn a_clipped_square_is_a_smaller_one() {
        let half = clipped_ring(&SQUARE, 0, 1.0, 3.0);
        assert!((area_2(&half) - 16.0).abs() < 1e-9, "{half:?}");
        assert!(clipped_ring(&SQUARE, 1, 5.0, 6.0).is_empty());
        assert_eq!(clipped_ring(&SQUARE, 1, -1.0, 9.0), SQUARE);
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_parts() {
        let line = [[0.0, 0.0], [2.0, 0.0], [2.0, 1.0], [0.0, 1.0]];
        let parts = clipped_line(&line, 0, -1.0, 1.0);
        assert_eq!(parts, [vec![[0.0, 0.0], [1.0, 0.0]], vec![[1.0, 1.0], [0.0, 1.0]]]);
    }

    #[test]
    fn straight_points_are_left_out_and_corners_stay() {
        let line = [[0.0, 0.0], [1.0, 0.001], [2.0, 0.0], [2.0, 2.0]];
        assert_eq!(simplified(&line, 0.01), [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0]]);
        assert_eq!(simplified(&SQUARE, 0.01), SQUARE);
    }

    proptest! {
        #[test]
        fn the_two_sides_of_a_cut_make_up_the_whole(
            points in proptest::collection::vec((0.0..10.0f64, 0.0..10.0f64), 3..12),
            cut in 0.5..9.5f64,
        ) {
            let mut ring: Path = points.into_iter().map(|(x, y)| [x, y]).collect();
            ring.push(ring[0]);
            let area = |lo, hi| area_2(&clipped_ring(&ring, 0, lo, hi));
            let parts = [area(-1.0, cut), area(cut, 11.0)];
            prop_assert!((parts[0] + parts[1] - area_2(&ring)).abs() < 1e-6);
        }
    }
}
