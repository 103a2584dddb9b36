//! `golden-hour route`: the fastest way, step by step.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use ems_model::Position;
use ems_roads::{
    Candidate, Directions, Driving, Kerb, ON_LINE_METRES_MAX, Roads, SNAP_METRES_MAX, Snap, Step,
};
use serde_json::{Value, json};

use super::consult::{Consult, ConsultArgs};
use super::leaving::{Interval, LeavingArgs, NO_WAY, Outlook};
use super::places::{open_roads, parse_place};
use super::tell::{self, Beside, Language};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512
  golden-hour route --city var/malta --from 35.901,14.476 --via 35.92,14.49 --to 36.044,14.251 --lang zh
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512 --alternatives 2 --json
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512 --kerb near
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512 --at 2026-11-25T08:00:00+01:00 --traffic jams.csv
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512 --eta-model var/learnt/eta.toml
  golden-hour route --city var/malta --from 35.901,14.476 --to 35.895,14.512 --coverage var/coverage/coverage.csv --needs-mbps 5

A place is put on the nearest road at most 2 km away; where other streets are nearly as near, they
are named. Times are those of the pack's driving profile, without traffic. With --at, the way and its
steps are those at the speeds of that moment, and the time as it is expected while they change is told
beside the time on free roads. The speeds by hour of the week are an assumption, not measured.";

/// Show the fastest way between places.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RouteArgs {
    /// The city pack; without it, the demo city.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Where to start.
    #[arg(long, value_name = "LAT,LON", value_parser = parse_place, allow_hyphen_values = true)]
    from: Position,
    /// Where to end.
    #[arg(long, value_name = "LAT,LON", value_parser = parse_place, allow_hyphen_values = true)]
    to: Position,
    /// Stops on the way, in this order; may be given again.
    #[arg(long, value_name = "LAT,LON", value_parser = parse_place, allow_hyphen_values = true)]
    via: Vec<Position>,
    /// Up to so many other good ways beside the fastest, 0 to 5; not with --via.
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "via")]
    alternatives: usize,
    /// The kerb that stops are come to by: the one on which each place lies, or any.
    #[arg(long, value_enum, default_value = "any")]
    kerb: AskedKerb,
    /// The side of the road that one drives on; without it, as the map's roundabouts show.
    #[arg(long, value_enum)]
    driving: Option<DrivingSide>,
    #[command(flatten)]
    leaving: LeavingArgs,
    #[command(flatten)]
    consult: ConsultArgs,
    /// The language of the steps.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
    /// Print JSON: seconds, metres, steps and the line as GeoJSON.
    #[arg(long)]
    json: bool,
}

/// The kerb that stops are come to by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AskedKerb {
    Near,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DrivingSide {
    Left,
    Right,
}

/// A stop: the place asked for and the road that it is on.
struct Stop {
    place: Position,
    nearest: Candidate,
    /// Where the place is as seen by who stops there, if that was asked.
    kerb: Option<Kerb>,
    /// Other edges that are nearly as near.
    rivals: Vec<Candidate>,
}

/// A place may be wrong by so much; what is not farther behind the nearest road is a rival.
const SLACK_METRES: f64 = 5.0;

const NO_ROUNDABOUTS: &str =
    "no roundabout of the map shows on which side one drives: say --driving left or right";

/// The most other ways that are looked for.
const N_OTHERS_MAX: usize = 5;

