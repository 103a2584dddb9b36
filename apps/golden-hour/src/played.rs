//! A recording cut into the pieces that a monitor would send.

use std::path::Path;

use anyhow::bail;
use ems_device::{EcgChunk, WavePiece};
use ems_model::{Millis, Timestamp};

use crate::recordings::{LeadSamples, WaveSamples, leads_of, read_recording, waves_of};

/// Samples of a recording are fed in pieces of this length.
pub(crate) const PIECE: Millis = Millis::new(50);

/// What is played of a recording.
#[derive(Debug, Default)]
pub(crate) struct Played {
    leads: Vec<LeadSamples>,
    waves: Vec<WaveSamples>,
}

impl Played {
    /// The ECG leads and the waves of blood and breath of a recording by its header file.
    pub(crate) fn read(header_path: &Path) -> anyhow::Result<Self> {
        let recording = read_recording(header_path)?;
        let played = Self { leads: leads_of(&recording), waves: waves_of(&recording) };
        if played.leads.is_empty() && played.waves.is_empty() {
            bail!(
                "{} has neither an ECG lead nor a wave of blood or breath: give one that has",
                header_path.display()
            );
        }
        Ok(played)
    }

    /// Pieces of the longest channel.
    pub(crate) fn n_pieces(&self) -> u64 {
        let leads = self.leads.iter().map(|lead| n_pieces(lead.microvolts.len(), lead.hz));
        let waves = self.waves.iter().map(|wave| n_pieces(wave.samples.len(), wave.hz));
        leads.chain(waves).max().unwrap_or(0)
    }

    /// The ECG leads' pieces by their place in the play.
    pub(crate) fn leads(
        &self,
        piece_idx: u64,
        start: Timestamp,
        is_looped: bool,
    ) -> impl Iterator<Item = EcgChunk> {
        self.leads.iter().filter_map(move |LeadSamples { lead, hz, microvolts }| {
            let (at, microvolts) = piece(microvolts, *hz, piece_idx, start, is_looped)?;
            Some(EcgChunk { at, lead: lead.clone(), hz: *hz, microvolts })
        })
    }

    /// The other waves' pieces.
    pub(crate) fn waves(
        &self,
        piece_idx: u64,
        start: Timestamp,
        is_looped: bool,
    ) -> impl Iterator<Item = WavePiece> {
        self.waves.iter().filter_map(move |wave| {
            let (at, samples) = piece(&wave.samples, wave.hz, piece_idx, start, is_looped)?;
            let WaveSamples { channel, kind, hz, .. } = wave;
            Some(WavePiece { at, channel: channel.clone(), kind: *kind, hz: *hz, samples })
        })
    }
}

/// The first sample of a piece, counted from the start of the play.
fn first_sample(hz: u32, piece_idx: u64) -> u64 {
    piece_idx * u64::from(hz) * PIECE.get().unsigned_abs() / 1000
}

fn n_pieces(n_samples: usize, hz: u32) -> u64 {
    let n_millis = n_samples as u64 * 1000 / u64::from(hz.max(1));
    n_millis.div_ceil(PIECE.get().unsigned_abs())
}

/// A piece by its place in the play, timed by the samples before it so that no rate drifts.
fn piece(
    samples: &[f32],
    hz: u32,
    piece_idx: u64,
    start: Timestamp,
    is_looped: bool,
) -> Option<(Timestamp, Vec<f32>)> {
    let (first, end) = (first_sample(hz, piece_idx), first_sample(hz, piece_idx + 1));
    let n_samples = samples.len() as u64;
    let end = if is_looped { end } else { end.min(n_samples) };
    let sample =
        |idx: u64| usize::try_from(idx % n_samples).ok().and_then(|idx| samples.get(idx)).copied();
    let piece: Vec<f32> = (first..end).filter_map(sample).collect();
    let since_start_us = (first * 1_000_000 / u64::from(hz)).cast_signed();
    let at = Timestamp::from_micros(start.as_micros() + since_start_us);
    (!piece.is_empty()).then_some((at, piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_without_gap_at_any_rate_and_loop() {
        let microvolts: Vec<f32> = (0_u8..=255).map(f32::from).collect();
        for hz in [125, 250, 257, 360] {
            let n_pieces = 4000 / PIECE.get().unsigned_abs();
            let pieces = (0..n_pieces)
                .filter_map(|idx| piece(&microvolts, hz, idx, Timestamp::default(), true));
            let played: Vec<f32> = pieces.flat_map(|(_, samples)| samples).collect();
            assert_eq!(played.len() as u64, u64::from(hz) * 4, "{hz} Hz");
            assert!(
                played.iter().zip(microvolts.iter().cycle()).all(|(a, b)| a.total_cmp(b).is_eq())
            );
        }
    }
}
