//! A file's bytes where the system keeps them, without a copy of ours. The only unsafe code here.

#![expect(unsafe_code, reason = "a map shows what others write into the file while it is held")]

use std::fs::File;
use std::io;
use std::path::Path;

use memmap2::Mmap;

/// Maps a file that nobody writes to or cuts short while its map is held: one that is written
/// beside its place, renamed into it and never touched again. (A file cut short under its map ends
/// the process, so keep a map no longer than it takes to read it.)
///
/// The safe twin is [`std::fs::read`], which gives the same bytes for a copy of them.
pub(crate) fn map(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: by the rule above the bytes do not change under the slice that is made of them.
    unsafe { Mmap::map(&file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_what_its_safe_twin_reads() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bytes");
        for n_bytes in [0, 1, 4096, 100_001] {
            let bytes: Vec<u8> = (0..=250).cycle().take(n_bytes).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(map(&path).unwrap()[..], bytes, "{n_bytes} bytes");
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
        }
        assert_eq!(map(&dir.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
