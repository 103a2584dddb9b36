//! Where a unit is: parked, or somewhere on its way.

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{Roads, Route};

/// Where a unit is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// It stands.
    Parked(Position),
    /// It drives.
    Driving(Drive),
}

/// A drive under way.
#[derive(Debug, Clone)]
pub(crate) struct Drive {
    route: Route,
    started_at: Timestamp,
    /// What it takes, over the route's own time.
    factor: f64,
    /// Where it ends, beside the road.
    goal: Position,
}

impl Place {
    /// A drive to `goal`; one to where no road leads is a walk of no time.
    pub(crate) fn drive(
        roads: &Roads,
        from: Position,
        goal: Position,
        started_at: Timestamp,
        factor: f64,
    ) -> Self {
        let route = roads.snap(from).ok().zip(roads.snap(goal).ok());
        match route.and_then(|(from, to)| roads.route(&from, &to)) {
            Some(route) => Self::Driving(Drive { route, started_at, factor, goal }),
            None => Self::Parked(goal),
        }
    }

    /// Where it is at `now`.
    pub(crate) fn at(&self, now: Timestamp) -> Position {
        match self {
            Self::Parked(position) => *position,
            Self::Driving(drive) if now >= drive.arrives_at() => drive.goal,
            Self::Driving(drive) => {
                let elapsed = now.since(drive.started_at).get().max(0);
                drive.route.position_at(scaled(elapsed, 1.0 / drive.factor))
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
        }
    }
}

impl Drive {
    fn arrives_at(&self) -> Timestamp {
        self.started_at + scaled(self.route.duration.get(), self.factor)
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
