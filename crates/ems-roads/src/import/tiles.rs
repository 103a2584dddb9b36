//! The map as vector tiles, zoom 9 to 14.
//!
//! At each zoom a feature is simplified once, cut into columns, then each column into tiles, with a
//! margin so that lines join across tiles.

use std::collections::BTreeMap;

use crate::Bounds;
use crate::import::layers::{Feature, LAYERS, Shape};
use crate::import::mvt::{EXTENT, Layer, TilePoint, TileShape};
use crate::mercator::project;
use crate::shapes::{Path, Point, area_2, clipped_line, clipped_ring, simplified, span};

/// The zoom levels that a pack has tiles for.
pub const ZOOMS: std::ops::RangeInclusive<u8> = 9..=14;

/// One vector tile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Zoom, 9..=14.
    pub z: u8,
    /// Column, from west.
    pub x: u32,
    /// Row, from north (XYZ numbering, not TMS).
    pub y: u32,
    /// Mapbox Vector Tile 2.1, not compressed.
    pub bytes: Vec<u8>,
}

/// How much a tile holds beyond its sides, in tile units.
const MARGIN: f64 = 64.0;

/// Draws all features inside the bounds, tiles in order of zoom, column and row.
pub(crate) fn tiles(features: &[Feature], bounds: Bounds) -> Vec<Tile> {
    ZOOMS.flat_map(|z| zoom_tiles(features, bounds, z)).collect()
}

/// How many tiles of the deepest zoom lie inside the bounds.
pub(crate) fn n_tiles(bounds: Bounds) -> u64 {
    let range = Canvas::of(bounds, *ZOOMS.end()).range;
    range.into_iter().map(|(first, last)| u64::from(last - first) + 1).product()
}

fn zoom_tiles(features: &[Feature], bounds: Bounds, z: u8) -> Vec<Tile> {
    let mut canvas = Canvas::of(bounds, z);
    for feature in features.iter().filter(|f| f.zoom_min <= z) {
        canvas.draw(feature);
    }
    canvas.finish()
}

/// All tiles of one zoom.
struct Canvas {
    z: u8,
    /// Tiles along a side of the square.
    side: f64,
    /// First and last tile in x and y.
    range: [(u32, u32); 2],
    /// How far a simplified line may stray, in the square.
    tolerance: f64,
    tiles: BTreeMap<(u32, u32), [Layer; LAYERS.len()]>,
}

impl Canvas {
    fn of(bounds: Bounds, z: u8) -> Self {
        let side = f64::from(1u32 << z);
        let (south_west, north_east) = (project(bounds.south_west), project(bounds.north_east));
        let units = if z == *ZOOMS.end() { 2.0 } else { 6.0 };
        Self {
            z,
            side,
            range: [
                (tile_idx(south_west[0], side), tile_idx(north_east[0], side)),
                (tile_idx(north_east[1], side), tile_idx(south_west[1], side)),
            ],
            tolerance: units / (side * f64::from(EXTENT)),
            tiles: BTreeMap::new(),
        }
    }

    fn draw(&mut self, feature: &Feature) {
        match &feature.shape {
            Shape::Point(point) => self.draw_point(feature, *point),
            Shape::Line(line) => {
                let line = simplified(line, self.tolerance);
                for x in self.covered(&line, 0) {
                    for column in clipped_line(&line, 0, self.low(x), self.high(x)) {
                        self.draw_line(feature, x, &column);
                    }
                }
            }
            Shape::Polygon(rings) => self.draw_polygon(feature, rings),
        }
    }

    fn draw_point(&mut self, feature: &Feature, point: Point) {
        let (x, y) = (tile_idx(point[0], self.side), tile_idx(point[1], self.side));
        let is_drawn = |axis: usize, idx| (self.range[axis].0..=self.range[axis].1).contains(&idx);
        if is_drawn(0, x) && is_drawn(1, y) {
            self.add(feature, x, y, &TileShape::Point(self.in_tile(point, x, y)));
        }
    }

    fn draw_line(&mut self, feature: &Feature, x: u32, column: &Path) {
        for y in self.covered(column, 1) {
            let lines: Vec<Vec<TilePoint>> = clipped_line(column, 1, self.low(y), self.high(y))
                .iter()
                .map(|line| self.path_in_tile(line, x, y))
                .filter(|line| line.len() > 1)
                .collect();
            if !lines.is_empty() {
                self.add(feature, x, y, &TileShape::Lines(lines));
            }
        }
    }

    fn draw_polygon(&mut self, feature: &Feature, rings: &[Path]) {
        let is_small = |ring: &Path| {
            area_2(ring).abs() < 2.0 * (2.0 * self.tolerance).powi(2) && self.z < *ZOOMS.end()
        };
        if is_small(&rings[0]) {
            return;
        }
        let kept = rings.iter().filter(|ring| !is_small(ring));
        let rings: Vec<Path> = kept.map(|ring| simplified(ring, self.tolerance)).collect();
        for x in self.covered(&rings[0], 0) {
            let column: Vec<Path> =
                rings.iter().map(|ring| clipped_ring(ring, 0, self.low(x), self.high(x))).collect();
            for y in self.covered(&column[0], 1) {
                let cut =
                    column.iter().map(|ring| clipped_ring(ring, 1, self.low(y), self.high(y)));
                let mut rings =
                    cut.enumerate().map(|(idx, ring)| self.ring_in_tile(&ring, x, y, idx == 0));
                let Some(outer) = rings.next().flatten() else { continue };
                let rings: Vec<Vec<TilePoint>> =
                    std::iter::once(outer).chain(rings.flatten()).collect();
                self.add(feature, x, y, &TileShape::Polygon(rings));
            }
        }
    }

