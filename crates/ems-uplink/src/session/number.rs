//! Numbers of which the last bits are written.

use ems_model::{Micros, Timestamp};

/// A number on the wire: its last 7, 14, 29 or 61 bits. The rest follows from what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    low: u64,
    n_bits: u32,
}

/// How many bits are written in how many bytes, and what marks them: as many ones as in the mark,
/// then a zero or, of the longest, none.
const WIDTHS: [(u32, usize, u8); 4] = [(7, 1, 0), (14, 2, 0x80), (29, 4, 0xc0), (61, 8, 0xe0)];
const WHOLE_BITS: u32 = 61;

impl Number {
    /// Written in full: below 2^61.
    pub fn whole(value: u64) -> Self {
        Self::of(value, WHOLE_BITS)
    }

    /// Written so short that it can be told from all numbers that are up to twice `reach` away.
    pub fn within(value: u64, reach: u64) -> Self {
        let is_wide = |width: &&(u32, usize, u8)| reach < 1 << (width.0 - 2);
        Self::of(value, WIDTHS.iter().find(is_wide).map_or(WHOLE_BITS, |width| width.0))
    }

    /// The number that ends so and is nearest to `expected` (as RFC 9000, appendix A.3).
    pub fn near(self, expected: u64) -> u64 {
        let span = 1_u64 << self.n_bits;
        let here = expected.min((1 << WHOLE_BITS) - 1) & !(span - 1) | self.low;
        if self.n_bits == WHOLE_BITS {
            return self.low;
        }
        let around = [here.checked_sub(span), Some(here), here.checked_add(span)];
        let nearest = around.into_iter().flatten().min_by_key(|it| it.abs_diff(expected));
        nearest.unwrap_or(here)
    }

    /// The number itself, where it is written in full.
    pub(crate) fn value(self) -> u64 {
        self.low
    }

    /// The width that the first byte tells: how many more bytes follow.
    pub(crate) fn n_more(first: u8) -> usize {
        width_of(first).1 - 1
    }

    pub(crate) fn read(first: u8, more: &[u8]) -> Self {
        let (n_bits, _, mark) = width_of(first);
        let first = u64::from(first ^ mark);
        let low = more.iter().fold(first, |value, byte| value << 8 | u64::from(*byte));
        Self { low, n_bits }
    }

    pub(crate) fn print(self, into: &mut Vec<u8>) {
        let width = WIDTHS.into_iter().find(|width| width.0 == self.n_bits);
        let (_, n_bytes, mark) = width.expect("made with one of the widths");
        let start = into.len();
        into.extend_from_slice(&self.low.to_be_bytes()[8 - n_bytes..]);
        into[start] |= mark;
    }

    fn of(value: u64, n_bits: u32) -> Self {
        Self { low: value & ((1 << n_bits) - 1), n_bits }
    }
}

fn width_of(first: u8) -> (u32, usize, u8) {
    WIDTHS[(first.leading_ones() as usize).min(3)]
}

/// Which numbers were given of late: they may still be on their way.
#[derive(Debug)]
pub(crate) struct Recent {
    span: Micros,
    turned_at: Timestamp,
    /// The first that was given in the span before, and in this one.
    first: u64,
    first_now: u64,
}

impl Recent {
    /// Of late is within `span` to twice that.
    pub(crate) const fn new(span: Micros) -> Self {
        Self { span, turned_at: Timestamp::from_micros(0), first: 0, first_now: 0 }
    }

    /// The first number of late, where `next` is given next.
    pub(crate) fn first(&mut self, now: Timestamp, next: u64) -> u64 {
        let passed = now.micros_since(self.turned_at);
        if passed >= self.span {
            let is_long = passed >= self.span + self.span;
            self.first = if is_long { next } else { self.first_now };
            (self.first_now, self.turned_at) = (next, now);
        }
        self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_from_all_within_its_reach() {
        for (value, reach, n_bytes) in [
            (5, 31, 1),
            (5_000, 31, 1),
            (5_000, 32, 2),
            (1 << 40, 4_095, 2),
            (1 << 40, 4_096, 4),
            (1 << 40, 1 << 27, 8),
        ] {
            let number = Number::within(value, reach);
            let mut bytes = vec![];
            number.print(&mut bytes);
            assert_eq!(bytes.len(), n_bytes, "{value} within {reach}");
            assert_eq!(1 + Number::n_more(bytes[0]), n_bytes);
            assert_eq!(Number::read(bytes[0], &bytes[1..]), number);
            for expected in [value.saturating_sub(reach), value, value + 2 * reach] {
                assert_eq!(number.near(expected), value, "{value}, {expected} expected");
            }
        }
    }

    #[test]
    fn numbers_of_late_are_those_of_this_span_and_the_one_before() {
        let mut recent = Recent::new(Micros::from_millis(1_000));
        let start = Timestamp::from_millis(1_000_000);
        for (ms, next, first) in
            [(0, 10, 10), (500, 20, 10), (1_000, 30, 10), (2_000, 40, 30), (9_000, 50, 50)]
        {
            let now = start + Micros::from_millis(ms);
            assert_eq!(recent.first(now, next), first, "at {ms} ms");
        }
    }
}
