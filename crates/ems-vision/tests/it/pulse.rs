//! Pulses of made videos.

use ems_model::Timestamp;
use ems_vision::{
    Camera, Face, Frame, Light, LightRefusal, Mains, Mosaic, Pulse, PulseMethod, PulseRefusal,
    Region, Scene, SkinSample, SkinTone, SkinTracker, Studio, find_pulse, find_rate,
};

pub(crate) fn samples(studio: &Studio, secs: f64, seed: u64) -> Vec<SkinSample> {
    let [width, height] = studio.camera.size;
    let mut tracker = SkinTracker::default();
    let taken = studio.film(secs, seed).filter_map(|it| Some((it.at, it.rgb?)));
    let mosaic = |at: Timestamp, rgb: &[u8]| {
        Mosaic::of(&Frame::new(at, width, height, rgb).expect("a made picture"), Region::MIDDLE)
    };
    taken.map(|(at, rgb)| tracker.push(&mosaic(at, &rgb))).collect()
}

fn studio(tone: SkinTone, bpm: f64) -> Studio {
    let scene = Scene::Face(Face::still(tone, bpm));
    Studio { scene, light: Light::DAY, camera: Camera::COMMON }
}

fn pulse(studio: &Studio) -> Result<Pulse, PulseRefusal> {
    find_pulse(&samples(studio, 20.0, 7))
}

#[test]
fn a_pulse_of_any_skin_is_found_within_its_own_uncertainty() {
    for (tone, bpm) in SkinTone::ALL.into_iter().zip([48.0, 64.0, 84.0, 110.0, 142.0, 73.0]) {
        let found = pulse(&studio(tone, bpm)).unwrap();
        assert!((found.bpm - bpm).abs() <= found.within_bpm.min(2.0), "{found:?} for {bpm}");
    }
}

#[test]
fn a_slow_sway_does_not_hide_twice_the_slowest_pulse() {
    let swaying = Face { sway: 0.03, ..Face::still(SkinTone::IV, 84.0) };
    let found = pulse(&Studio { scene: Scene::Face(swaying), ..studio(SkinTone::IV, 84.0) });
    assert!((found.unwrap().bpm - 84.0).abs() < 2.0, "{found:?}");
}

#[test]
fn lamps_that_beat_with_the_camera_fool_green_but_not_pos() {
    let mut studio = studio(SkinTone::III, 84.0);
    // 100 flashes a second, seen 24.5 times: two a second.
    studio.camera.hz = 24.5;
    studio.light.flicker = Some((Mains::Hz50, 0.05));
    let samples = samples(&studio, 20.0, 7);
    let green = find_rate(&samples, PulseMethod::Green).unwrap();
    assert!((green.bpm - 120.0).abs() < 2.0, "{green:?}");
    let found = find_pulse(&samples).unwrap();
    assert!((found.bpm - 84.0).abs() < 2.0, "{found:?}");
}

#[test]
fn what_cannot_be_trusted_is_refused_by_its_reason() {
    let base = studio(SkinTone::III, 84.0);
    let light = |level| Studio { light: Light { level, ..Light::DAY }, ..base.clone() };
    let camera = |camera| Studio { camera, ..base.clone() };
    let face = |face| Studio { scene: Scene::Face(face), ..base.clone() };
    let still = Face::still(SkinTone::III, 84.0);
    assert!(matches!(pulse(&light(0.01)), Err(PulseRefusal::Light(LightRefusal::TooDark { .. }))));
    assert!(matches!(pulse(&light(6.0)), Err(PulseRefusal::Light(LightRefusal::Clipped { .. }))));
    let slow = camera(Camera { hz: 10.0, ..Camera::COMMON });
    assert!(matches!(pulse(&slow), Err(PulseRefusal::TooFewPictures { .. })));
    let restless = face(Face { sway: 0.12, sway_hz: 1.3, ..still });
    assert!(matches!(pulse(&restless), Err(PulseRefusal::Motion { .. })));
    let dead = face(Face { perfusion: 0.0, ..still });
    assert!(pulse(&dead).is_err(), "{:?}", pulse(&dead));
    let short = samples(&base, 6.0, 7);
    assert!(matches!(find_pulse(&short), Err(PulseRefusal::TooShort { .. })));
    assert!(matches!(find_pulse(&[]), Err(PulseRefusal::TooShort { .. })));
}

/// A heart that stands still under chest compressions must not be told a rate.
#[test]
fn what_moves_or_flashes_as_a_pulse_would_is_no_pulse() {
    let dead = Face { perfusion: 0.0, ..Face::still(SkinTone::II, 84.0) };
    for seed in 0..4 {
        let pressed = |face| Studio {
            scene: Scene::Face(Face { sway: 0.035, sway_hz: 1.8, ..face }),
            light: Light { tint: 0.2, ..Light::DAY },
            camera: Camera::COMMON,
        };
        assert!(find_pulse(&samples(&pressed(dead), 15.0, seed)).is_err());
        // 108 compressions a minute, and a heart of 108: nobody can tell which is seen.
        let alike = Face::still(SkinTone::II, 108.0);
        let found = find_pulse(&samples(&pressed(alike), 15.0, seed));
        assert!(matches!(found, Err(PulseRefusal::MovesAlike { .. })), "{found:?}");
        let flashed = Studio {
            scene: Scene::Face(dead),
            light: Light { beacon_hz: Some(2.0), ..Light::DAY },
            camera: Camera::COMMON,
        };
        assert!(find_pulse(&samples(&flashed, 15.0, seed)).is_err());
    }
}

#[test]
fn a_wall_has_no_pulse() {
    let grey = [128_u8; 3 * 64 * 48];
    let mut tracker = SkinTracker::default();
    let samples: Vec<_> = (0..600)
        .map(|idx| {
            let at = Timestamp::from_millis(idx * 33);
            tracker.push(&Mosaic::of(&Frame::new(at, 64, 48, &grey).unwrap(), Region::MIDDLE))
        })
        .collect();
    assert!(matches!(find_pulse(&samples), Err(PulseRefusal::NoSkin { .. })));
}
