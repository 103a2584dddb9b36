//! Files of measured drives.

use std::path::Path;

use anyhow::{Context, bail};
use ems_model::Micros;
use ems_netem::{Drive, Network, mahimahi};

/// The magic number of xz files (The .xz File Format, section 2.1.1.1).
const XZ_MAGIC: &[u8] = b"\xfd7zXZ\0";
/// The most bytes that a file may hold once unpacked.
const FILE_BYTES_MAX: usize = 256 << 20;

/// Reads a drive by its name, or the first of a file.
pub(super) fn read(path: &Path, name: Option<&str>) -> anyhow::Result<Drive> {
    let shown = path.display();
    let bytes = unpacked(path)?;
    if let Some(drive) = packet_times(path, &bytes)? {
        return Ok(drive);
    }
    let drives = Drive::parse(&bytes).with_context(|| shown.to_string())?;
    let known: Vec<String> = drives.iter().map(|drive| drive.name.clone()).collect();
    let found = drives.into_iter().find(|drive| name.is_none_or(|name| drive.name == name));
    found.with_context(|| match name {
        Some(name) => format!("{shown} has no drive \"{name}\", but {}", known.join(", ")),
        None => format!("{shown} has no row: give a drive of one second at least"),
    })
}

/// A file's bytes, unpacked where it is packed with xz.
pub(super) fn unpacked(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .with_context(|| format!("{shown} cannot be read: give a trace's path"))?;
    if !bytes.starts_with(XZ_MAGIC) {
        return Ok(bytes);
    }
    let mut plain = Limited { bytes: Vec::new() };
    lzma_rs::xz_decompress(&mut bytes.as_slice(), &mut plain)
        .with_context(|| format!("{shown} is damaged or too large: unpack it with xz -d"))?;
    Ok(plain.bytes)
}

/// A trace of Mahimahi holds digits alone: one network, named "trace".
fn packet_times(path: &Path, bytes: &[u8]) -> anyhow::Result<Option<Drive>> {
    let is_digits = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace();
    if bytes.is_empty() || !bytes.iter().all(is_digits) {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { bail!("digits are UTF-8") };
    let rate_bps = mahimahi(text).with_context(|| path.display().to_string())?;
    let length = rate_bps.iter().map(|step| step.0).max().unwrap_or(Micros::ZERO);
    let networks = vec![Network { name: "trace".to_owned(), rate_bps }];
    Ok(Some(Drive { name: String::new(), networks, row: Micros::from_millis(1), length }))
}

/// Takes what is unpacked, up to a limit.
struct Limited {
    bytes: Vec<u8>,
}

impl std::io::Write for Limited {
    fn write(&mut self, part: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + part.len() > FILE_BYTES_MAX {
            return Err(std::io::Error::other(format!("more than {FILE_BYTES_MAX} bytes")));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
