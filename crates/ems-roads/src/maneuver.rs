//! A route as steps: what to do at which junction, and along which street.
//!
//! A step begins where a driver has something to decide or to read: a turn that is not the obvious
//! way on, a street of another name, a place to turn round, a ferry, a stop. Types only: the words
//! of a language are the teller's.

use ems_model::Millis;

use crate::exception::Exceptions;
use crate::heading::{Heading, degrees_between};
use crate::profile::CLASSES;
use crate::roads::Roads;
use crate::route::{Drawn, Piece, Route};
use crate::snap::Snap;

/// How far one turns aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bend {
    /// Back to the left, from 125 degrees.
    SharpLeft,
    /// To the left, 50 to 125 degrees.
    Left,
    /// A little to the left, 20 to 50 degrees.
    SlightLeft,
    /// On, at most 20 degrees aside.
    Straight,
    /// A little to the right.
    SlightRight,
    /// To the right.
    Right,
    /// Back to the right.
    SharpRight,
}

/// What a driver does at the start of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maneuver {
    /// Sets off.
    Depart {
        /// Where to: degrees from north, clockwise, 0..360.
        bearing: u16,
    },
    /// Keeps to the obvious way on, which has another name.
    Continue,
    /// Takes one of several ways.
    Turn(Bend),
    /// Turns round and drives back.
    TurnRound,
    /// Boards a ferry.
    Board,
    /// Is at a stop on the way; the step goes on from there.
    Stop,
    /// Is there.
    Arrive,
}

/// A part of a route that needs no word on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What begins it.
    pub maneuver: Maneuver,
    /// The street driven along, or its reference number; `None` where the map has neither.
    pub street: Option<String>,
    /// Its length, metres.
    pub metres: f64,
    /// How long it takes, the turn that begins it included.
    pub duration: Millis,
    /// Where it begins: an index in the route's points.
    pub first_point: usize,
    /// By which rules of the profile it drives where others may not.
    pub exceptions: Exceptions,
}

/// A route and what to do along it.
#[derive(Debug, Clone, PartialEq)]
pub struct Directions {
    /// The way itself.
    pub route: Route,
    /// From [`Maneuver::Depart`] to [`Maneuver::Arrive`], which has no length.
    pub steps: Vec<Step>,
}

impl Bend {
    /// The name of a change of heading, degrees, to the right positive.
    pub fn of_degrees(right: f64) -> Self {
        match right {
            r if r < -125.0 => Self::SharpLeft,
            r if r < -50.0 => Self::Left,
            r if r < -20.0 => Self::SlightLeft,
            r if r <= 20.0 => Self::Straight,
            r if r <= 50.0 => Self::SlightRight,
            r if r <= 125.0 => Self::Right,
            _ => Self::SharpRight,
        }
    }
}

/// Where a step begins, before its end is known.
struct Begin {
    maneuver: Maneuver,
    arc: u32,
    point: usize,
    metres: f64,
    at: u32,
    exceptions: Exceptions,
}

impl Roads {
    /// The fastest way through stops in their order, with its steps; `None` if a stop is of another
    /// city, or there are fewer than two.
    ///
    /// At a stop one may leave in either direction of its street.
    pub fn directions(&self, stops: &[Snap]) -> Option<Directions> {
        let legs: Option<Vec<Vec<Piece>>> =
            stops.windows(2).map(|pair| self.pieces(&pair[0], &pair[1])).collect();
        self.told(stops, &legs?)
    }

    /// The directions of legs between stops; `None` without a leg.
    pub(crate) fn told(&self, stops: &[Snap], legs: &[Vec<Piece>]) -> Option<Directions> {
        let last = legs.last()?.last()?.arc;
        let mut drawn = Drawn::at(stops[0].position);
        let mut begins = Vec::new();
        for ((stop, pieces), idx) in stops[1..].iter().zip(legs).zip(0..) {
            let start = pieces.iter().find(|piece| !piece.is_point()).unwrap_or(&pieces[0]);
            let first = if idx == 0 { self.departure(start) } else { Maneuver::Stop };
            begins.push(drawn.begin(first, start.arc));
            self.tell(pieces, start.arc, &mut drawn, &mut begins);
            drawn.end_leg(stop.position);
        }
        begins.push(drawn.begin(Maneuver::Arrive, last));
        let route = drawn.into_route();
        Some(Directions { steps: self.steps(&begins, &route), route })
    }