impl RouteArgs {
    /// Finds the way and prints it.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        if self.alternatives > N_OTHERS_MAX {
            bail!("--alternatives {} is outside 0..={N_OTHERS_MAX}", self.alternatives);
        }
        let roads = open_roads(self.city.as_ref())?;
        let places = [self.from].into_iter().chain(self.via.iter().copied()).chain([self.to]);
        let mut stops: Vec<Stop> =
            places.map(|place| Stop::of(&roads, place)).collect::<anyhow::Result<_>>()?;
        let snaps = |stops: &[Stop]| stops.iter().map(|stop| stop.nearest.snap).collect::<Vec<_>>();
        let departure = self.leaving.departure(&roads)?;
        let driven = departure.as_ref().map(|it| it.roads(&roads, &snaps(&stops))).transpose()?;
        let driven = driven.as_ref().unwrap_or(&roads);
        self.choose_kerbs(driven, &mut stops)?;
        let snaps = snaps(&stops);
        let outlook = departure.map(|it| it.outlook(&roads, &snaps)).transpose()?;
        let ways = self.ways(driven, &snaps);
        let (fastest, others) = ways.split_first().context(NO_WAY)?;
        let time = outlook.map_or(fastest.route.duration, |outlook| outlook.time);
        let interval = self.leaving.interval(time)?;
        let consult = self.consult.consult(&ways.iter().collect::<Vec<_>>())?;
        let language = self.lang;
        let told = Told { roads: driven, stops: &stops, language, outlook, interval, consult };
        if self.json {
            say::line(told.as_json(fastest, others));
        } else {
            told.as_text(fastest, others).iter().for_each(say::line);
        }
        Ok(())
    }

    /// Keeps stops to the kerbs on which their places lie, if that is asked.
    fn choose_kerbs(&self, roads: &Roads, stops: &mut [Stop]) -> anyhow::Result<()> {
        if self.kerb == AskedKerb::Any {
            return Ok(());
        }
        let driving = match self.driving {
            Some(DrivingSide::Left) => Driving::OnLeft,
            Some(DrivingSide::Right) => Driving::OnRight,
            None => roads.driving().context(NO_ROUNDABOUTS)?,
        };
        let nearest: Vec<Candidate> = stops.iter().map(|stop| stop.nearest).collect();
        for (stop, chosen) in stops.iter_mut().zip(roads.at_kerbs(&nearest, driving)) {
            stop.nearest.snap = chosen.snap;
            stop.kerb = Some(chosen.kerb);
        }
        Ok(())
    }

    /// The fastest way, then the others.
    fn ways(&self, roads: &Roads, stops: &[Snap]) -> Vec<Directions> {
        match stops {
            [from, to] => {
                let n_more = if self.consult.is_asked() { N_OTHERS_MAX } else { self.alternatives };
                roads.alternatives(from, to, n_more)
            }
            _ => roads.directions(stops).into_iter().collect(),
        }
    }
}

impl Stop {
    fn of(roads: &Roads, place: Position) -> anyhow::Result<Self> {
        let near = roads.rivals(place, SLACK_METRES, SNAP_METRES_MAX)?;
        let nearest = near[0];
        let own = roads.street_at(&nearest.snap);
        let rivals = near.into_iter().filter(|c| roads.street_at(&c.snap) != own).collect();
        Ok(Self { place, nearest, kerb: None, rivals })
    }

    /// The other streets, each once.
    fn rival_streets<'a>(&self, roads: &'a Roads) -> Vec<&'a str> {
        let mut streets: Vec<&str> =
            self.rivals.iter().filter_map(|c| roads.street_at(&c.snap)).collect();
        streets.sort_unstable();
        streets.dedup();
        streets
    }

    fn as_line(&self, roads: &Roads) -> String {
        let (lat, lon) = (self.place.lat(), self.place.lon());
        let street = roads.street_at(&self.nearest.snap).unwrap_or("a road without name");
        let off = tell::length(self.nearest.snap.off_road_metres());
        let others = match self.rival_streets(roads) {
            streets if streets.is_empty() => String::new(),
            streets => format!("; may also be on {}", streets.join(", ")),
        };
        let kerb = match self.kerb {
            Some(Kerb::Far) => "; across the road: no way leads along its own kerb",
            Some(Kerb::Near) => "; at the unit's kerb",
            Some(Kerb::OnLine) | None => "",
        };
        format!("  {lat},{lon} is {off} from {street}{others}{kerb}")
    }

    fn as_json(&self, roads: &Roads) -> Value {
        json!({
            "place": point(self.place),
            "on_road": point(self.nearest.snap.position()),
            "off_road_metres": rounded(self.nearest.snap.off_road_metres()),
            "street": roads.street_at(&self.nearest.snap),
            "may_be_on": self.rival_streets(roads),
            "kerb": self.kerb.map(|kerb| match kerb {
                Kerb::Near => "near",
                Kerb::Far => "far",
                Kerb::OnLine => "on-line",
            }),
        })
    }
}

