//! Where a free unit waits.

use ems_dispatch::{RelocationRule, ppm};
use ems_model::{CrewState, Event, PostReason, StationId, Timestamp, Unit, UnitId};

use crate::centre::Centre;
use crate::checks::check_reason;
use crate::ledger::Happening;
use crate::recommend::is_free;
use crate::rejection::Rejection;

/// The station that the policy in force names for a unit, and why.
struct Advice {
    station: StationId,
    why: PostReason,
}

impl Centre {
    /// Where a unit that has just become free, or whose crew rests, is to wait, if it is to be
    /// told: under a policy that moves no units only if it waits away from home.
    pub(crate) fn post_freed(&self, now: Timestamp, unit: &UnitId) -> Option<Happening> {
        let unit = &self.ledger.units[unit].unit;
        if !is_free(unit) {
            return None;
        }
        let advice = self.advise_post(now, unit)?;
        let is_moving = !is_homeward(&advice.why);
        let is_away = unit.waits_at() != Some(&advice.station);
        let mut reasons = vec![advice.why];
        let closes = self.meal_due(now, &unit.id);
        reasons.extend(closes.map(|closes| PostReason::MealDue { closes }));
        let event = self.posted(unit, advice.station, reasons, None);
        (is_moving || is_away).then_some(Happening { at: now, event })
    }

    /// A person, or the advice itself, tells a free unit where to wait.
    pub(crate) fn post_unit(
        &self,
        now: Timestamp,
        unit: &UnitId,
        station: &StationId,
        overrule: Option<&str>,
    ) -> Result<Event, Rejection> {
        check_reason("overrule", overrule)?;
        let unit = &self.unit_record(unit)?.unit;
        self.check_station(Some(station))?;
        let mut reasons = self.cover_gained(unit, station).into_iter().collect::<Vec<_>>();
        let advice = self.advise_post(now, unit);
        if let Some(advice) = advice.filter(|advice| advice.station != *station) {
            if overrule.is_none() {
                let (unit, best) = (unit.id.clone(), advice.station);
                return Err(Rejection::PostNeedsReason { unit, station: station.clone(), best });
            }
            let share_ppm = match advice.why {
                PostReason::CoverGained { share_ppm } => Some(share_ppm),
                _ => None,
            };
            reasons.push(PostReason::BetterAt { station: advice.station, share_ppm });
        }
        Ok(self.posted(unit, station.clone(), reasons, overrule.map(str::to_owned)))
    }

    pub(crate) fn posted(
        &self,
        unit: &Unit,
        station: StationId,
        reasons: Vec<PostReason>,
        overrule: Option<String>,
    ) -> Event {
        let (unit, policy) = (unit.id.clone(), self.policy().name.clone());
        Event::UnitPosted { unit, station, policy, reasons, overrule }
    }

    /// `None` for a unit without a home station under a policy that moves no units, and in a city
    /// without stations.
    fn advise_post(&self, now: Timestamp, unit: &Unit) -> Option<Advice> {
        if let Some(why) = self.why_home(now, unit) {
            return Some(Advice { station: unit.station.clone()?, why });
        }
        let waiting = self.waiting(|other| other.id != unit.id);
        let wanted = waiting.relocation(self.policy()).station_wanted();
        let own = || self.traffic.places().reach.station(unit.waits_at()?);
        let station = self.city.stations.get(wanted.or_else(own)?)?.id.clone();
        let why = match &self.policy().relocation.rule {
            _ if wanted.is_none() => PostReason::Stays,
            RelocationRule::Nested | RelocationRule::Multi { .. } => {
                PostReason::TableWants { n_free: number(waiting.n_units() + 1) }
            }
            RelocationRule::List { .. } => PostReason::ListWants,
            _ => self.cover_gained(unit, &station)?,
        };
        Some(Advice { station, why })
    }

    /// Why a unit is to wait at home, if it is.
    pub(crate) fn why_home(&self, now: Timestamp, unit: &Unit) -> Option<PostReason> {
        let relocation = &self.policy().relocation;
        let at = match unit.crew.state {
            CrewState::Resting { until, .. } => return Some(PostReason::CrewRest { until }),
            CrewState::OnShift { until } => until,
        };
        if let Some([left_km, reserve_km]) = self.range_low(&unit.id) {
            return Some(PostReason::RangeLow { left_km, reserve_km });
        }
        if relocation.rule == RelocationRule::OwnStation || !unit.kind.can_transport() {
            return Some(PostReason::Home);
        }
        let ends_soon = at.since(now) <= relocation.shift_ends_within;
        ends_soon.then_some(PostReason::ShiftEnds { at })
    }

    /// What a unit adds to the cover of all others by waiting at a station; `None` under a policy
    /// that counts no cover, and of a unit that takes no patient.
    fn cover_gained(&self, unit: &Unit, station: &StationId) -> Option<PostReason> {
        if !unit.kind.can_transport() {
            return None;
        }
        let mut cover = self.cover(|other| other.id != unit.id)?;
        let station = self.traffic.places().reach.station(station)?;
        cover.joins(station);
        Some(PostReason::CoverGained { share_ppm: ppm(cover.cover_lost(station)) })
    }
}

/// Whether a unit waits at home whatever the others do.
fn is_homeward(why: &PostReason) -> bool {
    matches!(
        why,
        PostReason::Home
            | PostReason::CrewRest { .. }
            | PostReason::ShiftEnds { .. }
            | PostReason::RangeLow { .. }
    )
}

/// A number of units as a reason tells it.
pub(crate) fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
