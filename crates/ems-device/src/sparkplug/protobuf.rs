//! As much of Protocol Buffers as payloads need (encoding of version 2).

use crate::bytes::Bytes;
use crate::fault::Fault;

/// The value of a field, by its wire type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

const REMEDY: &str = "check that the payload is Sparkplug B, not A or JSON";

/// The next field's number and value; `None` at the end.
pub(super) fn field<'a>(bytes: &mut Bytes<'a>) -> Result<Option<(u32, Wire<'a>)>, Fault> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let tag = varint(bytes)?;
    let number = u32::try_from(tag >> 3).unwrap_or(u32::MAX);
    let wire = match tag & 7 {
        0 => Wire::Varint(varint(bytes)?),
        1 => Wire::Fixed64(bytes.u64_le()?),
        2 => {
            let n_bytes = usize::try_from(varint(bytes)?).unwrap_or(usize::MAX);
            Wire::Bytes(bytes.take(n_bytes)?)
        }
        5 => Wire::Fixed32(bytes.u32_le()?),
        other => return Err(bytes.fault(format!("wire type {other}"), "0, 1, 2 or 5", REMEDY)),
    };
    Ok(Some((number, wire)))
}

fn varint(bytes: &mut Bytes<'_>) -> Result<u64, Fault> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = bytes.u8()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(bytes.fault("a number of more than 64 bits", "up to 64 bits", REMEDY))
}

impl Wire<'_> {
    pub(super) const fn number(self) -> Option<u64> {
        if let Self::Varint(number) = self { Some(number) } else { None }
    }

    pub(super) fn text(self) -> Option<String> {
        if let Self::Bytes(bytes) = self {
            return Some(crate::wfdb::shorten(&String::from_utf8_lossy(bytes)));
        }
        None
    }
}

pub(super) fn put_varint(field: u32, number: u64, bytes: &mut Vec<u8>) {
    varint_of(u64::from(field) << 3, bytes);
    varint_of(number, bytes);
}

pub(super) fn put_fixed64(field: u32, number: u64, bytes: &mut Vec<u8>) {
    varint_of(u64::from(field) << 3 | 1, bytes);
    bytes.extend(number.to_le_bytes());
}

pub(super) fn put_fixed32(field: u32, number: u32, bytes: &mut Vec<u8>) {
    varint_of(u64::from(field) << 3 | 5, bytes);
    bytes.extend(number.to_le_bytes());
}

pub(super) fn put_bytes(field: u32, content: &[u8], bytes: &mut Vec<u8>) {
    varint_of(u64::from(field) << 3 | 2, bytes);
    varint_of(content.len() as u64, bytes);
    bytes.extend(content);
}

fn varint_of(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}
