//! Live traffic as a CSV file, which anybody can write.
//!
//! The header names the columns, in any order; other columns are left alone. A row says how one
//! stretch of road flows, and until when:
//!
//!     from_lat,from_lon,to_lat,to_lon,speed_kmh,until
//!     35.9033,14.4584,35.9046,14.4631,12,2026-11-25T08:30:00Z
//!     35.9046,14.4635,35.9039,14.4666,closed,2026-11-25T12:00:00+01:00
//!
//! The stretch is the fastest way between two places on a free road, in that direction; an edge of
//! which less than half is driven is left out, but for the one most driven where no other is. Who
//! knows the edges of the pack writes `edge,direction` (`forward`, `backward`, `both`) instead of
//! the four places. `speed_kmh` is a number in [`crate::OVERLAY_KMH`], `closed`, or `free`, which
//! takes back what was said before. `until` is a time after RFC 3339, with its zone. Of two rows
//! about one stretch the later counts.

use ems_model::{Millis, NotOnEarth, Position, Timestamp};

use crate::roads::Roads;
use crate::route::Piece;
use crate::snap::OffMap;
use crate::traffic::{AbsurdSpeed, Flow, Kmh, NoSuchArc, Overlaid, Traffic};

/// Rows in one file at most.
pub const TRAFFIC_ROWS_MAX: usize = 1_000_000;

/// How far the places of a stretch may be from its road, metres.
const OFF_ROAD_METRES_MAX: f64 = 50.0;
/// Places nearer than this to each other have no direction, metres.
const APART_METRES_MIN: f64 = 2.0;
/// A stretch that is longer than this many times the straight line, and [`DETOUR_METRES`], leads
/// round a block.
const DETOUR_FACTOR: f64 = 1.5;
const DETOUR_METRES: f64 = 200.0;
/// How far ahead an overlay may hold.
const AHEAD_MAX: Millis = Millis::from_mins(366 * 24 * 60);

/// What a file of traffic says of one city.
#[derive(Debug, Clone, PartialEq)]
pub struct TrafficFile {
    /// What holds still.
    pub traffic: Traffic,
    /// Rows below the header.
    pub n_rows: usize,
    /// Rows of which `until` has passed: they say nothing.
    pub n_over: usize,
}

/// A file that cannot be used; nothing of it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TrafficFileError {
    /// The header lacks a column.
    #[error(
        "the header \"{found}\" lacks {missing}: write from_lat,from_lon,to_lat,to_lon,speed_kmh,until \
         or edge,direction,speed_kmh,until"
    )]
    Column {
        /// The header.
        found: String,
        /// What is missing.
        missing: &'static str,
    },
    /// More or fewer values than columns.
    #[error(
        "line {line} has {n_values} values where the header has {n_columns}: write one a column, without commas in them"
    )]
    Values {
        /// The line, from 1.
        line: usize,
        /// Its values.
        n_values: usize,
        /// The header's columns.
        n_columns: usize,
    },
    /// A value that cannot be read.
    #[error("line {line}: {column} \"{value}\" is not {wanted}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: &'static str,
        /// What is there.
        value: String,
        /// What should be.
        wanted: &'static str,
    },
    /// A speed that nobody drives.
    #[error("line {line}: {source}")]
    Speed {
        /// The line, from 1.
        line: usize,
        /// Why not.
        source: AbsurdSpeed,
    },
    /// An edge that is not there or not driven so.
    #[error("line {line}: {source}")]
    Arc {
        /// The line, from 1.
        line: usize,
        /// Why not.
        source: NoSuchArc,
    },
    /// A place that is not on Earth.
    #[error("line {line}: {source}")]
    Place {
        /// The line, from 1.
        line: usize,
        /// Why not.
        source: NotOnEarth,
    },
    /// A place that is on no road.
    #[error("line {line}: {source}")]
    OffMap {
        /// The line, from 1.
        line: usize,
        /// Where, and how far off.
        source: OffMap,
    },
    /// Places between which one does not simply drive.
    #[error(
        "line {line}: from and to are {apart:.0} m apart, the way between them is {metres:.0} m long: \
         put both on one road in the direction driven, at least {APART_METRES_MIN} m apart, or split the stretch"
    )]
    Stretch {
        /// The line, from 1.
        line: usize,
        /// The straight line, metres.
        apart: f64,
        /// The way, metres.
        metres: f64,
    },
    /// It holds for too long to be traffic.
    #[error("line {line}: until \"{value}\" is over 366 days ahead: correct it, or change the map")]
    TooFarAhead {
        /// The line, from 1.
        line: usize,
        /// What is there.
        value: String,
    },
    /// More rows than are taken.
    #[error("line {line}: more than {TRAFFIC_ROWS_MAX} rows: split the file")]
    TooMany {
        /// The line, from 1.
        line: usize,
    },
    /// No rows.
    #[error("the file has no row below its header: add what is known of the traffic")]
    Empty,
}

