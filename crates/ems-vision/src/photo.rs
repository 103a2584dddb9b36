//! Whether a photo of a wound is worth keeping, told while it can still be taken again.

use crate::frame::{CLIPPED_FROM, Frame};
use crate::skin::{count, luma};

/// A channel at or below this is black.
const BLACK_TO: u8 = 5;
/// Photos are judged at this length of the longer side, in pixels, or less.
const JUDGED_PX: usize = 1024;
/// A photo is in focus where its sharpest tiles are; tiles a side.
const TILES: usize = 8;

/// Own estimates, unverified: no set of wound photos was at hand.
const MIN_SIDE_PX: usize = 480;
const MIN_SHARPNESS: f64 = 25.0;
const LUMA: [f64; 2] = [40.0, 220.0];
const MAX_CLIPPED: f64 = 0.1;
const MAX_BLACK: f64 = 0.3;

/// What a photo is like.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoQuality {
    /// Pixels in a row, and rows.
    pub size: [usize; 2],
    /// The variance of the Laplacian of brightness in the sharpest tenth of the tiles, of 255².
    pub sharpness: f64,
    /// The mean brightness, 0 to 255.
    pub luma: f64,
    /// The share of pixels with a channel of 250 or more.
    pub clipped: f64,
    /// The share of pixels whose channels are all 5 or less.
    pub black: f64,
    /// What is wrong, the gravest first; empty for a good photo.
    pub faults: Vec<PhotoFault>,
}

/// What is wrong with a photo, and what to do.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PhotoFault {
    /// Too few pixels.
    #[error("its shorter side has {px} pixels, below {min}: take it with the camera's full size")]
    Small {
        /// Pixels.
        px: usize,
        /// The limit.
        min: usize,
    },
    /// Too dark.
    #[error("its brightness is {luma:.0} of 255, below {min}: more light")]
    Dark {
        /// Brightness.
        luma: f64,
        /// The limit.
        min: f64,
    },
    /// Too bright.
    #[error("its brightness is {luma:.0} of 255, above {max}: less light")]
    Bright {
        /// Brightness.
        luma: f64,
        /// The limit.
        max: f64,
    },
    /// Highlights are cut off.
    #[error(
        "{share:.2} of it is clipped, above {max}: turn the flash off, or take it from the side"
    )]
    Clipped {
        /// The share of pixels.
        share: f64,
        /// The limit.
        max: f64,
    },
    /// Shadows are cut off.
    #[error("{share:.2} of it is black, above {max}: more light, and nothing before the lens")]
    Black {
        /// The share of pixels.
        share: f64,
        /// The limit.
        max: f64,
    },
    /// Out of focus or shaken.
    #[error("its sharpness is {sharpness:.0}, below {min}: hold still, and a hand's breadth away")]
    Blurred {
        /// The variance of the Laplacian.
        sharpness: f64,
        /// The limit.
        min: f64,
    },
}

/// Judges a photo. One pass over its pixels.
pub fn judge_photo(frame: &Frame<'_>) -> PhotoQuality {
    let pixels = frame.pixels();
    let share = |is: fn(&[u8; 3]) -> bool| {
        count(pixels.iter().filter(|pixel| is(pixel)).count()) / count(pixels.len())
    };
    let grey = Grey::of(frame);
    let mut quality = PhotoQuality {
        size: frame.size(),
        sharpness: grey.sharpness(),
        luma: grey.values.iter().sum::<f64>() / count(grey.values.len().max(1)),
        clipped: share(|pixel| pixel.iter().any(|it| *it >= CLIPPED_FROM)),
        black: share(|pixel| pixel.iter().all(|it| *it <= BLACK_TO)),
        faults: vec![],
    };
    quality.faults = faults(&quality).into_iter().flatten().collect();
    quality
}

fn faults(quality: &PhotoQuality) -> [Option<PhotoFault>; 6] {
    let &PhotoQuality { size, sharpness, luma, clipped, black, .. } = quality;
    let px = size[0].min(size[1]);
    let [dark, bright] = LUMA;
    [
        (px < MIN_SIDE_PX).then_some(PhotoFault::Small { px, min: MIN_SIDE_PX }),
        (luma < dark).then_some(PhotoFault::Dark { luma, min: dark }),
        (luma > bright).then_some(PhotoFault::Bright { luma, max: bright }),
        (clipped > MAX_CLIPPED).then_some(PhotoFault::Clipped { share: clipped, max: MAX_CLIPPED }),
        (black > MAX_BLACK).then_some(PhotoFault::Black { share: black, max: MAX_BLACK }),
        (sharpness < MIN_SHARPNESS)
            .then_some(PhotoFault::Blurred { sharpness, min: MIN_SHARPNESS }),
    ]
}

