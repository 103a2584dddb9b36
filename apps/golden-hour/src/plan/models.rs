//! The models that choose sites and place units.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use ems_plan::{
    Cover, DoubleStandard, Stage, busy_share_needs, double_standard, load_needs, malp, mclp,
    mexclp, nested_mclp, p_median,
};
use serde_json::{Value, json};

use super::answer::{AnswerArgs, Told};
use super::ground::{Ground, GroundArgs, Table, from_cover, numbers, within};
use crate::roads::places::read_cells;

/// The p sites that cover the most demand (MCLP).
#[derive(Debug, Args)]
pub(super) struct MclpArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// How many sites to choose.
    #[arg(short, value_name = "SITES")]
    p: u32,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl MclpArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (ground, cover) = self.ground.read_covered()?;
        let answered = self.answer.ask(|effort| mclp(&cover, self.p, effort))?;
        let plan = &answered.answer;
        let share = share(plan.objective, &cover);
        let told = Told {
            model: "mclp",
            sentence: format!(
                "{} of {} sites cover {share:.2} % of the demand ({})",
                self.p,
                cover.n_sites(),
                of(plan.objective, &cover)
            ),
            fields: json!({ "covered_share": share / 100.0 }),
            ..covered_by(&cover, &plan.units)
        };
        self.answer.tell(&ground, &told, plan, answered.seconds())
    }
}

/// Sites opened in stages, none closed again (nested MCLP).
#[derive(Debug, Args)]
pub(super) struct NestedArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// The sites open in each stage.
    #[arg(long, value_name = "N,N,...", value_delimiter = ',', required = true)]
    stages: Vec<u32>,
    /// What cover in each stage counts; without it, the same.
    #[arg(long, value_name = "W,W,...", value_delimiter = ',')]
    weights: Vec<f64>,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl NestedArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (ground, cover) = self.ground.read_covered()?;
        let stages = self.stages()?;
        let answered = self.answer.ask(|effort| nested_mclp(&cover, &stages, effort))?;
        let nested = &answered.answer;
        let order: Vec<&str> = nested.order.iter().map(|&s| ground.names[s].as_str()).collect();
        let shares: Vec<f64> = nested.covered.iter().map(|c| share(*c, &cover) / 100.0).collect();
        let percents: Vec<String> = shares.iter().map(|s| format!("{:.2} %", 100.0 * s)).collect();
        let last = nested.plan.units.len().saturating_sub(cover.n_sites());
        let told = Told {
            model: "nested",
            sentence: format!(
                "open in this order: {}; covered stage by stage: {}",
                order.join(", "),
                percents.join(", ")
            ),
            fields: json!({ "order": order, "covered_share_by_stage": shares }),
            ..covered_by(&cover, &nested.plan.units[last..])
        };
        self.answer.tell(&ground, &told, &nested.plan, answered.seconds())
    }

    fn stages(&self) -> anyhow::Result<Vec<Stage>> {
        let n = self.stages.len();
        let weights = match self.weights.len() {
            0 => vec![1.0; n],
            m if m == n => self.weights.clone(),
            m => bail!("{m} weights for {n} stages: give one for each"),
        };
        let stage = |(&n_sites, weight)| Stage { n_sites, weight };
        Ok(self.stages.iter().zip(weights).map(stage).collect())
    }
}

/// Units placed for the largest expected cover (MEXCLP).
#[derive(Debug, Args)]
pub(super) struct MexclpArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// How many units to place.
    #[arg(long, value_name = "UNITS")]
    units: u32,
    /// The share of time that a unit is busy, such as 0.4.
    #[arg(long, value_name = "SHARE")]
    busy: f64,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl MexclpArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (ground, cover) = self.ground.read_covered()?;
        let answered = self.answer.ask(|effort| mexclp(&cover, self.units, self.busy, effort))?;
        let plan = &answered.answer;
        let share = share(plan.objective, &cover);
        let told = Told {
            model: "mexclp",
            sentence: format!(
                "{} units, each busy {} of the time, cover {share:.2} % of the demand on average ({})",
                self.units,
                self.busy,
                of(plan.objective, &cover)
            ),
            fields: json!({ "expected_covered_share": share / 100.0 }),
            ..covered_by(&cover, &plan.units)
        };
        self.answer.tell(&ground, &told, plan, answered.seconds())
    }
}

