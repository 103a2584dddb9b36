//! Writing a file.

use super::fields::{ANNOTATIONS, full_date};
use super::{Edf, EdfAnnotation, EdfKind, EdfSignal, MAX_EDF_SIGNALS, tal};
use crate::fault::Fault;
use crate::reading::Moment;

impl Edf {
    /// Writes a whole file. What a field cannot hold is refused, never rounded.
    pub fn encode(&self) -> Result<Vec<u8>, Fault> {
        self.check()?;
        let lists = self.lists();
        let n_list_samples = lists.iter().map(Vec::len).max().unwrap_or(0).div_ceil(2);
        let mut bytes = self.file_header()?;
        bytes.extend(self.signal_headers(n_list_samples)?);
        for (record_idx, list) in lists.iter().enumerate() {
            for signal in &self.signals {
                let start = record_idx * signal.samples_per_record;
                let samples = &signal.samples[start..start + signal.samples_per_record];
                bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            }
            if self.has_lists() {
                bytes.extend(list);
                bytes.extend(std::iter::repeat_n(0, 2 * n_list_samples - list.len()));
            }
        }
        Ok(bytes)
    }

    fn has_lists(&self) -> bool {
        self.kind != EdfKind::Plain
    }

    fn n_channels(&self) -> usize {
        self.signals.len() + usize::from(self.has_lists())
    }

    fn check(&self) -> Result<(), Fault> {
        let n_records = self.record_starts.len();
        let fits = |it: &&EdfSignal| {
            n_records.checked_mul(it.samples_per_record) == Some(it.samples.len())
        };
        if let Some(signal) = self.signals.iter().find(|it| !fits(it)) {
            let place = format!("signal {}", signal.label);
            let found = format!("{} samples", signal.samples.len());
            let expected =
                format!("{} for each of {n_records} data records", signal.samples_per_record);
            return Err(Fault::new(place, found, expected, "fill up the last data record"));
        }
        if self.n_channels() > MAX_EDF_SIGNALS {
            return Err(Fault::new(
                "number of signals",
                self.n_channels(),
                "up to 1024",
                "split the file",
            ));
        }
        if !self.has_lists() && !self.annotations.is_empty() {
            return Err(Fault::new("annotations", "present", "absent in plain EDF", "write EDF+"));
        }
        if n_records == 0 && !self.annotations.is_empty() {
            return Err(Fault::new(
                "number of data records",
                0,
                "1 or more for annotations",
                "add one",
            ));
        }
        match self.annotations.iter().find(|it| !it.is_writable()) {
            Some(it) => Err(Fault::new(
                "annotation",
                &it.text,
                "text without control marks at a finite time",
                "change it",
            )),
            None => Ok(()),
        }
    }

    /// An annotation stands in the last data record that starts before it, else in the first; the
    /// order is kept.
    fn lists(&self) -> Vec<Vec<u8>> {
        let mut of_record: Vec<Vec<&EdfAnnotation>> = vec![vec![]; self.record_starts.len()];
        let mut at = 0;
        for annotation in &self.annotations {
            let next = self.record_starts.iter().rposition(|start| *start <= annotation.onset_secs);
            at = next.unwrap_or(0).max(at);
            of_record[at].push(annotation);
        }
        let lists = self.record_starts.iter().zip(&of_record);
        lists.map(|(start_secs, annotations)| tal::write(*start_secs, annotations)).collect()
    }

