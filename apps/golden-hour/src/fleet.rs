//! `golden-hour simulate --jemss`: a fleet on a city of JEMSS' tables, replayed or drawn.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "days and calls are counted in millions at most"
)]

mod files;
mod paired;
mod policies;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write, sink};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use ems_dispatch::{CoverPatterns, MoveBounds};
use ems_sim::{
    ANSWER_COLUMNS, Answer, Call, CallLaws, CallSums, DrawnCalls, Estimate, FleetCity, FleetPolicy,
    PlayGround, Raster, Staffing, Tally, read_calls, run_fleet, stats_dict,
};
use rustix::time::{ClockId, clock_gettime};

use crate::say;
use files::Folder;

/// A fleet on a city of JEMSS' tables.
#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    /// Run a fleet alone, on the city model in this folder (JEMSS' `sim_config.xml` and tables).
    #[arg(long, value_name = "DIR")]
    jemss: Option<PathBuf>,
    /// Without --jemss, the policy that the log begins with, as keep-cover/1. With it, where units
    /// wait and who is sent, as `nested:0.2+late+exchange`; `docs/fleet.md` explains each word.
    /// Give several with --replications, which compares each with the first.
    ///
    /// Where units wait: none (each at its own station), `dmexclp[:BUSY]`,
    /// `redeploy[:BUSY[:PATIENCE_MIN]]`, `nested[:BUSY]`, `multi[:BUSY[:SLACK]]`, `list:3,1,3,2`,
    /// `ddsm[:SHARE[:PER_MIN]]`. Who is sent: the nearest, or with +cover,
    /// `+late[:PER_MIN[:PER_COVER]]`, `+survival:CURVE[:PER_COVER]` (larsen, valenzuela, de-maio)
    /// as these weigh it, and behind them `+rollout[:FUTURES[:HORIZON_MIN]]` as it leaves fewest
    /// calls late in sampled futures. With `+exchange[:MINUTES]` a freed unit takes over a call
    /// that it reaches so much sooner.
    #[arg(long, value_name = "POLICY")]
    policy: Vec<String>,
    /// Which calls may take a unit from another; without it, what `sim_config.xml` names.
    #[arg(long, value_name = "FILE", requires = "jemss")]
    redispatch: Option<PathBuf>,
    /// Demand by the stations that cover it; without it, `coverage_patterns.csv` in the folder, or
    /// worked out from demand, cover times and raster there.
    #[arg(long, value_name = "FILE", requires = "jemss")]
    coverage: Option<PathBuf>,
    /// When crews work, eat and rest, and how far vehicles go; without it, `crews.toml` in the
    /// folder,
    /// and without that none of it is modelled.
    #[arg(long, value_name = "FILE", requires = "jemss")]
    crews: Option<PathBuf>,
    /// The longest drive that a rule may send an idle unit on, minutes.
    #[arg(long, value_name = "MINUTES", requires = "jemss")]
    move_max: Option<f64>,
    /// The longest drive of all idle units that move at once, minutes.
    #[arg(long, value_name = "MINUTES", requires = "jemss")]
    moves_total_max: Option<f64>,
    /// How long an idle unit that was moved is left alone, unless it has a call in between,
    /// minutes.
    #[arg(long, value_name = "MINUTES", requires = "jemss")]
    move_pause: Option<f64>,
    /// Draw calls for so many years as `gen_config.xml` says, instead of --calls.
    #[arg(long, value_name = "YEARS", requires = "jemss", conflicts_with = "calls")]
    generate: Option<f64>,
    /// Days that count, from day 1 on; without it, all that the calls fill.
    #[arg(long, value_name = "N", requires = "jemss")]
    days: Option<usize>,
    /// Draw so many times with other seeds, and compare the policies on the same calls.
    #[arg(long, value_name = "N", requires = "generate")]
    replications: Option<u32>,
}

/// What `simulate` has of its own and a fleet uses as well.
#[derive(Debug)]
pub(crate) struct Shared<'a> {
    pub(crate) calls: Option<&'a Path>,
    pub(crate) seed: u64,
    pub(crate) out: Option<&'a Path>,
}

const DAYS_A_YEAR: f64 = 365.0;
const YEARS_MAX: f64 = 1000.0;

/// A city with its files and what a policy may need.
struct Model {
    folder: Folder,
    city: FleetCity,
}

impl FleetArgs {
    /// Whether a fleet is asked for; then runs it.
    pub(crate) fn run(&self, shared: &Shared<'_>) -> Option<anyhow::Result<()>> {
        self.jemss.as_deref().map(|folder| self.run_on(folder, shared))
    }

