//! The smaller tables of a city, row by row.

use ems_dispatch::{Diversions, Errand, RANK_MAX};

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
    /// Of trips to hospitals and stations.
    pub(crate) calm: usize,
}

/// The priority whose mode trips to hospitals and stations are driven in, where a set names it.
const CALM: &str = "lowPriority";

/// Reads the modes, and the sets of them in the order of their times.
pub(crate) fn read_travel(file: &NamedFile, n_modes: usize) -> Result<Travel, TableError> {
    let table = file.table("travelModes")?;
    let (index, speed) = (table.column("travelModeIndex")?, table.column("offRoadSpeed")?);
    let mut off_road_speed = Vec::new();
    for row in table.numbered(index) {
        let row = row?;
        off_road_speed.push(row.number(speed, f64::MIN_POSITIVE, f64::MAX)?);
        if off_road_speed.len() > n_modes {
            return Err(row.wrong(index, format!("one of the {n_modes} modes of the arcs")));
        }
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
        sets.push((from, read_set(file, row.whole(index, u32::MAX)?, off_road_speed.len())?));
    }
    Ok(Travel { off_road_speed, sets })
}

/// Names of priorities with the mode that a set gives each.
fn read_set(
    file: &NamedFile,
    set: u32,
    n_modes: usize,
) -> Result<Vec<(String, usize)>, TableError> {
    let sets = file.table("travelSets")?;
    let (of_set, name) = (sets.column("travelSetIndex")?, sets.column("priority")?);
    let mode = sets.column("travelModeIndex")?;
    let mut modes: Vec<(String, usize)> = Vec::new();
    for row in sets.rows() {
        if row.whole(of_set, u32::MAX)? != set {
            continue;
        }
        if modes.iter().any(|(of, _)| of == row.text(name)) {
            return Err(row.wrong(name, "new, but named twice in its set"));
        }
        modes.push((row.text(name).to_owned(), row.place(mode, n_modes)?));
    }
    Ok(modes)
}

/// The priorities, and their modes from each time on.
///
/// A priority may be driven to in the mode of another (`responseTravelPriority`). Trips to
/// hospitals and stations are driven as JEMSS does, in the mode of `lowPriority`, and in that of
/// the least urgent where a set does not name it.
pub(crate) fn read_priorities(
    file: &NamedFile,
    travel: &Travel,
) -> Result<(Vec<Priority>, Vec<TravelSet>), TableError> {
    let table = file.table("priorities")?;
    let (rank, name) = (table.column("priority")?, table.column("name")?);
    let target = ["targetResponseTime", "targetResponseDuration"];
    let target = table.find(target[1]).map_or_else(|| table.column(target[0]), Ok)?;
    let driven_as = table.find("responseTravelPriority").unwrap_or(name);
    let mut priorities = Vec::new();
    let mut modes = vec![Vec::new(); travel.sets.len()];
    for row in table.numbered(rank) {
        let row = row?;
        for (modes, (_, set)) in modes.iter_mut().zip(&travel.sets) {
            let mode = |column| {
                let wanted = "a priority that every set of the travel file names";
                mode_of(set, row.text(column)).ok_or_else(|| row.wrong(column, wanted))
            };
            modes.push([mode(driven_as)?, mode(name)?]);
        }
        let target = row.number(target, f64::MIN_POSITIVE, f64::MAX)?;
        priorities.push(Priority { name: row.text(name).to_owned(), target });
        if priorities.len() > usize::from(RANK_MAX) {
            return Err(row.wrong(rank, format!("at most {RANK_MAX}")));
        }
    }
    let sets = travel.sets.iter().zip(modes).map(|((from, set), modes)| {
        let [_, least_urgent] = modes.last().expect("a table has a row");
        let calm = mode_of(set, CALM).unwrap_or(*least_urgent);
        TravelSet { from: *from, calm, modes: modes.iter().map(|[driven, _]| *driven).collect() }
    });
    Ok((priorities, sets.collect()))
}

fn mode_of(set: &[(String, usize)], name: &str) -> Option<usize> {
    set.iter().find(|(of, _)| of == name).map(|(_, mode)| *mode)
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

/// Between which priorities a unit is taken from a call, by JEMSS' rules: each pair is named once,
/// and no chain of them leads back, lest calls take units from each other for ever.
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
    let mut named = Vec::new();
    for row in table.rows() {
        let pair = [rank_of(&row, from, priorities)?, rank_of(&row, to, priorities)?];
        if named.contains(&pair) {
            return Err(row.wrong(to, "new for its fromCallPriority"));
        }
        named.push(pair);
        if !row.flag(allow)? {
            continue;
        }
        rules.allow(pair[0], pair[1]).expect("ranks were checked when they were read");
        if leads_back(&rules, pair, priorities.len()) {
            return Err(row.wrong(to, "free of a way back to its fromCallPriority"));
        }
    }
    Ok(rules)
}

/// Whether units that go from the first rank to the second could go on to the first again.
fn leads_back(rules: &Diversions, [from, to]: [u8; 2], n_ranks: usize) -> bool {
    let mut reached = vec![to];
    let mut next = 0;
    while let Some(&rank) = reached.get(next) {
        let further = (1u8..).take(n_ranks).filter(|to| rules.lets(Errand::ToCall { rank }, *to));
        let new: Vec<u8> = further.filter(|to| !reached.contains(to)).collect();
        reached.extend(new);
        next += 1;
    }
    reached.contains(&from)
}

/// What JEMSS does without a redispatch file: `highPriority` takes units from the other two
/// (`Redispatch(Val{:default})`).
pub(crate) fn usual_diversions(priorities: &[Priority]) -> Diversions {
    let mut rules = Diversions::default();
    let named = |name: &str| {
        (1u8..).zip(priorities).find(|(_, priority)| priority.name == name).map(|(rank, _)| rank)
    };
    for from in ["medPriority", CALM] {
        if let (Some(from), Some(to)) = (named(from), named("highPriority")) {
            rules.allow(from, to).expect("ranks were checked when they were read");
        }
    }
    rules
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
