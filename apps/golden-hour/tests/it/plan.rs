//! `golden-hour plan`: from tables, and on Malta.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::process::{MALTA, run};

const COVER: &str = "demand,north,east,west\n2,1,0,1\n2,1,1,0\n1,0,1,0\n1,0,0,1\n";

fn told(args: &[&str]) -> String {
    let output = run([&["plan"], args].concat());
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn as_json(args: &[&str]) -> Value {
    serde_json::from_str(&told(&[args, &["--json"]].concat())).unwrap()
}

fn complaint(args: &[&str]) -> String {
    let output = run([&["plan"], args].concat());
    assert!(!output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_table_of_cover_is_planned_on() {
    let folder = tempfile::tempdir().unwrap();
    let cover = write(folder.path(), "cover.csv", COVER);
    let found = as_json(&["mclp", "--cover", &cover, "-p", "2"]);
    assert_eq!((&found["objective"], &found["bound"]), (&json!(6.0), &json!(6.0)));
    assert_eq!((&found["ended"], &found["ties"]), (&json!("proven"), &json!("first")));
    assert_eq!(found["sites"][0], json!({ "site": 2, "name": "east", "units": 1 }));
    let text = told(&["mclp", "--cover", &cover, "-p", "1"]);
    assert!(text.contains("1 of 3 sites cover 66.67 % of the demand (4.00 of 6.00)\n  north\n"));
    let nested = as_json(&["nested", "--cover", &cover, "--stages", "1,2,3"]);
    assert_eq!(nested["order"], json!(["north", "east", "west"]));
    let units = as_json(&["mexclp", "--cover", &cover, "--units", "2", "--busy", "0.5"]);
    assert_eq!(units["objective"], json!(3.0));
    let malp = ["malp", "--cover", &cover, "--units", "2", "--busy", "0.3"];
    assert_eq!(
        (as_json(&malp)["objective"].clone(), as_json(&malp)["need_max"].clone()),
        (json!(4.0), json!(2))
    );
    let cut = as_json(&["mclp", "--cover", &cover, "-p", "1", "--time-limit-s", "0"]);
    assert_eq!((&cut["ended"], &cut["bound"]), (&json!("time_up"), &json!(6.0)));
    let double =
        ["double", "--cover", &cover, "--cover-far", &cover, "--share", "1", "--units", "3"];
    assert_eq!(as_json(&double)["objective"], json!(4.0));
}

#[test]
fn what_cannot_be_planned_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let cover = write(folder.path(), "cover.csv", COVER);
    for (args, part) in [
        (vec!["mclp", "-p", "3"], "nothing to plan with: give --cover"),
        (vec!["mclp", "--cover", &cover, "-p", "4"], "place fewer or add sites"),
        (vec!["median", "--cover", &cover, "-p", "1"], "has no times"),
        (vec!["mclp", "--cover", &cover, "-p", "1", "--map", "x.svg"], "has no places"),
        (
            vec!["mexclp", "--cover", &cover, "--units", "2", "--busy", "1.2"],
            "busy share 1.2 is outside",
        ),
        (vec!["mclp", "--cover", "absent.csv", "-p", "1"], "absent.csv cannot be read"),
        (
            vec![
                "seats",
                "--calls-per-hour",
                "60",
                "--handling-s",
                "180",
                "--answer-within-s",
                "10",
                "--share",
                "90",
            ],
            "share 90 is outside",
        ),
    ] {
        let complaint = complaint(&args);
        assert!(complaint.contains(part), "{args:?}: {complaint}");
    }
}

#[test]
fn malta_is_planned_on_its_roads_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let demand = "lat,lon,weight\n35.9017,14.4766,5\n35.8975,14.5118,4\n36.0440,14.2510,1\n";
    let demand = write(folder.path(), "demand.csv", demand);
    let sites =
        "name,lat,lon\nMosta,35.9096,14.4256\nFloriana,35.8930,14.5060\nVictoria,36.0430,14.2390\n";
    let sites = write(folder.path(), "sites.csv", sites);
    let ground = ["--city", MALTA.to_str().unwrap(), "--demand", &demand, "--sites", &sites];
    let with = |args: &[&'static str]| -> Vec<String> {
        let ground = ground.iter().map(|arg| (*arg).to_owned());
        args[..1]
            .iter()
            .map(|a| (*a).to_owned())
            .chain(ground)
            .chain(args[1..].iter().map(|a| (*a).to_owned()))
            .collect()
    };
    let ask = |args: &[&'static str]| {
        let args = with(args);
        as_json(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let svg = folder.path().join("plan.svg");
    let map = folder.path().join("plan.geojson");
    let found = ask(&["mclp", "--minutes", "8", "-p", "2"]);
    assert_eq!(found["sites"].as_array().unwrap().len(), 2);
    assert!(found["covered_share"].as_f64().unwrap() > 0.0);
    for file in [&svg, &map] {
        let mut args = with(&["mclp", "--minutes", "8", "-p", "2", "--map"]);
        args.push(file.to_str().unwrap().to_owned());
        told(&args.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let svg = fs::read_to_string(svg).unwrap();
    assert_eq!(svg.matches("<circle").count(), 3 + 2, "three points, two of the legend");
    assert!(svg.len() > 50_000, "no streets");
    let map: Value = serde_json::from_str(&fs::read_to_string(map).unwrap()).unwrap();
    assert_eq!(map["features"].as_array().unwrap().len(), 6);
    let median = ask(&["median", "-p", "2"]);
    assert!(median["mean_minutes"].as_f64().unwrap() > 0.0);
    let busy = ask(&[
        "busy",
        "--minutes",
        "8",
        "--at",
        "Floriana,Victoria",
        "--calls-per-hour",
        "1",
        "--busy-minutes",
        "45",
    ]);
    let shares: f64 =
        busy["units"].as_array().unwrap().iter().map(|u| u["busy"].as_f64().unwrap()).sum();
    assert!((shares - 0.75).abs() < 1e-6, "{busy}");
}

#[test]
fn seats_are_told() {
    let args = [
        "seats",
        "--calls-per-hour",
        "60",
        "--handling-s",
        "180",
        "--answer-within-s",
        "10",
        "--share",
        "0.9",
    ];
    let found = as_json(&args);
    assert_eq!((&found["erlangs"], &found["seats"]), (&json!(3.0), &json!(6)));
    assert!(
        told(&args)
            .starts_with("6 seats answer at least 90.0 % of calls within 10 s (3.00 Erlangs)\n")
    );
}
