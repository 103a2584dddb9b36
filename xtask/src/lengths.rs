//! How long a line, a function and a file may be.

use crate::complaint::Complaint;
use crate::ratchet::{Length, Subject};
use crate::rust_text::{blank_out, functions, test_lines};
use crate::tree::SourceFile;

pub(crate) const LINE_CHARS_MAX: usize = 100;
pub(crate) const FUNCTION_LINES_MAX: usize = 70;
pub(crate) const FILE_LINES_MAX: usize = 1000;
pub(crate) const FILE_LINES_AIM: usize = 400;

/// Complains about Rust lines that are too long; `blanked` is the text after [`blank_out`].
///
/// A message may be long: broken, it could not be searched for.
pub(crate) fn check_lines(path: &str, text: &str, blanked: &str) -> Vec<Complaint> {
    let numbered = text.lines().zip(blanked.lines()).enumerate();
    numbered
        .map(|(idx, (line, blanked))| (idx, line.chars().count(), line, blanked))
        .filter(|(_, n_chars, line, blanked)| {
            *n_chars > LINE_CHARS_MAX && !is_long_for_its_text(line, blanked)
        })
        .map(|(idx, n_chars, ..)| {
            let fact = format!("line has {n_chars} characters, limit {LINE_CHARS_MAX}");
            Complaint::new(path, idx + 1, fact, "break it, or name a part of it")
        })
        .collect()
}

/// Whether a string makes the line long, its code taking less than half, or an address does.
fn is_long_for_its_text(line: &str, blanked: &str) -> bool {
    let is_comment = line.contains("// ");
    let code: String = blanked.split_whitespace().collect();
    line.contains("://") || (!is_comment && code.chars().count() <= LINE_CHARS_MAX / 2)
}

/// Measures the functions (Rust only) and the file itself, tests left out of the file.
pub(crate) fn measure(file: &SourceFile, text: &str) -> Vec<Length> {
    let mut lengths = Vec::new();
    let mut n_lines = text.lines().count();
    if file.has_suffix(".rs") {
        let blanked = blank_out(text);
        n_lines -= test_lines(&blanked);
        for function in functions(&blanked) {
            lengths.push(Length {
                subject: Subject::Function { file: file.path.clone(), name: function.name },
                line: function.line,
                n_lines: function.n_lines,
            });
        }
    }
    if !is_test_file(&file.path) {
        let subject = Subject::File { file: file.path.clone() };
        lengths.push(Length { subject, line: 1, n_lines });
    }
    lengths
}

/// Whether lengths hold for a file: our code, not data, prose or what a tool wrote.
pub(crate) fn is_measured(path: &str) -> bool {
    [".rs", ".ts", ".js", ".mjs", ".svelte", ".css", ".sh"].iter().any(|end| path.ends_with(end))
}

fn is_test_file(path: &str) -> bool {
    let mut folders = path.split('/').rev();
    let name = folders.next().unwrap_or_default();
    name == "tests.rs"
        || name.contains(".test.")
        || folders.any(|folder| folder == "tests" || folder == "e2e")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_have_a_hundred_characters() {
        let at_limit = "é".repeat(100);
        let over = "x".repeat(101);
        let address = format!("// https://example.org/{over}");
        let message = format!("    Err(\"{over}\"),");
        let comment = format!("// {over}");
        let check = |text: &str| check_lines("a.rs", text, &blank_out(text));
        for (text, n_complaints) in
            [(&at_limit, 0), (&over, 1), (&address, 0), (&message, 0), (&comment, 1)]
        {
            assert_eq!(check(text).len(), n_complaints, "{text}");
        }
        assert_eq!(check(&format!("ok\n{over}"))[0].line, 2);
    }

    #[test]
    fn tests_are_not_part_of_a_files_length() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n}\n";
        for (path, n_lines) in [
            ("a/src/lib.rs", Some(1)),
            ("a/src/tests.rs", None),
            ("a/tests/it/main.rs", None),
            ("web/src/a.ts", Some(4)),
            ("web/src/a.test.ts", None),
        ] {
            let file = SourceFile { path: path.to_owned(), text: None };
            let lengths = measure(&file, text);
            let found = lengths.iter().find(|l| matches!(l.subject, Subject::File { .. }));
            assert_eq!(found.map(|l| l.n_lines), n_lines, "{path}");
        }
    }

    #[test]
    fn only_our_code_is_measured() {
        for (path, expected) in
            [("a.rs", true), ("web/a.svelte", true), ("data/a.toml", false), ("a.md", false)]
        {
            assert_eq!(is_measured(path), expected, "{path}");
        }
    }
}
