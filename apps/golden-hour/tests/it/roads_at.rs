//! `golden-hour route` at a time of the week, under traffic, with an ETA model.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::process::{MALTA, run};

const MATER_DEI: &str = "35.9017,14.4766";
const VALLETTA: &str = "35.8975,14.5118";
/// A Wednesday at four and at eight: local time is an hour ahead of UTC in the week's file.
const NIGHT: &str = "2026-11-25T03:00:00Z";
const RUSH: &str = "2026-11-25T08:00:00+01:00";

fn asked(args: &[&str]) -> std::process::Output {
    let city = MALTA.to_str().unwrap();
    let ends = ["route", "--city", city, "--from", MATER_DEI, "--to", VALLETTA];
    run([&ends[..], args].concat())
}

fn told(args: &[&str]) -> String {
    let output = asked(args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn complaint(args: &[&str]) -> String {
    let output = asked(args);
    assert!(!output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&told(&[&["--json"][..], args].concat())).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

const MODEL: &str = "source = \"800 synthetic trips\"\nn_trips = 800\nscale = 1.05\nstart_s = 12.0\n\
    b0 = 30.0\nb1 = 1.0\nb2 = 0.01\ndof = 5.0\n";

#[test]
fn a_drive_at_rush_hour_is_expected_to_take_longer_than_on_free_roads() {
    let plain = json(&[]);
    assert!(plain.get("expected").is_none() && plain.get("interval").is_none());
    let seconds = |found: &Value| found["expected"]["seconds"].as_f64().unwrap();
    let (night, rush) = (json(&["--at", NIGHT]), json(&["--at", RUSH]));
    assert_eq!(night["expected"]["free_seconds"], plain["seconds"]);
    assert_eq!(rush["expected"]["free_seconds"], plain["seconds"]);
    assert!(seconds(&rush) > 1.2 * seconds(&night), "{} {}", rush["expected"], night["expected"]);
    assert_eq!(night["expected"]["hour_of_week"], 2 * 24 + 4);
    assert_eq!(rush["expected"]["hour_of_week"], 2 * 24 + 8);
    assert!(rush["expected"]["note"].as_str().unwrap().contains("an assumption"));
}

#[test]
fn what_is_expected_is_told_in_both_languages_as_an_assumption() {
    let english = told(&["--at", RUSH]);
    assert!(
        english.contains("  leaving 2026-11-25T07:00:00Z (Wednesday, 8 h local time): "),
        "{english}"
    );
    assert!(english.contains(" expected, ") && english.contains(" on free roads"), "{english}");
    assert!(english.contains("are an assumption, not measured"), "{english}");
    let chinese = told(&["--at", RUSH, "--lang", "zh"]);
    assert!(chinese.contains("（当地周三 8 时）：预计 "), "{chinese}");
    assert!(chinese.contains("各时段车速系数是假设，未经实测"), "{chinese}");
}

#[test]
fn an_interval_is_told_with_a_model_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let model = write(folder.path(), "eta.toml", MODEL);
    let found = json(&["--eta-model", &model]);
    assert_eq!(found["interval"]["share"], 0.8);
    let ends = [0, 1].map(|end| found["interval"]["seconds"][end].as_f64().unwrap());
    let seconds = found["seconds"].as_f64().unwrap();
    assert!(ends[0] < seconds && seconds < ends[1], "{ends:?} around {seconds} s");
    let rush = json(&["--eta-model", &model, "--at", RUSH]);
    assert!(rush["interval"]["seconds"][1].as_f64().unwrap() > ends[1]);
    let text = told(&["--eta-model", &model]);
    assert!(text.contains("  80 % of such drives take "), "{text}");
    let text = told(&["--eta-model", &model, "--lang", "zh"]);
    assert!(text.contains("  80% 的此类行程用时 "), "{text}");
    assert!(!told(&[]).contains("80 %"));
}

/// A file that closes both directions of the edges.
fn closed(edges: impl Iterator<Item = usize>) -> String {
    let row = |edge| format!("{edge},both,closed,2026-11-25T12:00:00+01:00\n");
    format!("edge,direction,speed_kmh,until\n{}", edges.map(row).collect::<String>())
}

#[test]
fn traffic_is_laid_on_the_roads_of_that_question_only() {
    let folder = tempfile::tempdir().unwrap();
    let slow = "edge,direction,speed_kmh,until\n";
    let row = |edge: u32| format!("{edge},both,3,2026-11-25T12:00:00+01:00\n");
    let rows: String = (0..2000).map(row).collect();
    let jams = write(folder.path(), "jams.csv", &format!("{slow}{rows}"));
    let seconds = |found: &Value| found["expected"]["seconds"].as_f64().unwrap();
    let (under, without) = (json(&["--at", RUSH, "--traffic", &jams]), json(&["--at", RUSH]));
    assert!(seconds(&under) >= seconds(&without));
    assert_eq!(under["expected"]["n_traffic_rows"], 2000);
    let over = told(&["--at", "2026-11-26T08:00:00Z", "--traffic", &jams]);
    assert!(over.contains("  under 2000 rows of traffic, 2000 of them over by then"), "{over}");
    assert!(complaint(&["--traffic", &jams]).contains("--at <TIME>"));
}

#[test]
fn where_closures_part_the_places_it_is_told_how_near_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let n_edges = n_edges();
    let shut = write(folder.path(), "shut.csv", &closed(0..n_edges));
    let error = complaint(&["--at", RUSH, "--traffic", &shut]);
    assert!(error.contains("while roads are closed: both ends are on closed roads"), "{error}");
}

/// How many edges the pack has.
fn n_edges() -> usize {
    let manifest = fs::read(MALTA.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    usize::try_from(manifest["counts"]["edges"].as_u64().unwrap()).unwrap()
}

#[test]
fn a_time_or_file_that_cannot_be_used_is_named_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let bad = write(folder.path(), "bad.csv", "edge,direction\n");
    let model = write(folder.path(), "bad.toml", &MODEL.replace("scale = 1.05", "scale = 50.0"));
    for (args, part) in [
        (&["--at", "08:00"][..], "\"08:00\" is no time with its zone: write 2026-11-25T08:00"),
        (
            &["--at", RUSH, "--traffic", &bad],
            "bad.csv: line 1: columns are \"edge,direction\", and \"speed_kmh\" is missing",
        ),
        (&["--at", RUSH, "--traffic", "none.csv"], "none.csv cannot be read"),
        (&["--eta-model", &model], "bad.toml: "),
    ] {
        let error = complaint(args);
        assert!(error.contains(part), "{error}");
    }
}
