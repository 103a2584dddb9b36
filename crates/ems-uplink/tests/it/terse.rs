//! Messages of a few bytes.

use ems_model::{
    AlarmKind, AlarmPriority, Bpm, BreathsPerMin, Celsius, Consciousness, HeartRhythm, Micros,
    MmHg, OxygenSaturation, Position, Timestamp, Vitals,
};
use ems_uplink::{
    Bearer, Grain, TERSE_BYTES_MAX, Teller, TellerWake, Terse, TerseAlarm, TerseContext,
    TerseError, TersePlace,
};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn context() -> TerseContext {
    TerseContext { now: NOW, position: Some(Position::from_degrees(35.9, 14.5).unwrap()) }
}

fn empty() -> Terse {
    Terse {
        unit: 7,
        seq: 0,
        at: NOW,
        vitals: Vitals::default(),
        gcs: None,
        etco2: None,
        alarms: vec![],
        place: TersePlace::Untold,
    }
}

fn vitals() -> impl Strategy<Value = Vitals> {
    use prop::option::of;
    let measured = (
        of(0..=300_u16),
        of(0..=100_u16),
        of(0..=120_u16),
        of(0..=350_u16),
        of(0..=350_u16),
        of(100..=470_u16),
    );
    let judged = (of(0..5_usize), of(any::<bool>()), of(0..3_usize));
    (measured, judged).prop_map(|((rate, spo2, breaths, systolic, diastolic, tenths), judged)| {
        use Consciousness::{Alert, Confusion, Pain, Unresponsive, Voice};
        let rhythms =
            [HeartRhythm::Unknown, HeartRhythm::AtrialFibrillation, HeartRhythm::Asystole];
        Vitals {
            heart_rate: rate.map(|it| Bpm::new(it).unwrap()),
            spo2: spo2.map(|it| OxygenSaturation::new(it).unwrap()),
            respiratory_rate: breaths.map(|it| BreathsPerMin::new(it).unwrap()),
            systolic: systolic.map(|it| MmHg::new(it).unwrap()),
            diastolic: diastolic.map(|it| MmHg::new(it).unwrap()),
            temperature: tenths.map(|it| Celsius::new(f64::from(it) / 10.0).unwrap()),
            consciousness: judged.0.map(|it| [Alert, Confusion, Voice, Pain, Unresponsive][it]),
            on_oxygen: judged.1,
            rhythm: judged.2.map(|it| rhythms[it]),
        }
    })
}

fn alarm() -> impl Strategy<Value = TerseAlarm> {
    use AlarmPriority::{High, Low, Medium};
    (0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(kind, priority, is_active)| TerseAlarm {
        kind: [AlarmKind::Asystole, AlarmKind::LeadOff, AlarmKind::VentricularTachycardia][kind],
        priority: [Low, Medium, High][priority],
        is_active,
    })
}

fn place() -> impl Strategy<Value = TersePlace> {
    let grain = prop::sample::select(vec![
        Grain::Thousandth,
        Grain::TenThousandth,
        Grain::HundredThousandth,
    ]);
    (0..3, -90.0..90.0, -180.0..180.0, grain, -0.019..0.019, -0.019..0.019).prop_map(
        |(form, lat, lon, grain, off_lat, off_lon)| match form {
            0 => TersePlace::Untold,
            1 => TersePlace::Absolute(Position::from_degrees(lat, lon).unwrap(), grain),
            _ => {
                let near = Position::from_degrees(35.9 + off_lat, 14.5 + off_lon).unwrap();
                TersePlace::Near(near, grain)
            }
        },
    )
}

fn terse() -> impl Strategy<Value = Terse> {
    let rest = (prop::option::of(3..=15_u8), prop::option::of(0..=120_u16));
    let alarms = prop::collection::vec(alarm(), 0..=7);
    (0..=4095_u16, any::<u8>(), -60_000..60_000_i64, vitals(), rest, alarms, place()).prop_map(
        |(unit, seq, off_s, vitals, (gcs, etco2), alarms, place)| Terse {
            unit,
            seq,
            at: NOW + Micros::from_millis(1000 * off_s),
            vitals,
            gcs,
            etco2: etco2.map(|it| MmHg::new(it).unwrap()),
            alarms,
            place,
        },
    )
}

