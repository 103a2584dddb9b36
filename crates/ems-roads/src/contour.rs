//! Outlines of areas that are given as cells of a grid.

use crate::shapes::{Path, Polygon, is_inside, span};

/// Some cells of a grid, a bit each; rows from the south, cells from the west. Those on the rim
/// must stay empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellSet {
    width: usize,
    words_a_row: usize,
    words: Vec<u64>,
}

const WORD: usize = u64::BITS as usize;

/// East, north, west, south.
const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];
const NORTH: usize = 1;

impl CellSet {
    /// Of no cells.
    pub(crate) fn empty(width: usize, height: usize) -> Self {
        let words_a_row = width.div_ceil(WORD);
        Self { width, words_a_row, words: vec![0; words_a_row * height] }
    }

    /// The number of a cell in sets of a width, which has fewer than 2^32 bits.
    pub(crate) fn cell(width: usize, x: usize, y: usize) -> u32 {
        debug_assert!(x < width, "cell {x} of {width}");
        let bit = y * width.next_multiple_of(WORD) + x;
        u32::try_from(bit).expect("a grid has fewer than 2^32 cells")
    }

    /// # Panics
    /// If the cell is outside the grid.
    pub(crate) fn insert(&mut self, cell: u32) {
        self.words[cell as usize / WORD] |= 1 << (cell as usize % WORD);
    }

    /// Takes in the cells of another set of the same grid.
    pub(crate) fn add(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(own, word)| *own |= word);
    }

    fn set(&mut self, x: usize, y: usize) {
        self.insert(Self::cell(self.width, x, y));
    }

    fn has(&self, x: usize, y: usize) -> bool {
        self.words[y * self.words_a_row + x / WORD] >> (x % WORD) & 1 == 1
    }

    /// The cells and the eight around each.
    pub(crate) fn widened(&self) -> Self {
        let n = self.words_a_row;
        let mut wide = self.words.clone();
        for (wide, own) in wide.chunks_exact_mut(n).zip(self.words.chunks_exact(n)) {
            for at in 0..n {
                let before = if at > 0 { own[at - 1] >> (WORD - 1) } else { 0 };
                let after = own.get(at + 1).map_or(0, |next| next << (WORD - 1));
                wide[at] |= own[at] << 1 | own[at] >> 1 | before | after;
            }
        }
        let mut words = wide.clone();
        for (at, word) in words.iter_mut().enumerate() {
            let below = if at >= n { wide[at - n] } else { 0 };
            *word |= below | wide.get(at + n).copied().unwrap_or(0);
        }
        Self { words, ..*self }
    }

    /// The rings around the cells, closed, the area on their left, in units of cells.
    ///
    /// A ring goes from middle to middle of the cells' sides, which cuts their corners (marching
    /// squares: Lorensen and Cline, "Marching cubes", SIGGRAPH 1987, in the plane); cells that
    /// touch at a corner are joined.
    pub(crate) fn rings(&self) -> Vec<Path> {
        let mut seen = Self { words: vec![0; self.words.len()], ..*self };
        let mut rings = Vec::new();
        for (at, &word) in self.words.iter().enumerate() {
            let is_last = (at + 1).is_multiple_of(self.words_a_row);
            let next = if is_last { 0 } else { self.words[at + 1] };
            // Cells with none to the east of them.
            let mut open = word & !(word >> 1 | next << (WORD - 1));
            while open != 0 {
                let x = (at % self.words_a_row) * WORD + open.trailing_zeros() as usize;
                let y = at / self.words_a_row;
                open &= open - 1;
                if !seen.has(x, y) {
                    rings.push(self.ring([x + 1, y], &mut seen));
                }
            }
        }
        rings
    }

    /// The ring that goes north from a corner.
    fn ring(&self, start: [usize; 2], seen: &mut Self) -> Path {
        let mut ring = Path::new();
        let (mut corner, mut towards) = (start, NORTH);
        loop {
            if towards == NORTH {
                if seen.has(corner[0] - 1, corner[1]) {
                    break;
                }
                seen.set(corner[0] - 1, corner[1]);
            }
            add_point(&mut ring, middle(corner, towards));
            let (dx, dy) = STEPS[towards];
            corner = [corner[0].wrapping_add_signed(dx), corner[1].wrapping_add_signed(dy)];
            towards = self.turned(corner, towards);
        }
        ring.push(ring[0]);
        ring
    }

    /// Where the side after a corner leads: the area stays on the left.
    fn turned(&self, corner: [usize; 2], towards: usize) -> usize {
        if self.has_ahead(corner, towards, true) {
            (towards + 3) % 4
        } else if self.has_ahead(corner, towards, false) {
            towards
        } else {
            (towards + 1) % 4
        }
    }

    /// Whether the cell ahead of a corner, to the right or left, is in.
    fn has_ahead(&self, [x, y]: [usize; 2], towards: usize, is_right: bool) -> bool {
        match (towards, is_right) {
            (0, false) | (1, true) => self.has(x, y),
            (1, false) | (2, true) => self.has(x - 1, y),
            (2, false) | (3, true) => self.has(x - 1, y - 1),
            _ => self.has(x, y - 1),
        }
    }
}

