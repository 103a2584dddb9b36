//! Cities made up from a seed, written in the forms that JEMSS reads: columns in any order, with
//! notes beside them, directed or undirected arcs, other lines' ends, other words for yes and no.

use std::fmt::Write as _;

use ems_sim::{CityFiles, CoverFiles, NamedFile};
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

/// A city's files, its calls, and what its demand is worked out from.
pub(crate) struct MadeCity {
    pub(crate) files: CityFiles,
    pub(crate) calls: NamedFile,
    pub(crate) cover: CoverFiles,
    pub(crate) raster: NamedFile,
    /// By rank: calls a day, and how long a drive covers, days.
    pub(crate) demand: Vec<[f64; 2]>,
    /// Demand of each cell that is one, with the middles of its points.
    pub(crate) cells: Vec<(f64, Vec<[f64; 2]>)>,
}

/// How a city's tables are written.
struct Form {
    rng: Pcg64Mcg,
    line_end: &'static str,
    yes: [&'static str; 2],
    has_counts: bool,
    has_notes: bool,
    has_points: bool,
}

const WEST: f64 = -113.7;
const SOUTH: f64 = 53.4;
const SIDE: f64 = 0.3;
const SCALE: [f64; 2] = [66.0, 111.32];

impl Form {
    fn new(mut rng: Pcg64Mcg) -> Self {
        let yes = [["0", "1"], ["false", "true"], ["FALSE", "TRUE"], ["0.0", "1.0"]];
        Self {
            line_end: ["\n", "\r\n"][rng.random_range(0..2)],
            yes: yes[rng.random_range(0..4)],
            has_counts: rng.random(),
            has_notes: rng.random(),
            has_points: rng.random(),
            rng,
        }
    }

    fn flag(&self, is: bool) -> String {
        self.yes[usize::from(is)].to_owned()
    }

    fn index(&self, from_one: usize) -> String {
        if self.has_points { format!("{from_one}.0") } else { from_one.to_string() }
    }

