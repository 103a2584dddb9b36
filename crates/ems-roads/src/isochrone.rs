//! What is reached within a time, as polygons.
//!
//! The times themselves are exact; the outline is not: an area is the cells of a grid in which a
//! reached road lies, and those beside them. So every reached point of a road is inside, and what
//! is inside is near a reached road: [`Isochrones::metres_beyond`]. Crossings by ferry are no
//! places to be reached.

use std::ops::Range;

use ems_hierarchy::{Blocks, FAR};
use ems_model::{Millis, Position};

use crate::contour::{CellSet, nested};
use crate::mercator::{project, square_per_metre, unproject};
use crate::network::NO_WAY;
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

/// The most nodes of the smallest blocks that a sweep leaves out (measured).
const BLOCK_LEAST: u32 = 64;

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
    n_edges: usize,
    blocks: Blocks,
    /// By the higher rank of each.
    lines: Vec<Line>,
    /// By rank: where its lines start; one more than there are ranks.
    first: Vec<u32>,
    /// By line: the cells crossed, and the shares of the edge's length from and to which.
    cells: Vec<u32>,
    shares: Vec<[f32; 2]>,
    entries: Entries,
}

/// An edge, once for each pair of states in which it is driven forward and backward.
#[derive(Debug, Clone, Copy)]
struct Line {
    edge: u32,
    /// Of the states forward and backward.
    ranks: [u32; 2],
    /// Where its crossings start and end.
    crossings: [u32; 2],
}

/// The part of an edge in one cell.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    cell: u32,
    /// From and to which share of the edge's length.
    shares: [f32; 2],
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
        let (mut cells, mut shares) = (Vec::new(), Vec::new());
        let mut lines = lines(roads);
        lines.sort_unstable_by_key(Line::rank);
        for line in &mut lines {
            let first = number(cells.len());
            for crossing in grid.crossings(roads.shape(line.edge)) {
                cells.push(crossing.cell);
                shares.push(crossing.shares);
            }
            line.crossings = [first, number(cells.len())];
        }
        let first = first_lines(&lines, roads.hierarchy().n_nodes());
        let blocks = Blocks::of(roads.hierarchy(), BLOCK_LEAST);
        Self {
            grid,
            n_edges: roads.n_edges(),
            blocks,
            lines,
            first,
            cells,
            shares,
            entries: Entries::default(),
        }
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
        assert_eq!(self.n_edges, roads.n_edges(), "the grid's own roads");
        let millis = |limit: &Millis| u32::try_from(limit.get().max(0)).unwrap_or(FAR).min(FAR - 1);
        let mut order: Vec<usize> = (0..limits.len()).collect();
        order.sort_by_key(|&at| limits[at]);
        let rising: Vec<u32> = order.iter().map(|&at| millis(&limits[at])).collect();
        let last = rising.last().copied().unwrap_or_default();
        self.entries.search_within(roads, &self.blocks, from, last);
        let mut areas: Vec<Isochrone> =
            limits.iter().map(|&limit| Isochrone { limit, polygons: Vec::new() }).collect();
        for (at, cells) in order.into_iter().zip(self.cells_within(roads, &rising)) {
            areas[at].polygons = self.outlines(&cells);
        }
        areas
    }

    /// The cells of all roads that are reached within each of some times, which must rise.
    fn cells_within(&self, roads: &Roads, limits: &[u32]) -> Vec<CellSet> {
        let mut sets = vec![CellSet::empty(self.grid.width, self.grid.height); limits.len()];
        let sweep = self.entries.sweep();
        let last = limits.last().copied().unwrap_or_default();
        for line in sweep.swept().iter().flat_map(|ranks| self.lines_of(ranks)) {
            let at = line.ranks.map(|rank| sweep.by_rank()[rank as usize]);
            if at[0].min(at[1]) <= last {
                self.mark_line(line, roads.edge_millis(line.edge), at, limits, &mut sets);
            }
        }
        for leg in self.entries.first().iter().filter(|leg| !is_ferry(roads, leg.arc / 2)) {
            let crossings = self.grid.crossings(roads.shape(leg.arc / 2));
            for (&limit, set) in limits.iter().zip(&mut sets) {
                let share = f64::from(limit) / f64::from(leg.before + leg.after);
                let passed = [leg.along, leg.along + share];
                mark_passed(crossings.iter().copied(), (leg.arc % 2) as usize, passed, set);
            }
        }
        for at in 1..sets.len() {
            let [.., shorter, longer] = &mut sets[..=at] else { break };
            longer.add(shorter);
        }
        sets
    }

    /// The lines whose higher rank is in a range.
    fn lines_of(&self, ranks: &Range<u32>) -> &[Line] {
        let [start, end] = [ranks.start, ranks.end].map(|rank| self.first[rank as usize] as usize);
        &self.lines[start..end]
    }

    /// Marks the cells of a line that is entered at some times, in the first set that has them.
    fn mark_line(
        &self,
        line: &Line,
        millis: [u32; 2],
        at: [u32; 2],
        limits: &[u32],
        sets: &mut [CellSet],
    ) {
        let end = at[0].saturating_add(millis[0]).min(at[1].saturating_add(millis[1]));
        for (&limit, set) in limits.iter().zip(sets) {
            if end <= limit {
                self.cells[line.range()].iter().for_each(|&cell| set.insert(cell));
                return;
            }
            for side in (0..2).filter(|&side| at[side] <= limit && millis[side] != NO_WAY) {
                let share = f64::from(limit - at[side]) / f64::from(millis[side]);
                mark_passed(self.crossings(line), side, [0.0, share], set);
            }
        }
    }

    fn crossings(&self, line: &Line) -> impl Iterator<Item = Crossing> {
        let pairs = self.cells[line.range()].iter().zip(&self.shares[line.range()]);
        pairs.map(|(&cell, &shares)| Crossing { cell, shares })
    }

    /// Outlines of cells and those beside them.
    fn outlines(&self, cells: &CellSet) -> Vec<Vec<Vec<Position>>> {
        let place = |&point: &Point| self.grid.place(point);
        let ring = |ring: &Vec<Point>| simplified(ring, STRAIGHTEN).iter().map(place).collect();
        let polygons = nested(cells.widened().rings(), HOLE_CELLS);
        polygons.iter().map(|polygon| polygon.iter().map(ring).collect()).collect()
    }
}

