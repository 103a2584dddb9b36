//! Calls with every chance decided beforehand, and what a fleet made of them.

use std::fmt;

use super::city::FleetCity;
use super::table::{Column, NamedFile, Row, Table, TableError};

/// A call, with all that chance decides about it. Times are days.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Its number, as files name it.
    pub index: u64,
    /// The rank of its priority, 1 the most urgent.
    pub rank: u8,
    /// Longitude and latitude.
    pub degrees: [f64; 2],
    /// When it comes in.
    pub arrival: f64,
    /// From then to when a unit is looked for.
    pub dispatch_delay: f64,
    /// How long a unit stays at the scene.
    pub on_scene: f64,
    /// How long handing over takes, where the patient is taken to a hospital.
    pub handover: Option<f64>,
    /// The hospital, from 0, where it is decided beforehand; else it is the nearest.
    pub hospital: Option<usize>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The how many-th call of the run it was, from 0.
    pub seq: u64,
    /// The call.
    pub call: Call,
    /// From its coming in to a unit's arrival, days.
    pub response: f64,
    /// The unit that arrived, from 0.
    pub unit: usize,
    /// The hospital it is taken to, from 0.
    pub hospital: Option<usize>,
    /// Whether it ever waited for a unit to become free.
    pub was_queued: bool,
    /// How often a unit was taken from it.
    pub n_bumps: u32,
}

/// The columns that a file of answered calls has.
pub const ANSWER_COLUMNS: &str = "index,priority,x,y,arrivalTime,dispatchDelay,onSceneDuration,\
transport,handoverDuration,out_responseDuration,out_ambIndex,out_hospitalIndex,out_queued,out_bumps";

impl fmt::Display for Answer {
    /// One line of [`ANSWER_COLUMNS`], without its end; indices count from 1, no hospital is 0.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Call {
            index, rank, degrees: [x, y], arrival, dispatch_delay, on_scene, handover, ..
        } = &self.call;
        let handed_over = u8::from(handover.is_some());
        let handover = handover.unwrap_or(0.0);
        write!(
            f,
            "{index},{rank},{x:.7},{y:.7},{arrival:.10},{dispatch_delay:.12},{on_scene:.10},"
        )?;
        write!(f, "{handed_over},{handover:.10},{:.10},{},", self.response, self.unit + 1)?;
        let hospital = self.hospital.map_or(0, |hospital| hospital + 1);
        write!(f, "{hospital},{},{}", u8::from(self.was_queued), self.n_bumps)
    }
}

/// Reads calls in the order of the file; columns of answers are left alone.
///
/// `hospitalIndex` may name the hospital, with -1 (JEMSS' null) or 0 for the nearest. Files from
/// before JEMSS 1.3 say `transfer` and `transferDuration`.
pub fn read_calls(file: &NamedFile, city: &FleetCity) -> Result<Vec<Call>, TableError> {
    let table = if file.text.lines().any(|line| line.split(',').next() == Some("calls")) {
        file.table("calls")?
    } else {
        file.plain()?
    };
    let columns = Columns::find(&table)?;
    table.rows().map(|row| columns.call(&row, city)).collect()
}

struct Columns<'a> {
    index: Column<'a>,
    priority: Column<'a>,
    x: Column<'a>,
    y: Column<'a>,
    arrival: Column<'a>,
    dispatch_delay: Column<'a>,
    on_scene: Column<'a>,
    transport: Column<'a>,
    handover: Column<'a>,
    hospital: Option<Column<'a>>,
}

impl Columns<'static> {
    fn find(table: &Table<'_>) -> Result<Self, TableError> {
        let either = |name, before| table.find(before).map_or_else(|| table.column(name), Ok);
        Ok(Self {
            index: table.column("index")?,
            priority: table.column("priority")?,
            x: table.column("x")?,
            y: table.column("y")?,
            arrival: table.column("arrivalTime")?,
            dispatch_delay: table.column("dispatchDelay")?,
            on_scene: table.column("onSceneDuration")?,
            transport: either("transport", "transfer")?,
            handover: either("handoverDuration", "transferDuration")?,
            hospital: table.find("hospitalIndex"),
        })
    }
}

impl Columns<'_> {
    fn call(&self, row: &Row<'_>, city: &FleetCity) -> Result<Call, TableError> {
        let days = |column| row.number(column, 0.0, DAYS_MAX);
        let degrees = |column| row.number(column, -360.0, 360.0);
        let index = row.place(self.index, usize::MAX)? as u64 + 1;
        let rank = row.place(self.priority, city.priorities().len())? + 1;
        let is_taken = row.flag(self.transport)?;
        Ok(Call {
            index,
            rank: u8::try_from(rank).expect("priorities are at most fifteen"),
            degrees: [degrees(self.x)?, degrees(self.y)?],
            arrival: days(self.arrival)?,
            dispatch_delay: days(self.dispatch_delay)?,
            on_scene: days(self.on_scene)?,
            handover: if is_taken { Some(days(self.handover)?) } else { None },
            hospital: if is_taken { self.hospital(row, city)? } else { None },
        })
    }

    fn hospital(&self, row: &Row<'_>, city: &FleetCity) -> Result<Option<usize>, TableError> {
        let named = self.hospital.filter(|column| !NEAREST.contains(&row.text(*column)));
        named.map(|column| row.place(column, city.n_hospitals())).transpose()
    }
}

/// How a file says that no hospital is decided.
const NEAREST: [&str; 5] = ["-1", "-1.0", "0", "0.0", ""];

/// A thousand years: the latest time that a file may name.
const DAYS_MAX: f64 = 365_250.0;
