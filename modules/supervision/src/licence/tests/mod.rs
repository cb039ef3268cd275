//! Tests of the pure parts: the stored format, the path of an application, the papers.

mod format;
mod guards;
mod papers;
mod path;
mod scene;
mod standings;
mod texts;
