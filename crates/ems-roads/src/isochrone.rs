//! What is reached within a time, as polygons.
//!
//! The times themselves are exact; the outline is not: an area is the cells of a grid in which a
//! reached road lies, and those beside them. So every reached point of a road is inside, and what
//! is inside is near a reached road: [`Isochrones::metres_beyond`]. Crossings by ferry are no
//! places to be reached.

use ems_model::{Millis, Position};

use crate::contour::{CellSet, nested};
use crate::mercator::{project, square_per_metre, unproject};
use crate::profile::CLASSES;
use crate::reached::Entries;
use crate::roads::Roads;
use crate::shapes::{Point, simplified};
use crate::snap::Snap;

/// The least side of a cell, metres.
const CELL_METRES: f64 = 50.0;

/// The most cells of a grid: a larger city has larger cells.
const N_CELLS_MAX: f64 = 4_000_000.0;

/// How far an outline is straightened, cells: less than a third of what parts two outlines.
const STRAIGHTEN: f64 = 0.25;

/// Holes smaller than so many cells are filled: nowhere in them the outline is far.
const HOLE_CELLS: f64 = 9.0;

/// The area reached within a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Isochrone {
    /// The time.
    pub limit: Millis,
    /// Each an outer ring, counterclockwise, and its holes, clockwise; all closed (RFC 7946,
    /// section 3.1.6).
    pub polygons: Vec<Vec<Vec<Position>>>,
}

/// Draws isochrones on one city's roads; holds tables, so keep one a thread.
#[derive(Debug)]
pub struct Isochrones {
    grid: Grid,
    /// Where the crossings of each edge start; one more than there are edges.
    first: Vec<u32>,
    crossings: Vec<Crossing>,
    entries: Entries,
}

/// The part of an edge in one cell.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    x: u16,
    y: u16,
    /// Shares of the edge's length.
    from: f32,
    to: f32,
}

/// Square cells over a city, counted from the south-west.
#[derive(Debug, Clone)]
struct Grid {
    west: f64,
    south: f64,
    /// The side of a cell in the Mercator square.
    side: f64,
    cell_metres: f64,
    width: usize,
    height: usize,
    /// By halves of a cell from the south: the latitude there, degrees.
    lats: Vec<f64>,
}

impl Isochrones {
    /// Lays a grid over a city.
    pub fn of(roads: &Roads) -> Self {
        let grid = Grid::over(roads);
        let (mut first, mut crossings) = (vec![0], Vec::new());
        for (edge, n) in roads.parts().edges.iter().zip(0u32..) {
            if CLASSES[edge.class as usize] != "ferry" {
                grid.cross(roads.shape(n), &mut crossings);
            }
            first.push(u32::try_from(crossings.len()).expect("crossings are numbered by u32"));
        }
        Self { grid, first, crossings, entries: Entries::default() }
    }

    /// The side of a cell, metres: 50, or more where the city is larger than 10,000 square
    /// kilometres.
    pub fn cell_metres(&self) -> f64 {
        self.grid.cell_metres
    }

    /// How far inside an area one may be from a reached road, metres: five sides of a cell.
    pub fn metres_beyond(&self) -> f64 {
        5.0 * self.grid.cell_metres
    }

    /// The areas reached from a snap within each of some times, in the order given.
    ///
    /// # Panics
    /// If these are not the roads that the grid was laid over.
    pub fn around(&mut self, roads: &Roads, from: &Snap, limits: &[Millis]) -> Vec<Isochrone> {
        assert_eq!(self.first.len(), roads.n_edges() + 1, "the grid's own roads");
        self.entries.search(roads, from);
        let area = |&limit: &Millis| {
            let millis = u32::try_from(limit.get().max(0)).unwrap_or(u32::MAX);
            let polygons = self.outlines(&self.cells_within(roads, millis));
            Isochrone { limit, polygons }
        };
        limits.iter().map(area).collect()
    }

    /// The cells of all roads that are reached.
    fn cells_within(&self, roads: &Roads, limit: u32) -> CellSet {
        let mut cells = CellSet::empty(self.grid.width, self.grid.height);
        for edge in 0..u32::try_from(roads.n_edges()).expect("edges are numbered by u32") {
            for arc in [2 * edge, 2 * edge + 1] {
                let Some(at) = self.entries.at(arc).filter(|&at| at <= limit) else { continue };
                let Some(whole) = roads.arc_millis(arc) else { continue };
                if at.saturating_add(whole) <= limit {
                    self.crossings_of(arc).iter().for_each(|crossing| crossing.mark(&mut cells));
                    break;
                }
                self.mark_passed(arc, [0.0, f64::from(limit - at) / f64::from(whole)], &mut cells);
            }
        }
        for leg in self.entries.first() {
            let share = f64::from(limit) / f64::from(leg.before + leg.after);
            self.mark_passed(leg.arc, [leg.along, leg.along + share], &mut cells);
        }
        cells
    }

    fn crossings_of(&self, arc: u32) -> &[Crossing] {
        let edge = (arc / 2) as usize;
        &self.crossings[self.first[edge] as usize..self.first[edge + 1] as usize]
    }

