//! One wave that is no ECG: put on the timeline, and searched for what it shows.

use ems_device::{WaveKind, WavePiece};
use ems_model::{Millis, Timestamp};
use ems_signal::{Capnograph, PulseFinder, PulseTrain, SlowWave};

use crate::complaint::GatewayComplaint;
use crate::timeline::{Joint, Span, Timeline};

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
    sense: Sense,
}

/// What is looked for in it.
#[derive(Debug, Clone)]
enum Sense {
    /// Pulses of blood; light is turned over, for blood takes light away.
    Pulses { finder: Box<PulseFinder>, train: PulseTrain, sign: f64 },
    /// Breaths of the chest.
    Chest(SlowWave),
    /// Carbon dioxide.
    Airway(Capnograph),
}

impl BodyWave {
    /// Starts with the first piece; also gives how far the device's clock is off, if it is.
    pub(crate) fn new(
        now: Timestamp,
        piece: &WavePiece,
    ) -> Result<(Self, Option<Millis>), GatewayComplaint> {
        let (kind, hz) = (piece.kind, piece.hz);
        let sense = Sense::new(kind, f64::from(hz))
            .ok_or_else(|| GatewayComplaint::WaveRate { channel: piece.channel.clone(), hz })?;
        let (timeline, off) = Timeline::new(now, Span::from(piece));
        Ok((Self { kind, hz, timeline, n_taken: 0, heard_at: now, sense }, off))
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
    fn take(&mut self, now: Timestamp, samples: impl Iterator<Item = f32>) {
        self.heard_at = now;
        for sample in samples {
            self.n_taken += 1;
            self.sense.push(f64::from(sample));
        }
    }

    /// Takes a piece that has just arrived.
    pub(crate) fn take_piece(&mut self, now: Timestamp, samples: &[f32]) {
        self.take(now, samples.iter().copied());
        self.timeline.arrived(now, self.n_taken);
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

    /// Its pulses, if it shows any.
    pub(crate) const fn train(&self) -> Option<&PulseTrain> {
        match &self.sense {
            Sense::Pulses { train, .. } => Some(train),
            Sense::Chest(_) | Sense::Airway(_) => None,
        }
    }

    /// How the chest moved, if it shows that.
    pub(crate) const fn chest(&self) -> Option<&SlowWave> {
        match &self.sense {
            Sense::Chest(slow) => Some(slow),
            Sense::Pulses { .. } | Sense::Airway(_) => None,
        }
    }

    /// The airway's carbon dioxide, if it shows that.
    pub(crate) const fn airway(&self) -> Option<&Capnograph> {
        match &self.sense {
            Sense::Airway(capnograph) => Some(capnograph),
            Sense::Pulses { .. } | Sense::Chest(_) => None,
        }
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
        now.since(self.timeline.time_of(self.n_taken)).max(Millis::ZERO)
    }

    /// The end of its last sample in its own seconds, from its first sample on.
    pub(crate) fn end(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a wave has fewer samples than f64 counts")]
        let n_taken = self.n_taken as f64;
        n_taken / f64::from(self.hz)
    }

    /// Its own seconds at a time.
    pub(crate) fn seconds_at(&self, at: Timestamp) -> f64 {
        let since_us = at.as_micros().saturating_sub(self.timeline.time_of(0).as_micros());
        #[expect(clippy::cast_precision_loss, reason = "hours in microseconds")]
        let since_us = since_us as f64;
        since_us / 1e6
    }
}

impl Sense {
    fn new(kind: WaveKind, hz: f64) -> Option<Self> {
        let finder = Box::new(PulseFinder::new(hz).ok()?);
        let pulses = |sign| Self::Pulses { finder, train: PulseTrain::new(hz), sign };
        Some(match kind {
            WaveKind::Pleth | WaveKind::ArterialPressure => pulses(1.0),
            WaveKind::PlethRed | WaveKind::PlethInfrared => pulses(-1.0),
            WaveKind::Respiration => Self::Chest(SlowWave::new(hz)),
            WaveKind::Co2 => Self::Airway(Capnograph::new(hz)),
        })
    }

    fn push(&mut self, sample: f64) {
        match self {
            Self::Pulses { finder, train, sign } => {
                finder.push(*sign * sample);
                while let Some(pulse) = finder.poll_output() {
                    train.push(pulse);
                }
            }
            Self::Chest(slow) => slow.push(sample),
            Self::Airway(capnograph) => capnograph.push(sample),
        }
    }
}
