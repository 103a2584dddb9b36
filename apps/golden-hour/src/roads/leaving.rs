//! What is expected of a route that is driven at a time of the week, and how sure that is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use ems_model::{Millis, Timestamp};
use ems_roads::{Forecast, Roads, Snap, Traffic, TrafficFile, WEEK, Week};
use ems_traces::EtaModel;
use serde_json::{Value, json};

use super::tell::{self, Language};

/// The middle share of drives whose times are told.
const SHARE: f64 = 0.8;

/// What is said where even free roads lead nowhere.
pub(super) const NO_WAY: &str = "there is no way between these places: name others";

/// When one leaves, and what is known of the drive.
#[derive(Debug, Args)]
pub(super) struct LeavingArgs {
    /// When to leave, with the zone; the speeds by hour of the week are an assumption.
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Timestamp>,
    /// Speeds and closures known when leaving (CSV, as `traffic apply` takes it).
    #[arg(long, value_name = "FILE.csv", requires = "at")]
    traffic: Option<PathBuf>,
    /// How drives spread around their ETA (eta.toml of `roads learn`): tells the 80 % interval.
    #[arg(long, value_name = "FILE")]
    eta_model: Option<PathBuf>,
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    let bad = || format!("\"{text}\" is no time with its zone: write 2026-11-25T08:00:00+01:00");
    Timestamp::from_rfc3339(text).ok_or_else(bad)
}

impl LeavingArgs {
    /// What is known of the roads at the departure; `None` where no time was given.
    pub(super) fn departure(&self, roads: &Roads) -> anyhow::Result<Option<Departure>> {
        let Some(leaves) = self.at else { return Ok(None) };
        let week = Week::parse(WEEK)?;
        let overlay = match &self.traffic {
            Some(path) => Some(overlay(path, roads, leaves)?),
            None => None,
        };
        Ok(Some(Departure { leaves, week, overlay: overlay.unwrap_or_else(no_overlay) }))
    }

    /// The shortest and longest time of most drives that are said to take so long; `None` without
    /// a model.
    pub(super) fn interval(&self, time: Millis) -> anyhow::Result<Option<Interval>> {
        let Some(path) = &self.eta_model else { return Ok(None) };
        let model = EtaModel::parse(&read(path)?).with_context(|| path.display().to_string())?;
        Ok(Some(Interval(model.interval(time, SHARE))))
    }
}

fn overlay(path: &Path, roads: &Roads, leaves: Timestamp) -> anyhow::Result<TrafficFile> {
    let bytes = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    TrafficFile::parse(&bytes, roads, leaves).with_context(|| path.display().to_string())
}

fn no_overlay() -> TrafficFile {
    TrafficFile { traffic: Traffic::default(), n_rows: 0, n_over: 0 }
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The roads as they are expected when one leaves.
pub(super) struct Departure {
    leaves: Timestamp,
    week: Week,
    overlay: TrafficFile,
}

impl Departure {
    /// The roads at the speeds of the departure; stops that closures part are an error.
    pub(super) fn roads(&self, roads: &Roads, stops: &[Snap]) -> anyhow::Result<Roads> {
        for leg in stops.windows(2) {
            roads.time(&leg[0], &leg[1]).context(NO_WAY)?;
        }
        let driven = self.forecast(roads, self.leaves).roads().clone();
        for leg in stops.windows(2) {
            driven.way(&leg[0], &leg[1])?;
        }
        Ok(driven)
    }

    /// How long the drive through all stops takes, as expected and on free roads.
    pub(super) fn outlook(&self, roads: &Roads, stops: &[Snap]) -> anyhow::Result<Outlook> {
        let mut free = Millis::ZERO;
        let mut arrives = self.leaves;
        for leg in stops.windows(2) {
            let [from, to] = [&leg[0], &leg[1]];
            free = free + roads.time(from, to).context(NO_WAY)?;
            let time = self.forecast(roads, arrives).time(from, to);
            arrives = arrives + time.context(NO_WAY)?;
        }
        let (leaves, hour) = (self.leaves, self.week.hour(self.leaves).get());
        let [n_rows, n_over] = [self.overlay.n_rows, self.overlay.n_over];
        Ok(Outlook { leaves, hour, time: arrives.since(leaves), free, n_rows, n_over })
    }

    fn forecast(&self, roads: &Roads, from: Timestamp) -> Forecast<'_> {
        Forecast::of(roads, &self.week, &self.overlay.traffic, [self.leaves, from])
    }
}

/// A drive's time at its time of the week.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    leaves: Timestamp,
    /// Of the week by local time, 0 is Monday's first.
    hour: usize,
    /// As expected.
    pub(super) time: Millis,
    /// At the profile's speeds.
    free: Millis,
    /// Of the file of traffic.
    n_rows: usize,
    n_over: usize,
}

impl Outlook {
    pub(super) fn lines(&self, language: Language) -> Vec<String> {
        let (time, free) = (tell::clock(self.time), tell::clock(self.free));
        let (leaves, day, hour) = (self.leaves.to_rfc3339(), self.hour / 24, self.hour % 24);
        let [expected, assumed] = match language {
            Language::En => [
                format!(
                    "  leaving {leaves} ({}, {hour} h local time): {time} expected, {free} on free roads",
                    DAYS_EN[day]
                ),
                format!("  {ASSUMED_EN}"),
            ],
            Language::Zh => [
                format!(
                    "  {leaves} 出发（当地{} {hour} 时）：预计 {time}，道路畅通时 {free}",
                    DAYS_ZH[day]
                ),
                "  各时段车速系数是假设，未经实测".to_owned(),
            ],
        };
        [expected].into_iter().chain(self.traffic_line(language)).chain([assumed]).collect()
    }

    fn traffic_line(&self, language: Language) -> Option<String> {
        let Self { n_rows, n_over, .. } = self;
        let told = match language {
            Language::En => {
                format!("  under {n_rows} rows of traffic, {n_over} of them over by then")
            }
            Language::Zh => format!("  计入 {n_rows} 条路况，其中 {n_over} 条届时已失效"),
        };
        (*n_rows > 0).then_some(told)
    }

    pub(super) fn as_json(&self) -> Value {
        json!({
            "leaves": self.leaves.to_rfc3339(),
            "hour_of_week": self.hour,
            "seconds": self.time.as_secs_f64(),
            "free_seconds": self.free.as_secs_f64(),
            "n_traffic_rows": self.n_rows,
            "n_traffic_rows_over": self.n_over,
            "note": ASSUMED_EN,
        })
    }
}

const ASSUMED_EN: &str = "the speeds by hour of the week are an assumption, not measured";
const DAYS_EN: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

/// Between which times most drives of one kind end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interval([Millis; 2]);

impl Interval {
    pub(super) fn line(self, language: Language) -> String {
        let ([first, last], percent) = (self.0.map(tell::clock), SHARE * 100.0);
        match language {
            Language::En => format!("  {percent:.0} % of such drives take {first} to {last}"),
            Language::Zh => format!("  {percent:.0}% 的此类行程用时 {first} 至 {last}"),
        }
    }

    pub(super) fn as_json(self) -> Value {
        json!({ "share": SHARE, "seconds": self.0.map(Millis::as_secs_f64) })
    }
}
