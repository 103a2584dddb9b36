//! Lines of JSON for what a device's file holds.

use ems_device::{
    Alarm, Annotation, Complaint, DicomEcg, Edf, Observations, Reading, Readings, Recording,
    SenmlRecord, Value, senml_readings,
};
use ems_model::Timestamp;
use serde_json::{Map, Value as Json, json};

use crate::say;

/// Prints what was found; counts what was wrong.
pub(super) struct Printer {
    with_samples: bool,
    n_complaints: usize,
}

impl Printer {
    pub(super) const fn new(with_samples: bool) -> Self {
        Self { with_samples, n_complaints: 0 }
    }

    /// Tells how much was wrong.
    pub(super) fn finish(self) {
        if self.n_complaints > 0 {
            say::progress(format!("{} complaints", self.n_complaints));
        }
    }

    pub(super) fn complaints(&mut self, complaints: &[Complaint]) {
        for complaint in complaints {
            say::progress(format!("complaint: {complaint}"));
        }
        self.n_complaints += complaints.len();
    }

    pub(super) fn readings(&mut self, (readings, complaints): &Readings) {
        for reading in readings {
            self.reading(reading);
        }
        self.complaints(complaints);
    }

    pub(super) fn observations(&mut self, found: &Observations) {
        for reading in &found.readings {
            self.reading(reading);
        }
        for alarm in &found.alarms {
            print(&alarm_line(alarm));
        }
        self.complaints(&found.complaints);
    }

    pub(super) fn senml(
        &mut self,
        (records, complaints): &(Vec<SenmlRecord>, Vec<Complaint>),
        now: Timestamp,
    ) {
        self.readings(&senml_readings(records, now));
        self.complaints(complaints);
    }

    fn reading(&self, reading: &Reading) {
        let mut line = Json::Object(reading_line(reading));
        if let Value::Samples { values, .. } = &reading.value {
            let values: Vec<f64> = values.iter().map(|it| f64::from(*it)).collect();
            self.samples(&mut line, &values);
        }
        print(&line);
    }

    pub(super) fn labels(labels: &[Annotation], hz: Option<f64>) {
        if let Some(hz) = hz {
            print(&json!({"annotations": labels.len(), "hz": hz}));
        }
        for label in labels {
            print(&json!({
                "sample": label.sample,
                "symbol": label.symbol(),
                "code": label.code,
                "subtype": label.subtype,
                "channel": label.channel,
                "number": label.number,
                "aux": label.aux,
            }));
        }
    }

    pub(super) fn recording(&self, recording: &Recording) {
        print(&json!({
            "record": recording.name,
            "hz": recording.hz,
            "start": recording.start.map(|start| start.to_string()),
            "comments": recording.comments,
        }));
        for signal in &recording.signals {
            let physical = signal.physical();
            let mut line = json!({
                "signal": signal.lead(),
                "hz": signal.hz(),
                "unit": signal.quantity_unit(),
            });
            self.samples(&mut line, &physical);
            print(&line);
        }
    }

    /// Who was recorded is not printed.
    pub(super) fn edf(&self, edf: &Edf) {
        print(&json!({
            "kind": format!("{:?}", edf.kind).to_lowercase(),
            "start": edf.start.map(|start| start.to_string()),
            "data_records": edf.record_starts.len(),
            "record_s": edf.record_secs,
        }));
        for signal in &edf.signals {
            let physical: Vec<f64> = signal.physical().collect();
            let hz = signal.hz(edf.record_secs);
            let mut line = json!({"signal": signal.label, "hz": hz, "unit": signal.unit});
            self.samples(&mut line, &physical);
            print(&line);
        }
        for note in &edf.annotations {
            print(&json!({
                "onset_s": note.onset_secs,
                "duration_s": note.duration_secs,
                "text": note.text,
            }));
        }
    }

    pub(super) fn dicom(&self, ecg: &DicomEcg) {
        print(&json!({"start": ecg.start.map(|start| start.to_string())}));
        for group in &ecg.groups {
            for channel in &group.channels {
                let physical: Vec<f64> = channel.physical().collect();
                let mut line = json!({
                    "signal": channel.lead,
                    "group": group.label,
                    "hz": group.hz,
                    "unit": channel.unit,
                });
                self.samples(&mut line, &physical);
                print(&line);
            }
        }
    }

    /// Adds how many samples there are and their range, or all of them; a missing one is null.
    fn samples(&self, line: &mut Json, samples: &[f64]) {
        let known = || samples.iter().copied().filter(|sample| sample.is_finite());
        let lowest = known().reduce(f64::min);
        let highest = known().reduce(f64::max);
        line["n_samples"] = json!(samples.len());
        line["n_missing"] = json!(samples.len() - known().count());
        (line["min"], line["max"]) = (json!(lowest), json!(highest));
        if self.with_samples {
            line["samples"] = json!(samples);
        }
    }
}

fn print(line: &Json) {
    say::line(line);
}

fn reading_line(reading: &Reading) -> Map<String, Json> {
    let mut line = Map::new();
    line.insert("metric".into(), json!(reading.metric.name));
    if let Some(code) = reading.metric.code {
        line.insert("code".into(), json!(code));
    }
    let (value, missing) = match &reading.value {
        Value::Number(number) => (json!(number), None),
        Value::Text(text) => (json!(text), None),
        Value::Flag(flag) => (json!(flag), None),
        Value::Missing(absence) => (Json::Null, Some(absence.name())),
        Value::Samples { hz, values } => (json!({"hz": hz, "n_samples": values.len()}), None),
    };
    line.insert("value".into(), value);
    if let Some(missing) = missing {
        line.insert("missing".into(), json!(missing));
    }
    line.insert("unit".into(), json!(reading.unit));
    line.insert("at".into(), json!(reading.at.map(|at| at.to_string())));
    line.insert("device".into(), json!(reading.source.device));
    line.insert("protocol".into(), json!(reading.source.protocol));
    line.insert("place".into(), json!(reading.source.place));
    line
}

fn alarm_line(alarm: &Alarm) -> Json {
    json!({
        "alarm": alarm.event.name,
        "code": alarm.event.code,
        "text": alarm.text,
        "source": alarm.source,
        "phase": alarm.phase,
        "state": alarm.state,
        "inactivation": alarm.inactivation,
        "priority": alarm.priority,
        "kind": alarm.kind,
        "id": alarm.id,
        "at": alarm.at.map(|at| at.to_string()),
        "device": alarm.device,
    })
}
