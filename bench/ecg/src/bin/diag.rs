use bench_ecg::records;
use ems_signal::*;
struct All(Vec<(u64, [f32; N_FEATURES], f32)>, Trees<N_FEATURES>);
impl Scorer for All {
    fn score(&mut self, s: u64, f: &[f32; N_FEATURES]) -> f32 { let v = self.1.score(f); self.0.push((s, *f, v)); v }
}
fn main() {
    let only: Vec<String> = std::env::args().skip(2).collect();
    let trees = Trees::parse(&std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap()).unwrap();
    for r in records::annotated("mitdb").unwrap() {
        if !only.is_empty() && !only.contains(&r.name) { continue; }
        let mut f = BeatFinder::with_scorer(r.hz, All(vec![], trees.clone())).unwrap();
        r.leads[std::env::var("LEAD").map_or(0, |l| l.parse().unwrap())].iter().for_each(|&s| f.push(s));
        f.finish();
        let found: Vec<i64> = std::iter::from_fn(|| f.poll_output()).map(|b| b.sample as i64).collect();
        let truth = outside(&r.truth(), 0, &r.flutter);
        let found = outside(&found, 0, &r.flutter);
        let all = f.into_scorer().0;
        let pairs = pair_beats(&truth, &found, 54);
        let (mut none, mut n) = (0, 0);
        for (i, t) in truth.iter().enumerate() {
            if pairs.iter().any(|p| p.0 == i) { continue; }
            n += 1;
            let near = all.iter().min_by_key(|a| (a.0 as i64 - t).abs());
            let near = near.filter(|a| (a.0 as i64 - t).abs() <= 54);
            if near.is_none() { none += 1; }
            if !only.is_empty() { println!("missed {t} {} {:?}", r.beats.iter().find(|b| b.0 == *t).unwrap().1, near.map(|n| (n.0 as i64 - t, n.2, n.1))); }
        }
        let mut fp = 0;
        for (i, t) in found.iter().enumerate() {
            if pairs.iter().any(|p| p.1 == i) { continue; }
            fp += 1;
            let near = all.iter().min_by_key(|a| (a.0 as i64 - t).abs());
            if !only.is_empty() { println!("false {t} {:?}", near.map(|n| (n.0 as i64 - t, n.2, n.1))); }
        }
        println!("{} missed {n} of which no candidate {none} false {fp} candidates/beat {:.2}", r.name, all.len() as f64 / truth.len() as f64);
    }
}
