//! What the binary says to the person who typed a command.

use std::fmt::Write;
use std::net::TcpListener;
use std::process::Output;

use crate::process::{MALTA, run};

fn complaint(output: &Output) -> String {
    assert!(!output.status.success(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn each_error_names_the_value_and_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let city = MALTA.to_str().unwrap();
    let traces = folder.path().join("traces.csv");
    std::fs::write(&traces, three_trips()).unwrap();
    let traces = traces.to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, part) in [
        (
            vec!["serve", "--city", city, "--data", data, "--listen", &taken],
            "is in use by another program: stop it, or give another --listen",
        ),
        (
            vec!["serve", "--city", "nowhere", "--data", data, "--listen", "127.0.0.1:0"],
            "nowhere is no city pack (it has no manifest.json): make one with `golden-hour city import`",
        ),
        (vec!["serve", "--city", city, "--scheme", "mars"], "mars"),
        (
            vec!["gateway", "--unit", "A1", "--centre", "centre", "--mqtt", "b:1"],
            "\"centre\" is not http://HOST:PORT",
        ),
        (vec!["gateway", "--unit", "a b", "--centre", "http://c"], "unit id \"a b\" is not"),
        (
            vec!["gateway", "--unit", "A1", "--centre", "http://c"],
            "give --replay RECORD.hea, --mqtt",
        ),
        (
            vec!["gateway", "--unit", "A1", "--centre", "http://c", "--replay", "none.hea"],
            "none.hea cannot be read: give the .hea file of a WFDB recording",
        ),
        (vec!["simulate", "--city", city, "--hours", "-1"], "unexpected argument"),
        (vec!["simulate", "--city", city, "--hours", "0"], "--hours 0 is outside"),
        (
            vec!["up", "--city", city, "--data", data, "--listen", "127.0.0.1:0", "--units", "0"],
            "--units 0 is outside 1..=5000",
        ),
        (vec!["simulate", "--city", city, "--calls", "none.csv"], "none.csv cannot be read"),
        (
            vec!["serve", "--city", city, "--data", data, "--speed", "0"],
            "it is no number in 0.01..=1000: give how many seconds pass in one",
        ),
        (vec!["traffic", "apply", "none.csv"], "none.csv cannot be read"),
        (
            vec!["traffic", "apply", "none.csv", "--centre", "centre"],
            "\"centre\" is not http://HOST:PORT",
        ),
        (vec!["city", "import", data, "--out", "packs/x"], "is a folder: give an extract"),
        (
            vec!["roads", "learn", "--city", city, "--traces", "none.csv", "--out", data],
            "cannot read none.csv",
        ),
        (
            vec!["roads", "learn", "--city", city, "--traces", traces, "--out", data],
            "trips between stops were found in 120 fixes: give traces of at least 200 trips",
        ),
    ] {
        let text = complaint(&run(&args));
        assert!(text.contains(part), "{args:?}: {text}");
    }
}

#[test]
fn every_command_has_examples() {
    let output = run(["roads", "learn", "--help"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Examples:\n  golden-hour roads learn "), "{text}");
    for command in [
        "up",
        "serve",
        "gateway",
        "simulate",
        "city",
        "route",
        "matrix",
        "isochrone",
        "traffic",
        "vitals",
        "bundle",
        "certs",
    ] {
        let output = run([command, "--help"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Examples:\n  golden-hour "), "{command}: {text}");
    }
}

#[test]
fn an_hour_simulated_twice_has_one_hash() {
    let city = MALTA.to_str().unwrap();
    let simulate = || {
        let args = ["simulate", "--city", city, "--hours", "0.5", "--seed", "3", "--no-ecg"];
        let output = run(args);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.starts_with("hash ")).unwrap().to_owned()
    };
    assert_eq!(simulate(), simulate());
}

/// Three units along one of Malta's main roads.
fn three_trips() -> String {
    let mut text = String::from("unit,time,lat,lon\n");
    for unit in 0..3 {
        for step in 0..40 {
            let along = f64::from(step) / 40.0;
            let (lat, lon) = (35.8945 + 0.009 * along, 14.5075 - 0.012 * along);
            writeln!(text, "A{unit},{},{lat},{lon}", 1_704_067_200 + 5 * step).unwrap();
        }
    }
    text
}

/// A PACE graph: a grid of streets.
fn grid_file(side: u32) -> String {
    let mut edges = Vec::new();
    for node in 1..=side * side {
        if node % side != 0 {
            edges.push(format!("{node} {}\n", node + 1));
        }
        if node + side <= side * side {
            edges.push(format!("{node} {}\n", node + side));
        }
    }
    format!("p tw {} {}\n{}", side * side, edges.len(), edges.concat())
}

#[test]
fn a_bench_of_a_graph_is_checked_against_dijkstra() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grid.gr");
    let file = path.to_str().unwrap();
    std::fs::write(&path, grid_file(12)).unwrap();
    let table = run(["roads", "bench", "--graph", file, "--checks", "50"]);
    let told = String::from_utf8(table.stdout).unwrap();
    assert!(told.contains("144 nodes, 528 arcs"), "{told}");
    assert!(told.ends_with("255 distances checked, each is Dijkstra's\n"), "{told}");
    let json = run(["roads", "bench", "--graph", file, "--checks", "50", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&report["n_nodes"], &report["n_checked"]), (&144.into(), &255.into()));

    std::fs::write(&path, "p tw 3 2\n1 2\n2 4\n").unwrap();
    let text = complaint(&run(["roads", "bench", "--graph", file]));
    assert!(text.contains("grid.gr: line 3: node 4 is outside 1..=3"), "{text}");
    let text = complaint(&run(["roads", "bench", "--graph", "none.gr"]));
    assert!(text.contains("none.gr cannot be read as text"), "{text}");
}
