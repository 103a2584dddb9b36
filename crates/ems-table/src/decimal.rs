//! Numbers as people write them.

/// Powers of ten that a float holds exactly, as far as [`short`] needs them.
const TENS: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// The number that a text is, as [`str::parse`] reads it: infinite and NaN, too.
#[inline]
pub fn decimal(text: &str) -> Option<f64> {
    short(text.as_bytes()).or_else(|| text.parse().ok())
}

/// The whole number that a text is, as [`str::parse`] reads it.
#[inline]
pub fn whole(text: &str) -> Option<u32> {
    let digits = text.as_bytes();
    let is_short = (1..=9).contains(&digits.len());
    let short = is_short.then(|| take_digits(digits, 0)).flatten();
    short.and_then(|number| u32::try_from(number).ok()).or_else(|| text.parse().ok())
}

/// Up to 15 digits, perhaps with a point after some: a whole number below 2^53 over an exact power
/// of ten, so that the division alone rounds (Clinger, How to read floating point numbers
/// accurately, PLDI 1990). Most numbers of a table are such, and this takes a fifth of the time.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "15 digits are below 2^53")]
fn short(text: &[u8]) -> Option<f64> {
    let point = text.iter().position(|&byte| byte == b'.').unwrap_or(text.len());
    if text.len() >= TENS.len() || point == 0 {
        return None;
    }
    let (before, after) = (&text[..point], text.get(point + 1..).unwrap_or_default());
    let number = take_digits(after, take_digits(before, 0)?)?;
    Some(number as f64 / TENS[after.len()])
}

/// A number with digits written behind it; `None` where others than digits stand.
#[inline]
fn take_digits(digits: &[u8], number: u64) -> Option<u64> {
    let mut number = number;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = 10 * number + u64::from(digit);
    }
    Some(number)
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
