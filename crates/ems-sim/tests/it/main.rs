//! The whole city, simulated.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests read files, say what they skip, and fail where they cannot go on"
)]

mod counterfactual;
mod crews;
mod devices;
mod fleet;
mod fleet_rules;
mod grid;
mod learning;
mod made_city;
mod mirror;
mod one_through_the_other;
mod other_cities;
mod places;
mod restart;
mod same_decisions;
mod simulate;
mod slow_fleet;
mod town;
