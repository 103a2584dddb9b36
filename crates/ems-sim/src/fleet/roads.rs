//! The road graph of a JEMSS city: directed arcs with a time for each mode of travel.

use super::plane::Plane;
use super::search::Arcs;
use super::table::{Column, NamedFile, Row, TableError};

/// The most modes of travel of one city.
const N_MODES_MAX: usize = 16;

/// A road graph without parallel arcs.
#[derive(Debug, Clone)]
pub(crate) struct Roads {
    first_out: Vec<u32>,
    heads: Vec<u32>,
    tails: Vec<u32>,
    first_in: Vec<u32>,
    sources: Vec<u32>,
    modes: Vec<Mode>,
}

#[derive(Debug, Clone)]
struct Mode {
    /// By arc, ordered by tail and head: days.
    days: Vec<f64>,
    /// By arc, ordered by head and tail.
    days_in: Vec<f64>,
}

/// The nodes of the graph.
#[derive(Debug, Clone)]
pub(crate) struct Nodes {
    /// By node: kilometres on the plane.
    pub(crate) points: Vec<[f64; 2]>,
    /// By node: whether it may be left for open ground.
    pub(crate) has_access: Vec<bool>,
}

impl Nodes {
    pub(crate) fn read(file: &NamedFile, plane: &Plane) -> Result<Self, TableError> {
        let table = file.table("nodes")?;
        let (x, y) = (table.column("x")?, table.column("y")?);
        let access = table.find("offRoadAccess");
        let index = table.column("index")?;
        let mut nodes = Self { points: Vec::new(), has_access: Vec::new() };
        for row in table.numbered(index) {
            let row = row?;
            let degrees = [row.number(x, f64::MIN, f64::MAX)?, row.number(y, f64::MIN, f64::MAX)?];
            nodes.points.push(plane.at(degrees));
            nodes.has_access.push(access.map_or(Ok(true), |access| row.flag(access))?);
        }
        if let (Some(access), false) = (access, nodes.has_access.contains(&true)) {
            return Err(table.first().wrong(access, "1, though one node must have access"));
        }
        Ok(nodes)
    }
}

/// An arc as it is read: its ends and its days by mode.
type Listed = ([u32; 2], Vec<f64>);

impl Roads {
    pub(crate) fn read(file: &NamedFile, n_nodes: usize) -> Result<Self, TableError> {
        let misc = file.table("miscData")?;
        let n_modes = misc.first().place(misc.column("numModes")?, N_MODES_MAX)? + 1;
        let form = misc.column("arcForm")?;
        let has_twins = match misc.first().text(form) {
            "directed" => false,
            "undirected" => true,
            _ => return Err(misc.first().wrong(form, "directed or undirected")),
        };
        let table = file.table("arcs")?;
        let index = table.column("index")?;
        let ends = [table.column("fromNode")?, table.column("toNode")?];
        let names: Vec<_> = (1..=n_modes).map(|mode| format!("mode_{mode}")).collect();
        let modes: Vec<_> =
            names.iter().map(|name| table.column(name)).collect::<Result<_, _>>()?;
        let arcs = table.numbered(index).map(|row| read_arc(&row?, ends, &modes, n_nodes));
        let mut arcs = arcs.collect::<Result<Vec<_>, _>>()?;
        if has_twins {
            arcs.extend(arcs.clone().into_iter().map(|([tail, head], days)| ([head, tail], days)));
        }
        Ok(Self::build(n_nodes, n_modes, arcs))
    }

    /// Of parallel arcs the fastest counts, by mode.
    pub(crate) fn build(n_nodes: usize, n_modes: usize, mut arcs: Vec<Listed>) -> Self {
        arcs.sort_by_key(|(ends, _)| *ends);
        arcs.dedup_by(|next, kept| {
            let is_parallel = next.0 == kept.0;
            if is_parallel {
                let fastest = kept.1.iter().zip(&next.1).map(|(a, b)| a.min(*b));
                kept.1 = fastest.collect();
            }
            is_parallel
        });
        let mut inward: Vec<usize> = (0..arcs.len()).collect();
        inward.sort_by_key(|&arc| (arcs[arc].0[1], arcs[arc].0[0]));
        let mode = |mode: usize| Mode {
            days: arcs.iter().map(|(_, days)| days[mode]).collect(),
            days_in: inward.iter().map(|&arc| arcs[arc].1[mode]).collect(),
        };
        Self {
            first_out: starts(n_nodes, arcs.iter().map(|(ends, _)| ends[0])),
            heads: arcs.iter().map(|(ends, _)| ends[1]).collect(),
            tails: arcs.iter().map(|(ends, _)| ends[0]).collect(),
            first_in: starts(n_nodes, inward.iter().map(|&arc| arcs[arc].0[1])),
            sources: inward.iter().map(|&arc| arcs[arc].0[0]).collect(),
            modes: (0..n_modes).map(mode).collect(),
        }
    }

    pub(crate) fn n_nodes(&self) -> usize {
        self.first_out.len() - 1
    }

    pub(crate) fn n_modes(&self) -> usize {
        self.modes.len()
    }

    pub(crate) fn out(&self, mode: usize) -> Arcs<'_> {
        Arcs { first: &self.first_out, ends: &self.heads, days: &self.modes[mode].days }
    }

    pub(crate) fn into(&self, mode: usize) -> Arcs<'_> {
        Arcs { first: &self.first_in, ends: &self.sources, days: &self.modes[mode].days_in }
    }

    /// The arcs that leave a node.
    pub(crate) fn arcs_out(&self, node: u32) -> std::ops::Range<u32> {
        self.first_out[node as usize]..self.first_out[node as usize + 1]
    }

    /// The node that an arc leads to.
    pub(crate) fn head(&self, arc: u32) -> u32 {
        self.heads[arc as usize]
    }

    /// Days along an arc.
    pub(crate) fn days(&self, mode: usize, arc: u32) -> f64 {
        self.modes[mode].days[arc as usize]
    }

    /// Both ends of every arc, for an order of the nodes.
    pub(crate) fn ends(&self) -> Vec<[u32; 2]> {
        self.tails.iter().zip(&self.heads).map(|(tail, head)| [*tail, *head]).collect()
    }
}

fn read_arc(
    row: &Row<'_>,
    ends: [Column<'_>; 2],
    modes: &[Column<'_>],
    n_nodes: usize,
) -> Result<Listed, TableError> {
    let end = |column| {
        let place = row.place(column, n_nodes)?;
        Ok(u32::try_from(place).expect("a city has fewer than 2^32 nodes"))
    };
    let [tail, head] = [end(ends[0])?, end(ends[1])?];
    if tail == head {
        return Err(row.wrong(ends[1], "another node than fromNode"));
    }
    let days = modes.iter().map(|&mode| row.number(mode, f64::MIN_POSITIVE, f64::MAX));
    Ok(([tail, head], days.collect::<Result<_, _>>()?))
}

/// Where each node's arcs begin, from the nodes of arcs in order.
fn starts(n_nodes: usize, nodes: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0; n_nodes + 1];
    for node in nodes {
        starts[node as usize + 1] += 1;
    }
    for node in 1..=n_nodes {
        starts[node] += starts[node - 1];
    }
    starts
}