/// Brightness, reduced so that sharpness does not depend on the camera's pixels.
struct Grey {
    width: usize,
    height: usize,
    values: Vec<f64>,
}

impl Grey {
    fn of(frame: &Frame<'_>) -> Self {
        let [full_width, full_height] = frame.size();
        let step = full_width.max(full_height).div_ceil(JUDGED_PX);
        let (width, height) = (full_width / step, full_height / step);
        let mean = |x: usize, y: usize| {
            let rows = y * step..(y + 1) * step;
            let row = |y: usize| &frame.pixels()[y * full_width + x * step..][..step];
            let sum: f64 = rows.flat_map(row).map(|pixel| luma(pixel.map(f64::from))).sum();
            sum / count(step * step)
        };
        let values = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self { width, height, values: values.map(|(x, y)| mean(x, y)).collect() }
    }

    /// The variance of the Laplacian (J. Pech-Pacheco et al. 2000; from memory, unverified) in the
    /// tile that nine of ten are below.
    fn sharpness(&self) -> f64 {
        let mut tiles: Vec<f64> = (0..TILES)
            .flat_map(|row| (0..TILES).map(move |column| (column, row)))
            .map(|(column, row)| self.variance(column, row))
            .collect();
        tiles.sort_by(f64::total_cmp);
        tiles[tiles.len() * 9 / 10]
    }

    fn variance(&self, column: usize, row: usize) -> f64 {
        let part = |idx: usize, side: usize| idx * side / TILES..(idx + 1) * side / TILES;
        let inside = |at: &usize, side: usize| (1..side.saturating_sub(1)).contains(at);
        let rows = part(row, self.height).filter(|y| inside(y, self.height));
        let laplacians: Vec<f64> = rows
            .flat_map(|y| part(column, self.width).map(move |x| (x, y)))
            .filter(|(x, _)| inside(x, self.width))
            .map(|(x, y)| self.laplacian(y * self.width + x))
            .collect();
        crate::methods::deviation(&laplacians).powi(2)
    }

    fn laplacian(&self, at: usize) -> f64 {
        let beside = self.values[at - 1] + self.values[at + 1];
        beside + self.values[at - self.width] + self.values[at + self.width] - 4.0 * self.values[at]
    }
}

#[cfg(test)]
mod tests {
    use ems_model::Timestamp;

    use super::*;

    /// A checkered pattern of `px`, each edge as wide as `blur` pixels.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "pixels of a made picture"
    )]
    fn faults_of(size: [usize; 2], level: f32, blur: usize) -> Vec<PhotoFault> {
        let [width, height] = size;
        let ramp = |at: usize| {
            let phase = (at % 40) as f32;
            ((phase - 20.0).abs() - 10.0).clamp(-(blur as f32) / 2.0, blur as f32 / 2.0)
                / blur as f32
        };
        let value = |x: usize, y: usize| {
            (level * (1.0 + 0.5 * ramp(x) * ramp(y))).round().clamp(0.0, 255.0) as u8
        };
        let rgb: Vec<u8> =
            (0..height).flat_map(|y| (0..width).flat_map(move |x| [value(x, y); 3])).collect();
        let frame = Frame::new(Timestamp::default(), width, height, &rgb).unwrap();
        judge_photo(&frame).faults
    }

    #[test]
    fn each_fault_is_told_with_its_remedy() {
        assert_eq!(faults_of([640, 480], 128.0, 1), []);
        assert_eq!(faults_of([2560, 1920], 128.0, 2), [], "a larger photo of the same");
        assert!(matches!(faults_of([320, 240], 128.0, 1)[..], [PhotoFault::Small { .. }]));
        assert!(matches!(faults_of([640, 480], 128.0, 20)[..], [PhotoFault::Blurred { .. }]));
        assert!(matches!(faults_of([640, 480], 30.0, 1)[0], PhotoFault::Dark { .. }));
        assert!(matches!(
            faults_of([640, 480], 254.0, 1)[..2],
            [PhotoFault::Bright { .. }, PhotoFault::Clipped { .. }]
        ));
        assert!(matches!(
            faults_of([640, 480], 4.0, 1)[..2],
            [PhotoFault::Dark { .. }, PhotoFault::Black { .. }]
        ));
    }
}
