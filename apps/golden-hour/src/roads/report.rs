//! What a bench found, as a table or as JSON.

use std::fmt;

use serde::Serialize;

/// Times of one graph, and how much of it was checked.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) graph: String,
    pub(crate) n_nodes: u32,
    pub(crate) n_arcs: u32,
    /// Pairs of nodes that the hierarchy joins.
    pub(crate) n_pairs: usize,
    pub(crate) height: u32,
    pub(crate) order_ms: f64,
    /// On the clock: the order is made on all cores.
    pub(crate) order_wall_ms: f64,
    pub(crate) build_ms: f64,
    pub(crate) customise_ms: f64,
    pub(crate) updates: Vec<Update>,
    pub(crate) query_us: f64,
    pub(crate) matrix_side: u32,
    pub(crate) matrix_ms: f64,
    /// Distances that are Dijkstra's too; a wrong one ends the bench.
    pub(crate) n_checked: u32,
    pub(crate) memory_peak_mib: Option<u64>,
}

/// The time of a partial customisation.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Update {
    pub(crate) n_arcs: u32,
    pub(crate) ms: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} nodes, {} arcs", self.graph, self.n_nodes, self.n_arcs)?;
        let mut row = |what: &str, value: f64, quantity: &str| {
            writeln!(f, "  {what:<26} {value:>12.2} {quantity}")
        };
        row("order", self.order_ms, "ms")?;
        row("order, on the clock", self.order_wall_ms, "ms")?;
        row("build", self.build_ms, "ms")?;
        row("customise", self.customise_ms, "ms")?;
        for update in &self.updates {
            row(&format!("customise {} arcs", update.n_arcs), update.ms, "ms")?;
        }
        row("distance query", self.query_us, "us")?;
        row(&format!("matrix {0} x {0}", self.matrix_side), self.matrix_ms, "ms")?;
        writeln!(f, "  {:<26} {:>12}", "pairs in the hierarchy", self.n_pairs)?;
        writeln!(f, "  {:<26} {:>12}", "its height", self.height)?;
        if let Some(mib) = self.memory_peak_mib {
            writeln!(f, "  {:<26} {mib:>12} MiB", "memory at its peak")?;
        }
        writeln!(f, "{} distances checked, each is Dijkstra's", self.n_checked)
    }
}