    /// Draws a leg and notes where its further steps begin; a piece without length is no step.
    fn tell(&self, pieces: &[Piece], start: u32, drawn: &mut Drawn, begins: &mut Vec<Begin>) {
        self.draw(&pieces[0], drawn);
        self.note_exceptions(&pieces[0], begins);
        let mut street = self.name_of(start);
        for pair in pieces.windows(2) {
            let is_told = !pair[0].is_point() && !pair[1].is_point();
            let maneuver = self.maneuver(&pair[0], &pair[1], street).filter(|_| is_told);
            if let Some(maneuver) = maneuver {
                begins.push(drawn.begin(maneuver, pair[1].arc));
                street = self.name_of(pair[1].arc);
            }
            self.draw(&pair[1], drawn);
            self.note_exceptions(&pair[1], begins);
        }
    }

    fn note_exceptions(&self, piece: &Piece, begins: &mut [Begin]) {
        let [forward, backward] = self.parts().edges[(piece.arc / 2) as usize].exceptions;
        let own = if piece.arc.is_multiple_of(2) { forward } else { backward };
        if let (Some(begin), false) = (begins.last_mut(), piece.is_point()) {
            begin.exceptions = begin.exceptions.and(own);
        }
    }

    fn departure(&self, first: &Piece) -> Maneuver {
        Maneuver::Depart { bearing: Heading::along(self.shape(first.arc / 2), first.arc).bearing() }
    }

    /// What to do between two pieces; `None` where there is nothing to say.
    fn maneuver(&self, from: &Piece, to: &Piece, street: u32) -> Option<Maneuver> {
        if to.arc == from.arc ^ 1 {
            return Some(Maneuver::TurnRound);
        }
        let is_ferry = |arc| self.class_of(arc) == "ferry";
        if is_ferry(to.arc) && !is_ferry(from.arc) {
            return Some(Maneuver::Board);
        }
        let name = self.name_of(to.arc);
        let came = Heading::at_end(self.shape(from.arc / 2), from.arc);
        let degrees = self.degrees_aside(came, to.arc);
        let bend = Bend::of_degrees(degrees);
        let keeps_name = name == street && name != 0;
        if (keeps_name && bend == Bend::Straight) || self.is_obvious(from, to, came, degrees) {
            return (name != street && name != 0).then_some(Maneuver::Continue);
        }
        Some(Maneuver::Turn(bend))
    }

    /// How far an arc leads aside from a heading, to the right positive.
    fn degrees_aside(&self, came: Heading, arc: u32) -> f64 {
        degrees_between(came, Heading::along(self.shape(arc / 2), arc))
    }

    /// Whether a way is the only one on, one much straighter than all others, or one with only
    /// alleys and tracks beside it.
    fn is_obvious(&self, from: &Piece, to: &Piece, came: Heading, degrees: f64) -> bool {
        const CLEAR_DEGREES: f64 = 20.0;
        const ON_DEGREES_MAX: f64 = 45.0;
        let is_main = degrees.abs() <= ON_DEGREES_MAX && !self.is_lesser(to.arc);
        let is_clear = |arc| self.degrees_aside(came, arc).abs() > degrees.abs() + CLEAR_DEGREES;
        let mut others = self.others(from, to);
        others.all(|arc| (is_main && self.is_lesser(arc)) || is_clear(arc))
    }

    /// The arcs that one might take instead, without turning round.
    fn others(&self, from: &Piece, to: &Piece) -> impl Iterator<Item = u32> {
        let turns = self.parts().turns.of(from.state).iter();
        let (taken, back) = (to.arc, from.arc ^ 1);
        let arcs = turns.map(|turn| self.parts().arc_of(turn.state));
        arcs.filter(move |&arc| arc != taken && arc != back)
    }

