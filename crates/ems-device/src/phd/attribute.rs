//! Attributes of a device's objects, and what their values mean (IEEE 11073-20601, clause 6.3).

use ems_model::{Date, Timestamp};

use super::apdu::{all_taken, counted, with_length};
use crate::bytes::Bytes;
use crate::fault::Fault;
use crate::medical_float::MedicalFloat;
use crate::reading::{Moment, Value, time_of_day_us};

/// A value by the number of its attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute, in the nomenclature's partition for objects.
    pub id: u16,
    /// Its value, encoded.
    pub value: Vec<u8>,
}

impl Attribute {
    pub(super) fn encode(&self) -> Vec<u8> {
        [&self.id.to_be_bytes()[..], &with_length(&self.value)].concat()
    }
}

/// A list of attributes, its count and its length before it.
pub(super) fn attributes(bytes: &mut Bytes<'_>) -> Result<Vec<Attribute>, Fault> {
    let n_attributes = bytes.u16_be()?;
    let mut list = counted(bytes)?;
    let attributes = (0..n_attributes).map(|_| attribute(&mut list)).collect::<Result<_, _>>()?;
    all_taken(&list)?;
    Ok(attributes)
}

fn attribute(bytes: &mut Bytes<'_>) -> Result<Attribute, Fault> {
    let id = bytes.u16_be()?;
    let mut value = counted(bytes)?;
    Ok(Attribute { id, value: value.take(value.len())?.to_vec() })
}

pub(super) const PHYSIO: u16 = 2347;
pub(super) const TYPE: u16 = 2351;
pub(super) const STATUS: u16 = 2375;
pub(super) const UNIT: u16 = 2454;
pub(super) const VALUE_MAP: u16 = 2645;
pub(super) const PHYSIO_LIST: u16 = 2678;
pub(super) const SIMPLE: u16 = 2646;
pub(super) const BASIC: u16 = 2636;
pub(super) const COMPOUND_BASIC: u16 = 2677;
pub(super) const ABSOLUTE_TIME: u16 = 2448;
const NUMERIC: u16 = 2384;
const COMPOUND_SIMPLE: u16 = 2676;
const CODE: u16 = 2633;
const TEXT: u16 = 2634;
const BITS_32: u16 = 2661;
const BITS_16: u16 = 2662;
const RELATIVE_TIME: u16 = 2449;
const RELATIVE_TIME_HIGH_RESOLUTION: u16 = 2537;
const BASE_OFFSET_TIME: u16 = 2690;

/// What an attribute of a report says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// A number.
    Number(MedicalFloat),
    /// Several, in the order of the object's list of metrics.
    Compound(Vec<MedicalFloat>),
    /// A number with a metric and a unit of its own.
    Whole { metric: u16, status: u16, unit: u16, number: MedicalFloat },
    /// A term of the object's partition.
    Code(u16),
    /// Text, or bits as text.
    Other(Value),
    /// When it was measured; `None` for a time that no clock shows.
    Time(Option<Moment>),
    /// Bits that tell how far the value is to be trusted.
    Status(u16),
    /// The unit of the values from now on.
    Unit(u16),
    /// The metric of the values from now on.
    Physio(u16),
}

/// Reads the value of attribute `id`; `None` where such values are not read.
pub(super) fn read(id: u16, bytes: &mut Bytes<'_>) -> Result<Option<Said>, Fault> {
    Ok(Some(match id {
        SIMPLE => Said::Number(float(bytes)?),
        BASIC => Said::Number(sfloat(bytes)?),
        COMPOUND_SIMPLE => Said::Compound(compound(bytes, float)?),
        COMPOUND_BASIC => Said::Compound(compound(bytes, sfloat)?),
        NUMERIC => Said::Whole {
            metric: bytes.u16_be()?,
            status: bytes.u16_be()?,
            unit: bytes.u16_be()?,
            number: float(bytes)?,
        },
        CODE => Said::Code(bytes.u16_be()?),
        TEXT => {
            let mut text = counted(bytes)?;
            let text = text.take(text.len())?;
            Said::Other(Value::text(String::from_utf8_lossy(text).trim_end_matches('\0')))
        }
        BITS_32 => Said::Other(Value::Text(format!("0x{:08x}", bytes.u32_be()?))),
        BITS_16 => Said::Other(Value::Text(format!("0x{:04x}", bytes.u16_be()?))),
        ABSOLUTE_TIME => Said::Time(absolute_time(bytes.array()?)),
        RELATIVE_TIME => Said::Time(Some(Moment::Elapsed(i64::from(bytes.u32_be()?) * 125))),
        RELATIVE_TIME_HIGH_RESOLUTION => Said::Time(high_resolution(bytes.u64_be()?)),
        BASE_OFFSET_TIME => Said::Time(base_offset_time(bytes)?),
        STATUS => Said::Status(bytes.u16_be()?),
        UNIT => Said::Unit(bytes.u16_be()?),
        PHYSIO => Said::Physio(bytes.u16_be()?),
        _ => return Ok(None),
    }))
}

fn float(bytes: &mut Bytes<'_>) -> Result<MedicalFloat, Fault> {
    bytes.u32_be().map(MedicalFloat::from_float)
}

fn sfloat(bytes: &mut Bytes<'_>) -> Result<MedicalFloat, Fault> {
    bytes.u16_be().map(MedicalFloat::from_sfloat)
}

fn compound(
    bytes: &mut Bytes<'_>,
    number: fn(&mut Bytes<'_>) -> Result<MedicalFloat, Fault>,
) -> Result<Vec<MedicalFloat>, Fault> {
    let n_numbers = bytes.u16_be()?;
    let mut list = counted(bytes)?;
    (0..n_numbers).map(|_| number(&mut list)).collect()
}

/// Century, year, month, day, hour, minute, second and hundredths in binary-coded decimals, on a
/// clock whose zone is not known.
fn absolute_time(bytes: [u8; 8]) -> Option<Moment> {
    let decimal = |byte: u8| {
        let (high, low) = (byte >> 4, byte & 15);
        (high < 10 && low < 10).then_some(high * 10 + low)
    };
    let [century, year, month, day, hour, minute, second, hundredths] = bytes.map(decimal);
    let date = Date::new(i32::from(century?) * 100 + i32::from(year?), month?, day?)?;
    let of_day = time_of_day_us(hour?, minute?, second?)? + i64::from(hundredths?) * 10_000;
    Some(Moment::local(date, of_day))
}

/// Microseconds.
fn high_resolution(micros: u64) -> Option<Moment> {
    i64::try_from(micros).ok().map(Moment::Elapsed)
}

/// Seconds of UTC since 1970 in the base, 1/65536 s, and minutes by which the local clock is ahead
/// (IEEE 11073-20601a-2010; unverified).
fn base_offset_time(bytes: &mut Bytes<'_>) -> Result<Option<Moment>, Fault> {
    let (seconds, fraction, _offset) = (bytes.u32_be()?, bytes.u16_be()?, bytes.i16_be()?);
    let micros = i64::from(seconds) * 1_000_000 + i64::from(fraction) * 1_000_000 / 65_536;
    Ok(Some(Moment::Utc(Timestamp::from_micros(micros))))
}
