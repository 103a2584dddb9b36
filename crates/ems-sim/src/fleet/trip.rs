//! A unit's way along roads, and where on it the unit is.

use super::city::{FleetCity, Goal, Scratch};
use super::plane::Place;

/// What lies between a unit and the next node of its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Lead {
    /// Open ground.
    OffRoad { km: f64 },
    /// The rest of an arc, as a share of it.
    Arc { arc: u32, share: f64 },
}

impl Lead {
    fn scaled(self, by: f64) -> Self {
        match self {
            Self::OffRoad { km } => Self::OffRoad { km: km * by },
            Self::Arc { arc, share } => Self::Arc { arc, share: share * by },
        }
    }
}

/// The next node of a unit's way and what lies before it: from there it can go anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Heading {
    pub(crate) lead: Lead,
    pub(crate) node: u32,
}

impl Heading {
    pub(crate) fn at_rest(place: Place) -> Self {
        Self { lead: Lead::OffRoad { km: place.off_road_km }, node: place.node }
    }
}

/// A drive from where a unit was to a place: lead, shortest path, off-road leg.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Trip {
    mode: usize,
    started: f64,
    from: Heading,
    at_first: f64,
    goal: Goal,
    end: Place,
    pub(crate) arrives: f64,
    /// The last node on the path that the unit is known to have passed, and when.
    passed: (u32, f64),
    /// The node before that one; none of any number at first.
    before: u32,
}

impl Trip {
    /// Days from a heading to a place; infinite where no road leads.
    pub(crate) fn days(
        city: &FleetCity,
        scratch: &mut Scratch,
        mode: usize,
        from: Heading,
        to: (Goal, Place),
    ) -> f64 {
        city.lead_days(mode, from.lead)
            + city.days(scratch, mode, from.node, to.0)
            + city.leg(mode, to.1.off_road_km)
    }

    pub(crate) fn start(
        city: &FleetCity,
        scratch: &mut Scratch,
        mode: usize,
        now: f64,
        from: Heading,
        to: (Goal, Place),
    ) -> Self {
        let at_first = now + city.lead_days(mode, from.lead);
        let arrives = now + Self::days(city, scratch, mode, from, to);
        let (goal, end) = to;
        Self {
            mode,
            started: now,
            from,
            at_first,
            goal,
            end,
            arrives,
            passed: (from.node, at_first),
            before: u32::MAX,
        }
    }

    /// Where the unit is heading at `now`, which is not before an earlier call of this.
    ///
    /// On the last leg across open ground it turns back to the road.
    /// Costs a look at each arc passed since that earlier call.
    pub(crate) fn heading(&mut self, city: &FleetCity, scratch: &mut Scratch, now: f64) -> Heading {
        if now <= self.at_first {
            let (left, all) = (self.at_first - now, self.at_first - self.started);
            let share = if all > 0.0 { left / all } else { 0.0 };
            return Heading { lead: self.from.lead.scaled(share), node: self.from.node };
        }
        loop {
            let (node, at) = self.passed;
            if node == self.end.node {
                let km = city.leg_km(self.mode, now - at);
                return Heading { lead: Lead::OffRoad { km }, node };
            }
            let arc = city.next_arc(scratch, self.mode, [self.before, node], self.goal);
            let days = city.roads.days(self.mode, arc);
            let head = city.roads.head(arc);
            if now < at + days {
                return Heading {
                    lead: Lead::Arc { arc, share: (at + days - now) / days },
                    node: head,
                };
            }
            (self.before, self.passed) = (node, (head, at + days));
        }
    }
}
