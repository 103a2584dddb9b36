//! What a camera makes of a scene.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// A camera and its faults.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Camera {
    /// Pixels in a row, and rows.
    pub size: [usize; 2],
    /// Pictures a second.
    pub hz: f64,
    /// The deviation of a pixel's channel, of 255.
    pub noise: f32,
    /// A block of 8 x 8 pixels is sent again only when its mean moved by so much of 255, as codecs
    /// of low rate do; 0 for no codec.
    pub block_step: f32,
    /// The share of pictures that are dropped.
    pub drops: f64,
}

const BLOCK_PX: usize = 8;

impl Camera {
    /// A common camera without a codec.
    pub const COMMON: Self =
        Self { size: [160, 120], hz: 30.0, noise: 2.0, block_step: 0.0, drops: 0.0 };

    /// The picture; `before` is what the codec sent last.
    pub(super) fn take(
        &self,
        painted: &[[f32; 3]],
        before: &mut Option<Vec<u8>>,
        rng: &mut impl Rng,
    ) -> Option<Vec<u8>> {
        let mut rgb: Vec<u8> = painted.iter().flatten().map(|it| self.sense(*it, rng)).collect();
        if self.drops > 0.0 && rng.random_bool(self.drops.min(1.0)) {
            return None;
        }
        if self.block_step > 0.0 {
            if let Some(before) = before {
                self.keep_blocks(&mut rgb, before);
            }
            *before = Some(rgb.clone());
        }
        Some(rgb)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    fn sense(&self, value: f32, rng: &mut impl Rng) -> u8 {
        let noise: f32 = StandardNormal.sample(rng);
        (value + self.noise * noise).round().clamp(0.0, 255.0) as u8
    }

    fn keep_blocks(&self, rgb: &mut [u8], before: &[u8]) {
        for top in (0..self.size[1]).step_by(BLOCK_PX) {
            for left in (0..self.size[0]).step_by(BLOCK_PX) {
                let places = self.block(left, top);
                let moved = [0, 1, 2].map(|channel| mean_change(rgb, before, &places, channel));
                if moved.iter().all(|moved| moved.abs() < self.block_step) {
                    for at in places {
                        rgb[at..at + 3].copy_from_slice(&before[at..at + 3]);
                    }
                }
            }
        }
    }

    /// Where the pixels of a block begin.
    fn block(&self, left: usize, top: usize) -> Vec<usize> {
        let [width, height] = self.size;
        let rows = top..(top + BLOCK_PX).min(height);
        let columns = left..(left + BLOCK_PX).min(width);
        rows.flat_map(|y| columns.clone().map(move |x| 3 * (y * width + x))).collect()
    }
}

#[expect(clippy::cast_precision_loss, reason = "64 bytes")]
fn mean_change(rgb: &[u8], before: &[u8], places: &[usize], channel: usize) -> f32 {
    let change = |at: &usize| f32::from(rgb[at + channel]) - f32::from(before[at + channel]);
    places.iter().map(change).sum::<f32>() / places.len().max(1) as f32
}
