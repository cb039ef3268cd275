//! The engine tried on rules of real places, on made-up worlds, and on files that are at fault.

mod faults;
mod properties;
mod scene;
mod suqian;
mod tianjin;
mod wanning;
mod wuhan;
