//! A unit chosen by what it costs all calls at hand: the one it goes to, the one it leaves, and
//! those that will come where it is missed.

use ems_model::HarmMeasure;

use crate::survival::Survival;

/// How one call fares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The rank of its priority, 1 the most urgent.
    pub rank: u8,
    /// From its coming in to a unit's arrival, minutes.
    pub response: f64,
    /// The longest response that is in time, minutes.
    pub target: f64,
}

/// The call that a unit on its way would be taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// As it is.
    pub before: Outlook,
    /// Its response with the next best unit, minutes; `None` where none is free.
    pub after: Option<f64>,
}

/// A unit that may be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prospect<U> {
    /// The unit.
    pub unit: U,
    /// How the call fares with it.
    pub call: Outlook,
    /// Expected cover that goes with it, calls a day; 0 where nobody counts it.
    pub cover_lost: f64,
    /// The call that loses it.
    pub loss: Option<Loss>,
}

/// What a response is worth.
#[derive(Debug, Clone, PartialEq)]
pub enum Worth {
    /// A late call costs 1, whatever its rank.
    InTime,
    /// The most urgent rank's calls are worth their chance to survive; of others, a late one costs
    /// 0.05.
    Survival(Survival),
}

/// A rule that sends the unit with the least cost. A minute of response costs `per_minute`, and a
/// call a day of cover that goes with the unit `per_cover`, both in late calls or lives.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighing {
    /// What a response is worth.
    pub worth: Worth,
    /// What a minute costs beside.
    pub per_minute: f64,
    /// What expected cover costs, by calls a day.
    pub per_cover: f64,
}

/// What a late call of a lower rank costs beside a life.
const LATE_BESIDE_LIFE: f64 = 0.05;

/// How long a call is taken to wait where no unit is free, minutes.
const NONE_FREE: f64 = 30.0;

impl Weighing {
    /// Its name with its version.
    pub fn name(&self) -> String {
        match &self.worth {
            Worth::InTime => "least-late/1".to_owned(),
            Worth::Survival(curve) => format!("survival-{}/1", curve.name()),
        }
    }

    /// What it counts.
    pub fn measure(&self) -> HarmMeasure {
        match self.worth {
            Worth::InTime => HarmMeasure::LateCalls,
            Worth::Survival(_) => HarmMeasure::Lives,
        }
    }

    /// Whether it looks at the coverage that goes with a unit.
    pub fn weighs_cover(&self) -> bool {
        self.per_cover > 0.0
    }

    /// What it costs to send this unit: the less the better.
    pub fn cost<U>(&self, prospect: &Prospect<U>) -> f64 {
        self.harm(prospect.call) + self.elsewhere(prospect.cover_lost, prospect.loss)
    }

    /// What of it falls on other calls.
    pub(crate) fn elsewhere(&self, cover_lost: f64, loss: Option<Loss>) -> f64 {
        let loss = loss.map_or(0.0, |Loss { before, after }| {
            let response = after.unwrap_or(before.response + NONE_FREE);
            self.harm(Outlook { response, ..before }) - self.harm(before)
        });
        self.per_cover * cover_lost + loss
    }

    /// Picks among prospects; of equals the one that is named first. A cost that does not compare
    /// (a NaN) is never picked before one that does.
    pub fn pick<U>(&self, prospects: impl IntoIterator<Item = Prospect<U>>) -> Option<Prospect<U>> {
        let costed = prospects.into_iter().map(|prospect| (self.cost(&prospect), prospect));
        let best = costed.reduce(|best, next| if next.0 < best.0 { next } else { best });
        best.map(|(_, prospect)| prospect)
    }

    /// What of it falls on the call itself.
    pub(crate) fn harm(&self, call: Outlook) -> f64 {
        let late = f64::from(u8::from(call.response > call.target));
        let harm = match &self.worth {
            Worth::InTime => late,
            Worth::Survival(curve) if call.rank == 1 => 1.0 - curve.chance(call.response),
            Worth::Survival(_) => LATE_BESIDE_LIFE * late,
        };
        harm + self.per_minute * call.response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::survival::SurvivalCurves;

    fn prospect(unit: u8, response: f64, cover_lost: f64, loss: Option<Loss>) -> Prospect<u8> {
        Prospect { unit, call: Outlook { rank: 1, response, target: 8.0 }, cover_lost, loss }
    }

    fn low(before: f64, after: Option<f64>) -> Loss {
        Loss { before: Outlook { rank: 3, response: before, target: 20.0 }, after }
    }

    #[test]
    fn a_call_is_not_made_late_for_one_that_is_in_time_anyway() {
        let rule = Weighing { worth: Worth::InTime, per_minute: 0.02, per_cover: 0.001 };
        for (prospects, unit) in [
            // Both in time: the nearer, unless it leaves a call that is late without it.
            (vec![prospect(1, 7.0, 0.0, None), prospect(2, 5.0, 0.0, None)], 2),
            (
                vec![
                    prospect(1, 7.0, 0.0, None),
                    prospect(2, 5.0, 0.0, Some(low(9.0, Some(25.0)))),
                ],
                1,
            ),
            (
                vec![
                    prospect(1, 9.0, 0.0, None),
                    prospect(2, 5.0, 0.0, Some(low(9.0, Some(15.0)))),
                ],
                2,
            ),
            // Late both ways: no call is robbed for some minutes.
            (vec![prospect(1, 14.0, 0.0, None), prospect(2, 9.0, 0.0, Some(low(9.0, None)))], 1),
            // Cover is weighed against minutes.
            (vec![prospect(1, 7.0, 10.0, None), prospect(2, 5.0, 60.0, None)], 1),
            (vec![prospect(1, f64::NAN, 0.0, None), prospect(2, 50.0, 0.0, None)], 2),
        ] {
            let rest = prospects.clone().into_iter().rev();
            assert_eq!(rule.pick(rest).map(|picked| picked.unit), Some(unit), "{prospects:?}");
        }
        assert_eq!(rule.pick(Vec::<Prospect<u8>>::new()), None);
    }

    #[test]
    fn a_life_is_worth_more_than_minutes_of_others() {
        let curve = SurvivalCurves::standard().curve("de-maio").unwrap();
        let rule = Weighing { worth: Worth::Survival(curve), per_minute: 0.001, per_cover: 0.0 };
        let urgent =
            [prospect(1, 6.0, 0.0, None), prospect(2, 3.0, 0.0, Some(low(9.0, Some(19.0))))];
        assert_eq!(rule.pick(urgent).map(|picked| picked.unit), Some(2));
        let lost =
            [prospect(1, 26.0, 0.0, None), prospect(2, 24.0, 0.0, Some(low(9.0, Some(29.0))))];
        assert_eq!(rule.pick(lost).map(|picked| picked.unit), Some(1));
    }
}
