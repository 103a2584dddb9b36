//! Places as people write them, and the roads that they are on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use ems_centre::{Demand, DriveTimes};
use ems_model::Position;
use ems_roads::{Roads, Snap};
use ems_table::{Table, TableError};

use crate::packs::open_city;

/// The most places of one file.
const PLACES_MAX: usize = 1_000_000;

/// The roads of the pack that was named, or of the demo city.
pub(crate) fn open_roads(city: Option<&PathBuf>) -> anyhow::Result<Arc<Roads>> {
    Ok(open_city(city.map(PathBuf::as_path), DriveTimes::default(), Demand::Streets)?
        .city
        .roads
        .clone())
}

/// Reads `LAT,LON`.
pub(crate) fn parse_place(text: &str) -> Result<Position, String> {
    let form = || format!("\"{text}\" is no place: give LAT,LON in degrees, such as 35.901,14.476");
    let (lat, lon) = text.split_once(',').ok_or_else(form)?;
    let degrees = |part: &str| part.trim().parse::<f64>().map_err(|_| form());
    Position::from_degrees(degrees(lat)?, degrees(lon)?).map_err(|error| error.to_string())
}

/// The places of a CSV file, each with the number of its line.
pub(crate) fn read_places(path: &Path) -> anyhow::Result<Vec<(usize, Position)>> {
    let shown = path.display();
    let bytes = fs::read(path)
        .with_context(|| format!("{shown} cannot be read: give a CSV file with columns lat,lon"))?;
    let places = parse_places(&bytes).with_context(|| shown.to_string())?;
    if places.is_empty() {
        bail!("{shown} has no place below its header: give one a line");
    }
    Ok(places)
}

fn parse_places(bytes: &[u8]) -> Result<Vec<(usize, Position)>, TableError> {
    let mut table = Table::read(bytes, PLACES_MAX)?;
    let columns = table.columns(["lat", "lon"])?;
    let mut places = Vec::new();
    while let Some(row) = table.next_row()? {
        places.push((row.line(), row.position(columns)?));
    }
    Ok(places)
}

/// The cells of a column of such a file, in the order of its places; `None` if it has no such
/// column.
pub(crate) fn read_cells(path: &Path, name: &str) -> anyhow::Result<Option<Vec<String>>> {
    let shown = path.display();
    let bytes = fs::read(path)
        .with_context(|| format!("{shown} cannot be read: give a CSV file with a column {name}"))?;
    parse_cells(&bytes, name).with_context(|| shown.to_string())
}

fn parse_cells(bytes: &[u8], name: &str) -> Result<Option<Vec<String>>, TableError> {
    let mut table = Table::read(bytes, PLACES_MAX)?;
    let Some(column) = table.column(name)? else { return Ok(None) };
    let mut cells = Vec::new();
    while let Some(row) = table.next_row()? {
        cells.push(row.text(column)?.to_owned());
    }
    Ok(Some(cells))
}

/// The places of a CSV file on the roads of a city.
pub(crate) fn snap_places(roads: &Roads, path: &Path) -> anyhow::Result<Vec<Snap>> {
    let snap = |(line, place): (usize, Position)| {
        let snap = roads.snap(place);
        snap.map_err(|error| anyhow!("{} line {line}: {error}", path.display()))
    };
    read_places(path)?.into_iter().map(snap).collect()
}

/// Writes a file that was asked for.
pub(crate) fn write_out(path: &Path, text: &str) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("{} is a folder: give a file", path.display());
    }
    fs::write(path, text)
        .with_context(|| format!("{} cannot be written: give another file", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_by_the_names_of_their_columns() {
        let text = "\u{feff}name,lon,lat\r\n\"Mater Dei, Msida\",14.476,35.901\r\n\r\nGozo,14.25,36.04\r\n";
        let places = parse_places(text.as_bytes()).unwrap();
        let found: Vec<(usize, f64)> = places.iter().map(|(line, p)| (*line, p.lat())).collect();
        assert_eq!(found, [(2, 35.901), (4, 36.04)]);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        for (text, told) in [
            ("", "line 1: columns are \"\", and \"lat\" is missing: name lat and lon"),
            ("lat,long\n1,2\n", "line 1: columns are \"lat,long\", and \"lon\" is missing"),
            ("lat,lon\n35.9,14.4\n35.9\n", "line 3: 1 values for 2 columns"),
            ("lat,lon\n35.9,x\n", "line 2: lon \"x\" is not a longitude"),
            ("lat,lon\n95,14\n", "line 2: lat \"95\" is not a latitude"),
        ] {
            let error = parse_places(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
    }

    #[test]
    fn a_place_is_latitude_then_longitude() {
        assert_eq!(parse_place("-33.9, 151.2").unwrap().lat_e7(), -339_000_000);
        assert!(parse_place("35.9").unwrap_err().contains("give LAT,LON"));
        assert!(parse_place("151.2,-33.9").unwrap_err().contains("latitude first"));
    }
}
