//! Which unit to send, and why.

use ems_model::{
    CrewState, IncidentId, Millis, StationId, Timestamp, UnitCandidate, UnitId, UnitKind,
    UnitReason, UnitState,
};

use crate::dispatch::{Candidate, ordinal};
use crate::diversion::{Diversions, Errand};
use crate::doctrine::UnitRule;
use crate::policy::{Policy, UnitPolicy};
use crate::relocation_policy::minutes;
use crate::weighing::{Loss, Outlook, Weighing};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitQuery {
    /// The present time.
    pub now: Timestamp,
    /// The priority's rank, 1 the most urgent.
    pub rank: u8,
    /// The priority's response target, where it has one.
    pub target: Option<Millis>,
    /// Since the phone rang.
    pub waited: Millis,
    /// What the complaint needs.
    pub needs: UnitKind,
    /// How long the unit will be bound from its arrival on scene.
    pub expected_call: Millis,
}

impl UnitQuery {
    /// What is left of the target; below zero where it has passed.
    pub(crate) fn left(&self) -> Option<Millis> {
        self.target.map(|target| target - self.waited)
    }
}

/// A unit as the service knows it now.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitFacts {
    /// Its call sign.
    pub id: UnitId,
    /// What it can do.
    pub kind: UnitKind,
    /// What it is doing.
    pub state: UnitState,
    /// Whether its crew may be sent.
    pub crew: CrewState,
    /// Its drive to the scene, turning out not included; `None` where no road leads, or where
    /// nobody asked because it is busy or off duty.
    pub eta: Option<Millis>,
    /// Between which times four of five such drives end, turning out not included; `None` where
    /// nobody has learnt that.
    pub likely: Option<[Millis; 2]>,
    /// The age of its position; `None` if it never reported one and its home is assumed.
    pub position_age: Option<Millis>,
    /// The station whose area it covers.
    pub station: Option<StationId>,
    /// Who covers that area if it leaves.
    pub next_cover: NextCover,
    /// The rank of the call that it is with; `None` without one, or if it is the one asked about.
    pub call_rank: Option<u8>,
    /// Expected cover that goes with it, as a share of all demand, 0..=1; `None` where nobody
    /// counted it.
    pub cover_lost: Option<f64>,
    /// How the call that it leaves would fare; `None` for a free unit, and where nobody asked.
    pub loss: Option<Loss>,
    /// When the break that its crew is owed is missed; `None` where none is owed.
    pub meal_due: Option<Timestamp>,
    /// What is left of its range and the reserve, kilometres, where no more is left.
    pub range_low: Option<[u32; 2]>,
}

/// Who covers a unit's station if it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextCover {
    /// Nobody asked.
    NotWeighed,
    /// No other unit is available.
    Nobody,
    /// The nearest other available unit drives this long to the station.
    Within(Millis),
}

/// What a unit costs that no road leads from: a day.
const NO_ROAD: Millis = Millis::from_mins(24 * 60);

/// Weighs every unit, best first: those that can be sent before those that cannot, then as the
/// policy's rule of dispatch picks, then by cost, drive and call sign, so that the order is total
/// and the same on every run.
///
/// To that rule the cost is a unit's time, and a unit is there in time if its cost is within what
/// is left of the target: one that lacks what the call needs is thereby late. A rule that weighs
/// calls takes the cost for the drive likewise.
pub fn rank_units(query: &UnitQuery, units: &[UnitFacts], policy: &Policy) -> Vec<UnitCandidate> {
    let mut weighed = weigh_units(query, units, policy);
    tell_harm(&mut weighed, query, policy);
    sorted(weighed, query, policy).map(|(candidate, _)| candidate).collect()
}

/// A unit, and what the policy's rule of dispatch weighs beside its time: the cover that goes with
/// it or, where calls are weighed, what sending it costs others.
pub(crate) type Weighed = (UnitCandidate, f64);

