//! The nearest of many, by drive time.

use std::fmt;
use std::ops::Deref;

use ems_hierarchy::{Climbed, ClimbedPlaces, Seed};
use ems_model::Millis;

use crate::roads::Roads;
use crate::search::answer;
use crate::snap::Snap;

/// A set of which one is asked for the nearest again and again: units that move, or hospitals.
///
/// A member is put at the cost of half a search, about 10 µs in a city of 100,000 edges; then each
/// question costs one such half and about 0.1 µs a member. Exact. It holds one state of the roads:
/// under new traffic, make another.
pub struct MovingSet<R> {
    roads: R,
    places: ClimbedPlaces,
    members: Vec<Option<Member>>,
    is_of_sources: bool,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    snap: Snap,
    /// What distances from it have too much, milliseconds; of a target nothing.
    excess: u32,
}

/// A member of a set, with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Nearest {
    /// The time from it, or to it.
    pub duration: Millis,
    /// Its index.
    pub idx: usize,
}

/// A place to or from which members of a set drive, as long as the set's roads hold.
#[derive(Debug)]
pub struct Place {
    snap: Snap,
    /// With what distances have too much, milliseconds; `None` of a place on no road of the city.
    climbed: Option<(Climbed, u32)>,
}

impl<R> fmt::Debug for MovingSet<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MovingSet").field("members", &self.members).finish_non_exhaustive()
    }
}

impl<R: Deref<Target = Roads>> MovingSet<R> {
    /// Of members that drive to the place asked about: units to a call.
    pub fn of_sources(roads: R) -> Self {
        Self { roads, places: ClimbedPlaces::sources(), members: Vec::new(), is_of_sources: true }
    }

    /// Of members that are driven to from the place asked about: hospitals.
    pub fn of_targets(roads: R) -> Self {
        Self { roads, places: ClimbedPlaces::targets(), members: Vec::new(), is_of_sources: false }
    }

    /// Puts a member at its place, or moves it there. One that lies on no road of this city, or on
    /// a closed one, is never near.
    pub fn put(&mut self, idx: usize, snap: Snap) {
        self.take(idx);
        let roads = &*self.roads;
        let (seeds, excess) = if self.is_of_sources {
            let Some(start) = roads.start(&snap) else { return };
            (start.seeds, start.excess)
        } else {
            let Some(goal) = roads.goal(&snap) else { return };
            (goal, 0)
        };
        self.places.put(roads.metric(), idx, &seeds);
        if idx >= self.members.len() {
            self.members.resize(idx + 1, None);
        }
        self.members[idx] = Some(Member { snap, excess });
    }

    /// Takes a member away.
    pub fn take(&mut self, idx: usize) {
        self.places.take(idx);
        if let Some(member) = self.members.get_mut(idx) {
            *member = None;
        }
    }

    /// The `n` members from or to which the way is fastest: the fastest first, of equally fast ones
    /// that of the lowest index. Those without a way are left out.
    pub fn nearest(&self, place: &Snap, n: usize) -> Vec<Nearest> {
        let mut all = self.all(place);
        if n < all.len() {
            all.select_nth_unstable(n);
            all.truncate(n);
        }
        all.sort_unstable();
        all
    }

    /// All members from or to which there is a way, in the order of their indices.
    pub fn all(&self, place: &Snap) -> Vec<Nearest> {
        self.found(place).unwrap_or_default()
    }

    /// A place about which single members are asked. Cost: half a search.
    pub fn place(&self, snap: &Snap) -> Place {
        let seeds = self.seeds(snap);
        let climbed =
            seeds.map(|(seeds, excess)| (self.places.climb(self.roads.metric(), &seeds), excess));
        Place { snap: *snap, climbed }
    }

    /// The time from or to one member; `None` where there is no way or no such member.
    /// Cost: 0.1 µs.
    pub fn time(&self, idx: usize, place: &Place) -> Option<Millis> {
        let (climbed, excess) = place.climbed.as_ref()?;
        let member = (*self.members.get(idx)?)?;
        self.duration(&member, &place.snap, self.places.distance(idx, climbed), *excess)
    }

    fn found(&self, place: &Snap) -> Option<Vec<Nearest>> {
        let (seeds, excess) = self.seeds(place)?;
        let mut all = Vec::with_capacity(self.members.len());
        self.places.each_distance(self.roads.metric(), &seeds, |idx, distance| {
            let Some(member) = self.members[idx] else { return };
            let duration = self.duration(&member, place, distance, excess);
            all.extend(duration.map(|duration| Nearest { duration, idx }));
        });
        Some(all)
    }

    /// Where a search from or to a place begins, and what its distances have too much.
    fn seeds(&self, place: &Snap) -> Option<(Vec<Seed>, u32)> {
        if self.is_of_sources {
            return Some((self.roads.goal(place)?, 0));
        }
        let start = self.roads.start(place)?;
        Some((start.seeds, start.excess))
    }

    fn duration(
        &self,
        member: &Member,
        place: &Snap,
        distance: u32,
        excess: u32,
    ) -> Option<Millis> {
        if !self.roads.is_near(&member.snap, place) {
            return answer(distance, excess + member.excess);
        }
        // On one edge the search's start may lie behind the place.
        if self.is_of_sources {
            self.roads.time(&member.snap, place)
        } else {
            self.roads.time(place, &member.snap)
        }
    }
}
