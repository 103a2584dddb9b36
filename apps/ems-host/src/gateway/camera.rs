//! What a camera on the crew's page saw: mosaics, from which the pulse is told here.

use std::collections::VecDeque;

use ems_model::{Bpm, CameraPulse, Timestamp};
use ems_vision::{Cell, LightRefusal, MOSAIC_SIZE, Mosaic, Pulse, PulseMeter, PulseRefusal};
use serde::{Deserialize, Serialize};

/// Cameras that are looked through at once; the one that was started first is forgotten.
const CAMERAS_MAX: usize = 4;
/// Pictures of one call: some seconds of a fast camera.
const PICTURES_MAX: usize = 600;

/// What a camera saw since its last call.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    /// Which; each start of a camera has a name of its own.
    camera: String,
    pictures: Vec<SeenPicture>,
}

/// One picture as a mosaic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenPicture {
    /// Microseconds on the camera's clock.
    at: i64,
    /// Red, green, blue and the clipped share of each cell, row by row, in 256ths.
    cells: Vec<u16>,
}

/// What the page is told.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct CameraView {
    pulse: Option<PulseView>,
    /// Why there is none.
    refusal: Option<&'static str>,
    /// The refusal with its numbers, in English.
    because: Option<String>,
}

#[derive(Debug, PartialEq, Serialize)]
struct PulseView {
    bpm: f64,
    within: f64,
    snr_db: f64,
}

/// A meter for each camera.
#[derive(Debug, Default)]
pub(super) struct Cameras {
    meters: VecDeque<(String, PulseMeter)>,
}

impl Cameras {
    /// Takes pictures and tells the pulse; `None` for what are no mosaics.
    pub(super) fn take(&mut self, seen: &Seen) -> Option<(Option<CameraPulse>, CameraView)> {
        if seen.camera.len() > 64 {
            return None;
        }
        let mosaics = mosaics(&seen.pictures, PICTURES_MAX)?;
        let meter = self.meter(&seen.camera);
        for mosaic in &mosaics {
            meter.push(mosaic);
        }
        let found = meter.pulse();
        Some((found.as_ref().ok().and_then(told), CameraView::from(found)))
    }

    fn meter(&mut self, camera: &str) -> &mut PulseMeter {
        let idx = self.meters.iter().position(|(name, _)| name == camera).unwrap_or_else(|| {
            if self.meters.len() == CAMERAS_MAX {
                self.meters.pop_front();
            }
            self.meters.push_back((camera.to_owned(), PulseMeter::default()));
            self.meters.len() - 1
        });
        &mut self.meters[idx].1
    }
}

/// The mosaics of up to so many pictures; `None` where one is none.
pub(super) fn mosaics(pictures: &[SeenPicture], len_max: usize) -> Option<Vec<Mosaic>> {
    if pictures.len() > len_max {
        return None;
    }
    pictures.iter().map(mosaic).collect()
}

fn mosaic(picture: &SeenPicture) -> Option<Mosaic> {
    let (cells, rest) = picture.cells.as_chunks::<4>();
    let is_whole = rest.is_empty() && cells.len() == MOSAIC_SIZE[0] * MOSAIC_SIZE[1];
    let cell = |cell: &[u16; 4]| {
        let [red, green, blue, clipped] = cell.map(|it| f32::from(it) / 256.0);
        Cell { rgb: [red, green, blue], clipped }
    };
    let at = Timestamp::from_micros(picture.at);
    is_whole.then(|| Mosaic { at, cells: cells.iter().map(cell).collect() })
}

/// The pulse in whole beats, the uncertainty rounded up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "42 to 240")]
fn told(pulse: &Pulse) -> Option<CameraPulse> {
    let rate = Bpm::new(pulse.bpm.round() as u16).ok()?;
    Some(CameraPulse { rate, within: pulse.within_bpm.ceil() as u16 })
}

impl From<Result<Pulse, PulseRefusal>> for CameraView {
    fn from(found: Result<Pulse, PulseRefusal>) -> Self {
        match found {
            Ok(Pulse { bpm, within_bpm, snr_db, .. }) => Self {
                pulse: Some(PulseView { bpm, within: within_bpm, snr_db }),
                refusal: None,
                because: None,
            },
            Err(refusal) => Self {
                pulse: None,
                refusal: Some(code(&refusal)),
                because: Some(refusal.to_string()),
            },
        }
    }
}

/// The names that the page has texts for.
fn code(refusal: &PulseRefusal) -> &'static str {
    match refusal {
        PulseRefusal::TooShort { .. } => "too_short",
        PulseRefusal::TooFewPictures { .. } => "too_few_pictures",
        PulseRefusal::Gap { .. } => "gap",
        PulseRefusal::NoSkin { .. } => "no_skin",
        PulseRefusal::Light(LightRefusal::TooDark { .. }) => "too_dark",
        PulseRefusal::Light(LightRefusal::TooBright { .. }) => "too_bright",
        PulseRefusal::Light(LightRefusal::Clipped { .. }) => "clipped",
        PulseRefusal::Motion { .. } => "motion",
        PulseRefusal::MovesAlike { .. } => "moves_alike",
        PulseRefusal::LightAlike { .. } => "light_alike",
        PulseRefusal::Weak { .. } => "weak",
        PulseRefusal::Disagree { .. } => "disagree",
        PulseRefusal::Uncertain { .. } => "uncertain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(camera: &str, n_pictures: i64, n_numbers: usize) -> Seen {
        let cells: Vec<u16> = [30_000, 30_000, 30_000, 0].repeat(n_numbers.div_ceil(4));
        let cells = cells[..n_numbers].to_vec();
        let pictures =
            (0..n_pictures).map(|idx| SeenPicture { at: idx * 33_333, cells: cells.clone() });
        Seen { camera: camera.into(), pictures: pictures.collect() }
    }

    #[test]
    fn what_is_no_mosaic_is_refused_and_a_grey_wall_has_no_pulse() {
        let mut cameras = Cameras::default();
        assert_eq!(cameras.take(&seen("a", 1, 767)), None);
        assert_eq!(cameras.take(&seen("a", 601, 768)), None);
        let (pulse, view) = cameras.take(&seen("a", 300, 768)).unwrap();
        assert_eq!((pulse, view.refusal), (None, Some("no_skin")));
        for name in ["b", "c", "d", "e", "f"] {
            let (_, view) = cameras.take(&seen(name, 2, 768)).unwrap();
            assert_eq!(view.refusal, Some("too_short"), "{name}");
        }
        assert_eq!(cameras.meters.len(), CAMERAS_MAX);
    }
}
