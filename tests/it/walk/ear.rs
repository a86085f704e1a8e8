//! Listens for many words at once: thousands of them, in megabytes of answers.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use anyhow::Result;

/// Words that must not be said.
pub struct Ear {
    words: Vec<String>,
    search: AhoCorasick,
}

impl Ear {
    pub fn new(words: Vec<String>) -> Result<Self> {
        let search = AhoCorasick::new(&words)?;
        Ok(Self { words, search })
    }

    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// Those of the words that a text has, also inside of each other.
    pub fn hears(&self, text: &str) -> BTreeSet<&str> {
        let found = self.search.find_overlapping_iter(text);
        found.map(|found| self.words[found.pattern()].as_str()).collect()
    }
}

#[test]
fn every_word_is_heard_wherever_it_stands() {
    let words = ["salary", "lary", "alar", "none"].map(str::to_owned).to_vec();
    let ear = Ear::new(words).expect("few words");
    assert_eq!(ear.hears("the salary is"), BTreeSet::from(["alar", "lary", "salary"]));
    assert!(ear.hears("the wage is").is_empty());
}