/// The middle of the side that leads from a corner.
#[expect(clippy::cast_precision_loss, reason = "grids have fewer than 2^24 cells a side")]
fn middle([x, y]: [usize; 2], towards: usize) -> [f64; 2] {
    let (dx, dy) = STEPS[towards];
    [x as f64 + dx as f64 / 2.0, y as f64 + dy as f64 / 2.0]
}

/// Adds a point to a line; one that is straight on takes the place of the last.
fn add_point(line: &mut Path, point: [f64; 2]) {
    if let [.., a, b] = line[..] {
        let turn = (b[0] - a[0]) * (point[1] - b[1]) - (b[1] - a[1]) * (point[0] - b[0]);
        // Halves are exact.
        if turn == 0.0 {
            line.pop();
        }
    }
    line.push(point);
}

/// Twice the area of a ring; negative where the area is outside it.
fn area_2(ring: &Path) -> f64 {
    ring.windows(2).map(|p| p[0][0] * p[1][1] - p[1][0] * p[0][1]).sum()
}

/// Outer rings with their holes; holes smaller than `hole_min` square cells are filled.
pub(crate) fn nested(rings: Vec<Path>, hole_min: f64) -> Vec<Polygon> {
    let (mut outers, holes): (Vec<Path>, Vec<Path>) =
        rings.into_iter().partition(|ring| area_2(ring) > 0.0);
    outers.sort_by(|a, b| area_2(a).total_cmp(&area_2(b)));
    let boxes: Vec<[(f64, f64); 2]> =
        outers.iter().map(|outer| [span(outer, 0), span(outer, 1)]).collect();
    let mut polygons: Vec<Polygon> = outers.into_iter().map(|outer| vec![outer]).collect();
    for hole in holes.into_iter().filter(|hole| -area_2(hole) >= 2.0 * hole_min) {
        let is_in_box = |i: &usize| {
            (0..2).all(|axis| (boxes[*i][axis].0..=boxes[*i][axis].1).contains(&hole[0][axis]))
        };
        let mut around = (0..polygons.len()).filter(is_in_box).peekable();
        // The smallest around it; the last that may be needs no look, as each hole is in one.
        while let Some(i) = around.next() {
            if around.peek().is_none() || is_inside(hole[0], &polygons[i][0]) {
                polygons[i].push(hole);
                break;
            }
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(picture: &[&str]) -> CellSet {
        let mut cells = CellSet::empty(picture[0].len(), picture.len());
        for (y, row) in picture.iter().rev().enumerate() {
            for (x, _) in row.bytes().enumerate().filter(|(_, b)| *b == b'#') {
                cells.set(x, y);
            }
        }
        cells
    }

    #[test]
    fn one_cell_is_a_diamond_with_the_area_on_its_left() {
        let rings = cells(&["   ", " # ", "   "]).rings();
        assert_eq!(rings, [[[2.0, 1.5], [1.5, 2.0], [1.0, 1.5], [1.5, 1.0], [2.0, 1.5]]]);
        assert!(area_2(&rings[0]) > 0.0);
    }

    #[test]
    fn a_hole_belongs_to_the_ring_around_it_and_an_island_in_it_is_its_own() {
        let picture = [
            "         ",
            " ####### ",
            " #     # ",
            " #  #  # ",
            " #     # ",
            " ####### ",
            "         ",
        ];
        let all = cells(&picture).rings();
        assert_eq!(all.len(), 3);
        let mut counts: Vec<usize> = nested(all.clone(), 0.0).iter().map(Vec::len).collect();
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
        assert_eq!(nested(all, 100.0).iter().map(Vec::len).sum::<usize>(), 2, "the hole is filled");
    }

    #[test]
    fn cells_that_touch_at_a_corner_are_one_area() {
        assert_eq!(cells(&["    ", " #  ", "  # ", "    "]).rings().len(), 1);
        assert_eq!(cells(&["    ", " #  ", "    ", "  # ", "    "]).rings().len(), 2);
    }

    #[test]
    fn a_widened_cell_is_nine_even_where_words_meet() {
        for x in [2, 62, 63, 64, 65, 126, 127, 128] {
            let mut one = CellSet::empty(131, 5);
            one.set(x, 2);
            let wide = one.widened();
            for (at, y) in (0..131).flat_map(|at| (0..5).map(move |y| (at, y))) {
                assert_eq!(
                    wide.has(at, y),
                    at.abs_diff(x) <= 1 && y.abs_diff(2) <= 1,
                    "{at},{y} beside {x}"
                );
            }
            assert_eq!(wide.rings().len(), 1);
        }
    }
}
