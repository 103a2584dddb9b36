use std::fmt::Write as _;

use ems_forecast::{
    Calendar, CellHours, ForecastError, PlacedCalls, Settings, Shaping, Table, forecast_hours,
};
use ems_model::{Millis, Timestamp};

use crate::world::day;

/// Each hour of 40 days a call in one town, by day two in another 100 km away, and at noon one from
/// nowhere known.
fn calls() -> String {
    let mut text = "lat,time,lon,kind\n".to_owned();
    for ahead in 0..40 {
        let date = day("2026-01-05") + ahead;
        for hour in 0..24 {
            writeln!(text, "46.0,{date}T{hour:02}:30:00,13.0,x").unwrap();
            if (8..20).contains(&hour) {
                let row = format!("45.1,{date}T{hour:02}:10:00,13.0,x\n");
                text += &row.repeat(2);
            }
            if hour == 12 {
                writeln!(text, ",{date}T12:00:00,,x").unwrap();
            }
        }
    }
    text
}

fn ahead(calls: &str, origin: &str) -> Result<Vec<CellHours>, ForecastError> {
    let origin = Timestamp::from_iso8601(origin).unwrap();
    PlacedCalls::parse(calls).unwrap().forecast(&Calendar::default(), origin, 24, 5.0)
}

#[test]
fn cells_have_all_calls_of_an_hour_where_and_when_they_came() {
    let calls = calls();
    let cells = ahead(&calls, "2026-02-11T06:00").unwrap();
    assert_eq!(cells.len(), 2);
    let [south, north] = [&cells[0], &cells[1]];
    assert!((south.centre.lat() - 45.1).abs() < 0.03 && (north.centre.lat() - 46.0).abs() < 0.03);
    let total = forecast_hours(
        &Table::parse(&calls, &[]).unwrap(),
        &Calendar::default(),
        day("2026-02-11"),
        2,
        &Settings::default(),
        &Shaping::default(),
    );
    let total = &total.unwrap().1[0].hours[6..30];
    for (nth, hour) in total.iter().enumerate() {
        let [south, north] = [south.hours[nth], north.hours[nth]];
        assert_eq!((south.date, south.hour), (hour.date, hour.hour));
        assert!((south.mean + north.mean - hour.mean).abs() < 1e-9, "{hour:?}");
        let is_day = (9..19).contains(&hour.hour);
        assert!(!is_day || south.mean > 1.2 * north.mean, "{south:?} {north:?}");
        let is_night = hour.hour < 7;
        assert!(!is_night || south.mean < 0.8 * north.mean, "{south:?} {north:?}");
    }
}

#[test]
fn the_origins_day_is_not_read_and_calls_from_nowhere_are_counted() {
    let calls = calls();
    let past: String = calls
        .split_inclusive('\n')
        .filter(|line| line.starts_with("lat") || line[..20].contains("2026-01"))
        .collect();
    assert_eq!(ahead(&calls, "2026-02-01T13:00"), ahead(&past, "2026-02-01T13:00"));
    let read = PlacedCalls::parse(&calls).unwrap();
    let origin = Timestamp::from_iso8601("2026-02-01T13:00").unwrap();
    assert_eq!(read.n_without_place(origin), 27);
    assert_eq!(read.n_without_place(origin + Millis::from_mins(11 * 60)), 28);
}

#[test]
fn a_map_without_calls_and_a_place_not_on_earth_are_refused() {
    let nowhere = calls().replace("46.0,", ",").replace("45.1,", ",").replace(",13.0", ",");
    assert_eq!(ahead(&nowhere, "2026-02-11T06:00"), Err(ForecastError::Cells { n_cells: 0 }));
    for (text, told) in [
        ("time,lat,lon\n2026-01-05T00:00,91,13\n", "line 2: lat \"91\" is not a latitude"),
        ("time,lat,lon\n2026-01-05T00:00,45,\n", "line 2: lon \"\" is not a longitude"),
        ("time,lat\n2026-01-05T00:00,45\n", "\"lon\" is missing"),
    ] {
        let error = PlacedCalls::parse(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
