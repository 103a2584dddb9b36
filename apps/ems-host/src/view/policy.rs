//! The policies that a centre may be run by.

use ems_centre::{Centre, Demand};
use ems_dispatch::Policy;
use ems_model::Millis;
use serde::Serialize;
use utoipa::ToSchema;

use super::text::{SourceView, TextView};

/// The policy in force, and all that there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoliciesView {
    /// The name of the one in force.
    in_force: String,
    policies: Vec<PolicyView>,
    demand: DemandView,
}

/// A policy with its rules.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyView {
    /// Its name with its version.
    name: String,
    about: TextView,
    /// The rule of dispatch, with its version.
    dispatch: String,
    /// The rule of relocation, with its version.
    relocation: &'static str,
    /// A place is covered within this drive, turning out not included; `null` where none is
    /// counted.
    cover_within: Option<Millis>,
    /// From which rank of priority a unit under way may be taken, and for which.
    diversions: Vec<DiversionView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct DiversionView {
    from: u8,
    to: Vec<u8>,
}

/// Where calls are expected.
#[derive(Debug, Serialize, ToSchema)]
struct DemandView {
    /// The file, which nobody here has checked; `null` for all streets alike.
    file: Option<String>,
}

impl PoliciesView {
    pub(crate) fn of(centre: &Centre) -> Self {
        let policies = centre.config().reference.policies().iter();
        let file = match &centre.city().demand {
            Demand::Streets => None,
            Demand::Listed { name, .. } => Some(name.clone()),
        };
        Self {
            in_force: centre.policy().name.clone(),
            policies: policies.map(PolicyView::from).collect(),
            demand: DemandView { file },
        }
    }
}

impl From<&Policy> for PolicyView {
    fn from(policy: &Policy) -> Self {
        let diversions = policy.diversions.iter();
        Self {
            name: policy.name.clone(),
            about: TextView::from(&policy.about),
            dispatch: policy.dispatch.rule.name(),
            relocation: policy.relocation.rule.name(),
            cover_within: policy.cover.as_ref().map(|cover| cover.within),
            diversions: diversions
                .map(|it| DiversionView { from: it.from, to: it.to.clone() })
                .collect(),
            sources: policy.sources.iter().map(SourceView::from).collect(),
        }
    }
}
