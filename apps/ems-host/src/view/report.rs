//! The service's figures on a screen.

use ems_centre::{ClockReport, Histogram, HospitalReport, Overruled, Report, UnitReport};
use ems_dispatch::{PriorityScheme, Requirement};
use ems_model::{HospitalId, Millis, Timestamp, UnitId};
use serde::Serialize;
use utoipa::ToSchema;

use super::text::TextView;

/// Response times, utilisation and the rest, from the whole event log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReportView {
    generated_at: Timestamp,
    clocks: Vec<ClockView>,
    units: Vec<UnitLoadView>,
    calls_per_hour: Vec<HourView>,
    priorities: Vec<PriorityCountView>,
    /// Calls without a priority.
    n_untriaged: u32,
    overruled: OverruledView,
    hospitals: Vec<HospitalFiguresView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct ClockView {
    id: String,
    name: TextView,
    source: String,
    /// Whether the target was checked against the cited edition.
    verified: bool,
    /// The one priority that it is for; `null` for several or all.
    priority: Option<String>,
    target_ms: Millis,
    /// The share of calls that must keep the target, 0..=1; `null` where it is not promised.
    required_share: Option<f64>,
    n: u32,
    n_missing: u32,
    n_running: u32,
    within: u32,
    share: Option<f64>,
    is_met: Option<bool>,
    mean_ms: Option<Millis>,
    p50_ms: Option<Millis>,
    p90_ms: Option<Millis>,
    p95_ms: Option<Millis>,
    max_ms: Option<Millis>,
    bins: Vec<BinView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct BinView {
    from_ms: Millis,
    /// Of the last bar, which holds everything longer: the longest span.
    to_ms: Millis,
    n: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct UnitLoadView {
    unit: UnitId,
    busy_ms: Millis,
    on_duty_ms: Millis,
    share: Option<f64>,
    n_calls: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct HourView {
    from: Timestamp,
    n: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct PriorityCountView {
    code: String,
    n: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct OverruledView {
    n: u32,
    of: u32,
    units: CountView,
    hospitals: CountView,
    priorities: CountView,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct CountView {
    n: u32,
    of: u32,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
struct HospitalFiguresView {
    hospital: HospitalId,
    requested: u32,
    accepted: u32,
    diverted: u32,
    tasks: u32,
    tasks_late: u32,
}

impl ReportView {
    pub(crate) fn of(report: Report, scheme: &PriorityScheme) -> Self {
        let hours = report.calls.by_hour.into_iter();
        let by_priority = &report.calls.by_priority;
        let untriaged = by_priority.iter().filter(|(priority, _)| priority.is_none());
        let coded = by_priority.iter().filter_map(|(priority, n)| Some((priority.as_ref()?, *n)));
        Self {
            generated_at: report.now,
            clocks: report.clocks.iter().map(|clock| clock_view(clock, scheme)).collect(),
            units: report.units.iter().map(unit_view).collect(),
            calls_per_hour: hours.map(|(from, n)| HourView { from, n }).collect(),
            priorities: coded
                .map(|(priority, n)| PriorityCountView { code: priority.code.clone(), n })
                .collect(),
            n_untriaged: untriaged.map(|(_, n)| n).sum(),
            overruled: OverruledView {
                n: report.overrules.units.n_overruled + report.overrules.hospitals.n_overruled,
                of: report.overrules.units.n + report.overrules.hospitals.n,
                units: count_view(report.overrules.units),
                hospitals: count_view(report.overrules.hospitals),
                priorities: count_view(report.overrules.priorities),
            },
            hospitals: report.hospitals.iter().map(hospital_view).collect(),
        }
    }
}

fn clock_view(clock: &ClockReport, scheme: &PriorityScheme) -> ClockView {
    let spec = &clock.spec;
    let sources: Vec<_> = spec.sources.iter().map(|source| source.text.as_str()).collect();
    ClockView {
        id: spec.id.clone(),
        name: TextView::from(&spec.name),
        source: sources.join("; "),
        verified: spec.sources.iter().all(|source| source.verified),
        priority: only_priority(&spec.ranks, scheme),
        target_ms: spec.target,
        required_share: match spec.requirement {
            Requirement::Share { percent } => Some(f64::from(percent) / 100.0),
            Requirement::Mean | Requirement::Watch => None,
        },
        n: clock.n,
        n_missing: clock.n_missing + clock.n_backwards,
        n_running: clock.n_running,
        within: clock.n_within,
        share: clock.share(),
        is_met: clock.is_met(),
        mean_ms: clock.spread.map(|spread| spread.mean),
        p50_ms: clock.spread.map(|spread| spread.p50),
        p90_ms: clock.spread.map(|spread| spread.p90),
        p95_ms: clock.spread.map(|spread| spread.p95),
        max_ms: clock.spread.map(|spread| spread.max),
        bins: bins_of(clock),
    }
}

fn only_priority(ranks: &[u8], scheme: &PriorityScheme) -> Option<String> {
    let [rank] = ranks else { return None };
    scheme.levels.iter().find(|level| level.rank == *rank).map(|level| level.code.clone())
}

fn bins_of(clock: &ClockReport) -> Vec<BinView> {
    let Histogram { bin, counts, n_over } = &clock.histogram;
    let starts = (0..).map(|idx| Millis::new(bin.get() * idx));
    let bars = starts.zip(counts);
    let mut bins: Vec<_> =
        bars.map(|(from_ms, n)| BinView { from_ms, to_ms: from_ms + *bin, n: *n }).collect();
    if let (Some(spread), 1..) = (clock.spread, *n_over) {
        let from_ms = bins.last().map(|bin| bin.to_ms).unwrap_or_default();
        bins.push(BinView { from_ms, to_ms: spread.max, n: *n_over });
    }
    bins
}

fn unit_view(unit: &UnitReport) -> UnitLoadView {
    UnitLoadView {
        unit: unit.unit.clone(),
        busy_ms: unit.busy,
        on_duty_ms: unit.on_duty,
        share: unit.utilisation(),
        n_calls: unit.n_calls,
    }
}

fn count_view(overruled: Overruled) -> CountView {
    CountView { n: overruled.n_overruled, of: overruled.n }
}

fn hospital_view(hospital: &HospitalReport) -> HospitalFiguresView {
    HospitalFiguresView {
        hospital: hospital.hospital.clone(),
        requested: hospital.n_requested,
        accepted: hospital.n_accepted,
        diverted: hospital.n_diverted,
        tasks: hospital.tasks.n,
        tasks_late: hospital.tasks.n_late,
    }
}
