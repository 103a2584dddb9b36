//! `golden-hour link`: what becomes of an ambulance's data on measured drives.

mod coverage;
mod replay;
mod report;
mod slices;
mod terse;
mod trace;

use clap::{Args, Subcommand};

/// Drive an ambulance's data over measured radio links.
#[derive(Debug, Args)]
pub(crate) struct LinkArgs {
    #[command(subcommand)]
    command: LinkCommand,
}

#[derive(Debug, Subcommand)]
enum LinkCommand {
    /// Run a whole drive in virtual time, and tell what of each class arrived when.
    Replay(replay::ReplayArgs),
    /// Make a map of what networks carry where, out of logs of drives.
    Coverage(coverage::CoverageArgs),
    /// Show what each class asks of a 5G network.
    Slices(slices::SlicesArgs),
    /// Say what is known of a patient in a few bytes, and read it again.
    Terse(terse::TerseArgs),
}

impl LinkArgs {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            LinkCommand::Replay(args) => args.run(),
            LinkCommand::Coverage(args) => args.run(),
            LinkCommand::Slices(args) => args.run(),
            LinkCommand::Terse(args) => args.run(),
        }
    }
}
