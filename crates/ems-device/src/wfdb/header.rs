//! The text header of a WFDB recording (WFDB Applications Guide, 10th edition, header(5)).

use ems_model::Date;

use super::line::{Line, shorten};
use crate::reading::Moment;

/// The most signals that a header may have.
pub const MAX_SIGNALS: usize = 1024;
/// The most samples of one signal in one frame.
const MAX_SAMPLES_PER_FRAME: u32 = 10_000;
/// The fastest frame rate, in frames a second.
const MAX_HZ: f64 = 1_000_000.0;
const DEFAULT_HZ: f64 = 250.0;
pub(super) const DEFAULT_GAIN: f64 = 200.0;

/// What a recording holds and how it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The record's name.
    pub name: String,
    /// Frames a second, finite and above 0.
    pub hz: f64,
    /// Frames in the record; `None` where the header leaves it open.
    pub n_frames: Option<u64>,
    /// When its first frame was taken; `None` unless the header gives both date and time.
    pub start: Option<Moment>,
    /// One entry for each signal, in order.
    pub signals: Vec<SignalSpec>,
    /// Comment lines without their `#`.
    pub comments: Vec<String>,
}

/// How one signal is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalSpec {
    /// The file that holds its samples.
    pub file: String,
    /// How a sample is packed.
    pub format: StorageFormat,
    /// Samples in each frame, 1..=10,000.
    pub samples_per_frame: u32,
    /// Frames by which the signal was stored late.
    pub skew_frames: u32,
    /// Bytes before the first sample in the file.
    pub offset_bytes: u64,
    /// ADC units per quantity unit, finite, not 0; `None` where the signal is not calibrated.
    pub gain: Option<f64>,
    /// The ADC value of 0 quantity units.
    pub baseline: i32,
    /// The quantity unit: `mV`, `mmHg`.
    pub quantity_unit: String,
    /// The ADC's resolution in bits, 0 where it is not known.
    pub adc_bits: u32,
    /// The ADC value of the middle of its range.
    pub adc_zero: i32,
    /// The first sample.
    pub first_value: Option<i32>,
    /// The sum of all samples modulo 65536.
    pub checksum: Option<u16>,
    /// Bytes in a block, 0 for ordinary files.
    pub block_bytes: u32,
    /// What the signal is: the lead's name.
    pub description: String,
}

/// A WFDB storage format by its number: 16, 212, ... (signal(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StorageFormat(pub u16);

/// A header that cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HeaderError {
    /// No record line.
    #[error("the header has no record line: give a WFDB header (.hea)")]
    Empty,
    /// A record of several segments.
    #[error("record {name} is made of segments: read it as a segmented record")]
    Segmented {
        /// The record's name.
        name: String,
    },
    /// A record of no segments, or of too many.
    #[error("record {name} is made of {found} segments, not of 1 to 65536: correct its first line")]
    SegmentCount {
        /// The record's name.
        name: String,
        /// Segments in its record line.
        found: usize,
    },
    /// Fewer segment lines than the record line says.
    #[error("the header names {found} of {promised} segments: copy it again, its end is missing")]
    SegmentsMissing {
        /// Segment lines found.
        found: usize,
        /// Segments promised by the record line.
        promised: usize,
    },
    /// A field that is absent or not what it should be.
    #[error("line {line}: {field} \"{value}\" is not {expected}: correct the header")]
    Field {
        /// The line, counted from 1.
        line: usize,
        /// Which field.
        field: &'static str,
        /// What stands there, shortened; empty where nothing stands.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Fewer signal lines than the record line says.
    #[error(
        "the header describes {found} of {promised} signals: copy it again, its end is missing"
    )]
    SignalsMissing {
        /// Signal lines found.
        found: usize,
        /// Signals promised by the record line.
        promised: usize,
    },
}

impl Header {
    /// Reads the text of a `.hea` file; bytes that are not UTF-8 are replaced.
    pub fn parse(text: &[u8]) -> Result<Self, HeaderError> {
        let text = String::from_utf8_lossy(text);
        let mut lines = lines(&text);
        let record = record_line(lines.next().ok_or(HeaderError::Empty)?)?;
        if record.n_segments.is_some() {
            return Err(HeaderError::Segmented { name: record.name });
        }
        let promised = record.n_signals;
        let signals: Vec<_> = lines.take(promised).map(signal_line).collect::<Result<_, _>>()?;
        let found = signals.len();
        if found < promised {
            return Err(HeaderError::SignalsMissing { found, promised });
        }
        let RecordLine { name, hz, n_frames, start, .. } = record;
        Ok(Self { name, hz, n_frames, start, signals, comments: comments(&text) })
    }
}

/// The lines that are neither blank nor comments.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let lines = text.lines().enumerate().map(|(idx, line)| Line::new(idx + 1, line.trim()));
    lines.filter(|line| !line.is_blank())
}

pub(super) fn comments(text: &str) -> Vec<String> {
    let comments = text.lines().filter_map(|line| line.trim().strip_prefix('#'));
    comments.map(|line| line.trim().to_owned()).collect()
}

