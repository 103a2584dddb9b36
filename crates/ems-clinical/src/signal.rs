//! How one alarm condition is told: delays, acknowledgement, latching, escalation.
//!
//! The words are those of IEC 60601-1-8 (alarm condition, condition delay, signal generation delay,
//! latching, acknowledged); the standard itself was not at hand, so its clauses are unverified.

use ems_model::{AlarmPriority, AlarmSignal, Millis, Timestamp};

/// What one reading means for its alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The limit is crossed.
    Crossed,
    /// The reading is back.
    Back,
    /// Between the two, or not measured: as it was.
    Unclear,
}

/// How an alarm of one kind is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rule {
    /// For how long a limit must be crossed to be an alarm condition.
    pub(crate) condition_delay: Millis,
    /// From then until it is told.
    pub(crate) signal_delay: Millis,
    /// Whether it stays until somebody acknowledges it, though the reading is back.
    pub(crate) is_latching: bool,
    /// Unacknowledged for so long, it becomes one step more urgent.
    pub(crate) escalate_after: Option<Millis>,
    /// How urgent it begins.
    pub(crate) priority: AlarmPriority,
}

/// Where one alarm condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    /// Nothing.
    #[default]
    Quiet,
    /// Crossed, within the condition delay.
    Crossing { since: Timestamp },
    /// An alarm condition, within the signal delay.
    Condition { since: Timestamp },
    /// Told, and nobody has acknowledged it.
    Signalling(Told),
    /// Somebody knows; the condition lasts.
    Acknowledged(Told),
    /// The condition is over and nobody has acknowledged it.
    Latched(Told),
}

/// An alarm that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) since: Timestamp,
    pub(crate) priority: AlarmPriority,
    raised_at: Timestamp,
}

/// What changed for those who are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is told from now on.
    Started,
    /// It became one step more urgent.
    Escalated,
    /// Its condition is over; it waits for acknowledgement.
    Latched,
    /// A latched alarm's condition came back.
    Returned,
    /// Somebody knows; `after` it began.
    Acknowledged { after: Millis },
    /// It is told no longer.
    Ended,
    /// It ended within its delay and was never told.
    Withheld(Delay),
}

/// Within which delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delay {
    Condition,
    Signal,
}

impl State {
    /// Takes a verdict; gives the new state and what changed.
    ///
    /// # Panics
    /// If a step would lose an alarm that was told: one ends only when its reading is back, and a
    /// latching one only when it was acknowledged, too.
    pub(crate) fn on_verdict(
        self,
        now: Timestamp,
        verdict: Verdict,
        rule: &Rule,
    ) -> (Self, Option<Change>) {
        let (next, change) = match verdict {
            Verdict::Crossed => self.crossed(now, rule),
            Verdict::Back => self.back(rule),
            Verdict::Unclear => self.unclear(now, rule),
        };
        let is_lost = self.told().is_some() && next.told().is_none();
        assert!(
            !is_lost || (verdict == Verdict::Back && change == Some(Change::Ended)),
            "a told alarm was lost: {self:?} to {next:?} on {verdict:?}"
        );
        let may_end = !rule.is_latching || matches!(self, Self::Acknowledged(_));
        assert!(!is_lost || may_end, "a latching alarm ended unacknowledged: {self:?}");
        (next, change)
    }

    /// Somebody knows. `None` where nothing waits to be acknowledged.
    pub(crate) fn acknowledge(self, now: Timestamp) -> Option<(Self, [Option<Change>; 2])> {
        let known = |told: Told| Change::Acknowledged { after: now.since(told.since) };
        match self {
            Self::Signalling(told) => Some((Self::Acknowledged(told), [Some(known(told)), None])),
            Self::Latched(told) => Some((Self::Quiet, [Some(known(told)), Some(Change::Ended)])),
            Self::Quiet
            | Self::Crossing { .. }
            | Self::Condition { .. }
            | Self::Acknowledged(_) => None,
        }
    }

