//! What a run is judged by, day by day.

use super::call::Answer;
use super::city::Priority;
use super::crew::CrewSums;

/// What a unit spends its time on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spent {
    Idle,
    ToCall,
    OnScene,
    ToHospital,
    AtHospital,
    Returning,
    Moving,
}

/// From where a unit was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentFrom {
    Station,
    Road,
    AnotherCall,
    Free,
}

/// How a response came about, days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Waits {
    pub(crate) queued: f64,
    /// Spent by units that were taken away again.
    pub(crate) bumped: f64,
    /// The drive of the unit that arrived.
    pub(crate) drive: f64,
    /// The drive to the hospital.
    pub(crate) transport: f64,
}

/// Sums over the calls that came in on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CallSums {
    /// Calls.
    pub n: u32,
    /// Of these, those that waited for a unit to become free.
    pub n_queued: u32,
    /// Those from which a unit was taken.
    pub n_bumped: u32,
    /// How often that was.
    pub n_bumps: u32,
    /// Those taken to a hospital.
    pub n_transported: u32,
    /// Those reached within the target of their priority.
    pub n_in_time: u32,
    /// Days from coming in to a unit's arrival.
    pub response: f64,
    dispatch_delay: f64,
    on_scene: f64,
    handover: f64,
    queued: f64,
    bumped: f64,
    drive: f64,
    transport: f64,
}

/// Sums over all units on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct UnitSums {
    /// Days, by what they were spent on.
    spent: [f64; 7],
    n_treated: u32,
    n_transported: u32,
    n_sent: [u32; 4],
    n_moves: u32,
    n_moves_back: u32,
}

/// A figure by its name and how it is had from sums.
pub(crate) type Figure<T> = (&'static str, fn(&T) -> f64);

/// One day of a run.
#[derive(Debug, Clone, PartialEq)]
struct Day {
    /// By rank, from the most urgent.
    calls: Vec<CallSums>,
    units: UnitSums,
}

/// What happened in a run, by day. A day more costs some hundred bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    targets: Vec<f64>,
    n_units: usize,
    days: Vec<Day>,
    /// What crews' days came to, over the whole run; all 0 where crews always work.
    pub(crate) crews: CrewSums,
}

impl Tally {
    pub(crate) fn new(priorities: &[Priority], n_units: usize) -> Self {
        let targets = priorities.iter().map(|priority| priority.target).collect();
        Self { targets, n_units, days: Vec::new(), crews: CrewSums::default() }
    }

    /// Sums over the calls of each day from `from` on, `n` days, all priorities together.
    pub fn daily(&self, from: usize, n: usize) -> impl Iterator<Item = CallSums> + '_ {
        let days = self.days.iter().skip(from).take(n);
        days.map(|day| day.calls.iter().fold(CallSums::default(), CallSums::plus))
    }

    /// As [`Self::daily`], for the priority of `rank` counted from 0.
    pub fn daily_of(
        &self,
        rank: usize,
        from: usize,
        n: usize,
    ) -> impl Iterator<Item = CallSums> + '_ {
        self.days.iter().skip(from).take(n).map(move |day| day.calls[rank])
    }

    /// What crews' days came to over the whole run; all 0 where crews always work.
    pub fn crews(&self) -> CrewSums {
        self.crews
    }

    /// Days that units spent on drives that a rule of relocation asked for, the run over.
    pub fn moving(&self) -> f64 {
        self.days.iter().map(|day| day.units.spent[Spent::Moving as usize]).sum()
    }

    pub(crate) fn daily_units(&self, from: usize, n: usize) -> impl Iterator<Item = &UnitSums> {
        self.days.iter().skip(from).take(n).map(|day| &day.units)
    }

    pub(crate) fn n_units(&self) -> usize {
        self.n_units
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "readers keep times between 0 and a thousand years"
    )]
    fn day(&mut self, at: f64) -> &mut Day {
        let day = at.max(0.0) as usize;
        while self.days.len() <= day {
            let calls = vec![CallSums::default(); self.targets.len()];
            self.days.push(Day { calls, units: UnitSums::default() });
        }
        &mut self.days[day]
    }

    /// A call was reached at `now`.
    pub(crate) fn reached(&mut self, now: f64, answer: &Answer, waits: Waits) {
        let rank = usize::from(answer.call.rank) - 1;
        let is_in_time = answer.response <= self.targets[rank];
        self.day(answer.call.arrival).calls[rank].add(answer, waits, is_in_time);
        let units = &mut self.day(now).units;
        units.n_treated += 1;
    }

    pub(crate) fn at_hospital(&mut self, now: f64) {
        self.day(now).units.n_transported += 1;
    }

    pub(crate) fn sent(&mut self, now: f64, from: SentFrom) {
        self.day(now).units.n_sent[from as usize] += 1;
    }

    /// A rule sent a freed unit to a station.
    pub(crate) fn moved(&mut self, now: f64, is_back: bool) {
        let units = &mut self.day(now).units;
        units.n_moves += 1;
        units.n_moves_back += u32::from(is_back);
    }

    pub(crate) fn spent(&mut self, on: Spent, mut from: f64, to: f64) {
        while from < to {
            let end = (from.floor() + 1.0).min(to);
            self.day(from).units.spent[on as usize] += end - from;
            from = end;
        }
    }
}

impl CallSums {
    fn add(&mut self, answer: &Answer, waits: Waits, is_in_time: bool) {
        self.n += 1;
        self.n_queued += u32::from(answer.was_queued);
        self.n_bumped += u32::from(answer.n_bumps > 0);
        self.n_bumps += answer.n_bumps;
        self.n_transported += u32::from(answer.hospital.is_some());
        self.n_in_time += u32::from(is_in_time);
        self.response += answer.response;
        self.dispatch_delay += answer.call.dispatch_delay;
        self.on_scene += answer.call.on_scene;
        self.handover += answer.call.handover.unwrap_or(0.0);
        self.queued += waits.queued;
        self.bumped += waits.bumped;
        self.drive += waits.drive;
        self.transport += waits.transport;
    }

