//! How a device's clock runs against the gateway's, by when its samples arrived.

use ems_model::{ClockWatch, Millis, Timestamp};
use ems_signal::SourceClock;

/// Follows one source, and tells how far the times that its device gave have run away.
///
/// What samples arrive late by is their way and what the device's clock is off. How much of which
/// cannot be told, so that what it was at first stays; only what it changes by is the clock's.
#[derive(Debug, Clone)]
pub(crate) struct Drift {
    hz: u32,
    source: SourceClock,
    /// How late the samples were, in microseconds, when the drift was first told and after how
    /// many settings of the clock.
    usual: Option<(f64, u32)>,
    now: Option<ClockWatch>,
}

/// What the times have run away by is corrected by this part with each piece.
const FOLLOW: f64 = 16.0;
/// Less than so many standard deviations, and than times are told in, may be none.
const SURE: f64 = 2.0;
const LEAST_US: f64 = 1000.0;

impl Drift {
    pub(crate) fn new(hz: u32) -> Self {
        let source = SourceClock::new(f64::from(hz));
        Self { hz, source, usual: None, now: None }
    }

    /// Sample number `sample`, which the timeline puts at `told`, arrived at `now`; gives by how
    /// many microseconds the timeline is to be moved.
    pub(crate) fn arrived(&mut self, now: Timestamp, sample: u64, told: Timestamp) -> i64 {
        self.source.arrived(sample, now);
        let Some((late, sd)) = self.late(sample, told) else { return 0 };
        let Some(drift) = self.source.drift() else { return 0 };
        let n_jumps = self.source.n_jumps();
        let usual = self.usual.filter(|it| it.1 == n_jumps).map_or(late, |it| it.0);
        self.usual = Some((usual, n_jumps));
        self.now = Some(clock_watch(late, drift, sd));
        let run_away = late - usual;
        if run_away.abs() > LEAST_US.max(SURE * sd) { micros(run_away / FOLLOW) } else { 0 }
    }

    /// What is known of the clock; `None` in the first ten seconds.
    pub(crate) const fn watch(&self) -> Option<ClockWatch> {
        self.now
    }

    /// How long after `told` a sample arrives the shortest way, and its standard deviation.
    #[expect(clippy::cast_precision_loss, reason = "microseconds and samples of months")]
    fn late(&self, sample: u64, told: Timestamp) -> Option<(f64, f64)> {
        let time = self.source.time_of(sample as f64)?;
        // A piece arrives with its last sample, which was taken until the next one.
        let whole = 1e6 / f64::from(self.hz);
        Some((time.us - whole - told.as_micros() as f64, time.sd_us))
    }
}

fn clock_watch(late_us: f64, drift: f64, sd_us: f64) -> ClockWatch {
    ClockWatch {
        late: Millis::new(micros(late_us / 1000.0)),
        drift_ppm: i32::try_from(micros(drift * 1e6)).unwrap_or(0),
        sd_us: u32::try_from(micros(sd_us.ceil())).unwrap_or(u32::MAX),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates")]
fn micros(us: f64) -> i64 {
    us.round() as i64
}
