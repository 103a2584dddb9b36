//! `golden-hour route`, `matrix` and `isochrone`: questions to a city's roads.

mod isochrone;
mod matrix;
mod places;
mod route;
mod tell;

pub(crate) use isochrone::IsochroneArgs;
pub(crate) use matrix::MatrixArgs;
pub(crate) use route::RouteArgs;