    fn add(&mut self, feature: &Feature, x: u32, y: u32, shape: &TileShape) {
        let layers = self.tiles.entry((x, y)).or_default();
        layers[feature.layer].add(shape, &feature.properties);
    }

    /// The tiles, in x (axis 0) or y (axis 1), that a path lies in or within the margin of.
    fn covered(&self, path: &[Point], axis: usize) -> impl Iterator<Item = u32> + use<> {
        let (lo, hi) = span(path, axis);
        let margin = MARGIN / f64::from(EXTENT) / self.side;
        let (first, last) = self.range[axis];
        let from = tile_idx(lo - margin, self.side).max(first);
        let to = tile_idx(hi + margin, self.side).min(last);
        // An empty path spans from +∞ to -∞: no tile.
        (lo <= hi).then_some(from..=to).into_iter().flatten()
    }

    fn low(&self, idx: u32) -> f64 {
        (f64::from(idx) - MARGIN / f64::from(EXTENT)) / self.side
    }

    fn high(&self, idx: u32) -> f64 {
        (f64::from(idx) + 1.0 + MARGIN / f64::from(EXTENT)) / self.side
    }

    #[expect(clippy::cast_possible_truncation, reason = "lies within a tile and its margin")]
    fn in_tile(&self, point: Point, x: u32, y: u32) -> TilePoint {
        let unit = |c: f64, idx: u32| {
            ((c * self.side - f64::from(idx)) * f64::from(EXTENT)).round() as i32
        };
        [unit(point[0], x), unit(point[1], y)]
    }

    fn path_in_tile(&self, path: &[Point], x: u32, y: u32) -> Vec<TilePoint> {
        let mut points: Vec<TilePoint> = path.iter().map(|&p| self.in_tile(p, x, y)).collect();
        points.dedup();
        points
    }

    /// A ring without its closing point, turned as the standard wants it; `None` if it has no area.
    fn ring_in_tile(
        &self,
        ring: &[Point],
        x: u32,
        y: u32,
        is_outer: bool,
    ) -> Option<Vec<TilePoint>> {
        let mut points = self.path_in_tile(ring, x, y);
        let wide = |p: TilePoint| [i64::from(p[0]), i64::from(p[1])];
        let pairs = points.windows(2).map(|w| (wide(w[0]), wide(w[1])));
        let area_2: i64 = pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum();
        points.pop();
        if points.len() < 3 || area_2 == 0 {
            return None;
        }
        if (area_2 > 0) != is_outer {
            points.reverse();
        }
        Some(points)
    }

    fn finish(self) -> Vec<Tile> {
        let z = self.z;
        let tile = |((x, y), layers): ((u32, u32), [Layer; LAYERS.len()])| {
            let mut bytes = Vec::new();
            for (name, layer) in LAYERS.iter().zip(&layers) {
                if !layer.is_empty() {
                    layer.encode(name, &mut bytes);
                }
            }
            Tile { z, x, y, bytes }
        };
        self.tiles.into_iter().map(tile).collect()
    }
}

/// The tile that a coordinate of the square lies in.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the tiles that there are"
)]
fn tile_idx(coordinate: f64, side: f64) -> u32 {
    (coordinate * side).floor().clamp(0.0, side - 1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::mvt::Value;
    use crate::network::tests::place;

    fn drawn(shape: Shape) -> Vec<Tile> {
        let properties = vec![("kind", Value::Text("x".into()))];
        let feature = Feature { layer: 0, zoom_min: 9, shape, properties };
        tiles(&[feature], Bounds { south_west: place(0, 0), north_east: place(40, 40) })
    }

    fn path(points: &[(i32, i32)]) -> Path {
        points.iter().map(|&(x, y)| project(place(x, y))).collect()
    }

    #[test]
    fn a_point_is_in_one_tile_of_each_zoom() {
        let zooms: Vec<u8> = drawn(Shape::Point(path(&[(5, 5)])[0])).iter().map(|t| t.z).collect();
        assert_eq!(zooms, [9, 10, 11, 12, 13, 14]);
    }

    #[test]
    fn a_square_covers_each_tile_that_it_meets() {
        let square = path(&[(0, 0), (40, 0), (40, 40), (0, 40), (0, 0)]);
        let polygon = drawn(Shape::Polygon(vec![square.clone()]));
        let line = drawn(Shape::Line(square));
        let count = |tiles: &[Tile]| tiles.iter().filter(|t| t.z == 14).count();
        assert!(
            count(&polygon) >= count(&line) && count(&line) > 3,
            "{} {}",
            count(&polygon),
            count(&line)
        );
    }

    #[test]
    fn equal_features_give_equal_bytes() {
        let line = || Shape::Line(path(&[(1, 1), (9, 3), (30, 38)]));
        assert_eq!(drawn(line()), drawn(line()));
    }
}
