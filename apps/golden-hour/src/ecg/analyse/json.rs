//! A report as JSON: units last in the names, null for what is missing.

use ems_ecg::{
    Ecg, Finding, Language, Lead, LeadMeasures, Measurements, Patient, Reason, Report, Sex, Test,
};
use serde_json::{Value, json};

pub(super) fn report(
    name: &str,
    patient: Patient,
    ecg: &Ecg,
    report: &Report,
    language: Language,
) -> Value {
    let sex = patient.sex.map(|sex| match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    });
    let beats = report.beats.iter();
    let beats: Vec<_> =
        beats.map(|beat| json!({ "sample": beat.sample, "shape": beat.shape })).collect();
    let missing = ems_ecg::missing_lines(language, &report.missing);
    let derived: Vec<_> = ecg.derived().iter().map(|lead| lead.name()).collect();
    json!({
        "record": name,
        "age_years": patient.age,
        "sex": sex,
        "hz": ecg.hz(),
        "derived_leads": derived,
        "beats": beats,
        "averaged_beats": report.average.n_beats,
        "intervals": intervals(&report.measurements),
        "leads": leads(&report.measurements),
        "findings": report.findings.iter().map(|it| finding(it, language)).collect::<Vec<_>>(),
        "missing": missing,
    })
}

fn intervals(it: &Measurements) -> Value {
    let qtc = it.qtc.map(|qtc| {
        json!({
            "bazett": whole(qtc.bazett_ms),
            "fridericia": whole(qtc.fridericia_ms),
            "framingham": whole(qtc.framingham_ms),
            "hodges": whole(qtc.hodges_ms),
        })
    });
    json!({
        "heart_rate_per_min": it.heart_rate.map(whole),
        "rr_ms": it.rr_ms.map(whole),
        "p_ms": it.p_ms.map(whole),
        "pr_ms": it.pr_ms.map(whole),
        "qrs_ms": whole(it.qrs_ms),
        "qt_ms": it.qt_ms.map(whole),
        "qtc_ms": qtc,
        "qrs_axis_deg": it.axis_deg.map(whole),
        "p_axis_deg": it.p_axis_deg.map(whole),
        "from_qrs_onset_ms": {
            "p_onset": it.bounds.p.map(|p| whole(p.0)),
            "p_end": it.bounds.p.map(|p| whole(p.1)),
            "j": whole(it.bounds.j),
            "t_peak": it.bounds.t.map(|t| whole(t.0)),
            "t_end": it.bounds.t.map(|t| whole(t.1)),
        },
    })
}

fn leads(it: &Measurements) -> Value {
    let of_lead = |(lead, own): &(Lead, LeadMeasures)| (lead.name().to_owned(), lead_value(own));
    Value::Object(it.leads.iter().map(of_lead).collect())
}

fn lead_value(own: &LeadMeasures) -> Value {
    json!({
        "p_mv": own.p_mv.map(fine),
        "q_mv": fine(own.q_mv),
        "q_ms": whole(own.q_ms),
        "r_mv": fine(own.r_mv),
        "r_peak_ms": whole(own.r_peak_ms),
        "s_mv": fine(own.s_mv),
        "s_ms": whole(own.s_ms),
        "r2_mv": fine(own.r2_mv),
        "st_j_mv": fine(own.st_j_mv),
        "st_j60_mv": fine(own.st_60_mv),
        "st_j80_mv": fine(own.st_80_mv),
        "t_mv": own.t_mv.map(fine),
    })
}

fn finding(finding: &Finding, language: Language) -> Value {
    let leads: Vec<_> = finding.leads.iter().map(|lead| lead.name()).collect();
    json!({
        "code": finding.statement.code(),
        "text": language.statement(finding.statement),
        "leads": leads,
        "reasons": finding.reasons.iter().map(|it| reason(it, language)).collect::<Vec<_>>(),
        "rule": finding.source.text,
        "verified": finding.source.verified,
    })
}

fn reason(reason: &Reason, language: Language) -> Value {
    let test = match reason.test {
        Test::AtLeast => "at_least",
        Test::Above => "above",
        Test::AtMost => "at_most",
        Test::Below => "below",
    };
    json!({
        "measure": reason.measure.code(),
        "lead": reason.lead.map(Lead::name),
        "value": (reason.value * 1000.0).round() / 1000.0,
        "test": test,
        "limit": reason.limit,
        "text": language.reason(reason),
    })
}

fn whole(value: f64) -> f64 {
    value.round()
}

/// Microvolts are as fine as a lead can be measured.
fn fine(millivolts: f64) -> f64 {
    (millivolts * 1000.0).round() / 1000.0
}
