//! `golden-hour plan seats`: call-takers for a load of calls.

use clap::Args;
use ems_plan::CallLoad;
use serde_json::json;

use crate::say;

/// Seats for call-takers (Erlang C).
#[derive(Debug, Args)]
pub(super) struct SeatsArgs {
    /// Calls in an hour, on average.
    #[arg(long, value_name = "CALLS")]
    calls_per_hour: f64,
    /// How long a call keeps its taker busy, on average, with what is to do after it.
    #[arg(long, value_name = "SECONDS")]
    handling_s: f64,
    /// What counts as answered in time.
    #[arg(long, value_name = "SECONDS")]
    answer_within_s: f64,
    /// The share of calls to answer in time, such as 0.9.
    #[arg(long, value_name = "SHARE")]
    share: f64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Seats beside the number needed that are told, too.
const N_BESIDE: u32 = 2;

impl SeatsArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let load = CallLoad::new(self.calls_per_hour, self.handling_s)?;
        let needed = load.seats_for(self.share, self.answer_within_s)?;
        let around = needed.saturating_sub(N_BESIDE)..=needed.saturating_add(N_BESIDE);
        let rows: Vec<Row> = around.filter_map(|seats| self.row(&load, seats)).collect();
        if self.json {
            let told = json!({ "erlangs": load.erlangs(), "seats": needed, "around": rows });
            say::line(told);
            return Ok(());
        }
        let (within, share) = (self.answer_within_s, 100.0 * self.share);
        say::line(format!(
            "{needed} seats answer at least {share:.1} % of calls within {within} s ({:.2} Erlangs)",
            load.erlangs()
        ));
        for row in rows {
            say::line(format!(
                "  {:>4} seats: {:6.2} % within {within} s, {:6.2} % wait, mean wait {:.1} s",
                row.seats,
                100.0 * row.answered_share,
                100.0 * row.waiting_share,
                row.mean_wait_s
            ));
        }
        Ok(())
    }

    /// What some seats do; nothing where the queue grows without end.
    fn row(&self, load: &CallLoad, seats: u32) -> Option<Row> {
        Some(Row {
            seats,
            answered_share: load.answered_share(seats, self.answer_within_s)?,
            waiting_share: load.waiting_share(seats)?,
            mean_wait_s: load.mean_wait_s(seats)?,
        })
    }
}

#[derive(serde::Serialize)]
struct Row {
    seats: u32,
    answered_share: f64,
    waiting_share: f64,
    mean_wait_s: f64,
}
