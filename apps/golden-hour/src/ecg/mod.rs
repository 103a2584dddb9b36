//! `golden-hour ecg`: recordings cleaned, their beats, rhythm and variability, and what 12 leads show.

mod align;
mod analyse;
mod beats;
mod clean;
mod hrv;
mod rhythm;
mod score;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  golden-hour ecg beats 100.hea --out beats.csv             the first lead's beats
  golden-hour ecg beats 100.hea --lead 1 --out beats.csv    the second one's: leads count from 0
  golden-hour ecg score 100.hea beats.csv                   against 100.atr, after ANSI/AAMI EC57
  golden-hour ecg hrv 100.hea                               heart rate variability of its normal beats
  golden-hour ecg analyse JS20000.hea                       a 12-lead ECG: intervals, findings, why
  golden-hour ecg rhythm 203.hea                            when which rhythm began, ended, was told

A recording is a WFDB header with its signal files beside it. FILE gets sample,class: the sample of
each R wave, counted from 0, and its class N, S, V, F or Q of EC57. Beats are found as in an
ambulance, none later than 400 ms; a class is told a beat later.";

/// Find the beats of a recording, and compare beats with annotations.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EcgArgs {
    #[command(subcommand)]
    command: EcgCommand,
}

#[derive(Debug, Subcommand)]
enum EcgCommand {
    /// Find the beats of a recording.
    Beats(beats::BeatsArgs),
    /// Compare beats with a recording's annotations.
    Score(score::ScoreArgs),
    /// Tell a recording's heart rate variability.
    Hrv(hrv::HrvArgs),
    /// Measure a 12-lead recording and say what its criteria say.
    Analyse(analyse::AnalyseArgs),
    /// Follow the rhythm of a lead, as a monitor does.
    Rhythm(rhythm::RhythmArgs),
    /// Clean a recording and judge its leads.
    Clean(clean::CleanArgs),
    /// Set a recording on the shared timeline by when its samples arrived.
    Align(align::AlignArgs),
}

impl EcgArgs {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            EcgCommand::Beats(args) => args.run(),
            EcgCommand::Score(args) => args.run(),
            EcgCommand::Hrv(args) => args.run(),
            EcgCommand::Analyse(args) => args.run(),
            EcgCommand::Rhythm(args) => args.run(),
            EcgCommand::Clean(args) => args.run(),
            EcgCommand::Align(args) => args.run(),
        }
    }
}

/// The header of a record, which may be named without `.hea`, as WFDB's own programs do.
fn header_path(record: &Path) -> PathBuf {
    if record.extension().is_some_and(|it| it == "hea") {
        return record.to_owned();
    }
    let mut name = record.as_os_str().to_owned();
    name.push(".hea");
    name.into()
}