    fn file_header(&self) -> Result<Vec<u8>, Fault> {
        let reserved = match self.kind {
            EdfKind::Plain => "",
            EdfKind::Continuous => "EDF+C",
            EdfKind::Discontinuous => "EDF+D",
        };
        let (date, time) = self.start()?;
        let n_channels = self.n_channels();
        let fields = [
            ("version", "0", 8),
            ("patient", self.patient.reveal(), 80),
            ("recording", self.recording.reveal(), 80),
            ("start date", &date, 8),
            ("start time", &time, 8),
            ("header bytes", &(256 * (n_channels + 1)).to_string(), 8),
            ("reserved", reserved, 44),
            ("number of data records", &self.record_starts.len().to_string(), 8),
            ("duration of a data record", &self.record_secs.to_string(), 8),
            ("number of signals", &n_channels.to_string(), 4),
        ];
        let fields = fields.map(|(name, text, n_bytes)| field(name, text, n_bytes));
        Ok(fields.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// `31.12.85` and `23.59.30`; zeros where it is not known.
    fn start(&self) -> Result<(String, String), Fault> {
        const UNKNOWN: (&str, &str) = ("00.00.00", "00.00.00");
        let Some(start) = self.start else {
            return Ok((UNKNOWN.0.to_owned(), UNKNOWN.1.to_owned()));
        };
        let text = start.to_string();
        let (year, rest) = text.split_at_checked(4).unwrap_or_default();
        let is_local = matches!(start, Moment::Local(_)) && rest.len() == "-12-31T23:59:30".len();
        let named = Some(self.recording.reveal()).filter(|_| self.has_lists());
        let named = named.and_then(|it| full_date(it)).map(|date| date.civil().0.to_string());
        let is_short = ("1985".."2085").contains(&year);
        if !is_local || !named.map_or(is_short, |named| named == year) {
            let expected = "whole seconds on a local clock from 1985 to 2084, or in EDF+ the date of its Startdate";
            return Err(Fault::new("start", text, expected, "change the start"));
        }
        let date = format!("{}.{}.{}", &rest[4..6], &rest[1..3], &year[2..]);
        Ok((date, rest[7..].replace(':', ".")))
    }

    fn signal_headers(&self, n_list_samples: usize) -> Result<Vec<u8>, Fault> {
        let list = self.has_lists().then(|| EdfSignal {
            label: ANNOTATIONS.to_owned(),
            transducer: String::new(),
            unit: String::new(),
            physical_range: (-1.0, 1.0),
            digital_range: (-32_768, 32_767),
            prefilter: String::new(),
            samples_per_record: n_list_samples,
            samples: vec![],
        });
        let channels: Vec<_> = self.signals.iter().chain(&list).collect();
        let columns: [Column; 10] = [
            ("label", 16, |it| it.label.clone()),
            ("transducer", 80, |it| it.transducer.clone()),
            ("unit", 8, |it| it.unit.clone()),
            ("physical minimum", 8, |it| it.physical_range.0.to_string()),
            ("physical maximum", 8, |it| it.physical_range.1.to_string()),
            ("digital minimum", 8, |it| it.digital_range.0.to_string()),
            ("digital maximum", 8, |it| it.digital_range.1.to_string()),
            ("prefilter", 80, |it| it.prefilter.clone()),
            ("samples in a data record", 8, |it| it.samples_per_record.to_string()),
            ("reserved", 32, |_| String::new()),
        ];
        let mut bytes = vec![];
        for (name, n_bytes, text) in columns {
            for channel in &channels {
                bytes.extend(field(name, &text(channel), n_bytes)?);
            }
        }
        Ok(bytes)
    }
}

impl EdfAnnotation {
    fn is_writable(&self) -> bool {
        let duration = self.duration_secs.unwrap_or(0.0);
        let is_finite = self.onset_secs.is_finite() && duration.is_finite() && duration >= 0.0;
        is_finite && tal::is_writable(&self.text)
    }
}

/// A field of all signals: its name, its width and its text.
type Column = (&'static str, usize, fn(&EdfSignal) -> String);

/// A field of printable ASCII, filled with spaces.
fn field(name: &str, text: &str, n_bytes: usize) -> Result<Vec<u8>, Fault> {
    let is_ascii = text.bytes().all(|byte| (32..127).contains(&byte));
    if !is_ascii || text.len() > n_bytes || text.ends_with(' ') {
        let expected = format!("up to {n_bytes} characters of printable ASCII");
        return Err(Fault::new(name, format!("\"{text}\""), expected, "shorten or round it"));
    }
    let mut field = text.as_bytes().to_vec();
    field.resize(n_bytes, b' ');
    Ok(field)
}