    fn run_on(&self, folder: &Path, shared: &Shared<'_>) -> anyhow::Result<()> {
        let model = self.open(folder)?;
        let policies = self.policies(&model)?;
        let Some(years) = self.generate else {
            return self.replay(&model, one(policies)?, shared);
        };
        if !(0.0..=YEARS_MAX).contains(&years) || years <= 0.0 {
            bail!("--generate {years} is outside 0 to {YEARS_MAX} years: give a length as 0.5");
        }
        let drawn = Drawn::open(&model, years)?;
        match self.replications {
            Some(n) => paired::compare(&model.city, &drawn, &policies, shared.seed, n),
            None => self.draw(&model, &drawn, one(policies)?, shared),
        }
    }

    fn open(&self, folder: &Path) -> anyhow::Result<Model> {
        let folder = Folder::open(folder)?;
        let mut files = folder.city_files()?;
        if let Some(path) = &self.redispatch {
            files.redispatch = Some(files::read(path)?);
        }
        if files.redispatch.is_none() {
            say::line(
                "  no redispatch file: highPriority takes units from the others, as in JEMSS",
            );
        }
        if let Some(path) = folder.named("mobilisationDelay") {
            say::line(format!("  {path} is not read: units are not delayed when they set out"));
        }
        let city = FleetCity::read(&files)?;
        if city.n_cut_off() > 0 {
            say::line(format!("  {} nodes are cut off and left out", city.n_cut_off()));
        }
        let crews = match &self.crews {
            Some(path) => Some(files::read(path)?),
            None => folder.crews()?,
        };
        let city = if let Some(file) = crews {
            let staffing = Staffing::parse(&file.text, city.n_units())?;
            city.staffed(staffing)
        } else {
            say::line("  crews are always on duty: no crews.toml, so no shifts, meals or range");
            city
        };
        Ok(Model { folder, city })
    }

    /// The policy of a whole service, where no fleet is asked for.
    pub(crate) fn service_policy(&self) -> anyhow::Result<Option<&str>> {
        match &self.policy[..] {
            [] => Ok(None),
            [policy] => Ok(Some(policy)),
            _ => bail!("--policy is given twice: a service begins with one policy"),
        }
    }

    fn policies(&self, model: &Model) -> anyhow::Result<Vec<(String, FleetPolicy)>> {
        let ground = CityGround { args: self, model, near: OnceCell::new() };
        let policy = |text: &String| {
            let read = policies::read(text, &ground).with_context(|| format!("--policy {text}"))?;
            Ok((text.clone(), read))
        };
        let none = ["none".to_owned()];
        let given = if self.policy.is_empty() { &none[..] } else { &self.policy };
        given.iter().map(policy).collect()
    }

    fn replay(
        &self,
        model: &Model,
        policy: (String, FleetPolicy),
        shared: &Shared<'_>,
    ) -> anyhow::Result<()> {
        let path =
            shared.calls.context("calls are missing: give --calls FILE or --generate YEARS")?;
        let mut calls = read_calls(&files::read(path)?, &model.city)?;
        let places = into_order(&mut calls);
        let n_days = calls.last().map_or(0, |call| call.arrival as usize).saturating_sub(1);
        let n_days = self.days.unwrap_or(n_days);
        let places = |seq: u64| places[seq as usize];
        run_and_tell(model, policy, calls.into_iter(), &places, n_days, shared.out)
    }

    fn draw(
        &self,
        model: &Model,
        drawn: &Drawn,
        policy: (String, FleetPolicy),
        shared: &Shared<'_>,
    ) -> anyhow::Result<()> {
        let calls = drawn.calls(&model.city, shared.seed);
        let n_days = self.days.unwrap_or(drawn.n_days);
        run_and_tell(model, policy, calls, &|seq| seq, n_days, shared.out)
    }
}

/// What policies may need of the city, worked out once.
struct CityGround<'a> {
    args: &'a FleetArgs,
    model: &'a Model,
    near: OnceCell<Arc<CoverPatterns>>,
}

