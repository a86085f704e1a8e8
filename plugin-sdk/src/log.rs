//! Lines an administrator can read with the run. Never write personal data; secrets cannot be written.

use crate::bindings::barq::plugin::log::{Level, write};

fn line(level: Level, message: &str, fields: &[(&str, &dyn std::fmt::Display)]) {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_string()))
        .collect();
    write(level, message, &fields);
}

pub fn debug(message: &str, fields: &[(&str, &dyn std::fmt::Display)]) {
    line(Level::Debug, message, fields);
}

pub fn info(message: &str, fields: &[(&str, &dyn std::fmt::Display)]) {
    line(Level::Info, message, fields);
}

pub fn warn(message: &str, fields: &[(&str, &dyn std::fmt::Display)]) {
    line(Level::Warn, message, fields);
}

pub fn error(message: &str, fields: &[(&str, &dyn std::fmt::Display)]) {
    line(Level::Error, message, fields);
}
