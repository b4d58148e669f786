//! Chance, the same at every run.

/// Splitmix64.
pub struct Dice(u64);

impl Dice {
    /// Of the seed that an environment variable has, else of this one.
    pub fn seeded(variable: &str, otherwise: u64) -> Self {
        let seed = std::env::var(variable).map_or(otherwise, |seed| {
            seed.parse()
                .unwrap_or_else(|_| panic!("{variable} is a number, not {seed}"))
        });
        println!("{variable}={seed}");
        Self(seed)
    }

    pub fn of_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to one below.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    pub fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}