    /// The alarm as it is told, if it is.
    pub(crate) fn told(self) -> Option<(Told, AlarmSignal)> {
        match self {
            Self::Signalling(told) => Some((told, AlarmSignal::On)),
            Self::Acknowledged(told) => Some((told, AlarmSignal::Acknowledged)),
            Self::Latched(told) => Some((told, AlarmSignal::Latched)),
            Self::Quiet | Self::Crossing { .. } | Self::Condition { .. } => None,
        }
    }

    fn crossed(self, now: Timestamp, rule: &Rule) -> (Self, Option<Change>) {
        match self {
            Self::Quiet => Self::Crossing { since: now }.crossed(now, rule),
            Self::Crossing { since } if now.since(since) >= rule.condition_delay => {
                Self::Condition { since: now }.crossed(now, rule)
            }
            Self::Condition { since } if now.since(since) >= rule.signal_delay => {
                let told = Told { since: now, priority: rule.priority, raised_at: now };
                (Self::Signalling(told), Some(Change::Started))
            }
            Self::Crossing { .. } | Self::Condition { .. } | Self::Acknowledged(_) => (self, None),
            Self::Signalling(told) => escalated(told, now, rule, Self::Signalling),
            Self::Latched(told) => (Self::Signalling(told), Some(Change::Returned)),
        }
    }

    fn back(self, rule: &Rule) -> (Self, Option<Change>) {
        match self {
            Self::Quiet => (Self::Quiet, None),
            Self::Crossing { .. } => (Self::Quiet, Some(Change::Withheld(Delay::Condition))),
            Self::Condition { .. } => (Self::Quiet, Some(Change::Withheld(Delay::Signal))),
            Self::Signalling(told) if rule.is_latching => {
                (Self::Latched(told), Some(Change::Latched))
            }
            Self::Signalling(_) | Self::Acknowledged(_) => (Self::Quiet, Some(Change::Ended)),
            Self::Latched(_) => (self, None),
        }
    }

    /// A break in the crossing starts its delays anew; what is told goes on being told.
    fn unclear(self, now: Timestamp, rule: &Rule) -> (Self, Option<Change>) {
        match self {
            Self::Crossing { .. } => (Self::Quiet, Some(Change::Withheld(Delay::Condition))),
            Self::Condition { .. } => (Self::Quiet, Some(Change::Withheld(Delay::Signal))),
            Self::Signalling(told) => escalated(told, now, rule, Self::Signalling),
            Self::Latched(told) => escalated(told, now, rule, Self::Latched),
            Self::Quiet | Self::Acknowledged(_) => (self, None),
        }
    }
}

fn escalated(
    told: Told,
    now: Timestamp,
    rule: &Rule,
    state: fn(Told) -> State,
) -> (State, Option<Change>) {
    let is_due = rule.escalate_after.is_some_and(|after| now.since(told.raised_at) >= after);
    match (is_due, more_urgent(told.priority)) {
        (true, Some(priority)) => {
            (state(Told { priority, raised_at: now, ..told }), Some(Change::Escalated))
        }
        _ => (state(told), None),
    }
}

