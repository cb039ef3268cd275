//! Looks at every glyph of the finished pages, and at every character of the data before.

use serde_json::Value;
use typst::layout::{Abs, Frame, FrameItem, Point, Size, Transform};
use typst::text::TextItem;
use typst_layout::PagedDocument;

use crate::fonts::Fonts;
use crate::{Order, Refusal};

/// How many characters around a missing one are shown to the reader.
const NEAR: usize = 12;

/// Refuses characters that print nothing but change what is read: controls, direction marks, and the mark of a broken decoding.
pub(crate) fn check_data(data: &Value) -> Result<(), Refusal> {
    match find(data, "", &|text| text.chars().find(|character| is_hidden(*character))) {
        Some((place, character)) => Err(Refusal::HiddenCharacter { character, place }),
        None => Ok(()),
    }
}

/// Refuses data with a character that no font has, before anything is laid out.
pub(crate) fn check_coverage(data: &Value, fonts: &Fonts) -> Result<(), Refusal> {
    let Some((place, character)) = find(data, "", &|text| missing(text, fonts)) else { return Ok(()) };
    let text = data.pointer(&place).and_then(Value::as_str).unwrap_or_default();
    let near = around(text, text.find(character).unwrap_or(0));
    Err(Refusal::MissingGlyph { character, place, page: None, near })
}

fn missing(text: &str, fonts: &Fonts) -> Option<char> {
    text.chars().find(|character| !prints_blank(*character) && !fonts.cover(*character))
}

/// Needs no glyph: blanks, and the marks that only choose or join other characters.
fn prints_blank(character: char) -> bool {
    character.is_whitespace() || typst::text::is_default_ignorable(character)
}

fn is_hidden(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{200E}'
        | '\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{FFFD}' => true,
        _ => character.is_control(),
    }
}

/// The first string, with its path, in which `test` finds a character. Keys are looked at too: a template may print them.
fn find(data: &Value, path: &str, test: &dyn Fn(&str) -> Option<char>) -> Option<(String, char)> {
    match data {
        Value::String(text) => test(text).map(|character| (path.to_owned(), character)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| find(item, &format!("{path}/{index}"), test))
        }
        Value::Object(fields) => fields.iter().find_map(|(key, field)| {
            let path = format!("{path}/{key}");
            test(key).map(|character| (path.clone(), character)).or_else(|| find(field, &path, test))
        }),
        _ => None,
    }
}

/// Refuses the document when a character became no glyph, or text lies outside the sheet.
pub(crate) fn check_pages(document: &PagedDocument, order: &Order) -> Result<(), Refusal> {
    for (index, page) in document.pages().iter().enumerate() {
        let sheet = Sheet { page: index + 1, size: page.frame.size(), order };
        sheet.check(&page.frame, Transform::identity())?;
    }
    Ok(())
}

/// Where a template names only fonts that the folder lacks, the typesetter drops an unknown character without a trace on the
/// page; so what was given is looked at as well as what came out.
pub(crate) fn check_given(order: &Order, fonts: &Fonts) -> Result<(), Refusal> {
    check_coverage(&order.data, fonts)?;
    let source = order.template.source;
    let Some(character) = missing(source, fonts) else { return Ok(()) };
    let near = around(source, source.find(character).unwrap_or(0));
    Err(Refusal::MissingGlyph { character, place: order.template.name.to_owned(), page: None, near })
}

struct Sheet<'a> {
    page: usize,
    size: Size,
    order: &'a Order<'a>,
}

impl Sheet<'_> {
    fn check(&self, frame: &Frame, outer: Transform) -> Result<(), Refusal> {
        for (position, item) in frame.items() {
            let here = outer.pre_concat(Transform::translate(position.x, position.y));
            match item {
                FrameItem::Group(group) => self.check(&group.frame, here.pre_concat(group.transform))?,
                FrameItem::Text(text) => {
                    self.check_glyphs(text)?;
                    self.check_place(text, here)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Glyph 0 is the font's box for "not here".
    fn check_glyphs(&self, text: &TextItem) -> Result<(), Refusal> {
        let Some(glyph) = text.glyphs.iter().find(|glyph| glyph.id == 0) else { return Ok(()) };
        let character =
            text.text.get(glyph.range()).and_then(|part| part.chars().next()).unwrap_or('\u{FFFD}');
        Err(Refusal::MissingGlyph {
            character,
            place: self.place(character),
            page: Some(self.page),
            near: around(&text.text, glyph.range().start),
        })
    }

    /// The data field that brought the character, or else the template.
    fn place(&self, character: char) -> String {
        let test = |text: &str| text.contains(character).then_some(character);
        find(&self.order.data, "", &test)
            .map_or_else(|| self.order.template.name.to_owned(), |(place, _)| place)
    }

    fn check_place(&self, text: &TextItem, here: Transform) -> Result<(), Refusal> {
        let (start, end) = (Point::zero().transform(here), Point::with_x(text.width()).transform(here));
        if self.holds(start) && self.holds(end) {
            return Ok(());
        }
        Err(Refusal::OffTheSheet { near: around(&text.text, 0), page: self.page })
    }

    fn holds(&self, point: Point) -> bool {
        let zero = Abs::zero();
        point.x >= zero && point.y >= zero && point.x <= self.size.x && point.y <= self.size.y
    }
}

/// At most [`NEAR`] characters on each side of the byte position.
fn around(text: &str, position: usize) -> String {
    let (before, after) = text.split_at_checked(position).unwrap_or((text, ""));
    let skip = before.chars().count().saturating_sub(NEAR);
    before.chars().skip(skip).chain(after.chars().take(NEAR + 1)).collect()
}
