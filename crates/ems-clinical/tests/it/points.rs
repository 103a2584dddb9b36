//! The charts of all scores again, written apart from the tables: each limit with one unit to
//! either side, and each choice.

use std::collections::{BTreeMap, BTreeSet};

use ems_clinical::{Inputs, Observed, Scores};

/// `score/item given=... input: value=points ...`
const CHARTS: &str = "
news2/respiratory_rate respiratory_rate_per_min: 7=3 8=3 9=1 10=1 11=1 12=0 13=0 19=0 20=0 21=2 22=2 23=2 24=2 25=3 26=3
news2/spo2 spo2_scale=1 spo2_percent: 90=3 91=3 92=2 93=2 94=1 95=1 96=0 97=0
news2/spo2 spo2_scale=2 on_oxygen=no spo2_percent: 82=3 83=3 84=2 85=2 86=1 87=1 88=0 92=0 93=0 100=0
news2/spo2 spo2_scale=2 on_oxygen=yes spo2_percent: 82=3 83=3 84=2 85=2 86=1 87=1 88=0 91=0 92=0 93=1 94=1 95=2 96=2 97=3 98=3
news2/on_oxygen on_oxygen: no=0 yes=2
news2/systolic systolic_mmhg: 89=3 90=3 91=2 92=2 99=2 100=2 101=1 102=1 109=1 110=1 111=0 112=0 218=0 219=0 220=3 221=3
news2/heart_rate heart_rate_per_min: 39=3 40=3 41=1 42=1 49=1 50=1 51=0 52=0 89=0 90=0 91=1 92=1 109=1 110=1 111=2 112=2 129=2 130=2 131=3 132=3
news2/consciousness consciousness: alert=0 confusion=3 voice=3 pain=3 unresponsive=3
news2/temperature temperature_celsius: 34.9=3 35.0=3 35.04=3 35.1=1 35.2=1 35.9=1 36.0=1 36.1=0 36.2=0 37.9=0 38.0=0 38.04=0 38.1=1 38.2=1 38.9=1 39.0=1 39.1=2 39.2=2
mews/systolic systolic_mmhg: 69=3 70=3 71=2 72=2 79=2 80=2 81=1 82=1 99=1 100=1 101=0 102=0 198=0 199=0 200=2 201=2
mews/heart_rate heart_rate_per_min: 39=2 40=2 41=1 42=1 49=1 50=1 51=0 52=0 99=0 100=0 101=1 102=1 109=1 110=1 111=2 112=2 128=2 129=2 130=3 131=3
mews/respiratory_rate respiratory_rate_per_min: 8=2 9=0 10=0 13=0 14=0 15=1 16=1 19=1 20=1 21=2 22=2 28=2 29=2 30=3 31=3
mews/temperature temperature_celsius: 34.9=2 35.0=0 35.1=0 38.3=0 38.4=0 38.5=2 38.6=2
mews/consciousness consciousness: alert=0 voice=1 pain=2 unresponsive=3
qsofa/respiratory_rate respiratory_rate_per_min: 21=0 22=1 23=1
qsofa/mentation gcs: 14=1 15=0
qsofa/mentation consciousness: alert=0 confusion=1 voice=1 pain=1 unresponsive=1
qsofa/systolic systolic_mmhg: 99=1 100=1 101=0
sirs/temperature temperature_celsius: 35.9=1 36=0 36.1=0 37.9=0 38=0 38.1=1
sirs/heart_rate heart_rate_per_min: 89=0 90=0 91=1
sirs/breathing paco2_mmhg=40 respiratory_rate_per_min: 19=0 20=0 21=1
sirs/breathing respiratory_rate_per_min=16 paco2_mmhg: 31=1 32=0 33=0
sirs/leucocytes bands_percent=0 leucocytes_1e9_per_l: 3.9=1 4=0 4.1=0 11.9=0 12=0 12.1=1
sirs/leucocytes leucocytes_1e9_per_l=8 bands_percent: 9=0 10=0 11=1
rems/age age_years: 44=0 44.9=0 45=2 46=2 54=2 55=3 56=3 64=3 65=5 66=5 74=5 75=6 76=6
rems/mean_pressure mean_pressure_mmhg: 48=4 49=4 50=2 51=2 68=2 69=2 70=0 71=0 108=0 109=0 109.4=0 110=2 111=2 128=2 129=2 130=3 131=3 158=3 159=3 160=4 161=4
rems/heart_rate heart_rate_per_min: 38=4 39=4 40=3 41=3 53=3 54=3 55=2 56=2 68=2 69=2 70=0 71=0 108=0 109=0 110=2 111=2 138=2 139=2 140=3 141=3 178=3 179=3 180=4 181=4
rems/respiratory_rate respiratory_rate_per_min: 4=4 5=4 6=2 7=2 8=2 9=2 10=1 11=1 12=0 13=0 23=0 24=0 25=1 26=1 33=1 34=1 35=3 36=3 48=3 49=3 50=4 51=4
rems/spo2 spo2_percent: 73=4 74=4 75=3 76=3 84=3 85=3 86=1 87=1 88=1 89=1 90=0 91=0
rems/gcs gcs: 3=4 4=4 5=3 6=3 7=3 8=2 9=2 10=2 11=1 12=1 13=1 14=0 15=0
gcs/sum gcs: 3=3 15=15
gcs-p/pupils pupils_unreactive: 0=0 1=-1 2=-2
t-rts/gcs gcs: 3=0 4=1 5=1 6=2 7=2 8=2 9=3 10=3 11=3 12=3 13=4 14=4
t-rts/systolic systolic_mmhg: 0=0 1=1 2=1 48=1 49=1 50=2 51=2 74=2 75=2 76=3 77=3 88=3 89=3 90=4 91=4
t-rts/respiratory_rate respiratory_rate_per_min: 0=0 1=1 2=1 4=1 5=1 6=2 7=2 8=2 9=2 10=4 11=4 28=4 29=4 30=3 31=3
rts/gcs gcs: 3=0 4=0.9368 5=0.9368 6=1.8736 7=1.8736 8=1.8736 9=2.8104 11=2.8104 12=2.8104 13=3.7472 14=3.7472
rts/systolic systolic_mmhg: 0=0 1=0.7326 48=0.7326 49=0.7326 50=1.4652 74=1.4652 75=1.4652 76=2.1978 88=2.1978 89=2.1978 90=2.9304 91=2.9304
rts/respiratory_rate respiratory_rate_per_min: 0=0 1=0.2908 4=0.2908 5=0.2908 6=0.5816 8=0.5816 9=0.5816 10=1.1632 28=1.1632 29=1.1632 30=0.8724 31=0.8724
triss-blunt/age age_years: 54=0 54.9=0 55=-1.743 56=-1.743
triss-blunt/iss iss: 0=0 75=-6.2625
triss-penetrating/age age_years: 54=0 54.9=0 55=-1.136 56=-1.136
triss-penetrating/iss iss: 0=0 75=-4.8825
pews/behaviour pews_behaviour: playing=0 sleeping=1 irritable=2 lethargic=3
pews/circulation pews_circulation: pink=0 pale=1 grey=2 mottled=3
pews/breathing pews_breathing: normal=0 mild=1 moderate=2 severe=3
pews/extra pews_nebulisers_or_vomiting: no=0 yes=2
apgar/colour apgar_colour: blue_or_pale=0 limbs_blue=1 pink=2
apgar/pulse apgar_pulse: absent=0 below_100=1 from_100=2
apgar/reflex apgar_reflex: none=0 grimace=1 cry=2
apgar/tone apgar_tone: limp=0 some_flexion=1 active=2
apgar/breathing apgar_breathing: absent=0 slow_irregular=1 crying=2
cpss/face cpss_face: normal=0 abnormal=1
cpss/arm cpss_arm: normal=0 abnormal=1
cpss/speech cpss_speech: normal=0 abnormal=1
be-fast/balance be_fast_balance: no=0 yes=1
be-fast/eyes be_fast_eyes: no=0 yes=1
be-fast/face be_fast_face: no=0 yes=1
be-fast/arm be_fast_arm: no=0 yes=1
be-fast/speech be_fast_speech: no=0 yes=1
fast-ed/face fast_ed_face: normal_or_minor=0 partial_or_complete=1
fast-ed/arm fast_ed_arm: no_drift=0 drift_or_some_effort=1 no_effort=2
fast-ed/speech fast_ed_speech: absent=0 mild_to_moderate=1 severe_or_mute=2
fast-ed/eyes fast_ed_eyes: absent=0 partial=1 forced=2
fast-ed/neglect fast_ed_neglect: absent=0 one_modality=1 both_modalities=2
lams/face lams_face: absent=0 present=1
lams/arm lams_arm: absent=0 drifts=1 falls=2
lams/grip lams_grip: normal=0 weak=1 none=2
race/face race_face: absent=0 mild=1 moderate_to_severe=2
race/arm race_arm: normal_to_mild=0 moderate=1 severe=2
race/leg race_leg: normal_to_mild=0 moderate=1 severe=2
race/gaze race_gaze: absent=0 present=1
race/cortex race_cortex: normal=0 moderate=1 severe=2
heart/history heart_history: slightly_suspicious=0 moderately_suspicious=1 highly_suspicious=2
heart/ecg heart_ecg: normal=0 nonspecific=1 st_depression=2
heart/age age_years: 45=0 45.9=0 46=1 47=1 64=1 65=2 66=2
heart/risk_factors heart_risk_factors: none=0 one_or_two=1 three_or_known_disease=2
heart/troponin troponin_times_limit: 0=0 0.9=0 1=0 1.1=1 2=1 2.9=1 3=2 4=2
timi-ua-nstemi/age age_years: 64=0 65=1 66=1
timi-ua-nstemi/risk_factors coronary_risk_factors: 2=0 3=1 4=1
timi-ua-nstemi/stenosis coronary_stenosis_50: no=0 yes=1
timi-ua-nstemi/aspirin aspirin_in_7_days: no=0 yes=1
timi-ua-nstemi/angina angina_twice_in_24_h: no=0 yes=1
timi-ua-nstemi/st st_deviation: no=0 yes=1
timi-ua-nstemi/markers cardiac_markers_raised: no=0 yes=1
timi-stemi/age age_years: 64=0 65=2 66=2 74=2 75=3 76=3
timi-stemi/history diabetes_hypertension_or_angina: no=0 yes=1
timi-stemi/systolic systolic_mmhg: 99=3 100=0 101=0
timi-stemi/heart_rate heart_rate_per_min: 99=0 100=0 101=2
timi-stemi/killip killip_class: 1=0 2=2 3=2 4=2
timi-stemi/weight weight_kg: 66=1 66.9=1 67=0 68=0
timi-stemi/ecg anterior_st_or_lbbb: no=0 yes=1
timi-stemi/time onset_to_treatment_hours: 3=0 4=0 4.1=1 5=1
";

