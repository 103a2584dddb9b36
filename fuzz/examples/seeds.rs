//! Writes the seeds that are not text: an invented town of four by four streets as an extract, as
//! a road graph and as places, and stores with one row each. Run it when a format changes:
//! `cargo run --manifest-path fuzz/Cargo.toml --example seeds`.

use std::fs;
use std::path::{Path, PathBuf};

use ems_model::UnitId;
use ems_roads::{ImportRequest, Overlay, Profile, import};
use ems_store::pack::{PackSource, sha256_hex, write_pack};
use ems_store::{EventLog, Outbox, SqliteLog, Telemetry};

/// Streets in each direction.
const N_STREETS: i64 = 4;
/// Between streets, in ten-millionths of a degree: about 450 m.
const SPACING_E7: i64 = 40_000;
const SOUTH_E7: i64 = 359_000_000;
const WEST_E7: i64 = 145_000_000;

fn main() {
    write("extract/town", &town(&nodes_one_by_one()));
    write("extract/town-dense", &town(&nodes_dense()));
    let request = ImportRequest {
        name: "Town".into(),
        profile: Profile::blue_light(),
        overlay: Overlay::default(),
    };
    let extract = town(&nodes_one_by_one());
    let city = import(extract.as_slice(), &request, &mut |_| ()).expect("the town has roads");
    write("roads/town", &city.roads.encode());
    write("places/town.json", &city.places.to_json());
    let scratch = tempfile::tempdir().expect("a temporary folder can be made");
    let pack = scratch.path().join("pack");
    let source = PackSource {
        file: "town.osm.pbf".into(),
        sha256: sha256_hex(&extract),
        imported_by: "seeds".into(),
    };
    write_pack(&pack, &city, &source, false).expect("it can be written");
    write("manifest/town.json", &fs::read(pack.join("manifest.json")).expect("it was written"));
    stores(scratch.path());
}

fn seeds() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

fn write(name: &str, bytes: &[u8]) {
    let path = seeds().join(name);
    fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    fs::write(path, bytes).expect("it can be written");
}

/// Each kind of store with the first row of its text seeds, on pages of 512 bytes.
fn stores(scratch: &Path) {
    let at = |name: &str| scratch.join(format!("{name}.db"));
    drop(SqliteLog::open(&at("events")).map(|log| log.last_seq()));
    drop(Telemetry::open(&at("telemetry")));
    drop(Outbox::open(&at("outbox")).map(|it| it.resume(&UnitId::new("A1").expect("a name"))));
    let event = fs::read_to_string(seeds().join("stored_rows/event.json")).expect("it is there");
    let frame = fs::read(seeds().join("stored_rows/vitals.json")).expect("it is there");
    for (name, sql, body) in [
        (
            "events",
            "INSERT INTO events VALUES(1, 0, 0, 'li', 'k1', CAST(?1 AS TEXT))",
            event.as_bytes(),
        ),
        ("telemetry", "INSERT INTO frames VALUES('A1', 1, 0, 'vitals', ?1)", &frame),
        ("outbox", "INSERT INTO frames VALUES('A1', 1, 0, 'vitals', ?1)", &frame),
    ] {
        let store = rusqlite::Connection::open(at(name)).expect("it was just made");
        store.execute(sql, [body.trim_ascii()]).expect("the row fits");
        let small = "PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;";
        store.execute_batch(small).expect("nobody else has it open");
        drop(store);
        write(&format!("stored_files/{name}"), &fs::read(at(name)).expect("it is there"));
    }
}

/// The strings of the extract; a tag is two indices.
const STRINGS: [&str; 28] = [
    "",
    "highway",
    "residential",
    "name",
    "Street",
    "amenity",
    "hospital",
    "emergency",
    "ambulance_station",
    "defibrillator",
    "place",
    "town",
    "natural",
    "coastline",
    "water",
    "type",
    "multipolygon",
    "restriction",
    "no_left_turn",
    "from",
    "via",
    "to",
    "outer",
    "oneway",
    "yes",
    "maxspeed",
    "30 mph",
    "barrier",
];

fn town(nodes: &[u8]) -> Vec<u8> {
    let table: Vec<u8> = STRINGS.iter().flat_map(|text| field(1, text.as_bytes())).collect();
    let ways: Vec<u8> = ways().iter().flat_map(|way| field(3, way)).collect();
    let relations: Vec<u8> = relations().iter().flat_map(|relation| field(4, relation)).collect();
    let groups = [field(2, nodes), field(2, &ways), field(2, &relations)].concat();
    let block = [field(1, &table), groups].concat();
    let header = [field(4, b"OsmSchema-V0.6"), field(4, b"DenseNodes")].concat();
    [blob("OSMHeader", &header), blob("OSMData", &block)].concat()
}

