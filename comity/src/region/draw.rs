//! Draws from a seed: the same on every machine, and each purpose from a stream of its own.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of draws. Only whole numbers, so that no machine rounds differently.
pub struct Draw(ChaCha8Rng);

impl Draw {
    /// The stream of this number under the seed. A change in one purpose leaves the draws of the others as they were.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// A whole number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: usize) -> usize {
        // The high half of a 128-bit product: even to one part in 2^64 / bound.
        ((u128::from(self.0.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A whole number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1).max(1).unsigned_abs() as usize).cast_signed() as i64
    }

    /// True so many times out of a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several that are equally likely.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of several by their weights.
    pub fn weighted<'a, T>(&mut self, from: &'a [(T, usize)]) -> &'a T {
        let total: usize = from.iter().map(|(_, weight)| weight).sum();
        let mut place = self.below(total.max(1));
        for (item, weight) in from {
            if place < *weight {
                return item;
            }
            place -= weight;
        }
        &from[from.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draws = |seed, stream| {
            let mut draw = Draw::new(seed, stream);
            (0..20).map(|_| draw.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(1, 1), draws(1, 1));
        assert_ne!(draws(1, 1), draws(2, 1));
        assert_ne!(draws(1, 1), draws(1, 2));
    }

    #[test]
    fn weights_are_kept() {
        let mut draw = Draw::new(7, 0);
        let heads = (0..10_000).filter(|_| *draw.weighted(&[(true, 3), (false, 1)])).count();
        assert!((7_300..7_700).contains(&heads), "{heads}");
        assert!((0..1000).all(|_| (2..=4).contains(&draw.between(2, 4))));
    }
}
