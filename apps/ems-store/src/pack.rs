//! A city pack on disk: a directory that an import writes once and everything else only reads.
//!
//!     manifest.json   what it is, of which extract, with size and CRC-32 of each file
//!     roads.bin       the road graph (ems-roads)
//!     places.json     hospitals, stations, towns (ems-roads)
//!     tiles.mbtiles   the map: MBTiles 1.3, gzipped Mapbox Vector Tiles
//!
//! It is written beside its place and renamed into it, so a pack is whole or not there. Opening
//! maps its files and checks every byte against the manifest. `MBTiles`:
//! <https://github.com/mapbox/mbtiles-spec/blob/master/1.3/spec.md>.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ems_model::Timestamp;
use ems_roads::{
    Bounds, Complaint, DecodeError, ImportCounts, ImportedCity, Places, PlacesError, Roads,
    TILE_LAYERS, Tile, ZOOMS,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use memmap2::Mmap;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::mapped::map;

/// The layout of the directory that is written and read.
pub const PACK_VERSION: u32 = 2;

const MANIFEST: &str = "manifest.json";
const ROADS: &str = "roads.bin";
const PLACES: &str = "places.json";
const TILES: &str = "tiles.mbtiles";

/// What a pack is and of what it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The layout of the directory.
    pub format_version: u32,
    /// The city's name.
    pub city: String,
    /// Whose data it is; show it with every map.
    pub attribution: String,
    /// The extract's file name.
    pub source_file: String,
    /// The extract's SHA-256, hexadecimal.
    pub source_sha256: String,
    /// When the extract was taken from OpenStreetMap.
    pub source_timestamp: Option<Timestamp>,
    /// The program and version that imported it.
    pub imported_by: String,
    /// The driving profile that the road times are for.
    pub profile: String,
    /// The box around its roads.
    pub bounds: Bounds,
    /// How much of everything it holds.
    pub counts: ImportCounts,
    /// What was odd about the extract.
    pub complaints: Vec<Complaint>,
    /// The other files, by name.
    pub files: BTreeMap<String, FileFacts>,
}

/// What a file of the pack must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its size.
    pub bytes: u64,
    /// Its CRC-32 (ISO 3309, as in gzip), which finds damage, not forgery.
    pub crc32: u32,
}

/// A pack that cannot be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The directory is no pack.
    #[error(
        "{} is no city pack (it has no {MANIFEST}): make one with `golden-hour city import`",
        dir.display()
    )]
    NoPack {
        /// The directory.
        dir: PathBuf,
    },
    /// A pack is there already.
    #[error("{} is there already: give another --out, or --force to replace it", dir.display())]
    Exists {
        /// The directory.
        dir: PathBuf,
    },
    /// Something else is there, which `--force` does not replace.
    #[error(
        "{} is there and is no city pack, so it is not replaced: give another --out",
        dir.display()
    )]
    NotReplaced {
        /// The directory.
        dir: PathBuf,
    },
    /// Written by another version of this program.
    #[error(
        "{} has pack version {found}, this program reads {PACK_VERSION}: re-import the extract",
        dir.display()
    )]
    Version {
        /// The directory.
        dir: PathBuf,
        /// The version in its manifest.
        found: u32,
    },
    /// The manifest cannot be understood.
    #[error("{} cannot be read ({source}): re-import the extract", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The manifest does not list a file that every pack has.
    #[error("{MANIFEST} does not list {file}: re-import the extract")]
    Unlisted {
        /// The file.
        file: &'static str,
    },
    /// A file of the pack is gone.
    #[error("{} is missing from the pack: re-import the extract", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file is not what the import wrote.
    #[error(
        "{} has {found_bytes} bytes with CRC-32 {found:08x}, its manifest says {expected_bytes} \
         bytes with {expected:08x}: re-import the extract",
        path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// The size it has.
        found_bytes: u64,
        /// The checksum it has.
        found: u32,
        /// The size it should have.
        expected_bytes: u64,
        /// The checksum it should have.
        expected: u32,
    },
    /// The road graph is not sound.
    #[error("{ROADS}: {0}")]
    Roads(#[from] DecodeError),
    /// The places are not sound.
    #[error("{PLACES}: {0}")]
    Places(#[from] PlacesError),
    /// The tiles cannot be read or written.
    #[error("{TILES}: {0}: re-import the extract")]
    Tiles(#[from] rusqlite::Error),
    /// A file cannot be read or written.
    #[error(
        "{}: {source}: check that the disk has space and the directory may be used",
        path.display()
    )]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Which extract a city was imported from, and by what.
#[derive(Debug, Clone)]
pub struct PackSource {
    /// The extract's file name.
    pub file: String,
    /// The extract's SHA-256, hexadecimal.
    pub sha256: String,
    /// The program and version.
    pub imported_by: String,
}

/// An opened city pack. Share it by `Arc`.
pub struct CityPack {
    manifest: Manifest,
    roads: Arc<Roads>,
    places: Places,
    tiles: Mutex<Connection>,
}

impl fmt::Debug for CityPack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CityPack").field("manifest", &self.manifest).finish_non_exhaustive()
    }
}

