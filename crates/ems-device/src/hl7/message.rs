//! One message, taken apart.

use super::text::Delimiters;
use crate::fault::Fault;

/// The largest message, in bytes.
pub const MAX_HL7_BYTES: usize = 1 << 20;
const REMEDY: &str = "check that the sender speaks HL7 version 2";

/// A message: its segments in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    delimiters: Delimiters,
    segments: Vec<Segment>,
}

/// A segment: its name and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    delimiters: Delimiters,
    fields: Vec<String>,
}

impl Message {
    /// Takes a message apart. Bytes that are no UTF-8 are read as ISO 8859-1 where MSH-18 says so,
    /// else replaced.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        if bytes.len() > MAX_HL7_BYTES {
            return Err(Fault::new(
                "message",
                format!("{} bytes long", bytes.len()),
                "up to 1048576",
                "send fewer observations at once",
            ));
        }
        let text = text_of(bytes);
        let text = text.trim_start_matches(['\r', '\n', '\u{feff}']);
        let delimiters = delimiters(text)?;
        let lines = text.split(['\r', '\n']).filter(|line| !line.trim().is_empty());
        let segments = lines.map(|line| Segment::parse(line, delimiters)).collect();
        Ok(Self { delimiters, segments })
    }

    /// The segments, MSH first.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The message as it is sent: each segment ended by a carriage return.
    pub fn to_text(&self) -> String {
        let separator = self.delimiters.field.to_string();
        self.segments.iter().map(|segment| segment.fields.join(&separator) + "\r").collect()
    }

    pub(super) const fn delimiters(&self) -> &Delimiters {
        &self.delimiters
    }

    pub(super) fn header(&self) -> &Segment {
        &self.segments[0]
    }
}

fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) if declares_latin_1(bytes) => bytes.iter().map(|&byte| char::from(byte)).collect(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn declares_latin_1(bytes: &[u8]) -> bool {
    let header = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
    header.split(|byte| *byte == b'|').nth(17).is_some_and(|it| it.starts_with(b"8859/1"))
}

/// `MSH|^~\&`: the character after the name, and the four after it.
fn delimiters(text: &str) -> Result<Delimiters, Fault> {
    let start: String = text.chars().take(8).collect();
    let wrong = || {
        Fault::new(
            "message",
            format!("\"{}\"", start.escape_debug()),
            "MSH and its delimiters at the start",
            REMEDY,
        )
    };
    let marks: Vec<char> = start.strip_prefix("MSH").ok_or_else(wrong)?.chars().collect();
    let [field, component, repetition, escape, subcomponent] = marks[..] else {
        return Err(wrong());
    };
    let is_mark = |(idx, mark): (usize, &char)| {
        !mark.is_alphanumeric()
            && !mark.is_whitespace()
            && !mark.is_control()
            && !marks[..idx].contains(mark)
    };
    if !marks.iter().enumerate().all(is_mark) {
        return Err(wrong());
    }
    Ok(Delimiters { field, component, repetition, escape, subcomponent })
}

impl Segment {
    fn parse(line: &str, delimiters: Delimiters) -> Self {
        Self { delimiters, fields: line.split(delimiters.field).map(str::to_owned).collect() }
    }

    /// The three letters of its name.
    pub fn name(&self) -> &str {
        &self.fields[0]
    }

    /// Field `number` as it stands, counted as the standard does: MSH-1 is the delimiter itself.
    /// Empty where there is none.
    pub fn field(&self, number: usize) -> &str {
        let idx = if self.name() == "MSH" { number.saturating_sub(1) } else { number };
        self.fields.get(idx).map_or("", String::as_str)
    }

    /// Component `number`, counted from 1, of the first repetition of a field, escapes undone.
    pub fn component(&self, field: usize, number: usize) -> String {
        self.part(self.field(field), number)
    }

    /// The components of the first repetition of a field, escapes undone. Cost: the field.
    pub(super) fn components(&self, field: usize) -> Vec<String> {
        let first = self.field(field).split(self.delimiters.repetition).next().unwrap_or_default();
        first.split(self.delimiters.component).map(|it| self.delimiters.unescape(it)).collect()
    }

    /// The repetitions of a field, escapes undone.
    pub fn repetitions(&self, field: usize) -> Vec<String> {
        let parts = self.field(field).split(self.delimiters.repetition);
        parts.map(|it| self.delimiters.unescape(it)).collect()
    }

    fn part(&self, field: &str, number: usize) -> String {
        let first = field.split(self.delimiters.repetition).next().unwrap_or_default();
        let part = first.split(self.delimiters.component).nth(number.saturating_sub(1));
        self.delimiters.unescape(part.unwrap_or_default())
    }
}
