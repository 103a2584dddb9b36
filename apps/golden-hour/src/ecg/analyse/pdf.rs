//! A report's pages as PDF.
//!
//! No font is shipped: Latin is set in Helvetica, which every viewer has, and Chinese in Adobe's
//! STSong-Light by name (ISO 32000-1, 9.7.5.2: predefined character maps), for which viewers take
//! a Chinese font of their machine.

use std::io::Write;

use ems_ecg::{Ink, Mark, PAGE_MM, Page, Pen, Point};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, LineCapStyle, LineJoinStyle, SystemInfo};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str};

/// Points in a millimetre.
const PT: f64 = 72.0 / 25.4;

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const LATIN: Ref = Ref::new(3);
const BOLD: Ref = Ref::new(4);
const SYMBOL: Ref = Ref::new(5);
const CHINESE: Ref = Ref::new(6);
const CHINESE_GLYPHS: Ref = Ref::new(7);
const CHINESE_LOOK: Ref = Ref::new(8);
/// Each page takes two from here on.
const FIRST_PAGE: i32 = 9;

/// The fonts by their names in the pages.
const FONTS: [(Name<'_>, Ref); 4] = [
    (Name(b"Latin"), LATIN),
    (Name(b"Bold"), BOLD),
    (Name(b"Symbol"), SYMBOL),
    (Name(b"Chinese"), CHINESE),
];

/// Writes the pages.
pub(super) fn pdf(pages: &[Page]) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let refs: Vec<(Ref, Ref)> = (0_i32..)
        .zip(pages)
        .map(|(idx, _)| (Ref::new(FIRST_PAGE + 2 * idx), Ref::new(FIRST_PAGE + 2 * idx + 1)))
        .collect();
    pdf.catalog(CATALOG).pages(PAGES);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(refs.iter().map(|(page, _)| *page)).count(count);
    for (page, (page_ref, content_ref)) in pages.iter().zip(refs) {
        let mut sheet = pdf.page(page_ref);
        sheet.media_box(Rect::new(0.0, 0.0, pt(PAGE_MM.0), pt(PAGE_MM.1)));
        sheet.parent(PAGES).contents(content_ref);
        let mut resources = sheet.resources();
        let mut fonts = resources.fonts();
        for (name, font) in FONTS {
            fonts.pair(name, font);
        }
        fonts.finish();
        resources.finish();
        sheet.finish();
        let packed = packed(content(page).as_slice());
        pdf.stream(content_ref, &packed).filter(Filter::FlateDecode);
    }
    add_fonts(&mut pdf);
    pdf.finish()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes what is written")
}

#[expect(clippy::cast_possible_truncation, reason = "a place on a page")]
fn pt(mm: f64) -> f32 {
    (mm * PT) as f32
}

/// Points from the left and from the bottom.
fn place((x, y): Point) -> (f32, f32) {
    (pt(x), pt(PAGE_MM.1 - y))
}

fn content(page: &Page) -> pdf_writer::Buf {
    let mut content = Content::new();
    content.set_line_cap(LineCapStyle::RoundCap).set_line_join(LineJoinStyle::RoundJoin);
    page.marks.iter().for_each(|mark| add(&mut content, mark));
    content.finish()
}

fn add(content: &mut Content, mark: &Mark) {
    match mark {
        Mark::Lines { lines, pen } => {
            take(content, *pen);
            for &(from, to) in lines {
                let (from, to) = (place(from), place(to));
                content.move_to(from.0, from.1).line_to(to.0, to.1);
            }
            content.stroke();
        }
        Mark::Curve { points, pen } => {
            take(content, *pen);
            let mut points = points.iter().map(|point| place(*point));
            let Some(first) = points.next() else { return };
            content.move_to(first.0, first.1);
            points.for_each(|(x, y)| _ = content.line_to(x, y));
            content.stroke();
        }
        Mark::Area { corner, size, ink } => {
            let (x, y) = place((corner.0, corner.1 + size.1));
            let [red, green, blue] = colour(*ink);
            content.set_fill_rgb(red, green, blue);
            content.rect(x, y, pt(size.0), pt(size.1)).fill_nonzero();
        }
        Mark::Text { at, size, ink, is_bold, text } => {
            let (x, y) = place(*at);
            let [red, green, blue] = colour(*ink);
            content.set_fill_rgb(red, green, blue).begin_text().next_line(x, y);
            add_text(content, text, pt(*size), *is_bold);
            content.end_text();
        }
    }
}

