//! The files that git tracks or would track.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// One file of the repository.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Relative to the repository's root, with `/`.
    pub(crate) path: String,
    /// Nothing for a binary file.
    pub(crate) text: Option<String>,
}

impl SourceFile {
    pub(crate) fn has_suffix(&self, suffix: &str) -> bool {
        self.path.ends_with(suffix)
    }
}

/// Reads every file that is tracked, or is new and not ignored, in order of its path.
pub(crate) fn read_tree(root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in list_paths(root)? {
        let full = root.join(&path);
        if full.is_file() {
            let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
            files.push(SourceFile { path, text: text_of(bytes) });
        }
    }
    Ok(files)
}

fn list_paths(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot start git: install git, tidy reads the list of files from it")?;
    if !output.status.success() {
        bail!("git ls-files failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let list = String::from_utf8(output.stdout).context("a file name is not UTF-8: rename it")?;
    let mut paths: Vec<String> =
        list.split('\0').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

/// Text is what has no NUL and is UTF-8.
fn text_of(bytes: Vec<u8>) -> Option<String> {
    if bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_without_nul() {
        for (bytes, is_text) in
            [(&b"fn main() {}"[..], true), (b"a\0b", false), (b"\xff\xfe", false), (b"", true)]
        {
            assert_eq!(text_of(bytes.to_vec()).is_some(), is_text, "{bytes:?}");
        }
    }
}