    pub(crate) fn plus(self, other: &Self) -> Self {
        Self {
            n: self.n + other.n,
            n_queued: self.n_queued + other.n_queued,
            n_bumped: self.n_bumped + other.n_bumped,
            n_bumps: self.n_bumps + other.n_bumps,
            n_transported: self.n_transported + other.n_transported,
            n_in_time: self.n_in_time + other.n_in_time,
            response: self.response + other.response,
            dispatch_delay: self.dispatch_delay + other.dispatch_delay,
            on_scene: self.on_scene + other.on_scene,
            handover: self.handover + other.handover,
            queued: self.queued + other.queued,
            bumped: self.bumped + other.bumped,
            drive: self.drive + other.drive,
            transport: self.transport + other.transport,
        }
    }

    /// Figures by call under JEMSS' names, each as the sum of which the share of calls is the mean.
    pub(crate) fn figures() -> [Figure<Self>; 15] {
        [
            ("fracQueued", |own| f64::from(own.n_queued)),
            ("fracBumped", |own| f64::from(own.n_bumped)),
            ("fracTransported", |own| f64::from(own.n_transported)),
            ("fracResponsesInTime", |own| f64::from(own.n_in_time)),
            ("avgNumBumps", |own| f64::from(own.n_bumps)),
            ("avgDispatchDelayMinutes", |own| own.dispatch_delay * MINUTES),
            ("avgOnSceneDurationMinutes", |own| own.on_scene * MINUTES),
            ("avgHandoverDurationMinutes", |own| own.handover * MINUTES),
            ("avgQueuedDurationMinutes", |own| own.queued * MINUTES),
            ("avgBumpedDurationMinutes", |own| own.bumped * MINUTES),
            ("avgWaitingForAmbDurationMinutes", |own| (own.bumped + own.drive) * MINUTES),
            ("avgResponseDurationMinutes", |own| own.response * MINUTES),
            ("avgAmbGoingToCallDurationMinutes", |own| own.drive * MINUTES),
            ("avgTransportDurationMinutes", |own| own.transport * MINUTES),
            ("avgServiceDurationMinutes", |own| {
                (own.on_scene + own.transport + own.handover) * MINUTES
            }),
        ]
    }

    /// The mean by call of a sum; `None` on a day without calls.
    pub(crate) fn share(&self, sum: f64) -> Option<f64> {
        (self.n > 0).then(|| sum / f64::from(self.n))
    }
}

/// Minutes of a day.
pub(crate) const MINUTES: f64 = 1440.0;
/// Hours of a day.
const HOURS: f64 = 24.0;

impl UnitSums {
    /// Figures of all units on a day under JEMSS' names. Nobody sleeps, and no unit is moved but
    /// when it becomes free.
    pub(crate) fn figures() -> [Figure<Self>; 25] {
        use SentFrom as From;
        use Spent as S;
        [
            ("NumCallsTreated", |own| f64::from(own.n_treated)),
            ("NumCallsTransported", |own| f64::from(own.n_transported)),
            ("NumDispatches", |own| f64::from(own.n_sent.iter().sum::<u32>())),
            ("NumDispatchesFromStation", |own| own.sent(&[From::Station])),
            ("NumDispatchesOnRoad", |own| own.sent(&[From::Road, From::AnotherCall])),
            ("NumDispatchesOnFree", |own| own.sent(&[From::Free])),
            ("NumRedispatches", |own| own.sent(&[From::AnotherCall])),
            ("NumMoveUps", |own| f64::from(own.n_moves)),
            ("NumMoveUpsFromStation", |_| 0.0),
            ("NumMoveUpsOnRoad", |_| 0.0),
            ("NumMoveUpsOnFree", |own| f64::from(own.n_moves)),
            ("NumMoveUpsReturnToPrevStation", |own| f64::from(own.n_moves_back)),
            ("SleepingDurationHours", |_| 0.0),
            ("IdleAtStationDurationHours", |own| own.hours(&[S::Idle])),
            ("GoingToCallDurationHours", |own| own.hours(&[S::ToCall])),
            ("AtCallDurationHours", |own| own.hours(&[S::OnScene])),
            ("GoingToHospitalDurationHours", |own| own.hours(&[S::ToHospital])),
            ("AtHospitalDurationHours", |own| own.hours(&[S::AtHospital])),
            ("ReturningToStationDurationHours", |own| own.hours(&[S::Returning])),
            ("MovingUpToStationDurationHours", |own| own.hours(&[S::Moving])),
            ("WorkingDurationHours", |own| own.spent.iter().sum::<f64>() * HOURS),
            ("BusyDurationHours", |own| {
                own.hours(&[S::ToCall, S::OnScene, S::ToHospital, S::AtHospital])
            }),
            ("FreeDurationHours", |own| own.hours(&[S::Idle, S::Returning, S::Moving])),
            ("TravelDurationHours", |own| {
                own.hours(&[S::ToCall, S::ToHospital, S::Returning, S::Moving])
            }),
            ("GoingToStationDurationHours", |own| own.hours(&[S::Returning, S::Moving])),
        ]
    }

    fn sent(&self, from: &[SentFrom]) -> f64 {
        from.iter().map(|&from| f64::from(self.n_sent[from as usize])).sum()
    }

    fn hours(&self, on: &[Spent]) -> f64 {
        on.iter().map(|&on| self.spent[on as usize]).sum::<f64>() * HOURS
    }
}
