//! For writers of templates: `cargo run -p paper --example print -- TEMPLATE.typ DATA.json OUT.pdf [en]`.

use std::path::Path;

use anyhow::{Context, Result, bail};
use paper::{Language, Order, Press, Template};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [template, data, out, language @ ..] = arguments.as_slice() else {
        bail!("TEMPLATE.typ DATA.json OUT.pdf [en]")
    };
    let fonts = std::env::var_os("COMITY_FONTS").unwrap_or_else(|| "target/fonts".into());
    let source = std::fs::read_to_string(template).with_context(|| template.clone())?;
    let order = Order {
        template: &Template { name: template.clone().leak(), source: source.leak() },
        data: serde_json::from_str(&std::fs::read_to_string(data).with_context(|| data.clone())?)?,
        title: data.clone(),
        language: Language::of(language.first().map_or("zh-CN", String::as_str)),
        date: jiff::civil::date(2026, 11, 23).at(9, 5, 0, 0),
    };
    let pdf = Press::open(Path::new(&fonts))?.print(&order)?;
    std::fs::write(out, &pdf.bytes)?;
    println!("{} {} bytes, {} pages, sha256 {}", out, pdf.bytes.len(), pdf.pages, pdf.sha256);
    Ok(())
}
