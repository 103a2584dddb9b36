//! Lengths over the limit that are known, with their reasons: they may only fall.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, bail};

use crate::complaint::Complaint;
use crate::lengths::{FILE_LINES_MAX, FUNCTION_LINES_MAX};

pub(crate) const RATCHET_PATH: &str = "xtask/ratchet.toml";

/// What has a length.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Function { file: String, name: String },
    File { file: String },
}

impl Subject {
    fn limit(&self) -> usize {
        match self {
            Self::Function { .. } => FUNCTION_LINES_MAX,
            Self::File { .. } => FILE_LINES_MAX,
        }
    }

    fn file(&self) -> &str {
        match self {
            Self::Function { file, .. } | Self::File { file } => file,
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::Function { .. } => "keep control flow here and move arithmetic to a leaf",
            Self::File { .. } => "split it by concern",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function { name, .. } => write!(f, "function {name}"),
            Self::File { .. } => write!(f, "file"),
        }
    }
}

/// A measured length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) subject: Subject,
    pub(crate) line: usize,
    pub(crate) n_lines: usize,
}

/// The known exceptions: lines by subject.
#[derive(Debug, Default)]
pub(crate) struct Ratchet {
    known: BTreeMap<Subject, usize>,
}

impl Ratchet {
    /// Reads `xtask/ratchet.toml`; every entry must say why.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let table: toml::Table = text.parse().context(RATCHET_PATH)?;
        let mut known = BTreeMap::new();
        for (kind, entries) in &table {
            let entries =
                entries.as_array().context("ratchet entries are [[function]]/[[file]]")?;
            for entry in entries {
                let (subject, n_lines) =
                    parse_entry(kind, entry).with_context(|| format!("{RATCHET_PATH}: {entry}"))?;
                known.insert(subject, n_lines);
            }
        }
        Ok(Self { known })
    }
}

fn parse_entry(kind: &str, entry: &toml::Value) -> anyhow::Result<(Subject, usize)> {
    let word = |key: &str| entry.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let file = word("file").context("`file` is missing")?;
    let lines =
        entry.get("lines").and_then(toml::Value::as_integer).context("`lines` is missing")?;
    if word("why").is_none_or(|why| why.trim().is_empty()) {
        bail!("`why` is missing: say what would be worse if it were shorter");
    }
    let subject = match kind {
        "function" => Subject::Function { file, name: word("name").context("`name` is missing")? },
        "file" => Subject::File { file },
        other => bail!("`{other}` is neither function nor file"),
    };
    Ok((subject, usize::try_from(lines).context("`lines` must be positive")?))
}

/// Compares what was measured with the limits and the known exceptions.
pub(crate) fn judge(lengths: &[Length], ratchet: &Ratchet) -> Vec<Complaint> {
    let mut longest: BTreeMap<&Subject, &Length> = BTreeMap::new();
    for length in lengths {
        let entry = longest.entry(&length.subject).or_insert(length);
        if length.n_lines > entry.n_lines {
            *entry = length;
        }
    }
    let mut complaints: Vec<Complaint> = longest
        .values()
        .filter_map(|length| too_long(length, ratchet.known.get(&length.subject).copied()))
        .collect();
    for (subject, &known) in &ratchet.known {
        let n_lines = longest.get(subject).map_or(0, |length| length.n_lines);
        complaints.extend(not_tight(subject, known, n_lines));
    }
    complaints
}

fn too_long(length: &Length, known: Option<usize>) -> Option<Complaint> {
    let Length { subject, line, n_lines } = length;
    let limit = known.unwrap_or(0).max(subject.limit());
    (*n_lines > limit).then(|| {
        let fact = format!("{subject} has {n_lines} lines, limit {limit}");
        Complaint::new(subject.file(), *line, fact, subject.remedy())
    })
}

fn not_tight(subject: &Subject, known: usize, n_lines: usize) -> Option<Complaint> {
    if n_lines >= known {
        return None;
    }
    let fact = format!("{subject} of {} is listed with {known} lines", subject.file());
    let remedy = if n_lines > subject.limit() {
        format!("it has {n_lines} now, write lines = {n_lines}")
    } else {
        "it is gone or within the limit now, remove the entry".to_owned()
    };
    Some(Complaint::new(RATCHET_PATH, 1, fact, remedy))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(name: &str, n_lines: usize) -> Length {
        let subject = Subject::Function { file: "a.rs".to_owned(), name: name.to_owned() };
        Length { subject, line: 3, n_lines }
    }

    fn listed(n_lines: usize) -> Ratchet {
        let entry = "[[function]]\nfile = 'a.rs'\nname = 'f'\nwhy = 'fast'\n";
        Ratchet::parse(&format!("{entry}lines = {n_lines}")).unwrap()
    }

    #[test]
    fn a_listed_length_may_only_fall() {
        for (n_lines, known, expected) in [
            (70, None, None),
            (71, None, Some("a.rs:3: function f has 71 lines, limit 70")),
            (90, Some(90), None),
            (91, Some(90), Some("a.rs:3: function f has 91 lines, limit 90")),
            (80, Some(90), Some("xtask/ratchet.toml:1: function f of a.rs is listed with 90")),
            (60, Some(90), Some("xtask/ratchet.toml:1: function f of a.rs is listed with 90")),
        ] {
            let ratchet = known.map_or_else(Ratchet::default, listed);
            let complaints = judge(&[length("f", n_lines)], &ratchet);
            let first = complaints.first().map(ToString::to_string);
            match expected {
                None => assert_eq!(first, None, "{n_lines} {known:?}"),
                Some(start) => assert!(first.unwrap().starts_with(start), "{n_lines} {known:?}"),
            }
        }
    }

    #[test]
    fn of_two_functions_with_one_name_the_longest_counts() {
        let lengths = [length("new", 10), length("new", 75), length("new", 72)];
        let complaints = judge(&lengths, &Ratchet::default());
        assert_eq!(complaints.len(), 1);
        assert!(complaints[0].fact.contains("75"), "{complaints:?}");
    }

    #[test]
    fn an_entry_for_something_gone_must_go() {
        let complaints = judge(&[], &listed(90));
        assert!(complaints[0].remedy.contains("remove"), "{complaints:?}");
    }

    #[test]
    fn an_entry_says_why() {
        for (text, ok) in [
            ("", true),
            ("[[file]]\nfile = 'a.rs'\nlines = 1100\nwhy = 'one table'", true),
            ("[[file]]\nfile = 'a.rs'\nlines = 1100\nwhy = ' '", false),
            ("[[file]]\nfile = 'a.rs'\nlines = 1100", false),
            ("[[function]]\nfile = 'a.rs'\nlines = 80\nwhy = 'x'", false),
            ("[[module]]\nfile = 'a.rs'\nlines = 80\nwhy = 'x'", false),
        ] {
            assert_eq!(Ratchet::parse(text).is_ok(), ok, "{text}");
        }
    }
}
