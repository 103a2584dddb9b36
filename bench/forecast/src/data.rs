//! The shared data, decompressed.

use std::fs::File;
use std::io::Read;

use anyhow::{Context, Result};

const DEMAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dispatch/demand");

pub(crate) fn text(name: &str) -> Result<String> {
    let root = std::env::var("GH_DEMAND").unwrap_or_else(|_| DEMAND.to_owned());
    let path = format!("{root}/{name}");
    let file = File::open(&path).with_context(|| format!("{path} cannot be opened"))?;
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(file)?.read_to_string(&mut text)?;
    Ok(text)
}
