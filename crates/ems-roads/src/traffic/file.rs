//! Live traffic as a CSV file, which anybody can write.
//!
//! It is read as [`ems_table`] reads tables. A row says how one stretch of road flows, and until
//! when:
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

use ems_hierarchy::both;
use ems_model::{Millis, Position, Timestamp};
use ems_table::{Column, Row, Table, TableError, decimal, whole};

use crate::roads::Roads;
use crate::route::Piece;
use crate::snap::OffMap;
use crate::traffic::{AbsurdSpeed, Flow, Kmh, NoSuchArc, Overlaid, Traffic};

/// Rows in one file at most.
pub const TRAFFIC_ROWS_MAX: usize = 1_000_000;

/// What a row of edges takes at least, but for odd ones.
const ROW_BYTES: usize = 36;
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
    /// No table, or a value that cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
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
    /// No rows.
    #[error("the file has no row below its header: add what is known of the traffic")]
    Empty,
}

impl TrafficFile {
    /// Reads a file about a city at `now`, its halves at once where the roads have threads for it
    /// ([`Roads::on`]). Cost: a row of edges some 35 ns; a row of places two snaps and a route.
    pub fn parse(bytes: &[u8], roads: &Roads, now: Timestamp) -> Result<Self, TrafficFileError> {
        let table = Table::read(bytes, TRAFFIC_ROWS_MAX)?;
        let columns = Columns::of(&table)?;
        let read = |table| {
            let traffic = Traffic::with_capacity(bytes.len() / ROW_BYTES);
            Reader { roads, now, columns, until_known: None, traffic }.read(table)
        };
        let [first, second] = both(roads.fork(), table.halves().map(|half| move || read(half)));
        let file = first?.followed_by(&second?);
        match file.n_rows {
            0 => Err(TrafficFileError::Empty),
            n_rows if n_rows <= TRAFFIC_ROWS_MAX => Ok(file),
            // Which line is one too many only the whole can tell.
            _ => read(Table::read(bytes, TRAFFIC_ROWS_MAX)?),
        }
    }

    fn followed_by(mut self, later: &Self) -> Self {
        self.traffic.append(&later.traffic);
        let (n_rows, n_over) = (self.n_rows + later.n_rows, self.n_over + later.n_over);
        Self { traffic: self.traffic.in_order(), n_rows, n_over }
    }
}

/// How a row names its stretch, by columns.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `edge`, `direction`.
    Edge([Column; 2]),
    /// `from_lat`, `from_lon` and `to_lat`, `to_lon`.
    Places([[Column; 2]; 2]),
}

#[derive(Debug, Clone, Copy)]
struct Columns {
    form: Form,
    speed: Column,
    until: Column,
}

const EDGE: [&str; 4] = ["edge", "direction", "speed_kmh", "until"];
const PLACES: [&str; 6] = ["from_lat", "from_lon", "to_lat", "to_lon", "speed_kmh", "until"];

impl Columns {
    fn of(table: &Table<'_>) -> Result<Self, TableError> {
        let (form, _) = table.one_of(&[&EDGE, &PLACES])?;
        if form == 0 {
            let [edge, direction, speed, until] = table.columns(EDGE)?;
            return Ok(Self { form: Form::Edge([edge, direction]), speed, until });
        }
        let [from_lat, from_lon, to_lat, to_lon, speed, until] = table.columns(PLACES)?;
        Ok(Self { form: Form::Places([[from_lat, from_lon], [to_lat, to_lon]]), speed, until })
    }
}

struct Reader<'a> {
    roads: &'a Roads,
    now: Timestamp,
    columns: Columns,
    /// The last time read and its text: most rows have the one before them.
    until_known: Option<(String, Timestamp)>,
    traffic: Traffic,
}

impl Reader<'_> {
    fn read(mut self, mut table: Table<'_>) -> Result<TrafficFile, TrafficFileError> {
        let mut n_over = 0;
        while let Some(row) = table.next_row()? {
            n_over += usize::from(!self.row(&row)?);
        }
        Ok(TrafficFile { traffic: self.traffic, n_rows: table.n_rows(), n_over })
    }

    /// Takes a row; answers whether it still holds.
    fn row(&mut self, row: &Row<'_>) -> Result<bool, TrafficFileError> {
        let flow = flow(row, self.columns.speed)?;
        let until = self.until(row)?;
        let times = [self.now, until];
        match self.columns.form {
            Form::Edge(at) => self.edge(row, at, flow, times)?,
            Form::Places(at) => self.stretch(row, at, flow, times)?,
        }
        Ok(until > self.now)
    }

    fn until(&mut self, row: &Row<'_>) -> Result<Timestamp, TableError> {
        let text = row.text(self.columns.until)?;
        if let Some((_, until)) = self.until_known.as_ref().filter(|(known, _)| known == text) {
            return Ok(*until);
        }
        let wanted = "a time with its zone, such as 2026-11-25T08:30:00Z";
        let until = row.read(self.columns.until, wanted, Timestamp::from_rfc3339)?;
        if until.since(self.now) > AHEAD_MAX {
            let wanted = "within 366 days: correct it, or change the map";
            return Err(row.wrong(self.columns.until, wanted));
        }
        self.until_known = Some((text.to_owned(), until));
        Ok(until)
    }

    fn edge(
        &mut self,
        row: &Row<'_>,
        [edge, direction]: [Column; 2],
        flow: Flow,
        times: [Timestamp; 2],
    ) -> Result<(), TrafficFileError> {
        let wanted = "the number of an edge of this city's pack";
        let edge = row.read(edge, wanted, whole)?;
        let mut state = |is_forward| {
            let overlaid = self.roads.overlaid(edge, is_forward, flow, times);
            overlaid.map(|overlaid| self.state(overlaid))
        };
        let stated = match row.text(direction)? {
            "forward" => state(true),
            "backward" => state(false),
            // A one-way street is stated in the direction that it has.
            "both" => state(true).or(state(false)),
            _ => return Err(row.wrong(direction, "forward, backward or both").into()),
        };
        stated.map_err(|source| TrafficFileError::Arc { line: row.line(), source })
    }

    fn stretch(
        &mut self,
        row: &Row<'_>,
        [from, to]: [[Column; 2]; 2],
        flow: Flow,
        [since, until]: [Timestamp; 2],
    ) -> Result<(), TrafficFileError> {
        let arcs = self.arcs_between(row.line(), row.position(from)?, row.position(to)?)?;
        let row = |arc| Overlaid { arc, flow, since, until };
        for arc in arcs {
            self.state(row(arc));
        }
        Ok(())
    }

    fn state(&mut self, row: Overlaid) {
        if row.holds(self.now) {
            self.traffic.push(row);
        }
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

fn flow(row: &Row<'_>, speed: Column) -> Result<Flow, TrafficFileError> {
    let stated = row.text(speed)?;
    let kmh = match stated {
        "closed" => return Ok(Flow::Closed),
        "free" => return Ok(Flow::Free),
        number => decimal(number),
    };
    let wanted = "a speed in km/h, \"closed\" or \"free\"";
    let kmh = kmh.ok_or_else(|| row.wrong(speed, wanted))?;
    let absurd = |source| TrafficFileError::Speed { line: row.line(), source };
    Ok(Flow::At(Kmh::new(kmh).map_err(absurd)?))
}