    /// Marks the cells of an arc between two shares of its length.
    fn mark_passed(&self, arc: u32, [from, to]: [f64; 2], cells: &mut CellSet) {
        // Twice what the shares lose as f32.
        const SLACK: f64 = 1e-6;
        let is_forward = arc.is_multiple_of(2);
        let [low, high] = if is_forward { [from, to] } else { [1.0 - to, 1.0 - from] };
        for crossing in self.crossings_of(arc) {
            let is_passed =
                f64::from(crossing.from) <= high + SLACK && f64::from(crossing.to) >= low - SLACK;
            if is_passed {
                crossing.mark(cells);
            }
        }
    }

    /// Outlines of cells and those beside them.
    fn outlines(&self, cells: &CellSet) -> Vec<Vec<Vec<Position>>> {
        let place = |&point: &Point| self.grid.place(point);
        let ring = |ring: &Vec<Point>| simplified(ring, STRAIGHTEN).iter().map(place).collect();
        let polygons = nested(cells.widened().rings(), HOLE_CELLS);
        polygons.iter().map(|polygon| polygon.iter().map(ring).collect()).collect()
    }
}

impl Crossing {
    fn mark(&self, cells: &mut CellSet) {
        cells.insert(self.x.into(), self.y.into());
    }
}

impl Grid {
    /// With three cells to spare on every side: one to widen into, one to stay empty, one for
    /// rounding.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "at most N_CELLS_MAX, and bounds are in order"
    )]
    fn over(roads: &Roads) -> Self {
        const SPARE: f64 = 3.0;
        let bounds = roads.bounds();
        let (south_west, north_east) = (project(bounds.south_west), project(bounds.north_east));
        let middle = bounds.south_west.towards(bounds.north_east, 0.5);
        let (wide, high) = (north_east[0] - south_west[0], south_west[1] - north_east[1]);
        let mut cell_metres = CELL_METRES;
        let (side, [width, height]) = loop {
            let side = cell_metres * square_per_metre(middle);
            let sizes = [wide, high].map(|length| (length / side).floor() + 1.0 + 2.0 * SPARE);
            let is_fit = sizes[0] * sizes[1] <= N_CELLS_MAX && sizes.iter().all(|&n| n < 65_536.0);
            if is_fit {
                break (side, sizes.map(|n| n as usize));
            }
            cell_metres *= 2.0;
        };
        let (west, south) = (south_west[0] - SPARE * side, south_west[1] + SPARE * side);
        let lat = |half: usize| unproject([west, south - half as f64 / 2.0 * side]).lat();
        let lats = (0..=2 * height).map(lat).collect();
        Self { west, south, side, cell_metres, width, height, lats }
    }

    /// Adds the cells that an edge crosses, tail first.
    fn cross(&self, shape: &[Position], crossings: &mut Vec<Crossing>) {
        let total = crate::network::metres(shape);
        let mut before = 0.0;
        for pair in shape.windows(2) {
            let length = pair[0].metres_to(pair[1]);
            let share = |t: f64| if total > 0.0 { (before + t * length) / total } else { t };
            let ends = [pair[0], pair[1]].map(|position| self.cell_units(position));
            for span in sides_crossed(ends).windows(2) {
                let t = f64::midpoint(span[0], span[1]);
                let at = [0, 1].map(|axis| ends[0][axis] + t * (ends[1][axis] - ends[0][axis]));
                add_crossing(crossings, at, share(span[0]), share(span[1]));
            }
            before += length;
        }
    }

    /// A position in units of cells from the south-west.
    fn cell_units(&self, position: Position) -> Point {
        let [x, y] = project(position);
        [(x - self.west) / self.side, (self.south - y) / self.side]
    }

    /// Where a point of an outline is, given in units of cells: a whole number of halves.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "outlines are inside the grid"
    )]
    fn place(&self, [x, y]: Point) -> Position {
        let lon = (self.west + x * self.side) * 360.0 - 180.0;
        let lat = self.lats[(2.0 * y) as usize];
        Position::from_degrees(lat, lon).expect("the grid is on Earth")
    }
}

/// The shares of a line at which it crosses sides of cells, with both its ends.
fn sides_crossed([a, b]: [Point; 2]) -> Vec<f64> {
    let mut shares = vec![0.0, 1.0];
    for axis in 0..2 {
        let (low, high) = (a[axis].min(b[axis]), a[axis].max(b[axis]));
        let mut side = low.floor() + 1.0;
        while side < high {
            shares.push((side - a[axis]) / (b[axis] - a[axis]));
            side += 1.0;
        }
    }
    shares.sort_unstable_by(f64::total_cmp);
    shares
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place on an edge is inside the grid; shares lose less than a millisecond"
)]
fn add_crossing(crossings: &mut Vec<Crossing>, at: Point, from: f64, to: f64) {
    let (x, y) = (at[0] as u16, at[1] as u16);
    match crossings.last_mut() {
        Some(last) if (last.x, last.y) == (x, y) && from > 0.0 => last.to = to as f32,
        _ => crossings.push(Crossing { x, y, from: from as f32, to: to as f32 }),
    }
}
