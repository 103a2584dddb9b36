//! What lies between two stops.

use ems_roads::{ArcStretch, Roads};

use crate::chain::{Chain, Leg};
use crate::span::{Span, SpanRules};

/// A drive from one stop, or the start of its chain, to the next, or the chain's end.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// From fix to fix, at least one; the first starts when the unit left.
    legs: Vec<Leg>,
}

/// Parts a matched chain where its unit stood.
pub fn drives(roads: &Roads, chain: &Chain, rules: &SpanRules) -> Vec<Drive> {
    let legs = chain.legs(roads);
    let stays = stays(&legs, rules);
    let mut all = vec![Vec::new()];
    for (leg, stays) in legs.into_iter().zip(stays) {
        let stood = leg.from.left.since(leg.from.fix.at) > rules.stop_min;
        if stays || stood {
            all.push(Vec::new());
        }
        if let Some(open) = all.last_mut().filter(|_| !stays) {
            open.push(leg);
        }
    }
    all.into_iter().filter_map(Drive::of).collect()
}

/// Which legs are of runs that lead nowhere for too long.
fn stays(legs: &[Leg], rules: &SpanRules) -> Vec<bool> {
    let mut stays = vec![false; legs.len()];
    let mut first = 0;
    while first < legs.len() {
        let run = &legs[first..first + n_staying(&legs[first..], rules)];
        let took = run.last().map(|last| run[0].from.fix.until(&last.to.fix));
        if took.is_some_and(|took| took > rules.stop_min) {
            stays[first..first + run.len()].fill(true);
            first += run.len();
        } else {
            first += 1;
        }
    }
    stays
}

/// How many legs stay within a few metres of the fix where the first starts.
fn n_staying(legs: &[Leg], rules: &SpanRules) -> usize {
    let stays = |leg: &&Leg| legs[0].from.fix.metres_to(&leg.to.fix) < rules.stay_metres;
    legs.iter().take_while(stays).count()
}

impl Drive {
    fn of(mut legs: Vec<Leg>) -> Option<Self> {
        let first = legs.first_mut()?;
        first.from.fix.at = first.from.left;
        Some(Self { legs })
    }

    /// Its length, metres.
    pub fn metres(&self, roads: &Roads) -> f64 {
        metres(roads, &self.legs)
    }

    /// Its speed observations.
    pub fn spans(&self, roads: &Roads, rules: &SpanRules, utc_offset_mins: i32) -> Vec<Span> {
        let mut all = Vec::new();
        let mut open = 0;
        for end in 1..=self.legs.len() {
            let is_last = end == self.legs.len();
            if is_last || metres(roads, &self.legs[open..end]) >= rules.metres_min {
                all.extend(span(roads, &self.legs[open..end], rules, utc_offset_mins));
                open = end;
            }
        }
        all
    }

    /// The way that the engine gives from its start to its end, in the time that it took.
    pub fn asked(&self, roads: &Roads, utc_offset_mins: i32) -> Option<Span> {
        let (first, last) = (self.legs.first()?, self.legs.last()?);
        let way = roads.drive_between(&first.from.point, &last.to.point)?;
        let span = Span::of([first.from.fix.at, last.to.fix.at], &way, utc_offset_mins);
        (span.seconds > 0.0 && !span.parts.is_empty()).then_some(span)
    }
}

fn span(roads: &Roads, legs: &[Leg], rules: &SpanRules, utc_offset_mins: i32) -> Option<Span> {
    let times = [legs.first()?.from.fix.at, legs.last()?.to.fix.at];
    let stretches: Vec<ArcStretch> = legs.iter().flat_map(|leg| leg.stretches.clone()).collect();
    let span = Span::of(times, &stretches, utc_offset_mins);
    let is_driven = metres(roads, legs) * 3.6 >= rules.kmh_min * span.seconds;
    (is_driven && span.seconds > 0.0 && !span.parts.is_empty()).then_some(span)
}

fn metres(roads: &Roads, legs: &[Leg]) -> f64 {
    legs.iter().map(|leg| leg.metres(roads)).sum()
}