impl TrafficFile {
    /// Reads a file about a city at `now`. Cost: a row of edges some 100 ns; a row of places two
    /// snaps and a route.
    pub fn parse(text: &str, roads: &Roads, now: Timestamp) -> Result<Self, TrafficFileError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = (1..).zip(text.lines());
        let columns = Columns::of(lines.next().map_or("", |(_, header)| header))?;
        let mut reader = Reader { roads, now, columns, until_known: None, rows: Vec::new() };
        let (mut n_rows, mut n_over) = (0, 0);
        let mut values = Vec::new();
        for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
            if n_rows == TRAFFIC_ROWS_MAX {
                return Err(TrafficFileError::TooMany { line });
            }
            values.clear();
            values.extend(text.split(',').map(unquote));
            n_over += usize::from(!reader.row(line, &values)?);
            n_rows += 1;
        }
        if n_rows == 0 {
            return Err(TrafficFileError::Empty);
        }
        Ok(Self { traffic: Traffic::of(reader.rows), n_rows, n_over })
    }
}

/// How a row names its stretch, by columns.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `edge`, `direction`.
    Edge([usize; 2]),
    /// `from_lat`, `from_lon`, `to_lat`, `to_lon`.
    Places([usize; 4]),
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    form: Form,
    speed: usize,
    until: usize,
    n: usize,
}

const PLACES: [&str; 4] = ["from_lat", "from_lon", "to_lat", "to_lon"];

impl Columns {
    fn of(header: &str) -> Result<Self, TrafficFileError> {
        let names: Vec<String> =
            header.split(',').map(|name| unquote(name).to_lowercase()).collect();
        let column = |wanted: &'static str| {
            let found = names.iter().position(|name| name == wanted);
            found
                .ok_or_else(|| TrafficFileError::Column { found: shorten(header), missing: wanted })
        };
        let form = if names.iter().any(|name| name == "edge") {
            Form::Edge([column("edge")?, column("direction")?])
        } else {
            let [a, b, c, d] = PLACES.map(column);
            Form::Places([a?, b?, c?, d?])
        };
        let (speed, until) = (column("speed_kmh")?, column("until")?);
        Ok(Self { form, speed, until, n: names.len() })
    }
}

struct Reader<'a> {
    roads: &'a Roads,
    now: Timestamp,
    columns: Columns,
    /// The last time read and its text: most rows have the one before them.
    until_known: Option<(&'a str, Timestamp)>,
    rows: Vec<Overlaid>,
}

