//! What decides where a patient belongs, for the forms and the texts of reasons.

use ems_dispatch::{Reference, Source, Text};
use serde::Serialize;
use utoipa::ToSchema;

use super::text::{SourceView, TextView};

/// One data file: what a crew may tick by it, and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DestinationView {
    /// The kind of findings that it judges: `stroke`, `ecg`, `injury`, `burn`, `obstetric` or
    /// `child`.
    kind: &'static str,
    /// The file with its version.
    model: String,
    /// Criteria or signs that a crew may tick; a child's impressions.
    criteria: Vec<CriterionView>,
    sources: Vec<SourceView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CriterionView {
    id: String,
    name: TextView,
    /// How grave: `red`, `yellow`; `immediate`, `consult`; `null` where the file does not grade.
    grade: Option<&'static str>,
}

pub(crate) fn destinations(reference: &Reference) -> Vec<DestinationView> {
    let (injury, burn) = (reference.trauma(), reference.burns());
    let (obstetric, child) = (reference.obstetric(), reference.child());
    let of_injury = graded("red", &injury.red).chain(graded("yellow", &injury.yellow));
    let of_burn = graded("immediate", &burn.immediate).chain(graded("consult", &burn.consult));
    let signs = obstetric.signs.iter().map(|it| criterion(&it.id, &it.name, None));
    let impressions = child.impressions.iter().map(|it| criterion(&it.id, &it.name, None));
    vec![
        view("stroke", &reference.stroke().name, &reference.stroke().sources, vec![]),
        view("ecg", &reference.stemi().name, &reference.stemi().sources, vec![]),
        view("injury", &injury.name, &injury.sources, of_injury.collect()),
        view("burn", &burn.name, &burn.sources, of_burn.collect()),
        view("obstetric", &obstetric.name, &obstetric.sources, signs.collect()),
        view("child", &child.name, &child.sources, impressions.collect()),
    ]
}

fn graded<'a>(
    grade: &'static str,
    criteria: &'a [ems_dispatch::Criterion],
) -> impl Iterator<Item = CriterionView> + 'a {
    criteria.iter().map(move |it| criterion(&it.id, &it.name, Some(grade)))
}

fn criterion(id: &str, name: &Text, grade: Option<&'static str>) -> CriterionView {
    CriterionView { id: id.to_owned(), name: TextView::from(name), grade }
}

fn view(
    kind: &'static str,
    model: &str,
    sources: &[Source],
    criteria: Vec<CriterionView>,
) -> DestinationView {
    let sources = sources.iter().map(SourceView::from).collect();
    DestinationView { kind, model: model.to_owned(), criteria, sources }
}
