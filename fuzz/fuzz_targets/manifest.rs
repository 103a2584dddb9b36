#![no_main]
//! A city pack with a hostile manifest opens or is refused.
use std::path::PathBuf;
use std::sync::LazyLock;

use ems_store::pack::CityPack;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static PACK: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, bytes) in [
        ("roads.bin", &include_bytes!("../seeds/roads/town")[..]),
        ("places.json", include_bytes!("../seeds/places/town.json")),
        ("tiles.mbtiles", b"no tiles"),
    ] {
        std::fs::write(folder.path().join(name), bytes).expect("it can be written");
    }
    let manifest = folder.path().join("manifest.json");
    (folder, manifest)
});

fuzz_target!(|bytes: &[u8]| {
    let (folder, manifest) = &*PACK;
    std::fs::write(manifest, bytes).expect("it can be written");
    if let Ok(pack) = CityPack::open(folder.path()) {
        let _ = pack.tile(14, 0, 0);
    }
});
