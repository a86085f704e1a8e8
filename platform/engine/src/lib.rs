//! The one engine that serves every declared resource.
//!
//! `operations` turns a declaration into operations; `read`, `write`, `import` and `export` run them; `sql` is the only place
//! in the product where SQL text is built at run time; `rows` writes JSON from the database's binary values;
//! `describe` says what there is. Modules use [`load`], [`load_within`], [`create`], [`create_many`] and [`change`] for what is not a plain verb.

mod bulk;
mod describe;
mod export;
mod history;
mod numbers;
mod operations;
mod query;
mod read;
mod record;
mod rows;
mod schema;
mod scope;
mod search;
mod sql;
mod trail;
mod values;
mod write;

pub use describe::describe;
pub use operations::{Builder, Run, parameter, resource_operations};
pub use query::visible;
pub use record::record;
pub use schema::row as row_schema;
pub use scope::load_within;
pub use search::{Found, search};
pub use sql::{Statement, array_type, table};
pub use values::{begun, broken};
pub use write::{act, change, create, create_many, insert_rows, load};

/// Hand-written statements of this crate, for the test that prepares each of them.
pub fn statements() -> Vec<&'static str> {
    [history::STATEMENTS, numbers::STATEMENTS].concat()
}
