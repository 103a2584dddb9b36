//! Whole cities: Malta, which the repository ships, and others where the shared data is at hand.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read files and say what they skip"
)]

mod alternatives;
mod arcs;
mod candidates;
mod directions;
mod forecast;
mod hostile;
mod isochrones;
mod junctions;
mod kerbs;
mod laws;
mod nearest;
mod rules;
mod traffic;
mod traffic_file;

use std::fs::File;
use std::path::PathBuf;
use std::sync::LazyLock;

use ems_roads::{ImportRequest, ImportedCity, Overlay, Profile, Roads, Snap, import};

/// Malta with its overlay, imported once.
static MALTA: LazyLock<ImportedCity> = LazyLock::new(|| {
    let overlay = std::fs::read_to_string(data("malta/overlay.toml")).unwrap();
    import_file(data("malta/malta.osm.pbf"), Overlay::parse(&overlay).unwrap())
});

/// Extracts that may be absent, by their file names.
const SHARED: [&str; 3] = ["heidelberg.osm.pbf", "porto_portugal.osm.pbf", "andorra-2020.osm.pbf"];

fn data(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data")).join(path)
}

/// An extract of the shared data; says so where it is absent.
fn shared(file: &str) -> Option<PathBuf> {
    let maps = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/maps");
    let path = PathBuf::from(maps).join(file);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

fn import_file(path: PathBuf, overlay: Overlay) -> ImportedCity {
    let request = ImportRequest { name: "City".into(), profile: Profile::blue_light(), overlay };
    import(File::open(path).unwrap(), &request, &mut |_| {}).unwrap()
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
fn shares(seed: u64) -> impl Iterator<Item = f64> {
    (1u64..).map(move |i| {
        let mut z = seed.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    })
}

fn some_snaps(roads: &Roads, seed: u64, n: usize) -> Vec<Snap> {
    shares(seed).take(n).map(|share| roads.somewhere(share)).collect()
}
