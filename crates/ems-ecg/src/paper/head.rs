//! Whose recording it is, its intervals, and what is said of it.

use super::{Ink, Page, Scope, Sheet, wrapped};
use crate::finding::Statement;
use crate::measure::Measurements;
use crate::report::Sex;
use crate::words::Language;

/// Columns of the head.
const PATIENT: f64 = 15.0;
const INTERVALS: f64 = 78.0;
const FINDINGS: f64 = 150.0;
const RIGHT: f64 = 280.0;
const FINDINGS_MAX: usize = 10;

pub(super) fn draw(page: &mut Page, sheet: &Sheet<'_>) {
    patient(page, sheet);
    intervals(page, sheet);
    findings(page, sheet);
    let foot = match sheet.language {
        Language::En => {
            "25 mm/s   10 mm/mV   0.5-150 Hz, zero phase (wander removed)   \
             Decision support, not a certified interpretation: a physician reads the ECG."
        }
        Language::Zh => {
            "25 mm/s   10 mm/mV   0.5-150 Hz 零相位（已去基线漂移）   \
             仅供决策参考，非认证诊断：须由医师判读。"
        }
    };
    page.text((PATIENT, 203.0), 2.7, Ink::Grey, foot);
    page.text((RIGHT - 22.0, 203.0), 2.7, Ink::Grey, "Golden Hour");
}

fn patient(page: &mut Page, sheet: &Sheet<'_>) {
    let is_english = sheet.language == Language::En;
    page.bold((PATIENT, 17.0), 6.0, Ink::Black, sheet.name);
    let sex = match (sheet.patient.sex, sheet.language) {
        (Some(Sex::Female), Language::En) => "female",
        (Some(Sex::Male), Language::En) => "male",
        (None, Language::En) => "sex unknown",
        (Some(Sex::Female), Language::Zh) => "女",
        (Some(Sex::Male), Language::Zh) => "男",
        (None, Language::Zh) => "性别未知",
    };
    let age = match (sheet.patient.age, is_english) {
        (Some(age), true) => format!("{age} years"),
        (Some(age), false) => format!("{age}岁"),
        (None, true) => "age unknown".to_owned(),
        (None, false) => "年龄未知".to_owned(),
    };
    page.text((PATIENT, 24.0), 3.6, Ink::Black, format!("{age}, {sex}"));
    let taken = sheet.taken.unwrap_or(if is_english { "no date" } else { "无日期" });
    page.text((PATIENT, 29.5), 3.2, Ink::Grey, taken);
    let n_beats = sheet.report.average.n_beats;
    let beats = sheet.report.beats.len();
    let averaged = if is_english {
        format!("{beats} beats, {n_beats} averaged")
    } else {
        format!("{beats}个心搏，{n_beats}个平均")
    };
    page.text((PATIENT, 35.0), 3.2, Ink::Grey, averaged);
}

fn intervals(page: &mut Page, sheet: &Sheet<'_>) {
    let it = &sheet.report.measurements;
    let mut y = 17.0;
    for (name, value, unit) in rows(it, sheet.language, sheet.scope) {
        page.text((INTERVALS, y), 3.4, Ink::Grey, name);
        page.bold((INTERVALS + 29.0, y), 3.6, Ink::Black, value);
        page.text((INTERVALS + 47.0, y), 3.0, Ink::Grey, unit);
        y += 5.4;
    }
    let Some(qtc) = it.qtc.filter(|_| sheet.scope == Scope::Diagnostic) else { return };
    let others = format!(
        "QTc Bazett {:.0}  Framingham {:.0}  Hodges {:.0} ms",
        qtc.bazett_ms, qtc.framingham_ms, qtc.hodges_ms
    );
    page.text((INTERVALS, y - 0.6), 2.7, Ink::Grey, others);
}

/// Name, value and unit.
type Row = (&'static str, String, &'static str);

/// The rows of the table; a dash for what is missing.
fn rows(it: &Measurements, language: Language, scope: Scope) -> Vec<Row> {
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.0}"));
    let [rate, axis] = match language {
        Language::En => ["Rate", "Axis P / QRS"],
        Language::Zh => ["心率", "电轴 P / QRS"],
    };
    let (rate, pr) = ((rate, shown(it.heart_rate), "/min"), ("PR", shown(it.pr_ms), "ms"));
    if scope == Scope::Rhythm {
        return vec![rate, pr];
    }
    vec![
        rate,
        ("P", shown(it.p_ms), "ms"),
        pr,
        ("QRS", shown(Some(it.qrs_ms)), "ms"),
        ("QT", shown(it.qt_ms), "ms"),
        ("QTc Fridericia", shown(it.qtc.map(|qtc| qtc.fridericia_ms)), "ms"),
        (axis, format!("{} / {}", shown(it.p_axis_deg), shown(it.axis_deg)), "°"),
    ]
}

fn findings(page: &mut Page, sheet: &Sheet<'_>) {
    let all = &sheet.report.findings;
    let mut y = 17.0;
    for finding in all.iter().take(FINDINGS_MAX) {
        let is_urgent = finding.statement <= Statement::PosteriorInfarction;
        let ink = if is_urgent { Ink::Red } else { Ink::Black };
        for line in wrapped(&sheet.language.finding(finding), 3.6, RIGHT - FINDINGS) {
            page.bold((FINDINGS, y), 3.6, ink, line);
            y += 4.5;
        }
    }
    let n_left = all.len().saturating_sub(FINDINGS_MAX);
    let why = match (sheet.language, n_left) {
        (Language::En, 0) => "Why: page 2".to_owned(),
        (Language::En, n) => format!("and {n} more, and why: page 2"),
        (Language::Zh, 0) => "依据：见第2页".to_owned(),
        (Language::Zh, n) => format!("另有{n}项及依据：见第2页"),
    };
    page.text((FINDINGS, y + 0.5), 2.9, Ink::Grey, why);
}
