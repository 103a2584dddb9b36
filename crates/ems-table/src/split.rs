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
    #[inline]
    pub(crate) fn value(&self, place: usize) -> Option<&'r str> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] + self.gap };
        Some(trimmed(&self.text[start..end]))
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
    #[inline]
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
        for at in Low::of(rest.as_bytes()) {
            match rest.as_bytes()[at] {
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

/// A text without the blanks around it: most values have none, which their ends show.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

const LANES: u64 = u64::from_ne_bytes([1; 8]);

/// The places of all bytes up to the comma, the highest that parts anything, and of a few more:
/// found eight bytes at a time, for most of a line stands between.
struct Low<'a> {
    bytes: &'a [u8],
    /// Where the eight bytes begin that were looked at last.
    at: usize,
    /// The high bit of each of these that is still to be told.
    hits: u64,
}

impl<'a> Low<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, hits: hits(bytes) }
    }
}

impl Iterator for Low<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            self.at += 8;
            self.hits = hits(self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?);
        }
        let at = self.at + self.hits.trailing_zeros() as usize / 8;
        self.hits &= self.hits - 1;
        Some(at)
    }
}

/// The high bit of each of the first eight bytes that is at most a comma, in their order from the
/// lowest; a lane that lends to the one above it may mark that, too.
fn hits(bytes: &[u8]) -> u64 {
    let word = match bytes.first_chunk() {
        Some(eight) => u64::from_le_bytes(*eight),
        None => bytes.iter().rev().fold(u64::MAX, |word, &byte| word << 8 | u64::from(byte)),
    };
    word.wrapping_sub(LANES * u64::from(b',' + 1)) & !word & (LANES << 7)
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_mark_is_found_and_none_is_beyond_the_end(
            bytes in proptest::collection::vec(
                prop_oneof![Just(b','), b'*'..b'0', any::<u8>()],
                0..40,
            )
        ) {
            let is_mark = |at: &usize| matches!(bytes[*at], b',' | b'"' | b'\n');
            let found: Vec<usize> = Low::of(&bytes).filter(is_mark).collect();
            let plain: Vec<usize> = (0..bytes.len()).filter(is_mark).collect();
            prop_assert_eq!(found, plain);
        }
    }
}
