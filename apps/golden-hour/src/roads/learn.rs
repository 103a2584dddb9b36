//! `golden-hour roads learn`: from a fleet's traces to a profile, paces and an ETA model.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ems_model::{HOURS_A_WEEK, HourOfWeek};
use ems_roads::{BLUE_LIGHT, Lengths, ROAD_CLASSES};
use ems_store::pack::CityPack;
use ems_traces::{
    EtaErrors, Lesson, LessonRules, Shrinkage, SpanRules, Traces, calibrated_profile, learn,
};

use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour roads learn --city var/malta --traces january.csv --out var/learnt
  golden-hour city import malta.osm.pbf --out var/malta2 --profile var/learnt/profile.toml

The traces are CSV with the columns unit, time, lat and lon: seconds since 1970 or ISO 8601, degrees
of WGS 84. Give them of drives of one kind, such as all under blue light. Written are
  profile.toml   the profile with what its road classes and turning round truly take
  paces.csv      class, hour of the week (0 is Monday 00:00), pace: time driven over the profile's
  eta.toml       how far drives spread around their ETA";

/// Learn speeds and the spread of ETAs from where a fleet drove.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LearnArgs {
    /// The city's pack, imported with the profile that is to be calibrated.
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Where units were (CSV).
    #[arg(long, value_name = "FILE")]
    traces: PathBuf,
    /// The folder to write to; it is made, and what it holds of this is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The profile to calibrate (TOML); without it, ambulance-blue-light.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// How far receivers err in each direction, metres.
    #[arg(long, value_name = "M", default_value_t = 8.0, value_parser = noise)]
    noise_m: f64,
    /// How far the local clock is ahead of UTC, minutes.
    #[arg(long, value_name = "MIN", default_value_t = 0, allow_negative_numbers = true,
          value_parser = clap::value_parser!(i32).range(-720..=840))]
    utc_offset_mins: i32,
}

fn noise(text: &str) -> Result<f64, String> {
    let metres: f64 = text.parse().map_err(|_| "not a number: give metres".to_owned())?;
    if (1.0..=200.0).contains(&metres) {
        Ok(metres)
    } else {
        Err(format!("{metres} m is outside 1..=200: give the standard deviation of a fix"))
    }
}

impl LearnArgs {
    /// Learns, says how much better the held-out half became, and writes what was learnt.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let profile = match &self.profile {
            Some(path) => read(path)?,
            None => BLUE_LIGHT.to_owned(),
        };
        let shown = self.traces.display();
        let bytes = fs::read(&self.traces).with_context(|| format!("cannot read {shown}"))?;
        let traces = Traces::parse(&bytes).with_context(|| shown.to_string())?;
        let pack = CityPack::open(&self.city)?;
        let roads = pack.roads();
        let rules = LessonRules {
            noise_m: self.noise_m,
            utc_offset_mins: self.utc_offset_mins,
            spans: SpanRules::CAREFUL,
            shrinkage: Shrinkage::CAREFUL,
        };
        let lesson = learn(roads, &Lengths::of(roads), &traces, &rules)
            .with_context(|| shown.to_string())?;
        tell(&lesson, &traces);
        let source = format!("{} trips of {}", lesson.n_trips, file_name(&self.traces));
        self.write(&[
            ("profile.toml", calibrated_profile(&profile, &lesson.paces, &source)?),
            ("paces.csv", paces_csv(&lesson)),
            ("eta.toml", format!("# source: {source}\n{}", lesson.eta.to_toml())),
        ])
    }

    fn write(&self, files: &[(&str, String)]) -> anyhow::Result<()> {
        fs::create_dir_all(&self.out).with_context(|| {
            format!("{} cannot be made: give an --out where you may write", self.out.display())
        })?;
        for (name, text) in files {
            let path = self.out.join(name);
            fs::write(&path, text)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            say::line(format!("wrote {}", path.display()));
        }
        Ok(())
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn tell(lesson: &Lesson, traces: &Traces) {
    let held_out = &lesson.held_out;
    say::line(format!(
        "{} fixes of {} units: {} trips, {} speed observations",
        traces.n_fixes(),
        traces.units().count(),
        lesson.n_trips,
        lesson.n_spans
    ));
    if traces.n_repeated() > 0 {
        say::line(format!("{} fixes left out: same unit, same time", traces.n_repeated()));
    }
    say::line(format!("on the {} trips that were held out, |ETA - time taken|:", held_out.n_trips));
    for (name, errors) in [("before", held_out.before), ("after", held_out.after)] {
        say::line(format!("  {name:<7} {}", shown(&errors)));
    }
    for [share, held] in &held_out.coverage {
        let (share, held) = (100.0 * share, 100.0 * held);
        say::line(format!("  the {share:.0} % interval held {held:.1} % of them"));
    }
}

fn shown(errors: &EtaErrors) -> String {
    format!("median {:>5.0} s, 90 % within {:>5.0} s", errors.median_s, errors.p90_s)
}

fn paces_csv(lesson: &Lesson) -> String {
    let mut text = String::from("class,hour_of_week,pace\n");
    for (class, name) in ROAD_CLASSES.iter().enumerate() {
        for hour in (0..HOURS_A_WEEK).filter_map(HourOfWeek::new) {
            let pace = lesson.paces.of_class_in(class, hour);
            let _ = writeln!(text, "{name},{},{pace:.4}", hour.get());
        }
    }
    text
}
