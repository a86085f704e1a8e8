//! What several of these plugins need and none should copy.

pub mod fuel;
pub mod login;
pub mod moments;
pub mod notices;
pub mod paging;
pub mod segments;
pub mod sms;
pub mod value;
