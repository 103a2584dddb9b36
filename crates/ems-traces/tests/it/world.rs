//! A city to drive in, drives with a known truth, and receivers that err; all by seed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{
    ArcPoint, ArcStretch, ImportRequest, Lengths, Overlay, Profile, ROAD_CLASSES, Roads, import,
};
use ems_traces::Fix;

/// A city and its lengths.
pub(crate) struct City {
    pub(crate) name: &'static str,
    pub(crate) roads: Roads,
    pub(crate) lengths: Lengths,
}

/// Malta, imported once.
pub(crate) static MALTA: LazyLock<City> = LazyLock::new(|| malta(Profile::blue_light()));

/// Malta as a profile drives it.
pub(crate) fn malta(profile: Profile) -> City {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta");
    let overlay = std::fs::read_to_string(PathBuf::from(root).join("overlay.toml")).unwrap();
    let overlay = Overlay::parse(&overlay).unwrap();
    city("Malta", &PathBuf::from(root).join("malta.osm.pbf"), profile, overlay)
}

/// Heidelberg; `None`, and says so, where its extract is absent.
pub(crate) fn heidelberg() -> Option<City> {
    let maps = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/maps");
    let path = PathBuf::from(maps).join("heidelberg.osm.pbf");
    if path.is_file() {
        return Some(city("Heidelberg", &path, Profile::blue_light(), Overlay::default()));
    }
    skip(&format!("{} is absent: get the Heidelberg extract", path.display()));
    None
}

fn city(name: &'static str, extract: &Path, profile: Profile, overlay: Overlay) -> City {
    let request = ImportRequest { name: name.into(), profile, overlay };
    let roads = import(File::open(extract).unwrap(), &request, &mut |_| {}).unwrap().roads;
    City { name, lengths: Lengths::of(&roads), roads }
}

/// Says that a test did not run and why; `make test` counts it.
fn skip(why: &str) {
    use std::io::Write;
    eprintln!("skipped: {why}");
    if let Some(path) = std::env::var_os("GH_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        log.write_all(format!("skipped: {why}\n").as_bytes()).unwrap();
    }
}

/// Numbers that look random and are the same in every run (`SplitMix64`).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9_7f4a_7c15)
    }

    /// From 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((z ^ (z >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
    }

    /// Of the standard normal distribution (Box and Muller).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.share().max(1e-12).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.share()).cos()
    }
}

/// A drive of at least `metres_min`, with how long each of its stretches took.
#[derive(Debug, Clone)]
pub(crate) struct Driven {
    pub(crate) stretches: Vec<ArcStretch>,
    /// Milliseconds for each stretch, its turn included.
    pub(crate) millis: Vec<f64>,
    pub(crate) start: Timestamp,
}

impl Driven {
    /// At the speeds of the roads, times `pace` for each stretch.
    pub(crate) fn of(
        stretches: Vec<ArcStretch>,
        start: Timestamp,
        mut pace: impl FnMut(&ArcStretch) -> f64,
    ) -> Self {
        let millis =
            stretches.iter().map(|s| f64::from(s.turn_millis) + f64::from(s.millis) * pace(s));
        Self { millis: millis.collect(), stretches, start }
    }

    pub(crate) fn duration_millis(&self) -> f64 {
        self.millis.iter().sum()
    }

    /// Where the unit is after so many milliseconds.
    pub(crate) fn position_at(&self, roads: &Roads, millis: f64) -> Position {
        let mut left = millis;
        for (s, &took) in self.stretches.iter().zip(&self.millis) {
            if left <= took {
                let share = if took > 0.0 { left / took } else { 1.0 };
                let along = s.from + (s.to - s.from) * share;
                return roads.position_of(&ArcPoint { arc: s.arc, along });
            }
            left -= took;
        }
        let last = self.stretches[self.stretches.len() - 1];
        roads.position_of(&ArcPoint { arc: last.arc, along: last.to })
    }
}

/// The fastest drive between two places by chance, on land.
pub(crate) fn drive_by_chance(roads: &Roads, chance: &mut Chance) -> Vec<ArcStretch> {
    let is_ferry = |s: &ArcStretch| ROAD_CLASSES[roads.arc_class(s.arc)] == "ferry";
    let mut drives = std::iter::repeat_with(|| drive(roads, chance.share(), chance.share()));
    drives.find(|drive| !drive.iter().any(is_ferry)).unwrap()
}

/// A drive that goes astray: to a place by chance and, as it then heads, on to another.
pub(crate) fn detour_by_chance(roads: &Roads, chance: &mut Chance) -> Vec<ArcStretch> {
    let mut first = drive_by_chance(roads, chance);
    let last = first[first.len() - 1];
    let from = ArcPoint { arc: last.arc, along: last.to };
    let is_ferry = |s: &ArcStretch| ROAD_CLASSES[roads.arc_class(s.arc)] == "ferry";
    loop {
        let to = roads.headings(&roads.somewhere(chance.share())).next().unwrap();
        let on = roads.drive_between(&from, &to).unwrap();
        if !on.iter().any(is_ferry) {
            first.extend(on);
            return first;
        }
    }
}

/// The fastest drive between two places, whichever way they head.
fn drive(roads: &Roads, from_share: f64, to_share: f64) -> Vec<ArcStretch> {
    let (from, to) = (roads.somewhere(from_share), roads.somewhere(to_share));
    let pairs = roads.headings(&from).flat_map(|a| roads.headings(&to).map(move |b| (a, b)));
    let drives = pairs.filter_map(|(a, b)| roads.drive_between(&a, &b));
    drives.min_by_key(|d| d.iter().map(|s| s.turn_millis + s.millis).sum::<u32>()).unwrap()
}

/// A receiver's errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Receiver {
    pub(crate) interval_s: f64,
    /// Standard deviation to the north and to the east, metres.
    pub(crate) noise_m: f64,
    /// The share of fixes that are 100 to 400 m off.
    pub(crate) outliers: f64,
}

/// The fixes of a drive.
pub(crate) fn fixes(
    roads: &Roads,
    driven: &Driven,
    receiver: &Receiver,
    chance: &mut Chance,
) -> Vec<Fix> {
    let mut all = Vec::new();
    let mut at = 0.0;
    while at <= driven.duration_millis() {
        let true_position = driven.position_at(roads, at);
        all.push(Fix {
            at: driven.start + Millis::new(at as i64),
            position: received(true_position, receiver, chance),
        });
        at += receiver.interval_s * 1000.0;
    }
    all
}

pub(crate) fn received(at: Position, receiver: &Receiver, chance: &mut Chance) -> Position {
    let mut off = [chance.normal(), chance.normal()].map(|z| z * receiver.noise_m);
    if chance.share() < receiver.outliers {
        let (angle, far) = (chance.share() * std::f64::consts::TAU, 100.0 + 300.0 * chance.share());
        off = [angle.sin() * far, angle.cos() * far];
    }
    moved(at, off[0], off[1])
}

/// A position so many metres to the north and to the east.
pub(crate) fn moved(at: Position, north: f64, east: f64) -> Position {
    const METRES_PER_DEGREE: f64 = 111_195.08;
    let lat = at.lat() + north / METRES_PER_DEGREE;
    let lon = at.lon() + east / (METRES_PER_DEGREE * at.lat().to_radians().cos());
    Position::from_degrees(lat, lon).unwrap()
}
