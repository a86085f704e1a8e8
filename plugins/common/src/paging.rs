//! Which page comes next, and when a provider's paging cannot be trusted.

use barq_plugin::time::Date;
use barq_plugin::{Failure, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::value::hex;

/// Days asked for at once: bounded, so that the page limit means the same however long the first run reaches back.
const PERIOD_DAYS: i64 = 31;
/// A list that keeps shrinking while it is read is not read for ever.
const MAX_RESTARTS: u32 = 3;

/// What an answer says about its place in the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Rows in it.
    pub rows: usize,
    pub last_page: Option<u32>,
    /// Whether the provider says that another page follows; `None` when it does not say.
    pub next: Option<bool>,
    /// Of the rows: equal pages have equal hashes.
    pub hash: String,
}

impl Answer {
    /// Whether a page follows. A provider that does not say is asked until a page is empty.
    fn more_after(&self, page: u32) -> bool {
        match (self.last_page, self.next) {
            _ if self.rows == 0 => false,
            (Some(last), _) => page < last,
            (None, Some(next)) => next,
            (None, None) => true,
        }
    }
}

/// One hash of all rows of a page, each as text.
pub fn hash_of(rows: impl Iterator<Item = String>) -> String {
    let mut hasher = Sha256::new();
    for row in rows {
        hasher.update(row);
        hasher.update([0]);
    }
    hex(&hasher.finalize()[..12])
}

/// One page of the provider's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub from: Date,
    pub to: Date,
    pub page: u32,
    /// Rows of the page that were returned already.
    pub row: usize,
}

/// Where reading continues. Kept by the platform as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The earliest day ever asked for: an earlier one starts over.
    since: String,
    from: String,
    to: String,
    page: u32,
    #[serde(default)]
    row: usize,
    /// Hashes of the first page and of the page before, to notice a provider that always answers the same.
    #[serde(default)]
    first: String,
    #[serde(default)]
    seen: String,
    /// Hash of the page that is being returned in parts.
    #[serde(default)]
    body: String,
    #[serde(default)]
    restarts: u32,
    /// The whole period is read; the next run starts another.
    #[serde(default)]
    done: bool,
}

/// What to do after a page.
#[derive(Debug, PartialEq, Eq)]
pub struct Next {
    pub cursor: Cursor,
    pub more: bool,
}

impl Cursor {
    /// Continues from a stored cursor, or starts at `since`.
    pub fn resume(text: Option<&str>, since: Date, today: Date, overlap_days: i64) -> Result<Self> {
        let since = since.min(today);
        let stored: Option<Self> = match text {
            None => None,
            Some(text) => Some(serde_json::from_str(text).map_err(|e| bad_cursor(&e.to_string()))?),
        };
        let Some(stored) = stored else {
            return Ok(Self::start(since, since, today));
        };
        let (first, _, to) = (day(&stored.since)?, day(&stored.from)?, day(&stored.to)?);
        if since < first {
            return Ok(Self::start(since, since, today));
        }
        if !stored.done {
            return Ok(stored);
        }
        let again = to.plus_days(-overlap_days).max(since).min(today);
        Ok(Self::start(first, again, today))
    }

    fn start(since: Date, from: Date, today: Date) -> Self {
        Self {
            since: since.to_string(),
            from: from.to_string(),
            to: from.plus_days(PERIOD_DAYS - 1).min(today).to_string(),
            page: 1,
            row: 0,
            first: String::new(),
            seen: String::new(),
            body: String::new(),
            restarts: 0,
            done: false,
        }
    }

    pub fn position(&self) -> Position {
        let day = |text: &str| day(text).expect("a cursor's days were read when it was resumed");
        Position {
            from: day(&self.from),
            to: day(&self.to),
            page: self.page,
            row: self.row,
        }
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("a cursor is text and numbers")
    }

    /// Decides what follows a page of which `rest` rows are still to be returned.
    pub fn advance(mut self, answer: &Answer, rest: usize, today: Date, page_limit: u32) -> Result<Next> {
        if self.row > 0 && self.body != answer.hash {
            // The file changed between two parts of it: from its beginning again.
            return self.restart();
        }
        if answer.last_page.is_some_and(|last| last < self.page) && self.page > 1 {
            // The list became shorter while it was read: bills moved to pages that were read before.
            return self.restart();
        }
        let again = [&self.first, &self.seen].contains(&&answer.hash);
        if self.page > 1 && self.row == 0 && answer.rows > 0 && again {
            return Err(Failure::permanent(
                "repeated_page",
                format!(
                    "The provider answers page {} with the bills of a page before.",
                    self.page
                ),
            ));
        }
        if rest > 0 {
            self.row = answer.rows - rest;
            self.body.clone_from(&answer.hash);
            return Ok(Next {
                cursor: self,
                more: true,
            });
        }
        (self.row, self.body) = (0, String::new());
        if answer.more_after(self.page) {
            if self.page >= page_limit {
                return Err(Failure::permanent(
                    "page_limit",
                    format!(
                        "The provider offers more than {page_limit} pages for {} to {}.",
                        self.from, self.to
                    ),
                ));
            }
            if self.page == 1 {
                self.first.clone_from(&answer.hash);
            }
            self.page += 1;
            self.seen.clone_from(&answer.hash);
            return Ok(Next {
                cursor: self,
                more: true,
            });
        }
        let to = day(&self.to)?;
        if to < today {
            let next = Self::start(day(&self.since)?, to.plus_days(1), today);
            return Ok(Next {
                cursor: next,
                more: true,
            });
        }
        self.done = true;
        Ok(Next {
            cursor: self,
            more: false,
        })
    }

    fn restart(mut self) -> Result<Next> {
        if self.restarts >= MAX_RESTARTS {
            return Err(Failure::transient(
                "list_changes",
                "The provider's list keeps changing while it is read.",
            ));
        }
        self.restarts += 1;
        (self.page, self.row) = (1, 0);
        (self.first, self.seen, self.body) = (String::new(), String::new(), String::new());
        Ok(Next {
            cursor: self,
            more: true,
        })
    }
}

fn day(text: &str) -> Result<Date> {
    Date::parse(text).ok_or_else(|| bad_cursor(text))
}

fn bad_cursor(what: &str) -> Failure {
    Failure::permanent("bad_cursor", format!("The stored position cannot be read: {what}."))
}

#[cfg(test)]
mod tests;