fn more_urgent(priority: AlarmPriority) -> Option<AlarmPriority> {
    match priority {
        AlarmPriority::Low => Some(AlarmPriority::Medium),
        AlarmPriority::Medium => Some(AlarmPriority::High),
        AlarmPriority::High => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    fn rule(is_latching: bool) -> Rule {
        Rule {
            condition_delay: Millis::from_secs(3),
            signal_delay: Millis::from_secs(2),
            is_latching,
            escalate_after: Some(Millis::from_secs(10)),
            priority: AlarmPriority::Low,
        }
    }

    /// C crossed, B back, U unclear, A acknowledged; one a second.
    fn changes(steps: &str, rule: &Rule) -> Vec<(usize, Change)> {
        let mut state = State::Quiet;
        let mut changes = vec![];
        for (second, step) in steps.chars().enumerate() {
            let now = at(i64::try_from(second).unwrap());
            if step == 'A' {
                if let Some((next, told)) = state.acknowledge(now) {
                    state = next;
                    changes.extend(told.into_iter().flatten().map(|change| (second, change)));
                }
                continue;
            }
            let verdict = match step {
                'C' => Verdict::Crossed,
                'B' => Verdict::Back,
                _ => Verdict::Unclear,
            };
            let (next, change) = state.on_verdict(now, verdict, rule);
            state = next;
            changes.extend(change.map(|change| (second, change)));
        }
        changes
    }

    #[test]
    fn an_alarm_is_told_after_both_delays_until_its_reading_is_back() {
        use Change::{Acknowledged, Ended, Escalated, Latched, Returned, Started, Withheld};
        let after = |secs| Acknowledged { after: Millis::from_secs(secs) };
        for (steps, is_latching, expected) in [
            ("CCB", false, vec![(2, Withheld(Delay::Condition))]),
            ("CCCCB", false, vec![(4, Withheld(Delay::Signal))]),
            ("CCCCCCB", false, vec![(5, Started), (6, Ended)]),
            ("CCUCCCCCC", false, vec![(2, Withheld(Delay::Condition)), (8, Started)]),
            ("CCCCCCUUB", false, vec![(5, Started), (8, Ended)]),
            ("CCCCCCACB", false, vec![(5, Started), (6, after(1)), (8, Ended)]),
            ("CCCCCCBBAB", true, vec![(5, Started), (6, Latched), (8, after(3)), (8, Ended)]),
            ("CCCCCCBCB", true, vec![(5, Started), (6, Latched), (7, Returned), (8, Latched)]),
            ("CCCCCCABB", true, vec![(5, Started), (6, after(1)), (7, Ended)]),
            ("AB", true, vec![]),
        ] {
            assert_eq!(changes(steps, &rule(is_latching)), expected, "{steps}");
        }
        let long = changes(&"C".repeat(40), &rule(false));
        assert_eq!(long, [(5, Started), (15, Escalated), (25, Escalated)], "high is the highest");
        assert_eq!(changes(&("CCCCCCA".to_owned() + &"C".repeat(40)), &rule(false)).len(), 2);
    }

    proptest! {
        /// Whatever happens: a crossing that outlasts both delays is told, what is told ends once,
        /// and a latching alarm never ends unacknowledged.
        #[test]
        fn no_alarm_is_lost(steps in "[CCCCCCBUA]{0,200}", is_latching: bool) {
            let rule = rule(is_latching);
            let mut state = State::Quiet;
            let (mut is_told, mut is_known, mut n_crossed) = (false, false, 0);
            for (second, step) in steps.chars().enumerate() {
                let now = at(i64::try_from(second).unwrap());
                let mut changes = vec![];
                if step == 'A' {
                    if let Some((next, told)) = state.acknowledge(now) {
                        state = next;
                        changes.extend(told.into_iter().flatten());
                    }
                    prop_assert!(!matches!(state, State::Signalling(_) | State::Latched(_)));
                } else {
                    let verdict = match step {
                        'C' => Verdict::Crossed,
                        'B' => Verdict::Back,
                        _ => Verdict::Unclear,
                    };
                    n_crossed = if verdict == Verdict::Crossed { n_crossed + 1 } else { 0 };
                    let (next, change) = state.on_verdict(now, verdict, &rule);
                    state = next;
                    changes.extend(change);
                    prop_assert!(n_crossed < 6 || state.told().is_some());
                }
                for change in changes {
                    match change {
                        Change::Started => {
                            prop_assert!(!is_told);
                            (is_told, is_known) = (true, false);
                        }
                        Change::Acknowledged { .. } => {
                            prop_assert!(is_told && !is_known);
                            is_known = true;
                        }
                        Change::Ended => {
                            prop_assert!(is_told && (is_known || !is_latching));
                            is_told = false;
                        }
                        Change::Escalated => prop_assert!(is_told && !is_known),
                        Change::Latched | Change::Returned => prop_assert!(is_told && is_latching),
                        Change::Withheld(_) => prop_assert!(!is_told),
                    }
                }
                prop_assert_eq!(state.told().is_some(), is_told);
            }
        }
    }
}
