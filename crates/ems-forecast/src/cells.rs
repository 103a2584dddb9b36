//! Calls to come by cell of a map and hour: the hours of all calls, spread by where calls come from.

use std::collections::BTreeMap;

use ems_model::{Date, Millis, Position, Timestamp};
use ems_table::Table as Rows;

use crate::calendar::Calendar;
use crate::forecast::{ForecastError, Settings};
use crate::hours::{Hour, Shaping, forecast_hours};
use crate::intensity::{Calls, Intensity, Smoothing};
use crate::table::{ROWS_MAX, Table, TableError, date_and_hour};

/// The most cells of a map.
pub const CELLS_MAX: usize = 5_000;

/// Calls with their time and place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedCalls {
    table: Table,
    calls: Vec<(Timestamp, Option<Position>)>,
}

/// Squares of a map that had a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CellHours {
    /// The square's row and column, from 0° on.
    pub cell: [i64; 2],
    /// Its centre.
    pub centre: Position,
    /// One entry an hour, from the one of the origin on.
    pub hours: Vec<Hour>,
}

impl PlacedCalls {
    /// Reads a row a call: `time` (or `date_time`), `lat`, `lon`. A call without a place counts in
    /// the hours, and nowhere on the map.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let table = Table::parse(text, &[])?;
        let mut rows = Rows::read(text.as_bytes(), ROWS_MAX)?;
        let sets: [&[&str]; 2] = [&["time", "lat", "lon"], &["date_time", "lat", "lon"]];
        let (_, columns) = rows.one_of(&sets)?;
        let [time, lat, lon] = [columns[0], columns[1], columns[2]];
        let mut calls = Vec::new();
        while let Some(row) = rows.next_row()? {
            let at =
                row.read(time, "a time: write 2018-04-26T08:15:00", Timestamp::from_iso8601)?;
            let is_placed = row.given(lat).is_some() || row.given(lon).is_some();
            let place = is_placed.then(|| row.position([lat, lon])).transpose()?;
            calls.push((at, place));
        }
        Ok(Self { table, calls })
    }

    /// How many calls before the origin's day have no place.
    pub fn n_without_place(&self, origin: Timestamp) -> usize {
        let end = start(date_and_hour(origin).0);
        self.calls.iter().filter(|(at, place)| *at < end && place.is_none()).count()
    }

    /// Forecasts `n_hours` from the hour of `origin` on for every square of `cell_km` that had a
    /// call; what happened on the origin's day and later is not used. Cells by row and column.
    ///
    /// The mean of all calls in an hour is that of [`forecast_hours`]; a cell has the share of it
    /// that [`Intensity`] gives. Costs the square of the number of cells.
    ///
    /// # Errors
    /// Those of [`forecast_hours`], and more than [`CELLS_MAX`] cells.
    pub fn forecast(
        &self,
        calendar: &Calendar,
        origin: Timestamp,
        n_hours: usize,
        cell_km: f64,
    ) -> Result<Vec<CellHours>, ForecastError> {
        let (day, first) = date_and_hour(origin);
        let n_days = (first + n_hours).div_ceil(24);
        let (settings, shaping) = (Settings::default(), Shaping::default());
        let (_, mut all) = forecast_hours(&self.table, calendar, day, n_days, &settings, &shaping)?;
        let all = all.pop().map_or(Vec::new(), |total| total.hours);
        let all = &all[first..first + n_hours];
        let map = self.map(day, cell_km)?;
        let intensity = Intensity::learn(&map.calls, &Smoothing::default());
        let from = start(day) + Millis::from_mins(60 * i64::try_from(first).expect("of a day"));
        let mut cells: Vec<CellHours> = map
            .squares
            .iter()
            .map(|(&cell, &(_, centre))| CellHours { cell, centre, hours: Vec::new() })
            .collect();
        for (nth, hour) in (0..).zip(all) {
            let span = [nth, nth + 1].map(|nth| from + Millis::from_mins(60 * nth));
            let mean = |cell| intensity.mean(cell, span[0], span[1]).unwrap_or(0.0);
            let means: Vec<f64> = map.squares.values().map(|&(nth, _)| mean(nth)).collect();
            let sum: f64 = means.iter().sum();
            for (cell, mean) in cells.iter_mut().zip(means) {
                cell.hours.push(hour.share(if sum > 0.0 { mean / sum } else { 0.0 }));
            }
        }
        Ok(cells)
    }

    fn map(&self, day: Date, cell_km: f64) -> Result<Map, ForecastError> {
        let end = start(day);
        let past = self.calls.iter().filter(|(at, _)| *at < end);
        let placed: Vec<(Timestamp, Position)> =
            past.filter_map(|&(at, place)| Some((at, place?))).collect();
        let grid = Grid::new(&placed, cell_km);
        let mut squares = BTreeMap::new();
        let mut centres = Vec::new();
        for (_, place) in &placed {
            let cell = grid.cell(*place);
            squares.entry(cell).or_insert_with(|| {
                centres.push(grid.centre(cell));
                (centres.len() - 1, grid.centre(cell))
            });
        }
        if !(1..=CELLS_MAX).contains(&squares.len()) {
            return Err(ForecastError::Cells { n_cells: squares.len() });
        }
        let first = start(self.table.history.first());
        let mut calls = Calls::watched(centres, first, end, 0);
        for (at, place) in placed {
            calls.add(squares[&grid.cell(place)].0, at).expect("each call has its square");
        }
        Ok(Map { squares, calls })
    }
}

struct Map {
    /// By row and column: its number among the cells of `calls`, and its centre.
    squares: BTreeMap<[i64; 2], (usize, Position)>,
    calls: Calls,
}

/// Squares as wide as they are high in the middle of the calls.
struct Grid {
    step_degrees: [f64; 2],
}

impl Grid {
    fn new(calls: &[(Timestamp, Position)], cell_km: f64) -> Self {
        /// Of latitude, on the mean sphere.
        const KM_A_DEGREE: f64 = 111.195;
        #[expect(clippy::cast_precision_loss, reason = "a file has fewer calls than 2^52")]
        let n_calls = calls.len().max(1) as f64;
        let lat = calls.iter().map(|(_, place)| place.lat()).sum::<f64>() / n_calls;
        let step = cell_km / KM_A_DEGREE;
        Self { step_degrees: [step, step / lat.to_radians().cos().max(0.01)] }
    }

    #[expect(clippy::cast_possible_truncation, reason = "degrees over a step are few")]
    fn cell(&self, place: Position) -> [i64; 2] {
        let [row, column] = self.step_degrees;
        let at = [place.lat() / row, place.lon() / column];
        at.map(|at| at.floor() as i64)
    }

    #[expect(clippy::cast_precision_loss, reason = "degrees over a step are few")]
    fn centre(&self, cell: [i64; 2]) -> Position {
        let at = |nth: usize, limit: f64| {
            ((cell[nth] as f64 + 0.5) * self.step_degrees[nth]).clamp(-limit, limit)
        };
        Position::from_degrees(at(0, 90.0), at(1, 180.0)).expect("both are within their limits")
    }
}

/// The first moment of a day, on the file's own clock.
fn start(date: Date) -> Timestamp {
    Timestamp::from_millis(i64::from(date.days()) * 86_400_000)
}
