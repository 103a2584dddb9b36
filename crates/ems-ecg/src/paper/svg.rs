//! Pages as one SVG, below each other.

use std::fmt::Write;

use super::{Ink, Mark, PAGE_MM, Page, Pen, Point};

/// Fonts for both languages that machines have.
const FONTS: &str = "Inter,Helvetica,Arial,'Noto Sans SC','Noto Sans CJK SC','PingFang SC',\
                     'Microsoft YaHei',sans-serif";

/// Writes pages in millimetres, needing no other file.
pub fn svg(pages: &[Page]) -> String {
    let (width, page_height) = PAGE_MM;
    let mut svg = String::new();
    let height = pages.iter().fold(0.0, |height, _| height + page_height);
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}mm\" height=\"{height}mm\" font-family=\"{FONTS}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
    );
    let mut top = 0.0;
    for page in pages {
        let _ = writeln!(svg, "<g transform=\"translate(0 {top})\">");
        page.marks.iter().for_each(|mark| add(&mut svg, mark));
        svg.push_str("</g>\n");
        top += page_height;
    }
    svg.push_str("</svg>\n");
    svg
}

fn add(svg: &mut String, mark: &Mark) {
    // Writing to a string cannot fail.
    let _ = match mark {
        Mark::Lines { lines, pen } => {
            let ends = |((x, y), (to_x, to_y)): &(Point, Point)| {
                format!("M{x:.2} {y:.2}L{to_x:.2} {to_y:.2}")
            };
            path(svg, &lines.iter().map(ends).collect::<String>(), *pen)
        }
        Mark::Curve { points, pen } => {
            let points: Vec<_> = points.iter().map(|(x, y)| format!("{x:.2} {y:.2}")).collect();
            path(svg, &format!("M{}", points.join("L")), *pen)
        }
        Mark::Area { corner: (x, y), size: (width, height), ink } => {
            let fill = hex(*ink);
            writeln!(
                svg,
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"{fill}\"/>"
            )
        }
        Mark::Text { at: (x, y), size, ink, is_bold, text } => {
            let weight = if *is_bold { " font-weight=\"600\"" } else { "" };
            let (fill, text) = (hex(*ink), escaped(text));
            writeln!(
                svg,
                "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size}\" fill=\"{fill}\"{weight}>{text}</text>"
            )
        }
    };
}

fn path(svg: &mut String, points: &str, pen: Pen) -> std::fmt::Result {
    let (stroke, width) = (hex(pen.ink), pen.width);
    writeln!(
        svg,
        "<path d=\"{points}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\" \
         stroke-linejoin=\"round\" stroke-linecap=\"round\"/>"
    )
}

fn hex(ink: Ink) -> String {
    let [red, green, blue] = ink.rgb();
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