/// Id, place on the grid, tags.
fn nodes() -> Vec<(i64, i64, i64, Vec<u64>)> {
    let corners = (0..N_STREETS).flat_map(|y| (0..N_STREETS).map(move |x| (corner(x, y), x, y)));
    let mut nodes: Vec<_> = corners.map(|(id, x, y)| (id, x, y, vec![])).collect();
    nodes[15].3 = vec![27, 24];
    nodes.push((20, 1, 1, vec![5, 6, 3, 4]));
    nodes.push((21, 2, 2, vec![7, 8]));
    nodes.push((22, 0, 2, vec![7, 9]));
    nodes.push((23, 2, 1, vec![10, 11, 3, 4]));
    nodes
}

fn corner(x: i64, y: i64) -> i64 {
    1 + x + y * N_STREETS
}

fn nodes_one_by_one() -> Vec<u8> {
    let node = |(id, x, y, tags): (i64, i64, i64, Vec<u64>)| {
        let (lat, lon) = (SOUTH_E7 + y * SPACING_E7, WEST_E7 + x * SPACING_E7);
        let place = [number(8, zigzag(lat)), number(9, zigzag(lon))].concat();
        field(1, &[number(1, zigzag(id)), tagged(&tags), place].concat())
    };
    nodes().into_iter().flat_map(node).collect()
}

fn nodes_dense() -> Vec<u8> {
    let nodes = nodes();
    let column = |value: fn(&(i64, i64, i64, Vec<u64>)) -> i64| {
        deltas(&nodes.iter().map(value).collect::<Vec<_>>())
    };
    let tags: Vec<u8> =
        nodes.iter().flat_map(|it| it.3.iter().copied().chain([0])).flat_map(varint).collect();
    let dense = [
        field(1, &column(|it| it.0)),
        field(8, &column(|it| SOUTH_E7 + it.2 * SPACING_E7)),
        field(9, &column(|it| WEST_E7 + it.1 * SPACING_E7)),
        field(10, &tags),
    ];
    field(2, &dense.concat())
}

fn ways() -> Vec<Vec<u8>> {
    let row = |y| (0..N_STREETS).map(|x| corner(x, y)).collect::<Vec<_>>();
    let column = |x| (0..N_STREETS).map(|y| corner(x, y)).collect::<Vec<_>>();
    let streets = (0..N_STREETS).map(row).chain((0..N_STREETS).map(column));
    let street = [1, 2, 3, 4];
    let mut ways: Vec<_> = (1..).zip(streets).map(|(id, refs)| way(id, &street, &refs)).collect();
    ways.push(way(30, &[5, 6, 3, 4], &[1, 2, 6, 5, 1]));
    ways.push(way(31, &[12, 13], &[1, 4, 16, 13, 1]));
    ways.push(way(32, &[], &[6, 7, 11, 10, 6]));
    ways.push(way(33, &[1, 2, 23, 24, 25, 26], &[1, 6]));
    ways
}

fn relations() -> Vec<Vec<u8>> {
    let turn = relation(40, &[15, 17, 17, 18], &[(19, 1, 1), (20, 2, 0), (21, 6, 1)]);
    let lake = relation(41, &[15, 16, 12, 14], &[(22, 32, 1)]);
    vec![turn, lake]
}

fn way(id: u64, tags: &[u64], refs: &[i64]) -> Vec<u8> {
    [number(1, id), tagged(tags), field(8, &deltas(refs))].concat()
}

/// Members are role, id and kind: 0 for a node, 1 for a way.
fn relation(id: u64, tags: &[u64], members: &[(u64, i64, u64)]) -> Vec<u8> {
    let packed = |of: fn(&(u64, i64, u64)) -> u64| {
        members.iter().map(of).flat_map(varint).collect::<Vec<_>>()
    };
    let ids: Vec<_> = members.iter().map(|it| it.1).collect();
    let members =
        [field(8, &packed(|it| it.0)), field(9, &deltas(&ids)), field(10, &packed(|it| it.2))];
    [number(1, id), tagged(tags), members.concat()].concat()
}

fn tagged(tags: &[u64]) -> Vec<u8> {
    let every_second = |from: usize| tags.iter().skip(from).step_by(2).copied();
    let packed = |from| every_second(from).flat_map(varint).collect::<Vec<_>>();
    [field(2, &packed(0)), field(3, &packed(1))].concat()
}

fn deltas(values: &[i64]) -> Vec<u8> {
    let before = std::iter::once(0).chain(values.iter().copied());
    values.iter().zip(before).flat_map(|(value, before)| varint(zigzag(value - before))).collect()
}

/// Not compressed, so that a flipped bit stays one.
fn blob(kind: &str, block: &[u8]) -> Vec<u8> {
    let blob = field(1, block);
    let header = [field(1, kind.as_bytes()), number(3, blob.len() as u64)].concat();
    let length = u32::try_from(header.len()).expect("it is short").to_be_bytes();
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
        bytes.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).expect("the last seven bits"));
    bytes
}
