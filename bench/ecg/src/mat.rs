//! The numbers in a MATLAB file of version 5 ("MAT-File Format", MathWorks; unverified).

use std::io::Read;

use anyhow::{Context, bail};

const HEADER: usize = 128;
const COMPRESSED: u32 = 15;
const MATRIX: u32 = 14;

/// The real part of the first array, column by column.
pub fn numbers(file: &[u8]) -> anyhow::Result<Vec<f64>> {
    let (kind, body, _) = element(file.get(HEADER..).context("no MATLAB file: too short")?)?;
    if kind != COMPRESSED {
        return matrix(kind, body);
    }
    let mut inflated = vec![];
    flate2::read::ZlibDecoder::new(body).read_to_end(&mut inflated)?;
    let (kind, body, _) = element(&inflated)?;
    matrix(kind, body)
}

/// Flags, dimensions and name come before the numbers.
fn matrix(kind: u32, mut body: &[u8]) -> anyhow::Result<Vec<f64>> {
    if kind != MATRIX {
        bail!("element of type {kind} is no array");
    }
    for _ in 0..3 {
        body = element(body)?.2;
    }
    let (kind, body, _) = element(body)?;
    Ok(match kind {
        1 => body.iter().map(|&it| f64::from(it.cast_signed())).collect(),
        2 => body.iter().map(|&it| f64::from(it)).collect(),
        3 => of(body, |it| f64::from(i16::from_le_bytes(it))),
        4 => of(body, |it| f64::from(u16::from_le_bytes(it))),
        5 => of(body, |it| f64::from(i32::from_le_bytes(it))),
        6 => of(body, |it| f64::from(u32::from_le_bytes(it))),
        7 => of(body, |it| f64::from(f32::from_le_bytes(it))),
        9 => of(body, f64::from_le_bytes),
        _ => bail!("numbers of type {kind} are not read"),
    })
}

fn of<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    bytes.as_chunks::<N>().0.iter().map(|&chunk| number(chunk)).collect()
}

/// Type and body of the first element, and what follows it.
fn element(bytes: &[u8]) -> anyhow::Result<(u32, &[u8], &[u8])> {
    let word = |at: usize| {
        let word = bytes.get(at..at + 4).context("a MATLAB file breaks off")?;
        Ok::<_, anyhow::Error>(u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
    };
    let first = word(0)?;
    let (kind, from, len) = match first >> 16 {
        0 => (first, 8, word(4)? as usize),
        small => (first & 0xffff, 4, small as usize),
    };
    let body = bytes.get(from..from + len).context("a MATLAB file breaks off")?;
    let next = if from == 4 { 8 } else { from + len.next_multiple_of(8) };
    Ok((kind, body, bytes.get(next..).unwrap_or_default()))
}
