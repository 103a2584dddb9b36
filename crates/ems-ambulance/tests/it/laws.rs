//! What holds whatever devices and clocks do.

use std::collections::BTreeMap;

use ems_device::{EcgChunk, VitalsReading};
use ems_model::{FrameBody, IncidentId, Timestamp, Vitals};
use proptest::prelude::*;

use crate::{at, frames, gateway};

#[derive(Debug, Clone)]
enum Step {
    Ecg { lead: usize, hz: u32, at_ms: i64, n_samples: usize },
    Reading { at_ms: i64 },
    Assign(Option<u64>),
    Pass { ms: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let jump = prop_oneof![
        8 => Just(0i64),
        2 => -8000i64..8000,
        1 => Just(-1_800_000_000_000),
        1 => Just(5_000_000_000_000),
    ];
    let ecg =
        (0..3usize, prop::sample::select(&[100u32, 250, 333, 50][..]), jump.clone(), 1..400usize)
            .prop_map(|(lead, hz, at_ms, n_samples)| Step::Ecg { lead, hz, at_ms, n_samples });
    let step = prop_oneof![
        10 => ecg,
        3 => jump.prop_map(|at_ms| Step::Reading { at_ms }),
        1 => prop::option::of(1u64..4).prop_map(Step::Assign),
        10 => (-1500i64..3000).prop_map(|ms| Step::Pass { ms }),
    ];
    prop::collection::vec(step, 0..80)
}

/// The stream that a frame belongs to, within which time never goes back.
fn stream(body: &FrameBody) -> String {
    match body {
        FrameBody::Wave(chunk) => chunk.lead.clone(),
        _ => String::new(),
    }
}

proptest! {
    #[test]
    fn frames_are_numbered_without_gaps_and_no_stream_goes_back_in_time(steps in steps()) {
        let mut gateway = gateway();
        let mut ms = 0;
        for step in steps {
            match step {
                Step::Ecg { lead, hz, at_ms, n_samples } => {
                    let lead = ["II", "V1", "V2"][lead].to_owned();
                    let microvolts = (0..n_samples).map(|idx| (idx % 97) as f32 * 9.0).collect();
                    gateway.on_ecg(at(ms), &EcgChunk { at: at(ms + at_ms), lead, hz, microvolts });
                }
                Step::Reading { at_ms } => {
                    let vitals = Vitals { on_oxygen: Some(true), ..Vitals::default() };
                    gateway.on_reading(at(ms), &VitalsReading { at: at(ms + at_ms), vitals });
                }
                Step::Assign(incident) => gateway.on_assignment(at(ms), incident.map(IncidentId)),
                Step::Pass { ms: passed } => {
                    ms += passed;
                    gateway.on_wake(at(ms));
                }
            }
        }
        let _ = gateway.view(at(ms));
        let mut times = BTreeMap::<String, Timestamp>::new();
        for (idx, frame) in frames(&mut gateway).iter().enumerate() {
            prop_assert_eq!(frame.seq, 42 + idx as u64);
            if let FrameBody::Wave(chunk) = &frame.body {
                let n_samples = chunk.microvolts.len();
                prop_assert!(n_samples > 0 && n_samples * 10 <= chunk.hz as usize);
                prop_assert!(chunk.beats.iter().all(|&beat| i64::from(beat) < n_samples as i64));
            }
            let before = times.insert(stream(&frame.body), frame.at);
            prop_assert!(before.is_none_or(|before| before <= frame.at), "{frame:?}");
        }
    }
}
