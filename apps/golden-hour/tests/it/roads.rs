//! `golden-hour route`, `matrix` and `isochrone`, on Malta.

use std::fs;
use std::path::Path;

use crate::process::{MALTA, run};

const MATER_DEI: &str = "35.9017,14.4766";
const VALLETTA: &str = "35.8975,14.5118";

/// What a command that succeeds prints.
fn told(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(args: &[&str]) -> String {
    let output = run(args);
    assert!(!output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn route(args: &[&str]) -> serde_json::Value {
    let city = MALTA.to_str().unwrap();
    let args = [&["route", "--city", city, "--json"][..], args].concat();
    serde_json::from_str(&told(&args)).unwrap()
}

#[test]
fn a_route_is_told_in_steps_that_add_up() {
    let found = route(&["--from", MATER_DEI, "--to", VALLETTA]);
    let steps = found["steps"].as_array().unwrap();
    assert_eq!(steps[0]["maneuver"], "depart");
    assert_eq!(steps[steps.len() - 1]["maneuver"], "arrive");
    let sum: f64 = steps.iter().map(|step| step["seconds"].as_f64().unwrap()).sum();
    assert!((sum - found["seconds"].as_f64().unwrap()).abs() < 0.001);
    let line = found["geometry"]["coordinates"].as_array().unwrap();
    assert!(line.len() > 20 && line[0][0].as_f64().unwrap() > 14.0, "longitude first");
    assert_eq!(found["profile"], "ambulance-blue-light");
}

#[test]
fn a_stop_at_its_own_kerb_is_said_to_be_there() {
    let any = route(&["--from", MATER_DEI, "--to", VALLETTA]);
    let near = route(&["--from", MATER_DEI, "--to", VALLETTA, "--kerb", "near"]);
    let seconds = |found: &serde_json::Value| found["seconds"].as_f64().unwrap();
    assert!(seconds(&near) >= seconds(&any));
    for (stop, free) in [0, 1].map(|n| (&near["stops"][n], &any["stops"][n])) {
        assert!(["near", "far", "on-line"].contains(&stop["kerb"].as_str().unwrap()), "{stop}");
        assert!(free["kerb"].is_null(), "not asked");
    }
    let right = ["--from", MATER_DEI, "--to", VALLETTA, "--kerb", "near", "--driving", "right"];
    assert_ne!(route(&right), near, "one comes by the other side, or another way");
}

#[test]
fn a_route_is_told_in_english_and_chinese() {
    let city = MALTA.to_str().unwrap();
    let args = ["route", "--city", city, "--from", MATER_DEI, "--to", VALLETTA];
    let english = told(&args);
    assert!(english.contains(" km in ") && english.contains("Turn left onto"), "{english}");
    assert!(english.contains("35.9017,14.4766 is "), "{english}");
    let chinese = told(&[&args[..], &["--lang", "zh"]].concat());
    assert!(chinese.contains("左转，进入"), "{chinese}");
}

#[test]
fn a_route_goes_through_its_stops() {
    let via = "35.9220,14.4890";
    let direct = route(&["--from", MATER_DEI, "--to", VALLETTA]);
    let through = route(&["--from", MATER_DEI, "--via", via, "--to", VALLETTA]);
    let legs =
        [route(&["--from", MATER_DEI, "--to", via]), route(&["--from", via, "--to", VALLETTA])];
    let seconds = |found: &serde_json::Value| found["seconds"].as_f64().unwrap();
    assert!((seconds(&legs[0]) + seconds(&legs[1]) - seconds(&through)).abs() < 0.001);
    assert!(seconds(&through) > seconds(&direct));
    assert_eq!(through["stops"].as_array().unwrap().len(), 3);
}

#[test]
fn other_ways_are_told_beside_the_fastest() {
    let gozo = ["--from", "36.0440,14.2510", "--to", "36.0560,14.2890", "--alternatives", "5"];
    let found = route(&gozo);
    let others = found["alternatives"].as_array().unwrap();
    let fastest = found["seconds"].as_f64().unwrap();
    assert!(!others.is_empty());
    for other in others {
        let seconds = other["seconds"].as_f64().unwrap();
        assert!((fastest..=fastest * 1.25).contains(&seconds), "{seconds} beside {fastest} s");
    }
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_matrix_has_the_times_that_routes_take() {
    let folder = tempfile::tempdir().unwrap();
    let from = write(folder.path(), "a.csv", "name,lat,lon\nhospital,35.9017,14.4766\n");
    let to = write(folder.path(), "b.csv", "lat,lon\n35.8975,14.5118\n35.9017,14.4766\n");
    let out = folder.path().join("m.csv");
    let city = MALTA.to_str().unwrap();
    let out_text = out.to_str().unwrap();
    told(&["matrix", "--city", city, "--from", &from, "--to", &to, "--out", out_text]);
    let seconds = route(&["--from", MATER_DEI, "--to", VALLETTA])["seconds"].as_f64().unwrap();
    assert_eq!(fs::read_to_string(&out).unwrap(), format!("{seconds:.3},0.000\n"));
}

#[test]
fn an_isochrone_is_geojson_with_a_polygon_for_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("reach.geojson");
    let (city, out_text) = (MALTA.to_str().unwrap(), out.to_str().unwrap());
    let args = ["isochrone", "--city", city, "--at", MATER_DEI, "--minutes", "8,15"];
    told(&[&args[..], &["--out", out_text]].concat());
    let map: serde_json::Value = serde_json::from_slice(&fs::read(&out).unwrap()).unwrap();
    let features = map["features"].as_array().unwrap();
    let minutes: Vec<_> = features.iter().map(|f| f["properties"]["minutes"].as_i64()).collect();
    assert_eq!(minutes, [Some(8), Some(15)]);
    for feature in features {
        let polygons = feature["geometry"]["coordinates"].as_array().unwrap();
        for ring in polygons.iter().flat_map(|rings| rings.as_array().unwrap()) {
            let ring = ring.as_array().unwrap();
            assert!(ring.len() >= 4 && ring.first() == ring.last(), "rings are closed");
        }
    }
}

#[test]
fn bad_input_is_named_with_its_line_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let good = write(folder.path(), "good.csv", "lat,lon\n35.9,14.47\n");
    let bad = write(folder.path(), "bad.csv", "lat,lon\n35.9,14.47\n35.9,east\n");
    let far = write(folder.path(), "far.csv", "lat,lon\n35.9,14.47\n48.1,11.6\n");
    let out = folder.path().join("x").to_str().unwrap().to_owned();
    let city = MALTA.to_str().unwrap();
    let matrix = |to: &str| {
        complaint(&["matrix", "--city", city, "--from", &good, "--to", to, "--out", &out])
    };
    assert!(matrix(&bad).contains("bad.csv: line 3: lon \"east\" is not a longitude"));
    assert!(matrix(&far).contains("far.csv line 3: position 48.1,11.6 is "));
    assert!(matrix("none.csv").contains("none.csv cannot be read: give a CSV file"));
    let route =
        |from: &str| complaint(&["route", "--city", city, "--from", from, "--to", VALLETTA]);
    assert!(route("35.9").contains("give LAT,LON in degrees"));
    assert!(route("35.0,14.0").contains("km from the nearest road of this city (limit 2.0 km)"));
    let args = ["isochrone", "--city", city, "--at", VALLETTA, "--minutes", "0", "--out", &out];
    assert!(complaint(&args).contains("--minutes 0 is outside 1..=240"));
}
