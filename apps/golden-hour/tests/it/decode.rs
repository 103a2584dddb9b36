//! `golden-hour device decode`, as a person types it.

use serde_json::{Value, json};

use crate::process::run;

#[test]
fn a_file_is_told_in_lines_of_json_and_complaints_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let header = file("r.hea", b"r 1 250 3\nr.dat 16 200/mV 16 0 200 300 0 II\n");
    file("r.dat", &[200, 0, 0, 128, 100, 0]);
    let notifications = file("n.txt", b"2A37 00 4B\n2A5F 00 61 00 ff 07\n2A00 00\n");
    for (format, path, line, n_complaints) in [
        ("wfdb", &header, json!({"signal": "II", "n_samples": 3, "n_missing": 1, "max": 1.0}), 1),
        ("gatt", &notifications, json!({"code": 150_456, "value": 97.0, "unit": "%"}), 1),
        ("gatt", &notifications, json!({"code": 149_530, "value": null, "missing": "NaN"}), 1),
    ] {
        let output = run(["device", "decode", "--format", format, path]);
        assert!(output.status.success(), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<Value> = lines.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        let holds =
            |found: &Value| line.as_object().unwrap().iter().all(|(key, it)| found[key] == *it);
        assert!(lines.iter().any(holds), "{line} among {lines:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            told.lines().filter(|it| it.starts_with("complaint: ")).count(),
            n_complaints,
            "{told}"
        );
    }
    let output = run(["device", "decode", "--format", "edf", &header]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("version is \"r 1 250\", not \"0\" as in EDF: convert BDF to EDF"),
        "{told}"
    );
}
