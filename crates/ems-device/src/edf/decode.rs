//! Reading a file.

use ems_model::Private;

use super::fields::{self, ANNOTATIONS, Channel, Fields};
use super::{Edf, EdfKind, EdfSignal, tal};
use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;

const COPY: &str = "copy the file again";

impl Edf {
    /// Reads a whole file; what is cut off or cannot be read within it is complained about.
    ///
    /// Takes no more memory than twice the file. Cost: one pass.
    pub fn decode(bytes: &[u8]) -> Result<(Self, Vec<Complaint>), Fault> {
        let mut bytes = Bytes::new("EDF header", bytes);
        let fields = fields::read(&mut bytes)?;
        let mut reader = Reader { fields: &fields, complaints: vec![] };
        let n_records = reader.n_records(bytes.len());
        let signals = reader.signals(bytes.rest(), n_records);
        let (record_starts, annotations) = reader.lists(bytes.rest(), n_records);
        let complaints = reader.complaints;
        let edf = Self {
            kind: fields.kind,
            patient: Private::new(fields.patient),
            recording: Private::new(fields.recording),
            start: fields.start,
            record_secs: fields.record_secs,
            record_starts,
            signals,
            annotations,
        };
        Ok((edf, complaints))
    }
}

struct Reader<'a> {
    fields: &'a Fields,
    complaints: Vec<Complaint>,
}

impl Fields {
    fn is_list(&self, channel: &Channel) -> bool {
        self.kind != EdfKind::Plain && channel.label == ANNOTATIONS
    }

    fn record_bytes(&self) -> usize {
        self.channels.iter().fold(0, |sum, channel| sum.saturating_add(bytes_of(channel)))
    }

    /// Each channel with where its samples start in a data record.
    fn placed(&self) -> impl Iterator<Item = (usize, &Channel)> {
        self.channels.iter().scan(0_usize, |next, channel| {
            let at = *next;
            *next = at.saturating_add(bytes_of(channel));
            Some((at, channel))
        })
    }
}

const fn bytes_of(channel: &Channel) -> usize {
    channel.n_samples.saturating_mul(2)
}

impl Reader<'_> {
    /// Whole data records to read: as many as there are, and no more than were promised.
    fn n_records(&mut self, n_bytes: usize) -> usize {
        let found = n_bytes.checked_div(self.fields.record_bytes()).unwrap_or(0);
        let promised = self.fields.n_records.unwrap_or(found);
        if found != promised {
            let expected = format!("the {promised} of its header");
            self.complaints
                .push(Fault::new("number of data records", found, expected, COPY).into());
        }
        found.min(promised)
    }

    fn signals(&mut self, data: &[u8], n_records: usize) -> Vec<EdfSignal> {
        let mut signals = vec![];
        for (at, channel) in self.fields.placed().filter(|(_, it)| !self.fields.is_list(it)) {
            if channel.digital.0 == channel.digital.1 {
                let place = format!("digital range of {}", channel.label);
                let expected = "two different numbers";
                let remedy = "do not read amplitudes of this signal";
                self.complaints.push(Fault::new(place, "empty", expected, remedy).into());
            }
            let records = data.chunks_exact(self.fields.record_bytes().max(1)).take(n_records);
            let samples =
                records.flat_map(|record| record[at..at + bytes_of(channel)].chunks_exact(2));
            signals.push(EdfSignal {
                label: channel.label.clone(),
                transducer: channel.transducer.clone(),
                unit: channel.unit.clone(),
                physical_range: channel.physical,
                digital_range: channel.digital,
                prefilter: channel.prefilter.clone(),
                samples_per_record: channel.n_samples,
                samples: samples.map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect(),
            });
        }
        signals
    }

    /// When data records start, and all annotations. Without a time of its own, a record follows
    /// the one before it.
    fn lists(&mut self, data: &[u8], n_records: usize) -> (Vec<f64>, Vec<super::EdfAnnotation>) {
        let (mut starts, mut annotations) = (vec![], vec![]);
        let mut next_secs = 0.0;
        let lists: Vec<_> =
            self.fields.placed().filter(|(_, it)| self.fields.is_list(it)).collect();
        for record in data.chunks_exact(self.fields.record_bytes().max(1)).take(n_records) {
            let mut start_secs = None;
            for (at, channel) in &lists {
                let found = tal::read(&record[*at..at + bytes_of(channel)]);
                start_secs = start_secs.or(found.start_secs);
                annotations.extend(found.annotations);
                self.complain_of(found.n_broken, starts.len());
            }
            let start_secs: f64 = start_secs.unwrap_or(next_secs);
            starts.push(start_secs);
            next_secs = start_secs + self.fields.record_secs;
        }
        (starts, annotations)
    }

    fn complain_of(&mut self, n_broken: usize, record_idx: usize) {
        if n_broken > 0 {
            let place = format!("annotations of data record {record_idx}");
            let found = format!("{n_broken} lists that cannot be read");
            let expected = "onset, texts and their end";
            self.complaints.push(Fault::new(place, found, expected, COPY).into());
        }
    }
}
