//! Voltages of left ventricular hypertrophy.

use super::conduction::finding;
use super::{Case, Verdicts};
use crate::criteria::Criteria;
use crate::finding::{Measure, Reason, Statement, Test};
use crate::lead::Lead;
use crate::report::Sex;

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let rule = &criteria.voltage;
    let it = case.it;
    let r = |lead| it.of(lead).map(|own| own.r_mv.max(own.r2_mv));
    let s = |lead| it.of(lead).map(|own| own.s_mv.max(own.q_mv));
    let tallest = || Some(r(Lead::V5)?.max(r(Lead::V6)?));
    let sokolow = s(Lead::V1).and_then(|s| Some(s + tallest()?));
    let cornell = r(Lead::AVL).and_then(|r| Some(r + s(Lead::V3)?));
    let cornell_above = case.patient.sex.map(|sex| match sex {
        Sex::Female => rule.cornell_above_women_mv,
        Sex::Male => rule.cornell_above_men_mv,
    });
    let reasons = [
        sokolow.and_then(|sum| {
            Reason::of(Measure::SokolowLyon, sum, Test::AtLeast, rule.sokolow_lyon_from_mv)
        }),
        r(Lead::AVL).and_then(|r| {
            Reason::in_lead(Lead::AVL, Measure::RVoltage, r, Test::AtLeast, rule.avl_from_mv)
        }),
        cornell
            .zip(cornell_above)
            .and_then(|(sum, above)| Reason::of(Measure::Cornell, sum, Test::Above, above)),
    ];
    let reasons: Vec<Reason> = reasons.into_iter().flatten().collect();
    if !reasons.is_empty() {
        let statement = Statement::LeftVentricularVoltage;
        verdicts.findings.push(finding(statement, vec![], reasons, &rule.source));
    }
}
