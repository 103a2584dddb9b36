//! How WFDB packs samples into bytes (WFDB Applications Guide, 10th edition, signal(5)).

use crate::StorageFormat;

/// The formats that are read, for messages.
pub(crate) const SUPPORTED: &str = "0, 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524";

/// A way of packing samples that this crate reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// Differences of one signed byte.
    Differences,
    /// Two's complement, little endian, of 2, 3 or 4 bytes.
    Little(u8),
    /// Two's complement, big endian, of 2 bytes.
    Big16,
    /// One byte, offset by 128.
    Offset8,
    /// Two bytes, offset by 32,768.
    Offset16,
    /// Two 12-bit samples in 3 bytes.
    Packed212,
    /// Three 10-bit samples in 4 bytes, the third split over the high bits.
    Packed310,
    /// Three 10-bit samples in 4 bytes.
    Packed311,
    /// A FLAC stream with samples of at most so many bits.
    Flac(u32),
}

impl Packing {
    pub(crate) fn of(format: StorageFormat) -> Option<Self> {
        Some(match format.0 {
            8 => Self::Differences,
            16 => Self::Little(2),
            24 => Self::Little(3),
            32 => Self::Little(4),
            61 => Self::Big16,
            80 => Self::Offset8,
            160 => Self::Offset16,
            212 => Self::Packed212,
            310 => Self::Packed310,
            311 => Self::Packed311,
            508 | 516 | 524 => Self::Flac(u32::from(format.0) - 500),
            _ => return None,
        })
    }

    /// How many whole samples `n_bytes` hold.
    pub(crate) fn n_samples(self, n_bytes: usize) -> usize {
        match self {
            Self::Differences | Self::Offset8 => n_bytes,
            Self::Little(width) => n_bytes / usize::from(width),
            Self::Big16 | Self::Offset16 => n_bytes / 2,
            Self::Packed212 => n_bytes / 3 * 2 + usize::from(n_bytes % 3 == 2),
            Self::Packed310 => n_bytes / 4 * 3 + usize::from(n_bytes % 4 >= 2),
            Self::Packed311 => n_bytes / 4 * 3 + [0, 0, 1, 2][n_bytes % 4],
            Self::Flac(_) => 0,
        }
    }

    /// The value that marks a missing sample.
    pub(crate) const fn missing(self) -> Option<i32> {
        match self {
            Self::Differences => None,
            Self::Little(4) => Some(i32::MIN),
            Self::Little(3) => Some(-(1 << 23)),
            Self::Little(_) | Self::Big16 | Self::Offset16 => Some(-(1 << 15)),
            Self::Offset8 => Some(-(1 << 7)),
            Self::Packed212 => Some(-(1 << 11)),
            Self::Packed310 | Self::Packed311 => Some(-(1 << 9)),
            Self::Flac(bits) => Some(-(1 << (bits - 1))),
        }
    }

    /// Sample `idx` in ADC units; 0 where the bytes do not reach, or are not packed one by one.
    pub(crate) fn sample(self, bytes: &[u8], idx: usize) -> i32 {
        match self {
            Self::Differences => signed(byte(bytes, idx), 8),
            Self::Little(width) => {
                let width = usize::from(width);
                signed(little(bytes, idx * width, width), 8 * width)
            }
            Self::Big16 => signed(little(bytes, idx * 2, 2).swap_bytes() >> 16, 16),
            Self::Offset8 => signed(byte(bytes, idx) ^ 0x80, 8),
            Self::Offset16 => signed(little(bytes, idx * 2, 2) ^ 0x8000, 16),
            Self::Packed212 => sample_212(bytes, idx),
            Self::Packed310 => sample_310(bytes, idx),
            Self::Packed311 => signed(little(bytes, idx / 3 * 4, 4) >> (idx % 3 * 10), 10),
            Self::Flac(_) => 0,
        }
    }
}

fn sample_212(bytes: &[u8], idx: usize) -> i32 {
    let at = idx / 2 * 3;
    let bits = if idx.is_multiple_of(2) {
        little(bytes, at, 2)
    } else {
        byte(bytes, at + 2) | (byte(bytes, at + 1) & 0xf0) << 4
    };
    signed(bits, 12)
}

fn sample_310(bytes: &[u8], idx: usize) -> i32 {
    let at = idx / 3 * 4;
    let (low, high) = (little(bytes, at, 2), little(bytes, at + 2, 2));
    let bits = match idx % 3 {
        0 => low >> 1,
        1 => high >> 1,
        _ => (low >> 11) | (high >> 11) << 5,
    };
    signed(bits, 10)
}

fn byte(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at).copied().map_or(0, u32::from)
}

/// The number in up to 4 bytes from `at`, little endian.
fn little(bytes: &[u8], at: usize, n_bytes: usize) -> u32 {
    (0..n_bytes).fold(0, |number, idx| number | byte(bytes, at + idx) << (8 * idx))
}

/// The low `n_bits` of `bits` as two's complement.
#[expect(clippy::cast_possible_wrap, reason = "two's complement is meant")]
fn signed(bits: u32, n_bits: usize) -> i32 {
    let shift = 32 - n_bits;
    (bits << shift) as i32 >> shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_12_bit_samples_takes_three_bytes() {
        let bytes = [0xe3, 0x33, 0xe8, 0x00, 0x08];
        assert_eq!(Packing::Packed212.n_samples(5), 3);
        for (idx, value) in [(0, 995), (1, 1000), (2, -2048)] {
            assert_eq!(Packing::Packed212.sample(&bytes, idx), value, "sample {idx}");
        }
    }

    #[test]
    fn a_16_bit_sample_is_little_endian_twos_complement() {
        let bytes = [0x01, 0x00, 0xff, 0xff, 0x00, 0x80, 0x7f];
        assert_eq!(Packing::Little(2).n_samples(7), 3);
        for (idx, value) in [(0, 1), (1, -1), (2, -32768)] {
            assert_eq!(Packing::Little(2).sample(&bytes, idx), value, "sample {idx}");
        }
    }
}