    fn is_lesser(&self, arc: u32) -> bool {
        const LESSER: &[&str] = &["service", "track", "pedestrian", "busway", "emergency_bay"];
        LESSER.contains(&self.class_of(arc))
    }

    /// The index of a street's name.
    fn name_of(&self, arc: u32) -> u32 {
        self.parts().edges[(arc / 2) as usize].name
    }

    fn class_of(&self, arc: u32) -> &'static str {
        CLASSES[self.parts().edges[(arc / 2) as usize].class as usize]
    }

    fn steps(&self, begins: &[Begin], route: &Route) -> Vec<Step> {
        let ends = begins[1..].iter().map(|next| (next.metres, next.at));
        let last = begins.last().map(|arrival| (arrival.metres, arrival.at));
        let step = |(begin, (metres, at)): (&Begin, (f64, u32))| Step {
            maneuver: begin.maneuver,
            street: self.street_along(begin.arc).map(str::to_owned),
            metres: metres - begin.metres,
            duration: Millis::new(i64::from(at) - i64::from(begin.at)),
            first_point: begin.point.min(route.points.len() - 1),
            exceptions: begin.exceptions,
        };
        begins.iter().zip(ends.chain(last)).map(step).collect()
    }

    /// The name of an arc's street, or its reference number.
    fn street_along(&self, arc: u32) -> Option<&str> {
        let edge = self.parts().edges.get((arc / 2) as usize)?;
        Some(self.parts().names[edge.name as usize].as_str()).filter(|name| !name.is_empty())
    }
}

