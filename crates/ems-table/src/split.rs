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
        let line_end = each_mark(rest.as_bytes(), |at, mark| {
            match mark {
                b',' => self.ends.push(at),
                b'"' => has_quotes = true,
                _ => {}
            }
            mark == b'\n'
        });
        let end = line_end.unwrap_or(rest.len());
        self.ends.push(end);
        self.rest = rest.get(end + 1..).unwrap_or_default();
        (&rest[..end], has_quotes)
    }
}

/// A text without the blanks around it: most values have none, which their ends show.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

const LANES: u64 = u64::from_ne_bytes([1; 8]);

/// Calls with the place of each byte up to the comma, the highest that parts anything, and of a few
/// more, until one ends it; answers which. Found eight bytes at a time, for most of a line stands
/// between.
#[inline]
fn each_mark(bytes: &[u8], mut ends: impl FnMut(usize, u8) -> bool) -> Option<usize> {
    let (words, last) = bytes.as_chunks();
    let mut at_word = |at: usize, word: u64| {
        let mut hits = hits(word);
        let bytes = word.to_le_bytes();
        while hits != 0 {
            let lane = hits.trailing_zeros() as usize / 8;
            if ends(at + lane, bytes[lane]) {
                return Some(at + lane);
            }
            hits &= hits - 1;
        }
        None
    };
    for (at, word) in words.iter().enumerate() {
        if let Some(end) = at_word(8 * at, u64::from_le_bytes(*word)) {
            return Some(end);
        }
    }
    let word = last.iter().rev().fold(u64::MAX, |word, &byte| word << 8 | u64::from(byte));
    at_word(8 * words.len(), word)
}

/// The high bit of each byte that is at most a comma, in their order from the lowest; a lane that
/// lends to the one above it may mark that, too.
fn hits(word: u64) -> u64 {
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
            let mut found = Vec::new();
            each_mark(&bytes, |at, _| {
                found.push(at);
                false
            });
            found.retain(is_mark);
            let plain: Vec<usize> = (0..bytes.len()).filter(is_mark).collect();
            prop_assert_eq!(found, plain);
        }
    }
}
