//! Embedded files are part of this crate: when they change it must be compiled again.

fn main() {
    for folder in ["law", "region"] {
        println!("cargo:rerun-if-changed=../{folder}");
    }
}
