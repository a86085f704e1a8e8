//! Lines an administrator can read with the call. Never write personal data; secrets cannot be written.
//!
//! `log::info("Read a page", &[("rows", &12)])`, or with a text put together on the spot `info!("{rows} rows")`.

use std::fmt::Display;

use crate::bindings::barq::plugin::log::{Level, write};

fn line(level: Level, message: &str, fields: &[(&str, &dyn Display)]) {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect();
    write(level, message, &fields);
}

pub fn debug(message: &str, fields: &[(&str, &dyn Display)]) {
    line(Level::Debug, message, fields);
}

pub fn info(message: &str, fields: &[(&str, &dyn Display)]) {
    line(Level::Info, message, fields);
}

pub fn warn(message: &str, fields: &[(&str, &dyn Display)]) {
    line(Level::Warn, message, fields);
}

pub fn error(message: &str, fields: &[(&str, &dyn Display)]) {
    line(Level::Error, message, fields);
}

/// A line for whoever looks for a fault.
#[macro_export]
macro_rules! debug {
    ($($text:tt)+) => { $crate::log::debug(&::std::format!($($text)+), &[]) };
}

/// A line about what was done.
#[macro_export]
macro_rules! info {
    ($($text:tt)+) => { $crate::log::info(&::std::format!($($text)+), &[]) };
}

/// A line about something that is not as it should be.
#[macro_export]
macro_rules! warn {
    ($($text:tt)+) => { $crate::log::warn(&::std::format!($($text)+), &[]) };
}

/// A line about something that failed.
#[macro_export]
macro_rules! error {
    ($($text:tt)+) => { $crate::log::error(&::std::format!($($text)+), &[]) };
}
