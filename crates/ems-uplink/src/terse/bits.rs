//! Numbers of any number of bits, the highest first.

/// Writes bits.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    n_bits: usize,
}

impl BitWriter {
    /// Appends the last `n_bits` of a number.
    pub(super) fn put(&mut self, value: u32, n_bits: u8) {
        for place in (0..n_bits).rev() {
            if self.n_bits.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::from(value >> place & 1 == 1);
            let last = self.bytes.last_mut().expect("a byte was pushed");
            *last |= bit << (7 - self.n_bits % 8);
            self.n_bits += 1;
        }
    }

    /// Whether a number is there, and the number.
    pub(super) fn put_option(&mut self, value: Option<u32>, n_bits: u8) {
        self.put(u32::from(value.is_some()), 1);
        if let Some(value) = value {
            self.put(value, n_bits);
        }
    }

    /// What was written, its last byte filled with zeros.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads bits.
#[derive(Debug)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `n_bits`, at most 32; `None` where there are fewer.
    pub(super) fn take(&mut self, n_bits: u8) -> Option<u32> {
        let end = self.at + usize::from(n_bits);
        if end > 8 * self.bytes.len() {
            return None;
        }
        let bit = |at: usize| u32::from(self.bytes[at / 8] >> (7 - at % 8) & 1);
        let value = (self.at..end).fold(0, |value, at| value << 1 | bit(at));
        self.at = end;
        Some(value)
    }

    /// Whether only the zeros that fill the last byte are left.
    pub(super) fn is_done(&mut self) -> bool {
        let n_left = 8 * self.bytes.len() - self.at;
        let n_left = u8::try_from(n_left).unwrap_or(u8::MAX);
        n_left < 8 && self.take(n_left) == Some(0)
    }
}

/// CRC-16/IBM-3740: polynomial 0x1021, from 0xffff. Every burst of up to 16 bits is found.
pub(super) fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = u16::MAX;
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        }
    }
    crc
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_check_sum_is_the_catalogues() {
        assert_eq!(super::crc16(b"123456789"), 0x29b1);
    }
}
