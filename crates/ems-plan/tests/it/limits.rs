//! Large questions, and questions cut short: what is promised is a bound.

use ems_plan::{
    Effort, Ended, PlanError, Progress, Ties, Times, Watch, malp, mclp, mexclp, p_median,
};

use crate::{Town, ask, ask_at_once};

#[test]
fn cut_short_the_bound_still_holds() {
    for seed in 0..8 {
        let town = Town::new(seed, 30, 200);
        let cover = town.cover(180.0);
        let needs = vec![2; cover.n_points()];
        let distances = town.distances();
        let rows = distances.into_iter().map(|r| r.into_iter().map(Some).collect()).collect();
        let times = Times::new(30, town.weights.clone(), rows).unwrap();
        let pairs = [
            (ask_at_once(|e| mclp(&cover, 8, e)), ask(|e| mclp(&cover, 8, e))),
            (ask_at_once(|e| mexclp(&cover, 12, 0.4, e)), ask(|e| mexclp(&cover, 12, 0.4, e))),
            (ask_at_once(|e| malp(&cover, 6, &needs, e)), ask(|e| malp(&cover, 6, &needs, e))),
            (ask_at_once(|e| p_median(&times, 5, e)), ask(|e| p_median(&times, 5, e))),
        ];
        for (cut, whole) in pairs {
            let whole = whole.unwrap();
            assert_eq!((&cut.ended, &whole.ended), (&Ended::TimeUp, &Ended::Proven));
            assert!(cut.objective <= whole.objective + 1e-9 * whole.objective.abs());
            assert!(cut.bound >= whole.objective - 1e-9 * whole.objective.abs(), "{cut:?}");
            assert_eq!(cut.ties, Ties::AsFound);
        }
    }
}

#[test]
fn who_watches_can_stop_it() {
    let town = Town::new(3, 100, 1000);
    let cover = town.cover(110.0);
    let needs = vec![2; cover.n_points()];
    let mut told: Vec<Progress> = Vec::new();
    let plan = {
        let mut watch = |progress: Progress| {
            told.push(progress);
            if told.len() < 3 { Watch::GoOn } else { Watch::Stop }
        };
        malp(&cover, 45, &needs, &mut Effort { time: None, watch: &mut watch }).unwrap()
    };
    assert_eq!((plan.ended, told.len(), plan.n_nodes), (Ended::Stopped, 3, 3 * 64));
    assert!(told.windows(2).all(|pair| pair[1].bound <= pair[0].bound + 1e-9), "{told:?}");
    assert!(plan.objective <= plan.bound && plan.bound <= told[2].bound + 1e-9);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let cover = Town::new(5, 70, 700).cover(120.0);
    let once = ask(|effort| mexclp(&cover, 30, 0.3, effort)).unwrap();
    assert_eq!(once, ask(|effort| mexclp(&cover, 30, 0.3, effort)).unwrap());
    assert_eq!(once.ended, Ended::Proven);
}

#[test]
fn what_cannot_be_reached_is_named() {
    let times = Times::new(1, vec![1.0, 2.0], vec![vec![Some(3.0)], vec![None]]).unwrap();
    let error = ask(|effort| p_median(&times, 1, effort)).unwrap_err();
    assert_eq!(error, PlanError::Unreachable { point: 2 });
}
