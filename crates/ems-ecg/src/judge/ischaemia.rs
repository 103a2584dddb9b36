//! ST elevation and depression where the ventricles are activated in the usual way.

use super::conduction::finding;
use super::{Case, Verdicts};
use crate::criteria::{Criteria, StemiRule};
use crate::finding::{Measure, Reason, Statement, Test};
use crate::lead::Lead;
use crate::measure::{Measurements, Missing};
use crate::report::{Patient, Sex};

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    elevation(case, criteria, verdicts);
    depression(case.it, criteria, verdicts);
    if case.it.qrs_ms >= criteria.conduction.complete_from_ms {
        // A wide complex turns T, and ST of V1 to V3, by itself.
        return verdicts.missing.push(Missing::SecondaryT);
    }
    posterior(case.it, criteria, verdicts);
    inversion(case.it, criteria, verdicts);
}

fn elevation(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let rule = &criteria.stemi;
    let elevated = |lead: Lead, limit: f64| {
        let own = case.it.of(lead)?;
        Reason::in_lead(lead, Measure::StJ, own.st_j_mv, Test::AtLeast, limit)
    };
    let known = neighbours(|lead| elevated(lead, limit(rule, lead, case.patient).0));
    let least = neighbours(|lead| elevated(lead, limit(rule, lead, case.patient).1));
    // A lower limit that age or sex might set would have found more.
    if least.len() > known.len() {
        verdicts.missing.push(Missing::NoAgeOrSex);
    }
    if !known.is_empty() {
        let leads = known.iter().filter_map(|reason| reason.lead).collect();
        let statement = Statement::StElevationInfarction;
        verdicts.findings.push(finding(statement, leads, known, &rule.source));
    }
}

/// The limit that holds for the patient, the highest one where age or sex leave it open; and the
/// lowest one that may hold.
fn limit(rule: &StemiRule, lead: Lead, patient: Patient) -> (f64, f64) {
    if !matches!(lead, Lead::V2 | Lead::V3) {
        return (rule.elevation_from_mv, rule.elevation_from_mv);
    }
    let of_man = |age: u8| {
        if age < rule.young_below_years { rule.young_men_from_mv } else { rule.men_from_mv }
    };
    match (patient.sex, patient.age) {
        (Some(Sex::Female), _) => (rule.women_from_mv, rule.women_from_mv),
        (Some(Sex::Male), Some(age)) => (of_man(age), of_man(age)),
        (Some(Sex::Male), None) => (rule.young_men_from_mv, rule.men_from_mv),
        (None, Some(age)) => (of_man(age), rule.women_from_mv),
        (None, None) => (rule.young_men_from_mv, rule.women_from_mv),
    }
}

/// Reasons of leads that hold in at least one neighbour, too.
fn neighbours(reason: impl Fn(Lead) -> Option<Reason>) -> Vec<Reason> {
    let mut held = vec![];
    for row in Lead::NEIGHBOURS {
        let reasons: Vec<Option<Reason>> = row.iter().map(|lead| reason(*lead)).collect();
        let is_held = |idx: usize| reasons.get(idx).is_some_and(Option::is_some);
        let in_pair = |idx: usize| is_held(idx + 1) || idx.checked_sub(1).is_some_and(is_held);
        held.extend(
            reasons.iter().enumerate().filter(|(idx, _)| in_pair(*idx)).filter_map(|it| *it.1),
        );
    }
    held
}

/// Horizontal or downsloping: at J and no higher 60 ms later.
fn depression(it: &Measurements, criteria: &Criteria, verdicts: &mut Verdicts) {
    let rule = &criteria.depression;
    let depressed = |lead: Lead| {
        let own = it.of(lead)?;
        let limit = -rule.depression_from_mv;
        let is_sloping_up = own.st_60_mv > own.st_j_mv.max(limit);
        let reason = Reason::in_lead(lead, Measure::StJ, own.st_j_mv, Test::AtMost, limit);
        reason.filter(|_| !is_sloping_up)
    };
    let reasons = neighbours(depressed);
    if !reasons.is_empty() {
        let leads = reasons.iter().filter_map(|reason| reason.lead).collect();
        verdicts.findings.push(finding(Statement::StDepression, leads, reasons, &rule.source));
    }
}

/// Horizontal depression in V1 to V3 with an upright T wave.
fn posterior(it: &Measurements, criteria: &Criteria, verdicts: &mut Verdicts) {
    if verdicts.has(Statement::StElevationInfarction) {
        return;
    }
    let rule = &criteria.posterior;
    let of_lead = |lead: Lead| {
        let own = it.of(lead)?;
        let limit = -rule.depression_from_mv;
        let st = Reason::in_lead(lead, Measure::StJ, own.st_j_mv, Test::AtMost, limit)?;
        let later = Reason::in_lead(lead, Measure::St60, own.st_60_mv, Test::AtMost, limit)?;
        let t = Reason::in_lead(lead, Measure::TVoltage, own.t_mv?, Test::Above, 0.0)?;
        Some([st, later, t])
    };
    let of_leads: Vec<_> = [Lead::V1, Lead::V2, Lead::V3].into_iter().filter_map(of_lead).collect();
    if of_leads.len() >= 2 {
        let leads = of_leads.iter().filter_map(|reasons| reasons[0].lead).collect();
        let statement = Statement::PosteriorInfarction;
        verdicts.findings.push(finding(statement, leads, of_leads.concat(), &rule.source));
    }
}

/// T inversion where R is prominent.
fn inversion(it: &Measurements, criteria: &Criteria, verdicts: &mut Verdicts) {
    let rule = &criteria.depression;
    let inverted = |lead: Lead| {
        let own = it.of(lead).filter(|own| own.is_mostly_up())?;
        let limit = -rule.inversion_above_mv;
        Reason::in_lead(lead, Measure::TVoltage, own.t_mv?, Test::Below, limit)
    };
    let reasons = neighbours(inverted);
    if !reasons.is_empty() {
        let leads = reasons.iter().filter_map(|reason| reason.lead).collect();
        verdicts.findings.push(finding(Statement::TInversion, leads, reasons, &rule.source));
    }
}
