//! Every data file says where it is from.

use std::collections::BTreeSet;

use crate::complaint::Complaint;
use crate::tree::SourceFile;

/// How far into a file its source may stand.
const HEAD_LINES: usize = 40;

/// Complains about files under `data/`, or a crate's own `data/`, that name no source.
pub(crate) fn check_sources(files: &[SourceFile]) -> Vec<Complaint> {
    let told: BTreeSet<&str> =
        files.iter().filter_map(|file| file.path.strip_suffix("/SOURCE.md")).collect();
    files
        .iter()
        .filter(|file| is_data(&file.path) && !told.contains(folder_of(&file.path)))
        .filter(|file| !file.text.as_deref().is_some_and(names_source))
        .map(|file| {
            let remedy = format!(
                "write {}/SOURCE.md (origin, date, licence), or a `# source: ...` line at its head",
                folder_of(&file.path)
            );
            Complaint::new(&file.path, 1, "data file without a source", remedy)
        })
        .collect()
}

fn is_data(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let is_prose = path.rsplit('.').next() == Some("md");
    !is_prose && matches!(parts[..], ["data", _, ..] | ["crates" | "apps", _, "data", _, ..])
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A line `source = …`, `"source": …` or a comment `# source: …` near the head, or a TOML table
/// `[[sources]]` anywhere.
fn names_source(text: &str) -> bool {
    text.lines().any(|line| line == "[[sources]]") || has_source_line(text)
}

fn has_source_line(text: &str) -> bool {
    text.lines().take(HEAD_LINES).any(|line| {
        let line = line.trim_start_matches(|c: char| c.is_whitespace() || "#/;-*<!\"{".contains(c));
        let rest = line.get(..6).filter(|word| word.eq_ignore_ascii_case("source"));
        rest.is_some() && {
            let value = line[6..].trim_start_matches(['s', '"', ' ']);
            value.starts_with([':', '=']) && value.len() > 2
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: Some(text.to_owned()) }
    }

    #[test]
    fn a_source_is_a_line_near_the_head() {
        for (text, ok) in [
            ("# source: RCP 2017, chart 1", true),
            ("# Sources: a, b", true),
            ("title = 'x'\nsource = 'RCP 2017'", true),
            ("{\n  \"source\": \"RCP 2017\"}", true),
            ("// Source: ours, invented for the demo", true),
            ("[[sources]]\ntext = 'RCP 2017'", true),
            ("resource = 'x'", false),
            ("source =", false),
            ("the source is unknown", false),
            ("", false),
        ] {
            assert_eq!(names_source(text), ok, "{text}");
        }
    }

    #[test]
    fn only_data_needs_a_source() {
        for (path, ok) in [
            ("data/a.csv", false),
            ("data/malta/overlay.toml", false),
            ("crates/ems-clinical/data/news2.toml", false),
            ("crates/ems-device/tests/data/100.hea", true),
            ("data/README.md", true),
            ("docs/data.md", true),
        ] {
            assert_eq!(check_sources(&[file(path, "x")]).is_empty(), ok, "{path}");
        }
    }

    #[test]
    fn one_page_tells_for_its_folder_only() {
        let files = [
            file("data/malta/SOURCE.md", "osm"),
            file("data/malta/malta.osm.pbf", "x"),
            file("data/malta/sub/b.csv", "x"),
        ];
        let complaints = check_sources(&files);
        assert_eq!(complaints.len(), 1);
        assert_eq!(complaints[0].file, "data/malta/sub/b.csv");
    }
}
