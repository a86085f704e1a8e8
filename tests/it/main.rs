//! The tests of the whole product, one binary.

mod contract;
