//! `golden-hour plan`: where stations and units should stand, how busy they are, seats for
//! call-takers.

mod answer;
mod busy;
mod ground;
mod map;
mod models;
mod seats;
mod svg;

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  golden-hour plan mclp --cover cover.csv -p 3
  golden-hour plan mclp --city var/malta --demand calls.csv --sites sites.csv --minutes 8 -p 6 --map plan.svg
  golden-hour plan nested --cover cover.csv --stages 1,2,3 --weights 1,4,1
  golden-hour plan mexclp --cover cover.csv --units 16 --busy 0.4 --json
  golden-hour plan malp --cover cover.csv --units 16 --busy 0.4 --reliability 0.9
  golden-hour plan median --city var/malta --demand calls.csv --sites sites.csv -p 6
  golden-hour plan double --city var/malta --demand calls.csv --sites sites.csv --minutes 8 \\
      --minutes-far 15 --share 0.8 --units 12
  golden-hour plan busy --city var/malta --demand calls.csv --sites sites.csv --minutes 8 \\
      --at Mosta,Mosta,Victoria --calls-per-hour 1.2 --busy-minutes 50
  golden-hour plan seats --calls-per-hour 60 --handling-s 180 --answer-within-s 10 --share 0.9
  golden-hour plan seats --forecast hours.csv --handling-s 180 --answer-within-s 10 --share 0.9

What covers what comes from one of
  --cover FILE.csv   demand,SITE,SITE,...: a line for each demand point, its weight, then 1 or 0
  --demand, --sites  places (lat,lon,weight and lat,lon,name); drive times by the roads of --city
  --times FILE.csv   drive times in place of the roads', as `golden-hour matrix` writes them from
                     the sites to the demand, in seconds

docs/plan-models.md has each model's formula, its source, and what of it is exact.";

/// Plan stations, units and call-takers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PlanArgs {
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// The p sites that cover the most demand (MCLP).
    Mclp(models::MclpArgs),
    /// Sites opened in stages, none closed again, for the most cover over all stages (nested MCLP).
    Nested(models::NestedArgs),
    /// Units placed for the largest expected cover, each busy part of the time (MEXCLP).
    Mexclp(models::MexclpArgs),
    /// Units placed so that most demand finds one free with a given probability (MALP I and II).
    Malp(models::MalpArgs),
    /// The p sites nearest to the demand on average (p-median).
    Median(models::MedianArgs),
    /// All demand within a long time, a share within a short one, most of it twice (DSM).
    Double(models::DoubleArgs),
    /// How busy units are, and the cover that leaves (hypercube).
    Busy(busy::BusyArgs),
    /// Seats for call-takers (Erlang C).
    Seats(seats::SeatsArgs),
}

impl PlanArgs {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            PlanCommand::Mclp(args) => args.run(),
            PlanCommand::Nested(args) => args.run(),
            PlanCommand::Mexclp(args) => args.run(),
            PlanCommand::Malp(args) => args.run(),
            PlanCommand::Median(args) => args.run(),
            PlanCommand::Double(args) => args.run(),
            PlanCommand::Busy(args) => args.run(),
            PlanCommand::Seats(args) => args.run(),
        }
    }
}
