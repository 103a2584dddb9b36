//! `golden-hour link`: what becomes of an ambulance's data on measured drives.

mod replay;
mod report;
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
}

impl LinkArgs {
    /// Does what was asked.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            LinkCommand::Replay(args) => args.run(),
        }
    }
}
