//! As much of CBOR (RFC 8949) as SenML needs.

use crate::bytes::Bytes;
use crate::fault::Fault;

/// A data item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    /// An integer, or a floating-point number.
    Number(f64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    Flag(bool),
    Null,
}

/// How deep items may lie in each other.
const MAX_DEPTH: u8 = 8;
const INDEFINITE: u8 = 31;
const BREAK: u8 = 0xff;
const REMEDY: &str = "send plain SenML in CBOR";

/// Reads one item; takes no more memory than a small multiple of its bytes.
pub(super) fn item(bytes: &mut Bytes<'_>, depth: u8) -> Result<Item, Fault> {
    if depth >= MAX_DEPTH {
        return Err(bytes.fault("more than 8 levels deep", "a list of records", REMEDY));
    }
    let first = bytes.u8()?;
    let (major, info) = (first >> 5, first & 31);
    match major {
        0 => argument(info, bytes).map(|it| Item::Number(whole(it))),
        1 => argument(info, bytes).map(|it| Item::Number(-1.0 - whole(it))),
        2 => string(info, 2, bytes).map(Item::Bytes),
        3 => {
            let text = String::from_utf8(string(info, 3, bytes)?);
            text.map(Item::Text).map_err(|_| bytes.fault("not UTF-8", "text in UTF-8", REMEDY))
        }
        4 => list(info, bytes, |bytes| item(bytes, depth + 1)).map(Item::Array),
        5 => list(info, bytes, |bytes| Ok((item(bytes, depth + 1)?, item(bytes, depth + 1)?)))
            .map(Item::Map),
        6 => tagged(info, bytes, depth),
        _ => simple(info, bytes),
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers are kept as doubles")]
fn whole(number: u64) -> f64 {
    number as f64
}

fn argument(info: u8, bytes: &mut Bytes<'_>) -> Result<u64, Fault> {
    Ok(match info {
        0..24 => info.into(),
        24 => bytes.u8()?.into(),
        25 => bytes.u16_be()?.into(),
        26 => bytes.u32_be()?.into(),
        27 => bytes.u64_be()?,
        _ => return Err(bytes.fault(info, "a length of 0 to 27", REMEDY)),
    })
}

fn string(info: u8, major: u8, bytes: &mut Bytes<'_>) -> Result<Vec<u8>, Fault> {
    if info != INDEFINITE {
        let n_bytes = usize::try_from(argument(info, bytes)?).unwrap_or(usize::MAX);
        return Ok(bytes.take(n_bytes)?.to_vec());
    }
    let mut all = vec![];
    loop {
        let first = bytes.u8()?;
        if first == BREAK {
            return Ok(all);
        }
        if first >> 5 != major || first & 31 == INDEFINITE {
            return Err(bytes.fault(first, "a piece of the string", REMEDY));
        }
        all.extend(string(first & 31, major, bytes)?);
    }
}

/// Each element takes at least a byte, so a promised length cannot make a list long.
fn list<'a, T>(
    info: u8,
    bytes: &mut Bytes<'a>,
    element: impl Fn(&mut Bytes<'a>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut found = vec![];
    if info != INDEFINITE {
        for _ in 0..argument(info, bytes)? {
            found.push(element(bytes)?);
        }
        return Ok(found);
    }
    while bytes.rest().first() != Some(&BREAK) {
        found.push(element(bytes)?);
    }
    bytes.u8()?;
    Ok(found)
}

/// A decimal fraction (tag 4) is a number; of other tags only the content counts.
fn tagged(info: u8, bytes: &mut Bytes<'_>, depth: u8) -> Result<Item, Fault> {
    let tag = argument(info, bytes)?;
    let content = item(bytes, depth + 1)?;
    let Item::Array(parts) = &content else { return Ok(content) };
    match parts[..] {
        [Item::Number(exponent), Item::Number(mantissa)] if tag == 4 => {
            let decimal = format!("{mantissa}e{exponent}").parse().map(Item::Number);
            decimal.map_err(|_| bytes.fault("another fraction", "whole numbers in it", REMEDY))
        }
        _ => Ok(content),
    }
}

fn simple(info: u8, bytes: &mut Bytes<'_>) -> Result<Item, Fault> {
    Ok(match info {
        20 => Item::Flag(false),
        21 => Item::Flag(true),
        22 | 23 => Item::Null,
        25 => Item::Number(half(bytes.u16_be()?)),
        26 => Item::Number(f32::from_bits(bytes.u32_be()?).into()),
        27 => Item::Number(f64::from_bits(bytes.u64_be()?)),
        other => return Err(bytes.fault(other, "a flag, null or number", REMEDY)),
    })
}

/// A half-precision number (RFC 8949, appendix D).
fn half(bits: u16) -> f64 {
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
    let size = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa > 0.0 => f64::NAN,
        31 => f64::INFINITY,
        _ => (mantissa + 1024.0) * 2_f64.powi(exponent - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// Writes a head: a major type and its argument, as short as it goes.
pub(super) fn head(major: u8, argument: u64, bytes: &mut Vec<u8>) {
    let big = argument.to_be_bytes();
    let (info, n_bytes) = match argument {
        0..24 => (big[7], 0),
        24..0x100 => (24, 1),
        0x100..0x1_0000 => (25, 2),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 8),
    };
    bytes.push(major << 5 | info);
    bytes.extend(&big[8 - n_bytes..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_the_rfc_s_appendix_are_read() {
        let read = |hex: &str| {
            let bytes: Vec<u8> = hex
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect();
            item(&mut Bytes::new("CBOR", &bytes), 0)
        };
        for (hex, number) in [
            ("17", 23.0),
            ("1903e8", 1000.0),
            ("3903e7", -1000.0),
            ("f93e00", 1.5),
            ("f90001", 5.960_464_477_539_063e-8),
            ("f9c400", -4.0),
            ("fa47c35000", 100_000.0),
            ("fbc010666666666666", -4.1),
            ("c48221196ab3", 273.15),
        ] {
            assert_eq!(read(hex).unwrap(), Item::Number(number), "{hex}");
        }
        assert_eq!(read("7f657374726561646d696e67ff").unwrap(), Item::Text("streaming".into()));
        assert_eq!(
            read("9f01f5ff").unwrap(),
            Item::Array(vec![Item::Number(1.0), Item::Flag(true)])
        );
        for hex in ["9bffffffffffffffff", "5bffffffffffffffff", "818181818181818181", "1c", "7f41"]
        {
            assert!(read(hex).is_err(), "{hex}");
        }
    }
}
