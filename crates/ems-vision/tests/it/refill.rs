//! Refill times of made videos.

use ems_vision::{
    Camera, Finger, Light, LightRefusal, Refill, RefillRefusal, Scene, SkinTone, Studio,
    find_refill,
};

use super::pulse::samples;

const PRESSED_S: [f64; 2] = [1.0, 4.0];

fn studio(tone: SkinTone, refill_s: f64) -> Studio {
    let finger = Finger { tone, pressed_s: PRESSED_S, refill_s };
    Studio { scene: Scene::Finger(finger), light: Light::DAY, camera: Camera::COMMON }
}

fn refill(studio: &Studio, secs: f64) -> Result<Refill, RefillRefusal> {
    find_refill(&samples(studio, secs, 3))
}

#[test]
fn a_refill_time_is_found_within_its_own_uncertainty() {
    for (tone, secs) in SkinTone::ALL.into_iter().zip([0.6, 1.2, 1.8, 2.4, 3.5, 5.0]) {
        let found = refill(&studio(tone, secs), 12.0).unwrap();
        let error = (found.secs - secs).abs();
        assert!(error <= found.within_secs && error < 0.2, "{found:?} for {secs} s, {tone:?}");
        let released = found.released_at.since(ems_model::Timestamp::default()).as_secs_f64();
        assert!((released - PRESSED_S[1]).abs() < 0.3, "{released} s");
    }
}

#[test]
fn what_cannot_be_trusted_is_refused_by_its_reason() {
    let base = studio(SkinTone::III, 2.0);
    assert!(matches!(refill(&base, 4.8), Err(RefillRefusal::NotBack { .. })));
    let dark = Studio { light: Light { level: 0.01, ..Light::DAY }, ..base.clone() };
    assert!(matches!(refill(&dark, 10.0), Err(RefillRefusal::Light(LightRefusal::TooDark { .. }))));
    let never = Finger { tone: SkinTone::III, pressed_s: [50.0, 60.0], refill_s: 2.0 };
    let never = Studio { scene: Scene::Finger(never), ..base.clone() };
    assert!(matches!(refill(&never, 10.0), Err(RefillRefusal::NoBlanch { .. })));
    let slow = Studio { camera: Camera { hz: 10.0, ..Camera::COMMON }, ..base };
    assert!(matches!(refill(&slow, 10.0), Err(RefillRefusal::TooFewPictures { .. })));
    assert!(matches!(find_refill(&[]), Err(RefillRefusal::NotBack { .. })));
}
