//! Letters of a gateway to the centre that are not delivered yet, a file each, in the order of
//! their numbers. Few, small, and none may be lost: what a crew kept of its patient.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::StoreError;
use crate::photos::write_whole;

/// A folder of letters.
#[derive(Debug, Clone)]
pub struct Letters {
    folder: PathBuf,
}

impl Letters {
    /// Opens or makes the folder.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let letters = Self { folder: folder.to_owned() };
        fs::create_dir_all(folder).map_err(|error| letters.failed(error))?;
        Ok(letters)
    }

    /// Keeps a letter under its number; it is durable when this returns.
    pub fn keep(&self, number: i64, letter: &[u8]) -> Result<(), StoreError> {
        write_whole(&self.path(number), letter).map_err(|error| self.failed(error))
    }

    /// The oldest letter, with its number.
    pub fn first(&self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        let entries = fs::read_dir(&self.folder).map_err(|error| self.failed(error))?;
        let number = |name: &str| name.strip_suffix(".json")?.parse().ok();
        let names = entries.flatten().filter_map(|it| number(it.file_name().to_str()?));
        let Some(number) = names.min() else { return Ok(None) };
        let letter = fs::read(self.path(number)).map_err(|error| self.failed(error))?;
        Ok(Some((number, letter)))
    }

    /// Throws a letter away.
    pub fn remove(&self, number: i64) -> Result<(), StoreError> {
        fs::remove_file(self.path(number)).map_err(|error| self.failed(error))
    }

    fn path(&self, number: i64) -> PathBuf {
        self.folder.join(format!("{number}.json"))
    }

    fn failed(&self, error: std::io::Error) -> StoreError {
        StoreError::Folder { path: self.folder.clone(), source: Arc::new(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_letter_comes_first_until_it_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let letters = Letters::open(folder.path()).unwrap();
        assert_eq!(letters.first().unwrap(), None);
        letters.keep(20, b"later").unwrap();
        letters.keep(9, b"first").unwrap();
        let letters = Letters::open(folder.path()).unwrap();
        assert_eq!(letters.first().unwrap(), Some((9, b"first".to_vec())));
        letters.remove(9).unwrap();
        assert_eq!(letters.first().unwrap(), Some((20, b"later".to_vec())));
    }
}
