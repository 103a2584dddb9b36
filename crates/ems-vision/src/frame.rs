//! Pictures, and pictures reduced to a grid of means.

use ems_model::Timestamp;

/// Cells of a mosaic, side by side and one below the other.
pub const MOSAIC_SIZE: [usize; 2] = [16, 12];
/// The longest side of a picture, in pixels.
pub const MAX_SIDE_PX: usize = 8192;
/// A channel at or above this is clipped.
pub(crate) const CLIPPED_FROM: u8 = 250;

/// One picture of a camera.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    at: Timestamp,
    width: usize,
    height: usize,
    rgb: &'a [u8],
}

/// A picture whose bytes are not what its size says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a picture of {width} x {height} pixels has {n_bytes} bytes: give 3 a pixel, and sides of 1 to 8192"
)]
pub struct BadFrame {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes given.
    pub n_bytes: usize,
}

/// A part of a picture, as shares of its sides, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Region {
    left: f32,
    top: f32,
    width: f32,
    height: f32,
}

/// A region that is not inside the picture.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "the region {0:?} is not inside the picture: give left, top, width and height as shares of its sides, such as 0.2,0.1,0.6,0.8"
)]
pub struct BadRegion(pub [f32; 4]);

/// The mean colour of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cell {
    /// Red, green and blue as the camera encodes them, 0 to 255.
    pub rgb: [f32; 3],
    /// The share of pixels with a channel of 250 or more, 0 to 1.
    pub clipped: f32,
}

/// A region of a picture as a grid of means: enough for a pulse, too little to know a face by.
#[derive(Debug, Clone, PartialEq)]
pub struct Mosaic {
    /// When the picture was taken.
    pub at: Timestamp,
    /// Row by row, [`MOSAIC_SIZE`].
    pub cells: Vec<Cell>,
}

impl<'a> Frame<'a> {
    /// A picture of `width` times `height` pixels, three bytes each, row by row from the top.
    pub fn new(
        at: Timestamp,
        width: usize,
        height: usize,
        rgb: &'a [u8],
    ) -> Result<Self, BadFrame> {
        let is_side = |side| (1..=MAX_SIDE_PX).contains(&side);
        if !is_side(width) || !is_side(height) || rgb.len() != 3 * width * height {
            return Err(BadFrame { width, height, n_bytes: rgb.len() });
        }
        Ok(Self { at, width, height, rgb })
    }

    /// Pixels in a row, and rows.
    pub fn size(&self) -> [usize; 2] {
        [self.width, self.height]
    }

    pub(crate) fn pixels(&self) -> &[[u8; 3]] {
        self.rgb.as_chunks().0
    }

    fn row(&self, y: usize, from: usize, to: usize) -> &[[u8; 3]] {
        &self.pixels()[y * self.width + from..y * self.width + to]
    }
}

impl Region {
    /// The middle of a picture, where a face is held.
    pub const MIDDLE: Self = Self { left: 0.2, top: 0.1, width: 0.6, height: 0.8 };

    /// Left, top, width and height as shares of the picture's sides.
    pub fn new(shares: [f32; 4]) -> Result<Self, BadRegion> {
        let [left, top, width, height] = shares;
        let is_inside = |from: f32, side: f32| from >= 0.0 && side > 0.0 && from + side <= 1.0001;
        if is_inside(left, width) && is_inside(top, height) {
            Ok(Self { left, top, width, height })
        } else {
            Err(BadRegion(shares))
        }
    }
}

impl Mosaic {
    /// The means of a region's cells. One pass over the region.
    pub fn of(frame: &Frame<'_>, region: Region) -> Self {
        let columns = edges(region.left, region.width, frame.width, MOSAIC_SIZE[0]);
        let rows = edges(region.top, region.height, frame.height, MOSAIC_SIZE[1]);
        let mut cells = Vec::with_capacity(MOSAIC_SIZE[0] * MOSAIC_SIZE[1]);
        for y in rows.windows(2) {
            for x in columns.windows(2) {
                cells.push(cell(frame, [x[0], x[1]], [y[0], y[1]]));
            }
        }
        Self { at: frame.at, cells }
    }
}

/// Where cells begin along a side of `n_px`; each has a pixel at least.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "pixels of a picture of 8192 a side"
)]
fn edges(from: f32, share: f32, n_px: usize, n_cells: usize) -> Vec<usize> {
    let at = |idx: usize| (from + share * idx as f32 / n_cells as f32) * n_px as f32;
    (0..=n_cells).map(|idx| (at(idx).round() as usize).min(n_px)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "sums of a few million bytes")]
fn cell(frame: &Frame<'_>, [left, right]: [usize; 2], [top, bottom]: [usize; 2]) -> Cell {
    let (mut sums, mut n_clipped) = ([0_u32; 3], 0_u32);
    let left = left.min(frame.width - 1);
    let top = top.min(frame.height - 1);
    let (right, bottom) = (right.max(left + 1), bottom.max(top + 1));
    for pixel in (top..bottom).flat_map(|y| frame.row(y, left, right)) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u32::from(*value);
        }
        n_clipped += u32::from(pixel.iter().any(|value| *value >= CLIPPED_FROM));
    }
    let n_px = ((right - left) * (bottom - top)) as f32;
    Cell { rgb: sums.map(|sum| sum as f32 / n_px), clipped: n_clipped as f32 / n_px }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mosaic_has_the_means_of_its_cells() {
        let rgb: Vec<u8> =
            (0..12_u8).flat_map(|y| (0..16_u8).flat_map(move |x| [x, y, 255])).collect();
        let frame = Frame::new(Timestamp::default(), 16, 12, &rgb).unwrap();
        let whole = Region::new([0.0, 0.0, 1.0, 1.0]).unwrap();
        let mosaic = Mosaic::of(&frame, whole);
        assert_eq!(mosaic.cells[0], Cell { rgb: [0.0, 0.0, 255.0], clipped: 1.0 });
        assert_eq!(mosaic.cells[16 * 11 + 15], Cell { rgb: [15.0, 11.0, 255.0], clipped: 1.0 });
    }

    #[test]
    fn a_picture_smaller_than_the_grid_is_no_fault() {
        let rgb = [7; 3 * 3 * 2];
        let frame = Frame::new(Timestamp::default(), 3, 2, &rgb).unwrap();
        let mosaic = Mosaic::of(&frame, Region::MIDDLE);
        assert!(mosaic.cells.iter().all(|cell| *cell == Cell { rgb: [7.0; 3], clipped: 0.0 }));
        assert!(Frame::new(Timestamp::default(), 3, 3, &rgb).is_err());
        assert!(Region::new([0.5, 0.0, 0.6, 1.0]).is_err());
    }
}
