//! The map, and what it foretells.

use std::collections::BTreeMap;

use ems_model::Position;

use crate::error::CoverageError;
use crate::grid::{Grid, Square};
use crate::sketch::{Sketch, Told};

/// Squares of four sizes, each four times as wide as the one before.
const N_LEVELS: u8 = 4;
/// A wider square weighs as much as so many readings.
const WIDER_WEIGHS: f64 = 100.0;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Quantity {
    /// What a network carries, in kbit/s.
    Throughput,
    /// A round trip, in ms.
    Delay,
}

/// One reading of a gateway.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Where.
    pub position: Position,
    /// The hour of the day there, 0 to 23, where it is known.
    pub hour: Option<u8>,
    /// What.
    pub quantity: Quantity,
    /// How much: kbit/s or ms.
    pub value: f64,
    /// Whether it may be more: a rate that was not driven to the link's limit.
    pub is_at_least: bool,
}

/// Where and when to foretell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Where.
    pub position: Position,
    /// The hour of the day there, 0 to 23; of all hours where it is left out.
    pub hour: Option<u8>,
}

/// What is to be expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Half of readings are below: kbit/s or ms.
    pub median: f64,
    /// A tenth are below.
    pub low: f64,
    /// How many readings of the square itself this rests on; the rest is of wider squares.
    pub n_own: u32,
    /// Whether the median may be more: nothing there was driven to its limit often enough.
    pub is_at_least: bool,
}

/// What was read in one square.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell<'a> {
    /// Of which network.
    pub network: &'a str,
    /// Where.
    pub square: Square,
    /// The hour of the day; `None` for readings whose hour is not known.
    pub hour: Option<u8>,
    /// What.
    pub quantity: Quantity,
    /// How much.
    pub sketch: &'a Sketch,
}

/// What was read where. Cost of a reading: logarithmic; of a prediction: 25 squares at each size.
#[derive(Debug, Clone, PartialEq)]
pub struct Coverage {
    grid: Grid,
    networks: BTreeMap<String, Readings>,
}

