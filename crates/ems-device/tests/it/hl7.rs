//! HL7 version 2 from monitors: observations, alarms and answers.

use ems_device::{
    Fault, Message, MllpReader, Observations, Wave, acknowledge, decode_observations, escape_hl7,
    frame_mllp, unescape_hl7,
};
use ems_model::Timestamp;
use expect_test::expect;
use proptest::prelude::*;

use crate::phd::listed;

const NOW: Timestamp = Timestamp::from_millis(1_789_214_400_000);

const OBSERVATIONS: &str = "MSH|^~\\&|MONITOR^00A0370000000001^EUI-64|WARD|||20260912120000.0000+0530||ORU^R01^ORU_R01|23545|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO\r\
PID|||12345^^^Hospital^MR||Doe^Jane\r\
OBR|1|1^M|1^M|182777000^monitoring of patient^SCT|||20260912120000.0000+0530\r\
OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||0010203FFFE40506^^0010203FFFE40506^EUI-64\r\
OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.150456|98|262688^MDC_DIM_PERCENT^MDC|||||R|||20260912120001.500+0530\r\
OBX|3|NM|149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.3.1.149530|65|{beat}/min^beat/min^UCUM|||||R\r\
OBX|4|NM|150344^MDC_TEMP^MDC|1.2.1.150344||268192^MDC_DIM_DEGC^MDC|||||R\r\
OBX|5|NM|108^VENDOR_PAUSE_RATE^99VND|1.7.2.108|0|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R\r\
OBX|6|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.9.150021|1x0|266016^MDC_DIM_MMHG^MDC|||||R\r\
OBX|7|NM|150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.1.9.150022|80|266016^MDC_DIM_MMHG^MDC|||||W\r\
OBX|8|ST|184327^MDC_ECG_STAT_RHY^MDC|1.2.4.20|paced\\T\\regular||||||F\r\
OBX|9|SN|151562^MDC_RESP_RATE^MDC|1.5.1.1|>^40|264928^MDC_DIM_RESP_PER_MIN^MDC|||||R\r\
OBX|10|NA|131329^MDC_ECG_ELEC_POTL_I^MDC|1.1.1.2|1^2^3|266418^MDC_DIM_MILLI_VOLT^MDC|||||R\r";

const ALARM: &str = "MSH|^~\\&|MONITOR^00A0370000000001^EUI-64|WARD|||20260124124738+0800||ORU^R40^ORU_R40|9|P|2.6\r\
OBR|1||alarm-7^MONITOR|196616^MDC_EVT_ALARM^MDC|||20260124124738+0800\r\
OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.196680.1|196680^MDC_EVT_LEAD_OFF^MDC|||A~PL~ST|||R|||20260124124738+0800\r\
OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.7.0.196680.2|84|262688^MDC_DIM_PERCENT^MDC|90-100||||R\r\
OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.196680.3|start\r\
OBX|4|ST|68166^MDC_ATTR_ALARM_STATE^MDC|1.7.0.196680.4|active\r\
OBX|6|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.7.0.196680.6|PM\r";

fn read(text: &str) -> (Message, Observations) {
    let message = Message::parse(text.as_bytes()).unwrap();
    let found = decode_observations(&message);
    (message, found)
}

