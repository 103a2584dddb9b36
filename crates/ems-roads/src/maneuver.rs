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
    /// Drives into a roundabout and round it; the street is that of the exit taken.
    Roundabout {
        /// Which exit, from 1: all that one may drive out by are counted, closed ones too. `None`
        /// where the leg ends on the roundabout.
        exit: Option<u32>,
    },
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
        for (at, next) in (1..).zip(&pieces[1..]) {
            let is_told = !pieces[at - 1].is_point() && !next.is_point();
            let told = if is_told { self.told_at(pieces, at, street) } else { None };
            if let Some((maneuver, arc)) = told {
                begins.push(drawn.begin(maneuver, arc));
                street = self.name_of(arc);
            }
            self.draw(next, drawn);
            self.note_exceptions(next, begins);
        }
    }

    /// What to do at the start of a piece that is not the first, and the arc whose street is named.
    /// A roundabout is told where it is entered, and nothing more until it is left; who sets off on
    /// it is told how to leave it.
    fn told_at(&self, pieces: &[Piece], at: usize, street: u32) -> Option<(Maneuver, u32)> {
        let [from, to] = [&pieces[at - 1], &pieces[at]];
        let is_off = |piece: &Piece| !self.is_round(piece.arc) && !piece.is_point();
        match [from.arc, to.arc].map(|arc| self.is_round(arc)) {
            [true, true] => None,
            [true, false] if pieces[..at].iter().any(is_off) => None,
            [false, true] => Some(self.roundabout(&pieces[at..])),
            [_, false] => Some((self.maneuver(from, to, street)?, to.arc)),
        }
    }

    /// The exit of a roundabout by which pieces leave it that begin where it is entered.
    fn roundabout(&self, pieces: &[Piece]) -> (Maneuver, u32) {
        let n_round = pieces.iter().take_while(|piece| self.is_round(piece.arc)).count();
        let (round, after) = pieces.split_at(n_round);
        let Some(taken) = after.first().filter(|piece| !piece.is_point()) else {
            return (Maneuver::Roundabout { exit: None }, pieces[0].arc);
        };
        let (last, passed) = round.split_last().expect("a roundabout is entered by a piece of it");
        let n_passed: usize = passed.iter().map(|piece| self.exits(piece).count()).sum();
        let exit = 1 + n_passed + self.exits_before(last, taken);
        (Maneuver::Roundabout { exit: u32::try_from(exit).ok() }, taken.arc)
    }

    /// The arcs by which one may leave a roundabout at the end of a piece of it.
    fn exits(&self, piece: &Piece) -> impl Iterator<Item = u32> {
        let turns = self.parts().turns.of(piece.state).iter();
        let arcs = turns.map(|turn| self.parts().arc_of(turn.state));
        arcs.filter(|&arc| !self.is_round(arc))
    }

    /// How many exits at the end of a piece one comes by before the one taken: those that lead
    /// farther to the side from which one is driven round.
    fn exits_before(&self, last: &Piece, taken: &Piece) -> usize {
        let came = Heading::at_end(self.shape(last.arc / 2), last.arc);
        let turns = self.parts().turns.of(last.state).iter();
        let mut arcs = turns.map(|turn| self.parts().arc_of(turn.state));
        let Some(on) = arcs.find(|&arc| self.is_round(arc) && arc != last.arc ^ 1) else {
            return 0;
        };
        // Right of the way on where one drives round to the left, and the other way about.
        let aside = |arc| self.degrees_aside(came, arc) - self.degrees_aside(came, on);
        let own = aside(taken.arc);
        self.exits(last).filter(|&arc| aside(arc) * own.signum() > own.abs()).count()
    }

    fn is_round(&self, arc: u32) -> bool {
        self.parts().edges[(arc / 2) as usize].is_round
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
    use crate::candidates::Driving;
    use crate::exception::Exception;
    use crate::network::tests::{Street, place};
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

    /// A ring of eight places with an arm in each wind, clockwise where one drives on the left.
    fn ring(driving: Driving) -> Roads {
        let round = [("highway", "primary"), ("junction", "roundabout")];
        let nodes = [
            (0, 2, 8),
            (1, 4, 9),
            (2, 6, 8),
            (3, 7, 6),
            (4, 6, 4),
            (5, 4, 3),
            (6, 2, 4),
            (7, 1, 6),
            (10, 4, 14),
            (11, 12, 6),
            (12, 4, -2),
            (13, -4, 6),
        ];
        let clockwise = [0, 1, 2, 3, 4, 5, 6, 7, 0];
        let mut refs = clockwise.to_vec();
        if driving == Driving::OnRight {
            refs.reverse();
        }
        let named = |name| [("highway", "primary"), ("name", name)];
        let [north, east, south, west] = ["North", "East", "South", "West"].map(named);
        let arms: [Street<'_>; 5] = [
            (1, &refs, &round),
            (2, &[1, 10], &north),
            (3, &[3, 11], &east),
            (4, &[5, 12], &south),
            (5, &[7, 13], &west),
        ];
        town_of(&nodes, &arms)
    }

    #[test]
    fn a_roundabout_is_told_by_the_number_of_its_exit() {
        let street = |name: &str| Some(name.to_owned());
        for (driving, goals) in [
            (Driving::OnLeft, [(-3, 6), (4, 13), (11, 6)]),
            (Driving::OnRight, [(11, 6), (4, 13), (-3, 6)]),
        ] {
            let roads = ring(driving);
            assert_eq!(roads.driving(), Some(driving));
            for (goal, exit) in goals.into_iter().zip(1..) {
                let onto = match goal {
                    (4, _) => "North",
                    (11, _) => "East",
                    _ => "West",
                };
                let wanted = [
                    (Maneuver::Depart { bearing: 0 }, street("South")),
                    (Maneuver::Roundabout { exit: Some(exit) }, street(onto)),
                    (Maneuver::Arrive, street(onto)),
                ];
                assert_eq!(told(&roads, &[(4, -1), goal]), wanted, "{driving:?} to {goal:?}");
            }
            let on_it = told(&roads, &[(4, -1), (5, 9)]);
            assert_eq!(on_it[1], (Maneuver::Roundabout { exit: None }, None));
            assert_eq!(told(&roads, &[(5, 9), (11, 6)]).len(), 3, "who starts on it leaves it");
        }
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
