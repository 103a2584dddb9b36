//! Where a unit of a rerun is.

use std::cell::OnceCell;

use ems_model::{IncidentId, Millis, Position, Timestamp, UnitId, UnitKind};
use ems_roads::{Roads, Route};

/// A unit.
#[derive(Debug)]
pub(super) struct Driver {
    pub(super) id: UnitId,
    pub(super) kind: UnitKind,
    pub(super) home: Position,
    pub(super) way: Way,
    /// The call that it is with, by its place in the recorded day.
    pub(super) job: Option<usize>,
    /// The call that it was with before.
    pub(super) last: Option<IncidentId>,
    /// It is to sign off when it is free.
    pub(super) is_leaving: bool,
}

/// A way that is driven, or where one stands after it.
#[derive(Debug)]
pub(super) struct Way {
    from: Position,
    goal: Position,
    started_at: Timestamp,
    lasts: Millis,
    /// Looked up when somebody asks on the way: most ways are driven unseen.
    route: OnceCell<Option<Route>>,
}

impl Way {
    pub(super) fn stand(at: Position) -> Self {
        Self::drive(at, at, Timestamp::default(), Millis::ZERO)
    }

    /// A drive whose duration is known.
    pub(super) fn drive(
        from: Position,
        goal: Position,
        started_at: Timestamp,
        lasts: Millis,
    ) -> Self {
        Self { from, goal, started_at, lasts, route: OnceCell::new() }
    }

    /// Whether one is still on it.
    pub(super) fn is_driven(&self, now: Timestamp) -> bool {
        now.since(self.started_at) < self.lasts
    }

    /// Where one is on it, as if every part of it took its share of the whole.
    pub(super) fn at(&self, now: Timestamp, roads: &Roads) -> Position {
        let elapsed = now.since(self.started_at);
        if elapsed >= self.lasts {
            return self.goal;
        }
        let share = elapsed.as_secs_f64().max(0.0) / self.lasts.as_secs_f64();
        let route = self.route.get_or_init(|| {
            let ends = roads.snap(self.from).ok().zip(roads.snap(self.goal).ok());
            ends.and_then(|(from, to)| roads.route(&from, &to))
        });
        route.as_ref().map_or(self.goal, |route| route.position_at(times(route.duration, share)))
    }
}

/// The drive by the roads; none where no road leads.
pub(super) fn drive_by(roads: &Roads, from: Position, goal: Position) -> Option<Millis> {
    roads.time(&roads.snap(from).ok()?, &roads.snap(goal).ok()?)
}

#[expect(clippy::cast_possible_truncation, reason = "a drive lasts hours, not centuries")]
pub(super) fn times(span: Millis, factor: f64) -> Millis {
    Millis::new((span.as_secs_f64() * 1000.0 * factor).round() as i64)
}
