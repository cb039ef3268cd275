//! All that the typesetter can see of the world: one template, the common prelude, the data of one order, the fonts.

use serde_json::json;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, World};

use crate::fonts::Fonts;
use crate::{Order, Refusal};

/// Layout habits common to all papers, see `templates/official.typ`.
const PRELUDE: &str = include_str!("../templates/official.typ");

/// Names of the three files a template can reach. Interned once: a name per order would never be freed.
pub(crate) struct Names {
    main: FileId,
    prelude: FileId,
    order: FileId,
}

impl Names {
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { main: name("/paper.typ")?, prelude: name("/official.typ")?, order: name("/order.json")? })
    }
}

fn name(path: &str) -> anyhow::Result<FileId> {
    let path = VirtualPath::new(path).map_err(|fault| anyhow::anyhow!("{path}: {fault:?}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// The world of one order.
pub(crate) struct Sheets<'a> {
    names: &'a Names,
    library: &'a LazyHash<Library>,
    fonts: &'a Fonts,
    main: Source,
    prelude: Source,
    order: Bytes,
    day: Option<Datetime>,
}

impl<'a> Sheets<'a> {
    /// The data reach the template as a JSON file, so that no name in them can ever be read as markup.
    pub fn new(names: &'a Names, library: &'a LazyHash<Library>, fonts: &'a Fonts, order: &Order) -> Self {
        let date = order.date.date();
        let file = json!({
            "data": order.data,
            "title": order.title,
            "language": order.language.tag(),
            "date": date.to_string(),
        });
        Self {
            names,
            library,
            fonts,
            main: Source::new(names.main, order.template.source.to_owned()),
            prelude: Source::new(names.prelude, PRELUDE.to_owned()),
            order: Bytes::from_string(file.to_string()),
            day: moment(order),
        }
    }

    /// Puts the typesetter's complaint into our words.
    pub fn refusal(&self, template: &str, faults: &[typst::diag::SourceDiagnostic]) -> Refusal {
        let what = faults.iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; ");
        let line = faults.first().and_then(|fault| self.line(fault)).unwrap_or(0);
        Refusal::Template { template: template.to_owned(), line, what }
    }

    /// Line of the template where a fault lies or from where the faulty part of the prelude was called.
    fn line(&self, fault: &typst::diag::SourceDiagnostic) -> Option<usize> {
        let calls = fault.trace.iter().map(|call| call.span.into());
        let span =
            std::iter::once(fault.span).chain(calls).find(|span| span.id() == Some(self.names.main))?;
        let range = typst::WorldExt::range(self, span)?;
        Some(self.main.lines().byte_to_line(range.start)? + 1)
    }
}

/// The time of the order as the typesetter writes it.
pub(crate) fn moment(order: &Order) -> Option<Datetime> {
    let (date, time) = (order.date.date(), order.date.time());
    Datetime::from_ymd_hms(
        i32::from(date.year()),
        u8::try_from(date.month()).ok()?,
        u8::try_from(date.day()).ok()?,
        u8::try_from(time.hour()).ok()?,
        u8::try_from(time.minute()).ok()?,
        u8::try_from(time.second()).ok()?,
    )
}

impl World for Sheets<'_> {
    fn library(&self) -> &LazyHash<Library> {
        self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.names.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        match id {
            id if id == self.names.main => Ok(self.main.clone()),
            id if id == self.names.prelude => Ok(self.prelude.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.names.order { Ok(self.order.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        self.day
    }
}
