//! Customizable contraction hierarchies over directed graphs.
//!
//! Three steps, each repeated less often than the next (Dibbelt, Strasser, Wagner, "Customizable
//! contraction hierarchies", JEA 21, 2016): an order of the nodes and the hierarchy's arcs depend
//! on the graph alone; a [`Metric`] is made from the weights of its arcs, and made anew in part
//! when some of them change; queries read a metric. This crate knows nothing of roads. Read
//! [`Hierarchy`] and [`Metric`] first.

mod blocks;
mod cell;
mod climbed;
mod contract;
mod dimacs;
mod dissect;
mod fork;
mod graph;
mod groups;
mod hierarchy;
mod inputs;
mod many;
mod metric;
mod news;
mod plain;
mod query;
mod refine;
mod row;
mod slab;
mod span;
mod spread;
mod sweep;
mod topology;
mod update;
mod wing;

pub use blocks::Blocks;
pub use climbed::{Climbed, ClimbedPlaces};
pub use dimacs::{ListedGraph, ListingError, N_NODES_MAX, splitmix64};
pub use dissect::{Sketch, edge_order, node_order};
pub use fork::{Fork, InTurn, Work, both};
pub use graph::{Graph, NoSuchNode};
pub use hierarchy::{Hierarchy, OrderError};
pub use many::{Around, Field, matrix};
pub use metric::{FAR, Metric};
pub use news::Updater;
pub use plain::distances_from;
pub use query::{Path, Query, Seed};
pub use refine::refined_order;
pub use sweep::Sweep;
pub use topology::{Frame, NotOfGraph, Topology};
pub use update::Update;
