//! `golden-hour vitals`: scores, an alarm checked, trends.

mod alarm_check;
mod derive;
mod document;
mod report;
mod trend;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ems_clinical::{Inputs, Scores};
use ems_dispatch::Reference;

use crate::say;
use document::Document;

const EXAMPLES: &str = "\
Examples:
  golden-hour vitals score --from patient.json
  golden-hour vitals score --from patient.json --only news2,qsofa,shock-index
  golden-hour vitals score --from - --json < patient.json
  golden-hour vitals inputs
  golden-hour vitals alarm-check --record a103l.hea --kind asystole --at 300
  golden-hour vitals trend
  golden-hour vitals derive --record 03700181.hea --cuff 60:118/64

patient.json, with what was measured; leave out what was not, or write null:
  { \"age_years\": 54, \"pregnant\": false, \"heart_rate_per_min\": 112, \"systolic_mmhg\": 96,
    \"respiratory_rate_per_min\": 24, \"spo2_percent\": 93, \"on_oxygen\": true, \"spo2_scale\": 1,
    \"temperature_celsius\": 38.4, \"consciousness\": \"alert\", \"start\": { \"walks\": false } }

docs/scores.md names every score with its source. A score marked UNVERIFIED was not compared with
its publication. This is decision support, not a certified medical device.";

/// Score a patient's vital signs and findings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VitalsArgs {
    #[command(subcommand)]
    command: VitalsCommand,
}

#[derive(Debug, Subcommand)]
enum VitalsCommand {
    /// Print each score that the document begins, item by item, with its class and source.
    Score(ScoreArgs),
    /// Print every field that a document may have, with its unit and range or its options.
    Inputs,
    /// Check a monitor's arrhythmia alarm in a recording against its other channels.
    AlarmCheck(alarm_check::AlarmCheckArgs),
    /// Fit a logistic regression on simulated trends, and show how well its chances hold.
    Trend(trend::TrendArgs),
    /// Play a recording through the gateway's virtual sensors, and print what they say.
    Derive(derive::DeriveArgs),
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct ScoreArgs {
    /// A JSON document of one patient; `-` is standard input.
    #[arg(long, value_name = "FILE.json")]
    from: PathBuf,
    /// These scores alone, told even where nothing of them is known.
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    only: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl VitalsArgs {
    /// Does what was asked and prints the result.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            VitalsCommand::Score(args) => args.run(),
            VitalsCommand::AlarmCheck(args) => args.run(),
            VitalsCommand::Trend(args) => args.run(),
            VitalsCommand::Derive(args) => args.run(),
            VitalsCommand::Inputs => {
                report::inputs(&Inputs::standard(), Reference::standard().tag_trees())
                    .iter()
                    .for_each(say::line);
                Ok(())
            }
        }
    }
}

impl ScoreArgs {
    fn run(self) -> anyhow::Result<()> {
        let (scores, reference) = (Scores::standard(), Reference::standard());
        self.check_names(&scores)?;
        let text = read(&self.from)?;
        let at = || self.from.display().to_string();
        let trees = reference.tag_trees();
        let document = Document::parse(&text, scores.inputs(), trees).with_context(at)?;
        let known = scores.inputs().observe(document.answers).with_context(at)?;
        let mut scored = scores.score_all(&known);
        scored.retain(|it| match self.only.as_slice() {
            [] => it.is_begun(),
            only => only.contains(&it.score.id),
        });
        let tags = &document.tags;
        if self.json {
            say::line(report::json(&scored, tags)?);
        } else if scored.is_empty() && tags.is_empty() {
            say::line(
                "no score is begun by this document: `golden-hour vitals inputs` lists what they ask",
            );
        } else {
            report::text(&scored, tags, !self.only.is_empty()).iter().for_each(say::line);
        }
        Ok(())
    }

    fn check_names(&self, scores: &Scores) -> anyhow::Result<()> {
        let known: Vec<_> = scores.iter().map(|score| score.id.as_str()).collect();
        match self.only.iter().find(|id| !known.contains(&id.as_str())) {
            Some(id) => bail!("--only {id}: there is no such score: name {}", known.join(", ")),
            None => Ok(()),
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read: give a JSON document", path.display()))
}
