//! A log that somebody names: a centre's folder or database, or events a line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use ems_model::Recorded;
use ems_store::{EventLog, SqliteLog};

/// What every `SQLite` file begins with (<https://www.sqlite.org/fileformat.html>, section 1.3).
const SQLITE: &[u8] = b"SQLite format 3\0";
/// Events that are read from a database at a time.
const N_READ: usize = 10_000;

/// Reads all events, oldest first.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Recorded>> {
    let at = || format!("the log {}", path.display());
    if path.is_dir() {
        let database = path.join("events.db");
        if !database.is_file() {
            bail!(
                "{} holds no events.db: give the --data folder of a centre, or a file of events",
                path.display()
            );
        }
        return read_database(&database).with_context(at);
    }
    let mut head = Vec::new();
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    file.take(SQLITE.len() as u64).read_to_end(&mut head).with_context(at)?;
    let events = if head == SQLITE { read_database(path) } else { read_lines(path) };
    events.with_context(at)
}

fn read_database(path: &Path) -> anyhow::Result<Vec<Recorded>> {
    let log = SqliteLog::open(path).context("if its centre runs, use the page /replay there")?;
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let next = log.read_after(events.last().map_or(0, |last| last.seq), N_READ)?;
        if next.is_empty() {
            return Ok(events);
        }
        events.extend(next);
    }
}

fn read_lines(path: &Path) -> anyhow::Result<Vec<Recorded>> {
    let mut events = Vec::new();
    for (number, line) in (1..).zip(BufReader::new(File::open(path)?).lines()) {
        let line = line.with_context(|| format!("line {number} is no text"))?;
        if line.trim().is_empty() {
            continue;
        }
        let event = serde_json::from_str(&line).with_context(|| {
            format!("line {number} is no event: give what `golden-hour simulate --out` wrote")
        })?;
        events.push(event);
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_no_log_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let told = |path: &Path| format!("{:#}", read(path).unwrap_err());
        assert!(told(dir.path()).contains("holds no events.db"), "{}", told(dir.path()));
        let lines = dir.path().join("day.jsonl");
        fs::write(&lines, "\n{\"seq\": 1}\n").unwrap();
        assert!(told(&lines).contains("line 2 is no event"), "{}", told(&lines));
        assert!(told(&dir.path().join("none")).contains("cannot be read"));
    }

    #[test]
    fn a_centres_database_is_read_whole() {
        let dir = tempfile::tempdir().unwrap();
        drop(SqliteLog::open(&dir.path().join("events.db")).unwrap());
        assert!(read(dir.path()).unwrap().is_empty());
        fs::write(dir.path().join("events.db"), b"SQLite format 3\0and nothing else").unwrap();
        assert!(read(dir.path()).is_err());
    }
}
