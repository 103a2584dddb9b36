//! SFLOAT and FLOAT, the decimal numbers of medical devices (IEEE 11073-20601, annex F; the same
//! in the GATT Specification Supplement as `medfloat16` and `medfloat32`).

use crate::reading::{Absence, Value};

/// A decimal number, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MedicalFloat {
    /// `mantissa * 10^exponent`.
    Decimal {
        /// 12 bits in an SFLOAT, 24 in a FLOAT, two's complement.
        mantissa: i32,
        /// 4 bits in an SFLOAT, 8 in a FLOAT, two's complement.
        exponent: i8,
    },
    /// One of the five special values.
    Special(Absence),
}

/// The special values by the distance of their mantissa from the smallest one, exponent 0.
const SPECIALS: [(i32, Absence); 5] = [
    (-2, Absence::PositiveInfinity),
    (-1, Absence::NotANumber),
    (0, Absence::NotAtThisResolution),
    (1, Absence::Reserved),
    (2, Absence::NegativeInfinity),
];

/// How many bits mantissa and exponent have.
struct Layout {
    mantissa: u32,
    exponent: u32,
}

const SFLOAT: Layout = Layout { mantissa: 12, exponent: 4 };
const FLOAT: Layout = Layout { mantissa: 24, exponent: 8 };

impl Layout {
    /// The mantissa that stands for "not at this resolution": the smallest one.
    const fn smallest(&self) -> i32 {
        -(1 << (self.mantissa - 1))
    }

    fn special_mantissa(&self, distance: i32) -> i32 {
        // Below the smallest mantissa lie, in two's complement, the largest ones.
        sign_extend((self.smallest() + distance).cast_unsigned(), self.mantissa)
    }

    fn read(&self, bits: u32) -> MedicalFloat {
        let mantissa = sign_extend(bits, self.mantissa);
        let exponent = sign_extend(bits >> self.mantissa, self.exponent);
        let special = |&&(distance, _): &&(i32, Absence)| {
            exponent == 0 && mantissa == self.special_mantissa(distance)
        };
        if let Some(&(_, absence)) = SPECIALS.iter().find(special) {
            return MedicalFloat::Special(absence);
        }
        let exponent = i8::try_from(exponent).expect("it has at most 8 bits");
        MedicalFloat::Decimal { mantissa, exponent }
    }

    fn write(&self, number: MedicalFloat) -> Option<u32> {
        let (mantissa, exponent) = match number {
            MedicalFloat::Decimal { mantissa, exponent } => (mantissa, i32::from(exponent)),
            MedicalFloat::Special(absence) => {
                let (distance, _) = SPECIALS.iter().find(|(_, special)| *special == absence)?;
                (self.special_mantissa(*distance), 0)
            }
        };
        let mask = (1 << self.mantissa) - 1;
        let low = (exponent.cast_unsigned() << self.mantissa) | (mantissa.cast_unsigned() & mask);
        let bits = if self.mantissa + self.exponent < 32 {
            low & ((1 << (self.mantissa + self.exponent)) - 1)
        } else {
            low
        };
        (self.read(bits) == number).then_some(bits)
    }
}

fn sign_extend(bits: u32, n_bits: u32) -> i32 {
    (bits << (32 - n_bits)).cast_signed() >> (32 - n_bits)
}

impl MedicalFloat {
    /// Reads an SFLOAT.
    pub fn from_sfloat(bits: u16) -> Self {
        SFLOAT.read(bits.into())
    }

    /// Reads a FLOAT.
    pub fn from_float(bits: u32) -> Self {
        FLOAT.read(bits)
    }

    /// Writes an SFLOAT; `None` where the number does not fit exactly as it stands.
    pub fn to_sfloat(self) -> Option<u16> {
        SFLOAT.write(self).and_then(|bits| u16::try_from(bits).ok())
    }

    /// Writes a FLOAT; `None` where the number does not fit exactly as it stands.
    pub fn to_float(self) -> Option<u32> {
        FLOAT.write(self)
    }

    /// The number as the nearest double, or why there is none.
    pub fn value(self) -> Value {
        match self {
            Self::Decimal { mantissa, exponent } => {
                let nearest = format!("{mantissa}e{exponent}").parse();
                Value::Number(nearest.expect("digits and an exponent are a number"))
            }
            Self::Special(absence) => Value::Missing(absence),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn decimal(mantissa: i32, exponent: i8) -> MedicalFloat {
        MedicalFloat::Decimal { mantissa, exponent }
    }

    #[test]
    fn an_sfloat_has_a_signed_exponent_and_five_special_values() {
        for (bits, number) in [
            (0x0072, decimal(114, 0)),
            (0xf258, decimal(600, -1)),
            (0xf352, decimal(850, -1)),
            (0x0ffe, decimal(-2, 0)),
            (0x8001, decimal(1, -8)),
            (0x7001, decimal(1, 7)),
            (0x07fd, decimal(2045, 0)),
            (0x0803, decimal(-2045, 0)),
            (0x17ff, decimal(2047, 1)),
            (0x07fe, MedicalFloat::Special(Absence::PositiveInfinity)),
            (0x07ff, MedicalFloat::Special(Absence::NotANumber)),
            (0x0800, MedicalFloat::Special(Absence::NotAtThisResolution)),
            (0x0801, MedicalFloat::Special(Absence::Reserved)),
            (0x0802, MedicalFloat::Special(Absence::NegativeInfinity)),
        ] {
            assert_eq!(MedicalFloat::from_sfloat(bits), number, "{bits:04x}");
            assert_eq!(number.to_sfloat(), Some(bits), "{bits:04x}");
        }
        assert_eq!(decimal(2048, 0).to_sfloat(), None);
        assert_eq!(decimal(1, 8).to_sfloat(), None);
    }

    #[test]
    fn a_float_has_a_signed_exponent_and_five_special_values() {
        for (bits, number) in [
            (0xff00_016c, decimal(364, -1)),
            (0xff00_02fa, decimal(762, -1)),
            (0xfe00_1c5c, decimal(7260, -2)),
            (0x0080_0003, decimal(-8_388_605, 0)),
            (0x007f_fffe, MedicalFloat::Special(Absence::PositiveInfinity)),
            (0x007f_ffff, MedicalFloat::Special(Absence::NotANumber)),
            (0x0080_0000, MedicalFloat::Special(Absence::NotAtThisResolution)),
            (0x0080_0001, MedicalFloat::Special(Absence::Reserved)),
            (0x0080_0002, MedicalFloat::Special(Absence::NegativeInfinity)),
        ] {
            assert_eq!(MedicalFloat::from_float(bits), number, "{bits:08x}");
            assert_eq!(number.to_float(), Some(bits), "{bits:08x}");
        }
        assert_eq!(decimal(364, -1).value(), Value::Number(36.4));
        assert_eq!(decimal(1, 127).value(), Value::Number(1e127));
    }

    #[test]
    fn every_sfloat_is_written_as_it_was_read() {
        for bits in 0..=u16::MAX {
            assert_eq!(MedicalFloat::from_sfloat(bits).to_sfloat(), Some(bits));
        }
    }
}
