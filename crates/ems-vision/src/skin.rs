//! The skin within a mosaic, followed from picture to picture.

use std::collections::VecDeque;

use ems_model::{Millis, Timestamp};

use crate::frame::{Cell, Mosaic};

/// What one picture says of the skin in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SkinSample {
    /// When it was taken.
    pub at: Timestamp,
    /// The mean red, green and blue of the skin, 0 to 255; `None` where there is none.
    pub rgb: Option<[f64; 3]>,
    /// The mean colour of what is far from the skin's, 0 to 255; `None` where all is skin.
    pub around: Option<[f64; 3]>,
    /// The mean colour of the whole region, 0 to 255.
    pub whole: [f64; 3],
    /// The share of the region that is skin, 0 to 1.
    pub skin_share: f64,
    /// The share of the region's pixels that are clipped, 0 to 1.
    pub clipped: f64,
    /// How much the picture changed within the last quarter second, as the mean share by which
    /// cells grew brighter or darker than the rest; `None` at first.
    pub stir: Option<f64>,
    /// The centre of the skin, in cells from the top left corner.
    pub centre: Option<[f64; 2]>,
}

/// Finds skin by its colour and follows it as the light changes.
#[derive(Debug, Clone, Default)]
pub struct SkinTracker {
    chroma: Option<[f64; 2]>,
    earlier: VecDeque<(Timestamp, Vec<f64>)>,
}

/// Colours this far from the skin's in red and green chromaticity are no skin.
const REACH: f64 = 0.035;
/// The share of a new picture in the skin's colour.
const FOLLOW: f64 = 0.02;
/// Motion is told over this span.
const STIR_SPAN: Millis = Millis::new(250);
/// Darker cells have no colour to go by.
const MIN_CELL_LUMA: f64 = 12.0;
/// Skin of less than this share of a cell is no sample.
const MIN_SKIN_CELLS: f64 = 1.0;
/// Fewer cells are only the edges of the skin.
const MIN_AROUND_CELLS: f64 = 4.0;

impl SkinTracker {
    /// Takes the next picture.
    pub fn push(&mut self, mosaic: &Mosaic) -> SkinSample {
        self.follow(&mosaic.cells);
        let weights: Vec<f64> = mosaic.cells.iter().map(|cell| self.weight(cell)).collect();
        let total: f64 = weights.iter().sum();
        let n_cells = mosaic.cells.len().max(1);
        let has_skin = total >= MIN_SKIN_CELLS;
        SkinSample {
            at: mosaic.at,
            rgb: has_skin.then(|| mean_colour(&mosaic.cells, &weights, total)),
            around: self.around(&mosaic.cells),
            whole: mean_colour(&mosaic.cells, &vec![1.0; n_cells], count(n_cells)),
            skin_share: total / count(n_cells),
            clipped: mosaic.cells.iter().map(|cell| f64::from(cell.clipped)).sum::<f64>()
                / count(n_cells),
            stir: self.stir(mosaic),
            centre: has_skin.then(|| centre(&weights, total)),
        }
    }

    /// Moves the skin's colour towards that of the picture.
    fn follow(&mut self, cells: &[Cell]) {
        let near = |chroma: &[f64; 2]| self.chroma.is_none_or(|of| distance(of, *chroma) < REACH);
        let mut found: Vec<[f64; 2]> =
            cells.iter().filter_map(chroma).filter(is_skin).filter(near).collect();
        let Some(new) = median(&mut found) else { return };
        let old = self.chroma.unwrap_or(new);
        self.chroma = Some([0, 1].map(|idx| old[idx] + FOLLOW * (new[idx] - old[idx])));
    }

    /// 1 for the skin's own colour, falling smoothly to 0: a cell that leaves makes no step.
    fn weight(&self, cell: &Cell) -> f64 {
        let (Some(of), Some(chroma)) = (self.chroma, chroma(cell)) else { return 0.0 };
        if !is_skin(&chroma) {
            return 0.0;
        }
        let nearness = (1.0 - (distance(of, chroma) / REACH).powi(2)).max(0.0);
        nearness * (1.0 - 10.0 * f64::from(cell.clipped)).max(0.0)
    }

