//! What each class asks of a 5G network.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use ems_drive::{Slice, Slices};
use ems_uplink::Class;

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour link slices
  golden-hour link slices --from mine.toml

Without --from, the table that ships (data/link/slices.toml, which names its sources).";
const SHIPPED: &str = include_str!("../../../../data/link/slices.toml");

/// Which table.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SlicesArgs {
    /// A table of another operator.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

impl SlicesArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let slices = match &self.from {
            None => Slices::parse(SHIPPED)?,
            Some(path) => {
                let shown = || format!("{} cannot be used", path.display());
                Slices::parse(&std::fs::read_to_string(path).with_context(shown)?)
                    .with_context(shown)?
            }
        };
        say::line(format!("DNN {}", slices.dnn));
        say::line("class      5QI   delay ms      loss   SST   UDP port   DSCP");
        for class in Class::ALL {
            say::line(row(class, slices.of(class)));
        }
        Ok(())
    }
}

fn row(class: Class, slice: &Slice) -> String {
    format!(
        "{:<10}{:>4}{:>11}{:>10.0e}{:>6}{:>11}{:>7}",
        class.name(),
        slice.five_qi,
        slice.delay_ms,
        slice.loss,
        slice.sst,
        slice.udp_port,
        slice.dscp,
    )
}
