//! The table of numbers that were given up, which the outbox and the telemetry share.

use ems_model::{Gap, GapCause, UnitId};
use rusqlite::types::Type;
use rusqlite::{Connection, Row, params};

use crate::event_log::sql_seq;

/// Its SQL. Ranges of a unit and a cause neither touch nor overlap.
pub(crate) const GAPS_SQL: &str = "CREATE TABLE gaps(
        unit TEXT NOT NULL,
        cause TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        PRIMARY KEY(unit, cause, first)
    ) STRICT, WITHOUT ROWID;";

/// Notes a gap; what is noted already stays as it is.
pub(crate) fn insert(connection: &Connection, unit: &UnitId, gap: Gap) -> rusqlite::Result<()> {
    let (first, last) = (sql_seq(gap.first), sql_seq(gap.last));
    let near = touching(connection, unit, gap.cause, first.saturating_sub(1), sql_seq(last + 1))?;
    let union = near.iter().fold((first, last), |(first, last), (near_first, near_last)| {
        (first.min(*near_first), last.max(*near_last))
    });
    for (near_first, _) in near {
        delete(connection, unit, gap.cause, near_first)?;
    }
    put(connection, unit, gap.cause, union)
}

/// Forgets the numbers `first..=last` of a unit.
pub(crate) fn remove(
    connection: &Connection,
    unit: &UnitId,
    first: u64,
    last: u64,
) -> rusqlite::Result<()> {
    let (first, last) = (sql_seq(first), sql_seq(last));
    for cause in GapCause::ALL {
        for (gap_first, gap_last) in touching(connection, unit, cause, first, last)? {
            delete(connection, unit, cause, gap_first)?;
            if gap_first < first {
                put(connection, unit, cause, (gap_first, first - 1))?;
            }
            if gap_last > last {
                put(connection, unit, cause, (last + 1, gap_last))?;
            }
        }
    }
    Ok(())
}

/// A unit's gaps that end after a number, by their ends, at most `limit`.
pub(crate) fn read(
    connection: &Connection,
    unit: &UnitId,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Gap>> {
    let mut select = connection.prepare_cached(
        "SELECT first, last, cause FROM gaps WHERE unit = ?1 AND last > ?2 ORDER BY last LIMIT ?3",
    )?;
    select.query_map(params![unit.as_str(), sql_seq(after), limit], gap_of)?.collect()
}

/// The last number of a unit's gaps, 0 if there is none.
pub(crate) fn last_seq(connection: &Connection, unit: &UnitId) -> rusqlite::Result<u64> {
    let mut last: u64 = 0;
    for cause in GapCause::ALL {
        let mut select = connection.prepare_cached(
            "SELECT last FROM gaps WHERE unit = ?1 AND cause = ?2 ORDER BY first DESC LIMIT 1",
        )?;
        let found = select.query_map(params![unit.as_str(), cause.name()], |row| row.get(0))?;
        for found in found {
            last = last.max(found?);
        }
    }
    Ok(last)
}

/// A cause's ranges that have a number of `first..=last`.
fn touching(
    connection: &Connection,
    unit: &UnitId,
    cause: GapCause,
    first: u64,
    last: u64,
) -> rusqlite::Result<Vec<(u64, u64)>> {
    // Of those that begin before `first`, only the newest can reach it.
    let mut select = connection.prepare_cached(
        "SELECT first, last FROM gaps
         WHERE unit = ?1 AND cause = ?2 AND last >= ?3 AND first <= ?4 AND first >= coalesce(
            (SELECT max(first) FROM gaps WHERE unit = ?1 AND cause = ?2 AND first <= ?3), ?3)",
    )?;
    let place = params![unit.as_str(), cause.name(), first, last];
    select.query_map(place, |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn put(
    connection: &Connection,
    unit: &UnitId,
    cause: GapCause,
    (first, last): (u64, u64),
) -> rusqlite::Result<()> {
    let mut insert = connection
        .prepare_cached("INSERT INTO gaps(unit, cause, first, last) VALUES(?1, ?2, ?3, ?4)")?;
    insert.execute(params![unit.as_str(), cause.name(), first, last])?;
    Ok(())
}

fn delete(
    connection: &Connection,
    unit: &UnitId,
    cause: GapCause,
    first: u64,
) -> rusqlite::Result<()> {
    let mut delete = connection
        .prepare_cached("DELETE FROM gaps WHERE unit = ?1 AND cause = ?2 AND first = ?3")?;
    delete.execute(params![unit.as_str(), cause.name(), first])?;
    Ok(())
}

fn gap_of(row: &Row<'_>) -> rusqlite::Result<Gap> {
    let name: String = row.get(2)?;
    let cause = GapCause::ALL.into_iter().find(|cause| cause.name() == name).ok_or_else(|| {
        let what = format!("\"{name}\" is no cause of a gap");
        rusqlite::Error::FromSqlConversionFailure(2, Type::Text, what.into())
    })?;
    Ok(Gap { first: row.get(0)?, last: row.get(1)?, cause })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ranges_are_those_of_a_set_of_numbers() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(GAPS_SQL).unwrap();
        let unit = UnitId::new("A1").unwrap();
        let mut set = BTreeSet::new();
        // A fixed walk over small ranges: each touches, overlaps or splits some before it.
        for step in 0..400_u64 {
            let first = 1 + step * 37 % 53;
            let last = first + step * 11 % 7;
            if step % 3 == 2 {
                remove(&connection, &unit, first, last).unwrap();
                set.retain(|it| !(first..=last).contains(it));
            } else {
                let gap = Gap { first, last, cause: GapCause::Expired };
                insert(&connection, &unit, gap).unwrap();
                insert(&connection, &unit, gap).unwrap();
                set.extend(first..=last);
            }
            let gaps = read(&connection, &unit, 0, 999).unwrap();
            let told: Vec<_> = gaps.iter().flat_map(|gap| gap.first..=gap.last).collect();
            assert_eq!(told, set.iter().copied().collect::<Vec<_>>(), "step {step}");
            assert!(gaps.windows(2).all(|pair| pair[0].last + 1 < pair[1].first), "step {step}");
            assert_eq!(last_seq(&connection, &unit).unwrap(), set.last().copied().unwrap_or(0));
        }
    }
}
