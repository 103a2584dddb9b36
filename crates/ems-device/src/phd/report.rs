//! Reports of what was measured (IEEE 11073-20601, annex A.11.5).

use super::apdu::counted;
use super::attribute::attributes;
use crate::bytes::Bytes;
use crate::complaint::Complaint;
use crate::fault::Fault;

pub(super) const CONFIG: u16 = 3356;

/// What one object reports of one person.
pub(super) struct Observation<'a> {
    pub(super) person: Option<u16>,
    pub(super) handle: u16,
    pub(super) content: Content<'a>,
}

/// How the values stand in a report.
pub(super) enum Content<'a> {
    /// One after the other, as the object's layout says.
    Fixed(Bytes<'a>),
    /// Each with its attribute's number.
    Variable(Vec<super::Attribute>),
}

/// How a report is laid out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    is_fixed: bool,
    has_persons: bool,
}

/// The layout of a report by its kind: of the device itself, of an episodic scanner (unbuffered)
/// or of a periodic one (buffered). Grouped reports are not read.
pub(super) fn layout(event_type: u16) -> Option<Layout> {
    let (is_fixed, has_persons) = match event_type {
        3357 | 3363 | 3369 => (true, false),
        3358 | 3362 | 3368 => (false, false),
        3359 | 3366 | 3372 => (true, true),
        3360 | 3365 | 3371 => (false, true),
        _ => return None,
    };
    Some(Layout { is_fixed, has_persons })
}

/// All that a report tells. A count that disagrees with the length of its list is complained about,
/// and the length is believed; what cannot be read at all is the error.
pub(super) fn observations<'a>(
    layout: Layout,
    info: &mut Bytes<'a>,
    complaints: &mut Vec<Complaint>,
) -> Result<Vec<Observation<'a>>, Fault> {
    let (_request, _number) = (info.u16_be()?, info.u16_be()?);
    if !layout.has_persons {
        return of_person(layout, None, info, complaints);
    }
    let n_persons = info.u16_be()?;
    let mut persons = counted(info)?;
    let mut found = vec![];
    for _ in 0..n_persons {
        let person = persons.u16_be()?;
        found.extend(of_person(layout, Some(person), &mut persons, complaints)?);
    }
    Ok(found)
}

fn of_person<'a>(
    layout: Layout,
    person: Option<u16>,
    info: &mut Bytes<'a>,
    complaints: &mut Vec<Complaint>,
) -> Result<Vec<Observation<'a>>, Fault> {
    let n_promised = info.u16_be()?;
    let mut list = counted(info)?;
    let mut found = vec![];
    while !list.is_empty() {
        found.push(observation(layout, person, &mut list)?);
    }
    if found.len() != usize::from(n_promised) {
        let counted = format!("followed by {} observations", found.len());
        let remedy = "none is needed, but tell the device's maker";
        let fault = info.fault(counted, format!("the {n_promised} of its count"), remedy);
        complaints.push(fault.into());
    }
    Ok(found)
}

fn observation<'a>(
    layout: Layout,
    person: Option<u16>,
    list: &mut Bytes<'a>,
) -> Result<Observation<'a>, Fault> {
    let handle = list.u16_be()?;
    let content = if layout.is_fixed {
        Content::Fixed(counted(list)?)
    } else {
        Content::Variable(attributes(list)?)
    };
    Ok(Observation { person, handle, content })
}
