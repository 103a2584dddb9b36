//! The measured drives, where they are.

use std::io::Cursor;
use std::path::PathBuf;

use anyhow::Context;
use ems_netem::{Drive, Journey};

fn read(name: &str) -> anyhow::Result<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/network");
    let path = PathBuf::from(folder).join(name);
    std::fs::read(&path)
        .with_context(|| format!("{}: put the network traces there", path.display()))
}

fn unpack(name: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    lzma_rs::xz_decompress(&mut Cursor::new(read(name)?), &mut bytes)?;
    Ok(bytes)
}

pub(crate) fn cork() -> anyhow::Result<Drive> {
    Drive::parse(&read("cork_uplink_3modems.csv")?)?.pop().context("the file holds no drive")
}

pub(crate) fn us_drives() -> anyhow::Result<Vec<Drive>> {
    Ok(Drive::parse(&unpack("us_drives_4networks.csv.xz")?)?)
}

pub(crate) fn shanghai() -> anyhow::Result<Vec<Journey>> {
    Ok(Journey::parse(&unpack("shanghai_5g_rtt.csv.xz")?)?)
}

/// Heart rate, SpO2, breaths, systolic and diastolic pressure of a patient, each minute; `None`
/// where nothing was measured. Channels, gain 10 and format 16 as its header tells; a zero of these
/// monitors means that nothing was attached.
pub(crate) fn numerics() -> anyhow::Result<Vec<[Option<u16>; 5]>> {
    const N_CHANNELS: usize = 10;
    const CHANNELS: [usize; 5] = [0, 6, 5, 1, 2];
    let name = "../ecg/multi/multi-segment/s00001/3975656n.dat";
    let samples: Vec<i16> =
        read(name)?.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    let value = |raw: i16| (raw > 0).then(|| (raw.unsigned_abs() + 5) / 10);
    let rows = samples.chunks_exact(N_CHANNELS);
    Ok(rows.map(|row| CHANNELS.map(|channel| value(row[channel]))).collect())
}
