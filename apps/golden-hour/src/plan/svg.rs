//! A plan over the streets, as a picture that needs no other file.

use std::fmt::Write;

use ems_model::Position;
use ems_roads::{Bounds, Roads};

use super::map::Picture;

/// Pixels across, and the most down.
const WIDTH: f64 = 1200.0;
const HEIGHT_MAX: f64 = 1200.0;
/// Pixels around what is shown, and above it for words.
const MARGIN: f64 = 30.0;
const TOP: f64 = 76.0;
/// Streets are drawn to this many pixels.
const DETAIL: f64 = 1.0;
/// Ways faster than this are drawn wider, metres a second.
const FAST: f64 = 16.0;

/// Blue and vermilion of Okabe and Ito: apart for people who see colours differently, too.
const STYLE: &str = "\
text{font:15px sans-serif;fill:#222}.t{font-size:19px;font-weight:600}.r{fill:none;stroke:#d4d4d4}\
.f{fill:none;stroke:#b4b4b4;stroke-width:2}.c{fill:#0072b2;fill-opacity:.7}\
.u{fill:#d55e00;fill-opacity:.8}.o{fill:#fff;stroke:#555;stroke-width:1.5}\
.s{fill:#111;stroke:#fff;stroke-width:2}.n{fill:#fff;font-size:12px;font-weight:700;text-anchor:middle}\
.l{paint-order:stroke;stroke:#fff;stroke-width:4px;font-weight:600}";

/// Draws it.
pub(super) fn draw(picture: &Picture<'_>) -> String {
    let places = picture.places;
    let frame = Frame::around(places.sites.iter().chain(&places.points).copied());
    let (width, height) = (WIDTH, frame.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         width=\"{width:.0}\" height=\"{height:.0}\"><style>{STYLE}</style>\
         <rect width=\"100%\" height=\"100%\" fill=\"#fafafa\"/>\n"
    );
    if let Some(roads) = &places.roads {
        add_roads(&mut svg, &frame, roads);
    }
    add_demand(&mut svg, &frame, picture);
    add_sites(&mut svg, &frame, picture);
    add_words(&mut svg, picture);
    svg.push_str("</svg>\n");
    svg
}

/// From places to pixels: equirectangular, true in the middle.
struct Frame {
    bounds: Bounds,
    per_lon: f64,
    per_lat: f64,
    height: f64,
}

impl Frame {
    fn around(places: impl Iterator<Item = Position>) -> Self {
        let bounds = Bounds::around(places).expect("a file of places has a place");
        let (sw, ne) = (bounds.south_west, bounds.north_east);
        let squeeze = f64::midpoint(sw.lat(), ne.lat()).to_radians().cos();
        let (wide, high) = ((ne.lon() - sw.lon()) * squeeze, ne.lat() - sw.lat());
        let inner = (WIDTH - 2.0 * MARGIN, HEIGHT_MAX - TOP - MARGIN);
        let per_lat = (inner.0 / wide.max(1e-4)).min(inner.1 / high.max(1e-4));
        let height = (high * per_lat + TOP + MARGIN).max(300.0);
        Self { bounds, per_lon: per_lat * squeeze, per_lat, height }
    }

    fn at(&self, place: Position) -> (f64, f64) {
        let (sw, ne) = (self.bounds.south_west, self.bounds.north_east);
        let unused = WIDTH - 2.0 * MARGIN - (ne.lon() - sw.lon()) * self.per_lon;
        let x = MARGIN + unused / 2.0 + (place.lon() - sw.lon()) * self.per_lon;
        (x, TOP + (ne.lat() - place.lat()) * self.per_lat)
    }

    fn shows(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH).contains(&x) && (TOP - MARGIN..=self.height).contains(&y)
    }

    /// The size of a mark, for so many of them.
    fn mark(&self, n: usize, least: f64, most: f64) -> f64 {
        let n = f64::from(u32::try_from(n).unwrap_or(u32::MAX)).max(1.0);
        (0.35 * (WIDTH * self.height / n).sqrt()).clamp(least, most)
    }
}

fn add_roads(svg: &mut String, frame: &Frame, roads: &Roads) {
    let (mut slow, mut fast) = (String::new(), String::new());
    for (edge, stretch) in (0..).zip(roads.edges()) {
        let line: Vec<(f64, f64)> = roads.shape(edge).iter().map(|p| frame.at(*p)).collect();
        if !line.iter().any(|&point| frame.shows(point)) {
            continue;
        }
        let metres: f64 = roads.shape(edge).windows(2).map(|w| w[0].metres_to(w[1])).sum();
        let millis = stretch.millis.into_iter().flatten().min();
        let is_fast = millis.is_some_and(|millis| metres > FAST * f64::from(millis) / 1000.0);
        add_line(if is_fast { &mut fast } else { &mut slow }, &line);
    }
    for (class, path) in [("r", slow), ("f", fast)] {
        writeln!(svg, "<path class=\"{class}\" d=\"{path}\"/>").expect("a string takes all");
    }
}

