//! A small city of parallel streets, so that tests need no map: an OpenStreetMap PBF file is
//! written by hand and imported like any other (format: <https://wiki.openstreetmap.org/wiki/PBF_Format>).

use std::collections::BTreeSet;
use std::sync::Arc;

use ems_centre::{City as Pack, Demand, DriveTimes};
use ems_model::{
    HospitalCapability as Can, HospitalId, HospitalProfile, Position, StationId, StationProfile,
};
use ems_roads::{ImportRequest, Overlay, Profile};

/// Streets in each direction.
const N_STREETS: i64 = 14;
/// Between streets, in ten-millionths of a degree: about 450 m.
const SPACING_E7: i64 = 40_000;
const SOUTH_E7: i64 = 359_000_000;
const WEST_E7: i64 = 145_000_000;

/// A city of 14 by 14 streets with three hospitals and four stations.
pub(crate) fn city() -> Arc<Pack> {
    let request = ImportRequest {
        name: "Grid".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::default(),
    };
    let imported = ems_roads::import(pbf().as_slice(), &request, &mut |_| {}).unwrap();
    let everything = BTreeSet::from([
        Can::Emergency,
        Can::Pci,
        Can::StrokeThrombolysis,
        Can::StrokeThrombectomy,
        Can::Trauma,
        Can::Burns,
        Can::Obstetrics,
        Can::Paediatrics,
        Can::IntensiveCare,
        Can::Psychiatry,
        Can::Toxicology,
    ]);
    let hospitals = vec![
        hospital("h1", 7, 7, everything.clone(), 60),
        hospital("h2", 1, 12, everything, 24),
        hospital("h3", 12, 2, BTreeSet::from([Can::Emergency, Can::Paediatrics]), 12),
    ];
    let stations =
        [("s1", 2, 2), ("s2", 11, 11), ("s3", 3, 10), ("s4", 10, 4)].map(|(id, x, y)| {
            StationProfile {
                id: StationId::new(id).unwrap(),
                name: id.to_owned(),
                position: corner(x, y),
                is_placed: true,
            }
        });
    Arc::new(Pack {
        name: "Grid".into(),
        attribution: "made by a test".into(),
        roads: imported.roads.into(),
        hospitals,
        stations: stations.into(),
        drive_times: DriveTimes::default(),
        demand: Demand::Streets,
    })
}

fn hospital(id: &str, x: i64, y: i64, capabilities: BTreeSet<Can>, beds: u32) -> HospitalProfile {
    HospitalProfile {
        id: HospitalId::new(id).unwrap(),
        name: id.to_owned(),
        name_zh: None,
        position: corner(x, y),
        capabilities,
        emergency_beds: Some(beds),
        is_invented: true,
    }
}

pub(crate) fn corner(x: i64, y: i64) -> Position {
    let e7 = |from: i64, n: i64| i32::try_from(from + n * SPACING_E7).unwrap();
    Position::from_e7(e7(SOUTH_E7, y), e7(WEST_E7, x)).unwrap()
}

/// Node `1 + x + y * N_STREETS` at each corner, a way along each street.
fn pbf() -> Vec<u8> {
    let strings = ["", "highway", "residential", "name", "Street"];
    let table = strings.iter().flat_map(|text| field(1, text.as_bytes())).collect::<Vec<_>>();
    let corners = (0..N_STREETS).flat_map(|y| (0..N_STREETS).map(move |x| (x, y)));
    let nodes: Vec<_> = corners.flat_map(|(x, y)| field(1, &node(x, y))).collect();
    let id = |x: i64, y: i64| 1 + x + y * N_STREETS;
    let rows = (0..N_STREETS).map(|y| (0..N_STREETS).map(|x| id(x, y)).collect::<Vec<_>>());
    let columns = (0..N_STREETS).map(|x| (0..N_STREETS).map(|y| id(x, y)).collect::<Vec<_>>());
    let ways: Vec<_> =
        (1..).zip(rows.chain(columns)).flat_map(|(id, refs)| field(3, &way(id, &refs))).collect();
    let block = [field(1, &table), field(2, &nodes), field(2, &ways)].concat();
    let header = [field(4, b"OsmSchema-V0.6"), field(4, b"DenseNodes")].concat();
    [blob("OSMHeader", &header), blob("OSMData", &block)].concat()
}

fn node(x: i64, y: i64) -> Vec<u8> {
    let id = 1 + x + y * N_STREETS;
    let (lat, lon) = (SOUTH_E7 + y * SPACING_E7, WEST_E7 + x * SPACING_E7);
    [number(1, zigzag(id)), number(8, zigzag(lat)), number(9, zigzag(lon))].concat()
}

fn way(id: u64, refs: &[i64]) -> Vec<u8> {
    let mut deltas = Vec::new();
    let mut last = 0;
    for node in refs {
        deltas.extend(varint(zigzag(node - last)));
        last = *node;
    }
    [number(1, id), field(2, &[1, 3]), field(3, &[2, 4]), field(8, &deltas)].concat()
}

fn blob(kind: &str, block: &[u8]) -> Vec<u8> {
    let blob = field(1, block);
    let header = [field(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
    let length = u32::try_from(header.len()).unwrap().to_be_bytes();
    [length.as_slice(), &header, &blob].concat()
}

fn field(tag: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(tag << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

fn number(tag: u64, value: u64) -> Vec<u8> {
    [varint(tag << 3), varint(value)].concat()
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}
