//! Makes room for the console, so that the host builds before the console does.

use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let dist = Path::new("../../web/dist");
    fs::create_dir_all(dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
