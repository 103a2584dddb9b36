//! Lines and their values.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder, Terminator};
use wide::i8x16;

use crate::error::TableError;

/// A text, a line of it at a time.
#[derive(Debug)]
pub(crate) struct Lines<'a> {
    text: &'a str,
    marks: Marks<'a>,
    /// Where the line behind the present one starts.
    next_start: usize,
    /// The present line's number in the file.
    number: usize,
    /// Where the present line's values start, and where one behind its last would.
    starts: Vec<usize>,
    found: Found,
    unquoting: Unquoting,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, first_line: usize) -> Self {
        Self::of(text.strip_prefix('\u{feff}').unwrap_or(text), first_line)
    }

    /// The lines not yet gone to: a value ends on its line, so any line can be the first.
    pub(crate) fn halves(&self) -> [Self; 2] {
        let left = &self.text[self.next_start.min(self.text.len())..];
        let (_, behind) = left.split_at(left.floor_char_boundary(left.len() / 2));
        let cut = left.len() - behind.find('\n').map_or(0, |at| behind.len() - at - 1);
        let (first, second) = left.split_at(cut);
        let second_line = self.number + 1 + n_line_ends(first.as_bytes());
        [Self::of(first, self.number + 1), Self::of(second, second_line)]
    }

    fn of(text: &'a str, first_line: usize) -> Self {
        Self {
            text,
            marks: Marks::of(text.as_bytes()),
            next_start: 0,
            number: first_line - 1,
            starts: Vec::new(),
            found: Found::default(),
            unquoting: Unquoting::new(),
        }
    }

    /// Goes on to the next line that says something; answers whether there is one.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<bool, TableError> {
        while self.next_start < self.text.len() {
            let line = self.cut();
            self.number += 1;
            let n_commas = self.starts.len() - 2;
            let is_plain = line.len() > n_commas && !self.found.blanks;
            if is_plain || line.bytes().any(|byte| byte != b',' && !byte.is_ascii_whitespace()) {
                if self.found.quotes {
                    self.unquoting.unquote(self.number, line, &mut self.starts)?;
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a line off and notes what is found in it.
    #[inline]
    fn cut(&mut self) -> &'a str {
        let (start, text) = (self.next_start, self.text);
        self.found = Found::default();
        self.starts.clear();
        self.starts.push(start);
        let end = loop {
            let Some(at) = self.marks.next() else { break text.len() };
            match text.as_bytes()[at] {
                b',' => self.starts.push(at + 1),
                b'\n' => break at,
                b'"' => self.found.quotes = true,
                _ => self.found.blanks = true,
            }
        };
        self.next_start = end + 1;
        self.starts.push(end + 1);
        &text[start..end]
    }

    pub(crate) fn number(&self) -> usize {
        self.number
    }

    pub(crate) fn n_values(&self) -> usize {
        self.starts.len() - 1
    }

    /// The present line's value at a place, without the blanks around it; `None` where the line
    /// ends before.
    #[inline]
    pub(crate) fn value(&self, place: usize) -> Option<&str> {
        let &[start, next] = self.starts.get(place..)?.first_chunk()?;
        let is_plain = !self.found.quotes && !self.found.blanks;
        Some(if is_plain { &self.text[start..next - 1] } else { self.trimmed(start, next) })
    }

    #[cold]
    fn trimmed(&self, start: usize, next: usize) -> &str {
        let is_cut_out = self.found.quotes;
        let value = if is_cut_out {
            &self.unquoting.text[start..next]
        } else {
            &self.text[start..next - 1]
        };
        value.trim()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        (0..self.n_values()).filter_map(|place| self.value(place))
    }
}

fn n_line_ends(bytes: &[u8]) -> usize {
    // Counted in bytes, many at once: no sum of a chunk is beyond one.
    let n_of = |chunk: &[u8]| chunk.iter().map(|&byte| u8::from(byte == b'\n')).sum::<u8>();
    bytes.chunks(u8::MAX.into()).map(|chunk| usize::from(n_of(chunk))).sum()
}

/// What a line holds besides plain values.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    quotes: bool,
    /// Or letters beyond ASCII, of which some are blank.
    blanks: bool,
}

