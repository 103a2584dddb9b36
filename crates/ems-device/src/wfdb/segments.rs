//! Records made of segments (header(5), "Multi-segment records"): one after the other, all with the
//! signals of the first (fixed layout), or each with some of those that a layout header describes,
//! by their descriptions (variable layout). Gaps are missing samples.

use std::ops::Range;

use super::header::{Header, HeaderError, comments, lines, record_line};
use super::line::{Line, shorten};
use super::recording::{Recording, RecordingError, Signal, frames_us};
use super::storage::{MISSING, check_length};
use crate::complaint::Complaint;
use crate::reading::Moment;

/// The most segments that a record may have.
pub const MAX_SEGMENTS: usize = 1 << 16;

/// The header of a record that is made of segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Segments {
    /// The record's name.
    pub name: String,
    /// Frames a second, finite and above 0.
    pub hz: f64,
    /// Frames in the record; `None` where the header leaves it open.
    pub n_frames: Option<u64>,
    /// When its first frame was taken; `None` unless the header gives both date and time.
    pub start: Option<Moment>,
    /// The segments in order, a layout first where there is one.
    pub segments: Vec<Segment>,
    /// Comment lines without their `#`.
    pub comments: Vec<String>,
}

/// A segment of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The segment's record; `None` for a gap.
    pub name: Option<String>,
    /// How long it lasts; 0 for a layout.
    pub n_frames: u64,
}

impl Segments {
    /// Reads the text of a `.hea` file whose record line names a number of segments.
    pub fn parse(text: &[u8]) -> Result<Self, HeaderError> {
        let text = String::from_utf8_lossy(text);
        let mut lines = lines(&text);
        let record = record_line(lines.next().ok_or(HeaderError::Empty)?)?;
        let promised = record.n_segments.unwrap_or(0);
        if !(1..=MAX_SEGMENTS).contains(&promised) {
            return Err(HeaderError::SegmentCount { name: record.name, found: promised });
        }
        let segments: Vec<_> = lines.take(promised).map(segment).collect::<Result<_, _>>()?;
        let found = segments.len();
        if found < promised {
            return Err(HeaderError::SegmentsMissing { found, promised });
        }
        Ok(Self {
            name: record.name,
            hz: record.hz,
            n_frames: record.n_frames,
            start: record.start,
            segments,
            comments: comments(&text),
        })
    }

    /// The segments with their frames, gaps and the layout left out.
    fn placed(&self) -> impl Iterator<Item = (&str, Range<u64>)> {
        let place = |next: &mut u64, segment: &'_ Segment| {
            let start = *next;
            *next = start.saturating_add(segment.n_frames);
            Some(start..*next)
        };
        let frames = self.segments.iter().scan(0, place);
        let placed = self.segments.iter().zip(frames).filter(|(_, frames)| !frames.is_empty());
        placed.filter_map(|(segment, frames)| Some((segment.name.as_deref()?, frames)))
    }

    fn end(&self) -> u64 {
        self.segments.iter().fold(0, |end, segment| end.saturating_add(segment.n_frames))
    }

    fn is_variable(&self) -> bool {
        self.segments.first().is_some_and(|first| first.name.is_some() && first.n_frames == 0)
    }

    /// The record that describes the signals: the layout, else the first segment.
    fn describing(&self) -> &str {
        let named = self.segments.iter().find_map(|segment| segment.name.as_deref());
        named.unwrap_or("~")
    }
}

fn segment(mut line: Line<'_>) -> Result<Segment, HeaderError> {
    let name = shorten(line.word().unwrap_or_default());
    let n_frames = line.required("segment length", "a number of frames")?;
    Ok(Segment { name: Some(name).filter(|name| name != "~"), n_frames })
}

type Files<'a> = dyn FnMut(&str) -> Option<Vec<u8>> + 'a;

/// Puts the segments together that have frames within `frames`.
pub(super) fn assemble(
    record: &Segments,
    frames: Range<u64>,
    files: &mut Files<'_>,
) -> Result<(Recording, Vec<Complaint>), RecordingError> {
    let layout = fetch_header(record.describing(), files)?;
    let end = record.n_frames.unwrap_or(u64::MAX).min(record.end());
    let end = frames.end.min(end);
    let frames = frames.start.min(end)..end;
    let mut sheet = Sheet::blank(record, &layout, frames.clone())?;
    for (name, place) in record.placed() {
        if place.start < frames.end && frames.start < place.end {
            sheet.lay(name, place, files);
        }
    }
    sheet.compare_lengths();
    Ok(sheet.finish())
}