/// One line of [`CHARTS`].
struct Chart<'a> {
    score: &'a str,
    item: &'a str,
    given: Vec<(&'a str, &'a str)>,
    input: &'a str,
    points: Vec<(&'a str, f64)>,
}

fn charts() -> impl Iterator<Item = Chart<'static>> {
    CHARTS.lines().filter(|line| !line.is_empty()).map(|line| {
        let (asked, points) = line.split_once(": ").unwrap();
        let mut words = asked.split(' ');
        let (score, item) = words.next().unwrap().split_once('/').unwrap();
        let mut words: Vec<_> = words.collect();
        let input = words.pop().unwrap();
        let given = words.iter().map(|word| word.split_once('=').unwrap()).collect();
        let points = points.split(' ').map(|pair| pair.split_once('=').unwrap());
        let points = points.map(|(value, points)| (value, points.parse().unwrap())).collect();
        Chart { score, item, given, input, points }
    })
}

pub(crate) fn answer(inputs: &Inputs, id: &str, value: &str) -> (String, Observed) {
    let is_number = inputs.get(id).unwrap().unit.is_some();
    let choice = || Observed::Choice(value.to_owned());
    let observed = if is_number { Observed::Number(value.parse().unwrap()) } else { choice() };
    (id.to_owned(), observed)
}