/// The first line of a header.
pub(super) struct RecordLine {
    pub(super) name: String,
    /// How many segments it is made of, where it is.
    pub(super) n_segments: Option<usize>,
    pub(super) n_signals: usize,
    pub(super) hz: f64,
    pub(super) n_frames: Option<u64>,
    pub(super) start: Option<Moment>,
}

/// `100 2 360 650000 0:0:0 1/1/1980`; `r/36 4 125` is made of 36 segments.
pub(super) fn record_line(mut line: Line<'_>) -> Result<RecordLine, HeaderError> {
    let word = line.word().unwrap_or_default();
    let (name, n_segments) = word.split_once('/').map_or((word, None), |(a, b)| (a, Some(b)));
    let count = |text| line.parse(text, "number of segments", "a number");
    let n_segments = n_segments.map(count).transpose()?;
    let n_signals: usize = line.required("number of signals", "a number up to 1024")?;
    line.check(n_signals <= MAX_SIGNALS, "number of signals", "a number up to 1024")?;
    let hz = frame_rate(&mut line)?;
    let n_frames = line.optional("number of samples", "a whole number")?.filter(|&n: &u64| n > 0);
    let start = start(line.word().unwrap_or_default(), line.word().unwrap_or_default());
    Ok(RecordLine { name: shorten(name), n_segments, n_signals, hz, n_frames, start })
}

/// `8:26:04.5` and `26/10/1994`; the hour or both it and the minute may be left out.
fn start(time: &str, date: &str) -> Option<Moment> {
    let mut parts = date.split('/');
    let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let date = Date::new(parts.next()?.parse().ok()?, month, day)?;
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let sixties =
        |sum: Option<i64>, part: &str| Some(sum? * 60 + i64::from(part.parse::<u8>().ok()?));
    let seconds = whole.split(':').take(3).fold(Some(0), sixties)?;
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Moment::local(date, seconds * 1_000_000 + micros.parse::<i64>().ok()?))
}

/// `360`, or `360/2000(0)` with a counter that is left out.
fn frame_rate(line: &mut Line<'_>) -> Result<f64, HeaderError> {
    let Some(word) = line.word() else { return Ok(DEFAULT_HZ) };
    let hz = word.split(['/', '(']).next().unwrap_or_default().parse().unwrap_or(f64::NAN);
    line.check(hz > 0.0 && hz <= MAX_HZ, "sampling frequency", "above 0 and up to 1,000,000 Hz")?;
    Ok(hz)
}

fn signal_line(mut line: Line<'_>) -> Result<SignalSpec, HeaderError> {
    let file = shorten(line.word().unwrap_or_default());
    let packing = packing(&mut line)?;
    let scale = scale(&mut line)?;
    let adc_bits = line.optional("ADC resolution", "a number of bits")?.unwrap_or(0);
    let adc_zero = line.optional("ADC zero", "a whole number")?.unwrap_or(0);
    let first_value = line.optional("initial value", "a whole number")?;
    let checksum: Option<i64> = line.optional("checksum", "a whole number")?;
    let block_bytes = line.optional("block size", "a number of bytes")?.unwrap_or(0);
    Ok(SignalSpec {
        file,
        format: packing.format,
        samples_per_frame: packing.samples_per_frame,
        skew_frames: packing.skew_frames,
        offset_bytes: packing.offset_bytes,
        gain: scale.gain,
        baseline: scale.baseline.unwrap_or(adc_zero),
        quantity_unit: scale.quantity_unit,
        adc_bits,
        adc_zero,
        first_value,
        checksum: checksum.map(modulo_65536),
        block_bytes,
        description: shorten(line.rest()),
    })
}

#[expect(clippy::cast_possible_truncation, reason = "modulo 65536 is meant")]
pub(super) fn modulo_65536(sum: i64) -> u16 {
    sum.rem_euclid(1 << 16) as u16
}

struct Packing {
    format: StorageFormat,
    samples_per_frame: u32,
    skew_frames: u32,
    offset_bytes: u64,
}

/// `212`, `16+24`, `212x4:3+512`: format, samples per frame, skew, byte offset.
fn packing(line: &mut Line<'_>) -> Result<Packing, HeaderError> {
    let word = line.word().unwrap_or_default();
    let n_digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (format, marks) = word.split_at(n_digits);
    let format = line.parse(format, "format", "a number such as 16, 212 or 16x2:3+24")?;
    let mark = |mark: char| {
        let digits = marks.split_once(mark)?.1;
        Some(digits.split(['x', ':', '+']).next().unwrap_or_default())
    };
    let count = |text: Option<&str>, default: u32, field| {
        text.map_or(Ok(default), |text| line.parse(text, field, "a whole number"))
    };
    let samples_per_frame = count(mark('x'), 1, "samples per frame")?;
    let skew_frames = count(mark(':'), 0, "skew")?;
    let offset_bytes = u64::from(count(mark('+'), 0, "byte offset")?);
    let is_sane = (1..=MAX_SAMPLES_PER_FRAME).contains(&samples_per_frame);
    line.check(is_sane, "samples per frame", "a number from 1 to 10,000")?;
    Ok(Packing { format: StorageFormat(format), samples_per_frame, skew_frames, offset_bytes })
}