impl Drawn {
    fn begin(&self, maneuver: Maneuver, arc: u32) -> Begin {
        Begin {
            maneuver,
            arc,
            point: self.last_point(),
            metres: self.metres(),
            at: self.now(),
            exceptions: Exceptions::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exception::Exception;
    use crate::network::tests::place;
    use crate::reference::town_of;

    /// A grid of 3 x 3 junctions: `Hill Street` up the middle, `Market Street` across the middle,
    /// nameless streets around.
    fn grid() -> Roads {
        let nodes: Vec<(i64, i32, i32)> =
            (0..9i32).map(|n| (n.into(), 2 * (n % 3), 2 * (n / 3))).collect();
        let named = |name| [("highway", "residential"), ("name", name)];
        let (hill, market) = (named("Hill Street"), named("Market Street"));
        let plain = [("highway", "residential")];
        town_of(
            &nodes,
            &[
                (1, &[1, 4, 7], &hill),
                (2, &[3, 4, 5], &market),
                (3, &[0, 1, 2, 5, 8, 7, 6, 3, 0], &plain),
            ],
        )
    }

    fn told(roads: &Roads, stops: &[(i32, i32)]) -> Vec<(Maneuver, Option<String>)> {
        let stops: Vec<Snap> =
            stops.iter().map(|&(x, y)| roads.snap(place(x, y)).unwrap()).collect();
        let steps = roads.directions(&stops).unwrap().steps;
        steps.into_iter().map(|step| (step.maneuver, step.street)).collect()
    }

    #[test]
    fn a_turn_at_a_crossroads_is_told_and_going_straight_on_is_not() {
        let roads = grid();
        let hill = || Some("Hill Street".to_owned());
        let market = || Some("Market Street".to_owned());
        let north = Maneuver::Depart { bearing: 0 };
        assert_eq!(told(&roads, &[(2, 1), (2, 3)]), [(north, hill()), (Maneuver::Arrive, hill())]);
        for (goal, bend) in [((1, 2), Bend::Left), ((3, 2), Bend::Right)] {
            let turn = (Maneuver::Turn(bend), market());
            let steps = [(north, hill()), turn, (Maneuver::Arrive, market())];
            assert_eq!(told(&roads, &[(2, 1), goal]), steps);
        }
    }

    #[test]
    fn who_starts_at_a_corner_is_not_told_to_turn_there() {
        let steps = told(&grid(), &[(2, 2), (2, 4)]);
        let hill = || Some("Hill Street".to_owned());
        assert_eq!(steps[0], (Maneuver::Depart { bearing: 0 }, hill()));
        assert_eq!(steps.len(), 2, "{steps:?}");
    }

    /// From A in the west to B in the east: straight on by the street given, or round by the north.
    fn two_ways(straight: &[(&str, &str)]) -> Roads {
        let round = [("highway", "primary")];
        town_of(
            &[(1, 0, 0), (2, 4, 0), (3, 12, 0), (4, 16, 0), (5, 4, 40), (6, 12, 40)],
            &[
                (1, &[1, 2], &round),
                (2, &[3, 4], &round),
                (3, &[2, 3], straight),
                (4, &[2, 5, 6, 3], &round),
            ],
        )
    }

    fn crossing(roads: &Roads, from: i32, to: i32) -> (f64, Vec<Exception>) {
        let stops = [from, to].map(|x| roads.snap(place(x, 0)).unwrap());
        let directions = roads.directions(&stops).unwrap();
        let told = directions
            .steps
            .iter()
            .fold(Exceptions::default(), |all, step| all.and(step.exceptions));
        (directions.route.metres, told.iter().collect())
    }

    #[test]
    fn a_step_says_by_which_exception_it_drives_where_others_may_not() {
        for (tags, exceptions) in [
            (&[("highway", "residential")][..], &[][..]),
            (
                &[("highway", "residential"), ("motor_vehicle", "no"), ("bus", "yes")],
                &[Exception::BusLane],
            ),
            (&[("highway", "busway")], &[Exception::BusLane]),
            (&[("highway", "service"), ("access", "private")], &[Exception::Reserved]),
            (
                &[("highway", "residential"), ("access", "no"), ("emergency", "yes")],
                &[Exception::Reserved],
            ),
            (&[("highway", "pedestrian")], &[Exception::PedestrianArea]),
        ] {
            let (metres, told) = crossing(&two_ways(tags), 1, 15);
            assert!(metres < 2000.0, "{tags:?}: {metres} m");
            assert_eq!(told, exceptions, "{tags:?}");
        }
    }

    #[test]
    fn contraflow_is_an_exception_in_one_direction_only() {
        let tags = [("highway", "residential"), ("oneway", "yes"), ("oneway:bus", "no")];
        let roads = two_ways(&tags);
        assert_eq!(crossing(&roads, 1, 15).1, []);
        let (metres, told) = crossing(&roads, 15, 1);
        assert!(metres < 2000.0, "{metres} m");
        assert_eq!(told, [Exception::Contraflow]);
    }

    #[test]
    fn stairs_weight_limited_bridges_and_plain_one_ways_are_driven_round() {
        for tags in [
            &[("highway", "steps")][..],
            &[("highway", "steps"), ("emergency", "yes")],
            &[("highway", "primary"), ("bridge", "yes"), ("maxweight", "3")],
            &[("highway", "pedestrian"), ("maxweight", "2.5")],
            &[("highway", "primary"), ("bridge", "yes"), ("maxweight", "3"), ("emergency", "yes")],
            &[("highway", "primary"), ("oneway", "-1")],
        ] {
            let (metres, told) = crossing(&two_ways(tags), 1, 15);
            assert!(metres > 6000.0, "{tags:?}: {metres} m");
            assert_eq!(told, [], "{tags:?}");
        }
    }

    #[test]
    fn bends_are_named_by_their_degrees() {
        for (degrees, bend) in [
            (-180.0, Bend::SharpLeft),
            (-90.0, Bend::Left),
            (-30.0, Bend::SlightLeft),
            (20.0, Bend::Straight),
            (21.0, Bend::SlightRight),
            (90.0, Bend::Right),
            (126.0, Bend::SharpRight),
        ] {
            assert_eq!(Bend::of_degrees(degrees), bend, "{degrees}");
        }
    }
}