/// Weighs every unit, in the order of `units`.
pub(crate) fn weigh_units(query: &UnitQuery, units: &[UnitFacts], policy: &Policy) -> Vec<Weighed> {
    let diversions = policy.diversions();
    let meal_due = policy.crews.map_or(Millis::ZERO, |crews| crews.meal_due);
    let weigh = |facts: &UnitFacts| {
        let mut candidate = weigh(query, facts, &policy.units, &diversions);
        if let Some(closes) = facts.meal_due.filter(|_| candidate.is_eligible) {
            against(&mut candidate, UnitReason::MealDue { closes }, meal_due);
        }
        candidate
    };
    let mut candidates: Vec<_> = units.iter().map(weigh).collect();
    mark_nearest(&mut candidates);
    let beside = units.iter().map(|facts| match &policy.dispatch.rule {
        UnitRule::Pick(rule) => {
            let errand = Errand::of(facts.state, facts.call_rank.unwrap_or(0));
            rule.cover_lost(errand, || facts.cover_lost.unwrap_or(0.0))
        }
        UnitRule::Weigh(weighing) => {
            weighing.elsewhere(facts.cover_lost.unwrap_or(0.0), facts.loss)
        }
    });
    candidates.into_iter().zip(beside).collect()
}

/// Tells what it costs all calls at hand to send each unit that may be sent, by a rule that weighs
/// them.
pub(crate) fn tell_harm(weighed: &mut [Weighed], query: &UnitQuery, policy: &Policy) {
    let UnitRule::Weigh(weighing) = &policy.dispatch.rule else { return };
    for (candidate, beside) in weighed.iter_mut().filter(|it| it.0.is_eligible) {
        let milli = thousandths(harm(weighing, query, candidate.cost, *beside));
        candidate.cons.push(UnitReason::Harm { measure: weighing.measure(), milli });
    }
}

/// What it costs all calls at hand to send a unit of this cost.
pub(crate) fn harm(weighing: &Weighing, query: &UnitQuery, cost: i64, beside: f64) -> f64 {
    let call = Outlook {
        rank: query.rank,
        response: minutes(query.waited + Millis::new(cost)),
        target: query.target.map_or(f64::INFINITY, minutes),
    };
    weighing.harm(call) + beside
}

/// Where a unit stands in a ranking: the first fields decide.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Standing<'a> {
    is_excluded: bool,
    by_rule: (bool, i64),
    cost: i64,
    eta: Millis,
    unit: &'a UnitId,
    idx: usize,
}

impl<'a> Standing<'a> {
    fn of(idx: usize, weighed: &'a Weighed, query: &UnitQuery, policy: &Policy) -> Self {
        let (candidate, beside) = weighed;
        let by_rule = match &policy.dispatch.rule {
            UnitRule::Pick(rule) => rule.key(&to_pick(weighed, query.left())),
            UnitRule::Weigh(weighing) => {
                (false, ordinal(harm(weighing, query, candidate.cost, *beside)))
            }
        };
        let eta = candidate.eta.unwrap_or(NO_ROAD);
        let (is_excluded, cost, unit) = (!candidate.is_eligible, candidate.cost, &candidate.unit);
        Self { is_excluded, by_rule, cost, eta, unit, idx }
    }
}

/// The units in the order of [`rank_units`]. What is sorted is small; a unit is moved once.
pub(crate) fn sorted(
    weighed: Vec<Weighed>,
    query: &UnitQuery,
    policy: &Policy,
) -> impl Iterator<Item = Weighed> + use<> {
    let all = weighed.iter().enumerate();
    let mut standings: Vec<_> =
        all.map(|(idx, weighed)| Standing::of(idx, weighed, query, policy)).collect();
    standings.sort_unstable();
    let order: Vec<usize> = standings.into_iter().map(|it| it.idx).collect();
    let mut weighed: Vec<_> = weighed.into_iter().map(Some).collect();
    order.into_iter().map(move |idx| weighed[idx].take().expect("each stands once"))
}

/// A weighed unit as the rule of dispatch sees it: one that takes no patient covers nothing, and is
/// picked alone only where no other is in time.
fn to_pick((candidate, cover_lost): &Weighed, left: Option<Millis>) -> Candidate<(), i64> {
    let time = candidate.cost;
    let is_in_time = left.is_some_and(|left| time <= left.get());
    let can_transport = candidate.kind.can_transport();
    let cover_lost = if can_transport { *cover_lost } else { f64::INFINITY };
    Candidate { unit: (), time, is_in_time, cover_lost }
}

