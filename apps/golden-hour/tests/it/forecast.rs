//! `golden-hour forecast`: its file and its refusals.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use crate::process::run;

/// 500 days from 2017-01-01 of two boards, on a weekly pattern.
fn columns() -> String {
    let mut text = "date,N,S,TOTAL\n".to_owned();
    for day in 0..500_u32 {
        let (north, south) = (60 + day % 7 * 3, 100 + day * 37 % 11);
        let date = ems_model::Date::from_days(17_167 + i32::try_from(day).unwrap());
        writeln!(text, "{date},{north},{south},{}", north + south).unwrap();
    }
    text
}

fn forecast(folder: &Path, series: &[u8], more: &[&str]) -> Result<String, String> {
    let (file, out) = (folder.join("calls.csv"), folder.join("ahead.csv"));
    std::fs::write(&file, series).unwrap();
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let (file, out_file) = (text(&file), text(&out));
    let mut args = vec!["forecast", "--series", &file, "--out", &out_file];
    args.extend(more);
    let output = run(&args);
    if output.status.success() {
        Ok(std::fs::read_to_string(out).unwrap())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

#[test]
fn a_forecast_is_coherent_in_order_and_the_same_from_every_form_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let columns = columns();
    let of = |bytes: &[u8], more: &[&str]| {
        let ahead = ["--origin", "2018-04-26", "--horizon", "10"];
        forecast(folder.path(), bytes, &[&ahead[..], more].concat()).unwrap()
    };
    let ahead = of(columns.as_bytes(), &[]);
    let past: Vec<&str> =
        columns.lines().take_while(|line| *line < "2018-04-26" || line.starts_with('d')).collect();
    assert_eq!(past.len(), 1 + 480, "the file goes on after the origin");
    assert_eq!(of(past.join("\n").as_bytes(), &[]), ahead);
    assert_eq!(of(&compress_to_vec(columns.as_bytes(), CompressionLevel::Fastest), &[]), ahead);
    assert_eq!(of(incidents(&columns).as_bytes(), &["--by", "board"]), ahead);
    let mut lines = ahead.lines();
    assert_eq!(lines.next(), Some("series,date,mean,q025,q10,q25,q50,q75,q90,q975"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 30);
    for day in 0..10 {
        let [north, south, total] = [day, day + 10, day + 20].map(|row| numbers(&rows[row]));
        assert_eq!([rows[day][0], rows[day + 10][0], rows[day + 20][0]], ["N", "S", "TOTAL"]);
        assert!((north[0] + south[0] - total[0]).abs() < 1e-9, "{:?}", rows[day]);
        assert!(total[1..].is_sorted() && total[1] > 100.0, "{:?}", rows[day + 20]);
    }
    assert_eq!([rows[0][1], rows[9][1]], ["2018-04-26", "2018-05-05"]);
}

fn numbers(row: &[&str]) -> Vec<f64> {
    row[2..].iter().map(|value| value.parse().unwrap()).collect()
}

/// The same counts, a row a board and day.
fn incidents(columns: &str) -> String {
    let mut text = "kind,board,date,incidents\n".to_owned();
    for line in columns.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        writeln!(text, "red,S,{0},{2}\nred,N,{0},{1}", values[0], values[1], values[2]).unwrap();
    }
    text
}

#[test]
fn what_cannot_be_forecast_is_told_with_its_remedy() {
    let folder = tempfile::tempdir().unwrap();
    for (series, more, part) in [
        ("date,N\n2018-01-01,x\n", vec!["--origin", "2018-02-01"], "line 2: N \"x\" is not"),
        (
            "date,N\n2018-01-01,5\n",
            vec!["--origin", "2018-02-01"],
            "has 1 days before 2018-02-01, fewer",
        ),
        ("date,N\n", vec!["--origin", "1.2.2018"], "\"1.2.2018\" is no date: write 2018-04-26"),
        (
            "date,N\n",
            vec!["--origin", "2018-02-01", "--horizon", "0"],
            "\"0\" is outside 1..=731 days",
        ),
        (
            "date,N\n2018-01-01,5\n",
            vec!["--origin", "2018-02-01", "--holidays", "none.toml"],
            "none.toml cannot be read",
        ),
    ] {
        let said = forecast(folder.path(), series.as_bytes(), &more).unwrap_err();
        assert!(said.contains(part), "{said}");
    }
}

/// 60 days of calls with their places, three an hour by day and one by night.
fn placed_calls() -> String {
    let mut text = "time,lat,lon\n".to_owned();
    for day in 0..60 {
        let date = ems_model::Date::from_days(17_167 + day);
        for hour in 0..24 {
            for nth in 0..if hour < 8 { 1 } else { 3 } {
                let lat = 51.0 + 0.1 * f64::from(nth);
                writeln!(text, "{date}T{hour:02}:{nth}0:00,{lat:.1},-3.5").unwrap();
            }
        }
    }
    text
}

#[test]
fn hours_are_forecast_and_staffed() {
    let folder = tempfile::tempdir().unwrap();
    let ahead = ["--origin", "2017-03-02", "--horizon", "2", "--hourly"];
    let hours = forecast(folder.path(), placed_calls().as_bytes(), &ahead).unwrap();
    let mut lines = hours.lines();
    assert_eq!(lines.next(), Some("series,date,hour,mean,q025,q10,q25,q50,q75,q90,q975"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!((rows.len(), rows[47][..3].join(" ")), (48, "TOTAL 2017-03-03 23".to_owned()));
    let mean = |row: usize| rows[row][3].parse::<f64>().unwrap();
    assert!((mean(3) - 1.0).abs() < 0.1 && (mean(47) - 3.0).abs() < 0.1, "{hours}");
    let file = folder.path().join("ahead.csv");
    let mut args = vec!["plan", "seats", "--forecast", file.to_str().unwrap()];
    args.extend(["--handling-s", "600", "--answer-within-s", "10", "--share", "0.9", "--json"]);
    let told = run([&args[..], &["--load", "mean"]].concat());
    let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    // A sixth and a half of an Erlang.
    let seats = [&told["hours"][3]["seats"], &told["hours"][47]["seats"], &told["seats_max"]];
    assert_eq!(seats.map(serde_json::Value::as_u64), [Some(2), Some(2), Some(2)]);
    assert_eq!(told["hours"].as_array().unwrap().len(), 48);
    let refused = run([&args[..], &["--series", "N"]].concat());
    let refused = String::from_utf8(refused.stderr).unwrap();
    assert!(refused.contains("has no hour of N: name another --series"), "{refused}");
    let days = forecast(folder.path(), columns().as_bytes(), &[&ahead[..2], &ahead[4..]].concat());
    assert!(days.unwrap_err().contains("the file tells days, not hours"));
}

#[test]
fn cells_are_forecast_and_are_demand_to_plan_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (calls, out, demand) = (file("calls.csv"), file("cells.csv"), file("demand.csv"));
    std::fs::write(&calls, placed_calls()).unwrap();
    let mut args = vec!["forecast", "cells", "--calls", &calls, "--out", &out];
    args.extend(["--origin", "2017-03-01T08:00", "--hours", "10", "--demand", &demand]);
    let output = run(&args);
    assert!(output.status.success(), "{output:?}");
    let rows = std::fs::read_to_string(&out).unwrap();
    let first = rows.lines().nth(1).unwrap();
    assert!(first.contains(",2017-03-01T08:00:00,2017-03-01T09:00:00,"), "{first}");
    assert_eq!(rows.lines().count(), 1 + 3 * 10);
    let demand = std::fs::read_to_string(&demand).unwrap();
    let weights = demand.lines().skip(1).map(|line| line.rsplit_once(',').unwrap().1);
    let sum: f64 = weights.map(|weight| weight.parse::<f64>().unwrap()).sum();
    assert!((sum - 30.0).abs() < 1.0, "{demand}");
    assert!(demand.starts_with("lat,lon,weight\n"));
}