    /// A table with its columns in some order.
    fn table(&mut self, name: &str, columns: &[&str], rows: &[Vec<String>]) -> String {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        for last in (1..order.len()).rev() {
            order.swap(last, self.rng.random_range(0..=last));
        }
        let note = if self.has_notes { ",,\"a, note\"" } else { "" };
        let count = if self.has_counts { rows.len().to_string() } else { String::new() };
        let end = self.line_end;
        let mut text = format!("{name},{count}{note}{end}");
        let line = |cells: Vec<&str>| format!("{}{note}{end}", cells.join(","));
        text += &line(order.iter().map(|&at| columns[at]).collect());
        for row in rows {
            text += &line(order.iter().map(|&at| row[at].as_str()).collect());
        }
        text + ",," + end
    }
}

fn file(name: &str, text: &str) -> NamedFile {
    NamedFile::new(name, text.as_bytes())
}

impl MadeCity {
    pub(crate) fn new(mut rng: Pcg64Mcg, n_calls: usize) -> Self {
        let mut form = Form::new(rng.clone());
        let size = |rng: &mut Pcg64Mcg, most: usize| rng.random_range(1..=most);
        let (n_nodes, n_modes) = (20 + size(&mut rng, 100), size(&mut rng, 3));
        let (n_stations, n_hospitals) = (size(&mut rng, 6), size(&mut rng, 4));
        let (n_units, n_ranks) = (size(&mut rng, 9), size(&mut rng, 5));
        let names = names(n_ranks);
        let points = |rng: &mut Pcg64Mcg, n: usize| (0..n).map(|_| somewhere(rng)).collect();
        let nodes: Vec<[f64; 2]> = points(&mut rng, n_nodes);
        let stations = points(&mut rng, n_stations);
        let hospitals = points(&mut rng, n_hospitals);
        let spots = |form: &mut Form, name: &str, spots: &[[f64; 2]]| {
            let row = |(at, [x, y]): (usize, &[f64; 2])| {
                vec![form.index(at + 1), x.to_string(), y.to_string()]
            };
            let rows: Vec<_> = spots.iter().enumerate().map(row).collect();
            file(name, &form.table(name, &["index", "x", "y"], &rows))
        };
        let files = CityFiles {
            arcs: arcs(&mut form, &mut rng, &nodes, n_modes),
            nodes: open_nodes(&mut form, &mut rng, &nodes),
            stations: spots(&mut form, "stations", &stations),
            hospitals: spots(&mut form, "hospitals", &hospitals),
            ambulances: ambulances(&mut form, &mut rng, n_units, n_stations),
            priorities: priorities(&mut form, &mut rng, &names),
            travel: travel(&mut form, &mut rng, &names, n_modes),
            map: map(&mut form),
            redispatch: Some(redispatch(&mut form, &mut rng, &names)),
        };
        let demand: Vec<_> = names
            .iter()
            .map(|_| [rng.random_range(0.0..90.0), rng.random_range(0.003..0.02)])
            .collect();
        let side = rng.random_range(1..=3);
        let (raster, cells) = raster(&mut rng, side);
        let cover = cover(&mut form, &names, &demand, side);
        let calls = calls(&mut form, &mut rng, n_calls, n_ranks, n_units, n_hospitals);
        Self { files, calls, cover, raster, demand, cells }
    }
}

/// JEMSS' own names where there are as many.
fn names(n: usize) -> Vec<String> {
    let usual = ["highPriority", "medPriority", "lowPriority"];
    let other = |rank: usize| format!("rank{rank}");
    if n > 3 {
        (1..=n).map(other).collect()
    } else {
        usual[..n].iter().map(|&n| n.into()).collect()
    }
}

fn somewhere(rng: &mut Pcg64Mcg) -> [f64; 2] {
    [WEST + SIDE * rng.random::<f64>(), SOUTH + SIDE * rng.random::<f64>()]
}

/// A ring through all nodes, and as many arcs again anywhere, some of them twice.
fn arcs(form: &mut Form, rng: &mut Pcg64Mcg, nodes: &[[f64; 2]], n_modes: usize) -> NamedFile {
    let n = nodes.len();
    let is_directed = rng.random::<bool>();
    let ring = (0..n).map(|at| [at, (at + 1) % n]);
    let mut ends: Vec<[usize; 2]> = ring.collect();
    while ends.len() < 2 * n {
        let [a, b] = [rng.random_range(0..n), rng.random_range(0..n)];
        if a != b {
            ends.push([a, b]);
        }
    }
    ends.extend_from_within(..n / 4);
    let row = |(at, [tail, head]): (usize, &[usize; 2])| {
        let mut row = [at, *tail, *head].map(|at| form.index(at + 1)).to_vec();
        row.extend((0..n_modes).map(|_| rng.random_range(1e-5..4e-3).to_string()));
        row
    };
    let rows: Vec<_> = ends.iter().enumerate().map(row).collect();
    let modes: Vec<_> = (1..=n_modes).map(|mode| format!("mode_{mode}")).collect();
    let mut columns = vec!["index", "fromNode", "toNode"];
    columns.extend(modes.iter().map(String::as_str));
    let arc_form = if is_directed { "directed" } else { "undirected" };
    let misc = vec![vec![arc_form.to_owned(), n_modes.to_string()]];
    let misc = form.table("miscData", &["arcForm", "numModes"], &misc);
    file("arcs", &(misc + &form.table("arcs", &columns, &rows)))
}

fn open_nodes(form: &mut Form, rng: &mut Pcg64Mcg, nodes: &[[f64; 2]]) -> NamedFile {
    let row = |(at, [x, y]): (usize, &[f64; 2])| {
        let is_open = at == 0 || rng.random::<f64>() < 0.8;
        vec![form.index(at + 1), x.to_string(), y.to_string(), form.flag(is_open)]
    };
    let rows: Vec<_> = nodes.iter().enumerate().map(row).collect();
    let columns = ["index", "x", "y", "offRoadAccess"];
    // A column that may be missing.
    let n = if rng.random() { 4 } else { 3 };
    let rows: Vec<_> = rows.into_iter().map(|row| row[..n].to_vec()).collect();
    file("nodes", &form.table("nodes", &columns[..n], &rows))
}

fn ambulances(form: &mut Form, rng: &mut Pcg64Mcg, n: usize, n_stations: usize) -> NamedFile {
    let row = |at| vec![form.index(at), form.index(rng.random_range(1..=n_stations)), "1".into()];
    let rows: Vec<_> = (1..=n).map(row).collect();
    file("ambulances", &form.table("ambulances", &["index", "stationIndex", "class"], &rows))
}

fn priorities(form: &mut Form, rng: &mut Pcg64Mcg, names: &[String]) -> NamedFile {
    let target = ["targetResponseTime", "targetResponseDuration"][rng.random_range(0..2)];
    let n = if rng.random() { 4 } else { 3 };
    let row = |(at, name): (usize, &String)| {
        let driven_as = names[rng.random_range(0..names.len())].clone();
        let row = [form.index(at + 1), name.clone(), "0.006".into(), driven_as];
        row[..n].to_vec()
    };
    let rows: Vec<_> = names.iter().enumerate().map(row).collect();
    let columns = ["priority", "name", target, "responseTravelPriority"];
    file("priorities", &form.table("priorities", &columns[..n], &rows))
}

fn travel(form: &mut Form, rng: &mut Pcg64Mcg, names: &[String], n_modes: usize) -> NamedFile {
    let mode = |at| vec![form.index(at), rng.random_range(200.0..1200.0).to_string()];
    let modes: Vec<_> = (1..=n_modes).map(mode).collect();
    let mut named: Vec<&str> = names.iter().map(String::as_str).collect();
    // JEMSS' sets name all its priorities, also those that a city does not have.
    if names.len() < 3 {
        named = vec!["highPriority", "medPriority", "lowPriority"];
    }
    let set = |name: &&str| {
        vec![form.index(1), (*name).to_owned(), form.index(rng.random_range(1..=n_modes))]
    };
    let sets: Vec<_> = named.iter().map(set).collect();
    let timing = vec![vec!["0".to_owned(), form.index(1)]];
    let mut text = form.table("travelModes", &["travelModeIndex", "offRoadSpeed"], &modes);
    text += &form.table("travelSets", &["travelSetIndex", "priority", "travelModeIndex"], &sets);
    text += &form.table("travelSetsTiming", &["startTime", "travelSetIndex"], &timing);
    file("travel", &text)
}

fn map(form: &mut Form) -> NamedFile {
    let row = [WEST, WEST + SIDE, SOUTH, SOUTH + SIDE, SCALE[0], SCALE[1]];
    let columns = ["xMin", "xMax", "yMin", "yMax", "xScale", "yScale"];
    file("map", &form.table("map", &columns, &[row.map(|value| value.to_string()).to_vec()]))
}

/// Any pairs from the less to the more urgent, sometimes switched off as a whole.
fn redispatch(form: &mut Form, rng: &mut Pcg64Mcg, names: &[String]) -> NamedFile {
    let pairs = (0..names.len()).flat_map(|from| (0..=from).map(move |to| [from, to]));
    let row = |[from, to]: [usize; 2]| {
        let is_on = from != to && rng.random::<f64>() < 0.7;
        vec![names[from].clone(), names[to].clone(), form.flag(is_on)]
    };
    let rows: Vec<_> = pairs.map(row).collect();
    let misc = vec![vec![form.flag(rng.random::<f64>() < 0.7)]];
    let misc = form.table("miscData", &["allowRedispatch"], &misc);
    let columns = ["fromCallPriority", "toCallPriority", "allowRedispatch"];
    file("redispatch", &(misc + &form.table("redispatchConditions", &columns, &rows)))
}

type Cells = Vec<(f64, Vec<[f64; 2]>)>;

/// Cells of a grid of ten by ten, each with `side` by `side` points.
fn raster(rng: &mut Pcg64Mcg, side: u32) -> (NamedFile, Cells) {
    let size = SIDE / 10.0;
    let (x0, y0) = (WEST, SOUTH + SIDE);
    let mut text = format!("# made 10x10 dx={size} dy={size} x0={x0} y0={y0}; centre\nix,iy,z\n");
    let mut cells = Vec::new();
    for (ix, iy) in (0..10u32).flat_map(|ix| (0..10u32).map(move |iy| (ix, iy))) {
        if rng.random::<f64>() < 0.3 {
            continue;
        }
        let z = rng.random_range(0.0..50.0);
        writeln!(text, "{ix},{iy},{z}").unwrap();
        let middle =
            |cell: u32, at: u32| size * (f64::from(cell) + (f64::from(at) + 0.5) / f64::from(side));
        let points = (0..side).flat_map(|x| (0..side).map(move |y| (x, y)));
        let points = points.map(|(x, y)| [x0 + middle(ix, x), y0 - middle(iy, y)]).collect();
        cells.push((z, points));
    }
    (file("raster", &text), cells)
}

fn cover(form: &mut Form, names: &[String], demand: &[[f64; 2]], side: u32) -> CoverFiles {
    let indices: Vec<_> = (1..=names.len()).collect();
    let mode = |&at: &usize| {
        let rate = demand[at - 1][0].to_string();
        vec![form.index(at), form.index(1), names[at - 1].clone(), rate]
    };
    let modes: Vec<_> = indices.iter().map(mode).collect();
    let chosen: Vec<_> = indices.iter().map(ToString::to_string).collect();
    let set = vec![vec![form.index(1), format!("[{}]", chosen.join("; "))]];
    let timing = vec![vec!["0".to_owned(), form.index(1)]];
    let columns = ["modeIndex", "rasterIndex", "priority", "arrivalRate"];
    let mut text = form.table("demandModes", &columns, &modes);
    text += &form.table("demandSets", &["setIndex", "modeIndices"], &set);
    text += &form.table("demandSetsTiming", &["startTime", "setIndex"], &timing);
    let times = names.iter().zip(demand);
    let times: Vec<_> =
        times.map(|(name, [_, time])| vec![name.clone(), time.to_string()]).collect();
    let mut cover_times = form.table("coverTimes", &["demandPriority", "coverTime"], &times);
    let side = vec![side.to_string(); 2];
    cover_times += &form.table("demandRasterCellNumPoints", &["rows", "cols"], &[side]);
    CoverFiles { demand: file("demand", &text), cover_times: file("cover", &cover_times) }
}

/// Calls that keep about half of the units busy, hours of queues included.
fn calls(
    form: &mut Form,
    rng: &mut Pcg64Mcg,
    n: usize,
    n_ranks: usize,
    n_units: usize,
    n_hospitals: usize,
) -> NamedFile {
    let is_old = rng.random::<bool>();
    let mut columns = vec!["index", "priority", "x", "y", "arrivalTime", "dispatchDelay"];
    columns.push("onSceneDuration");
    columns.extend(if is_old {
        ["transfer", "transferDuration"]
    } else {
        ["transport", "handoverDuration"]
    });
    columns.push("hospitalIndex");
    let units = f64::from(u32::try_from(n_units).unwrap());
    let mut time = rng.random_range(0.0..400.0);
    let row = |at| {
        time += rng.random_range(0.0..0.12) / units;
        let [x, y] = somewhere(rng);
        let mut days = |most: f64| rng.random_range(0.0..most).to_string();
        let lengths = [days(0.002), days(0.03), days(0.03)];
        let [delay, scene, handover] = lengths;
        let hospital = if rng.random::<f64>() < 0.1 {
            form.index(rng.random_range(1..=n_hospitals))
        } else {
            "-1".to_owned()
        };
        let rank = form.index(rng.random_range(1..=n_ranks));
        let is_taken = form.flag(rng.random::<f64>() < 0.7);
        let place = [x.to_string(), y.to_string(), time.to_string()];
        let [x, y, time] = place;
        vec![form.index(at), rank, x, y, time, delay, scene, is_taken, handover, hospital]
    };
    let rows: Vec<_> = (1..=n).map(row).collect();
    let misc = form.table("miscData", &["startTime"], &[vec!["0".to_owned()]]);
    file("calls", &(misc + &form.table("calls", &columns, &rows)))
}
