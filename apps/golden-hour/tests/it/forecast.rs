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
        (
            "date,N\n2018-01-01,x\n",
            vec!["--origin", "2018-02-01"],
            "line 2, column \"N\": \"x\" is not",
        ),
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
