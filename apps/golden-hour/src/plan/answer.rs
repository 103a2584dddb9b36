//! How a plan is found and told.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use ems_plan::{Effort, Ended, Plan, PlanError, Progress, Ties, Watch};
use serde_json::{Value, json};

use super::ground::Ground;
use super::map::{Picture, write_map};
use crate::say;

/// What a search may cost, and how its answer is told.
#[derive(Debug, Args)]
pub(super) struct AnswerArgs {
    /// Stop after so many seconds, with the best plan so far and a bound.
    #[arg(long, value_name = "SECONDS")]
    time_limit_s: Option<f64>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Draw the plan: a picture (.svg) or features (.geojson).
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

/// Seconds between two lines of progress.
const TELL_S: u64 = 2;

/// An answer and what it took.
pub(super) struct Answered<T> {
    pub(super) answer: T,
    seconds: f64,
}

/// What a model says of its answer.
pub(super) struct Told {
    /// The model's name.
    pub(super) model: &'static str,
    /// The units at each site.
    pub(super) units: Vec<u32>,
    /// What the plan does, in a sentence.
    pub(super) sentence: String,
    /// The same for machines: fields of an object.
    pub(super) fields: Value,
    /// The share of the demand for each point that is covered, for the map: 0 or 1 of each.
    pub(super) covered: Vec<bool>,
    pub(super) weights: Vec<f64>,
}

impl AnswerArgs {
    /// Asks a model, tells how far it is, and keeps the time.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&mut Effort<'_>) -> Result<T, PlanError>,
    ) -> anyhow::Result<Answered<T>> {
        let time = self.time_limit_s.map(Duration::try_from_secs_f64).transpose();
        let time = time.context("--time-limit-s: give seconds, such as 60")?;
        let start = Instant::now();
        let mut told = start;
        let mut watch = |progress: Progress| {
            if told.elapsed().as_secs() >= TELL_S {
                told = Instant::now();
                say::progress(progress_line(&progress, start.elapsed()));
            }
            Watch::GoOn
        };
        let answer = question(&mut Effort { time, watch: &mut watch })?;
        Ok(Answered { answer, seconds: start.elapsed().as_secs_f64() })
    }

    /// Prints a plan and draws it.
    pub(super) fn tell(
        &self,
        ground: &Ground,
        told: &Told,
        plan: &Plan,
        seconds: f64,
    ) -> anyhow::Result<()> {
        if self.json {
            say::line(as_json(ground, told, plan, seconds));
        } else {
            say::line(&told.sentence);
            say::line(format!("  {}", named(ground, &told.units)));
            say::line(format!("  {}, in {seconds:.3} s", proof(plan)));
        }
        let Some(path) = &self.map else { return Ok(()) };
        let Some(places) = &ground.map else {
            bail!("--map: a table of cover has no places: give --demand and --sites");
        };
        let picture = Picture {
            places,
            names: &ground.names,
            units: &told.units,
            covered: &told.covered,
            weights: &told.weights,
            title: &told.sentence,
        };
        write_map(path, &picture)
    }
}

impl<T> Answered<T> {
    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }
}

fn progress_line(progress: &Progress, elapsed: Duration) -> String {
    let found = progress.objective.map_or("nothing".to_owned(), |found| format!("{found:.6}"));
    let (bound, n, secs) = (progress.bound, progress.n_nodes, elapsed.as_secs());
    format!("{secs} s, {n} nodes: {found} found, at most {bound:.6} possible")
}

/// The chosen sites by their names.
fn named(ground: &Ground, units: &[u32]) -> String {
    let chosen = ground.names.iter().zip(units).filter(|(_, units)| **units > 0);
    let name = |(name, units): (&String, &u32)| match units {
        1 => name.clone(),
        n => format!("{name} x{n}"),
    };
    let names: Vec<String> = chosen.map(name).collect();
    if names.is_empty() { "no site".to_owned() } else { names.join(", ") }
}

fn proof(plan: &Plan) -> String {
    let why = match &plan.ended {
        Ended::Proven => {
            let first = if plan.ties == Ties::First { ", the first of equals" } else { "" };
            return format!("proven best{first}");
        }
        Ended::TimeUp => "the time was up".to_owned(),
        Ended::Stopped => "stopped".to_owned(),
        Ended::GaveUp(why) => format!("the solver gave up ({why})"),
    };
    let (objective, bound, gap) = (plan.objective, plan.bound, 100.0 * plan.gap());
    format!(
        "not proven best: {why}; worth {objective:.6}, at most {bound:.6} possible, \
         gap {gap:.2} %"
    )
}

fn as_json(ground: &Ground, told: &Told, plan: &Plan, seconds: f64) -> Value {
    let site = |(site, units): (usize, &u32)| {
        let name = &ground.names[site];
        json!({ "site": site + 1, "name": name, "units": units })
    };
    let chosen = told.units.iter().enumerate().filter(|(_, units)| **units > 0);
    let mut value = json!({
        "model": told.model,
        "sites": chosen.map(site).collect::<Vec<Value>>(),
        "objective": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap(),
        "ended": match &plan.ended {
            Ended::Proven => "proven",
            Ended::TimeUp => "time_up",
            Ended::Stopped => "stopped",
            Ended::GaveUp(_) => "gave_up",
        },
        "ties": match plan.ties { Ties::First => "first", Ties::AsFound => "as_found" },
        "nodes": plan.n_nodes,
        "seconds": seconds,
    });
    if let (Some(value), Some(fields)) = (value.as_object_mut(), told.fields.as_object()) {
        value.extend(fields.clone());
    }
    value
}
