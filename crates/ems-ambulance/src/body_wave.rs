//! One wave that is no ECG: put on the timeline, and searched for what it shows.

use ems_device::{WaveKind, WavePiece};
use ems_model::{Millis, Timestamp};
use ems_signal::{PulseFinder, PulseTrain};

use crate::complaint::GatewayComplaint;
use crate::timeline::{Joint, Span, Timeline, shifted};

/// A wave from which nothing came for so long says nothing.
const SILENT: Millis = Millis::new(2000);

/// One wave from its first sample on.
#[derive(Debug, Clone)]
pub(crate) struct BodyWave {
    kind: WaveKind,
    hz: u32,
    timeline: Timeline,
    /// Samples taken so far, missing ones included.
    n_taken: u64,
    heard_at: Timestamp,
    finder: PulseFinder,
    train: PulseTrain,
}

impl BodyWave {
    /// Starts with the first piece; also gives how far the device's clock is off, if it is.
    pub(crate) fn new(
        now: Timestamp,
        piece: &WavePiece,
    ) -> Result<(Self, Option<Millis>), GatewayComplaint> {
        let hz = piece.hz;
        let rate = f64::from(hz);
        let finder = PulseFinder::new(rate)
            .map_err(|_| GatewayComplaint::WaveRate { channel: piece.channel.clone(), hz })?;
        let (timeline, off) = Timeline::new(now, Span::from(piece));
        let (kind, train) = (piece.kind, PulseTrain::new(rate));
        Ok((Self { kind, hz, timeline, n_taken: 0, heard_at: now, finder, train }, off))
    }

    /// Whether a piece can belong to it.
    pub(crate) fn is_of(&self, piece: &WavePiece) -> bool {
        self.kind == piece.kind && self.hz == piece.hz
    }

    /// How a further piece follows.
    pub(crate) fn join(&mut self, now: Timestamp, piece: &WavePiece) -> Joint {
        self.timeline.join(now, piece.at, self.n_taken)
    }

    /// Takes samples that follow at once, NaN for missing ones.
    pub(crate) fn take(&mut self, now: Timestamp, samples: impl Iterator<Item = f32>) {
        self.heard_at = now;
        for sample in samples {
            self.n_taken += 1;
            self.finder.push(f64::from(sample));
            while let Some(pulse) = self.finder.poll_output() {
                self.train.push(pulse);
            }
        }
    }

    /// Takes so many missing samples; gives how long they are.
    pub(crate) fn skip(&mut self, now: Timestamp, n_samples: u64) -> Millis {
        let ms = n_samples * 1000 / u64::from(self.hz.max(1));
        self.take(now, std::iter::repeat_n(f32::NAN, usize::try_from(n_samples).unwrap_or(0)));
        Millis::new(i64::try_from(ms).unwrap_or(i64::MAX))
    }

    pub(crate) const fn kind(&self) -> WaveKind {
        self.kind
    }

    pub(crate) const fn hz(&self) -> u32 {
        self.hz
    }

    /// Its pulses.
    pub(crate) const fn train(&self) -> &PulseTrain {
        &self.train
    }

    /// Whether nothing came for 2 s.
    pub(crate) fn is_silent(&self, now: Timestamp) -> bool {
        self.unheard(now) > SILENT
    }

    /// How long nothing came.
    pub(crate) const fn unheard(&self, now: Timestamp) -> Millis {
        now.since(self.heard_at)
    }

    /// How old its last sample is.
    pub(crate) fn age(&self, now: Timestamp) -> Millis {
        now.since(self.timeline.time_of(self.n_taken)).max(Millis::new(0))
    }

    /// The time of its last sample in its own seconds, from its first sample.
    pub(crate) fn end_secs(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a wave has fewer samples than f64 counts")]
        let n_taken = self.n_taken as f64;
        n_taken / f64::from(self.hz)
    }

    /// When its own `secs` were.
    #[expect(clippy::cast_possible_truncation, reason = "a place within the wave")]
    pub(crate) fn time_of(&self, secs: f64) -> Timestamp {
        shifted(self.timeline.time_of(0), (secs * 1e6).round() as i64)
    }
}
