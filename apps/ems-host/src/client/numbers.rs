//! Where the frame numbers of a unit with a new disk begin.

use ems_model::{Timestamp, UnitId};
use ems_store::{Outbox, StoreError};

/// Lets units whose outbox is new number their frames from the microseconds of the clock on.
///
/// No unit measures a million frames a second, so a new disk never gives a number again that an
/// old one gave, whether the centre can be asked or not.
///
/// # Errors
/// If the outbox cannot be read or written.
pub fn number_new_units<'a>(
    outbox: &Outbox,
    now: Timestamp,
    units: impl IntoIterator<Item = &'a UnitId>,
) -> Result<(), StoreError> {
    let start = u64::try_from(now.as_micros()).unwrap_or_default();
    for unit in units {
        if outbox.resume(unit)?.last == 0 {
            outbox.forget(unit.clone(), 1, start);
        }
    }
    outbox.settle()
}
