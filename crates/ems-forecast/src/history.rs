//! Counts of the past, day by day, for each part of a service and for the sums of parts.

use ems_model::Date;

/// The name of the sum of all parts.
pub const TOTAL: &str = "TOTAL";

/// The most days of a history: a century.
pub const DAYS_MAX: usize = 36_600;
/// The most incidents of one part on one day.
pub const COUNT_MAX: u32 = 1_000_000;
/// The most series of a history, sums included.
pub const SERIES_MAX: usize = 2_000;

/// A series whose median is at least this does not count zero: of a Poisson variable with this
/// mean, one day in 500 million is zero. Such a zero is a day that was not recorded.
const MEDIAN_WITHOUT_ZERO: u32 = 20;

/// Daily counts of all series of a hierarchy.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    first: Date,
    /// Parts first, by name; then sums, narrow before wide; the total last.
    series: Vec<Series>,
    n_parts: usize,
}

/// One series of a hierarchy.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// As the file names it; a part of a part is `AB/RED`.
    pub name: String,
    /// Which parts it is the sum of: places in [`History::series`]; itself, if it is a part.
    pub parts: Vec<usize>,
    /// Incidents of each day from the history's first; `None` where nothing was recorded.
    pub counts: Vec<Option<u32>>,
}

/// A part before it has its place: its names from the widest on, and a count for each day.
pub(crate) type Part = (Vec<String>, Vec<Option<u32>>);

impl History {
    /// Puts parts and their sums in order. All counts have one length. `stated` is a total that
    /// the file gives itself: it stands where a part is missing.
    pub(crate) fn new(first: Date, mut parts: Vec<Part>, stated: Option<&[Option<u32>]>) -> Self {
        parts.sort();
        let n_parts = parts.len();
        let names: Vec<Vec<String>> = parts.iter().map(|(names, _)| names.clone()).collect();
        let leaf = |(at, (names, counts)): (usize, Part)| Series {
            name: names.join("/"),
            parts: vec![at],
            counts,
        };
        let mut series: Vec<Series> = parts.into_iter().enumerate().map(leaf).collect();
        let depth = names.first().map_or(0, Vec::len);
        for width in (0..depth).rev() {
            add_sums(&mut series, &names, width);
        }
        if let (Some(total), Some(stated)) = (series.last_mut(), stated) {
            fill(&mut total.counts, stated);
        }
        Self { first, series, n_parts }
    }

    /// The first day.
    pub fn first(&self) -> Date {
        self.first
    }

    /// The day after the last.
    pub fn end(&self) -> Date {
        let n_days = self.series.first().map_or(0, |series| series.counts.len());
        self.first + i32::try_from(n_days).expect("dates are fewer than 2^31")
    }

    /// All series: parts by name, then their sums, the total last.
    pub fn series(&self) -> &[Series] {
        &self.series
    }

    /// How many of the series are parts, not sums.
    pub fn n_parts(&self) -> usize {
        self.n_parts
    }

    /// What was known on the morning of a day: days before it and nothing else. Zeros of a series
    /// whose median is at least 20 are not recorded days; days that the file lacks are missing.
    #[must_use]
    pub fn before(&self, origin: Date) -> Self {
        let n_days = usize::try_from(origin.since(self.first)).unwrap_or(0);
        let mut known = self.clone();
        for series in &mut known.series {
            series.counts.resize(n_days, None);
        }
        for part in 0..known.n_parts {
            drop_zeros(&mut known.series[part].counts);
        }
        for sum in known.n_parts..known.series.len() {
            drop_zeros(&mut known.series[sum].counts);
            known.drop_partial_sums(sum);
        }
        known
    }

    /// A sum counts only where no part of it turned out to be missing, unless the file stated it.
    fn drop_partial_sums(&mut self, sum: usize) {
        for day in 0..self.series[sum].counts.len() {
            let parts = self.series[sum].parts.iter();
            let recorded: u32 = parts.filter_map(|&part| self.series[part].counts[day]).sum();
            let is_whole =
                self.series[sum].parts.iter().all(|&part| self.series[part].counts[day].is_some());
            let count = &mut self.series[sum].counts[day];
            *count = count.filter(|&count| is_whole || count > recorded);
        }
    }
}

/// Adds a series for each name of that width (none but the total's is empty) with several parts.
fn add_sums(series: &mut Vec<Series>, names: &[Vec<String>], width: usize) {
    let mut at = 0;
    while at < names.len() {
        let head = &names[at][..width];
        let n_parts = names[at..].iter().take_while(|name| name[..width] == *head).count();
        let parts: Vec<usize> = (at..at + n_parts).collect();
        let name = if width == 0 { TOTAL.to_owned() } else { head.join("/") };
        if !(names.len() == 1 && names[0][0] == TOTAL) {
            let counts = sums(series, &parts);
            series.push(Series { name, parts, counts });
        }
        at += n_parts;
    }
}

fn sums(series: &[Series], parts: &[usize]) -> Vec<Option<u32>> {
    let n_days = series[parts[0]].counts.len();
    let of_day = |day: usize| parts.iter().map(|&part| series[part].counts[day]).sum();
    (0..n_days).map(of_day).collect()
}

fn fill(counts: &mut [Option<u32>], stated: &[Option<u32>]) {
    for (count, stated) in counts.iter_mut().zip(stated) {
        *count = count.or(*stated);
    }
}

fn drop_zeros(counts: &mut [Option<u32>]) {
    let mut known: Vec<u32> = counts.iter().flatten().copied().collect();
    known.sort_unstable();
    let is_never_zero = known.get(known.len() / 2).is_some_and(|&m| m >= MEDIAN_WITHOUT_ZERO);
    for count in counts.iter_mut().filter(|_| is_never_zero) {
        *count = count.filter(|&count| count > 0);
    }
}
