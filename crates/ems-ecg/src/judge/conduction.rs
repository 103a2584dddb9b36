//! PR, bundle branches, fascicles, axis and QT.

use super::{Case, Verdicts};
use crate::criteria::{Criteria, Source};
use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::lead::Lead;
use crate::measure::{LeadMeasures, Measurements, Missing};
use crate::report::Sex;

/// A wave is there from this on, in millivolts: what the measuring calls a wave.
const WAVE_MV: f64 = 0.03;

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let it = case.it;
    let pr = it.pr_ms.and_then(|pr| pr_interval(pr, criteria));
    verdicts.findings.extend(pr);
    let block = bundle_branch(it, criteria);
    let is_narrow = block.is_none() && it.qrs_ms < criteria.conduction.complete_from_ms;
    verdicts.findings.extend(block);
    let axis = it.axis_deg.and_then(|axis| axis_deviation(axis, criteria));
    verdicts.findings.extend(axis);
    if is_narrow {
        verdicts.findings.extend(fascicle(it, criteria));
    }
    qt(case, criteria, verdicts);
}

fn pr_interval(pr: f64, criteria: &Criteria) -> Option<Finding> {
    let rule = &criteria.pr;
    let long = Reason::of(Measure::Pr, pr, Test::Above, rule.first_degree_above_ms);
    let short = || Reason::of(Measure::Pr, pr, Test::Below, rule.short_below_ms);
    let long = long.map(|reason| (Statement::FirstDegreeBlock, reason));
    let (statement, reason) = long.or_else(|| Some((Statement::ShortPr, short()?)))?;
    Some(finding(statement, vec![], vec![reason], &rule.source))
}

pub(super) fn finding(
    statement: Statement,
    leads: Vec<Lead>,
    reasons: Vec<Reason>,
    source: &Source,
) -> Finding {
    Finding { statement, leads, reasons, source: source.clone() }
}

/// Right and left bundle branch block, or a delay of neither kind.
fn bundle_branch(it: &Measurements, criteria: &Criteria) -> Option<Finding> {
    let rule = &criteria.conduction;
    let wide = Reason::of(Measure::Qrs, it.qrs_ms, Test::AtLeast, rule.complete_from_ms);
    let Some(wide) = wide else {
        let wide = Reason::of(Measure::Qrs, it.qrs_ms, Test::AtLeast, rule.incomplete_from_ms)?;
        let reasons = [vec![wide], right_block(it, criteria)?].concat();
        let statement = Statement::IncompleteRightBundleBranchBlock;
        return Some(finding(statement, vec![], reasons, &rule.source));
    };
    let right = right_block(it, criteria).map(|why| (Statement::RightBundleBranchBlock, why));
    let left = || left_block(it).map(|why| (Statement::LeftBundleBranchBlock, why));
    let (statement, why) =
        right.or_else(left).unwrap_or((Statement::IntraventricularDelay, vec![]));
    Some(finding(statement, vec![], [vec![wide], why].concat(), &rule.source))
}

/// A last wave to the front and right: R' or an end above the line in V1 or V2, a broad S in I and
/// V6.
fn right_block(it: &Measurements, criteria: &Criteria) -> Option<Vec<Reason>> {
    let terminal = |lead| {
        let own = it.of(lead)?;
        let r2 = Reason::in_lead(lead, Measure::R2Voltage, own.r2_mv, Test::AtLeast, WAVE_MV);
        let last = || {
            Reason::in_lead(lead, Measure::Terminal, own.terminal_mv, Test::AtLeast, WAVE_MV)
                .filter(|_| own.r_mv > own.s_mv)
        };
        r2.filter(|_| own.terminal_mv > 0.0).or_else(last)
    };
    let front = terminal(Lead::V1).or_else(|| terminal(Lead::V2))?;
    let broad = |lead| {
        let own = it.of(lead)?;
        let limit = criteria.conduction.s_wave_from_ms;
        Reason::in_lead(lead, Measure::SDuration, own.s_ms, Test::AtLeast, limit)
    };
    Some(vec![front, broad(Lead::I)?, broad(Lead::V6)?])
}