fn mark_nearest(candidates: &mut [UnitCandidate]) {
    let etas = candidates.iter().filter(|candidate| candidate.is_eligible);
    let Some(nearest) = etas.filter_map(|candidate| candidate.eta).min() else { return };
    for candidate in candidates {
        if candidate.is_eligible && candidate.eta == Some(nearest) {
            candidate.pros.insert(0, UnitReason::Nearest);
        }
    }
}

fn weigh(
    query: &UnitQuery,
    facts: &UnitFacts,
    policy: &UnitPolicy,
    diversions: &Diversions,
) -> UnitCandidate {
    let eta = facts.eta.map(|drive| drive + policy.turn_out);
    let likely = facts.likely.map(|ends| ends.map(|drive| drive + policy.turn_out));
    let mut candidate = UnitCandidate {
        unit: facts.id.clone(),
        kind: facts.kind,
        eta,
        likely,
        cost: eta.unwrap_or(NO_ROAD).get(),
        is_eligible: true,
        pros: Vec::new(),
        cons: Vec::new(),
    };
    let is_available = matches!(facts.state, UnitState::Available { .. });
    if let Some([left_km, reserve_km]) = facts.range_low.filter(|_| is_available) {
        exclude(&mut candidate, UnitReason::RangeLow { left_km, reserve_km });
        return candidate;
    }
    match (facts.state, eta) {
        (UnitState::OffDuty, _) => exclude(&mut candidate, UnitReason::OffDuty),
        (UnitState::Engaged { incident, .. }, _) if !may_leave(query, facts, diversions) => {
            exclude(&mut candidate, UnitReason::Busy { incident });
        }
        (UnitState::Lent { until }, _) => exclude(&mut candidate, UnitReason::Lent { until }),
        (_, None) => exclude(&mut candidate, UnitReason::Unreachable),
        (_, Some(eta)) => {
            weigh_drive(&mut candidate, query, eta);
            weigh_capability(&mut candidate, query, policy);
            weigh_position(&mut candidate, facts, policy);
            weigh_crew(&mut candidate, query, facts, policy, eta);
            weigh_cover(&mut candidate, query, facts, policy);
            weigh_diversion(&mut candidate, facts, policy);
        }
    }
    candidate
}

/// Whether the call that a unit is with may lose it to the one asked about.
fn may_leave(query: &UnitQuery, facts: &UnitFacts, diversions: &Diversions) -> bool {
    let errand = facts.call_rank.map(|rank| Errand::of(facts.state, rank));
    errand.is_some_and(|errand| diversions.lets(errand, query.rank))
}

fn weigh_diversion(candidate: &mut UnitCandidate, facts: &UnitFacts, policy: &UnitPolicy) {
    if let (UnitState::Engaged { incident, .. }, Some(rank)) = (facts.state, facts.call_rank) {
        against(candidate, UnitReason::DivertedFrom { incident, rank }, policy.diversion);
        candidate.cons.extend(facts.loss.map(|loss| call_loses(incident, &loss)));
    }
}

/// How the call that a unit leaves would fare, as a person is told it.
fn call_loses(incident: IncidentId, loss: &Loss) -> UnitReason {
    let after = loss.after.map(of_minutes);
    UnitReason::CallLoses { incident, now: of_minutes(loss.before.response), then: after }
}

fn weigh_drive(candidate: &mut UnitCandidate, query: &UnitQuery, eta: Millis) {
    match query.target {
        Some(target) if eta <= target => {
            candidate.pros.push(UnitReason::WithinTarget { eta, target });
            if let Some([_, last]) = candidate.likely.filter(|[_, last]| *last > target) {
                candidate.cons.push(UnitReason::MayBeLate { last, target });
            }
        }
        // The drive itself is in the cost already.
        Some(target) => candidate.cons.push(UnitReason::TooFar { eta, target }),
        None => {}
    }
}

fn weigh_capability(candidate: &mut UnitCandidate, query: &UnitQuery, policy: &UnitPolicy) {
    let (has, needs) = (candidate.kind, query.needs);
    let penalty = kind_penalty(query, has, needs, policy);
    if level(has) < level(needs) {
        return against(candidate, UnitReason::WrongCapability { has, needs }, penalty);
    }
    candidate.pros.push(UnitReason::RightCapability { has });
    if level(has) > level(needs) && !is_urgent(query, policy) {
        against(candidate, UnitReason::MoreThanNeeded { has, needs }, penalty);
    }
}