/// A place with half its grain in ten-millionths of a degree.
fn spot(place: TersePlace) -> Option<(Position, i32)> {
    match place {
        TersePlace::Absolute(at, grain) | TersePlace::Near(at, grain) => Some((
            at,
            match grain {
                Grain::Thousandth => 5_000,
                Grain::TenThousandth => 500,
                Grain::HundredThousandth => 50,
            },
        )),
        TersePlace::Untold | TersePlace::Unresolved => None,
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(terse in terse()) {
        let bytes = terse.encode().unwrap();
        prop_assert!(bytes.len() <= TERSE_BYTES_MAX, "{} bytes", bytes.len());
        let read = Terse::decode(&bytes, &context()).unwrap();
        match (spot(terse.place), spot(read.place)) {
            (Some((was, half)), Some((is, _))) => {
                prop_assert!((was.lat_e7() - is.lat_e7()).abs() <= half);
                prop_assert!((was.lon_e7() - is.lon_e7()).abs() <= half);
            }
            (was, is) => prop_assert_eq!(was, is),
        }
        prop_assert_eq!(read.encode().unwrap(), bytes);
        prop_assert_eq!(Terse { place: terse.place, ..read }, terse);
    }

    #[test]
    fn a_damaged_message_is_refused(
        terse in terse(),
        at in any::<prop::sample::Index>(),
        mask in 1..=u16::MAX,
    ) {
        let mut bytes = terse.encode().unwrap();
        let at = at.index(bytes.len() - 1);
        for (byte, mask) in bytes[at..].iter_mut().zip(mask.to_be_bytes()) {
            *byte ^= mask;
        }
        let error = Terse::decode(&bytes, &context()).unwrap_err();
        prop_assert!(matches!(error, TerseError::Damaged { .. }), "{error:?}");
        let cut = Terse::decode(&bytes[..at], &context());
        prop_assert!(cut.is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = Terse::decode(&bytes, &context());
    }
}

#[test]
fn the_bytes_stay_as_they_are() {
    let terse = Terse {
        seq: 3,
        vitals: Vitals {
            heart_rate: Some(Bpm::new(0).unwrap()),
            spo2: Some(OxygenSaturation::new(91).unwrap()),
            ..Vitals::default()
        },
        gcs: Some(3),
        alarms: vec![TerseAlarm {
            kind: AlarmKind::Asystole,
            priority: AlarmPriority::High,
            is_active: true,
        }],
        place: TersePlace::Absolute(context().position.unwrap(), Grain::TenThousandth),
        ..empty()
    };
    let bytes = [
        0x20, 0x0e, 0x07, 0xf1, 0x00, 0x80, 0x36, 0xc2, 0x00, 0x41, 0x56, 0x66, 0xbf, 0x0e, 0xd6,
        0xd4, 0x00, 0x2d, 0x6b,
    ];
    assert_eq!(terse.encode().unwrap(), bytes);
    assert_eq!(empty().encode().unwrap().len(), 9);
}

#[test]
fn a_near_position_needs_a_reader_who_knows_where_the_unit_was() {
    let near = TersePlace::Near(context().position.unwrap(), Grain::TenThousandth);
    let bytes = Terse { place: near, ..empty() }.encode().unwrap();
    let read = Terse::decode(&bytes, &TerseContext { position: None, ..context() }).unwrap();
    assert_eq!(read.place, TersePlace::Unresolved);
    assert_eq!(Terse::decode(&bytes, &context()).unwrap().place, near);
}

fn at(second: i64, rate: u16) -> Terse {
    let heart_rate = Some(Bpm::new(rate).unwrap());
    let vitals = Vitals { heart_rate, ..Vitals::default() };
    Terse { at: NOW + Micros::from_millis(1000 * second), vitals, ..empty() }
}

/// The seconds at which something was told.
fn told(bearer: Bearer, seconds: i64, mut known: impl FnMut(i64) -> Terse) -> Vec<i64> {
    let mut teller = Teller::new(NOW, bearer);
    let mut told = vec![];
    for second in 0..seconds {
        teller.push(known(second));
        let now = NOW + Micros::from_millis(1000 * second);
        while teller.poll_output(now).unwrap().is_some() {
            told.push(second);
        }
    }
    told
}

#[test]
fn vitals_are_told_when_they_change_and_as_often_as_the_bearer_may() {
    assert_eq!(told(Bearer::SATELLITE, 1_300, |second| at(second, 80)), [0, 600, 1_200]);
    let changes = |second| at(second, if second % 2 == 0 { 80 } else { 120 });
    assert_eq!(told(Bearer::SATELLITE, 200, changes), [0, 61, 122, 183]);
    let small = |second| at(second, if second % 2 == 0 { 80 } else { 84 });
    assert_eq!(told(Bearer::SATELLITE, 200, small), [0]);
}

#[test]
fn alarms_are_told_at_once_until_their_share_is_used() {
    let alarm = |second| {
        let kind = AlarmKind::Asystole;
        let alarm = TerseAlarm { kind, priority: AlarmPriority::High, is_active: second % 2 == 0 };
        Terse { alarms: vec![alarm], ..at(second, 80) }
    };
    let told = told(Bearer::SATELLITE, 130, alarm);
    assert_eq!(told, [0, 1, 2, 3, 60, 120]);
}

#[test]
fn a_bearer_of_one_part_in_a_hundred_is_not_used_for_more() {
    let changes = |second| at(second, if second % 2 == 0 { 80 } else { 120 });
    let told = told(Bearer::LORAWAN, 36_000, changes);
    let taken_s = told.len() as f64 * (1.32 + 0.032_768 * 10.0);
    assert!(taken_s < 362.0, "{taken_s} s of 36,000");
    assert!(taken_s > 350.0, "{taken_s} s of 36,000");
}

#[test]
fn the_teller_says_why_it_wants_to_wake() {
    let mut teller = Teller::new(NOW, Bearer::SMS);
    assert_eq!(teller.next_wake(), None);
    teller.push(at(0, 80));
    assert_eq!(teller.next_wake(), Some((NOW, TellerWake::Change)));
    assert!(teller.poll_output(NOW).unwrap().is_some());
    let quiet = NOW + Micros::from_millis(600_000);
    assert_eq!(teller.next_wake(), Some((quiet, TellerWake::Quiet)));
}