/// Where the last place is, as seen by who arrives.
fn beside(directions: &Directions, stop: &Stop) -> Beside {
    let points = &directions.route.points;
    let last = points[points.len() - 1].0;
    let before = points.iter().rev().map(|p| p.0).find(|p| p.metres_to(last) > 1.0);
    let Some(before) = before.filter(|_| stop.nearest.snap.off_road_metres() > ON_LINE_METRES_MAX)
    else {
        return Beside::On;
    };
    let scale = last.lat().to_radians().cos();
    let flat =
        |from: Position, to: Position| [(to.lon() - from.lon()) * scale, to.lat() - from.lat()];
    let (on, aside) = (flat(before, last), flat(last, stop.place));
    if on[0] * aside[1] - on[1] * aside[0] > 0.0 { Beside::Left } else { Beside::Right }
}

/// What is told of every way.
struct Told<'a> {
    roads: &'a Roads,
    stops: &'a [Stop],
    language: Language,
    outlook: Option<Outlook>,
    interval: Option<Interval>,
    consult: Option<Consult>,
}

impl Told<'_> {
    fn as_text(&self, fastest: &Directions, others: &[Directions]) -> Vec<String> {
        let mut lines = self.way_lines(fastest);
        let stops = self.stops.iter().map(|stop| stop.as_line(self.roads));
        lines.splice(1..1, self.time_lines().into_iter().chain(stops));
        for (n, other) in (1..).zip(others) {
            let own = self.way_lines(other);
            lines.push(format!("Other way {n}: {}", own[0]));
            lines.extend_from_slice(&own[1..]);
        }
        lines
    }

    fn time_lines(&self) -> Vec<String> {
        let outlook = self.outlook.map(|outlook| outlook.lines(self.language));
        let interval = self.interval.map(|interval| interval.line(self.language));
        let consult = self.consult.as_ref().map(Consult::line);
        outlook.into_iter().flatten().chain(interval).chain(consult).collect()
    }

    /// Length and time, then a line for each step.
    fn way_lines(&self, way: &Directions) -> Vec<String> {
        let (length, time) = (tell::length(way.route.metres), tell::clock(way.route.duration));
        let side = self.side(way);
        let step = |(n, step): (usize, &Step)| {
            let (length, time) = (tell::length(step.metres), tell::clock(step.duration));
            format!("{n:>3}. {length:>8} {time:>6}  {}", tell::step(step, side, self.language))
        };
        let steps = (1..).zip(&way.steps).map(step);
        std::iter::once(format!("{length} in {time}")).chain(steps).collect()
    }

    fn side(&self, way: &Directions) -> Beside {
        self.stops.last().map_or(Beside::On, |stop| beside(way, stop))
    }

    fn as_json(&self, fastest: &Directions, others: &[Directions]) -> Value {
        let mut all = self.way_json(fastest);
        all["profile"] = json!(self.roads.profile());
        let stops = self.stops.iter().map(|stop| stop.as_json(self.roads));
        all["stops"] = stops.collect();
        if let Some(outlook) = self.outlook {
            all["expected"] = outlook.as_json();
        }
        if let Some(interval) = self.interval {
            all["interval"] = interval.as_json();
        }
        if let Some(consult) = &self.consult {
            all["consult"] = consult.as_json();
        }
        all["alternatives"] = others.iter().map(|way| self.way_json(way)).collect();
        all
    }

    fn way_json(&self, way: &Directions) -> Value {
        let (route, side) = (&way.route, self.side(way));
        let step = |step: &Step| {
            json!({
                "maneuver": tell::code(step.maneuver),
                "exit": tell::exit(step.maneuver),
                "text": tell::step(step, side, self.language),
                "street": step.street,
                "metres": rounded(step.metres),
                "seconds": step.duration.as_secs_f64(),
                "first_point": step.first_point,
                "exceptions": tell::exception_codes(step.exceptions),
            })
        };
        let line: Vec<Value> = route.points.iter().map(|p| point(p.0)).collect();
        let seconds: Vec<f64> = route.points.iter().map(|p| p.1.as_secs_f64()).collect();
        json!({
            "seconds": route.duration.as_secs_f64(),
            "metres": rounded(route.metres),
            "steps": way.steps.iter().map(step).collect::<Vec<_>>(),
            "geometry": { "type": "LineString", "coordinates": line },
            "seconds_at_points": seconds,
        })
    }
}

/// As GeoJSON writes it: longitude first.
fn point(position: Position) -> Value {
    json!([position.lon(), position.lat()])
}

/// To the decimetre.
fn rounded(metres: f64) -> f64 {
    (metres * 10.0).round() / 10.0
}
