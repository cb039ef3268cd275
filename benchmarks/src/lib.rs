//! What measurements and fault tests share: the browser that brings the load.

mod client;

pub use client::{Answer, Client};

/// The fields of an application for a new licence, under this name of a shop.
pub fn application(trade_name: &str) -> [(&'static str, &str); 11] {
    [
        ("subject", "individual"),
        ("name", "沈阿珍"),
        ("identity_number", "330421196802150025"),
        ("phone", "13857312345"),
        ("trade_name", trade_name),
        ("address", "嘉善县西塘镇南苑路12号"),
        ("division", "330421103"),
        ("point", "120.89, 30.94"),
        ("premises_kind", "grocery"),
        ("area", "town"),
        ("scope", "cigarettes"),
    ]
}
