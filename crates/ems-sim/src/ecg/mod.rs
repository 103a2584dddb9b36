//! What the electrodes of a patient give: a model's waveform or a real recording.

mod model;
mod rhythm;

use std::sync::Arc;

use ems_device::EcgChunk;
use ems_model::Timestamp;

pub use model::EcgModel;

use crate::patient::Heart;

/// One lead of a real recording, to be played in a loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// The lead's name.
    pub lead: String,
    /// Samples a second, 1..=2000.
    pub hz: u32,
    /// One lead, microvolts, oldest first; NaN where a sample is missing.
    pub microvolts: Arc<[f32]>,
}

/// Where a patient's waveform comes from.
#[derive(Debug, Clone)]
pub enum EcgSource {
    /// The dynamical model.
    Model(Box<EcgModel>),
    /// A recording and the next sample to play.
    Recording(Recording, usize),
}

impl EcgSource {
    /// The samples of the next second, the first taken at `at`.
    pub(crate) fn next_second(&mut self, at: Timestamp, lead: &str, heart: Heart) -> EcgChunk {
        match self {
            Self::Model(model) => {
                model.set_heart(heart);
                let microvolts = (0..model.hz()).map(|_| model.next_sample()).collect();
                EcgChunk { at, lead: lead.to_owned(), hz: model.hz(), microvolts }
            }
            Self::Recording(recording, next) => {
                let n_samples = recording.microvolts.len();
                let sample = |idx| recording.microvolts[(*next + idx) % n_samples];
                let microvolts = (0..recording.hz as usize).map(sample).collect();
                *next = (*next + recording.hz as usize) % n_samples;
                EcgChunk { at, lead: recording.lead.clone(), hz: recording.hz, microvolts }
            }
        }
    }

    /// Whether the waveform follows the body's own heart rate.
    pub(crate) fn follows_body(&self) -> bool {
        matches!(self, Self::Model(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::Rhythm;

    #[test]
    fn a_recording_starts_again_at_its_end() {
        let microvolts: Arc<[f32]> = [1.0, 2.0, 3.0].into();
        let recording = Recording { lead: "MLII".into(), hz: 2, microvolts };
        let mut source = EcgSource::Recording(recording, 0);
        let heart = Heart { bpm: 60.0, breaths_per_min: 12.0, rhythm: Rhythm::Sinus };
        let mut played = Vec::new();
        for _ in 0..3 {
            played.extend(source.next_second(Timestamp::default(), "II", heart).microvolts);
        }
        let expected = [1.0, 2.0, 3.0, 1.0, 2.0, 3.0];
        assert!(played.iter().zip(expected).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-6));
    }
}
