//! Bundles that a gateway carries for others, a file each, until their time is over.
//!
//! What is on it is theirs: it knows of each only whose it is, which frames it is about and when it
//! expires. A stranger can fill it up to its limits and no further.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ems_model::{Timestamp, UnitId};

use crate::error::StoreError;
use crate::photos::write_whole;

/// How much a shelf holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShelfLimits {
    /// Bundles of one unit.
    pub n_of_unit_max: usize,
    /// Bytes of one unit.
    pub bytes_of_unit_max: u64,
    /// Bytes of all.
    pub bytes_max: u64,
}

impl Default for ShelfLimits {
    /// 2,048 bundles and 64 MiB of a unit, 256 MiB of all.
    fn default() -> Self {
        Self { n_of_unit_max: 2048, bytes_of_unit_max: 64 << 20, bytes_max: 256 << 20 }
    }
}

/// Which bundle it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShelfTag {
    /// Whose frames it is about.
    pub unit: UnitId,
    /// The first of them.
    pub first: u64,
    /// The last of them.
    pub last: u64,
    /// When it may be thrown away.
    pub expires: Timestamp,
}

/// What became of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelved {
    /// It is there, durably.
    Kept,
    /// One about the same frames was there.
    Known,
    /// There is no room for it.
    Full,
}

/// A folder of bundles.
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    limits: ShelfLimits,
    /// The bytes of each.
    known: Mutex<BTreeMap<ShelfTag, u64>>,
}

impl Shelf {
    /// Opens or makes the folder.
    pub fn open(folder: &Path, limits: ShelfLimits) -> Result<Self, StoreError> {
        let failed = |error| failed(folder, error);
        fs::create_dir_all(folder).map_err(failed)?;
        let mut known = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let tag = entry.file_name().to_str().and_then(ShelfTag::parse);
            if let Some(tag) = tag {
                known.insert(tag, entry.metadata().map_err(failed)?.len());
            }
        }
        Ok(Self { folder: folder.to_owned(), limits, known: Mutex::new(known) })
    }

    /// Keeps a bundle; it is durable when this returns.
    pub fn put(&self, tag: &ShelfTag, bundle: &[u8]) -> Result<Shelved, StoreError> {
        let mut known = self.known();
        if known.range(tags_about(tag)).next().is_some() {
            return Ok(Shelved::Known);
        }
        let n_bytes = bundle.len() as u64;
        if !self.has_room(&known, &tag.unit, n_bytes) {
            return Ok(Shelved::Full);
        }
        write_whole(&self.path(tag), bundle).map_err(|error| failed(&self.folder, error))?;
        known.insert(tag.clone(), n_bytes);
        Ok(Shelved::Kept)
    }

    /// What is there, unit by unit, lowest numbers first.
    pub fn tags(&self) -> Vec<ShelfTag> {
        self.known().keys().cloned().collect()
    }

    /// A bundle; `None` if it is gone.
    pub fn read(&self, tag: &ShelfTag) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.path(tag)) {
            Ok(bundle) => Ok(Some(bundle)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&self.folder, error)),
        }
    }

    /// Throws a bundle away.
    pub fn remove(&self, tag: &ShelfTag) -> Result<(), StoreError> {
        self.known().remove(tag);
        match fs::remove_file(self.path(tag)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed(&self.folder, error))
            }
            _ => Ok(()),
        }
    }

    /// Throws away what has expired.
    pub fn clear(&self, now: Timestamp) -> Result<(), StoreError> {
        self.tags().iter().filter(|tag| tag.expires <= now).try_for_each(|tag| self.remove(tag))
    }

    fn has_room(&self, known: &BTreeMap<ShelfTag, u64>, unit: &UnitId, n_bytes: u64) -> bool {
        let (mut n_of_unit, mut bytes_of_unit, mut bytes) = (0, 0, 0);
        for (tag, n_bytes) in known {
            let is_of_unit = tag.unit == *unit;
            n_of_unit += usize::from(is_of_unit);
            bytes_of_unit += if is_of_unit { *n_bytes } else { 0 };
            bytes += n_bytes;
        }
        n_of_unit < self.limits.n_of_unit_max
            && bytes_of_unit + n_bytes <= self.limits.bytes_of_unit_max
            && bytes + n_bytes <= self.limits.bytes_max
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<ShelfTag, u64>> {
        // The map is whole whatever panicked.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, tag: &ShelfTag) -> PathBuf {
        let ShelfTag { unit, first, last, expires } = tag;
        self.folder.join(format!("{unit}~{first}~{last}~{}.bundle", expires.as_micros()))
    }
}

