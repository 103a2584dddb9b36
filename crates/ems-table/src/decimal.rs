//! Numbers as people write them.
//!
//! Most numbers of a table have up to eight characters: these are read as one word, without a
//! branch for each (after Lemire, "Quickly parsing eight digits", 2018).

/// Powers of ten that a float holds exactly.
const TENS: [f64; 8] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7];
const LANES: u64 = u64::from_ne_bytes([1; 8]);

/// The number that a text is, as [`str::parse`] reads it: infinite and NaN, too.
#[inline]
pub fn decimal(text: &str) -> Option<f64> {
    short(text.as_bytes()).or_else(|| text.parse().ok())
}

/// The whole number that a text is, as [`str::parse`] reads it.
#[inline]
pub fn whole(text: &str) -> Option<u32> {
    let word = word(text.as_bytes());
    word.and_then(|word| digits(word, text.len())).or_else(|| text.parse().ok())
}

/// Up to eight characters, one of which may be a point behind a digit: a whole number over an
/// exact power of ten, so that the division alone rounds (Clinger, How to read floating point
/// numbers accurately, PLDI 1990).
#[inline]
fn short(text: &[u8]) -> Option<f64> {
    let word = word(text)?;
    let point = place_of(b'.', word);
    if point >= text.len() {
        return digits(word, text.len()).map(f64::from);
    }
    let before = word & !(u64::MAX << (8 * point));
    let after = (word >> (8 * point)) >> 8;
    let number = digits(before | after << (8 * point), text.len() - 1).filter(|_| point > 0)?;
    Some(f64::from(number) / TENS[text.len() - 1 - point])
}

/// One to eight bytes as a word, the first lowest, zeros behind them.
#[inline]
fn word(text: &[u8]) -> Option<u64> {
    let n_bytes = text.len();
    match (text.first_chunk(), text.last_chunk()) {
        (Some(&first), Some(&last)) if n_bytes <= 8 => {
            let last = u64::from(u32::from_le_bytes(last));
            Some(u64::from(u32::from_le_bytes(first)) | last << (8 * (n_bytes - 4)))
        }
        (None, None) if n_bytes > 0 => {
            let at = |place: usize| u64::from(text[place]) << (8 * place);
            Some(at(0) | at(n_bytes / 2) | at(n_bytes - 1))
        }
        _ => None,
    }
}

/// Where the first byte of a word is this one, or 8.
#[inline]
fn place_of(byte: u8, word: u64) -> usize {
    let other = word ^ (LANES * u64::from(byte));
    let is_zero = other.wrapping_sub(LANES) & !other & (LANES << 7);
    is_zero.trailing_zeros() as usize / 8
}

/// The number of which a word's first bytes are the digits; `None` where one is none, or there is
/// none.
#[inline]
fn digits(word: u64, n_digits: usize) -> Option<u32> {
    let unused = 64_u32.checked_sub(8 * u32::try_from(n_digits).ok()?).filter(|&it| it < 64)?;
    let values = (word << unused).wrapping_sub((LANES * u64::from(b'0')) << unused);
    let is_over = values.wrapping_add(LANES * (0x7f - 9)) | values;
    if is_over & (LANES << 7) != 0 {
        return None;
    }
    let pairs = values.wrapping_mul(10).wrapping_add(values >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_ffff_0000_ffff;
    u32::try_from(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0xffff_ffff).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_what_the_standard_library_reads(
            text in prop_oneof!["[0-9]{1,17}(\\.[0-9]{0,17})?", "[-+.0-9eE]{0,12}", "\\+?[0-9]{0,12}", "nan|inf|-inf|\\PC*"]
        ) {
            let same = text.parse::<f64>().ok().map(f64::to_bits);
            prop_assert_eq!(decimal(&text).map(f64::to_bits), same);
            prop_assert_eq!(whole(&text), text.parse().ok());
        }
    }
}
