//! A report on paper: A4 across, 25 mm/s and 10 mm/mV, as marks in millimetres.
//!
//! The first page is the recording, the second says why. Who draws them turns marks into a picture:
//! [`svg`] here; PDF in the program.

mod head;
mod reasons;
mod svg;
mod traces;

pub use svg::svg;

use crate::ecg::Ecg;
use crate::report::{Patient, Report};
use crate::words::Language;

/// A page of marks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// In the order they are drawn.
    pub marks: Vec<Mark>,
}

/// Millimetres across and down a page.
pub const PAGE_MM: (f64, f64) = (297.0, 210.0);

/// Millimetres from the left and from the top.
pub type Point = (f64, f64);

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Lines from point to point.
    Lines {
        /// Their ends.
        lines: Vec<(Point, Point)>,
        /// How they look.
        pen: Pen,
    },
    /// A line through all points.
    Curve {
        /// In order.
        points: Vec<Point>,
        /// How it looks.
        pen: Pen,
    },
    /// A filled rectangle.
    Area {
        /// Its upper left corner.
        corner: Point,
        /// Width and height.
        size: Point,
        /// Its colour.
        ink: Ink,
    },
    /// Words on a line.
    Text {
        /// Where the line begins, on its base.
        at: Point,
        /// The height of the font, millimetres.
        size: f64,
        /// Its colour.
        ink: Ink,
        /// Whether it is set in bold.
        is_bold: bool,
        /// The words.
        text: String,
    },
}

/// A colour and a width in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pen {
    /// Its colour.
    pub ink: Ink,
    /// Its width.
    pub width: f64,
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are their names")]
pub enum Ink {
    FineGrid,
    Grid,
    Black,
    Grey,
    Red,
    Blue,
    Tint,
}

impl Ink {
    /// Red, green and blue, 0..=255.
    pub const fn rgb(self) -> [u8; 3] {
        match self {
            Self::FineGrid => [0xfa, 0xdc, 0xda],
            Self::Grid => [0xf0, 0xae, 0xaa],
            Self::Black => [0x14, 0x14, 0x1a],
            Self::Grey => [0x62, 0x64, 0x6e],
            Self::Red => [0xb4, 0x1e, 0x1e],
            Self::Blue => [0x1e, 0x5a, 0xa8],
            Self::Tint => [0xff, 0xfa, 0xf9],
        }
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// The record's name.
    pub name: &'a str,
    /// When it was taken, if that is known.
    pub taken: Option<&'a str>,
    /// Whose it is.
    pub patient: Patient,
    /// The recording.
    pub ecg: &'a Ecg,
    /// What was found in it.
    pub report: &'a Report,
    /// The language of words.
    pub language: Language,
    /// What of it is told.
    pub scope: Scope,
}

/// How much a recording can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All that is measured.
    Diagnostic,
    /// Rate, rhythm and PR alone: a monitor's filter, 0.5 to 40 Hz, bends complexes, ST segments
    /// and T waves.
    Rhythm,
}

/// Draws both pages.
pub fn pages(sheet: &Sheet<'_>) -> [Page; 2] {
    let mut first = Page::default();
    head::draw(&mut first, sheet);
    traces::draw(&mut first, sheet);
    let mut second = Page::default();
    reasons::draw(&mut second, sheet);
    [first, second]
}

impl Page {
    fn text(&mut self, at: Point, size: f64, ink: Ink, text: impl Into<String>) {
        self.marks.push(Mark::Text { at, size, ink, is_bold: false, text: text.into() });
    }

    fn bold(&mut self, at: Point, size: f64, ink: Ink, text: impl Into<String>) {
        self.marks.push(Mark::Text { at, size, ink, is_bold: true, text: text.into() });
    }

    fn lines(&mut self, lines: Vec<(Point, Point)>, ink: Ink, width: f64) {
        self.marks.push(Mark::Lines { lines, pen: Pen { ink, width } });
    }

    fn curve(&mut self, points: Vec<Point>, ink: Ink, width: f64) {
        self.marks.push(Mark::Curve { points, pen: Pen { ink, width } });
    }

    /// Paper ruled every millimetre, stronger every five.
    fn grid(&mut self, corner: Point, size: Point) {
        self.marks.push(Mark::Area { corner, size, ink: Ink::Tint });
        for (step, ink, width) in [(1, Ink::FineGrid, 0.1), (5, Ink::Grid, 0.16)] {
            let along = |length: f64| {
                let steps = (0..).step_by(step).map(f64::from);
                steps.take_while(move |at| *at <= length + 1e-6)
            };
            let (right, bottom) = (corner.0 + size.0, corner.1 + size.1);
            let down = along(size.0).map(|at| ((corner.0 + at, corner.1), (corner.0 + at, bottom)));
            let across =
                along(size.1).map(|at| ((corner.0, corner.1 + at), (right, corner.1 + at)));
            self.lines(down.chain(across).collect(), ink, width);
        }
    }
}

/// About how wide a text is, for breaking lines: Helvetica's letters are half as wide as high,
/// those of Chinese as wide as high.
fn width_of(text: &str, size: f64) -> f64 {
    let of = |letter: char| match letter {
        letter if u32::from(letter) >= 0x2e80 => 1.0,
        letter if letter.is_ascii_uppercase() => 0.68,
        ' ' | ',' | '.' | ':' | ';' | 'i' | 'j' | 'l' | '\'' | '|' => 0.28,
        _ => 0.53,
    };
    size * text.chars().map(of).sum::<f64>()
}

/// Breaks a text into lines no wider than `width`, at blanks or between Chinese characters.
fn wrapped(text: &str, size: f64, width: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(|letter: char| letter == ' ' || u32::from(letter) >= 0x2e80) {
        let is_room = |line: &str| {
            line.is_empty() || width_of(line, size) + width_of(word.trim_end(), size) <= width
        };
        match lines.last_mut().filter(|line| is_room(line)) {
            Some(line) => line.push_str(word),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}
