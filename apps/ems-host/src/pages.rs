//! A log read from its beginning, a page in memory at a time.

use ems_model::Recorded;
use ems_store::{EventLog, StoreError};

/// Events read at a time.
const PAGE_LEN: usize = 4096;

/// All events of a log, oldest first; ends early where one cannot be read: ask [`Pages::end`].
pub(crate) struct Pages<'a> {
    log: &'a dyn EventLog,
    after: u64,
    page: std::vec::IntoIter<Recorded>,
    failure: Option<StoreError>,
}

impl<'a> Pages<'a> {
    pub(crate) fn of(log: &'a dyn EventLog) -> Self {
        Self { log, after: 0, page: Vec::new().into_iter(), failure: None }
    }

    /// Whether all that was asked for could be read.
    pub(crate) fn end(self) -> Result<(), StoreError> {
        self.failure.map_or(Ok(()), Err)
    }
}

impl Iterator for Pages<'_> {
    type Item = Recorded;

    fn next(&mut self) -> Option<Recorded> {
        if self.page.len() == 0 && self.failure.is_none() {
            match self.log.read_after(self.after, PAGE_LEN) {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => self.failure = Some(error),
            }
        }
        let recorded = self.page.next()?;
        self.after = recorded.seq;
        Some(recorded)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ems_model::{Event, Timestamp, UnitId};
    use ems_store::Done;

    use super::*;

    #[test]
    fn a_log_of_many_pages_is_read_a_page_at_a_time() {
        let log = Counted::new(3 * PAGE_LEN as u64 + 7, u64::MAX);
        let mut pages = Pages::of(&log);
        let mut n_events = 0;
        while let Some(recorded) = pages.next() {
            n_events += 1;
            assert_eq!(recorded.seq, n_events);
            assert!(pages.page.len() < PAGE_LEN, "no more than a page is held");
            let n_read = n_events.div_ceil(PAGE_LEN as u64);
            assert_eq!(log.asked().len() as u64, n_read, "nothing is read before it is asked for");
        }
        assert_eq!(n_events, log.len);
        assert!(log.asked().iter().all(|limit| *limit == PAGE_LEN));
        pages.end().unwrap();
    }

    #[test]
    fn a_page_that_cannot_be_read_ends_the_log_with_its_reason() {
        let log = Counted::new(3 * PAGE_LEN as u64, PAGE_LEN as u64);
        let mut pages = Pages::of(&log);
        assert_eq!(pages.by_ref().count(), PAGE_LEN);
        assert!(matches!(pages.end(), Err(StoreError::Closed)));
    }

    /// A log of `len` events that notes how much is asked of it; it breaks after `whole`.
    #[derive(Debug)]
    struct Counted {
        len: u64,
        whole: u64,
        asked: Mutex<Vec<usize>>,
    }

    impl Counted {
        fn new(len: u64, whole: u64) -> Self {
            Self { len, whole, asked: Mutex::default() }
        }

        fn asked(&self) -> Vec<usize> {
            self.asked.lock().unwrap().clone()
        }
    }

    impl EventLog for Counted {
        fn read_after(&self, after: u64, limit: usize) -> Result<Vec<Recorded>, StoreError> {
            self.asked.lock().unwrap().push(limit);
            if after >= self.whole {
                return Err(StoreError::Closed);
            }
            let seqs = after + 1..=self.len.min(after + limit as u64);
            Ok(seqs.map(signed_off).collect())
        }

        fn append(&self, _: Vec<Recorded>, _: Done<u64>) {}

        fn read(&self, seqs: &[u64]) -> Result<Vec<Recorded>, StoreError> {
            Ok(seqs.iter().copied().map(signed_off).collect())
        }

        fn last_seq(&self) -> Result<u64, StoreError> {
            Ok(self.len)
        }

        fn probe(&self, _: Done<()>) {}

        fn n_bytes(&self) -> u64 {
            0
        }
    }

    fn signed_off(seq: u64) -> Recorded {
        let at = Timestamp::from_millis(seq.cast_signed());
        let event = Event::UnitSignedOff { unit: UnitId::new("A1").unwrap() };
        let actor = "test".to_owned();
        Recorded { seq, occurred_at: at, recorded_at: at, actor, key: None, event }
    }
}
