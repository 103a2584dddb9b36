//! Made videos whose pulse is known: the truth that estimates are compared with.
//!
//! A face of a skin's tone whose colour follows the pulse, moving before a wall under a light that
//! drifts and flickers, taken by a camera that adds noise, cuts blocks and drops pictures. How
//! strong each effect is in life is our own estimate (docs/video.md).

mod camera;
mod face;
mod finger;
mod light;

use ems_model::Timestamp;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use face::FaceView;
use finger::FingerView;

pub use camera::Camera;
pub use face::{Face, SkinTone};
pub use finger::Finger;
pub use light::{Light, Mains};

/// A made video, picture by picture.
#[derive(Debug, Clone)]
pub struct Studio {
    /// What is before the camera.
    pub scene: Scene,
    /// What falls on it.
    pub light: Light,
    /// What takes it.
    pub camera: Camera,
}

/// What is before a camera.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scene {
    /// A face with a pulse.
    Face(Face),
    /// A nail that is pressed and let go.
    Finger(Finger),
}

/// A scene at a moment.
enum View {
    Face(FaceView),
    Finger(FingerView),
}

impl Scene {
    fn view(&self, at_s: f64, size: [usize; 2]) -> View {
        match self {
            Self::Face(face) => View::Face(face.view(at_s, size)),
            Self::Finger(finger) => View::Finger(finger.view(at_s, size)),
        }
    }
}

impl View {
    fn colour(&self, x: usize, y: usize) -> [f32; 3] {
        match self {
            Self::Face(view) => view.colour(x, y),
            Self::Finger(view) => view.colour(y),
        }
    }
}

/// One made picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// When it was taken, from 0.
    pub at: Timestamp,
    /// Red, green and blue, row by row; `None` where the camera dropped it.
    pub rgb: Option<Vec<u8>>,
}

impl Studio {
    /// Takes `secs` seconds of pictures by this seed: the same seed gives the same bytes.
    pub fn film(&self, secs: f64, seed: u64) -> impl Iterator<Item = Picture> + use<> {
        let studio = self.clone();
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut before = None;
        (0_u32..).map_while(move |idx| {
            let at_s = f64::from(idx) / studio.camera.hz;
            (at_s < secs).then(|| {
                let painted = studio.paint(at_s);
                let rgb = studio.camera.take(&painted, &mut before, &mut rng);
                Picture { at: timestamp(at_s), rgb }
            })
        })
    }

    /// What reaches the sensor, 0 to 255 as it will be encoded, three a pixel.
    fn paint(&self, at_s: f64) -> Vec<[f32; 3]> {
        let [width, height] = self.camera.size;
        let view = self.scene.view(at_s, self.camera.size);
        let rows = (0..height).map(|y| self.light.gain(at_s, y, height));
        let rows: Vec<f32> = rows.collect();
        let columns: Vec<_> = (0..width).map(|x| self.light.tints(x, width)).collect();
        let flash = self.light.flash(at_s);
        let lit = |x: usize, y: usize| {
            let colour = view.colour(x, y);
            [0, 1, 2].map(|idx| colour[idx] * rows[y] * columns[x][idx] * flash[idx])
        };
        (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| lit(x, y)).collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a short video")]
fn timestamp(at_s: f64) -> Timestamp {
    Timestamp::from_micros((at_s * 1e6).round() as i64)
}

/// Cameras encode light by this exponent.
const GAMMA: f64 = 2.2;

#[expect(clippy::cast_possible_truncation, reason = "a factor near 1")]
fn encoded(factor: f64) -> f32 {
    factor.max(0.0).powf(1.0 / GAMMA) as f32
}