/// Adds a line, without points that could not be told apart.
fn add_line(path: &mut String, line: &[(f64, f64)]) {
    let mut last: Option<(f64, f64)> = None;
    for (idx, &(x, y)) in line.iter().enumerate() {
        let is_end = idx == 0 || idx + 1 == line.len();
        if !is_end && last.is_some_and(|(a, b)| (x - a).hypot(y - b) < DETAIL) {
            continue;
        }
        let verb = if idx == 0 { 'M' } else { 'L' };
        write!(path, "{verb}{x:.1} {y:.1}").expect("a string takes all");
        last = Some((x, y));
    }
}

/// Demand as dots, by weight; the uncovered above the covered.
fn add_demand(svg: &mut String, frame: &Frame, picture: &Picture<'_>) {
    let points = &picture.places.points;
    let most = frame.mark(points.len(), 2.0, 9.0);
    let heaviest = picture.weights.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    for (class, covered) in [("c", true), ("u", false)] {
        for ((place, weight), _) in points
            .iter()
            .zip(picture.weights)
            .zip(picture.covered)
            .filter(|((_, weight), is)| **is == covered && **weight > 0.0)
        {
            let (x, y) = frame.at(*place);
            let r = (most * (weight / heaviest).sqrt()).max(1.2);
            writeln!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r:.1}\"/>")
                .expect("a string takes all");
        }
    }
}

/// Sites as squares: hollow ones, then the chosen with their units and, where there is room, names.
fn add_sites(svg: &mut String, frame: &Frame, picture: &Picture<'_>) {
    let sites = || picture.places.sites.iter().zip(picture.units).zip(picture.names);
    let hollow = frame.mark(picture.places.sites.len(), 2.5, 5.0);
    for ((place, _), _) in sites().filter(|((_, units), _)| **units == 0) {
        add_square(svg, "o", frame.at(*place), hollow);
    }
    for ((place, units), _) in sites().filter(|((_, units), _)| **units > 0) {
        let (x, y) = frame.at(*place);
        add_square(svg, "s", (x, y), 10.0);
        writeln!(svg, "<text class=\"n\" x=\"{x:.1}\" y=\"{:.1}\">{units}</text>", y + 4.5)
            .expect("a string takes all");
    }
    let mut taken: Vec<(f64, f64)> = Vec::new();
    for ((place, _), name) in sites().filter(|((_, units), _)| **units > 0) {
        let (x, y) = frame.at(*place);
        let near = |(a, b): &(f64, f64)| (x - a).abs() < 110.0 && (y - b).abs() < 18.0;
        if taken.iter().any(near) {
            continue;
        }
        taken.push((x, y));
        let is_right = x > WIDTH - 150.0;
        let (x, anchor) = if is_right { (x - 15.0, "end") } else { (x + 15.0, "start") };
        writeln!(
            svg,
            "<text class=\"l\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            y + 5.0,
            escaped(name)
        )
        .expect("a string takes all");
    }
}

fn add_square(svg: &mut String, class: &str, (x, y): (f64, f64), half: f64) {
    let (left, top, side) = (x - half, y - half, 2.0 * half);
    writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{side:.1}\" height=\"{side:.1}\"/>"
    )
    .expect("a string takes all");
}

fn add_words(svg: &mut String, picture: &Picture<'_>) {
    let title = escaped(picture.title);
    writeln!(
        svg,
        "<rect width=\"100%\" height=\"62\" fill=\"#fff\"/><text class=\"t\" x=\"30\" y=\"28\">{title}</text>\
         <rect class=\"s\" x=\"30\" y=\"40\" width=\"14\" height=\"14\"/><text x=\"50\" y=\"52\">chosen, with its units</text>\
         <rect class=\"o\" x=\"224\" y=\"42\" width=\"10\" height=\"10\"/><text x=\"242\" y=\"52\">not chosen</text>\
         <circle class=\"c\" cx=\"350\" cy=\"47\" r=\"6\"/><text x=\"364\" y=\"52\">demand covered</text>\
         <circle class=\"u\" cx=\"520\" cy=\"47\" r=\"6\"/><text x=\"534\" y=\"52\">not covered</text>\
         <text x=\"{:.0}\" y=\"52\" text-anchor=\"end\">© OpenStreetMap contributors</text>",
        WIDTH - MARGIN
    )
    .expect("a string takes all");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
