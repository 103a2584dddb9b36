//! Many casualties spread over hospitals by what they need and what each hospital can take.

use std::collections::BTreeSet;

use ems_model::{HospitalCapability, HospitalId, Millis, Tag};
use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

/// Someone to be brought to a hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Casualty {
    /// How urgent.
    pub tag: Tag,
    /// What the hospital must have.
    pub needs: BTreeSet<HospitalCapability>,
}

/// A hospital that said what it can take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Which.
    pub hospital: HospitalId,
    /// What it can do.
    pub capabilities: BTreeSet<HospitalCapability>,
    /// The drive from the scene; `None` where no road leads.
    pub drive: Option<Millis>,
    /// Free places for immediate, delayed and minor casualties.
    pub places: [u32; 3],
}

/// How drives, missing capabilities and full hospitals are weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpreadPolicy {
    /// A missing capability counts as so much more of a drive.
    pub lacks_capability: Millis,
    /// Each casualty of the same tag that a hospital already gets counts as so much more, so that
    /// they are spread before one hospital is full.
    pub each_before: Millis,
}

/// Where a casualty is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allotment {
    /// There.
    To {
        /// Which hospital.
        hospital: HospitalId,
        /// What it lacks of the needs.
        lacks: BTreeSet<HospitalCapability>,
    },
    /// No place of that tag is left, or no road leads: ask for mutual aid.
    NoPlace,
    /// Stays: expectant and deceased casualties are not brought away before the others.
    Stays,
}

/// More than any drive and penalty together: a year.
const NO_PLACE: i64 = 365 * 24 * 3_600_000;

/// Where each of `casualties` is brought, in their order.
///
/// The most urgent choose first. For each tag as many as possible have a place, and of all such
/// ways it is one with the least sum of drives and penalties. Cost: the square of a tag's
/// casualties by its places.
pub fn spread(
    casualties: &[Casualty],
    receivers: &[Receiver],
    policy: SpreadPolicy,
) -> Vec<Allotment> {
    let mut allotments = vec![Allotment::Stays; casualties.len()];
    for (places_idx, tag) in [Tag::Immediate, Tag::Delayed, Tag::Minor].into_iter().enumerate() {
        let of_tag = (0..casualties.len()).filter(|&idx| casualties[idx].tag == tag);
        let of_tag: Vec<usize> = of_tag.collect();
        let who: Vec<&Casualty> = of_tag.iter().map(|&idx| &casualties[idx]).collect();
        let slots = slots(receivers, places_idx, who.len());
        for (idx, slot) in of_tag.iter().zip(assign(&who, &slots, policy)) {
            allotments[*idx] = slot.map_or(Allotment::NoPlace, |slot| Allotment::To {
                hospital: slot.receiver.hospital.clone(),
                lacks: lacks(&casualties[*idx], slot.receiver),
            });
        }
    }
    allotments
}

/// One place of a hospital, the `n_before`th to be taken.
struct Slot<'a> {
    receiver: &'a Receiver,
    drive: Millis,
    n_before: i64,
}

/// Places within reach, at most `n` a hospital.
fn slots(receivers: &[Receiver], places_idx: usize, n: usize) -> Vec<Slot<'_>> {
    let n = i64::try_from(n).expect("fewer casualties than 2^63");
    let within_reach = receivers.iter().filter_map(|receiver| Some((receiver, receiver.drive?)));
    let places = within_reach.flat_map(|(receiver, drive)| {
        let n_places = i64::from(receiver.places[places_idx]).min(n);
        (0..n_places).map(move |n_before| Slot { receiver, drive, n_before })
    });
    places.collect()
}

fn assign<'a>(
    who: &[&Casualty],
    slots: &'a [Slot<'a>],
    policy: SpreadPolicy,
) -> Vec<Option<&'a Slot<'a>>> {
    if who.is_empty() {
        return Vec::new();
    }
    let cost = |(row, column): (usize, usize)| match slots.get(column) {
        None => NO_PLACE,
        Some(slot) => cost(who[row], slot, policy),
    };
    // As many columns without a place as casualties, so that everyone gets a column.
    let costs = Matrix::from_fn(who.len(), slots.len() + who.len(), cost);
    let (_, columns) = kuhn_munkres_min(&costs);
    columns.into_iter().map(|column| slots.get(column)).collect()
}

fn cost(casualty: &Casualty, slot: &Slot<'_>, policy: SpreadPolicy) -> i64 {
    let n_lacks = i64::try_from(lacks(casualty, slot.receiver).len()).expect("a dozen at most");
    slot.drive.get()
        + n_lacks * policy.lacks_capability.get()
        + slot.n_before * policy.each_before.get()
}

fn lacks(casualty: &Casualty, receiver: &Receiver) -> BTreeSet<HospitalCapability> {
    casualty.needs.difference(&receiver.capabilities).copied().collect()
}
