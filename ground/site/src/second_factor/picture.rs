//! The QR code of an enrolment as one path of an inline picture: no script, no other host.

use anyhow::anyhow;
use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, without which cameras do not find it (ISO/IEC 18004 §6.3.8).
const QUIET: i32 = 4;

/// A QR code, drawn.
pub(crate) struct Picture {
    /// Modules of a side, the quiet zone included.
    pub side: i32,
    /// The dark modules as the data of an SVG path.
    pub path: String,
}

impl Picture {
    /// # Errors
    /// When the text is too long for any code.
    pub(crate) fn of(text: &str) -> anyhow::Result<Picture> {
        let code =
            QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| anyhow!("QR code: {error}"))?;
        let size = code.size();
        let modules = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
        let dark = modules.filter(|(x, y)| code.get_module(*x, *y));
        let path = dark.map(|(x, y)| format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET)).collect();
        Ok(Picture { side: size + 2 * QUIET, path })
    }
}
