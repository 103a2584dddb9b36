//! What an outbox gives up when it must, and what never.

use std::collections::BTreeMap;

use ems_model::{Frame, Gap, GapCause, Micros, UnitId};
use ems_uplink::Portion;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::frames::unit_of;
use crate::gaps;

/// How much an outbox takes on the disk unless it is told otherwise: about two days of everything.
pub(crate) const OUTBOX_BYTES_MAX: u64 = 8 << 30;

/// What is given up for space, the first first. Alarms never are.
const LEAST_FIRST: [Portion; 3] = [Portion::Waves, Portion::Vitals, Portion::Records];

/// Frames that one append gives up for their age at most: the rest goes with the next.
const EXPIRING_LEN_MAX: usize = 4096;
/// Frames that are given up for space at once.
const YIELDING_LEN_MAX: usize = 64;

/// How long after it was measured a frame is kept.
///
/// A wave is read on the way and at the handover, and there is too much of it to send a day of it
/// afterwards. The rest belongs to the patient's record, and is small.
fn time_to_live(portion: Portion) -> Option<Micros> {
    match portion {
        Portion::Waves => Some(Micros::from_millis(24 * 3600 * 1000)),
        Portion::Alarms | Portion::Vitals | Portion::Records | Portion::Gaps => None,
    }
}

/// What the column `rank` of a portion's frames holds.
pub(crate) fn rank(portion: Portion) -> u8 {
    match portion {
        Portion::Alarms => 0,
        Portion::Vitals => 1,
        Portion::Records | Portion::Gaps => 2,
        Portion::Waves => 3,
    }
}

/// Puts the portion of each frame beside it, with what backlogs and the least important are found
/// by. [`rank`] has the same numbers.
pub(crate) const RANK_SQL: &str = "ALTER TABLE frames ADD COLUMN rank INTEGER
        GENERATED ALWAYS AS (CASE kind
            WHEN 'alarm' THEN 0
            WHEN 'vitals' THEN 1
            WHEN 'camera_pulse' THEN 1
            WHEN 'wave' THEN 3
            ELSE 2 END) VIRTUAL;
    CREATE INDEX backlog ON frames(unit, rank, seq);
    CREATE INDEX by_age ON frames(rank, at);";

/// Gives up what is too old beside frames that are new; gives whose they were.
///
/// Ages are told by the newest of these frames: so no clock has to be right but the one that
/// measured them all.
pub(crate) fn give_up_expired(
    connection: &Connection,
    new: &[Frame],
) -> rusqlite::Result<Vec<UnitId>> {
    let mut units = Vec::new();
    let Some(now) = new.iter().map(|frame| frame.at).max() else { return Ok(units) };
    for portion in Portion::ALL {
        let Some(time_to_live) = time_to_live(portion) else { continue };
        let before = now.as_micros() - time_to_live.get();
        let old = oldest(connection, portion, before, EXPIRING_LEN_MAX)?;
        units.extend(give_up(connection, old, GapCause::Expired)?);
    }
    Ok(units)
}

/// Gives up the least important, oldest first, until the file takes no more than `bytes_max`;
/// `None` if it still does when only alarms are left.
pub(crate) fn make_room(
    connection: &Connection,
    bytes_max: u64,
) -> rusqlite::Result<Option<Vec<UnitId>>> {
    let mut units = Vec::new();
    while used_bytes(connection)? > bytes_max {
        let mut least = Vec::new();
        for portion in LEAST_FIRST {
            if least.is_empty() {
                least = oldest(connection, portion, i64::MAX, YIELDING_LEN_MAX)?;
            }
        }
        if least.is_empty() {
            return Ok(None);
        }
        units.extend(give_up(connection, least, GapCause::NoSpace)?);
    }
    Ok(Some(units))
}

/// What the frames and all else take of the file, in bytes; free pages are used again.
fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let ask = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
    Ok((ask("page_count")? - ask("freelist_count")?) * ask("page_size")?)
}