impl policies::Ground for CityGround<'_> {
    fn n_units(&self) -> usize {
        self.model.city.n_units()
    }

    fn n_stations(&self) -> usize {
        self.model.city.n_stations()
    }

    fn near(&self) -> anyhow::Result<Arc<CoverPatterns>> {
        if let Some(near) = self.near.get() {
            return Ok(Arc::clone(near));
        }
        let patterns = match &self.args.coverage {
            Some(path) => ems_sim::read_cover_patterns(&files::read(path)?, self.n_stations())?,
            None => self.model.folder.cover_patterns(&self.model.city)?,
        };
        Ok(Arc::clone(self.near.get_or_init(|| Arc::new(patterns))))
    }

    fn far(&self) -> anyhow::Result<Arc<CoverPatterns>> {
        Ok(Arc::new(self.model.folder.derived_patterns(&self.model.city, FAR)?))
    }

    fn bounds(&self) -> MoveBounds {
        let or_any = |minutes: Option<f64>| minutes.unwrap_or(f64::INFINITY);
        MoveBounds {
            minutes_each_max: or_any(self.args.move_max),
            minutes_total_max: or_any(self.args.moves_total_max),
            ..MoveBounds::NONE
        }
    }

    fn move_pause_min(&self) -> f64 {
        self.args.move_pause.unwrap_or(0.0)
    }

    fn play(&self) -> anyhow::Result<Arc<PlayGround>> {
        let drawn = Drawn::open(self.model, 1.0).context("rollout learns from drawn calls")?;
        let calls: Vec<Call> = drawn.calls(&self.model.city, LEARNT_SEED).take(N_LEARNT).collect();
        Ok(Arc::new(PlayGround::learn(&self.model.city, &calls)?))
    }
}

/// The calls that a look ahead learns from, with a seed that no run uses unless it is asked to.
const N_LEARNT: usize = 10_000;
const LEARNT_SEED: u64 = u64::MAX;

/// The long time of the double standard, as a multiple of the cover times.
const FAR: f64 = 1.5;

fn one(mut policies: Vec<(String, FleetPolicy)>) -> anyhow::Result<(String, FleetPolicy)> {
    let last = policies.pop().context("--policy is missing: give none or dmexclp")?;
    if !policies.is_empty() {
        bail!("several policies want --replications N: it compares each with the first");
    }
    Ok(last)
}

/// Sorts calls by their arrival, and gives for each the place it had.
fn into_order(calls: &mut Vec<Call>) -> Vec<u64> {
    let mut placed: Vec<_> = (0u64..).zip(std::mem::take(calls)).collect();
    placed.sort_by(|a, b| a.1.arrival.total_cmp(&b.1.arrival));
    let places = placed.iter().map(|(place, _)| *place).collect();
    calls.extend(placed.into_iter().map(|(_, call)| call));
    places
}

/// How calls are drawn over a city.
pub(crate) struct Drawn {
    laws: CallLaws,
    raster: Raster,
    n_days: usize,
}

impl Drawn {
    fn open(model: &Model, years: f64) -> anyhow::Result<Self> {
        Ok(Self {
            laws: CallLaws::parse(&model.folder.gen_config()?)?,
            raster: model.folder.raster()?,
            n_days: (years * DAYS_A_YEAR).ceil() as usize,
        })
    }

    /// Calls of day 0, which warms up, and of the days that count.
    pub(crate) fn calls<'a>(
        &'a self,
        city: &FleetCity,
        seed: u64,
    ) -> impl Iterator<Item = Call> + 'a {
        let end = self.n_days as f64 + 1.0;
        DrawnCalls::new(&self.laws, &self.raster, city.priorities().len(), seed)
            .take_while(move |call| call.arrival < end)
    }

    pub(crate) fn n_days(&self) -> usize {
        self.n_days
    }
}

fn run_and_tell(
    model: &Model,
    (name, policy): (String, FleetPolicy),
    calls: impl Iterator<Item = Call>,
    places: &dyn Fn(u64) -> u64,
    n_days: usize,
    out: Option<&Path>,
) -> anyhow::Result<()> {
    let rules = policy.name();
    let mut writer = InOrder::open(out)?;
    let start = cpu_secs();
    let mut n_calls = 0u64;
    let mut keep = |answer: Answer| {
        n_calls += 1;
        writer.put(places(answer.seq), &answer);
    };
    let tally = run_fleet(&model.city, policy, calls, &mut keep);
    let cpu = cpu_secs() - start;
    writer.finish()?;
    if let Some(folder) = out {
        let path = folder.join("stats.csv");
        let text = stats_dict(&tally, model.city.priorities(), n_days);
        std::fs::write(&path, text)
            .with_context(|| format!("{}: cannot be written", path.display()))?;
    }
    tell(&name, &rules, &tally, n_days);
    tell_crews(&model.city, &tally);
    let rate = n_calls as f64 / cpu.max(1e-9);
    say::line(format!(
        "  {:<22}{n_calls} in {cpu:.2} s of CPU, {rate:.0} a second",
        "calls simulated"
    ));
    say::line(format!("  {:<22}{}", "peak memory", peak_memory()));
    Ok(())
}

