//! The second page: the average beats with their bounds, ST in each lead, and why it says what it
//! says.

use super::{Ink, Page, Point, Scope, Sheet, wrapped};
use crate::lead::Lead;
use crate::measure::{LeadMeasures, Missing};
use crate::rate::count;
use crate::words::{Language, missing_lines};

/// Twice the speed and size of the first page.
const MM_PER_MS: f64 = 0.05;
const MM_PER_MILLIVOLT: f64 = 10.0;
const LEFT: f64 = 15.0;
const TOP: f64 = 18.0;
const CELL: Point = (45.0, 35.0);
/// What of the average beat is drawn, milliseconds from the onset of QRS.
const FROM_MS: f64 = -260.0;
const UNTIL_MS: f64 = 600.0;
const WHY: f64 = 160.0;
const WHY_WIDTH: f64 = 122.0;
const BOTTOM: f64 = 200.0;

pub(super) fn draw(page: &mut Page, sheet: &Sheet<'_>) {
    let (averages, why) = match sheet.language {
        Language::En => ("Average beats, 50 mm/s, 10 mm/mV", "Findings and their reasons"),
        Language::Zh => ("平均心搏，50 mm/s，10 mm/mV", "结论与依据"),
    };
    page.bold((LEFT, 13.0), 4.2, Ink::Black, averages);
    page.bold((WHY, 13.0), 4.2, Ink::Black, why);
    page.grid((LEFT, TOP), (3.0 * CELL.0, 4.0 * CELL.1));
    for (idx, lead) in Lead::ALL.into_iter().enumerate() {
        let (column, row) = (count(idx / 4), count(idx % 4));
        average(page, sheet, lead, (LEFT + column * CELL.0, TOP + row * CELL.1));
    }
    match sheet.scope {
        Scope::Diagnostic => table(page, sheet),
        Scope::Rhythm => note(page, sheet.language),
    }
    reasons(page, sheet);
}

/// A lead's average beat with thin lines at the bounds of its waves.
fn average(page: &mut Page, sheet: &Sheet<'_>, lead: Lead, corner: Point) {
    page.bold((corner.0 + 1.2, corner.1 + 4.6), 3.4, Ink::Black, lead.name());
    let Some(wave) = sheet.report.average.since_onset(lead) else { return };
    let x = |ms: f64| corner.0 + 1.0 + MM_PER_MS * (ms - FROM_MS);
    let base = corner.1 + 22.0;
    let it = &sheet.report.measurements.bounds;
    let is_diagnostic = sheet.scope == Scope::Diagnostic;
    let after = [Some(it.j), it.t.map(|t| t.1)].into_iter().flatten().filter(|_| is_diagnostic);
    let bounds =
        it.p.iter()
            .flat_map(|p| [p.0, p.1])
            .chain([0.0])
            .chain(after)
            .filter(|ms| *ms > FROM_MS && *ms < UNTIL_MS);
    let lines = bounds.map(|ms| ((x(ms), corner.1 + 7.0), (x(ms), corner.1 + 33.0)));
    page.lines(lines.collect(), Ink::Blue, 0.14);
    let shown = wave.into_iter().filter(|(ms, _)| (FROM_MS..=UNTIL_MS).contains(ms));
    let points = shown.map(|(ms, millivolts)| (x(ms), base - MM_PER_MILLIVOLT * millivolts));
    page.curve(points.collect(), Ink::Black, 0.3);
}

/// Why there is no table.
fn note(page: &mut Page, language: Language) {
    let text = match language {
        Language::En => {
            "From a monitor's filter, 0.5 to 40 Hz: it tells rate, rhythm and PR; QRS, ST and T are \
             bent, and take a 12-lead recording."
        }
        Language::Zh => {
            "来自监护滤波（0.5–40 Hz）：仅可判心率、节律与PR；QRS、ST与T波已失真，须记录十二导联心电图。"
        }
    };
    let top = TOP + 4.0 * CELL.1 + 6.0;
    for (line, row) in wrapped(text, 3.2, 3.0 * CELL.0).into_iter().zip(0..) {
        page.text((LEFT, top + 4.8 * count(row)), 3.2, Ink::Grey, line);
    }
}

/// What stands in a row of the table.
type Value = fn(&LeadMeasures) -> Option<f64>;

/// ST at J, J+60, J+80 and T of each lead.
fn table(page: &mut Page, sheet: &Sheet<'_>) {
    let top = TOP + 4.0 * CELL.1 + 6.0;
    let rows: [(&str, Value); 4] = [
        ("ST J", |it| Some(it.st_j_mv)),
        ("J+60", |it| Some(it.st_60_mv)),
        ("J+80", |it| Some(it.st_80_mv)),
        ("T", |it| it.t_mv),
    ];
    page.text((LEFT, top), 2.7, Ink::Grey, "mV");
    for (row, (name, value)) in rows.iter().enumerate() {
        let y = top + 4.6 * (count(row) + 1.0);
        page.text((LEFT, y), 2.7, Ink::Grey, *name);
        for (column, lead) in Lead::ALL.into_iter().enumerate() {
            let x = LEFT + 11.0 + 10.4 * count(column);
            if row == 0 {
                page.bold((x, top), 2.7, Ink::Black, lead.name());
            }
            let value = sheet.report.measurements.of(lead).and_then(value);
            let shown = value.map_or("-".to_owned(), |it| format!("{it:+.2}"));
            page.text((x, y), 2.7, Ink::Black, shown);
        }
    }
}

fn reasons(page: &mut Page, sheet: &Sheet<'_>) {
    let language = sheet.language;
    let mut y = 20.0;
    let mut say = |size: f64, ink: Ink, is_bold: bool, text: &str, gap: f64| {
        for line in wrapped(text, size, WHY_WIDTH) {
            if y > BOTTOM {
                return;
            }
            if is_bold {
                page.bold((WHY, y), size, ink, line);
            } else {
                page.text((WHY, y), size, ink, line);
            }
            y += 1.28 * size;
        }
        y += gap;
    };
    let unverified = match language {
        Language::En => " (quoted from memory)",
        Language::Zh => "（凭记忆引用，未核对）",
    };
    for finding in &sheet.report.findings {
        say(3.3, Ink::Black, true, &language.finding(finding), 0.0);
        if !finding.reasons.is_empty() {
            say(2.8, Ink::Black, false, &language.reasons(finding), 0.0);
        }
        let mark = if finding.source.verified { "" } else { unverified };
        say(2.4, Ink::Grey, false, &format!("{}{mark}", finding.source.text), 1.6);
    }
    let mut missing = sheet.report.missing.clone();
    if sheet.scope == Scope::Rhythm {
        // What is judged by sex is not told at all.
        missing.retain(|it| !matches!(it, Missing::NoSex));
    }
    let missing = missing_lines(language, &missing);
    if !missing.is_empty() {
        let title = match language {
            Language::En => "Not measured or not judged",
            Language::Zh => "未测或未判",
        };
        say(3.3, Ink::Black, true, title, 0.0);
        for line in &missing {
            say(2.8, Ink::Black, false, line, 0.4);
        }
    }
}
