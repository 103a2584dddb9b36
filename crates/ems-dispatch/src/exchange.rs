//! A unit that becomes free takes a call from one that is still on its way there and farther off.

use crate::weighing::Outlook;

/// A call with a unit on its way, and how it would fare with the one that is free now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnTheWay<C> {
    /// The call.
    pub call: C,
    /// As it is.
    pub now: Outlook,
    /// Its response with the free unit, minutes.
    pub then: f64,
}

/// When such an exchange is made: the call must gain so many minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exchange {
    /// The least gain, minutes, above 0: crews that are sent back and forth for seconds lose trust.
    pub minutes_min: f64,
}

/// A call that comes to be in time counts as so many minutes.
const IN_TIME: f64 = 60.0;

impl Exchange {
    /// Its name with its version.
    pub fn name(self) -> &'static str {
        "exchange/1"
    }

    /// The call that gains most, if one gains enough: calls that come to be in time before those
    /// that gain minutes alone; of equals the one that is named first.
    pub fn pick<C>(self, calls: impl IntoIterator<Item = OnTheWay<C>>) -> Option<C> {
        let gain = |it: &OnTheWay<C>| {
            let late = |response: f64| if response > it.now.target { IN_TIME } else { 0.0 };
            it.now.response - it.then + late(it.now.response) - late(it.then)
        };
        let saves = |it: &OnTheWay<C>| it.now.response - it.then >= self.minutes_min;
        let gaining = calls.into_iter().filter(saves).map(|it| (gain(&it), it.call));
        let best = gaining.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, call)| call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_that_gains_most_is_taken_over() {
        let rule = Exchange { minutes_min: 0.5 };
        for (calls, taken) in [
            (vec![(9.0, 8.8)], None),
            (vec![(9.0, 9.5)], None),
            (vec![(7.0, 6.0), (7.0, 5.0)], Some(1)),
            (vec![(20.0, 10.0), (8.5, 7.5)], Some(1)),
            (vec![], None),
        ] {
            let on_the_way = calls.iter().enumerate().map(|(call, &(response, then))| OnTheWay {
                call,
                now: Outlook { rank: 1, response, target: 8.0 },
                then,
            });
            assert_eq!(rule.pick(on_the_way), taken, "{calls:?}");
        }
    }
}