impl CityPack {
    /// Opens a pack after checking every file against the manifest.
    pub fn open(dir: &Path) -> Result<Self, PackError> {
        let manifest = read_manifest(dir)?;
        let roads = Roads::decode(&checked(dir, &manifest, ROADS)?)?;
        let places = Places::from_json(&checked(dir, &manifest, PLACES)?)?;
        checked(dir, &manifest, TILES)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let tiles = Connection::open_with_flags(dir.join(TILES), flags)?;
        Ok(Self { manifest, roads: Arc::new(roads), places, tiles: Mutex::new(tiles) })
    }

    /// What the pack is and of what it was made.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The road graph, to be shared.
    pub fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// Hospitals, stations and towns.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// A map tile in XYZ numbering: a gzipped Mapbox Vector Tile, or `None` where nothing is drawn.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, PackError> {
        let Some(row) = tms_row(z, y) else { return Ok(None) };
        // A reader that panicked leaves nothing behind in a connection that only reads.
        let tiles = self.tiles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut select = tiles.prepare_cached(
            "SELECT tile_data FROM tiles
             WHERE zoom_level = ?1 AND tile_column = ?2 AND tile_row = ?3",
        )?;
        Ok(select.query_row(params![z, x, row], |row| row.get(0)).optional()?)
    }
}

/// Writes an imported city as a pack, whole or not at all. With `replace`, an older pack in its
/// place is replaced; anything else that is there stays and is an error.
pub fn write_pack(
    dir: &Path,
    city: &ImportedCity,
    source: &PackSource,
    replace: bool,
) -> Result<Manifest, PackError> {
    check_free(dir, replace)?;
    let partial = beside(dir, "partial");
    remove_if_there(&partial)?;
    fs::create_dir_all(&partial).map_err(at(&partial))?;
    let written = write_files(&partial, city, source).and_then(|manifest| {
        put_in_place(&partial, dir)?;
        Ok(manifest)
    });
    if written.is_err() {
        // The first error is the one to tell; what is left is overwritten by the next import.
        let _ = fs::remove_dir_all(&partial);
    }
    written
}

/// Refuses, before any work is done, to write where something is that may not be replaced.
pub fn check_free(dir: &Path, replace: bool) -> Result<(), PackError> {
    let is_there = fs::symlink_metadata(dir).is_ok();
    let is_empty = fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
    if !is_there || is_empty {
        return Ok(());
    }
    match (replace, dir.join(MANIFEST).is_file()) {
        (true, true) => Ok(()),
        (true, false) => Err(PackError::NotReplaced { dir: dir.to_owned() }),
        (false, _) => Err(PackError::Exists { dir: dir.to_owned() }),
    }
}

/// The SHA-256 of bytes, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Passes bytes through and knows the SHA-256 of all that were read.
pub struct HashingReader<R> {
    inner: R,
    hash: Sha256,
}

impl<R> fmt::Debug for HashingReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HashingReader").finish_non_exhaustive()
    }
}

impl<R: Read> HashingReader<R> {
    /// Wraps a reader.
    pub fn new(inner: R) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// The SHA-256 of what was read so far, hexadecimal.
    pub fn sha256_hex(&self) -> String {
        hex(&self.hash.clone().finalize())
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n_bytes = self.inner.read(buf)?;
        self.hash.update(&buf[..n_bytes]);
        Ok(n_bytes)
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).expect("four bits are a digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PackError {
    let path = path.to_owned();
    move |source| PackError::Io { path, source }
}

#[derive(Deserialize)]
struct VersionOnly {
    format_version: u32,
}

fn read_manifest(dir: &Path) -> Result<Manifest, PackError> {
    let path = dir.join(MANIFEST);
    let bytes = fs::read(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            PackError::NoPack { dir: dir.to_owned() }
        }
        _ => at(&path)(e),
    })?;
    let broken = |source| PackError::Manifest { path: path.clone(), source };
    let VersionOnly { format_version } = serde_json::from_slice(&bytes).map_err(broken)?;
    if format_version != PACK_VERSION {
        return Err(PackError::Version { dir: dir.to_owned(), found: format_version });
    }
    serde_json::from_slice(&bytes).map_err(broken)
}

