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
