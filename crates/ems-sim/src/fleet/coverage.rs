//! Which stations cover which demand in time.

use std::collections::BTreeMap;

use ems_dispatch::CoverPatterns;

use super::city::FleetCity;
use super::plane::Place;
use super::raster::Raster;
use super::rows::rank_of;
use super::search::from_one;
use super::table::{NamedFile, Row, TableError};

/// The files that say what demand there is and when it is covered.
#[derive(Debug, Clone)]
pub struct CoverFiles {
    /// JEMSS' demand file: calls a day by priority.
    pub demand: NamedFile,
    /// JEMSS' demand coverage file: the longest drive that covers, by priority.
    pub cover_times: NamedFile,
}

/// Reads patterns from `demand_per_day,s1,s2,...`: calls a day and, for each station, whether it
/// covers them.
pub fn read_cover_patterns(
    file: &NamedFile,
    n_stations: usize,
) -> Result<CoverPatterns, TableError> {
    let table = file.plain()?;
    let demand = table.column("demand_per_day")?;
    let names: Vec<_> = (1..=n_stations).map(|station| format!("s{station}")).collect();
    let beyond = format!("s{}", n_stations + 1);
    if let Some(column) = table.find(&beyond) {
        return Err(table.first().wrong(column, format!("of a city of {n_stations} stations")));
    }
    let stations: Vec<_> = names.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?;
    let mut patterns = Vec::new();
    for row in table.rows() {
        let mut covering = Vec::new();
        for (station, &column) in stations.iter().enumerate() {
            if row.flag(column)? {
                covering.push(station);
            }
        }
        patterns.push((row.number(demand, 0.0, f64::MAX)?, covering));
    }
    Ok(CoverPatterns::new(n_stations, patterns))
}

/// Works patterns out: each cell of the raster is as many points of demand as the cover file says,
/// and a station covers one for a priority if its drive there, open ground at both ends included,
/// is no longer than `stretch` times the priority's cover time. Demand that no station covers is
/// left out.
///
/// The demand set and the travel set of the start are used, and one raster for all priorities.
/// Costs a search for each station and mode and a look at each cell and station for each priority.
pub fn derive_cover_patterns(
    city: &FleetCity,
    files: &CoverFiles,
    raster: &Raster,
    stretch: f64,
) -> Result<CoverPatterns, TableError> {
    let rates = read_rates(&files.demand, city)?;
    let cover = read_cover_times(&files.cover_times, city)?;
    let [columns, rows] = read_points_a_cell(&files.cover_times)?;
    let points: Vec<_> =
        raster.points(columns, rows).map(|(z, at)| (z / raster.total(), city.snap(at))).collect();
    let mut patterns: BTreeMap<Vec<bool>, f64> = BTreeMap::new();
    for (rank, rate) in rates.iter().enumerate().filter(|(_, rate)| **rate > 0.0) {
        let reach = Reach::new(city, city.mode(rank, 0.0), cover[rank] * stretch);
        for (share, place) in &points {
            *patterns.entry(reach.covering(city, *place)).or_default() += share * rate;
        }
    }
    let covered = patterns.into_iter().filter(|(stations, _)| stations.contains(&true));
    let by_place = covered.map(|(stations, demand)| {
        let covering = stations.iter().enumerate().filter(|(_, covers)| **covers);
        (demand, covering.map(|(station, _)| station).collect())
    });
    Ok(CoverPatterns::new(city.n_stations(), by_place))
}

/// How far the stations reach in one mode.
struct Reach {
    mode: usize,
    cover: f64,
    /// By station and node: days from its door.
    days: Vec<Vec<f64>>,
}

impl Reach {
    fn new(city: &FleetCity, mode: usize, cover: f64) -> Self {
        let days = city.stations.iter().map(|station| {
            let leg = city.leg(mode, station.off_road_km);
            let roads = from_one(city.roads.out(mode), station.node);
            roads.into_iter().map(|days| leg + days).collect()
        });
        Self { mode, cover, days: days.collect() }
    }

    fn covering(&self, city: &FleetCity, place: Place) -> Vec<bool> {
        let leg = city.leg(self.mode, place.off_road_km);
        self.days.iter().map(|days| days[place.node as usize] + leg <= self.cover).collect()
    }
}

/// Calls a day by rank: those of the modes of the demand set that is in force first.
fn read_rates(file: &NamedFile, city: &FleetCity) -> Result<Vec<f64>, TableError> {
    let table = file.table("demandModes")?;
    let (index, name) = (table.column("modeIndex")?, table.column("priority")?);
    let rate = table.column("arrivalRate")?;
    let (sets, timing) = (file.table("demandSets")?, file.table("demandSetsTiming")?);
    let (of_set, begun) = (sets.column("setIndex")?, timing.column("setIndex")?);
    let first = timing.first();
    let number = |row: &Row<'_>, column| row.whole(column, u32::MAX).ok();
    let is_first = |row: &Row<'_>| number(row, of_set) == number(&first, begun);
    let set = sets.rows().find(is_first);
    let set = set.ok_or_else(|| first.wrong(begun, "a set of the table demandSets"))?;
    let set = set.text(sets.column("modeIndices")?);
    let is_digit = |c: char| c.is_ascii_digit();
    let chosen: Vec<u32> =
        set.split(|c| !is_digit(c)).filter_map(|word| word.parse().ok()).collect();
    let mut rates = vec![0.0; city.priorities().len()];
    for row in table.rows() {
        if !chosen.contains(&row.whole(index, u32::MAX)?) {
            continue;
        }
        let rank = rank_of(&row, name, city.priorities())?;
        rates[usize::from(rank) - 1] += row.number(rate, 0.0, f64::MAX)?;
    }
    Ok(rates)
}

/// How many points stand for a cell, in columns and rows; one where the file does not say.
fn read_points_a_cell(file: &NamedFile) -> Result<[u32; 2], TableError> {
    let table = match file.table("demandRasterCellNumPoints") {
        Err(TableError::NoTable { .. }) => return Ok([1, 1]),
        table => table?,
    };
    let count = |name| {
        let place = table.first().place(table.column(name)?, POINTS_MAX)?;
        Ok(u32::try_from(place + 1).expect("at most a hundred"))
    };
    Ok([count("cols")?, count("rows")?])
}

/// The most points along a side of a cell.
const POINTS_MAX: usize = 100;

/// Days by rank; a priority that is not named is never covered.
fn read_cover_times(file: &NamedFile, city: &FleetCity) -> Result<Vec<f64>, TableError> {
    let table = file.table("coverTimes")?;
    let (name, time) = (table.column("demandPriority")?, table.column("coverTime")?);
    let mut cover = vec![-1.0; city.priorities().len()];
    for row in table.rows() {
        let rank = rank_of(&row, name, city.priorities())?;
        cover[usize::from(rank) - 1] = row.number(time, 0.0, f64::MAX)?;
    }
    Ok(cover)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_city_s_stations() {
        let file = NamedFile::new("p", b"demand_per_day,s1,s2\n2.5,0,1\n1,1,1\n");
        let patterns = CoverPatterns::new(2, [(2.5, vec![1]), (1.0, vec![0, 1])]);
        assert_eq!(read_cover_patterns(&file, 2), Ok(patterns));
        for (n_stations, text) in [
            (1, "p line 2: s2 \"1\" is not of a city of 1 stations: correct it"),
            (3, "p line 1: column \"s3\" is missing: name it in the header"),
        ] {
            assert_eq!(read_cover_patterns(&file, n_stations).unwrap_err().to_string(), text);
        }
    }
}
