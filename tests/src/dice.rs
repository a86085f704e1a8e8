//! Randomness that can be repeated: a failed run prints its seed.

/// A small generator (`SplitMix64`).
pub struct Dice {
    /// What it started from; `BARQ_TEST_SEED` sets it.
    pub seed: u64,
    state: u64,
}

impl Dice {
    /// With the seed of the environment, else a new one.
    pub fn seeded() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "whoever repeats a run hands the seed over this way"
        )]
        let given = std::env::var("BARQ_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from(u32::from_be_bytes(platform_core::ids::random_bytes())));
        Self { seed, state: seed }
    }

    /// Another one that follows from this one.
    pub fn fork(&mut self) -> Self {
        let state = self.next();
        Self { seed: self.seed, state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.next() % end).unwrap_or(0)
    }
}
