//! Land from coastlines.
//!
//! `natural=coastline` ways have land on their left
//! (<https://wiki.openstreetmap.org/wiki/Tag:natural%3Dcoastline>). Joined into rings they are
//! islands (counter-clockwise on the map) or seas. Where the extract cuts a coast open, its ends
//! are joined along the box's border, counter-clockwise, which keeps the land on the left.

use crate::Bounds;
use crate::import::complaints::Complaints;
use crate::import::osm::Osm;
use crate::import::rings::{Direction, join};
use crate::mercator::project;
use crate::shapes::{Path, Point, Polygon, area_2, polygons};

/// The land inside a box; all of it where the extract has no coast.
pub(crate) fn land(osm: &Osm, bounds: Bounds, complaints: &mut Complaints) -> Vec<Polygon> {
    let coasts = osm.ways.iter().filter(|way| way.tags.is("natural", "coastline"));
    let joined = join(coasts.map(|way| way.refs.clone()).collect(), Direction::Kept);
    let path = |ids: &Vec<i64>| -> Path {
        ids.iter().filter_map(|&id| osm.position(id)).map(project).collect()
    };
    let border = Border::of(bounds);
    let mut rings: Vec<Path> = joined.closed.iter().map(path).filter(|r| r.len() > 3).collect();
    let open: Vec<Path> = joined.open.iter().map(path).filter(|c| c.len() > 1).collect();
    let n_open = u32::try_from(open.len()).unwrap_or(u32::MAX);
    complaints.add_n("coasts cut by the extract, closed along its border", n_open, String::new);
    rings.extend(border.close(&open));
    let (islands, seas): (Vec<Path>, Vec<Path>) =
        rings.into_iter().partition(|ring| area_2(ring) < 0.0);
    if islands.is_empty() {
        return polygons(vec![border.ring()], seas);
    }
    polygons(islands, seas)
}

/// The border of a box, walked counter-clockwise on the map from its south-west corner: south,
/// east, north, west. A place on it is a number in 0..4.
struct Border {
    west: f64,
    east: f64,
    north: f64,
    south: f64,
}

impl Border {
    fn of(bounds: Bounds) -> Self {
        let (south_west, north_east) = (project(bounds.south_west), project(bounds.north_east));
        Self {
            west: south_west[0],
            south: south_west[1],
            east: north_east[0],
            north: north_east[1],
        }
    }

    fn corner(&self, idx: usize) -> Point {
        match idx % 4 {
            0 => [self.west, self.south],
            1 => [self.east, self.south],
            2 => [self.east, self.north],
            _ => [self.west, self.north],
        }
    }

    fn ring(&self) -> Path {
        (0..=4).map(|idx| self.corner(idx)).collect()
    }

    /// The place on the border nearest to a point.
    fn place(&self, p: Point) -> f64 {
        let x = ((p[0] - self.west) / (self.east - self.west)).clamp(0.0, 1.0);
        let y = ((self.south - p[1]) / (self.south - self.north)).clamp(0.0, 1.0);
        let sides = [(y, x), (1.0 - x, 1.0 + y), (1.0 - y, 3.0 - x), (x, 4.0 - y)];
        let nearest = sides.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        nearest.map_or(0.0, |(_, place)| place.rem_euclid(4.0))
    }

    /// Rings from open coasts: from the end of each, along the border to the next start.
    fn close(&self, open: &[Path]) -> Vec<Path> {
        let starts: Vec<f64> = open.iter().map(|c| self.place(c[0])).collect();
        let mut is_used = vec![false; open.len()];
        let mut rings = Vec::new();
        for first in 0..open.len() {
            if is_used[first] {
                continue;
            }
            let mut ring = Path::new();
            let mut coast = first;
            loop {
                is_used[coast] = true;
                ring.extend(&open[coast]);
                let from = self.place(open[coast][open[coast].len() - 1]);
                let ahead = |idx: usize| (starts[idx] - from).rem_euclid(4.0);
                let free = (0..open.len()).filter(|&idx| idx == first || !is_used[idx]);
                let next = free.min_by(|&a, &b| ahead(a).total_cmp(&ahead(b))).unwrap_or(first);
                ring.extend(self.corners(from, ahead(next)));
                if next == first {
                    break;
                }
                coast = next;
            }
            ring.push(ring[0]);
            rings.push(ring);
        }
        rings
    }

    /// The corners passed on a walk of some length from a place.
    fn corners(&self, from: f64, length: f64) -> impl Iterator<Item = Point> {
        let passed =
            (1..=8u8).filter(move |&c| f64::from(c) > from && f64::from(c) < from + length);
        passed.map(|c| self.corner(c.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::tests::{place, town};
    use crate::shapes::is_inside;

    const COAST: &[(&str, &str)] = &[("natural", "coastline")];

    fn bounds() -> Bounds {
        Bounds { south_west: place(0, 0), north_east: place(10, 10) }
    }

    fn is_land(polygons: &[Polygon], x: i32, y: i32) -> bool {
        let point = project(place(x, y));
        polygons.iter().any(|polygon| {
            is_inside(point, &polygon[0]) && !polygon[1..].iter().any(|hole| is_inside(point, hole))
        })
    }

    #[test]
    fn a_ring_with_land_on_its_left_is_an_island() {
        let nodes = [(1, 2, 2), (2, 6, 2), (3, 6, 6), (4, 2, 6)];
        let osm = town(&nodes, &[(1, &[1, 2, 3], COAST), (2, &[3, 4, 1], COAST)]);
        let land = land(&osm, bounds(), &mut Complaints::default());
        assert!(is_land(&land, 4, 4) && !is_land(&land, 8, 8));
    }

    #[test]
    fn a_coast_that_leaves_the_extract_is_closed_along_its_border() {
        // From east to west through the middle: land to the left is south.
        let osm = town(&[(1, 10, 5), (2, 5, 6), (3, 0, 5)], &[(1, &[1, 2, 3], COAST)]);
        let land = land(&osm, bounds(), &mut Complaints::default());
        assert!(is_land(&land, 5, 2) && !is_land(&land, 5, 9));
    }

    #[test]
    fn without_a_coast_all_is_land() {
        let land = land(&Osm::default(), bounds(), &mut Complaints::default());
        assert!(is_land(&land, 1, 1) && is_land(&land, 9, 9));
    }
}
