use ems_model::Position;
use proptest::prelude::*;

use super::*;

type Values = Vec<Vec<String>>;

/// Every value of a table, by row, with the rows' lines.
fn all(bytes: &[u8]) -> Result<(Vec<usize>, Values), TableError> {
    rest(Table::read(bytes, 100)?)
}

fn in_halves(bytes: &[u8]) -> Result<(Vec<usize>, Values), TableError> {
    let [first, second] = Table::read(bytes, 100)?.halves();
    let ((mut lines, mut values), (more_lines, more_values)) = (rest(first)?, rest(second)?);
    lines.extend(more_lines);
    values.extend(more_values);
    Ok((lines, values))
}

fn rest(mut table: Table<'_>) -> Result<(Vec<usize>, Values), TableError> {
    let columns: Vec<Column> = table.all_columns().map(|(column, _)| column).collect();
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    while let Some(row) = table.next_row()? {
        lines.push(row.line());
        let given = columns.iter().map(|&column| row.given(column).unwrap_or_default().to_owned());
        values.push(given.collect());
    }
    Ok((lines, values))
}

#[test]
fn what_files_look_like_does_not_matter() {
    for (text, lines, values) in [
        ("a,b\n1,2\n3,4", vec![2, 3], vec![["1", "2"], ["3", "4"]]),
        ("\u{feff}a,b\r\n1,2\r\n\r\n3,4\r\n", vec![2, 4], vec![["1", "2"], ["3", "4"]]),
        ("\n , \n\"a\",b\n\t\n,,,\n1 , 2\t,,\n", vec![6], vec![["1", "2"]]),
        ("a,b\n\"1,5\",\"say \"\"ah\"\"\"\r\n", vec![2], vec![["1,5", "say \"ah\""]]),
        ("a,b\n5\" hose,\"\"\n\" x \",\"胸痛\"", vec![2, 3], vec![["5\" hose", ""], ["x", "胸痛"]]),
        ("a,b\n1\n,2\n", vec![2, 3], vec![["1", ""], ["", "2"]]),
        ("a,b\n", vec![], vec![]),
        ("", vec![], vec![]),
    ] {
        let values = values.iter().map(|row| row.map(str::to_owned).to_vec()).collect();
        assert_eq!(all(text.as_bytes()), Ok((lines, values)), "{text:?}");
    }
}

#[test]
fn a_file_that_is_no_table_is_told_by_its_line() {
    let quote = "a quotation mark is not closed: close it on that line, or take it out";
    let width = "give every column one, in quotes where it holds a comma";
    for (bytes, message) in [
        (
            &b"a,b\n1,2\n3,\xd0\xd8\n"[..],
            "line 3: byte 0xd0 is not UTF-8: save the file as \"CSV UTF-8\", not in the system's own encoding".to_owned(),
        ),
        (b"a,b\n\"1,2\n3,4\n", format!("line 2: {quote}")),
        (b"a,b\n1,\"2\r\n3,4\"\r\n", format!("line 2: {quote}")),
        (b"a,b\n1,\"2", format!("line 2: {quote}")),
        (b"a,b\n\n1,2,3\n", format!("line 3: 3 values for 2 columns: {width}")),
        (b"a,b\n\"1\",2,,4\n", format!("line 2: 4 values for 2 columns: {width}")),
    ] {
        assert_eq!(all(bytes).unwrap_err().to_string(), message);
    }
    let mut table = Table::read(b"a\n1\n\n2\n3", 2).unwrap();
    assert!(table.next_row().unwrap().is_some() && table.next_row().unwrap().is_some());
    assert_eq!(
        table.next_row().unwrap_err().to_string(),
        "line 5: more than 2 rows: split the file"
    );
    assert_eq!(table.n_rows(), 2);
}