#[test]
fn observations_become_readings_with_their_units_times_and_devices() {
    let (_, found) = read(OBSERVATIONS);
    expect![[r#"
        MDC_PULS_OXIM_SAT_O2 98 % 2026-09-12T06:30:01.5Z 0010203FFFE40506 OBX 1.3.1.150456
        MDC_PULS_OXIM_PULS_RATE 65 {beat}/min 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.3.1.149530
        MDC_TEMP not given Cel 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.2.1.150344
        VENDOR_PAUSE_RATE 0 {beat}/min 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.7.2.108
        MDC_PRESS_BLD_NONINV_DIA invalid mm[Hg] 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.1.9.150022
        MDC_ECG_STAT_RHY "paced&regular" - 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.2.4.20
        MDC_RESP_RATE ">40" {breath}/min 2026-09-12T06:30:00Z 0010203FFFE40506 OBX 1.5.1.1
        ! OBX-5 of MDC_PRESS_BLD_NONINV_SYS is "1x0", not a number: correct the value
        ! MDC_ATTR_SAMP_RATE of MDC_ECG_ELEC_POTL_I is missing, not samples a second: send it after the wave
    "#]].assert_eq(&listed(&(found.readings, found.complaints)));
    assert_eq!(found.alarms, []);
}

#[test]
fn the_observations_of_a_request_tell_of_one_alarm() {
    let (_, found) = read(ALARM);
    let [alarm] = &found.alarms[..] else { panic!("{found:?}") };
    let facets =
        [&alarm.event.name, &alarm.phase, &alarm.state, &alarm.priority, &alarm.kind, &alarm.id];
    assert_eq!(facets, ["MDC_EVT_LEAD_OFF", "start", "active", "PM", "ST", "alarm-7"]);
    assert_eq!(alarm.at.unwrap().to_string(), "2026-01-24T04:47:38Z");
    assert_eq!(found.readings.len(), 1, "the saturation that it is about");
}

#[test]
fn a_message_is_answered_in_the_mode_that_it_asks_for() {
    let (message, _) = read(OBSERVATIONS);
    let answer = acknowledge(&message, Ok(()), NOW, "7").unwrap();
    assert_eq!(
        answer,
        "MSH|^~\\&|||MONITOR^00A0370000000001^EUI-64|WARD|20260912120000+0000||ACK^R01^ACK|7|P|2.6\rMSA|CA|23545\r"
    );
    let (message, _) = read(ALARM);
    let fault: Fault = Message::parse(b"PID|").unwrap_err();
    let answer = acknowledge(&message, Err(&fault), NOW, "8").unwrap();
    assert!(
        answer.contains("\rMSA|AE|9\rERR|||207|E||||message is \"PID\\F\\\", not MSH"),
        "{answer}"
    );
    let (silent, _) = read("MSH|^~\\&|||||||ORU^R01|1|P|2.6|||NE\r");
    assert_eq!(acknowledge(&silent, Ok(()), NOW, "9"), None);
    let (other, found) = read("MSH#*~\\&#A#B#C#D###ADT*A01#1#P#2.3\r");
    assert_eq!(
        found.complaints[0].to_string(),
        "message type is \"ADT^A01\", not ORU^R01 or ORU^R40: send observations to this port"
    );
    let answer = acknowledge(&other, Ok(()), NOW, "9").unwrap();
    assert_eq!(answer, "MSH#*~\\&#C#D#A#B#20260912120000+0000##ACK*A01*ACK#9#P#2.3\rMSA#AA#1\r");
}

proptest! {
    #[test]
    fn text_is_unescaped_as_it_was_escaped(text in "[a-z|^~\\\\&\r\n.é]{0,20}") {
        let escaped = escape_hl7(&text);
        prop_assert!(!escaped.contains(['|', '^', '~', '&', '\r', '\n']));
        prop_assert_eq!(unescape_hl7(&escaped), text);
    }

    #[test]
    fn a_message_survives_its_frame_and_its_parts(cut in 1usize..200) {
        let mut reader = MllpReader::default();
        let stream = [frame_mllp(OBSERVATIONS), frame_mllp(ALARM)].concat();
        let found: Vec<_> = stream.chunks(cut).flat_map(|part| reader.push(part)).collect();
        let texts: Vec<_> = found
            .into_iter()
            .map(|it| Message::parse(&it.unwrap()).unwrap().to_text())
            .collect();
        prop_assert_eq!(texts, [OBSERVATIONS, ALARM]);
    }

    #[test]
    fn no_message_makes_the_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
        is_alarm in any::<bool>(),
    ) {
        let mut bytes = if is_alarm { ALARM } else { OBSERVATIONS }.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut reader = MllpReader::default();
        reader.push(&bytes);
        if let Ok(message) = Message::parse(&bytes) {
            let _ = decode_observations(&message);
            let _ = acknowledge(&message, Ok(()), NOW, "1");
        }
    }
}

/// Two waves as monitors of two makers send them: in millivolts, and in steps of a resolution with
/// a mark for what is missing.
#[test]
fn waves_are_read_with_their_rate_and_resolution() {
    let message = [
        "MSH|^~\\&|MONITOR||||20260615120001+0000||ORU^R01^ORU_R01|4|P|2.6",
        "OBR|1|||100001^CONTINUOUS WAVEFORM|||20260615120000.000+0000|20260615120001.000+0000",
        "OBX|1|NA|131330^MDC_ECG_ELEC_POTL_II^MDC|1.1.1.7|0.5^-0.25^^1e-1|266418^MDC_DIM_MILLI_VOLT^MDC|||||F|||20260615120000.500+0000",
        "OBX|2|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.1.1.7.1|250.0|264608^MDC_DIM_PER_SEC^MDC|||||F",
        "OBX|3|NR|0^MDC_ATTR_DATA_RANGE^MDC|1.1.1.7.2|-5.0^10.0|266418^MDC_DIM_MILLI_VOLT^MDC|||||F",
        "OBX|4|NA|150452^MDC_PULS_OXIM_PLETH^MDC|1.1.1.77|10^32767^30|262656^MDC_DIM_DIMLESS^MDC",
        "OBX|5|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.1.1.77.1|125|264608^MDC_DIM_PER_SEC^MDC",
        "OBX|6|NM|2327^MDC_ATTR_NU_MSMT_RES^MDC|1.1.1.77.2|0.5|262688^MDC_DIM_PERCENT^MDC",
        "OBX|7|NM|262196^MDC_EVT_INOP^MDC|1.1.1.77.3|32767",
        "OBX|8|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.9|72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R",
        "OBX|9|NA|131329^MDC_ECG_ELEC_POTL_I^MDC|1.1.1.8|1^2|266418^MDC_DIM_MILLI_VOLT^MDC",
        "OBX|10|NA|131331^MDC_ECG_ELEC_POTL_V1^MDC|1.1.1.10|1^2~3^4|266418^MDC_DIM_MILLI_VOLT^MDC",
    ];
    let message = Message::parse((message.join("\r") + "\r").as_bytes()).unwrap();
    let found = decode_observations(&message);
    let (waves, complaints) = ems_device::waves_of(&found.readings, NOW);
    assert_eq!(complaints, []);
    let [Wave::Ecg(ecg), Wave::Other(pleth)] = &waves[..] else { panic!("{waves:?}") };
    assert_eq!((ecg.lead.as_str(), ecg.hz), ("II", 250));
    assert_eq!(ecg.at.to_rfc3339(), "2026-06-15T12:00:00Z", "and a half");
    assert_eq!(ecg.at.as_micros() % 1_000_000, 500_000);
    assert_eq!(ecg.microvolts[..2], [500.0, -250.0]);
    assert!(ecg.microvolts[2].is_nan());
    assert_eq!(ecg.microvolts[3..], [100.0]);
    assert_eq!((pleth.channel.as_str(), pleth.hz, pleth.samples[0]), ("PLETH", 125, 5.0));
    assert!(pleth.samples[1].is_nan());
    let (vitals, _) = ems_device::vitals_of(&found.readings, NOW);
    assert_eq!(vitals[0].vitals.heart_rate.map(f64::from), Some(72.0));
    let complaints: Vec<_> = found.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        complaints,
        [
            "MDC_ATTR_SAMP_RATE of MDC_ECG_ELEC_POTL_I is missing, not samples a second: send it after the wave",
            "OBX-5 of MDC_ECG_ELEC_POTL_V1 is of several rows, not one row of samples: send a channel in each OBX",
        ]
    );
}
