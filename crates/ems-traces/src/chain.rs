//! Whole traces: chains of matched fixes, and the drives between them.

use ems_roads::{ArcStretch, Lengths, Roads};

use crate::fix::Fix;
use crate::matcher::{BreakReason, MatchedFix, Matcher, NotLater, Step};
use crate::model::MatchModel;

/// A part of a trace that one drive explains.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The matched fixes, oldest first: at least one.
    pub fixes: Vec<MatchedFix>,
    /// Why it ends.
    pub ended: BreakReason,
}

/// The drive from one matched fix to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Leg {
    /// Where it starts.
    pub from: MatchedFix,
    /// Where it ends.
    pub to: MatchedFix,
    /// The fastest drive between them.
    pub stretches: Vec<ArcStretch>,
}

/// Matches a whole trace.
///
/// `fixes`: of one unit, oldest first. Cost: as [`Matcher::push`] for each fix.
pub fn match_trace(
    roads: &Roads,
    lengths: &Lengths,
    model: MatchModel,
    fixes: &[Fix],
) -> Result<Vec<Chain>, NotLater> {
    let mut matcher = Matcher::new(roads, lengths, model, None);
    let mut steps = Vec::new();
    for &fix in fixes {
        steps.extend(matcher.push(fix)?);
    }
    steps.extend(matcher.finish());
    Ok(chains(steps))
}

/// Parts steps where they break.
pub fn chains(steps: impl IntoIterator<Item = Step>) -> Vec<Chain> {
    let mut open = Vec::new();
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::On(fix) => open.push(fix),
            Step::Broken(ended) => all.push(Chain { fixes: std::mem::take(&mut open), ended }),
        }
    }
    all.retain(|chain| !chain.fixes.is_empty());
    all
}

impl Chain {
    /// The drives from fix to fix, by the speeds of `roads`.
    pub fn legs(&self, roads: &Roads) -> Vec<Leg> {
        let leg = |pair: &[MatchedFix]| {
            let stretches = roads.drive_between(&pair[0].point, &pair[1].point)?;
            Some(Leg { from: pair[0], to: pair[1], stretches })
        };
        self.fixes.windows(2).filter_map(leg).collect()
    }
}

impl Leg {
    /// Its length, metres.
    pub fn metres(&self, roads: &Roads) -> f64 {
        let metres = |s: &ArcStretch| (s.to - s.from) * roads.arc_metres(s.arc);
        self.stretches.iter().map(metres).sum()
    }
}
