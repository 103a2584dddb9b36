use std::io::Write;

use ems_forecast::{Calendar, PlacedCalls, Table, TableError};
use ems_model::Timestamp;
use proptest::prelude::*;

use crate::world::{ahead, day, poisson};

fn parse(text: &str) -> Result<Table, TableError> {
    Table::parse(text, &[])
}

#[test]
fn both_layouts_tell_the_same() {
    let columns = poisson(&["B", "A"], 400, 7);
    let mut rows = "date,incidents,board\n".to_owned();
    let lines: Vec<&str> = columns.lines().skip(1).collect();
    for line in lines.into_iter().rev() {
        let values: Vec<&str> = line.split(',').collect();
        let b: u32 = values[1].parse().unwrap();
        rows += &format!("{0},{1},A\n{0},{2},B\n{0},1,B\n", values[0], values[2], b - 1);
    }
    let [columns, rows] = [columns, rows].map(|text| parse(&text).unwrap().history);
    assert_eq!(columns, rows);
    assert_eq!(ahead(&columns, "2016-11-04"), ahead(&rows, "2016-11-04"));
}

#[test]
fn a_day_of_which_nothing_is_told_is_missing_and_one_part_without_a_row_is_zero() {
    let text = "part,date,count\nA,2018-01-01,3\nB,2018-01-03,4\nA,2018-01-04,2\nB,2018-01-04,2\n";
    let history = parse(text).unwrap().history;
    let counts: Vec<_> = history.series().iter().map(|series| series.counts.clone()).collect();
    assert_eq!(counts[0], [Some(3), None, Some(0), Some(2)]);
    assert_eq!(counts[1], [Some(0), None, Some(4), Some(2)]);
    assert_eq!(counts[2], [Some(3), None, Some(4), Some(4)]);
}

#[test]
fn a_stated_total_stands_where_a_part_is_missing_and_nowhere_else() {
    let text = "date,A,B,TOTAL\n2018-01-01,30,40,70\n2018-01-02,NA,40,75\n2018-01-03,30,40,71\n\
                2018-01-04,30,0,70\n2018-01-05,30,,\n";
    let table = parse(text).unwrap();
    assert_eq!(table.unequal_totals, [day("2018-01-03"), day("2018-01-04")]);
    let known = table.history.before(day("2018-01-06"));
    assert_eq!(known.series()[1].counts[3], None);
    assert_eq!(known.series()[2].counts, [Some(70), Some(75), Some(70), None, None]);
}

#[test]
fn a_total_alone_is_a_series() {
    let history = parse("date,TOTAL\n2018-01-01,70\n").unwrap().history;
    assert_eq!(history.series().len(), 1);
    assert_eq!(history.series()[0].name, "TOTAL");
}

#[test]
fn what_cannot_be_read_is_told_by_line_column_and_value() {
    for (text, told) in [
        ("day,A\n", "line 1: columns are \"day,A\", and \"date\" is missing: name date and hour"),
        ("date,A,A\n", "line 1: two columns are named \"A\""),
        ("date,A\n2018-01-01,1,2\n", "line 2: 3 values for 2 columns"),
        ("date,A\n\n01/02/2018,1\n", "line 3: date \"01/02/2018\" is not a date"),
        ("date,A\n2018-01-01,-1\n", "line 2: A \"-1\" is not a number of incidents"),
        ("date,A\n2018-01-01,1.5\n", "line 2: A \"1.5\" is not a number of incidents"),
        ("date,A\n2018-01-01,1\n2018-01-01,2\n", "line 3: 2018-01-01 was on line 2"),
        ("date,A\n1970-01-01,1\n2190-01-01,1\n", "the file has 80355 days, outside 1..=36600"),
        ("date,A\n", "the file has 0 days"),
        ("date\n2018-01-01\n", "the file has 0 series"),
        ("date,count\n", "the file has no column that says of which part"),
        ("part,date,count\nA,2018-01-01,\n", "line 2: count \"\" is not a number"),
        ("date,hour,A\n2018-01-01,24,1\n", "line 2: hour \"24\" is not an hour"),
        ("time\n2018-01-01\n", "line 2: time \"2018-01-01\" is not a time"),
        ("", "and \"date\" is missing"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(told), "{text:?}: {error}");
    }
    let by = ["kind".to_owned()];
    let error = Table::parse("part,date,count\n", &by).unwrap_err().to_string();
    assert!(error.contains("no \"kind\" to group by"), "{error}");
    let error = Table::parse("date,A\n2018-01-01,1\n", &by).unwrap_err().to_string();
    assert!(error.contains("no column of counts to go with \"kind\""), "{error}");
}

#[test]
fn the_days_of_wales_are_the_sums_of_its_incidents() {
    let [Some(columns), Some(rows)] =
        ["wales_daily_by_board.csv.zst", "wales_daily_incidents.csv.zst"].map(shared)
    else {
        return skip("../shared/data/dispatch/demand is absent: put the Welsh counts there");
    };
    let [columns, rows] = [columns, rows].map(|text| parse(&text).unwrap());
    assert_eq!(columns, rows);
    assert_eq!(columns.history.end(), day("2018-04-26"));
}

fn shared(name: &str) -> Option<String> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dispatch/demand/");
    let file = std::fs::File::open(format!("{root}{name}")).ok()?;
    let decoder = ruzstd::decoding::StreamingDecoder::new(file).unwrap();
    Some(std::io::read_to_string(decoder).unwrap())
}

/// Says that a test did not run and why; `make test` counts it. Call it once a test.
fn skip(why: &str) {
    eprintln!("skipped: {why}");
    if let Some(path) = std::env::var_os("GH_SKIP_LOG") {
        let mut log = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        log.write_all(format!("skipped: {why}\n").as_bytes()).unwrap();
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        head in "(date|hour|time|lat|lon|count|A|TOTAL|,|\"){0,9}",
        body in "(\n|,|\"|2018-01-0[1-9]( 2[0-4]:30)?|2190-01-01|[0-9]{0,11}|NA|A){0,40}",
    ) {
        let heads = ["date,A,B,TOTAL", "A,date,count", "date,hour,A", "time,A", "time,lat,lon"];
        for head in [&[head.as_str()], &heads[..]].concat() {
            let text = format!("{head}\n{body}");
            if let Ok(calls) = PlacedCalls::parse(&text) {
                let origin = Timestamp::from_millis(1_517_000_000_000);
                let _ = calls.forecast(&Calendar::default(), origin, 3, 1.0);
            }
            if let Ok(table) = parse(&text) {
                let known = table.history.before(day("2019-01-01"));
                prop_assert_eq!(known.end(), day("2019-01-01").max(table.history.first()));
            }
        }
    }
}