impl ShelfTag {
    /// From a file's name; a unit's name has no `~`.
    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".bundle")?.split('~');
        let unit = UnitId::new(parts.next()?).ok()?;
        let (first, last) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let expires = Timestamp::from_micros(parts.next()?.parse().ok()?);
        parts.next().is_none().then_some(Self { unit, first, last, expires })
    }
}

/// All tags about the same frames.
fn tags_about(tag: &ShelfTag) -> RangeInclusive<ShelfTag> {
    let at = |micros| ShelfTag { expires: Timestamp::from_micros(micros), ..tag.clone() };
    at(i64::MIN)..=at(i64::MAX)
}

fn failed(folder: &Path, error: std::io::Error) -> StoreError {
    StoreError::Folder { path: folder.to_owned(), source: Arc::new(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ShelfLimits =
        ShelfLimits { n_of_unit_max: 3, bytes_of_unit_max: 100, bytes_max: 150 };

    fn tag(unit: &str, first: u64, expires: i64) -> ShelfTag {
        let expires = Timestamp::from_micros(expires);
        ShelfTag { unit: UnitId::new(unit).unwrap(), first, last: first + 9, expires }
    }

    #[test]
    fn a_bundle_is_there_again_after_a_start_until_it_expires() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path(), LIMITS).unwrap();
        let (first, second) = (tag("A-1.x", 1, 50), tag("A-1.x", 11, 60));
        assert_eq!(shelf.put(&second, b"second").unwrap(), Shelved::Kept);
        assert_eq!(shelf.put(&first, b"first").unwrap(), Shelved::Kept);
        assert_eq!(shelf.put(&tag("A-1.x", 1, 99), b"again").unwrap(), Shelved::Known);
        fs::write(folder.path().join("A-1.x~21~30~70.part"), b"half").unwrap();

        let shelf = Shelf::open(folder.path(), LIMITS).unwrap();
        assert_eq!(shelf.tags(), [first.clone(), second.clone()]);
        assert_eq!(shelf.read(&first).unwrap().as_deref(), Some(&b"first"[..]));
        shelf.clear(Timestamp::from_micros(50)).unwrap();
        assert_eq!((shelf.tags(), shelf.read(&first).unwrap()), (vec![second.clone()], None));
        shelf.remove(&second).unwrap();
        shelf.remove(&second).unwrap();
        assert!(Shelf::open(folder.path(), LIMITS).unwrap().tags().is_empty());
    }

    #[test]
    fn neither_one_unit_nor_all_fill_it_beyond_its_limits() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path(), LIMITS).unwrap();
        for (unit, first, n_bytes, shelved) in [
            ("A", 1, 10, Shelved::Kept),
            ("A", 11, 10, Shelved::Kept),
            ("A", 21, 81, Shelved::Full),
            ("A", 21, 80, Shelved::Kept),
            ("A", 31, 0, Shelved::Full),
            ("B", 1, 51, Shelved::Full),
            ("B", 1, 50, Shelved::Kept),
            ("C", 1, 1, Shelved::Full),
        ] {
            let bundle = vec![0; n_bytes];
            assert_eq!(
                shelf.put(&tag(unit, first, 9), &bundle).unwrap(),
                shelved,
                "{unit} {first}"
            );
        }
    }
}