#[test]
fn each_limit_and_each_choice_gives_the_points_of_its_chart() {
    let scores = Scores::standard();
    for chart in charts() {
        for &(value, points) in &chart.points {
            let asked = chart.given.iter().copied().chain([(chart.input, value)]);
            let answers = asked.map(|(id, value)| answer(scores.inputs(), id, value));
            let known = scores.inputs().observe(answers).unwrap();
            let scored = scores.score(chart.score, &known).unwrap();
            let item = scored.items.iter().find(|it| it.item.id == chart.item).unwrap();
            let found = item.points.value().unwrap();
            let Chart { score, item, input, .. } = &chart;
            assert!((found - points).abs() < 1e-9, "{score}/{item} at {input} {value}: {found}");
        }
    }
}

/// The charts above would be worth little if a table had a limit that they do not try.
#[test]
fn the_charts_try_each_limit_with_one_unit_to_either_side() {
    let mut tried: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for chart in charts() {
        let key = (chart.score.to_owned(), chart.item.to_owned(), chart.input.to_owned());
        let values = chart.points.iter().map(|(value, _)| (*value).to_owned());
        tried.entry(key).or_default().extend(values);
    }
    let mut untried = vec![];
    for (score, item, input, wanted) in limits() {
        let values = tried.get(&(score.clone(), item.clone(), input.clone()));
        // No Glasgow sum lies beyond 3 and 15.
        if input == "gcs" && wanted.lies_beyond(3.0, 15.0) {
            continue;
        }
        if !values.is_some_and(|values| values.iter().any(|value| wanted.is_tried_by(value))) {
            untried.push(format!("{score}/{item} {input} {wanted:?}"));
        }
    }
    assert_eq!(untried, Vec::<String>::new());
}

