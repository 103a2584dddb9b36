//! The recording: three rows of four leads, a quarter of the time each, and a rhythm strip.

use super::{Ink, Page, Point, Sheet};
use crate::lead::Lead;
use crate::rate::count;

const MM_PER_SECOND: f64 = 25.0;
const MM_PER_MILLIVOLT: f64 = 10.0;
/// The ruled paper.
const CORNER: Point = (15.0, 62.0);
const SIZE: Point = (265.0, 135.0);
/// Where the waves begin; the calibration pulse stands before them.
const LEFT: f64 = 28.0;
const SECONDS: f64 = 10.0;
/// The baselines of the rows.
const ROWS: [f64; 4] = [80.0, 112.0, 144.0, 178.0];
const COLUMNS: [[Lead; 3]; 4] = [
    [Lead::I, Lead::II, Lead::III],
    [Lead::AVR, Lead::AVL, Lead::AVF],
    [Lead::V1, Lead::V2, Lead::V3],
    [Lead::V4, Lead::V5, Lead::V6],
];
const WIDTH: f64 = 0.26;

pub(super) fn draw(page: &mut Page, sheet: &Sheet<'_>) {
    page.grid(CORNER, SIZE);
    for row in ROWS {
        calibration(page, row);
    }
    let column = SECONDS / 4.0;
    let mut from = 0.0;
    for leads in COLUMNS {
        for (lead, row) in leads.into_iter().zip(ROWS) {
            trace(page, sheet, lead, row, (from, from + column));
        }
        from += column;
    }
    rhythm_strip(page, sheet);
}

/// 1 mV for 200 ms.
fn calibration(page: &mut Page, row: f64) {
    let left = CORNER.0 + 3.0;
    let top = row - MM_PER_MILLIVOLT;
    let points = vec![
        (left, row),
        (left + 1.5, row),
        (left + 1.5, top),
        (left + 6.5, top),
        (left + 6.5, row),
        (left + 8.0, row),
    ];
    page.curve(points, Ink::Black, WIDTH);
}

/// A lead between two times in seconds, with its name and a tick where it begins.
fn trace(page: &mut Page, sheet: &Sheet<'_>, lead: Lead, row: f64, (from, until): (f64, f64)) {
    let x = |seconds: f64| LEFT + MM_PER_SECOND * seconds;
    let tick = |top: f64, bottom: f64| vec![((x(from), row - top), (x(from), row + bottom))];
    page.lines(tick(3.0, 3.0), Ink::Black, 0.2);
    page.bold((x(from) + 1.4, row - 11.6), 3.4, Ink::Black, lead.name());
    let Some(wave) = sheet.ecg.wave(lead) else {
        return page.text((x(from) + 12.0, row + 1.0), 3.0, Ink::Grey, "- - -");
    };
    let hz = f64::from(sheet.ecg.hz());
    let points = wave.iter().enumerate().map(|(idx, microvolts)| (count(idx) / hz, microvolts));
    let points = points.filter(|(seconds, _)| (from..=until).contains(seconds));
    let points = points.map(|(seconds, it)| (x(seconds), row - MM_PER_MILLIVOLT * it / 1000.0));
    page.curve(points.collect(), Ink::Black, WIDTH);
}

/// Lead II, or the first there is, with a mark under each beat: an open one for a beat of another
/// shape.
fn rhythm_strip(page: &mut Page, sheet: &Sheet<'_>) {
    let row = ROWS[3];
    let leads = [Lead::II].into_iter().chain(sheet.ecg.leads());
    let lead = leads.into_iter().find(|lead| sheet.ecg.wave(*lead).is_some());
    trace(page, sheet, lead.unwrap_or(Lead::II), row, (0.0, SECONDS));
    let hz = f64::from(sheet.ecg.hz());
    for beat in &sheet.report.beats {
        let seconds = count(beat.sample) / hz;
        if seconds > SECONDS {
            break;
        }
        let x = LEFT + MM_PER_SECOND * seconds;
        let ink = if beat.shape == 0 { Ink::Grey } else { Ink::Red };
        page.lines(vec![((x, row + 15.0), (x, row + 17.0))], ink, 0.4);
    }
}
