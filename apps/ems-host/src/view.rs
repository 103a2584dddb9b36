//! What screens are shown: the API's views. Their names and fields are `docs/api.md`.

pub(crate) mod aid;
pub(crate) mod answer;
pub(crate) mod coverage;
pub(crate) mod destination;
pub(crate) mod hospital;
pub(crate) mod incident;
pub(crate) mod line_up;
pub(crate) mod major;
pub(crate) mod message;
pub(crate) mod outlook;
pub(crate) mod policy;
pub(crate) mod reference;
pub(crate) mod report;
pub(crate) mod score;
pub(crate) mod snapshot;
pub(crate) mod text;
pub(crate) mod traffic;
pub(crate) mod unit;
