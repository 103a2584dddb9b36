//! Where a unit is: parked, or somewhere on its way.

use std::sync::{Arc, OnceLock};

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{Roads, Route};

/// Where a unit is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// It stands.
    Parked(Position),
    /// It drives.
    Driving(Drive),
    /// It flies, in a straight line.
    Flying { from: Position, goal: Position, started_at: Timestamp, arrives_at: Timestamp },
}

/// A drive under way.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    roads: Arc<Roads>,
    from: Position,
    /// Where it ends, beside the road.
    goal: Position,
    started_at: Timestamp,
    /// What it takes, over the route's own time.
    factor: f64,
    /// Looked up when somebody first asks: of all drives in an old log few are asked for.
    route: OnceLock<Option<Route>>,
}

impl Place {
    /// A drive to `goal`; one to where no road leads is a walk of no time.
    pub(crate) fn drive(
        roads: &Arc<Roads>,
        from: Position,
        goal: Position,
        started_at: Timestamp,
        factor: f64,
    ) -> Self {
        let (roads, route) = (Arc::clone(roads), OnceLock::new());
        Self::Driving(Drive { roads, from, goal, started_at, factor, route })
    }

    /// Where it is at `now`.
    pub(crate) fn at(&self, now: Timestamp) -> Position {
        match self {
            Self::Parked(position) => *position,
            Self::Driving(drive) => drive.at(now),
            Self::Flying { from, goal, started_at, arrives_at } => {
                let (flown, flight) = (now.since(*started_at), arrives_at.since(*started_at));
                from.towards(*goal, flown.as_secs_f64() / flight.as_secs_f64().max(0.001))
            }
        }
    }

    /// Whether it is still on its way at `now`.
    pub(crate) fn is_moving(&self, now: Timestamp) -> bool {
        self.arrives_at().is_some_and(|at| now < at)
    }

    /// When it arrives; `None` where it stands.
    pub(crate) fn arrives_at(&self) -> Option<Timestamp> {
        match self {
            Self::Parked(_) => None,
            Self::Driving(drive) => Some(drive.arrives_at()),
            Self::Flying { arrives_at, .. } => Some(*arrives_at),
        }
    }

    /// It says that it is there, whatever its route would have taken.
    pub(crate) fn arrive(&mut self) {
        match self {
            Self::Driving(Drive { goal, .. }) | Self::Flying { goal, .. } => {
                *self = Self::Parked(*goal);
            }
            Self::Parked(_) => {}
        }
    }
}

impl Drive {
    fn at(&self, now: Timestamp) -> Position {
        match self.route() {
            Some(route) if now < self.arrives_at() => {
                let elapsed = now.since(self.started_at).get().max(0);
                route.position_at(scaled(elapsed, 1.0 / self.factor))
            }
            _ => self.goal,
        }
    }

    fn arrives_at(&self) -> Timestamp {
        let drives = self.route().map(|route| scaled(route.duration.get(), self.factor));
        self.started_at + drives.unwrap_or_default()
    }

    fn route(&self) -> Option<&Route> {
        let look_up = || {
            let ends = self.roads.snap(self.from).ok().zip(self.roads.snap(self.goal).ok());
            ends.and_then(|(from, to)| self.roads.route(&from, &to))
        };
        self.route.get_or_init(look_up).as_ref()
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a drive lasts hours, not centuries"
)]
fn scaled(millis: i64, factor: f64) -> Millis {
    Millis::new((millis as f64 * factor).round() as i64)
}