/// A broad R without Q in I and V6, a mostly negative V1.
fn left_block(it: &Measurements) -> Option<Vec<Reason>> {
    let lateral = |lead| {
        let own = it.of(lead)?;
        let no_q = Reason::in_lead(lead, Measure::QVoltage, own.q_mv, Test::Below, WAVE_MV)?;
        let up = Reason::in_lead(lead, Measure::RVoltage, own.r_mv, Test::Above, own.s_mv)?;
        Some([no_q, up])
    };
    let v1 = it.of(Lead::V1)?;
    let deepest = v1.s_mv.max(v1.q_mv);
    let down = Reason::in_lead(Lead::V1, Measure::SVoltage, deepest, Test::Above, v1.r_mv)?;
    let last = Reason::in_lead(Lead::V1, Measure::Terminal, v1.terminal_mv, Test::Below, 0.0)?;
    let lateral = [lateral(Lead::I)?, lateral(Lead::V6)?].concat();
    Some([lateral, vec![down, last]].concat())
}

fn axis_deviation(axis: f64, criteria: &Criteria) -> Option<Finding> {
    let rule = &criteria.axis;
    let is_left = axis < rule.left_from && axis >= -90.0;
    let is_right = axis > rule.right_from;
    let (statement, test, limit) = match axis {
        _ if is_left => (Statement::LeftAxis, Test::Below, rule.left_from),
        _ if is_right => (Statement::RightAxis, Test::Above, rule.right_from),
        _ if axis < -90.0 => (Statement::ExtremeAxis, Test::Below, -90.0),
        _ => return None,
    };
    let reason = Reason::of(Measure::Axis, axis, test, limit)?;
    Some(finding(statement, vec![], vec![reason], &rule.source))
}

/// A block of the left bundle's front or back half.
fn fascicle(it: &Measurements, criteria: &Criteria) -> Option<Finding> {
    let axis = it.axis_deg?;
    let rule = &criteria.conduction;
    let is_qr = |own: &LeadMeasures| {
        own.q_mv >= WAVE_MV && own.q_mv < rule.fascicular_q_max_mv && own.r_mv > own.q_mv
    };
    let is_rs =
        |own: &LeadMeasures| own.r_mv >= WAVE_MV && own.s_mv > own.r_mv && own.q_mv < WAVE_MV;
    let front = Reason::of(Measure::Axis, axis, Test::AtMost, criteria.axis.fascicular_from);
    if let Some(front) = front.filter(|_| axis >= -90.0) {
        let avl = it.of(Lead::AVL).filter(|own| is_qr(own))?;
        let q = Reason::in_lead(Lead::AVL, Measure::QVoltage, avl.q_mv, Test::AtLeast, WAVE_MV)?;
        let late = rule.avl_peak_from_ms;
        let peak = Reason::in_lead(Lead::AVL, Measure::RPeak, avl.r_peak_ms, Test::AtLeast, late)?;
        let statement = Statement::LeftAnteriorFascicularBlock;
        return Some(finding(statement, vec![], vec![front, q, peak], &rule.source));
    }
    let back = Reason::of(Measure::Axis, axis, Test::Above, criteria.axis.right_from)?;
    let is_all = [Lead::I, Lead::AVL].iter().all(|lead| it.of(*lead).is_some_and(is_rs))
        && [Lead::III, Lead::AVF].iter().all(|lead| it.of(*lead).is_some_and(is_qr));
    let statement = Statement::LeftPosteriorFascicularBlock;
    is_all.then(|| finding(statement, vec![], vec![back], &rule.source))
}

fn qt(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let Some(qtc) = case.it.qtc.map(|qtc| qtc.fridericia_ms) else { return };
    let rule = &criteria.qt;
    let long_from = match case.patient.sex {
        Some(Sex::Female) => rule.long_from_women_ms,
        Some(Sex::Male) => rule.long_from_men_ms,
        None => {
            verdicts.missing.push(Missing::NoSex);
            rule.long_from_women_ms
        }
    };
    let long = Reason::of(Measure::Qtc, qtc, Test::AtLeast, long_from);
    let is_slow = case.it.heart_rate.is_some_and(|rate| rate <= rule.short_rate_max);
    let short = Reason::of(Measure::Qtc, qtc, Test::AtMost, rule.short_to_ms);
    let short = short.filter(|_| is_slow);
    let long = long.map(|why| finding(Statement::LongQt, vec![], vec![why], &rule.source));
    let short = short.map(|why| finding(Statement::ShortQt, vec![], vec![why], &rule.source));
    verdicts.findings.extend(long.or(short));
}
