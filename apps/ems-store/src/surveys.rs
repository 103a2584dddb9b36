//! Frames of what links carried, in the order in which they came, and the map that was made of them.

use ems_model::{Frame, FrameBody, UnitId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::frames;

pub(crate) const SURVEYS_SQL: &str = "CREATE TABLE surveys(
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        unit TEXT NOT NULL,
        seq INTEGER NOT NULL,
        UNIQUE(unit, seq)
    ) STRICT;
    CREATE TABLE coverage(
        one INTEGER PRIMARY KEY CHECK(one = 1),
        through INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT;";

/// A map of coverage, and which frames it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCoverage {
    /// The place of the last frame that it holds, 0 for none: all before are in it too.
    pub through: u64,
    /// The map as it was written.
    pub body: Vec<u8>,
}

/// A frame of what links carried.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyFrame {
    /// Its place among all such frames of all units: they grow, and each frame has one.
    pub place: u64,
    /// The frame.
    pub frame: Frame,
}

/// The unit and the number of a frame that cannot be read, and why.
type Unreadable = (UnitId, u64, String);

/// Gives the frames that tell of links their places; one that has a place keeps it.
pub(crate) fn place(connection: &Connection, frames: &[Frame]) -> rusqlite::Result<()> {
    let sql = "INSERT OR IGNORE INTO surveys(unit, seq) VALUES(?1, ?2)";
    for frame in frames.iter().filter(|it| matches!(it.body, FrameBody::Links { .. })) {
        connection.prepare_cached(sql)?.execute(params![frame.unit.as_str(), frame.seq])?;
    }
    Ok(())
}

/// Frames after a place, at most `limit`; an unreadable one is `Err` with its unit, number and why.
pub(crate) fn read(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Result<SurveyFrame, Unreadable>>> {
    let mut select = connection.prepare_cached(
        "SELECT f.seq, f.at, f.body, s.place, s.unit FROM surveys s
         JOIN frames f ON f.unit = s.unit AND f.seq = s.seq
         WHERE s.place > ?1 ORDER BY s.place LIMIT ?2",
    )?;
    let rows = select.query_map(params![after, limit], |row| {
        let unit: String = row.get(4)?;
        let unit = UnitId::new(&unit).expect("only names of units are written");
        let place = row.get(3)?;
        let frame = frames::frame_of(&unit, row)?;
        Ok(frame.map(|frame| SurveyFrame { place, frame }).map_err(|(seq, why)| (unit, seq, why)))
    })?;
    rows.collect()
}

/// The map that was kept last.
pub(crate) fn kept(connection: &Connection) -> rusqlite::Result<Option<KeptCoverage>> {
    let read =
        |row: &rusqlite::Row<'_>| Ok(KeptCoverage { through: row.get(0)?, body: row.get(1)? });
    connection.query_row("SELECT through, body FROM coverage", [], read).optional()
}

/// Keeps a map in place of the one before.
pub(crate) fn keep(connection: &Connection, map: &KeptCoverage) -> rusqlite::Result<()> {
    let sql = "INSERT INTO coverage(one, through, body) VALUES(1, ?1, ?2)
         ON CONFLICT(one) DO UPDATE SET through = excluded.through, body = excluded.body";
    connection.execute(sql, params![map.through, map.body])?;
    Ok(())
}