fn fetch_header(name: &str, files: &mut Files<'_>) -> Result<Header, RecordingError> {
    let file = format!("{name}.hea");
    let text = files(&file).ok_or(RecordingError::FileMissing { file })?;
    Ok(Header::parse(&text)?)
}

/// The record as far as it is laid together.
struct Sheet<'a> {
    record: &'a Segments,
    layout: &'a Header,
    frames: Range<u64>,
    signals: Vec<Signal>,
    complaints: Vec<Complaint>,
}

impl<'a> Sheet<'a> {
    fn blank(
        record: &'a Segments,
        layout: &'a Header,
        frames: Range<u64>,
    ) -> Result<Self, RecordingError> {
        let n_frames = frames.end - frames.start;
        let per_frame = layout.signals.iter().map(|spec| u128::from(spec.samples_per_frame));
        check_length(per_frame.sum::<u128>() * u128::from(n_frames))?;
        let blank = |n_samples| vec![MISSING; usize::try_from(n_samples).expect("it is short")];
        let signals = layout.signals.iter().map(|spec| {
            Signal::of(spec, record.hz, blank(n_frames * u64::from(spec.samples_per_frame)))
        });
        let signals = signals.collect();
        Ok(Self { record, layout, frames, signals, complaints: vec![] })
    }

    /// Lays one segment into its place; what is wrong with it leaves its samples missing.
    fn lay(&mut self, name: &str, place: Range<u64>, files: &mut Files<'_>) {
        let read = fetch_header(name, files).and_then(|header| {
            let (recording, complaints) = Recording::gather(&header, files)?;
            Ok((header, recording, complaints))
        });
        let (header, recording, complaints) = match read {
            Ok(read) => read,
            Err(error) => return self.complain(name, error.to_string()),
        };
        self.complaints.extend(complaints);
        if (header.hz - self.record.hz).abs() > 1e-6 * self.record.hz {
            let what =
                format!("it has {} frames a second, the record {}", header.hz, self.record.hz);
            return self.complain(name, what);
        }
        for (idx, piece) in recording.signals.iter().enumerate() {
            match self.place_of(&header, idx) {
                Ok(to) => self.lay_signal(to, piece, &place),
                Err(what) => self.complain(name, what),
            }
        }
    }

    /// Which signal of the record a segment's signal belongs to.
    fn place_of(&self, header: &Header, idx: usize) -> Result<usize, String> {
        let spec = &header.signals[idx];
        let described =
            || self.layout.signals.iter().position(|it| it.description == spec.description);
        let to = if self.record.is_variable() { described() } else { Some(idx) };
        let (to, layout) = to
            .and_then(|to| Some((to, self.layout.signals.get(to)?)))
            .ok_or_else(|| format!("the layout has no signal {}", spec.description))?;
        if layout.samples_per_frame != spec.samples_per_frame
            || layout.quantity_unit != spec.quantity_unit
        {
            return Err(format!(
                "signal {} has {} samples a frame in {}, the layout {} in {}",
                spec.description,
                spec.samples_per_frame,
                spec.quantity_unit,
                layout.samples_per_frame,
                layout.quantity_unit
            ));
        }
        Ok(to)
    }

    fn lay_signal(&mut self, to: usize, piece: &Signal, place: &Range<u64>) {
        let per_frame = u64::from(self.layout.signals[to].samples_per_frame);
        let sample = |n_frames: u64| usize::try_from(n_frames.saturating_mul(per_frame));
        let sample = |n_frames: u64| sample(n_frames).unwrap_or(usize::MAX);
        let from = place.start.max(self.frames.start);
        let end = place.end.min(self.frames.end);
        let within = sample(from - place.start)..sample(end - place.start).min(piece.len());
        self.signals[to].lay(sample(from - self.frames.start), piece, within);
    }

    fn complain(&mut self, name: &str, what: String) {
        self.complaints.push(Complaint::Segment { segment: name.to_owned(), what });
    }

    fn compare_lengths(&mut self) {
        let (found, promised) = (self.record.end(), self.record.n_frames);
        if promised.is_some_and(|promised| promised != found) {
            let what = format!("its segments have {found} frames, {promised:?} were promised");
            self.complain(&self.record.name, what);
        }
    }

    fn finish(self) -> (Recording, Vec<Complaint>) {
        let Segments { name, hz, start, comments, .. } = self.record.clone();
        let start = start.map(|start| start.after(frames_us(self.frames.start, hz)));
        (Recording { name, hz, start, signals: self.signals, comments }, self.complaints)
    }
}
