//! Photos, a file each, named by the SHA-256 of what it holds.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ems_model::PhotoId;

use crate::error::StoreError;
use crate::pack::sha256_hex;

/// A folder of photos. What is kept is never changed, so that the same photo twice is one.
#[derive(Debug, Clone)]
pub struct Photos {
    folder: PathBuf,
}

impl Photos {
    /// Opens or makes the folder.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(folder).map_err(|error| StoreError::from_io(folder, error))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Keeps a photo; it is durable when this returns.
    pub fn keep(&self, photo: &[u8]) -> Result<PhotoId, StoreError> {
        let id = PhotoId::new(&sha256_hex(photo)).expect("a digest has 64 hexadecimal digits");
        let path = self.path(&id);
        if !path.exists() {
            write_whole(&path, photo).map_err(|error| StoreError::from_io(&path, error))?;
        }
        Ok(id)
    }

    /// A photo's bytes; `None` where it is not kept.
    pub fn read(&self, id: &PhotoId) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(id);
        match fs::read(&path) {
            Ok(photo) => Ok(Some(photo)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::from_io(&path, error)),
        }
    }

    /// Whether it is kept.
    pub fn has(&self, id: &PhotoId) -> bool {
        self.path(id).exists()
    }

    /// Forgets a photo that is kept elsewhere.
    pub fn forget(&self, id: &PhotoId) -> Result<(), StoreError> {
        let path = self.path(id);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::from_io(&path, error))
            }
            _ => Ok(()),
        }
    }

    fn path(&self, id: &PhotoId) -> PathBuf {
        self.folder.join(id.as_str())
    }
}

/// Under another name until all of it is on the disk: half a photo has no name.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)?;
    File::open(path.parent().unwrap_or(path))?.sync_all()
}

impl StoreError {
    fn from_io(path: &Path, error: io::Error) -> Self {
        Self::Folder { path: path.to_owned(), source: Arc::new(error) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_kept_once_and_read_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let photos = Photos::open(&folder.path().join("photos")).unwrap();
        let id = photos.keep(b"a wound").unwrap();
        assert_eq!(photos.keep(b"a wound").unwrap(), id);
        assert_eq!(fs::read_dir(folder.path().join("photos")).unwrap().count(), 1);
        let again = Photos::open(&folder.path().join("photos")).unwrap();
        assert_eq!(again.read(&id).unwrap().as_deref(), Some(&b"a wound"[..]));
        again.forget(&id).unwrap();
        again.forget(&id).unwrap();
        assert_eq!((again.read(&id).unwrap(), photos.has(&id)), (None, false));
    }
}
