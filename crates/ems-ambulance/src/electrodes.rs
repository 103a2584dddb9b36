//! Electrodes on each other's places: the leads are brought onto one grid of times and watched.

use std::collections::VecDeque;

use ems_model::{ElectrodesExchanged, Timestamp};
use ems_signal::{PlacementWatch, Regrid, Reversal};

/// What the order of the electrodes is told by.
const LEADS: [&str; 8] = ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"];
/// The common grid; what tells the electrodes lies below 40 Hz.
const GRID_HZ: u32 = 125;
const GRID_US: i64 = 1_000_000 / GRID_HZ as i64;
/// A lead that is so far behind the others is not waited for, and so much of the others is kept.
const WAITED_US: i64 = 2_000_000;

/// Watches leads that may come from several devices, each at its own pace.
///
/// Cost: 128 sines a lead and grid point where the rate is lowered to a quarter, about 2 % of a
/// core for eight leads at 500 Hz.
#[derive(Debug, Clone)]
pub(crate) struct Electrodes {
    leads: [Option<Stream>; 8],
    /// The next point of the grid, in microseconds.
    next_us: i64,
    watch: PlacementWatch,
    told: Option<ElectrodesExchanged>,
}

/// One lead's cleaned samples, and when the last of them was taken.
#[derive(Debug, Clone)]
struct Stream {
    hz: u32,
    regrid: Regrid,
    pending: VecDeque<f32>,
    until_us: i64,
}

impl Electrodes {
    pub(crate) fn new() -> Self {
        let watch = PlacementWatch::new(GRID_HZ).expect("125 Hz are within 100..=2000");
        Self { leads: [const { None }; 8], next_us: i64::MIN, watch, told: None }
    }

    /// Takes a lead's next cleaned samples, microvolts at `hz`, NaN for missing ones; the last was
    /// taken at `until`.
    pub(crate) fn on_samples(&mut self, lead: &str, hz: u32, until: Timestamp, samples: &[f32]) {
        let Some(place) = LEADS.iter().position(|name| *name == lead) else { return };
        let stream = self.leads[place].take().filter(|stream| stream.hz == hz);
        let mut stream = stream.unwrap_or_else(|| Stream::new(hz));
        stream.take(until, samples);
        self.leads[place] = Some(stream);
        self.advance();
    }

    /// What seems to be exchanged, told by the last eight seconds.
    pub(crate) const fn exchanged(&self) -> Option<ElectrodesExchanged> {
        self.told
    }

    /// Reads all leads at the points of the grid that are there, once there are eight.
    fn advance(&mut self) {
        let Some(ends) = self.ends() else { return };
        let (soonest, newest) = ends
            .iter()
            .fold((i64::MAX, i64::MIN), |(low, high), &end| (low.min(end), high.max(end)));
        let until = soonest.max(newest - WAITED_US);
        let oldest = newest - 2 * WAITED_US;
        if self.next_us < oldest {
            self.next_us = until.div_euclid(GRID_US) * GRID_US;
        }
        while self.next_us <= until {
            let at_us = self.next_us;
            let read = |lead: &mut Option<Stream>| lead.as_mut().and_then(|it| it.at(at_us));
            let sample = self.leads.each_mut().map(|it| read(it).unwrap_or(f32::NAN));
            self.push(sample);
            self.next_us += GRID_US;
        }
    }

    /// Until when each lead can be read; `None` while one was never heard.
    fn ends(&self) -> Option<[i64; 8]> {
        let mut ends = [0; 8];
        for (end, lead) in ends.iter_mut().zip(&self.leads) {
            *end = lead.as_ref()?.readable_until_us();
        }
        Some(ends)
    }

    fn push(&mut self, sample: [f32; 8]) {
        self.watch.push(sample);
        if let Some(placement) = self.watch.poll_output() {
            self.told = placement.reversal.map(exchanged);
        }
    }
}

impl Stream {
    fn new(hz: u32) -> Self {
        let regrid = Regrid::new(f64::from(hz), f64::from(GRID_HZ));
        Self { hz, regrid, pending: VecDeque::new(), until_us: i64::MIN }
    }

    fn take(&mut self, until: Timestamp, samples: &[f32]) {
        self.until_us = until.as_micros();
        self.pending.extend(samples);
        let n_kept = self.samples_in(2 * WAITED_US);
        while self.pending.len() as u64 > n_kept {
            self.regrid.push(self.pending.pop_front().unwrap_or(f32::NAN));
        }
    }

    /// The value at a time: `None` where samples that it is made of are missing or gone.
    #[expect(clippy::cast_precision_loss, reason = "samples of months, spans of seconds")]
    fn at(&mut self, at_us: i64) -> Option<f32> {
        let last = self.regrid.n_pushed() + self.pending.len() as u64;
        let back = (self.until_us - at_us) as f64 * f64::from(self.hz) / 1e6;
        let place = last as f64 - 1.0 - back;
        let needed = place + self.regrid.delay_samples() as f64 + 1.0;
        while (self.regrid.n_pushed() as f64) < needed {
            self.regrid.push(self.pending.pop_front()?);
        }
        self.regrid.at(place)
    }

    fn readable_until_us(&self) -> i64 {
        let ahead = i64::try_from(self.regrid.delay_samples()).unwrap_or(i64::MAX / 2_000_000) + 1;
        self.until_us.saturating_sub(ahead * 1_000_000 / i64::from(self.hz))
    }

    fn samples_in(&self, span_us: i64) -> u64 {
        span_us.unsigned_abs() * u64::from(self.hz) / 1_000_000
    }
}

const fn exchanged(reversal: Reversal) -> ElectrodesExchanged {
    match reversal {
        Reversal::Arms => ElectrodesExchanged::Arms,
        Reversal::RightArmLeg => ElectrodesExchanged::RightArmLeg,
        Reversal::Chest(lower) => ElectrodesExchanged::Chest(lower),
    }
}
