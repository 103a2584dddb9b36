//! `golden-hour route`, `matrix` and `isochrone`: questions to a city's roads; `golden-hour roads`:
//! the road engine by itself.

mod bench;
mod consult;
mod isochrone;
mod learn;
mod leaving;
mod matrix;
pub(crate) mod places;
mod report;
mod route;
mod tell;

use clap::{Args, Subcommand};

pub(crate) use isochrone::IsochroneArgs;
pub(crate) use matrix::MatrixArgs;
pub(crate) use route::RouteArgs;

/// Measure the road engine, and teach it what a city's roads are like.
#[derive(Debug, Args)]
pub(crate) struct RoadsArgs {
    #[command(subcommand)]
    command: RoadsCommand,
}

#[derive(Debug, Subcommand)]
enum RoadsCommand {
    /// Learn speeds and the spread of ETAs from where a fleet drove.
    Learn(learn::LearnArgs),
    /// Time the engine on a graph file and check its answers against Dijkstra's.
    Bench(bench::BenchArgs),
}

impl RoadsArgs {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            RoadsCommand::Learn(args) => args.run(),
            RoadsCommand::Bench(args) => args.run(),
        }
    }
}