/// Units placed so that most demand finds one free with a given probability (MALP I and II).
#[derive(Debug, Args)]
pub(super) struct MalpArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// How many units to place.
    #[arg(long, value_name = "UNITS")]
    units: u32,
    /// MALP I: the share of time that a unit is busy, such as 0.4.
    #[arg(long, value_name = "SHARE", required_unless_present = "loads", conflicts_with = "loads")]
    busy: Option<f64>,
    /// MALP II: a CSV file with a column load, for each demand point in order the work that arises
    /// around it, in units kept busy.
    #[arg(long, value_name = "FILE.csv")]
    loads: Option<PathBuf>,
    /// The probability to find a unit free.
    #[arg(long, value_name = "SHARE", default_value_t = 0.9)]
    reliability: f64,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl MalpArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let (ground, cover) = self.ground.read_covered()?;
        let needs = self.needs(&cover)?;
        let answered = self.answer.ask(|effort| malp(&cover, self.units, &needs, effort))?;
        let plan = &answered.answer;
        let share = share(plan.objective, &cover);
        let met = |point: usize| cover.units_near(point, &plan.units) >= needs[point];
        let told = Told {
            model: if self.busy.is_some() { "malp1" } else { "malp2" },
            sentence: format!(
                "{} units: {share:.2} % of the demand finds one free with {:.2} % reliability ({})",
                self.units,
                100.0 * self.reliability,
                of(plan.objective, &cover)
            ),
            fields: json!({
                "covered_share": share / 100.0,
                "need_min": needs.iter().min(),
                "need_max": needs.iter().max(),
            }),
            covered: (0..cover.n_points()).map(met).collect(),
            ..covered_by(&cover, &plan.units)
        };
        self.answer.tell(&ground, &told, plan, answered.seconds())
    }

    fn needs(&self, cover: &Cover) -> anyhow::Result<Vec<u32>> {
        if let Some(busy) = self.busy {
            return Ok(vec![busy_share_needs(busy, self.reliability)?; cover.n_points()]);
        }
        let Some(file) = &self.loads else { bail!("give --busy or --loads") };
        let shown = file.display();
        let Some(cells) = read_cells(file, "load")? else {
            bail!("{shown} has no column load: give the work around each demand point");
        };
        let loads = numbers(&cells).with_context(|| format!("{shown}, column load"))?;
        let need = |load: f64| load_needs(load, self.reliability);
        Ok(loads.into_iter().map(need).collect::<Result<_, _>>()?)
    }
}

/// The p sites nearest to the demand on average (p-median).
#[derive(Debug, Args)]
pub(super) struct MedianArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// How many sites to choose.
    #[arg(short, value_name = "SITES")]
    p: u32,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl MedianArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let ground = self.ground.read()?;
        let Table::Times(times) = &ground.table else {
            bail!("a table of cover has no times: give --demand and --sites, or --times");
        };
        let answered = self.answer.ask(|effort| p_median(times, self.p, effort))?;
        let plan = &answered.answer;
        let mean = times.mean_time(&plan.units);
        let mean_minutes = mean.map(|seconds| seconds / 60.0);
        let shown = mean_minutes.map_or("without demand".to_owned(), |m| format!("{m:.2} min"));
        let cover = self.ground.cover_or_all(&ground, times)?;
        let told = Told {
            model: "median",
            sentence: format!("from the nearest of {} sites the mean drive is {shown}", self.p),
            fields: json!({ "mean_minutes": mean_minutes }),
            ..covered_by(&cover, &plan.units)
        };
        self.answer.tell(&ground, &told, plan, answered.seconds())
    }
}

/// All demand within a long time, a share within a short one, most of it twice (DSM).
#[derive(Debug, Args)]
pub(super) struct DoubleArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// The long time, in which all demand must be covered.
    #[arg(long, value_name = "MINUTES", conflicts_with = "cover_far")]
    minutes_far: Option<f64>,
    /// The table of cover in the long time, with --cover.
    #[arg(long, value_name = "FILE.csv", requires = "cover")]
    cover_far: Option<PathBuf>,
    /// The share of demand to cover within the short time.
    #[arg(long, value_name = "SHARE")]
    share: f64,
    /// How many units to place.
    #[arg(long, value_name = "UNITS")]
    units: u32,
    /// The most units at a site.
    #[arg(long, value_name = "UNITS", default_value_t = 2)]
    per_site: u32,
    #[command(flatten)]
    answer: AnswerArgs,
}

impl DoubleArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let ground = self.ground.read()?;
        let (near, far) = (self.ground.cover(&ground)?, self.far(&ground)?);
        let (share_wanted, n_per_site) = (self.share, self.per_site);
        let standard = DoubleStandard { near: &near, far: &far, share: share_wanted, n_per_site };
        let answered = self.answer.ask(|effort| double_standard(standard, self.units, effort))?;
        let plan = &answered.answer;
        let twice = share(plan.objective, &near);
        let once = share(near.covered(&plan.units, 1), &near);
        let told = Told {
            model: "double",
            sentence: format!(
                "{} units cover {twice:.2} % of the demand twice and {once:.2} % once in the short \
                 time, all in the long one",
                self.units
            ),
            fields: json!({ "covered_share": once / 100.0, "covered_twice_share": twice / 100.0 }),
            ..covered_by(&near, &plan.units)
        };
        self.answer.tell(&ground, &told, plan, answered.seconds())
    }

    fn far(&self, ground: &Ground) -> anyhow::Result<Cover> {
        match (&ground.table, &self.cover_far, self.minutes_far) {
            (Table::Cover(_), Some(file), _) => match from_cover(file)?.table {
                Table::Cover(cover) => Ok(cover),
                Table::Times(_) => bail!("{} is no table of cover", file.display()),
            },
            (Table::Times(times), _, Some(minutes)) => within(times, minutes),
            (Table::Cover(_), ..) => bail!("--cover-far is missing: give the long time's table"),
            (Table::Times(_), ..) => bail!("--minutes-far is missing: such as --minutes-far 15"),
        }
    }
}

/// The percentage of the demand.
fn share(weight: f64, cover: &Cover) -> f64 {
    let total = cover.total();
    if total > 0.0 { 100.0 * weight / total } else { 0.0 }
}

fn of(weight: f64, cover: &Cover) -> String {
    format!("{weight:.2} of {:.2}", cover.total())
}

/// The start of what is told: which points some units cover.
fn covered_by(cover: &Cover, units: &[u32]) -> Told {
    Told {
        model: "",
        units: units.to_vec(),
        sentence: String::new(),
        fields: Value::Null,
        covered: (0..cover.n_points()).map(|point| cover.units_near(point, units) > 0).collect(),
        weights: cover.weights().to_vec(),
    }
}