#[test]
fn columns_are_found_by_name_in_any_order_and_case() {
    let table = Table::read(b"\nnote, LON ,\"lat\",note,\n", 9).unwrap();
    let [lat, lon] = table.columns(["lat", "lon"]).unwrap();
    let places: Vec<Column> = table.all_columns().map(|(column, _)| column).collect();
    assert_eq!([lat, lon], [places[2], places[1]]);
    assert_eq!(table.column("speed"), Ok(None));
    assert_eq!(table.column("lat"), Ok(Some(lat)));
    let (edge, place) = (&["edge", "direction"][..], &["lat", "lon"][..]);
    assert_eq!(table.one_of(&[edge, place]), Ok((1, vec![lat, lon])));
    let complaint = |sets: &[&[&str]]| table.one_of(sets).unwrap_err().to_string();
    assert_eq!(
        complaint(&[edge, &["lat", "lon", "time"]]),
        "line 2: columns are \"note,LON,lat,note,\", and \"time\" is missing: name edge and direction, or lat, lon and time in any order"
    );
    assert_eq!(
        complaint(&[&["note"]]),
        "line 2: two columns are named \"note\": leave one out or rename it"
    );
    let empty = Table::read(b"", 9).unwrap();
    assert_eq!(
        empty.columns(["time"]).unwrap_err().to_string(),
        "line 1: columns are \"\", and \"time\" is missing: name time in any order"
    );
}

/// What is said of one row under the header `x,lat,lon`, read as a number and a place.
fn judged(row: &str) -> Result<(f64, Position), String> {
    let text = format!("X,lat,lon\n{row}\n");
    let mut table = Table::read_part(text.as_bytes(), 7, 1).map_err(|error| error.to_string())?;
    let [x, lat, lon] = table.columns(["x", "lat", "lon"]).unwrap();
    let row = table.next_row().unwrap().unwrap();
    let read = row.number(x, -1.0..=1.0).and_then(|x| Ok((x, row.position([lat, lon])?)));
    read.map_err(|error| error.to_string())
}

#[test]
fn a_value_is_understood_or_told_by_line_column_and_value() {
    let place = Position::from_degrees(-35.9, 14.5).unwrap();
    assert_eq!(judged("1e-1,\"-35.9\", 14.5"), Ok((0.1, place)));
    let long = "1".repeat(61);
    let number = "a number within -1..=1: correct it";
    for (row, message) in [
        ("1,91,x".to_owned(), "line 8: lat \"91\" is not a latitude: give degrees of WGS 84 within ±90".into()),
        ("1,9,nan".into(), "line 8: lon \"nan\" is not a longitude: give degrees of WGS 84 within ±180".into()),
        ("1,\"35,9\",1".into(), "line 8: lat \"35,9\" is not a latitude: give degrees of WGS 84 within ±90".into()),
        ("NaN,1,1".into(), format!("line 8: X \"NaN\" is not {number}")),
        (",1,1".into(), format!("line 8: X \"\" is not {number}")),
        (format!("{long},1,1"), format!("line 8: X \"{}…\" is not {number}", &long[1..])),
        ("1,2".into(), "line 8: 2 values for 3 columns: give every column one, in quotes where it holds a comma".into()),
    ] {
        assert_eq!(judged(&row), Err(message));
    }
}

/// Values as they are put into a file: in quotes where they need them, and sometimes where not.
fn written(rows: &[Vec<(String, bool)>]) -> String {
    let value = |(value, is_quoted): &(String, bool)| {
        let needs = value.contains([',', '"']) || *is_quoted;
        if needs { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.clone() }
    };
    let row = |row: &Vec<_>| row.iter().map(value).collect::<Vec<_>>().join(",");
    rows.iter().map(row).collect::<Vec<_>>().join("\r\n")
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        rows in prop::collection::vec(
            prop::collection::vec(("[a-c,\"é ]{0,6}x", any::<bool>()), 3),
            1..6,
        ),
    ) {
        let (_, read) = all(format!("a,b,c\n{}", written(&rows)).as_bytes()).unwrap();
        let trimmed = |(value, _): &(String, bool)| value.trim().to_owned();
        let put = |row: &Vec<(String, bool)>| row.iter().map(trimmed).collect();
        prop_assert_eq!(read, rows.iter().map(put).collect::<Values>());
    }

    #[test]
    fn no_bytes_break_it_and_halves_say_the_same(
        bytes in prop::collection::vec(
            prop::sample::select(&b"a,\"\n\r \xff\xef\xbb\xbf"[..]),
            0..40,
        ),
    ) {
        prop_assert_eq!(all(&bytes), in_halves(&bytes));
    }
}
