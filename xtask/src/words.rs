//! Words and names that may not stand in the repository.

use crate::complaint::Complaint;

/// A name that says nothing about what is inside.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];

/// Folders of somebody's machine; split so that this file passes its own check.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
    concat!("/", "work/"),
    concat!("/", "tmp/bash_jobs"),
];

/// Hosts that package clients know by themselves.
const REGISTRY_HOSTS: [&str; 4] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("py", "pi.org"),
];

/// Code that says it is not finished, or a test that never runs.
const UNFINISHED: [(&str, &str); 3] = [
    ("#[ignore", "make the test fast and sure, or count it as skipped (docs/testing.md)"),
    ("todo!", "finish it, or return an error that says what is missing"),
    ("unimplemented!", "finish it, or return an error that says what is missing"),
];

const CRATES_SOURCE: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Complains about a file or folder whose name says nothing.
pub(crate) fn check_name(path: &str) -> Option<Complaint> {
    let stem_of = |part: &str| part.split('.').next().unwrap_or_default().to_lowercase();
    let empty = path.split('/').find(|part| EMPTY_NAMES.contains(&stem_of(part).as_str()))?;
    let fact = format!("`{empty}` says nothing about what is inside");
    Some(Complaint::new(path, 1, fact, "name it after what it holds, or move each thing home"))
}

/// Complains about unfinished code in a text whose comments and strings are blanked.
pub(crate) fn check_unfinished(path: &str, blanked: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (idx, line) in blanked.lines().enumerate() {
        for (word, remedy) in UNFINISHED {
            if line.contains(word) {
                complaints.push(Complaint::new(path, idx + 1, format!("`{word}` found"), remedy));
            }
        }
    }
    complaints
}

/// Complains about paths of somebody's machine and about the hosts of package registries.
pub(crate) fn check_places(path: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (idx, line) in text.lines().enumerate() {
        if let Some(found) = MACHINE_PATHS.iter().find(|prefix| holds_path(line, prefix)) {
            let fact = format!("`{found}` is a folder of one machine");
            let remedy = "take the path as an argument, or make it relative to the repository";
            complaints.push(Complaint::new(path, idx + 1, fact, remedy));
        }
        if let Some(found) = REGISTRY_HOSTS.iter().find(|host| line.contains(*host)) {
            let fact = format!("`{found}` is a package registry's host");
            let remedy = "name the package only, the client knows its registry";
            complaints.push(Complaint::new(path, idx + 1, fact, remedy));
        }
    }
    complaints
}

/// Complains about a lock file that ties a build to one address.
pub(crate) fn check_lock(path: &str, text: &str) -> Vec<Complaint> {
    match path.rsplit('/').next() {
        Some("Cargo.lock") => lines_where(path, text, is_foreign_source, "source is not crates.io"),
        Some("package-lock.json") => {
            lines_where(path, text, |line| line.starts_with("\"resolved\""), "`resolved` found")
        }
        _ => Vec::new(),
    }
}

fn lines_where(path: &str, text: &str, bad: fn(&str) -> bool, fact: &str) -> Vec<Complaint> {
    let remedy = if path.ends_with("Cargo.lock") {
        "depend on a published version"
    } else {
        "run `npm install --package-lock-only --omit-lockfile-registry-resolved` in its folder"
    };
    let numbered = text.lines().enumerate();
    numbered
        .filter(|(_, line)| bad(line.trim()))
        .map(|(idx, _)| Complaint::new(path, idx + 1, fact, remedy))
        .collect()
}

fn is_foreign_source(line: &str) -> bool {
    line.strip_prefix("source = ").is_some_and(|source| source.trim_matches('"') != CRATES_SOURCE)
}

/// Whether `prefix` starts a path in the line, and is not the middle of a longer one.
fn holds_path(line: &str, prefix: &str) -> bool {
    line.match_indices(prefix).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "_-.~}/".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_inside() {
        for (path, ok) in [
            ("crates/ems-model/src/time.rs", true),
            ("crates/ems-model/src/commons.rs", true),
            ("crates/ems-model/src/utils.rs", false),
            ("web/src/helpers/a.ts", false),
            ("web/src/Manager.svelte", false),
            ("crates/a/tests/common/mod.rs", false),
            ("docs/misc.md", false),
        ] {
            assert_eq!(check_name(path).is_none(), ok, "{path}");
        }
    }

    #[test]
    fn unfinished_code_is_found() {
        for (line, ok) in [
            ("#[test]", true),
            ("#[ignore]", false),
            ("    #[ignore = ", false),
            ("let x = todo!();", false),
            ("unimplemented!()", false),
            ("ignore(todo)", true),
        ] {
            assert_eq!(check_unfinished("a.rs", line).is_empty(), ok, "{line}");
        }
    }

    #[test]
    fn places_of_one_machine_are_found() {
        let host = REGISTRY_HOSTS[2];
        for (line, ok) in [
            (format!("open(\"{}me/x\")", MACHINE_PATHS[0]), false),
            (format!("cd {}me", MACHINE_PATHS[1]), false),
            (format!("{}/17/stdout", MACHINE_PATHS[4]), false),
            (format!("https://example.org{}page", MACHINE_PATHS[1]), true),
            (format!("$HOME{}x", MACHINE_PATHS[0]), true),
            ("../shared/data/ecg".to_owned(), true),
            (format!("see {host} for it"), false),
            ("https://crates.io/crates/axum".to_owned(), true),
        ] {
            assert_eq!(check_places("a.md", &line).is_empty(), ok, "{line}");
        }
    }

    #[test]
    fn lock_files_name_no_address() {
        let ours = format!("source = \"{CRATES_SOURCE}\"");
        for (path, text, ok) in [
            ("Cargo.lock", ours.as_str(), true),
            ("fuzz/Cargo.lock", "source = \"git+https://example.org/x\"", false),
            ("web/package-lock.json", "  \"version\": \"1.0.0\",", true),
            ("web/package-lock.json", "  \"resolved\": \"https://example.org/a.tgz\",", false),
            ("web/other.json", "  \"resolved\": \"https://example.org/a.tgz\",", true),
        ] {
            assert_eq!(check_lock(path, text).is_empty(), ok, "{path} {text}");
        }
    }
}