/// Maps a file that must be as the manifest says.
fn checked(dir: &Path, manifest: &Manifest, file: &'static str) -> Result<Mmap, PackError> {
    let facts = manifest.files.get(file).ok_or(PackError::Unlisted { file })?;
    let path = dir.join(file);
    let bytes = map(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => PackError::Missing { path: path.clone() },
        _ => at(&path)(e),
    })?;
    let found = self::facts(&bytes);
    if found == *facts {
        return Ok(bytes);
    }
    Err(PackError::Checksum {
        path,
        found_bytes: found.bytes,
        found: found.crc32,
        expected_bytes: facts.bytes,
        expected: facts.crc32,
    })
}

fn write_files(
    dir: &Path,
    city: &ImportedCity,
    source: &PackSource,
) -> Result<Manifest, PackError> {
    write_tiles(&dir.join(TILES), city)?;
    let mut files = BTreeMap::from([(TILES.to_owned(), facts(&read(&dir.join(TILES))?))]);
    for (name, bytes) in [(ROADS, city.roads.encode()), (PLACES, city.places.to_json())] {
        write_durably(&dir.join(name), &bytes)?;
        files.insert(name.to_owned(), facts(&bytes));
    }
    let manifest = manifest(city, source, files);
    let path = dir.join(MANIFEST);
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|source| PackError::Manifest { path: path.clone(), source })?;
    write_durably(&path, &json)?;
    Ok(manifest)
}

fn manifest(
    city: &ImportedCity,
    source: &PackSource,
    files: BTreeMap<String, FileFacts>,
) -> Manifest {
    Manifest {
        format_version: PACK_VERSION,
        city: city.places.name.clone(),
        attribution: city.places.attribution.clone(),
        source_file: source.file.clone(),
        source_sha256: source.sha256.clone(),
        source_timestamp: city.places.source_timestamp,
        imported_by: source.imported_by.clone(),
        profile: city.roads.profile().to_owned(),
        bounds: city.roads.bounds(),
        counts: city.counts,
        complaints: city.complaints.clone(),
        files,
    }
}

fn facts(bytes: &[u8]) -> FileFacts {
    FileFacts { bytes: bytes.len() as u64, crc32: crc32fast::hash(bytes) }
}

fn read(path: &Path) -> Result<Vec<u8>, PackError> {
    fs::read(path).map_err(at(path))
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), PackError> {
    let write = || -> io::Result<()> {
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(at(path))
}

/// A directory beside another, of which a leading dot says that it is not finished.
fn beside(dir: &Path, what: &str) -> PathBuf {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    dir.with_file_name(format!(".{name}.{what}"))
}

fn remove_if_there(dir: &Path) -> Result<(), PackError> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(at(dir)(e)),
        _ => Ok(()),
    }
}

