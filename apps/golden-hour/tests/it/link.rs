//! `golden-hour link replay`: the same drive, the same figures.

use std::path::Path;

use crate::process::run;

const PROFILE: &str = "\
[[link]]
network = \"a\"
delay_ms = 20
[[link]]
rate_kbps = 2000
delay_ms = 35
loss = 0.01
[[flow]]
class = \"vitals\"
frame_bytes = 400
per_second = 20
";

fn replay(folder: &Path, profile: &str, more: &[&str]) -> Result<String, String> {
    let [trace, file] = ["drive.csv", "profile.toml"].map(|name| folder.join(name));
    std::fs::write(&trace, "t_s,a_kbps\n0,900\n1,0\n8,900\n12,900\n").unwrap();
    std::fs::write(&file, profile).unwrap();
    let [trace, file] = [&trace, &file].map(|path| path.to_str().unwrap());
    let mut args = vec!["link", "replay", "--trace", trace, "--profile", file];
    args.extend(more);
    let output = run(&args);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn a_hole_of_one_link_makes_nothing_late_and_a_seed_tells_everything() {
    let folder = tempfile::tempdir().unwrap();
    let told = replay(folder.path(), PROFILE, &["--json"]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&told).unwrap();
    let vitals = &json["classes"][0];
    assert_eq!(vitals["class"], "vitals");
    assert_eq!([&vitals["offered"], &vitals["delivered"], &vitals["late"]], [320, 320, 0]);
    assert_eq!(replay(folder.path(), PROFILE, &["--json"]).unwrap(), told);
    let alone = replay(folder.path(), PROFILE, &["--json", "--strategy", "first"]).unwrap();
    let alone: serde_json::Value = serde_json::from_str(&alone).unwrap();
    assert!(alone["classes"][0]["late"].as_u64().unwrap() > 100, "{alone}");
}

#[test]
fn a_profile_that_does_not_fit_says_what_to_change() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = PROFILE.replace("\"a\"", "\"b\"");
    let error = replay(folder.path(), &wrong, &[]).unwrap_err();
    assert!(error.contains("the trace has no network \"b\", but a"), "{error}");
    let wrong = PROFILE.replace("vitals", "vital");
    let error = replay(folder.path(), &wrong, &[]).unwrap_err();
    assert!(error.contains("\"vital\" is not a class: take one of alarm"), "{error}");
}

#[test]
fn a_patient_is_told_in_a_few_bytes_a_minute_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("readings.csv");
    let columns = "t_s,heart_rate,spo2,respiratory_rate,systolic,diastolic\n";
    let rows = "1000,82,97,14,128,77\n1060,83,97,14,,\n1120,141,88,26,84,50\n";
    std::fs::write(&file, format!("{columns}{rows}")).unwrap();
    let file = file.to_str().unwrap();
    let told = run(["link", "terse", file, "--bearer", "satellite"]);
    let told = String::from_utf8(told.stdout).unwrap();
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[1].starts_with("satellite"), "{told}");
    let (at, last) = lines.last().unwrap().split_once(' ').unwrap();
    let read = run(["link", "terse", "--decode", last, "--near", at]);
    let read = String::from_utf8(read.stdout).unwrap();
    for fact in ["at 1120 s", "heart rate 141", "SpO2 88", "breaths 26", "systolic 84"] {
        assert!(read.contains(fact), "{fact}: {read}");
    }
    let damaged = run(["link", "terse", "--decode", "2001000000"]);
    assert!(!damaged.status.success());
}