/// A value that a chart must try.
#[derive(Debug)]
enum Wanted {
    Exactly(f64),
    /// Within one unit below or above a limit, the limit left out.
    Between(f64, f64),
    Choice(String),
}

impl Wanted {
    fn lies_beyond(&self, low: f64, high: f64) -> bool {
        matches!(self, Self::Between(from, to) if *to < low || *from > high)
    }

    fn is_tried_by(&self, value: &str) -> bool {
        let number = value.parse::<f64>().ok();
        match self {
            Self::Exactly(limit) => number.is_some_and(|it| (it - limit).abs() < 1e-9),
            Self::Between(low, high) => number.is_some_and(|it| *low <= it && it <= *high),
            Self::Choice(option) => option == value,
        }
    }
}

/// What each table of the tree makes a chart try, read as plain TOML.
fn limits() -> Vec<(String, String, String, Wanted)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/clinical/scores");
    let mut limits = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let table: toml::Table = text.parse().unwrap();
        for item in table["items"].as_array().unwrap() {
            for row in item["rows"].as_array().unwrap() {
                let Some(input) = row.get("input").and_then(|it| it.as_str()) else { continue };
                let names = [&table["id"], &item["id"]].map(|it| it.as_str().unwrap().to_owned());
                let [score, item] = names;
                limits.extend(
                    wanted(row)
                        .into_iter()
                        .map(|it| (score.clone(), item.clone(), input.to_owned(), it)),
                );
            }
        }
    }
    assert!(limits.len() > 300, "only {} limits were found", limits.len());
    limits
}

fn wanted(row: &toml::Value) -> Vec<Wanted> {
    let number = |it: &toml::Value| it.as_float().or(it.as_integer().map(|it| it as f64)).unwrap();
    let bands = row.get("bands").and_then(|it| it.as_array()).into_iter().flatten();
    let ends = bands.filter_map(|band| band.get("up_to").or(band.get("below")).map(number));
    let options = row.get("options").and_then(|it| it.as_table()).into_iter().flatten();
    let options = options.map(|(option, _)| Wanted::Choice(option.clone()));
    let zero = |end: &f64| *end <= 0.0;
    ends.flat_map(|end| {
        let below = (!zero(&end)).then_some(Wanted::Between(end - 1.0, end - 0.01));
        let above = Wanted::Between(end + 0.01, end + 1.0);
        below.into_iter().chain([Wanted::Exactly(end), above])
    })
    .chain(options)
    .collect()
}