impl<'a> Reader<'a> {
    /// Takes a row; answers whether it still holds.
    fn row(&mut self, line: usize, values: &[&'a str]) -> Result<bool, TrafficFileError> {
        let (n_values, n_columns) = (values.len(), self.columns.n);
        if n_values != n_columns {
            return Err(TrafficFileError::Values { line, n_values, n_columns });
        }
        let flow = flow(line, values[self.columns.speed])?;
        let until = self.until(line, values[self.columns.until])?;
        let first = self.rows.len();
        let times = [self.now, until];
        match self.columns.form {
            Form::Edge(at) => self.edge(line, at.map(|at| values[at]), flow, times)?,
            Form::Places(at) => self.stretch(line, at.map(|at| values[at]), flow, times)?,
        }
        let is_held = until > self.now;
        if !is_held {
            self.rows.truncate(first);
        }
        Ok(is_held)
    }

    fn until(&mut self, line: usize, value: &'a str) -> Result<Timestamp, TrafficFileError> {
        if let Some((_, until)) = self.until_known.filter(|(known, _)| *known == value) {
            return Ok(until);
        }
        let wanted = "a time with its zone, such as 2026-11-25T08:30:00Z";
        let bad = || bad_value(line, "until", value, wanted);
        let until = Timestamp::from_rfc3339(value).ok_or_else(bad)?;
        if until.since(self.now) > AHEAD_MAX {
            return Err(TrafficFileError::TooFarAhead { line, value: shorten(value) });
        }
        self.until_known = Some((value, until));
        Ok(until)
    }

    fn edge(
        &mut self,
        line: usize,
        [edge, direction]: [&str; 2],
        flow: Flow,
        times: [Timestamp; 2],
    ) -> Result<(), TrafficFileError> {
        let wanted = "the number of an edge of this city's pack";
        let edge = edge.parse().map_err(|_| bad_value(line, "edge", edge, wanted))?;
        let mut state = |is_forward| {
            let row = self.roads.overlaid(edge, is_forward, flow, times);
            row.map(|row| self.rows.push(row))
        };
        let stated = match direction {
            "forward" => state(true),
            "backward" => state(false),
            // A one-way street is stated in the direction that it has.
            "both" => state(true).or(state(false)),
            _ => return Err(bad_value(line, "direction", direction, "forward, backward or both")),
        };
        stated.map_err(|source| TrafficFileError::Arc { line, source })
    }

    fn stretch(
        &mut self,
        line: usize,
        values: [&str; 4],
        flow: Flow,
        [since, until]: [Timestamp; 2],
    ) -> Result<(), TrafficFileError> {
        let mut degrees = [0.0; 4];
        for ((value, column), degrees) in values.into_iter().zip(PLACES).zip(&mut degrees) {
            let bad = |_| bad_value(line, column, value, "a number of degrees");
            *degrees = value.parse().map_err(bad)?;
        }
        let [from, to] = [[degrees[0], degrees[1]], [degrees[2], degrees[3]]].map(|[lat, lon]| {
            Position::from_degrees(lat, lon)
                .map_err(|source| TrafficFileError::Place { line, source })
        });
        let arcs = self.arcs_between(line, from?, to?)?;
        self.rows.extend(arcs.into_iter().map(|arc| Overlaid { arc, flow, since, until }));
        Ok(())
    }

    /// The arcs of the way between two places.
    fn arcs_between(
        &self,
        line: usize,
        from: Position,
        to: Position,
    ) -> Result<Vec<u32>, TrafficFileError> {
        let snap = |place| {
            let snap = self.roads.snap_within(place, OFF_ROAD_METRES_MAX);
            snap.map_err(|source| TrafficFileError::OffMap { line, source })
        };
        let (from, to) = (snap(from)?, snap(to)?);
        let pieces = self.roads.pieces(&from, &to).unwrap_or_default();
        let driven = |piece: &Piece| {
            let metres = self.roads.edge_metres(piece.arc / 2);
            (piece.to - piece.from) * metres
        };
        let (apart, metres) =
            (from.position().metres_to(to.position()), pieces.iter().map(driven).sum());
        let is_straight = metres <= apart * DETOUR_FACTOR + DETOUR_METRES;
        if apart < APART_METRES_MIN || !is_straight || pieces.is_empty() {
            return Err(TrafficFileError::Stretch { line, apart, metres });
        }
        let mostly = pieces.iter().filter(|piece| piece.to - piece.from >= 0.5);
        let arcs: Vec<u32> = mostly.map(|piece| piece.arc).collect();
        let longest = pieces.iter().max_by(|a, b| driven(a).total_cmp(&driven(b)));
        Ok(if arcs.is_empty() {
            longest.map(|piece| piece.arc).into_iter().collect()
        } else {
            arcs
        })
    }
}

fn flow(line: usize, value: &str) -> Result<Flow, TrafficFileError> {
    match value {
        "closed" => Ok(Flow::Closed),
        "free" => Ok(Flow::Free),
        _ => {
            let wanted = "a speed in km/h, \"closed\" or \"free\"";
            let kmh = value.parse().map_err(|_| bad_value(line, "speed_kmh", value, wanted))?;
            let kmh = Kmh::new(kmh).map_err(|source| TrafficFileError::Speed { line, source })?;
            Ok(Flow::At(kmh))
        }
    }
}

fn bad_value(
    line: usize,
    column: &'static str,
    value: &str,
    wanted: &'static str,
) -> TrafficFileError {
    TrafficFileError::Value { line, column, value: shorten(value), wanted }
}

fn unquote(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).unwrap_or(value)
}

/// At most 60 characters of what a file holds, for a message.
fn shorten(value: &str) -> String {
    value.chars().take(60).collect()
}
