//! One fact a test.

use ems_ambulance::{Gateway, GatewayComplaint, GatewayWake};
use ems_device::VitalsReading;
use ems_model::{
    Alarm, AlarmKind, AlarmSignal, Bpm, BreathsPerMin, CameraPulse, FrameBody, HeartRhythm,
    IncidentId, Millis, MmHg, OxygenSaturation, ScoreStanding, Timestamp, Vitals,
};

use crate::{HZ, alarms, at, frames, gateway, heart, piece, run, vitals, waves};

fn reading(ms: i64, vitals: Vitals) -> VitalsReading {
    VitalsReading { at: at(ms), vitals }
}

fn pulse(bpm: u16) -> Vitals {
    Vitals { heart_rate: Bpm::new(bpm).ok(), ..Vitals::default() }
}

#[test]
fn frames_go_on_without_a_gap_from_where_they_resumed() {
    let frames = run(&mut gateway(), 0, 10_000, heart);
    let seqs: Vec<_> = frames.iter().map(|frame| frame.seq).collect();
    assert_eq!(seqs, (42..42 + frames.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_pulse_by_camera_is_sent_and_shown_but_is_no_heart_rate() {
    let mut gateway = gateway();
    let pulse = CameraPulse { rate: Bpm::new(190).unwrap(), within: 2 };
    gateway.on_camera_pulse(at(0), pulse);
    gateway.on_wake(at(1000));
    let frames = frames(&mut gateway);
    assert_eq!(frames.len(), 1, "no vital sign, and no alarm at 190: {frames:?}");
    assert_eq!(frames[0].body, FrameBody::CameraPulse { pulse });
    let shown = |gateway: &Gateway, ms| gateway.view(at(ms)).camera.map(|(_, pulse)| pulse);
    assert_eq!((shown(&gateway, 30_000), shown(&gateway, 30_001)), (Some(pulse), None));
    gateway.on_assignment(at(2000), Some(IncidentId(7)));
    assert_eq!(shown(&gateway, 2001), None, "it was another patient's");
}

#[test]
fn vital_signs_come_once_a_second_with_the_rate_of_the_ecg() {
    let mut gateway = gateway();
    assert_eq!(gateway.next_wake(), None);
    gateway.on_reading(at(1), &reading(0, pulse(99)));
    assert_eq!(gateway.next_wake(), Some((at(1000), GatewayWake::Vitals)));
    let frames = run(&mut gateway, 40, 10_000, heart);
    let vitals = vitals(&frames);
    let times: Vec<_> = vitals.iter().map(|(at, _)| *at).collect();
    assert!(times.windows(2).all(|pair| pair[1].since(pair[0]).get().abs_diff(1000) <= 40));
    assert_eq!(vitals.len(), 10);
    let rates: Vec<_> = vitals.iter().map(|(_, vitals)| vitals.heart_rate.unwrap().get()).collect();
    assert_eq!((rates[0], rates[9]), (99, 75), "the device's pulse until the ECG has one");
}

#[test]
fn pieces_are_short_and_seamless_and_tell_of_each_beat_soon_after_it() {
    let frames = run(&mut gateway(), 0, 20_000, heart);
    let waves = waves(&frames);
    let us = |n_samples: i64| n_samples * 1_000_000 / i64::from(HZ);
    let mut marks = vec![];
    for (idx, (at, chunk)) in waves.iter().enumerate() {
        assert!(chunk.microvolts.len() <= 25);
        let end = at.as_micros() + us(chunk.microvolts.len() as i64);
        for beat in &chunk.beats {
            let mark = at.as_micros() + us(i64::from(*beat));
            let has_learnt = *at > crate::at(2_000);
            assert!(!has_learnt || (0..600_000).contains(&(end - mark)), "{} µs late", end - mark);
            marks.push(mark);
        }
        if let Some((next, _)) = waves.get(idx + 1) {
            assert_eq!(next.as_micros(), end);
        }
    }
    let r_wave = at(300).as_micros();
    let off: Vec<_> = marks.iter().map(|mark| (mark - r_wave).rem_euclid(800_000)).collect();
    assert!(off.iter().all(|&off| !(8_000..792_000).contains(&off)), "{off:?} µs");
    assert!(marks.len() >= 22, "{} of 24 beats, the first two before it had learnt", marks.len());
}

#[test]
fn a_wave_is_told_as_soon_as_it_comes() {
    let frames = run(&mut gateway(), 0, 120, heart);
    let pieces: Vec<_> = waves(&frames).iter().map(|wave| wave.1.microvolts.len()).collect();
    // The cleaner keeps the first 9 samples back: 36 ms.
    assert_eq!(pieces, [1, 10, 10], "pieces of 40 ms, as the device gives them");
}

#[test]
fn a_long_piece_is_told_in_pieces_of_100_ms() {
    let mut gateway = gateway();
    let long = ems_device::EcgChunk { microvolts: vec![0.0; 260], ..piece(0, heart) };
    gateway.on_ecg(at(1040), &long);
    let frames = frames(&mut gateway);
    let pieces: Vec<_> = waves(&frames).iter().map(|wave| wave.1.microvolts.len()).collect();
    assert_eq!(pieces, [&[16], [25; 9].as_slice(), &[10]].concat());
}

#[test]
fn a_reading_that_is_too_old_is_missing() {
    let mut gateway = gateway();
    let spo2 = OxygenSaturation::new(97).ok();
    let systolic = MmHg::new(120).ok();
    gateway.on_reading(at(0), &reading(0, Vitals { spo2, systolic, ..pulse(70) }));
    for (ms, has_pulse, has_pressure) in [
        (29_000, true, true),
        (31_000, false, true),
        (599_000, false, true),
        (601_000, false, false),
    ] {
        gateway.on_wake(at(ms));
        let told = vitals(&frames(&mut gateway)).pop().unwrap().1;
        assert_eq!(told.heart_rate.is_some(), has_pulse, "{ms} ms");
        assert_eq!(told.spo2.is_some(), has_pulse, "{ms} ms");
        assert_eq!(told.systolic.is_some(), has_pressure, "{ms} ms");
    }
    gateway.on_wake(at(602_000));
    assert_eq!(frames(&mut gateway), [], "nothing is told of nothing, once it was");
}

#[test]
fn a_heart_that_stops_raises_asystole_within_six_seconds_of_its_last_beat() {
    let mut gateway = gateway();
    let frames = run(&mut gateway, 0, 30_000, |ms| if ms < 20_000 { heart(ms) } else { 3.0 });
    let (raised, alarm) = alarms(&frames).remove(0);
    assert_eq!((alarm.kind, alarm.is_active), (AlarmKind::Asystole, true));
    let late = raised.since(at(19_500)).get();
    assert!((4000..6000).contains(&late), "{late} ms");
    assert_eq!(vitals(&frames).last().unwrap().1.heart_rate, None);
    assert_eq!(gateway.view(at(30_000)).alarms[0].kind, AlarmKind::Asystole);
    let told = run(&mut gateway, 30_000, 40_000, heart);
    let (_, back) = alarms(&told).remove(0);
    assert_eq!((back.is_active, back.signal), (true, AlarmSignal::Latched), "nobody knows of it");
    assert!(
        !gateway.acknowledge(at(40_000), AlarmKind::Asystole, at(1000)),
        "seen before it began"
    );
    assert!(gateway.acknowledge(at(40_000), AlarmKind::Asystole, at(39_000)));
    assert!(alarms(&crate::frames(&mut gateway)).iter().all(|(_, alarm)| !alarm.is_active));
    let budget = gateway.alarm_budget();
    assert_eq!((budget.n_told(), budget.watched.get() / 1000), (1, 39));
}

#[test]
fn a_heart_that_fibrillates_is_told_within_ten_seconds_and_latches() {
    let fibrillating = |ms: i64| {
        let now = ms as f64 / 1000.0;
        let swell = 1.0 + 0.3 * (1.7 * now).sin();
        (350.0 * swell * (std::f64::consts::TAU * 5.1 * now + (2.3 * now).sin()).sin()) as f32
    };
    let mut gateway = gateway();
    let calm = run(&mut gateway, 0, 30_000, heart);
    assert_eq!(alarms(&calm), []);
    assert_eq!(vitals(&calm).last().unwrap().1.rhythm, Some(HeartRhythm::UsualRate));
    let told = run(&mut gateway, 30_000, 45_000, fibrillating);
    let is_own = |(_, it): &&(Timestamp, Alarm)| it.kind == AlarmKind::VentricularFibrillation;
    let told_alarms = alarms(&told);
    let (raised, _) = told_alarms.iter().find(is_own).unwrap();
    let late = raised.since(at(30_000)).get();
    assert!((3000..10_000).contains(&late), "{late} ms");
    let last = vitals(&told).last().unwrap().1;
    assert_eq!(last.rhythm, Some(HeartRhythm::VentricularFibrillation));
    run(&mut gateway, 45_000, 60_000, heart);
    let latched = gateway.view(at(60_000)).alarms;
    assert!(latched.iter().any(|it| it.kind == AlarmKind::VentricularFibrillation));
}

#[test]
fn scores_are_told_with_what_they_lack_and_not_for_whom_they_were_not_made() {
    let mut gateway = gateway();
    let systolic = MmHg::new(100).ok();
    let slow = reading(1000, Vitals { systolic, ..pulse(110) });
    let respiratory_rate = BreathsPerMin::new(24).ok();
    let breathing = reading(1500, Vitals { respiratory_rate, ..Vitals::default() });
    let score = |gateway: &Gateway, id: &str| {
        let scores = gateway.view(at(2000)).scores;
        scores.into_iter().find(|score| score.id == id)
    };
    gateway.on_assignment(at(0), Some(IncidentId(7)));
    gateway.on_reading(at(1000), &slow);
    let shock = score(&gateway, "shock-index").unwrap();
    assert_eq!(
        (shock.low, shock.high, shock.class_low.as_deref()),
        (Some(1.1), Some(1.1), Some("high"))
    );
    assert_eq!(score(&gateway, "qsofa"), None, "one item of three says little");
    gateway.on_reading(at(1500), &breathing);
    let qsofa = score(&gateway, "qsofa").unwrap();
    assert_eq!((qsofa.low, qsofa.high), (Some(2.0), Some(3.0)));
    assert_eq!(qsofa.missing, ["mentation"]);
    let by_age = score(&gateway, "age-shock-index").unwrap();
    assert_eq!((by_age.low, by_age.high), (Some(0.0), Some(143.0)), "from newborn to 130 years");
    assert_eq!(score(&gateway, "news2").unwrap().standing, ScoreStanding::Unknown);
    gateway.on_patient_age(Some(9));
    let child = gateway.view(at(2000));
    assert_eq!((child.news2, score(&gateway, "news2").unwrap().low), (None, None));
    assert_eq!(score(&gateway, "age-shock-index").unwrap().low, Some(9.9));
    gateway.on_assignment(at(3000), None);
    assert_eq!(score(&gateway, "shock-index"), None);
}

#[test]
fn an_electrode_that_is_off_raises_lead_off_and_not_asystole() {
    let mut gateway = gateway();
    let off = |ms| if ms < 10_000 { heart(ms) } else { f32::NAN };
    let frames = run(&mut gateway, 0, 25_000, off);
    let kinds: Vec<_> = alarms(&frames).into_iter().map(|(_, alarm)| alarm.kind).collect();
    assert_eq!(kinds, [AlarmKind::LeadOff]);
    let last = waves(&frames).last().unwrap().0;
    assert!(last < at(10_000), "no wave is drawn where nothing was measured");
}

#[test]
fn a_device_whose_clock_is_set_loses_nothing_and_time_goes_on() {
    let mut gateway = gateway();
    let before = run(&mut gateway, 0, 10_000, heart);
    for ms in (10_000..20_000).step_by(40) {
        let mut piece = piece(ms, heart);
        piece.at = piece.at - Millis::from_secs(3600);
        gateway.on_ecg(at(ms + 40), &piece);
        gateway.on_wake(at(ms + 40));
    }
    let all = [before, frames(&mut gateway)].concat();
    let waves = waves(&all);
    // The first piece is shorter by what the cleaner keeps back.
    assert!(waves[1..].windows(2).all(|pair| pair[1].0.since(pair[0].0).get() == 40));
    assert_eq!(
        gateway.poll_complaint().unwrap().to_string(),
        "clock of lead II is off by -3600000 ms: set the device's clock"
    );
    assert_eq!(gateway.poll_complaint(), None);
}

#[test]
fn a_piece_that_comes_twice_is_taken_once_and_a_gap_stays_a_gap() {
    let mut gateway = gateway();
    run(&mut gateway, 0, 4000, heart);
    gateway.on_ecg(at(4001), &piece(3960, heart));
    assert_eq!(gateway.poll_complaint(), Some(GatewayComplaint::Repeated { lead: "II".into() }));
    let frames = run(&mut gateway, 6000, 8000, heart);
    let gap = Millis::new(2000);
    assert_eq!(gateway.poll_complaint(), Some(GatewayComplaint::Gap { lead: "II".into(), gap }));
    let times: Vec<_> = waves(&frames).into_iter().map(|(at, _)| at).collect();
    assert!(times.iter().all(|time| !(at(4000)..at(5950)).contains(time)), "{times:?}");
}

#[test]
fn another_incident_is_another_patient() {
    let mut gateway = gateway();
    gateway.on_assignment(at(0), Some(IncidentId(7)));
    let spo2 = OxygenSaturation::new(80).ok();
    for second in 0..15 {
        gateway
            .on_reading(at(second * 1000), &reading(second * 1000, Vitals { spo2, ..pulse(70) }));
        gateway.on_wake(at(second * 1000));
    }
    assert_eq!(gateway.view(at(15_000)).alarms.len(), 1);
    gateway.on_assignment(at(15_500), None);
    gateway.on_wake(at(16_000));
    let view = gateway.view(at(16_000));
    assert_eq!((view.alarms.len(), view.vitals, view.incident), (0, Vitals::default(), None));
    let frames = frames(&mut gateway);
    let (_, ended) = alarms(&frames).pop().unwrap();
    assert!(!ended.is_active);
    assert!(frames[..frames.len() - 1].iter().all(|frame| frame.incident == Some(IncidentId(7))));
    assert_eq!(frames.last().unwrap().incident, None);
}

#[test]
fn a_lead_too_slow_to_filter_is_refused_with_its_remedy() {
    let mut gateway = gateway();
    let mut slow = piece(0, heart);
    slow.hz = 50;
    gateway.on_ecg(at(100), &slow);
    assert_eq!(
        gateway.poll_complaint().unwrap().to_string(),
        "lead II: sampling rate 50 Hz is outside 100..=2000: set the device to a rate within"
    );
    assert_eq!(frames(&mut gateway), []);
}
