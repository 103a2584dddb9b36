//! Places as people write them, and the roads that they are on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use ems_centre::DriveTimes;
use ems_model::Position;
use ems_roads::{Roads, Snap};

use crate::packs::open_city;

/// The roads of the pack that was named, or of the demo city.
pub(crate) fn open_roads(city: Option<&PathBuf>) -> anyhow::Result<Arc<Roads>> {
    Ok(open_city(city.map(PathBuf::as_path), DriveTimes::default())?.city.roads.clone())
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
    let text = fs::read_to_string(path)
        .with_context(|| format!("{shown} cannot be read: give a CSV file with columns lat,lon"))?;
    parse_places(&text).map_err(|(line, why)| anyhow!("{shown} line {line}: {why}"))
}

type BadLine = (usize, String);

fn parse_places(text: &str) -> Result<Vec<(usize, Position)>, BadLine> {
    let mut lines = (1..).zip(text.trim_start_matches('\u{feff}').lines());
    let header = lines.next().map(|(_, line)| line).unwrap_or_default();
    let column = |name: &str| {
        let at = header.split(',').position(|cell| cell.trim() == name);
        at.ok_or_else(|| {
            (1, format!("no column \"{name}\": the first line names the columns, lat,lon"))
        })
    };
    let columns = [column("lat")?, column("lon")?];
    let rows = lines.filter(|(_, line)| !line.trim().is_empty());
    let places: Vec<(usize, Position)> = rows
        .map(|(n, line)| Ok((n, parse_row(line, columns).map_err(|why| (n, why))?)))
        .collect::<Result<_, BadLine>>()?;
    if places.is_empty() {
        return Err((1, "no place below the header: give one a line".to_owned()));
    }
    Ok(places)
}

fn parse_row(line: &str, columns: [usize; 2]) -> Result<Position, String> {
    if line.contains('"') {
        return Err("quotation marks are not read: give numbers only".to_owned());
    }
    let number = |column: usize| {
        let cell = line.split(',').nth(column).map(str::trim).unwrap_or_default();
        cell.parse::<f64>()
            .map_err(|_| format!("\"{cell}\" is no number: give degrees, such as 35.9"))
    };
    let [lat, lon] = columns;
    Position::from_degrees(number(lat)?, number(lon)?).map_err(|error| error.to_string())
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
        bail!("{} is a folder: give a file to --out", path.display());
    }
    fs::write(path, text)
        .with_context(|| format!("{} cannot be written: give another --out", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_by_the_names_of_their_columns() {
        let text = "\u{feff}name,lon,lat\r\nMater Dei,14.476,35.901\r\n\r\nGozo,14.25,36.04\r\n";
        let places = parse_places(text).unwrap();
        let found: Vec<(usize, f64)> = places.iter().map(|(line, p)| (*line, p.lat())).collect();
        assert_eq!(found, [(2, 35.901), (4, 36.04)]);
    }

    #[test]
    fn a_bad_row_is_named_by_its_line() {
        for (text, line, part) in [
            ("", 1, "no column \"lat\""),
            ("lat,long\n1,2\n", 1, "no column \"lon\""),
            ("lat,lon\n", 1, "no place below the header"),
            ("lat,lon\n35.9,14.4\n35.9\n", 3, "\"\" is no number"),
            ("lat,lon\n35.9,x\n", 2, "\"x\" is no number"),
            ("lat,lon\n95,14\n", 2, "outside latitude"),
            ("name,lat,lon\n\"a,b\",35,14\n", 2, "quotation marks"),
        ] {
            let (found, why) = parse_places(text).unwrap_err();
            assert_eq!(found, line, "{text:?}");
            assert!(why.contains(part), "{text:?}: {why}");
        }
    }

    #[test]
    fn a_place_is_latitude_then_longitude() {
        assert_eq!(parse_place("-33.9, 151.2").unwrap().lat_e7(), -339_000_000);
        assert!(parse_place("35.9").unwrap_err().contains("give LAT,LON"));
        assert!(parse_place("151.2,-33.9").unwrap_err().contains("latitude first"));
    }
}
