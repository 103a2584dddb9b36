//! ST elevation where the left bundle branch is blocked or the ventricles are paced.

use super::conduction::finding;
use super::{Case, Verdicts};
use crate::criteria::Criteria;
use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::lead::Lead;
use crate::measure::{LeadMeasures, Measurements};

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    let concordant = concordant(case.it, criteria);
    verdicts.findings.extend(original(case.it, criteria, &concordant));
    verdicts.findings.extend(smith(case.it, criteria, &concordant));
}

/// ST that goes the way of the complex: elevation in any lead (5 points), depression in V1 to V3
/// (3 points).
struct Concordant {
    elevations: Vec<Reason>,
    depressions: Vec<Reason>,
}

fn concordant(it: &Measurements, criteria: &Criteria) -> Concordant {
    let rule = &criteria.sgarbossa;
    let up = |(lead, own): &(Lead, LeadMeasures)| {
        let limit = rule.concordant_elevation_from_mv;
        let reason = Reason::in_lead(*lead, Measure::StJ, own.st_j_mv, Test::AtLeast, limit);
        reason.filter(|_| own.is_mostly_up())
    };
    let down = |(lead, own): &(Lead, LeadMeasures)| {
        let limit = -rule.concordant_depression_from_mv;
        let is_front = matches!(lead, Lead::V1 | Lead::V2 | Lead::V3);
        let reason = Reason::in_lead(*lead, Measure::StJ, own.st_j_mv, Test::AtMost, limit);
        reason.filter(|_| is_front && !own.is_mostly_up())
    };
    Concordant {
        elevations: it.leads.iter().filter_map(up).collect(),
        depressions: it.leads.iter().filter_map(down).collect(),
    }
}

fn original(it: &Measurements, criteria: &Criteria, concordant: &Concordant) -> Option<Finding> {
    let rule = &criteria.sgarbossa;
    let against = |(lead, own): &(Lead, LeadMeasures)| {
        let limit = rule.discordant_elevation_from_mv;
        let reason = Reason::in_lead(*lead, Measure::StJ, own.st_j_mv, Test::AtLeast, limit);
        reason.filter(|_| !own.is_mostly_up())
    };
    let discordant: Vec<Reason> = it.leads.iter().filter_map(against).collect();
    let groups =
        [(5.0, &concordant.elevations), (3.0, &concordant.depressions), (2.0, &discordant)];
    let points = groups.iter().filter(|(_, group)| !group.is_empty()).map(|(points, _)| points);
    let points = Reason::of(Measure::Points, points.sum(), Test::AtLeast, rule.points_from)?;
    let reasons: Vec<Reason> = groups.iter().flat_map(|(_, group)| group.iter().copied()).collect();
    let leads = leads_of(&reasons);
    let reasons = [vec![points], reasons].concat();
    Some(finding(Statement::SgarbossaInfarction, leads, reasons, &rule.source))
}

/// Discordant elevation counts by its share of the S wave.
fn smith(it: &Measurements, criteria: &Criteria, concordant: &Concordant) -> Option<Finding> {
    let rule = &criteria.sgarbossa;
    let excessive = |(lead, own): &(Lead, LeadMeasures)| {
        let depth = own.s_mv.max(own.q_mv);
        let is_there = own.st_j_mv >= rule.ratio_elevation_from_mv && depth > 0.0;
        let ratio = own.st_j_mv / depth;
        let reason =
            Reason::in_lead(*lead, Measure::StOverS, ratio, Test::AtLeast, rule.ratio_from);
        reason.filter(|_| is_there && !own.is_mostly_up())
    };
    let groups = [&concordant.elevations, &concordant.depressions];
    let reasons = groups.into_iter().flatten().copied();
    let reasons: Vec<Reason> = reasons.chain(it.leads.iter().filter_map(excessive)).collect();
    let statement = Statement::SmithInfarction;
    (!reasons.is_empty()).then(|| finding(statement, leads_of(&reasons), reasons, &rule.source))
}

fn leads_of(reasons: &[Reason]) -> Vec<Lead> {
    let mut leads: Vec<Lead> = reasons.iter().filter_map(|reason| reason.lead).collect();
    leads.sort_unstable();
    leads.dedup();
    leads
}