/// Renames a finished directory into its place; an older pack there steps aside first.
fn put_in_place(partial: &Path, dir: &Path) -> Result<(), PackError> {
    let old = beside(dir, "replaced");
    remove_if_there(&old)?;
    let was_there = dir.exists();
    if was_there {
        fs::rename(dir, &old).map_err(at(dir))?;
    }
    if let Err(e) = fs::rename(partial, dir) {
        if was_there {
            fs::rename(&old, dir).map_err(at(dir))?;
        }
        return Err(at(dir)(e));
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(at(parent))?;
    remove_if_there(&old)
}

/// `MBTiles` counts rows from south; `None` where there is no such tile.
fn tms_row(z: u8, y: u32) -> Option<u32> {
    let side = 1u32.checked_shl(z.into())?;
    side.checked_sub(y.checked_add(1)?)
}

/// `MPBX`, by which `file` knows `MBTiles`.
const APPLICATION_ID: u32 = 0x4d50_4258;

fn write_tiles(path: &Path, city: &ImportedCity) -> Result<(), PackError> {
    let mut db = Connection::open(path)?;
    db.pragma_update(None, "application_id", APPLICATION_ID)?;
    db.pragma_update(None, "journal_mode", "MEMORY")?;
    let all = db.transaction()?;
    all.execute_batch(
        "CREATE TABLE metadata (name TEXT, value TEXT);
         CREATE TABLE tiles
           (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB);
         CREATE UNIQUE INDEX tile_index ON tiles (zoom_level, tile_column, tile_row);",
    )?;
    for (name, value) in metadata(city) {
        all.execute("INSERT INTO metadata VALUES (?1, ?2)", params![name, value])?;
    }
    for tile in &city.tiles {
        insert_tile(&all, tile, path)?;
    }
    all.commit()?;
    db.close().map_err(|(_, e)| PackError::Tiles(e))
}

fn insert_tile(db: &Connection, tile: &Tile, path: &Path) -> Result<(), PackError> {
    let Some(row) = tms_row(tile.z, tile.y) else { return Ok(()) };
    let gz = gzip(&tile.bytes).map_err(at(path))?;
    db.prepare_cached("INSERT INTO tiles VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![tile.z, tile.x, row, gz])?;
    Ok(())
}

/// Less work than level 6; the tiles of Porto are a hundredth larger for it.
const TILE_COMPRESSION: Compression = Compression::new(3);

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), TILE_COMPRESSION);
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn metadata(city: &ImportedCity) -> Vec<(&'static str, String)> {
    let bounds = city.roads.bounds();
    let (sw, ne, centre) = (bounds.south_west, bounds.north_east, bounds.centre());
    let layers: Vec<serde_json::Value> =
        TILE_LAYERS.iter().map(|id| serde_json::json!({ "id": id, "fields": {} })).collect();
    vec![
        ("name", city.places.name.clone()),
        ("format", "pbf".to_owned()),
        ("type", "baselayer".to_owned()),
        ("version", "1".to_owned()),
        ("attribution", city.places.attribution.clone()),
        ("bounds", format!("{},{},{},{}", sw.lon(), sw.lat(), ne.lon(), ne.lat())),
        ("center", format!("{},{},12", centre.lon(), centre.lat())),
        ("minzoom", ZOOMS.start().to_string()),
        ("maxzoom", ZOOMS.end().to_string()),
        ("json", serde_json::json!({ "vector_layers": layers }).to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use ems_roads::{ImportRequest, Overlay, Profile, import};

    fn malta() -> ImportedCity {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta/malta.osm.pbf");
        let request = ImportRequest {
            name: "Malta".into(),
            profile: Profile::blue_light(),
            overlay: Overlay::default(),
        };
        import(fs::File::open(path).unwrap(), &request, &mut |_| {}).unwrap()
    }

    fn source() -> PackSource {
        PackSource { file: "malta.osm.pbf".into(), sha256: "00".into(), imported_by: "test".into() }
    }

    #[test]
    fn a_pack_is_whole_or_refused() {
        let (city, temp) = (malta(), tempfile::tempdir().unwrap());
        let dir = temp.path().join("city");
        let manifest = write_pack(&dir, &city, &source(), false).unwrap();
        let pack = CityPack::open(&dir).unwrap();
        assert_eq!(pack.manifest(), &manifest);
        assert_eq!(pack.places(), &city.places);
        assert_eq!(pack.roads().encode(), city.roads.encode());
        let tile = &city.tiles[city.tiles.len() / 2];
        let mut plain = Vec::new();
        let gz = pack.tile(tile.z, tile.x, tile.y).unwrap().unwrap();
        flate2::read::GzDecoder::new(&gz[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, tile.bytes);
        assert_eq!(pack.tile(tile.z, 0, 0).unwrap(), None);
        assert_eq!(pack.tile(200, 0, 0).unwrap(), None);
        drop(pack);

        let second = write_pack(&dir, &city, &source(), false);
        assert!(matches!(second, Err(PackError::Exists { .. })));
        let again = write_pack(&dir, &city, &source(), true).unwrap();
        assert_eq!(again, manifest, "the same extract gives the same bytes");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1, "nothing is left beside it");

        for file in [ROADS, PLACES, TILES] {
            let path = dir.join(file);
            let good = fs::read(&path).unwrap();
            let mut bad = good.clone();
            bad[good.len() / 2] ^= 1;
            fs::write(&path, &bad).unwrap();
            let error = CityPack::open(&dir).unwrap_err();
            assert!(error.to_string().contains(file), "{error}");
            assert!(error.to_string().ends_with("re-import the extract"), "{error}");
            fs::remove_file(&path).unwrap();
            assert!(matches!(CityPack::open(&dir), Err(PackError::Missing { .. })), "{file}");
            fs::write(&path, &good).unwrap();
        }
        let path = dir.join(MANIFEST);
        let newer = fs::read_to_string(&path).unwrap();
        fs::write(&path, newer.replacen("\"format_version\": 2", "\"format_version\": 9", 1))
            .unwrap();
        assert!(matches!(CityPack::open(&dir), Err(PackError::Version { found: 9, .. })));
    }

    #[test]
    fn what_is_no_pack_is_neither_opened_nor_replaced() {
        let temp = tempfile::tempdir().unwrap();
        assert!(matches!(CityPack::open(temp.path()), Err(PackError::NoPack { .. })));
        fs::write(temp.path().join("thesis.txt"), "years of work").unwrap();
        assert!(matches!(check_free(temp.path(), true), Err(PackError::NotReplaced { .. })));
        assert!(matches!(check_free(temp.path(), false), Err(PackError::Exists { .. })));
    }

    #[test]
    fn rows_are_counted_from_south() {
        for (z, y, row) in [(0, 0, Some(0)), (1, 0, Some(1)), (14, 1, Some(16_382)), (1, 2, None)] {
            assert_eq!(tms_row(z, y), row, "{z}/{y}");
        }
    }
}
