//! Lines and their values.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};

use crate::error::TableError;

/// A line that says something, cut into values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'r> {
    /// Its number in the file.
    pub(crate) number: usize,
    text: &'r str,
    /// Where values end in `text`.
    ends: &'r [usize],
    /// Bytes between the end of a value and the next.
    gap: usize,
}

impl<'r> Line<'r> {
    pub(crate) fn n_values(&self) -> usize {
        self.ends.len()
    }

    /// The value at a place, without the blanks around it; `None` where the line ends before.
    pub(crate) fn value(&self, place: usize) -> Option<&'r str> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] + self.gap };
        Some(self.text[start..end].trim())
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &'r str> {
        (0..self.n_values()).filter_map(|place| self.value(place))
    }
}

/// The lines of a text.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    rest: &'a str,
    number_next: usize,
    ends: Vec<usize>,
    unquoting: Unquoting,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, first_line: usize) -> Self {
        let rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { rest, number_next: first_line, ends: Vec::new(), unquoting: Unquoting::new() }
    }

    /// The next line that says something.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, TableError> {
        while !self.rest.is_empty() {
            let (text, has_quotes) = self.cut();
            let number = self.number_next;
            self.number_next += 1;
            if text.bytes().all(|byte| byte == b',' || byte.is_ascii_whitespace()) {
                continue;
            }
            if has_quotes {
                return self.unquoting.unquote(number, text, &mut self.ends).map(Some);
            }
            return Ok(Some(Line { number, text, ends: &self.ends, gap: 1 }));
        }
        Ok(None)
    }

    /// Takes a line off and notes its commas and end; answers whether there are quotation marks.
    fn cut(&mut self) -> (&'a str, bool) {
        self.ends.clear();
        let mut has_quotes = false;
        let rest = self.rest;
        let mut end = rest.len();
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b',' => self.ends.push(at),
                b'"' => has_quotes = true,
                b'\n' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        self.ends.push(end);
        self.rest = rest.get(end + 1..).unwrap_or_default();
        (&rest[..end], has_quotes)
    }
}

/// Takes quotation marks off. Few lines have them: the others are cut where they stand.
#[derive(Debug)]
struct Unquoting {
    reader: Reader,
    text: Vec<u8>,
}

impl Unquoting {
    fn new() -> Self {
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        Self { reader, text: Vec::new() }
    }

    /// Cuts a line; `ends` has room for a value after each comma and one more.
    fn unquote<'r>(
        &'r mut self,
        number: usize,
        line: &str,
        ends: &'r mut [usize],
    ) -> Result<Line<'r>, TableError> {
        let line = line.trim_end();
        self.text.resize(line.len() + 1, 0);
        self.reader.reset();
        let (_, _, n_bytes, n_ends) =
            self.reader.read_record(line.as_bytes(), &mut self.text, ends);
        let (end, _, _, n_last) =
            self.reader.read_record(b"\n", &mut self.text[n_bytes..], &mut ends[n_ends..]);
        if end != ReadRecordResult::Record {
            return Err(TableError::Quote { line: number });
        }
        let text = std::str::from_utf8(&self.text[..n_bytes]);
        let text = text.expect("of UTF-8, only ASCII was taken out");
        Ok(Line { number, text, ends: &ends[..n_ends + n_last], gap: 0 })
    }
}
