//! The smaller tables of a city, row by row.

use ems_dispatch::{Diversions, RANK_MAX};

use super::city::Priority;
use super::plane::Plane;
use super::table::{Column, NamedFile, Row, TableError};

/// Modes of travel.
pub(crate) struct Travel {
    /// By mode: kilometres a day on open ground.
    pub(crate) off_road_speed: Vec<f64>,
    /// From when on, days, which priority drives in which mode, by name; in order of time.
    sets: Vec<(f64, Vec<(String, usize)>)>,
}

/// In which mode each priority drives from a time on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TravelSet {
    /// Days since the start of a run.
    pub(crate) from: f64,
    /// By priority, the most urgent first.
    pub(crate) modes: Vec<usize>,
}

/// Reads the modes, and the sets of them in the order of their times.
pub(crate) fn read_travel(file: &NamedFile, n_modes: usize) -> Result<Travel, TableError> {
    let table = file.table("travelModes")?;
    let (index, speed) = (table.column("travelModeIndex")?, table.column("offRoadSpeed")?);
    let mut off_road_speed = Vec::new();
    for row in table.numbered(index).take(n_modes) {
        off_road_speed.push(row?.number(speed, f64::MIN_POSITIVE, f64::MAX)?);
    }
    let timing = file.table("travelSetsTiming")?;
    let (start, index) = (timing.column("startTime")?, timing.column("travelSetIndex")?);
    let mut sets: Vec<(f64, Vec<(String, usize)>)> = Vec::new();
    for row in timing.rows() {
        let from = row.number(start, f64::MIN, f64::MAX)?;
        if let Some((before, _)) = sets.last().filter(|(before, _)| *before >= from) {
            return Err(
                row.wrong(start, format!("later than {before}, when the set before starts"))
            );
        }
        sets.push((from, read_set(file, row.text(index), off_road_speed.len())?));
    }
    Ok(Travel { off_road_speed, sets })
}

/// Names of priorities with the mode that a set gives each.
fn read_set(
    file: &NamedFile,
    set: &str,
    n_modes: usize,
) -> Result<Vec<(String, usize)>, TableError> {
    let sets = file.table("travelSets")?;
    let (of_set, name) = (sets.column("travelSetIndex")?, sets.column("priority")?);
    let mode = sets.column("travelModeIndex")?;
    let rows = sets.rows().filter(|row| row.text(of_set) == set);
    rows.map(|row| Ok((row.text(name).to_owned(), row.place(mode, n_modes)?))).collect()
}

/// The priorities, and their modes from each time on.
pub(crate) fn read_priorities(
    file: &NamedFile,
    travel: &Travel,
) -> Result<(Vec<Priority>, Vec<TravelSet>), TableError> {
    let table = file.table("priorities")?;
    let (rank, name) = (table.column("priority")?, table.column("name")?);
    let target = ["targetResponseTime", "targetResponseDuration"];
    let target = table.find(target[1]).map_or_else(|| table.column(target[0]), Ok)?;
    let mut priorities = Vec::new();
    let set = |(from, _): &(f64, _)| TravelSet { from: *from, modes: Vec::new() };
    let mut sets: Vec<TravelSet> = travel.sets.iter().map(set).collect();
    for row in table.numbered(rank) {
        let row = row?;
        for (set, (_, modes)) in sets.iter_mut().zip(&travel.sets) {
            let of_name = modes.iter().find(|(of, _)| of == row.text(name));
            let wanted = "a priority that every set of the travel file names";
            set.modes.push(of_name.ok_or_else(|| row.wrong(name, wanted))?.1);
        }
        let target = row.number(target, 0.0, f64::MAX)?;
        priorities.push(Priority { name: row.text(name).to_owned(), target });
        if priorities.len() > usize::from(RANK_MAX) {
            return Err(row.wrong(rank, format!("at most {RANK_MAX}")));
        }
    }
    Ok((priorities, sets))
}

/// Points in the order of their index, on the plane.
pub(crate) fn read_points(
    file: &NamedFile,
    table: &'static str,
    plane: &Plane,
) -> Result<Vec<[f64; 2]>, TableError> {
    let table = file.table(table)?;
    let (index, x, y) = (table.column("index")?, table.column("x")?, table.column("y")?);
    let point = |row: Result<Row<'_>, _>| {
        let row = row?;
        let degrees = [row.number(x, f64::MIN, f64::MAX)?, row.number(y, f64::MIN, f64::MAX)?];
        Ok(plane.at(degrees))
    };
    table.numbered(index).map(point).collect()
}

pub(crate) fn read_units(file: &NamedFile, n_stations: usize) -> Result<Vec<usize>, TableError> {
    let table = file.table("ambulances")?;
    let (index, station) = (table.column("index")?, table.column("stationIndex")?);
    table.numbered(index).map(|row| row?.place(station, n_stations)).collect()
}

pub(crate) fn read_diversions(
    file: &NamedFile,
    priorities: &[Priority],
) -> Result<Diversions, TableError> {
    let mut rules = Diversions::default();
    let misc = file.table("miscData")?;
    if !misc.first().flag(misc.column("allowRedispatch")?)? {
        return Ok(rules);
    }
    let table = file.table("redispatchConditions")?;
    let (from, to) = (table.column("fromCallPriority")?, table.column("toCallPriority")?);
    let allow = table.column("allowRedispatch")?;
    for row in table.rows() {
        let rank = |column| rank_of(&row, column, priorities);
        if row.flag(allow)? {
            rules.allow(rank(from)?, rank(to)?).expect("ranks were checked when they were read");
        }
    }
    Ok(rules)
}

/// The rank, from 1, of the priority that a cell names.
pub(crate) fn rank_of(
    row: &Row<'_>,
    column: Column<'_>,
    priorities: &[Priority],
) -> Result<u8, TableError> {
    let name = row.text(column);
    let found = (1u8..).zip(priorities).find(|(_, priority)| priority.name == name);
    let names: Vec<_> = priorities.iter().map(|priority| priority.name.as_str()).collect();
    let rank = found.map(|(rank, _)| rank);
    rank.ok_or_else(|| row.wrong(column, format!("one of {}", names.join(", "))))
}
