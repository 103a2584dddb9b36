//! Fewer and better fixes: the median of those close together in time.

use ems_model::{Millis, Position, Timestamp};

use crate::fix::Fix;

/// Gathers fixes until they span a time, and gives their median.
///
/// Fixes much closer in time than their noise is wide in driving say little each; their median is
/// near the middle of the way driven meanwhile, and an outlier does not move it.
#[derive(Debug, Default)]
pub(crate) struct Smoother {
    open: Vec<Fix>,
}

impl Smoother {
    /// Takes a fix; gives the median of the gathered ones, this one left out, if they and it span
    /// more than `window`.
    pub(crate) fn push(&mut self, fix: Fix, window: Millis) -> Option<Fix> {
        let is_full = self.open.first().is_some_and(|first| first.until(&fix) > window);
        let done = if is_full { self.flush() } else { None };
        self.open.push(fix);
        done
    }

    /// The median of what is gathered.
    pub(crate) fn flush(&mut self) -> Option<Fix> {
        let open = std::mem::take(&mut self.open);
        let at = median(open.iter().map(|fix| fix.at.as_micros()).collect())?;
        let lat = median(open.iter().map(|fix| fix.position.lat_e7().into()).collect())?;
        let lon = median(open.iter().map(|fix| fix.position.lon_e7().into()).collect())?;
        let position = Position::from_e7(i32::try_from(lat).ok()?, i32::try_from(lon).ok()?);
        Some(Fix { at: Timestamp::from_micros(at), position: position.ok()? })
    }
}

/// The middle value, or the middle of both.
fn median(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let last = values.len().checked_sub(1)?;
    Some(values[last / 2].midpoint(values[last.div_ceil(2)]))
}
