//! The press: reads the fonts once, then prints orders, from any thread.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};
use typst::comemo;
use typst::foundations::Smart;
use typst::utils::LazyHash;
use typst::{Library, LibraryExt};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::fonts::Fonts;
use crate::sheets::{Names, Sheets, moment};
use crate::{Order, Pdf, Refusal, glyphs};

/// Memoised layout older than this number of orders is thrown away, so that a node's memory does not grow with its papers.
const KEPT_ORDERS: usize = 4;

/// Asia/Shanghai has kept this offset from UTC, in minutes, since 1991: the law's time has no summer time.
const SHANGHAI: i32 = 8 * 60;

/// Prints papers. Cheap to clone, may be shared between threads.
#[derive(Clone)]
pub struct Press(Arc<Tools>);

struct Tools {
    fonts: Fonts,
    library: LazyHash<Library>,
    names: Names,
    standards: PdfStandards,
}

impl Press {
    /// Reads every `.ttf` and `.otf` of the folder into memory.
    ///
    /// # Errors
    /// When the folder cannot be read or holds no Chinese font; the message names the folder and the command that fetches fonts.
    pub fn open(font_folder: &Path) -> Result<Self> {
        let standards =
            PdfStandards::new(&[PdfStandard::A_2b]).map_err(|fault| anyhow!("{}", fault.message()))?;
        Ok(Self(Arc::new(Tools {
            fonts: Fonts::read(font_folder)?,
            library: LazyHash::new(Library::default()),
            names: Names::new()?,
            standards,
        })))
    }

    /// Looks at the characters of the data alone, in microseconds: an act whose paper could not be printed is refused before it is
    /// recorded. Keys are looked at like values. Data that pass never fail in [`Press::print`] for a character of theirs.
    ///
    /// # Errors
    /// [`Refusal::MissingGlyph`] and [`Refusal::HiddenCharacter`], with the path of the field.
    pub fn covers(&self, data: &serde_json::Value) -> Result<(), Refusal> {
        glyphs::check_data(data)?;
        glyphs::check_coverage(data, &self.0.fonts)
    }

    /// Prints one paper as PDF/A-2b (ISO 19005-2). Pure: the same order gives the same bytes. Takes tens of milliseconds of
    /// computing, so a web handler calls it on a blocking thread.
    ///
    /// # Errors
    /// Refuses a paper that would show a box for a character, hide a character, or run off the sheet, and one whose data do
    /// not fit the template.
    pub fn print(&self, order: &Order) -> Result<Pdf, Refusal> {
        glyphs::check_data(&order.data)?;
        let sheets = Sheets::new(&self.0.names, &self.0.library, &self.0.fonts, order);
        let printed = self.set(&sheets, order);
        comemo::evict(KEPT_ORDERS);
        printed
    }

    fn set(&self, sheets: &Sheets, order: &Order) -> Result<Pdf, Refusal> {
        let refusal = |faults: &[_]| sheets.refusal(order.template.name, faults);
        let mut document: PagedDocument = typst::compile(sheets).output.map_err(|faults| refusal(&faults))?;
        glyphs::check_pages(&document, order)?;
        glyphs::check_given(order, &self.0.fonts)?;
        document.info_mut().title = Some(order.title.as_str().into());
        let bytes = typst_pdf::pdf(&document, &self.options(order)).map_err(|faults| refusal(&faults))?;
        Ok(Pdf { sha256: hex::encode(Sha256::digest(&bytes)), bytes, pages: document.pages().len() })
    }

    fn options(&self, order: &Order) -> PdfOptions {
        PdfOptions {
            ident: Smart::Custom(identity(order)),
            creator: Smart::Custom(Some("Comity".to_owned())),
            timestamp: moment(order).and_then(|time| Timestamp::new_local(time, SHANGHAI)),
            standards: self.0.standards.clone(),
            ..PdfOptions::default()
        }
    }
}

/// Names the document inside the PDF: two papers of different content never bear the same identifier.
fn identity(order: &Order) -> String {
    let mut digest = Sha256::new();
    for part in [
        order.template.name,
        order.template.source,
        &order.title,
        &order.data.to_string(),
        &order.date.to_string(),
    ] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}
