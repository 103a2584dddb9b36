//! Learns the trees that tell classes of beats from MIT-BIH DS1, those of paced beats from the paced
//! records too, and says how well they tell those of patients not learnt from.
//!
//! usage: classes [--write]

use bench_ecg::boost::Trend::{self, Falling, Free, Rising};
use bench_ecg::boost::{Boosting, Rows, learn};
use bench_ecg::found::portraits;
use bench_ecg::records::{self, Record};
use ems_signal::{BeatClass, Classes, N_PORTRAIT, NUMBERS, Portrait, Trees, pair_beats};

const PACED: [&str; 4] = ["102", "104", "107", "217"];
/// The leads that the beats are seen in; they are found in the first.
const VIEWS: [&[usize]; 4] = [&[0, 1], &[0], &[1, 0], &[1]];
const HOW: Boosting = Boosting { n_trees: 120, rate: 0.1, ridge: 5.0, depth: 4 };
/// Of the usual beats of a view one in so many is learnt from.
const THINNED: usize = 3;
/// Patients left out at once, of 22 and of those that are then left.
const FOLDS: usize = 11;
const INNER_FOLDS: usize = 5;
/// Of S and V: how much more sensitivity counts than predictivity where the bars are set.
const WANTED: [f32; 2] = [4.0, 1.0];

/// What is asked about S, V and Q, and how the answer may go with it: a few patients teach no more.
const S: [(&str, Trend); 10] = [
    ("before", Falling),
    ("before of 10", Falling),
    ("before of 40", Falling),
    ("before of 400", Falling),
    ("before of long", Falling),
    ("after over before", Rising),
    ("restlessness", Falling),
    ("likeness", Rising),
    ("P size", Rising),
    ("P constancy", Rising),
];
const V: [(&str, Trend); 30] = [
    ("width of usual", Rising),
    ("span of usual", Rising),
    ("steep samples of usual", Rising),
    ("slope of usual", Falling),
    ("path of usual", Rising),
    ("size of usual", Rising),
    ("height from usual", Free),
    ("area from usual", Free),
    ("T wave from usual", Falling),
    ("slope", Falling),
    ("T wave", Falling),
    ("P likeness", Falling),
    ("P distance", Rising),
    ("before", Falling),
    ("after", Rising),
    ("after over before", Rising),
    ("before and after", Falling),
    ("before of 10", Falling),
    ("irregularity", Free),
    ("likeness", Falling),
    ("gain", Rising),
    ("own likeness", Falling),
    ("share", Falling),
    ("is usual", Falling),
    ("kind's width", Rising),
    ("kind's before", Falling),
    ("kind's after", Rising),
    ("next likeness", Free),
    ("likeness of late", Rising),
    ("likeness from late", Falling),
];
const Q: [(&str, Trend); 8] = [
    ("bend", Free),
    ("width", Free),
    ("energy width", Free),
    ("slope", Free),
    ("T wave", Free),
    ("interval", Free),
    ("restlessness", Falling),
    ("P size", Free),
];

/// A patient's beats as one view shows them: each with its class, `None` for what was none.
struct Sitting {
    beats: Vec<(Portrait, Option<BeatClass>)>,
    /// Annotated beats that were not found, by class.
    n_missed: [usize; 5],
}

struct Patient {
    name: String,
    /// One for each of [`VIEWS`].
    sittings: Vec<Sitting>,
}

impl Patient {
    fn is_paced(&self) -> bool {
        PACED.contains(&&*self.name)
    }
}

/// Beats by true and told class; the last row is of what was no beat, the last column of beats
/// that were not found.
type Counts = [[usize; 6]; 6];

fn main() -> anyhow::Result<()> {
    let records = records::annotated("mitdb")?;
    let patients: Vec<Patient> = records.iter().map(patient).collect::<Result<_, _>>()?;
    let ds1: Vec<&Patient> = patients.iter().filter(|it| !it.is_paced()).collect();
    let paced: Vec<&Patient> = patients.iter().filter(|it| it.is_paced()).collect();
    left_out(&ds1, &paced);
    if std::env::args().any(|arg| arg == "--write") {
        let classes = learnt(&ds1, &paced, bars(&ds1));
        report("learnt from", &ds1, |_| &classes);
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/ecg/classes.trees");
        std::fs::write(path, classes.to_text())?;
    }
    Ok(())
}