/// What crews' days came to over the whole run, where they are modelled.
fn tell_crews(city: &FleetCity, tally: &Tally) {
    let Some(km) = city.is_staffed().then(|| city.km(tally.moving())) else { return };
    let (crews, n_units) = (tally.crews(), city.n_units() as f64);
    let hours = crews.overtime * 24.0;
    let each = hours * 60.0 / f64::from(crews.n_shifts.max(1));
    let moved = km.map_or("range not modelled".to_owned(), |km| format!("{:.0}", km / n_units));
    for (figure, value) in [
        ("shifts worked, lost", format!("{}, {}", crews.n_shifts, crews.n_shifts_lost)),
        ("shifts late for rest", crews.n_shifts_late.to_string()),
        ("overtime, hours", format!("{hours:.1}, {each:.1} min a shift")),
        ("breaks taken, missed", format!("{}, {}", crews.n_breaks, crews.n_breaks_missed)),
        ("refills", crews.n_refills.to_string()),
        ("relocation km a unit", moved),
    ] {
        say::line(format!("  {figure:<22}{value}"));
    }
}

fn tell(name: &str, rules: &str, tally: &Tally, n_days: usize) {
    let days: Vec<CallSums> = tally.daily(1, n_days).collect();
    let n: u32 = days.iter().map(|day| day.n).sum();
    say::line(format!("{name} ({rules}), {n_days} days, {n} calls that count"));
    for (figure, value) in [
        ("response, minutes", figure(&days, |day| day.response * 1440.0)),
        ("in time", figure(&days, |day| f64::from(day.n_in_time))),
        ("queued", figure(&days, |day| f64::from(day.n_queued))),
    ] {
        say::line(format!("  {figure:<22}{value}"));
    }
}

/// A mean over calls, with the half width of its interval from the days' means.
fn figure(days: &[CallSums], sum: impl Fn(&CallSums) -> f64) -> String {
    let means = days.iter().filter(|day| day.n > 0).map(|day| sum(day) / f64::from(day.n));
    let Some(estimate) = Estimate::of(&means.collect::<Vec<_>>()) else { return "none".into() };
    let n: f64 = days.iter().map(|day| f64::from(day.n)).sum();
    let mean = days.iter().map(sum).sum::<f64>() / n;
    let half = estimate.half_width.map_or(String::new(), |half| format!(" ± {half:.4}"));
    format!("{mean:.4}{half}")
}

/// Writes answers in the order of their calls; those that come early wait.
struct InOrder {
    to: Box<dyn Write>,
    next: u64,
    early: BTreeMap<u64, String>,
    result: std::io::Result<()>,
}

impl InOrder {
    fn open(out: Option<&Path>) -> anyhow::Result<Self> {
        let to: Box<dyn Write> = match out {
            Some(folder) => {
                let path = folder.join("calls.csv");
                let create = || {
                    std::fs::create_dir_all(folder)?;
                    File::create(&path)
                };
                let remedy = || format!("{} cannot be written: give another --out", path.display());
                let mut file = BufWriter::new(create().with_context(remedy)?);
                writeln!(file, "{ANSWER_COLUMNS}").with_context(remedy)?;
                Box::new(file)
            }
            None => Box::new(sink()),
        };
        Ok(Self { to, next: 0, early: BTreeMap::new(), result: Ok(()) })
    }

    fn put(&mut self, place: u64, answer: &Answer) {
        self.early.insert(place, answer.to_string());
        while let Some(line) = self.early.remove(&self.next) {
            self.next += 1;
            if self.result.is_ok() {
                self.result = writeln!(self.to, "{line}");
            }
        }
    }

    fn finish(mut self) -> anyhow::Result<()> {
        let result = self.result.and_then(|()| self.to.flush());
        result.context("calls.csv could not be written to its end: free some space")
    }
}

pub(crate) fn cpu_secs() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// The most memory that the process ever held, as the kernel says.
pub(crate) fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |line| line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(index: u64, arrival: f64) -> Call {
        Call {
            index,
            rank: 1,
            degrees: [0.0, 0.0],
            arrival,
            dispatch_delay: 0.0,
            on_scene: 0.0,
            handover: None,
            hospital: None,
        }
    }

    #[test]
    fn answers_are_written_in_the_order_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut calls = vec![call(1, 0.3), call(2, 0.1), call(3, 0.2)];
        let places = into_order(&mut calls);
        assert_eq!(places, [1, 2, 0]);
        let mut writer = InOrder::open(Some(folder.path())).unwrap();
        for (seq, call) in calls.into_iter().enumerate() {
            let answer = Answer {
                seq: seq as u64,
                call,
                response: 0.0,
                unit: 0,
                hospital: None,
                was_queued: false,
                n_bumps: 0,
            };
            writer.put(places[seq], &answer);
        }
        writer.finish().unwrap();
        let text = std::fs::read_to_string(folder.path().join("calls.csv")).unwrap();
        let firsts: Vec<_> = text.lines().filter_map(|line| line.split(',').next()).collect();
        assert_eq!(firsts, ["index", "1", "2", "3"]);
    }
}
