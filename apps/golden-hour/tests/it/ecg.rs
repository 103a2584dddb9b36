//! `golden-hour ecg`: a recording's beats, and their score.

use std::path::Path;

use crate::process::run;

const HZ: usize = 250;
const BEATS: [usize; 12] = [300, 500, 700, 900, 1100, 1300, 1500, 1700, 1900, 2100, 2300, 2500];

/// Spikes of 1 mV, 60 ms wide, in WFDB format 16, and an annotation `N` at each.
fn write_record(folder: &Path) {
    let mut samples = vec![0_i16; 3000];
    let mut labels: Vec<u8> = vec![];
    let mut last = 0;
    for at in BEATS {
        for off in 0..8 {
            let height = i16::try_from(125 * (8 - off)).unwrap();
            samples[at + off] = height;
            samples[at - off] = height;
        }
        // The interval in the low 10 bits, the code of `N`, 1, above them.
        labels.extend(u16::try_from(1 << 10 | (at - last)).unwrap().to_le_bytes());
        last = at;
    }
    labels.extend([0, 0]);
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let header = format!("spikes 1 {HZ} 3000\nspikes.dat 16 1000/mV 16 0 0 0 0 II\n");
    std::fs::write(folder.join("spikes.hea"), header).unwrap();
    std::fs::write(folder.join("spikes.dat"), bytes).unwrap();
    std::fs::write(folder.join("spikes.atr"), labels).unwrap();
}

#[test]
fn beats_are_written_with_their_class_and_scored_against_annotations() {
    let folder = tempfile::tempdir().unwrap();
    write_record(folder.path());
    let [record, out] =
        ["spikes", "beats.csv"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    for more in [&[][..], &["--fused"], &["--lead", "0"]] {
        let output = run([&["ecg", "beats", &record, "--out", &out], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let table = std::fs::read_to_string(&out).unwrap();
        let mut lines = table.lines();
        assert_eq!(lines.next(), Some("sample,class"));
        let (samples, classes): (Vec<&str>, Vec<&str>) =
            lines.map(|line| line.split_once(',').unwrap()).unzip();
        assert_eq!(samples.len(), BEATS.len(), "{table}");
        assert!(classes.iter().all(|class| ["N", "S", "V", "F", "Q"].contains(class)), "{table}");
        for (sample, at) in samples.iter().zip(BEATS) {
            assert!(sample.parse::<usize>().unwrap().abs_diff(at) <= 2, "{sample} for {at}");
        }
    }
    let score = run(["ecg", "score", &record, &out]);
    let told = String::from_utf8(score.stdout).unwrap();
    let row: Vec<&str> = told.lines().last().unwrap().split_whitespace().collect();
    assert_eq!(row, ["0", "25", "12", "0", "0", "100.000", "100.000", "100.000", "0.000"]);
}

#[test]
fn a_lead_that_is_not_there_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    write_record(folder.path());
    let record = folder.path().join("spikes.hea").to_str().unwrap().to_owned();
    let output = run(["ecg", "beats", &record, "--lead", "1", "--out", "/dev/null"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("they count from 0"), "{told}");
}

/// A header and annotations: normal beats 800 and 860 ms apart by turns, every fiftieth
/// ventricular.
fn write_rhythm(folder: &Path, n_beats: u16) {
    let beat = |idx: u16| {
        let code = if idx % 50 == 49 { 5 } else { 1 };
        (code << 10 | (200 + 15 * (idx % 2))).to_le_bytes()
    };
    let labels: Vec<u8> = (0..n_beats).flat_map(beat).chain([0, 0]).collect();
    std::fs::write(folder.join("rhythm.hea"), format!("rhythm 1 {HZ} 3000\nnone.dat 16 1000/mV\n"))
        .unwrap();
    std::fs::write(folder.join("rhythm.atr"), labels).unwrap();
}

#[test]
fn variability_is_told_of_normal_beats_and_refused_where_it_is_short() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("rhythm");
    let args = ["ecg", "hrv", record.to_str().unwrap(), "--annotator", "atr", "--json"];
    write_rhythm(folder.path(), 400);
    let told: serde_json::Value = serde_json::from_slice(&run(args).stdout).unwrap();
    assert!((told["rmssd_ms"].as_f64().unwrap() - 60.0).abs() < 1e-6, "{told}");
    assert_eq!(
        (told["pnn50_percent"].as_f64(), told["n_intervals"].as_u64()),
        (Some(100.0), Some(384))
    );
    assert!((told["left_out"].as_f64().unwrap() - 15.0 / 399.0).abs() < 1e-9, "{told}");
    write_rhythm(folder.path(), 60);
    let refused = String::from_utf8(run(args).stderr).unwrap();
    assert!(
        refused.contains("49 s of beats are less than 60: give a longer recording"),
        "{refused}"
    );
}

#[test]
fn a_cleaned_record_tells_what_was_measured_and_how_good_each_second_was() {
    let folder = tempfile::tempdir().unwrap();
    write_record(folder.path());
    let [record, out, quality] = ["spikes", "clean.csv", "quality.csv"]
        .map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let output = run(vec!["ecg", "clean", &record, "--out", &out, "--quality", &quality]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("12 beats") && said.contains("II: 10 s good, 2 s flat"), "{said}");
    let cleaned = std::fs::read_to_string(out).unwrap();
    let mut lines = cleaned.lines();
    assert_eq!(lines.next(), Some("sample,II,II_sd"));
    assert_eq!(cleaned.lines().count(), 3001);
    let row = cleaned.lines().nth(1 + BEATS[3]).unwrap();
    let microvolts: f64 = row.split(',').nth(1).unwrap().parse().unwrap();
    assert!((700.0..1100.0).contains(&microvolts) && row.ends_with(','), "{row}");
    assert_eq!(std::fs::read_to_string(quality).unwrap().lines().count(), 13);
}
