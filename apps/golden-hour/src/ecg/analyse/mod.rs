//! Analyses a 12-lead recording.

mod json;
mod patient;
mod pdf;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use ems_ecg::{Criteria, Ecg, Lead, Patient, Report, Scope, Sex, Sheet, missing_lines, pages, svg};

use super::header_path;
use crate::recordings::{LeadSamples, leads_of, read_recording};
use crate::say;

const NOTE: &str = "\
Examples:
  golden-hour ecg analyse JS20000.hea                       findings in words
  golden-hour ecg analyse JS20000.hea --json                all that was measured
  golden-hour ecg analyse JS20000.hea --pdf report.pdf      two pages: the paper ECG, and why
  golden-hour ecg analyse JS20000.hea --svg report.svg --lang zh
  golden-hour ecg analyse holter.hea --from 3600 --lang zh  10 s from an hour on

Age and sex are read from the header's comments (# Age: 84, # Sex: Female) unless they are given. Each finding is
told with the numbers and the rule that it rests on; the rules are in data/ecg/criteria.toml. What cannot
be measured is said to be missing. Decision support, not a certified interpretation: a physician reads the ECG.";

/// Where a drawing goes that is given no file.
const STDOUT: &str = "-";

/// Which recording, whose, and how it is told.
#[derive(Debug, Args)]
#[command(after_help = NOTE)]
pub(super) struct AnalyseArgs {
    /// The recording's header; leads are known by their names, I to V6.
    #[arg(value_name = "RECORD")]
    record: PathBuf,
    /// Where to begin, seconds from its start.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    from: usize,
    /// How much to analyse, 3 to 60 s.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    seconds: usize,
    /// The patient's age in years.
    #[arg(long, value_name = "YEARS")]
    age: Option<u8>,
    /// The patient's sex, for limits that differ.
    #[arg(long, value_enum)]
    sex: Option<SexArg>,
    /// The language of words.
    #[arg(long, value_enum, default_value = "en")]
    lang: LanguageArg,
    /// Print all that was measured and found as JSON.
    #[arg(long)]
    json: bool,
    /// Draw the report as a picture; to standard output without FILE.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = STDOUT)]
    svg: Option<PathBuf>,
    /// Draw the report on two pages; to standard output without FILE. Chinese needs a viewer that
    /// has a Chinese font.
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = STDOUT)]
    pdf: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SexArg {
    Female,
    Male,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LanguageArg {
    En,
    Zh,
}

impl From<LanguageArg> for ems_ecg::Language {
    fn from(lang: LanguageArg) -> Self {
        match lang {
            LanguageArg::En => Self::En,
            LanguageArg::Zh => Self::Zh,
        }
    }
}

impl AnalyseArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let path = header_path(&self.record);
        let shown = path.display();
        let recording = read_recording(&path)?;
        let patient = self.patient(&recording.comments);
        let ecg = self.ecg(&leads_of(&recording)).with_context(|| shown.to_string())?;
        let report =
            Report::new(&ecg, patient, &Criteria::standard()).with_context(|| shown.to_string())?;
        let taken = recording.start.map(|start| start.to_string());
        let sheet = Sheet {
            name: &recording.name,
            taken: taken.as_deref(),
            patient,
            ecg: &ecg,
            report: &report,
            language: self.lang.into(),
            scope: Scope::Diagnostic,
        };
        self.draw(&sheet)?;
        if self.json {
            let told = json::report(&recording.name, patient, &ecg, &report, self.lang.into());
            say::line(serde_json::to_string_pretty(&told)?);
        } else if self.svg.is_none() && self.pdf.is_none() {
            self.print(&report);
        }
        Ok(())
    }

    fn draw(&self, sheet: &Sheet<'_>) -> anyhow::Result<()> {
        let write = |path: &PathBuf, bytes: Vec<u8>| {
            let written = if path.as_os_str() == STDOUT {
                std::io::stdout().write_all(&bytes)
            } else {
                std::fs::write(path, bytes)
            };
            written.with_context(|| format!("{} cannot be written", path.display()))
        };
        if let Some(path) = &self.svg {
            write(path, svg(&pages(sheet)).into_bytes())?;
        }
        if let Some(path) = &self.pdf {
            write(path, pdf::pdf(&pages(sheet)))?;
        }
        Ok(())
    }

    fn patient(&self, comments: &[String]) -> Patient {
        let of_header = patient::in_comments(comments);
        let sex = self.sex.map(|sex| match sex {
            SexArg::Female => Sex::Female,
            SexArg::Male => Sex::Male,
        });
        Patient { age: self.age.or(of_header.age), sex: sex.or(of_header.sex) }
    }

    /// The stretch of the leads that have one of the twelve names.
    fn ecg(&self, leads: &[LeadSamples]) -> anyhow::Result<Ecg> {
        let hz = leads.first().map_or(0, |lead| lead.hz);
        let (from, n_samples) = (self.from * hz as usize, self.seconds * hz as usize);
        let stretch = |lead: &LeadSamples| {
            let name = Lead::of_name(&lead.lead).filter(|_| lead.hz == hz)?;
            let samples = lead.microvolts.iter().skip(from).take(n_samples);
            Some((name, samples.copied().collect::<Vec<f32>>()))
        };
        let leads: Vec<_> = leads.iter().filter_map(stretch).collect();
        let leads: Vec<_> = leads.iter().map(|(lead, it)| (*lead, it.as_slice())).collect();
        Ok(Ecg::new(hz, &leads)?)
    }

    fn print(&self, report: &Report) {
        let language = self.lang.into();
        for line in measured_lines(report) {
            say::line(line);
        }
        for finding in &report.findings {
            let unverified = if finding.source.verified { "" } else { " (unverified)" };
            say::line(language_line(language, finding));
            say::line(format!("    {}{unverified}", finding.source.text));
        }
        for line in missing_lines(language, &report.missing) {
            say::line(format!("-  {line}"));
        }
    }
}

fn language_line(language: ems_ecg::Language, finding: &ems_ecg::Finding) -> String {
    format!("*  {}: {}", language.finding(finding), language.reasons(finding))
}

/// Rate, intervals and axis; a dash for what is missing.
fn measured_lines(report: &Report) -> [String; 2] {
    let it = &report.measurements;
    let shown = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.0}"));
    let qtc = it.qtc;
    [
        format!(
            "{} /min   P {}  PR {}  QRS {:.0}  QT {} ms   axis {}°",
            shown(it.heart_rate),
            shown(it.p_ms),
            shown(it.pr_ms),
            it.qrs_ms,
            shown(it.qt_ms),
            shown(it.axis_deg)
        ),
        format!(
            "QTc Bazett {}  Fridericia {}  Framingham {}  Hodges {} ms",
            shown(qtc.map(|it| it.bazett_ms)),
            shown(qtc.map(|it| it.fridericia_ms)),
            shown(qtc.map(|it| it.framingham_ms)),
            shown(qtc.map(|it| it.hodges_ms))
        ),
    ]
}