/// A portion's frames that were measured before a time, oldest first.
fn oldest(
    connection: &Connection,
    portion: Portion,
    before: i64,
    limit: usize,
) -> rusqlite::Result<Vec<(UnitId, u64)>> {
    let mut select = connection.prepare_cached(
        "SELECT unit, seq FROM frames WHERE rank = ?1 AND at < ?2 ORDER BY at LIMIT ?3",
    )?;
    let number_of = |row: &Row<'_>| Ok((unit_of(row, 0)?, row.get(1)?));
    select.query_map(params![rank(portion), before, limit], number_of)?.collect()
}

fn give_up(
    connection: &Connection,
    frames: Vec<(UnitId, u64)>,
    cause: GapCause,
) -> rusqlite::Result<Vec<UnitId>> {
    let mut delete =
        connection.prepare_cached("DELETE FROM frames WHERE unit = ?1 AND seq = ?2")?;
    let mut units: Vec<UnitId> = Vec::new();
    for (unit, seq) in frames {
        delete.execute(params![unit.as_str(), seq])?;
        gaps::insert(connection, &unit, Gap { first: seq, last: seq, cause })?;
        count(connection, cause)?;
        if units.last() != Some(&unit) {
            units.push(unit);
        }
    }
    Ok(units)
}

/// How many frames an outbox has ever given up.
pub(crate) const GIVEN_UP_SQL: &str =
    "CREATE TABLE given_up(cause TEXT PRIMARY KEY, n_frames INTEGER NOT NULL) STRICT;";

fn count(connection: &Connection, cause: GapCause) -> rusqlite::Result<()> {
    let mut count = connection.prepare_cached(
        "INSERT INTO given_up(cause, n_frames) VALUES(?1, 1)
         ON CONFLICT(cause) DO UPDATE SET n_frames = n_frames + 1",
    )?;
    count.execute([cause.name()])?;
    Ok(())
}

/// What an outbox holds, and what it gave up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Frames that wait, by portion; gaps are not counted.
    pub n_waiting: BTreeMap<Portion, u64>,
    /// Frames that were ever given up, by cause.
    pub n_given_up: BTreeMap<GapCause, u64>,
}

pub(crate) fn contents(connection: &Connection) -> rusqlite::Result<Contents> {
    let mut contents = Contents::default();
    let mut count = connection.prepare_cached("SELECT count(*) FROM frames WHERE rank = ?1")?;
    for portion in Portion::ALL.into_iter().filter(|portion| *portion != Portion::Gaps) {
        let n_waiting = count.query_row([rank(portion)], |row| row.get(0))?;
        contents.n_waiting.insert(portion, n_waiting);
    }
    let mut select = connection.prepare_cached("SELECT n_frames FROM given_up WHERE cause = ?1")?;
    for cause in GapCause::ALL {
        let n_frames: Option<u64> =
            select.query_row([cause.name()], |row| row.get(0)).optional()?;
        contents.n_given_up.insert(cause, n_frames.unwrap_or(0));
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use ems_model::{Alarm, AlarmKind, AlarmPriority, AlarmSignal, FrameBody, Vitals, WaveChunk};

    use crate::frames::FRAMES_SQL;

    use super::*;

    #[test]
    fn the_files_rank_of_each_kind_is_the_programs() {
        let alarm = Alarm {
            kind: AlarmKind::LeadOff,
            priority: AlarmPriority::Low,
            is_active: true,
            value: None,
            limit: None,
            signal: AlarmSignal::On,
        };
        let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts: vec![], beats: vec![] };
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(&[FRAMES_SQL, RANK_SQL].concat()).unwrap();
        for (seq, body) in (1..).zip([
            FrameBody::Alarm { alarm },
            FrameBody::Vitals { vitals: Vitals::default(), news2: None, scores: vec![] },
            FrameBody::Derived { derived: vec![] },
            FrameBody::Watch { leads: vec![], held: vec![] },
            FrameBody::Wave(chunk),
        ]) {
            let insert =
                "INSERT INTO frames(unit, seq, at, kind, body) VALUES('A1', ?1, 0, ?2, x'')";
            connection.execute(insert, params![seq, body.kind()]).unwrap();
            let select = "SELECT rank FROM frames WHERE seq = ?1";
            let found: u8 = connection.query_row(select, [seq], |row| row.get(0)).unwrap();
            assert_eq!(found, rank(Portion::of(&body)), "{}", body.kind());
        }
    }
}
