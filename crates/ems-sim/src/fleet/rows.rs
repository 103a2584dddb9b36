//! The smaller tables of a city, row by row.

use ems_dispatch::{Diversions, RANK_MAX};

use super::city::Priority;
use super::plane::Plane;
use super::table::{Column, NamedFile, Row, TableError};

/// Modes of travel.
pub(crate) struct Travel {
    /// By mode: kilometres a day on open ground.
    pub(crate) off_road_speed: Vec<f64>,
    /// Names of priorities with the mode of each.
    pub(crate) modes: Vec<(String, usize)>,
}

/// Reads the modes and the first set of them; sets of later hours are not used.
pub(crate) fn read_travel(file: &NamedFile, n_modes: usize) -> Result<Travel, TableError> {
    let table = file.table("travelModes")?;
    let (index, speed) = (table.column("travelModeIndex")?, table.column("offRoadSpeed")?);
    let mut off_road_speed = Vec::new();
    for row in table.numbered(index).take(n_modes) {
        off_road_speed.push(row?.number(speed, f64::MIN_POSITIVE, f64::MAX)?);
    }
    let timing = file.table("travelSetsTiming")?;
    let first = timing.first();
    let set = first.text(timing.column("travelSetIndex")?).to_owned();
    let sets = file.table("travelSets")?;
    let (of_set, name) = (sets.column("travelSetIndex")?, sets.column("priority")?);
    let mode = sets.column("travelModeIndex")?;
    let rows = sets.rows().filter(|row| row.text(of_set) == set);
    let modes =
        rows.map(|row| Ok((row.text(name).to_owned(), row.place(mode, off_road_speed.len())?)));
    let modes = modes.collect::<Result<_, _>>()?;
    Ok(Travel { off_road_speed, modes })
}

pub(crate) fn read_priorities(
    file: &NamedFile,
    modes: &[(String, usize)],
) -> Result<Vec<Priority>, TableError> {
    let table = file.table("priorities")?;
    let (rank, name) = (table.column("priority")?, table.column("name")?);
    let target = ["targetResponseTime", "targetResponseDuration"];
    let target = table.find(target[1]).map_or_else(|| table.column(target[0]), Ok)?;
    let mut priorities = Vec::new();
    for row in table.numbered(rank) {
        let row = row?;
        let of_name = modes.iter().find(|(of, _)| of == row.text(name));
        let mode =
            of_name.ok_or_else(|| row.wrong(name, "a priority that the travel file names"))?.1;
        let target = row.number(target, 0.0, f64::MAX)?;
        priorities.push(Priority { name: row.text(name).to_owned(), target, mode });
        if priorities.len() > usize::from(RANK_MAX) {
            return Err(row.wrong(rank, format!("at most {RANK_MAX}")));
        }
    }
    Ok(priorities)
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
