//! Where units are on the roads of the moment, so that a call finds the drive of each at once.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use ems_model::{Millis, Position, Unit, UnitId};
use ems_roads::{MovingSet, Place, Roads, Snap};

use crate::live::Fix;
use crate::traffic::CityTraffic;

/// Where each unit is: its last fix, or its home before it has reported one.
#[derive(Debug)]
pub(crate) struct Whereabouts {
    units: BTreeMap<UnitId, Placed>,
    near: MovingSet<Arc<Roads>>,
}

#[derive(Debug)]
struct Placed {
    /// Its place among the members of the set.
    idx: usize,
    home: Position,
    flies: bool,
    fix: Option<Fix>,
    /// `None` where no road is near, and of who flies.
    snap: Option<Snap>,
}

impl Placed {
    fn position(&self) -> Position {
        self.fix.map_or(self.home, |fix| fix.position)
    }

    /// Puts it on the road that is nearest.
    fn place(&mut self, traffic: &CityTraffic, near: &mut MovingSet<Arc<Roads>>) {
        if self.flies {
            self.snap = None;
            near.take(self.idx);
        } else {
            self.put(traffic.snap(self.position()).ok(), near);
        }
    }

    /// Puts it on the road that was found; where there is none, it stays on the one before.
    fn put(&mut self, found: Option<Snap>, near: &mut MovingSet<Arc<Roads>>) {
        self.snap = found.or(self.snap);
        match self.snap {
            Some(snap) => near.put(self.idx, snap),
            None => near.take(self.idx),
        }
    }
}

impl Whereabouts {
    /// Of no unit.
    pub(crate) fn on(traffic: &CityTraffic) -> Self {
        let near = MovingSet::of_sources(Arc::clone(traffic.roads()));
        Self { units: BTreeMap::new(), near }
    }

    /// A unit has its home there from now on. Cost: half a search.
    pub(crate) fn settle(&mut self, unit: &Unit, traffic: &CityTraffic) {
        let (home, flies) = (unit.home, !unit.kind.is_crewed());
        let new = Placed { idx: self.units.len(), home, flies, fix: None, snap: None };
        let placed = self.units.entry(unit.id.clone()).or_insert(new);
        (placed.home, placed.flies) = (home, flies);
        placed.place(traffic, &mut self.near);
    }

    /// Takes a position of a unit that has a home, on the road but for who flies, unless a newer
    /// one is known; answers whether it did. Cost: half a search.
    pub(crate) fn take_fix(&mut self, unit: &UnitId, fix: Fix, snap: Option<Snap>) -> bool {
        let Some(placed) = self.units.get_mut(unit) else { return false };
        let is_newer = placed.fix.is_none_or(|known| known.at < fix.at);
        if is_newer {
            placed.fix = Some(fix);
            placed.put(snap, &mut self.near);
        }
        is_newer
    }

    /// Puts all units on other roads. Cost: half a search each.
    pub(crate) fn move_to(&mut self, traffic: &CityTraffic) {
        self.near = MovingSet::of_sources(Arc::clone(traffic.roads()));
        for placed in self.units.values_mut() {
            placed.place(traffic, &mut self.near);
        }
    }

    /// A unit's last fix.
    pub(crate) fn fix(&self, unit: &UnitId) -> Option<&Fix> {
        self.units.get(unit)?.fix.as_ref()
    }

    /// Where a unit is on the road.
    pub(crate) fn place(&self, unit: &UnitId) -> Option<&Snap> {
        self.units.get(unit)?.snap.as_ref()
    }

    /// The drive of every unit to a scene. Cost: half a search and 0.1 µs a unit.
    pub(crate) fn drives_to(&self, scene: &Snap) -> Drives<'_> {
        let mut times = vec![None; self.units.len()];
        for near in self.near.all(scene) {
            times[near.idx] = Some(near.duration);
        }
        Drives { whereabouts: self, times }
    }

    /// The drives of some units to some places, each worked out when it is asked for. Cost: half a
    /// search a place that is asked about.
    pub(crate) fn ways<'a>(
        &'a self,
        units: impl Iterator<Item = &'a Unit>,
        to: &'a [Option<Snap>],
    ) -> Ways<'a> {
        let units = self.beside(units).map(|(_, placed)| placed.map(|placed| placed.idx)).collect();
        let places = to.iter().map(|_| OnceCell::new()).collect();
        Ways { whereabouts: self, units, to, places }
    }

    /// Units, whose names ascend, each with what is known of where it is.
    fn beside<'a>(
        &'a self,
        units: impl Iterator<Item = &'a Unit>,
    ) -> impl Iterator<Item = (&'a Unit, Option<&'a Placed>)> {
        let mut known = self.units.iter().peekable();
        units.map(move |unit| {
            while known.next_if(|(id, _)| **id < unit.id).is_some() {}
            (unit, known.next_if(|(id, _)| **id == unit.id).map(|(_, placed)| placed))
        })
    }
}

/// The drives of some units to some places.
#[derive(Debug)]
pub(crate) struct Ways<'a> {
    whereabouts: &'a Whereabouts,
    units: Vec<Option<usize>>,
    to: &'a [Option<Snap>],
    places: Vec<OnceCell<Place>>,
}

impl Ways<'_> {
    /// The drive of a unit to a place, each by its number in its list; `None` where no road leads.
    pub(crate) fn drive(&self, unit: usize, to: usize) -> Option<Millis> {
        self.time(self.units[unit]?, to)
    }

    /// The drive of any unit to such a place.
    pub(crate) fn drive_of(&self, unit: &Unit, to: usize) -> Option<Millis> {
        self.time(self.whereabouts.units.get(&unit.id)?.idx, to)
    }

    fn time(&self, idx: usize, to: usize) -> Option<Millis> {
        let (near, snap) = (&self.whereabouts.near, self.to[to].as_ref()?);
        near.time(idx, self.places[to].get_or_init(|| near.place(snap)))
    }
}

/// The drives of all units to one scene.
#[derive(Debug)]
pub(crate) struct Drives<'a> {
    whereabouts: &'a Whereabouts,
    times: Vec<Option<Millis>>,
}

/// A unit with its last fix and its drive; `None` where no road leads.
pub(crate) type Seen<'a> = (&'a Unit, Option<&'a Fix>, Option<Millis>);

impl<'a> Drives<'a> {
    /// Units, whose names ascend, as they are seen from the scene.
    pub(crate) fn of_all(
        &self,
        units: impl Iterator<Item = &'a Unit>,
    ) -> impl Iterator<Item = Seen<'a>> {
        self.whereabouts.beside(units).map(|(unit, placed)| {
            let fix = placed.and_then(|placed| placed.fix.as_ref());
            (unit, fix, placed.and_then(|placed| self.times[placed.idx]))
        })
    }

    /// A unit's last fix, and its drive; `None` where no road leads.
    pub(crate) fn of(&self, unit: &Unit) -> (Option<&Fix>, Option<Millis>) {
        match self.whereabouts.units.get(&unit.id) {
            Some(placed) => (placed.fix.as_ref(), self.times[placed.idx]),
            None => (None, None),
        }
    }
}