/// What it costs to send a kind where another is needed.
pub(crate) fn kind_penalty(
    query: &UnitQuery,
    has: UnitKind,
    needs: UnitKind,
    policy: &UnitPolicy,
) -> Millis {
    let below = level(needs) - level(has);
    let step = match (below > 0, is_urgent(query, policy)) {
        (true, true) => policy.wrong_capability_urgent,
        (true, false) => policy.wrong_capability,
        (false, true) => Millis::ZERO,
        (false, false) => policy.more_than_needed,
    };
    Millis::new(step.get() * below.abs())
}

fn weigh_position(candidate: &mut UnitCandidate, facts: &UnitFacts, policy: &UnitPolicy) {
    let limit = policy.position_fresh;
    match facts.position_age {
        None => against(candidate, UnitReason::NoPosition, policy.no_position),
        Some(age) if age > limit => {
            against(candidate, UnitReason::StalePosition { age, limit }, policy.stale_position);
        }
        Some(_) => {}
    }
}

fn weigh_crew(
    candidate: &mut UnitCandidate,
    query: &UnitQuery,
    facts: &UnitFacts,
    policy: &UnitPolicy,
    eta: Millis,
) {
    let shift_until = match facts.crew {
        CrewState::OnShift { until } => until,
        CrewState::Resting { until, shift_until } => {
            if until > query.now {
                weigh_rest(candidate, query, policy, until);
            }
            shift_until
        }
    };
    if query.now + eta + query.expected_call > shift_until {
        against(candidate, UnitReason::ShiftEnds { at: shift_until }, policy.shift_ends);
    }
}

fn weigh_rest(
    candidate: &mut UnitCandidate,
    query: &UnitQuery,
    policy: &UnitPolicy,
    until: Timestamp,
) {
    against(candidate, UnitReason::CrewRest { until }, policy.crew_rest);
    candidate.is_eligible = is_urgent(query, policy);
}

fn weigh_cover(
    candidate: &mut UnitCandidate,
    query: &UnitQuery,
    facts: &UnitFacts,
    policy: &UnitPolicy,
) {
    if let Some(share) = facts.cover_lost {
        candidate.cons.push(UnitReason::CoverLost { share_ppm: ppm(share) });
    }
    let next_cover = match facts.next_cover {
        NextCover::NotWeighed => return,
        NextCover::Within(drive) if drive <= policy.cover_limit => return,
        NextCover::Within(drive) => Some(drive),
        NextCover::Nobody => None,
    };
    let Some(station) = facts.station.clone() else { return };
    let penalty = if is_urgent(query, policy) { Millis::ZERO } else { policy.uncover_area };
    against(candidate, UnitReason::WouldUncoverArea { station, next_cover }, penalty);
}

/// A share as a person is told it, millionths.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is clamped to 0..=1 first"
)]
pub fn ppm(share: f64) -> u32 {
    (share.clamp(0.0, 1.0) * 1e6).round() as u32
}

/// Minutes as a person is told them.
#[expect(clippy::cast_possible_truncation, reason = "a response takes some hours")]
fn of_minutes(minutes: f64) -> Millis {
    Millis::new((minutes * 60_000.0).round() as i64)
}

/// A number of calls or lives as a person is told it.
#[expect(clippy::cast_possible_truncation, reason = "clamped first")]
pub fn thousandths(harm: f64) -> i32 {
    (harm * 1000.0).clamp(-1e9, 1e9).round() as i32
}

fn is_urgent(query: &UnitQuery, policy: &UnitPolicy) -> bool {
    query.rank <= policy.urgent_rank_max
}

fn level(kind: UnitKind) -> i64 {
    match kind {
        UnitKind::Drone => -1,
        UnitKind::Bls => 0,
        UnitKind::Als => 1,
        UnitKind::Physician | UnitKind::DoctorCar => 2,
    }
}

fn against(candidate: &mut UnitCandidate, reason: UnitReason, penalty: Millis) {
    candidate.cost += penalty.get();
    candidate.cons.push(reason);
}

fn exclude(candidate: &mut UnitCandidate, reason: UnitReason) {
    candidate.is_eligible = false;
    candidate.cons.push(reason);
}
