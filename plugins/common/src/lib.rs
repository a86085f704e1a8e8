//! What several of these plugins need and none should copy. Nothing here performs I/O.

pub mod fuel;
pub mod paging;
pub mod segments;
pub mod value;