impl Line {
    /// The higher one: where it was looked at, the other may have been.
    fn rank(&self) -> u32 {
        self.ranks[0].max(self.ranks[1])
    }

    fn range(&self) -> Range<usize> {
        self.crossings[0] as usize..self.crossings[1] as usize
    }
}

/// Marks the cells of an edge between two shares of its length, driven forward (0) or backward.
fn mark_passed(
    crossings: impl Iterator<Item = Crossing>,
    side: usize,
    [from, to]: [f64; 2],
    set: &mut CellSet,
) {
    // Twice what the shares lose as f32.
    const SLACK: f64 = 1e-6;
    let [low, high] = if side == 0 { [from, to] } else { [1.0 - to, 1.0 - from] };
    let is_passed = |crossing: &Crossing| {
        let [from, to] = crossing.shares.map(f64::from);
        from <= high + SLACK && to >= low - SLACK
    };
    crossings.filter(is_passed).for_each(|crossing| set.insert(crossing.cell));
}

fn is_ferry(roads: &Roads, edge: u32) -> bool {
    CLASSES[roads.parts().edges[edge as usize].class as usize] == "ferry"
}

/// The lines of a city, without their crossings; ferries have none.
fn lines(roads: &Roads) -> Vec<Line> {
    let rank = |state| roads.hierarchy().rank(state);
    let on_land = (0..number(roads.n_edges())).filter(|&edge| !is_ferry(roads, edge));
    let of_edge = |edge: u32| {
        let own = [2 * edge, 2 * edge + 1];
        let memory = (0..2).flat_map(move |side| {
            let more = roads.states_of(own[side]).skip(1);
            more.map(move |state| if side == 0 { [state, own[1]] } else { [own[0], state] })
        });
        let pairs = std::iter::once(own).chain(memory);
        pairs.map(move |pair| Line { edge, ranks: pair.map(rank), crossings: [0; 2] })
    };
    on_land.flat_map(of_edge).collect()
}

/// Where the lines of each rank start, and where the last end.
fn first_lines(lines: &[Line], n_ranks: u32) -> Vec<u32> {
    let mut first = vec![0; n_ranks as usize + 1];
    for line in lines {
        first[line.rank() as usize + 1] += 1;
    }
    for rank in 0..n_ranks as usize {
        first[rank + 1] += first[rank];
    }
    first
}

fn number(n: usize) -> u32 {
    u32::try_from(n).expect("edges and their crossings are numbered by u32")
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

    /// The cells that an edge crosses, tail first.
    fn crossings(&self, shape: &[Position]) -> Vec<Crossing> {
        let mut crossings = Vec::new();
        let total = crate::network::metres(shape);
        let mut before = 0.0;
        for pair in shape.windows(2) {
            let length = pair[0].metres_to(pair[1]);
            let share = |t: f64| if total > 0.0 { (before + t * length) / total } else { t };
            let ends = [pair[0], pair[1]].map(|position| self.cell_units(position));
            for span in sides_crossed(ends).windows(2) {
                let t = f64::midpoint(span[0], span[1]);
                let at = [0, 1].map(|axis| ends[0][axis] + t * (ends[1][axis] - ends[0][axis]));
                add_crossing(&mut crossings, self.cell(at), [share(span[0]), share(span[1])]);
            }
            before += length;
        }
        crossings
    }

    /// The cell at a point, as [`CellSet::cell`] numbers it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place on an edge is inside the grid"
    )]
    fn cell(&self, [x, y]: Point) -> u32 {
        CellSet::cell(self.width, x as usize, y as usize)
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

#[expect(clippy::cast_possible_truncation, reason = "shares lose less than a millisecond")]
fn add_crossing(crossings: &mut Vec<Crossing>, cell: u32, [from, to]: [f64; 2]) {
    match crossings.last_mut() {
        Some(last) if last.cell == cell && from > 0.0 => last.shares[1] = to as f32,
        _ => crossings.push(Crossing { cell, shares: [from as f32, to as f32] }),
    }
}