    /// What is far from the skin in colour: cells count by how far, so that the little skin at an
    /// edge counts little and no cell comes or goes with the pulse.
    fn around(&self, cells: &[Cell]) -> Option<[f64; 3]> {
        let of = self.chroma?;
        let weight = |cell: &Cell| {
            chroma(cell).map_or(0.0, |it| (distance(of, it) / REACH - 1.5).clamp(0.0, 1.0))
        };
        let weights: Vec<f64> = cells.iter().map(weight).collect();
        let total: f64 = weights.iter().sum();
        (total >= MIN_AROUND_CELLS).then(|| mean_colour(cells, &weights, total))
    }

    fn stir(&mut self, mosaic: &Mosaic) -> Option<f64> {
        let lumas: Vec<f64> = mosaic.cells.iter().map(luma_of).collect();
        let mean = lumas.iter().sum::<f64>() / count(lumas.len().max(1));
        let relative: Vec<f64> = lumas.iter().map(|luma| luma / mean.max(1.0)).collect();
        while self.earlier.get(1).is_some_and(|(at, _)| mosaic.at.since(*at) >= STIR_SPAN) {
            self.earlier.pop_front();
        }
        let before = self.earlier.front().filter(|(at, _)| mosaic.at.since(*at) >= STIR_SPAN);
        let stir = before.map(|(_, before)| mean_change(before, &relative));
        self.earlier.push_back((mosaic.at, relative));
        stir
    }
}

/// Brightness as ITU-R BT.601 weighs it.
pub(crate) fn luma([red, green, blue]: [f64; 3]) -> f64 {
    0.299 * red + 0.587 * green + 0.114 * blue
}

fn luma_of(cell: &Cell) -> f64 {
    luma(cell.rgb.map(f64::from))
}

/// The shares of red and green; `None` where it is too dark to say.
fn chroma(cell: &Cell) -> Option<[f64; 2]> {
    let [red, green, blue] = cell.rgb.map(f64::from);
    let sum = red + green + blue;
    (luma_of(cell) >= MIN_CELL_LUMA).then(|| [red / sum, green / sum])
}

/// A wide locus for skin of any tone under roughly white light (own estimate, see docs/video.md).
fn is_skin([red, green]: &[f64; 2]) -> bool {
    (0.35..0.62).contains(red) && (0.2..0.35).contains(green) && red - green > 0.02
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

fn median(found: &mut [[f64; 2]]) -> Option<[f64; 2]> {
    let middle = found.len() / 2;
    found.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let red = found.get(middle)?[0];
    found.sort_by(|a, b| a[1].total_cmp(&b[1]));
    Some([red, found[middle][1]])
}

fn mean_colour(cells: &[Cell], weights: &[f64], total: f64) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (cell, weight) in cells.iter().zip(weights) {
        for (sum, value) in sums.iter_mut().zip(cell.rgb) {
            *sum += f64::from(value) * weight;
        }
    }
    sums.map(|sum| sum / total)
}

fn centre(weights: &[f64], total: f64) -> [f64; 2] {
    let columns = crate::MOSAIC_SIZE[0];
    let mean = |place: fn(usize, usize) -> usize| {
        let sum = |(idx, weight): (usize, &f64)| count(place(idx, columns)) * weight;
        weights.iter().enumerate().map(sum).sum::<f64>() / total
    };
    [mean(|idx, columns| idx % columns), mean(|idx, columns| idx / columns)]
}

fn mean_change(before: &[f64], after: &[f64]) -> f64 {
    let changes = before.iter().zip(after).map(|(before, after)| (after - before).abs());
    changes.sum::<f64>() / count(before.len().max(1))
}

#[expect(clippy::cast_precision_loss, reason = "counts of cells and samples")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}
