//! Numbers that look random and are the same for the same seed (SplitMix64), and numbers with right check digits.

/// A stream of numbers.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to `high`, both included.
    pub(super) fn from(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.next() % width).unwrap_or(0)
    }

    /// True this often in a hundred.
    pub(super) fn percent(&mut self, often: i64) -> bool {
        self.from(1, 100) <= often
    }

    pub(super) fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let last = i64::try_from(choices.len()).unwrap_or(1) - 1;
        &choices[usize::try_from(self.from(0, last)).unwrap_or(0)]
    }

    /// One of these words.
    pub(super) fn word(&mut self, words: &'static [&'static str]) -> &'static str {
        let word: &&'static str = self.one_of(words);
        word
    }

    /// That many digits.
    pub(super) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + u8::try_from(self.from(0, 9)).unwrap_or(0)))
            .collect()
    }

    /// A Saudi id (`first` 1) or residence number (2) with its Luhn digit.
    pub(super) fn national_id(&mut self, first: char) -> String {
        let body = format!("{first}{}", self.digits(8));
        let sum: u32 = body
            .chars()
            .filter_map(|c| c.to_digit(10))
            .enumerate()
            .map(|(place, digit)| {
                if place % 2 == 0 {
                    digit * 2 / 10 + digit * 2 % 10
                } else {
                    digit
                }
            })
            .sum();
        format!("{body}{}", (10 - sum % 10) % 10)
    }

    /// A Saudi account number of a bank with its check digits.
    pub(super) fn iban(&mut self, bank: &str) -> String {
        let account = format!("{bank}{}", self.digits(18));
        // ISO 13616: the country's letters (S is 28, A is 10) and 00 go to the end.
        let rest = format!("{account}281000")
            .chars()
            .filter_map(|c| c.to_digit(10))
            .fold(0, |rest: u32, digit| (rest * 10 + digit) % 97);
        format!("SA{:02}{account}", 98 - rest)
    }
}