struct Scale {
    gain: Option<f64>,
    baseline: Option<i32>,
    quantity_unit: String,
}

/// `200`, `200(1024)`, `200(1024)/mV`: gain, baseline, quantity unit.
fn scale(line: &mut Line<'_>) -> Result<Scale, HeaderError> {
    let word = line.word().unwrap_or("0");
    let (number, quantity_unit) = word.split_once('/').unwrap_or((word, "mV"));
    let (gain, baseline) = match number.split_once('(') {
        Some((gain, baseline)) => (gain, Some(baseline.trim_end_matches(')'))),
        None => (number, None),
    };
    let gain: f64 = line.parse(gain, "gain", "a number")?;
    line.check(gain.is_finite(), "gain", "a finite number")?;
    let baseline = baseline.map(|text| line.parse(text, "baseline", "a whole number"));
    Ok(Scale {
        gain: Some(gain).filter(|gain| gain.abs() > 1e-12),
        baseline: baseline.transpose()?,
        quantity_unit: shorten(quantity_unit),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(line: &str) -> Result<SignalSpec, HeaderError> {
        let header = Header::parse(format!("r 1 360 10\n{line}\n").as_bytes())?;
        Ok(header.signals[0].clone())
    }

    #[test]
    fn a_signal_line_says_how_its_samples_are_packed() {
        for (word, format, samples_per_frame, skew_frames, offset_bytes) in [
            ("16", 16, 1, 0, 0),
            ("212", 212, 1, 0, 0),
            ("16x2:3+24", 16, 2, 3, 24),
            ("16x1+24", 16, 1, 0, 24),
            ("16+24", 16, 1, 0, 24),
            ("212:4", 212, 1, 4, 0),
            ("212x4", 212, 4, 0, 0),
        ] {
            let spec = spec(&format!("a.dat {word} 200")).unwrap();
            let found =
                (spec.format.0, spec.samples_per_frame, spec.skew_frames, spec.offset_bytes);
            assert_eq!(found, (format, samples_per_frame, skew_frames, offset_bytes), "{word}");
        }
    }

    #[test]
    fn a_gain_has_a_baseline_and_a_unit_or_their_defaults() {
        for (line, gain, baseline, unit) in [
            ("a 212 200 11 1024 995 -22131 0 MLII", Some(200.0), 1024, "mV"),
            ("a 16 30061.27(-161790)/mV 16 0", Some(30061.27), -161_790, "mV"),
            ("a 212 12.84(-1605)/mmHg 12 0", Some(12.84), -1605, "mmHg"),
            ("a 16 1.052e+04/mV 16 0", Some(10520.0), 0, "mV"),
            ("a 16 0 16 7", None, 7, "mV"),
            ("a 16", None, 0, "mV"),
        ] {
            let spec = spec(line).unwrap();
            let found = (spec.gain, spec.baseline, spec.quantity_unit.as_str());
            assert_eq!(found, (gain, baseline, unit), "{line}");
        }
    }

    #[test]
    fn a_description_is_the_rest_of_the_line_and_comments_are_kept() {
        let text = b"# first\r\nr/2 1\n";
        assert!(matches!(Header::parse(text), Err(HeaderError::Segmented { .. })));
        let text = b"r 1 360 10\r\na.dat 16 200 11 0 5 -1 0 sig 1, fmt 16\r\n# 75 F\r\n";
        let header = Header::parse(text).unwrap();
        assert_eq!(header.signals[0].description, "sig 1, fmt 16");
        assert_eq!(header.signals[0].checksum, Some(65535));
        assert_eq!(header.comments, ["75 F"]);
    }

    #[test]
    fn a_hostile_header_is_refused_with_line_value_and_remedy() {
        for (text, message) in [
            ("", "the header has no record line: give a WFDB header (.hea)"),
            (
                "r 1 NaN 10\na 16",
                "line 1: sampling frequency \"NaN\" is not above 0 and up to 1,000,000 Hz: correct the header",
            ),
            (
                "r 1 0 10\na 16",
                "line 1: sampling frequency \"0\" is not above 0 and up to 1,000,000 Hz: correct the header",
            ),
            (
                "r 99999999999999999999",
                "line 1: number of signals \"99999999999999999999\" is not a number up to 1024: correct the header",
            ),
            (
                "r 2 360 10\na.dat 16 200",
                "the header describes 1 of 2 signals: copy it again, its end is missing",
            ),
            (
                "r 1\na x",
                "line 2: format \"\" is not a number such as 16, 212 or 16x2:3+24: correct the header",
            ),
            ("r 1\na 16 inf", "line 2: gain \"inf\" is not a finite number: correct the header"),
        ] {
            assert_eq!(Header::parse(text.as_bytes()).unwrap_err().to_string(), message);
        }
    }
}
