//! `golden-hour vitals`: scores of a patient in a file.

use std::process::Output;

use crate::process::run;

/// Runs `vitals score` on a document.
fn score(document: &str, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("patient.json");
    std::fs::write(&file, document).unwrap();
    run([&["vitals", "score", "--from", file.to_str().unwrap()], more].concat())
}

const PATIENT: &str = r#"{ "age_years": 54, "pregnant": false, "heart_rate_per_min": 112,
    "systolic_mmhg": 96, "diastolic_mmhg": 60, "respiratory_rate_per_min": 24, "spo2_percent": 93,
    "on_oxygen": true, "spo2_scale": 1, "temperature_celsius": 38.4, "consciousness": "alert",
    "gcs_eye": 4, "gcs_verbal": null, "start": { "walks": false, "breathes": true } }"#;

#[test]
fn a_document_is_scored_item_by_item_with_class_source_and_mark() {
    let text = String::from_utf8(score(PATIENT, &[]).stdout).unwrap();
    for part in [
        "news2                 11  (high)\n",
        "    temperature                                  1\n",
        "  source: NEWS2, RCP 2017, charts 1 and 2\n",
        "sirs                  3 to 4  (2 or more: SIRS)\n",
        "rems                  4 to 7  (3 to 10)  [UNVERIFIED]\n",
        "  missing: gcs_motor, gcs_verbal\n",
        "start-1997/1          no tag yet: ",
        "too little is known of triss-blunt, ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn json_has_no_number_for_whom_a_score_was_not_made() {
    let child = PATIENT.replace("54", "9");
    let output = score(&child, &["--json", "--only", "news2,shock-index"]);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [news2, shock] = told["scores"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(news2["standing"], "does_not_apply");
    assert!(news2["value"].is_null() && news2["low"].is_null() && news2["class_low"].is_null());
    assert_eq!((shock["value"].as_f64(), &shock["verified"]), (Some(112.0 / 96.0), &true.into()));
}

#[test]
fn a_document_that_cannot_be_used_is_refused_with_a_remedy() {
    for (document, more, part) in [
        ("[]", &[][..], "it is no JSON object of one patient"),
        (r#"{"heart_rate": 80}"#, &[], "(is it \"heart_rate_per_min\"?)"),
        (r#"{"temperature_celsius": 98.6}"#, &[], "98.6 is outside 10..=47 °C"),
        (r#"{"start": {"runs": true}}"#, &[], "start does not ask \"runs\": name walks, "),
        (r#"{"spo2_percent": [98]}"#, &[], "spo2_percent is a list or an object"),
        ("{}", &["--only", "sofa"], "--only sofa: there is no such score: name news2, "),
    ] {
        let output = score(document, more);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(part), "{document}: {text}");
    }
}

#[test]
fn every_field_is_listed_with_its_unit() {
    let text = String::from_utf8(run(["vitals", "inputs"]).stdout).unwrap();
    assert!(text.contains("heart_rate_per_min                 0..=300 /min"), "{text}");
    assert!(text.contains("jumpstart                          { walks, breathes, "), "{text}");
}

#[test]
fn trends_are_fitted_on_simulated_patients_alike_for_a_seed() {
    let trend = || {
        let output = run(["vitals", "trend", "--patients", "400", "--seed", "3", "--json"]);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let told = trend();
    assert_eq!(told, trend());
    assert_eq!(told["fitted_on"], "simulated patients of data/sim/mix.toml");
    let [auc, brier, share] =
        ["auc", "brier", "brier_of_share"].map(|it| told[it].as_f64().unwrap());
    assert!(auc > 0.8 && brier < share, "{told}");
}

/// The alarm of this record is false, as its plethysmogram shows.
#[test]
fn a_false_asystole_of_a_record_is_suppressed_by_its_pulse() {
    let record = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/multi/a103l.hea");
    if !std::path::Path::new(record).exists() {
        println!("skipped: {record} is not here");
        return;
    }
    let check = |kind: &str| {
        let args = ["vitals", "alarm-check", "--record", record, "--kind", kind, "--at", "300"];
        String::from_utf8(run(args).stdout).unwrap()
    };
    assert!(check("asystole").starts_with("suppressed: PLETH shows no pause longer than "));
    assert!(
        check("extreme-bradycardia").starts_with("suppressed: PLETH shows no five beats slower ")
    );
    assert!(check("ventricular-tachycardia").starts_with("holds: none of PLETH, II, V "));
}

/// A monitor's ECG, arterial pressure and breathing; the cuff reading is made up.
#[test]
fn a_recording_is_played_through_the_virtual_sensors() {
    let record =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/ecg/multi/03700181.hea");
    if !std::path::Path::new(record).exists() {
        println!("skipped: {record} is not here");
        return;
    }
    let args = ["vitals", "derive", "--record", record, "--cuff", "60:118/64", "--json"];
    let told: serde_json::Value = serde_json::from_slice(&run(args).stdout).unwrap();
    let derived = told["derived"].as_array().unwrap();
    let find = |name: &str| derived.iter().find(|it| it["quantity"] == name).unwrap();
    let value = |name: &str| find(name)["outcome"]["value"].as_f64();
    let rate = value("pulse_rate").unwrap();
    assert!((110.0..135.0).contains(&rate), "{rate}");
    let shock = find("shock_index");
    assert!((value("shock_index").unwrap() - rate / 118.0).abs() < 0.03, "{shock}");
    let ids: Vec<_> = shock["chain"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["heart_rate", "ecg MCL1", "systolic"]);
    assert_eq!(find("impedance_breaths")["unit"], "{breath}/min");
    let refused = run(["vitals", "derive", "--record", record, "--cuff", "60:118"]);
    assert!(
        String::from_utf8(refused.stderr).unwrap().contains("is not SECONDS:SYSTOLIC/DIASTOLIC")
    );
}