/// The places of commas, ends of lines, quotation marks, blanks and letters beyond ASCII: noted
/// for 64 bytes at once, so that no branch hangs on how long a value is.
#[derive(Debug)]
struct Marks<'a> {
    blocks: &'a [[u8; BLOCK]],
    last: &'a [u8],
    /// Where the block of `hits` starts.
    block: usize,
    /// A bit for each mark not yet told, that of the first byte lowest.
    hits: u64,
    next_block: usize,
}

const BLOCK: usize = 64;

impl<'a> Marks<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let (blocks, last) = bytes.as_chunks();
        Self { blocks, last, block: 0, hits: 0, next_block: 0 }
    }

    /// The next block's marks; `None` at the end.
    fn refill(&mut self) -> Option<()> {
        self.block = self.next_block;
        let (hits, n_bytes) = if let Some((block, rest)) = self.blocks.split_first() {
            self.blocks = rest;
            (hits(block), BLOCK)
        } else {
            let mut block = [b'0'; BLOCK];
            block.split_at_mut(self.last.len()).0.copy_from_slice(self.last);
            (hits(&block), std::mem::take(&mut self.last).len())
        };
        self.hits = hits;
        self.next_block += n_bytes;
        (n_bytes > 0).then_some(())
    }
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.hits == 0 {
            self.refill()?;
        }
        let lane = self.hits.trailing_zeros() as usize;
        self.hits &= self.hits - 1;
        Some(self.block + lane)
    }
}

/// A bit for each mark.
fn hits(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _) = block.as_chunks();
    lanes.iter().rev().fold(0, |hits, lanes| {
        let lanes = i8x16::new(lanes.map(u8::cast_signed));
        let at = |byte: u8| i8x16::splat(byte.cast_signed());
        // Bytes beyond ASCII are negative.
        let is_mark = lanes.simd_lt(at(b'!')) | lanes.simd_eq(at(b',')) | lanes.simd_eq(at(b'"'));
        hits << 16 | u64::from(is_mark.to_bitmask())
    })
}

/// Takes quotation marks off. Few lines have them: the others are cut where they stand.
#[derive(Debug)]
struct Unquoting {
    reader: Reader,
    text: String,
}

impl Unquoting {
    fn new() -> Self {
        let reader = ReaderBuilder::new().terminator(Terminator::Any(b'\n')).build();
        Self { reader, text: String::new() }
    }

    /// Writes a line's values next to each other; `starts` has room for one after each comma, and
    /// two more.
    fn unquote(
        &mut self,
        number: usize,
        line: &str,
        starts: &mut Vec<usize>,
    ) -> Result<(), TableError> {
        let line = line.trim_end();
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.resize(line.len() + 1, 0);
        self.reader.reset();
        starts[0] = 0;
        let ends = &mut starts[1..];
        let (_, _, n_bytes, n_ends) = self.reader.read_record(line.as_bytes(), &mut text, ends);
        let (end, _, _, n_last) =
            self.reader.read_record(b"\n", &mut text[n_bytes..], &mut ends[n_ends..]);
        if end != ReadRecordResult::Record {
            return Err(TableError::Quote { line: number });
        }
        starts.truncate(1 + n_ends + n_last);
        text.truncate(n_bytes);
        self.text = String::from_utf8(text).expect("of UTF-8, only ASCII was taken out");
        Ok(())
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
                0..200,
            )
        ) {
            let is_mark =
                |at: &usize| matches!(bytes[*at], 0..=b' ' | b'"' | b',' | 0x80..);
            let plain: Vec<usize> = (0..bytes.len()).filter(is_mark).collect();
            prop_assert_eq!(Marks::of(&bytes).collect::<Vec<usize>>(), plain);
        }
    }
}