fn take(content: &mut Content, pen: Pen) {
    let [red, green, blue] = colour(pen.ink);
    content.set_stroke_rgb(red, green, blue).set_line_width(pt(pen.width));
}

fn colour(ink: Ink) -> [f32; 3] {
    ink.rgb().map(|part| f32::from(part) / 255.0)
}

/// A letter's font, and its bytes there.
enum Glyph {
    Latin(u8),
    Symbol(u8),
    Chinese([u8; 2]),
}

/// Windows' Latin, the two signs of Symbol that reasons use, and UTF-16 for what else there is.
fn glyph(letter: char) -> Glyph {
    match letter {
        '≥' => Glyph::Symbol(0xb3),
        '≤' => Glyph::Symbol(0xa3),
        ' '..='~' | '\u{a0}'..='\u{ff}' => {
            Glyph::Latin(u8::try_from(u32::from(letter)).unwrap_or(b'?'))
        }
        _ => {
            let unit = u16::try_from(u32::from(letter)).unwrap_or(u16::from(b'?'));
            Glyph::Chinese(unit.to_be_bytes())
        }
    }
}

/// Shows a line, changing fonts where its letters do.
fn add_text(content: &mut Content, text: &str, size: f32, is_bold: bool) {
    let mut run: (usize, Vec<u8>) = (0, vec![]);
    let latin = usize::from(is_bold);
    let show = |content: &mut Content, (font, bytes): &(usize, Vec<u8>)| {
        if !bytes.is_empty() {
            content.set_font(FONTS[*font].0, size).show(Str(bytes));
        }
    };
    for letter in text.chars() {
        let (font, bytes) = match glyph(letter) {
            Glyph::Latin(byte) => (latin, vec![byte]),
            Glyph::Symbol(byte) => (2, vec![byte]),
            Glyph::Chinese(bytes) => (3, bytes.to_vec()),
        };
        if font != run.0 {
            show(content, &run);
            run = (font, vec![]);
        }
        run.1.extend(bytes);
    }
    show(content, &run);
}

fn add_fonts(pdf: &mut Pdf) {
    for (font, name) in [(LATIN, &b"Helvetica"[..]), (BOLD, b"Helvetica-Bold")] {
        pdf.type1_font(font).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    pdf.type1_font(SYMBOL).base_font(Name(b"Symbol"));
    pdf.type0_font(CHINESE)
        .base_font(Name(b"STSong-Light-UniGB-UCS2-H"))
        .encoding_predefined(Name(b"UniGB-UCS2-H"))
        .descendant_font(CHINESE_GLYPHS);
    pdf.cid_font(CHINESE_GLYPHS)
        .subtype(CidFontType::Type0)
        .base_font(Name(b"STSong-Light"))
        .system_info(SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"GB1"), supplement: 4 })
        .font_descriptor(CHINESE_LOOK)
        .default_width(1000.0);
    pdf.font_descriptor(CHINESE_LOOK)
        .name(Name(b"STSong-Light"))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(-25.0, -254.0, 1000.0, 880.0))
        .italic_angle(0.0)
        .ascent(880.0)
        .descent(-120.0)
        .cap_height(880.0)
        .stem_v(93.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_both_languages_is_a_pdf_that_names_its_fonts() {
        let text = |text: &str| Mark::Text {
            at: (10.0, 10.0),
            size: 3.0,
            ink: Ink::Black,
            is_bold: false,
            text: text.to_owned(),
        };
        let page = Page { marks: vec![text("PR 210 ms ≥ 200"), text("窦性心律 60/min")] };
        let bytes = pdf(&[page.clone(), page]);
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|it| it == wanted);
        assert!(bytes.starts_with(b"%PDF-") && has(b"/Count 2"));
        for font in [&b"/Helvetica"[..], b"/STSong-Light", b"/UniGB-UCS2-H", b"/Symbol"] {
            assert!(has(font), "{}", String::from_utf8_lossy(font));
        }
    }
}
