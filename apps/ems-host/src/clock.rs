//! The one place where the host asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ems_model::Timestamp;

/// A clock that never runs backwards, at the speed of the world or faster. Clones share it.
///
/// It reads the system's clock once, when it is made, and counts on from there with the monotonic
/// one: setting the system's clock while the program runs changes nothing.
#[derive(Debug, Clone)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    made_at: Instant,
    start: Timestamp,
    speed: f64,
    /// The latest time that was told, in microseconds.
    told: AtomicI64,
}

impl Clock {
    /// The system's time.
    pub fn system() -> Self {
        Self::scaled(system_time(), 1.0)
    }

    /// Time that starts at `start` and runs `speed` times as fast as the world's, 0.01..=1000.
    pub fn scaled(start: Timestamp, speed: f64) -> Self {
        let speed = if speed.is_nan() { 1.0 } else { speed.clamp(0.01, 1000.0) };
        let told = AtomicI64::new(start.as_micros());
        Self { inner: Arc::new(Inner { made_at: Instant::now(), start, speed, told }) }
    }

    /// The present time; never earlier than any time told before.
    #[expect(clippy::cast_possible_truncation, reason = "a run stays far below 2^53 µs")]
    pub fn now(&self) -> Timestamp {
        let elapsed = self.inner.made_at.elapsed().as_secs_f64() * self.inner.speed;
        let micros = self.inner.start.as_micros() + (elapsed * 1e6) as i64;
        let told = self.inner.told.fetch_max(micros, Ordering::Relaxed);
        Timestamp::from_micros(micros.max(told))
    }

    /// How many of its seconds pass in one of the world's.
    pub fn speed(&self) -> f64 {
        self.inner.speed
    }

    /// How long the world takes until it is `at`; zero if that is past.
    pub fn until(&self, at: Timestamp) -> Duration {
        let micros = at.as_micros().saturating_sub(self.now().as_micros()).max(0);
        Duration::from_micros(micros.unsigned_abs()).div_f64(self.inner.speed)
    }
}

/// What the system's clock says.
pub fn system_time() -> Timestamp {
    // A clock set before 1970 reads as 1970; the log's own last time then leads.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use ems_model::Millis;

    use super::*;

    #[test]
    fn a_fast_clock_runs_forward_only() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let clock = Clock::scaled(start, 1000.0);
        let mut before = start;
        for _ in 0..10_000 {
            let now = clock.now();
            assert!(now >= before);
            before = now;
        }
        let wait = clock.until(clock.now() + Millis::from_secs(1000));
        assert!(wait <= Duration::from_secs(1) && wait > Duration::from_millis(900), "{wait:?}");
        assert_eq!(clock.until(start), Duration::ZERO);
    }
}