/// The size of a square, 0 for the grid's own, the square, the hour and the quantity.
type Key = (u8, Square, Quantity, Option<u8>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Readings {
    squares: BTreeMap<Key, Sketch>,
    all: BTreeMap<Quantity, Sketch>,
}

impl Coverage {
    /// A map on which nothing was read.
    pub fn new(grid: Grid) -> Self {
        Self { grid, networks: BTreeMap::new() }
    }

    /// Its squares.
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// Takes a reading. An hour above 23 counts as not known.
    pub fn add(&mut self, network: &str, reading: &Reading) {
        let mut sketch = Sketch::default();
        if reading.is_at_least {
            sketch.add_at_least(reading.value);
        } else {
            sketch.add(reading.value);
        }
        let hour = reading.hour.filter(|hour| *hour < 24);
        self.take(network, reading.position, hour, reading.quantity, &sketch);
    }

    /// Takes all readings of another map of the same squares.
    pub fn merge(&mut self, other: &Self) -> Result<(), CoverageError> {
        let [own, theirs] = [self.grid, other.grid].map(Grid::metres);
        if own != theirs {
            return Err(CoverageError::OtherGrid { own, other: theirs });
        }
        for cell in other.cells() {
            self.put(&cell);
        }
        Ok(())
    }

    /// Every network on the map, by name.
    pub fn networks(&self) -> impl Iterator<Item = &str> {
        self.networks.keys().map(String::as_str)
    }

    /// Every square in which something was read, network by network.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        self.networks.iter().flat_map(|(network, readings)| {
            let own = readings.squares.iter().filter(|((level, ..), _)| *level == 0);
            own.map(move |((_, square, quantity, hour), sketch)| Cell {
                network,
                square: *square,
                hour: *hour,
                quantity: *quantity,
                sketch,
            })
        })
    }

    /// What to expect of a network; `None` where nothing of it was ever read.
    ///
    /// A square that has few readings leans on the wider one around it, that on the next, and the
    /// widest on the whole network; likewise an hour on all hours of its square.
    pub fn predict(&self, network: &str, quantity: Quantity, place: &Place) -> Option<Prediction> {
        let readings = self.networks.get(network)?;
        let mut known = Lean::of(readings.all.get(&quantity)?)?;
        let mut n_own = 0;
        for (level, grid) in self.grids().into_iter().enumerate().rev() {
            let level = u8::try_from(level).expect("four levels");
            let square = grid.at(place.position);
            let hours = [None].into_iter().chain(place.hour.map(Some));
            for hour in hours {
                let sketch = readings.of(level, square, quantity, hour);
                known = known.towards(&sketch);
                n_own = if level == 0 { sketch.n() } else { 0 };
            }
        }
        let Lean { median, low } = known;
        let is_at_least = median.is_at_least;
        Some(Prediction { median: median.value, low: low.value, n_own, is_at_least })
    }

    fn grids(&self) -> [Grid; N_LEVELS as usize] {
        let wider = self.grid.wider();
        [self.grid, wider, wider.wider(), wider.wider().wider()]
    }

    fn take(
        &mut self,
        network: &str,
        position: Position,
        hour: Option<u8>,
        quantity: Quantity,
        sketch: &Sketch,
    ) {
        let grids = self.grids();
        if !self.networks.contains_key(network) {
            self.networks.insert(network.to_owned(), Readings::default());
        }
        let readings = self.networks.get_mut(network).expect("inserted above");
        readings.all.entry(quantity).or_default().merge(sketch);
        for (level, grid) in (0..N_LEVELS).zip(grids) {
            let key = (level, grid.at(position), quantity, hour);
            readings.squares.entry(key).or_default().merge(sketch);
        }
    }

    /// Takes what was read in a square of this grid, as if in its middle.
    pub(crate) fn put(&mut self, cell: &Cell<'_>) {
        let [south, west, north, east] = self.grid.edges(cell.square);
        let (lat, lon) = (south.midpoint(north), west.midpoint(east));
        let (lat, lon) = (lat.clamp(-90.0, 90.0), lon.clamp(-180.0, 180.0));
        let middle = Position::from_degrees(lat, lon).expect("clamped");
        self.take(cell.network, middle, cell.hour, cell.quantity, cell.sketch);
    }
}

impl Readings {
    /// What was read in a square in an hour; in all hours where none is asked.
    fn of(&self, level: u8, square: Square, quantity: Quantity, hour: Option<u8>) -> Sketch {
        let hours = match hour {
            Some(_) => (hour, hour),
            None => (None, Some(23)),
        };
        let keys = (level, square, quantity, hours.0)..=(level, square, quantity, hours.1);
        let mut all = Sketch::default();
        self.squares.range(keys).for_each(|(_, sketch)| all.merge(sketch));
        all
    }
}

/// Median and low part, so far.
#[derive(Debug, Clone, Copy)]
struct Lean {
    median: Told,
    low: Told,
}

impl Lean {
    fn of(sketch: &Sketch) -> Option<Self> {
        Some(Self { median: sketch.told(0.5)?, low: sketch.told(0.1)? })
    }

    /// Nearer to what was read closer by, the more the more readings there are.
    fn towards(self, sketch: &Sketch) -> Self {
        let Some(own) = Self::of(sketch) else { return self };
        let n = f64::from(sketch.n());
        let part = n / (n + WIDER_WEIGHS);
        Self { median: mixed(self.median, own.median, part), low: mixed(self.low, own.low, part) }
    }
}

/// What was read closer by counts for a part of its logarithm: of numbers alone, a hole would be
/// lost in the rate around it. A bound only raises what is known; what is known takes the place of
/// a bound.
fn mixed(wide: Told, own: Told, part: f64) -> Told {
    match (wide.is_at_least, own.is_at_least) {
        (_, true) if wide.value >= own.value => wide,
        (_, true) | (true, false) => own,
        (false, false) => {
            let (around, closer) = (wide.value.ln_1p(), own.value.ln_1p());
            Told { value: (around + part * (closer - around)).exp_m1(), ..own }
        }
    }
}