fn left_out(ds1: &[&Patient], paced: &[&Patient]) {
    let of_fold = |fold: usize| {
        let rest: Vec<&Patient> = without(ds1, fold, FOLDS);
        let bars = bars(&rest);
        eprintln!("fold {fold}: bars {bars:?}");
        learnt(&rest, paced, bars)
    };
    let classes: Vec<Classes> = (0..FOLDS).map(of_fold).collect();
    report("left out", ds1, |at| &classes[at % FOLDS]);
}

fn without<'a>(patients: &[&'a Patient], fold: usize, n_folds: usize) -> Vec<&'a Patient> {
    let all = patients.iter().enumerate();
    all.filter(|(at, _)| at % n_folds != fold).map(|(_, it)| *it).collect()
}

fn patient(record: &Record) -> anyhow::Result<Patient> {
    let sittings = VIEWS.iter().map(|view| sitting(record, view)).collect::<Result<_, _>>()?;
    Ok(Patient { name: record.name.clone(), sittings })
}

fn sitting(record: &Record, view: &[usize]) -> anyhow::Result<Sitting> {
    let leads: Vec<&[f32]> = view.iter().map(|&lead| &*record.leads[lead]).collect();
    let mut portraits = portraits(record.hz, &leads)?;
    let is_in = |at: i64| record.flutter.iter().any(|&(from, to)| (from..=to).contains(&at));
    portraits.retain(|it| !is_in(it.sample.cast_signed()));
    let samples: Vec<i64> = portraits.iter().map(|it| it.sample.cast_signed()).collect();
    let mut classes = vec![None; portraits.len()];
    let mut n_missed = [0; 5];
    let class_of = |beat: usize| BeatClass::of_symbol(record.beats[beat].1);
    (0..record.beats.len()).filter_map(class_of).for_each(|it| n_missed[it as usize] += 1);
    for (beat, at) in pair_beats(&record.truth(), &samples, i64::from(record.hz) * 150 / 1000) {
        classes[at] = class_of(beat);
        class_of(beat).into_iter().for_each(|it| n_missed[it as usize] -= 1);
    }
    Ok(Sitting { beats: portraits.into_iter().zip(classes).collect(), n_missed })
}

fn learnt(ds1: &[&Patient], paced: &[&Patient], [s, v]: [f32; 2]) -> Classes {
    let all: Vec<&Patient> = ds1.iter().chain(paced).copied().collect();
    let q = trees(&all, BeatClass::Unknown);
    Classes::new([trees_of_s(ds1).raised(-s), trees_of_v(ds1).raised(-v), q])
}

fn trees_of_s(patients: &[&Patient]) -> Trees<N_PORTRAIT> {
    trees(patients, BeatClass::Supraventricular)
}

fn trees_of_v(patients: &[&Patient]) -> Trees<N_PORTRAIT> {
    trees(patients, BeatClass::Ventricular)
}

fn trees(patients: &[&Patient], class: BeatClass) -> Trees<N_PORTRAIT> {
    // Where the second lead is the first, P waves are of another kind: S learns none of it.
    let (asked, n_views): (&[(&str, Trend)], usize) = match class {
        BeatClass::Supraventricular => (&S, 2),
        BeatClass::Ventricular => (&V, VIEWS.len()),
        _ => (&Q, VIEWS.len()),
    };
    let mut rows = Rows::<N_PORTRAIT>::default();
    for (group, patient) in patients.iter().enumerate() {
        for sitting in &patient.sittings[..n_views] {
            add_rows(&mut rows, sitting, class, group as u16);
        }
    }
    learn(&rows, HOW, |at| asked.iter().find(|it| it.0 == NUMBERS[at]).map(|it| it.1))
}

/// Adds a sitting's beats, those of a class weighed by the root of their number. S is told after V
/// and learnt against N alone.
fn add_rows(rows: &mut Rows<N_PORTRAIT>, sitting: &Sitting, class: BeatClass, group: u16) {
    let is_left_out = |truth: BeatClass| {
        class == BeatClass::Supraventricular && truth > BeatClass::Supraventricular
    };
    let known = sitting.beats.iter().filter_map(|(it, truth)| truth.map(|truth| (it, truth)));
    let known: Vec<_> = known.filter(|(_, truth)| !is_left_out(*truth)).collect();
    let n_yes = known.iter().filter(|(_, truth)| *truth == class).count();
    let weights = [known.len() - n_yes, n_yes].map(|n| 10.0 / (n.max(1) as f32).sqrt());
    for (at, (portrait, truth)) in known.into_iter().enumerate() {
        let (is_it, is_usual) = (truth == class, truth == BeatClass::Normal);
        if is_usual && at % THINNED > 0 {
            continue;
        }
        rows.push(portrait.numbers, is_it);
        let times = if is_usual { THINNED as f32 } else { 1.0 };
        *rows.weights.last_mut().expect("just pushed") = weights[usize::from(is_it)] * times;
        *rows.groups.last_mut().expect("just pushed") = group;
    }
}

/// How high the sums of S and V must be: where each, over folds of these patients, tells its class
/// best.
fn bars(patients: &[&Patient]) -> [f32; 2] {
    let (mut of_s, mut of_v) = (vec![], vec![]);
    for fold in 0..INNER_FOLDS {
        let rest = without(patients, fold, INNER_FOLDS);
        let (s, v) = (trees_of_s(&rest), trees_of_v(&rest));
        for patient in patients.iter().skip(fold).step_by(INNER_FOLDS) {
            for (portrait, truth) in &patient.sittings[0].beats {
                let truth = truth.unwrap_or(BeatClass::Normal);
                if truth < BeatClass::Ventricular {
                    let is_s = truth == BeatClass::Supraventricular;
                    of_s.push((s.score(&portrait.numbers), is_s));
                }
                if truth < BeatClass::Fusion {
                    let is_v = truth == BeatClass::Ventricular;
                    of_v.push((v.score(&portrait.numbers), is_v));
                }
            }
        }
    }
    [best_bar(of_s, WANTED[0]), best_bar(of_v, WANTED[1])]
}

/// The bar of the highest F score, in which sensitivity counts `wanted` times as much.
fn best_bar(mut scores: Vec<(f32, bool)>, wanted: f32) -> f32 {
    scores.sort_by(|a, b| b.0.total_cmp(&a.0));
    let n_yes = scores.iter().filter(|it| it.1).count();
    let (mut n_right, mut best) = (0, (0.0, 0.0));
    for (at, (score, is_it)) in scores.into_iter().enumerate() {
        n_right += usize::from(is_it);
        let f = n_right as f32 / (wanted * n_yes as f32 + (at + 1) as f32);
        if f > best.0 {
            best = (f, score);
        }
    }
    best.1
}

/// Prints how well the classes are told in both leads, each record by itself and all, and in the
/// single ones.
fn report<'a>(title: &str, patients: &[&Patient], classes: impl Fn(usize) -> &'a Classes) {
    for (view, leads) in VIEWS.iter().enumerate() {
        let mut all = Counts::default();
        for (at, patient) in patients.iter().enumerate() {
            let counts = counts(&patient.sittings[view], classes(at));
            all.iter_mut().flatten().zip(counts.iter().flatten()).for_each(|(a, b)| *a += b);
            if view < 2 {
                print(&patient.name, &counts);
            }
        }
        print(&format!("{title}, leads {leads:?}"), &all);
        all.iter().for_each(|row| println!("{row:6?}"));
    }
}

fn counts(sitting: &Sitting, classes: &Classes) -> Counts {
    let mut counts = Counts::default();
    for (portrait, truth) in &sitting.beats {
        counts[truth.map_or(5, |truth| truth as usize)][classes.tell(portrait) as usize] += 1;
    }
    for (row, n_missed) in counts.iter_mut().zip(sitting.n_missed) {
        row[5] = n_missed;
    }
    counts
}

/// Sensitivity and positive predictivity of S and V, after WFDB's `bxb`: a beat that was not found
/// is missed, what was no beat is wrong; F and Q taken for V do not count, nor Q taken for S.
fn print(name: &str, counts: &Counts) {
    let percent = |part: usize, whole: usize| 100.0 * part as f64 / whole as f64;
    let of = |class: usize, forgiven: &[usize]| {
        let all: usize = counts[class].iter().sum();
        let told: usize =
            (0..6).filter(|it| !forgiven.contains(it)).map(|it| counts[it][class]).sum();
        (percent(counts[class][class], all), percent(counts[class][class], told), all)
    };
    let ((s_se, s_pp, n_s), (v_se, v_pp, n_v)) = (of(1, &[4]), of(2, &[3, 4]));
    println!(
        "{name:>24} S {n_s:5} Se {s_se:6.2} +P {s_pp:6.2}  V {n_v:5} Se {v_se:6.2} +P {v_pp:6.2}"
    );
}
