use compact_str::CompactString;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::openapi::random::{stream, uid};

/// The world's source of UIDs and of every other accident: one named algorithm, one seed.
#[derive(Clone, Debug)]
pub struct Ids {
    random: ChaCha8Rng,
    seed: u64,
}

impl Ids {
    /// The ids of that seed.
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), seed }
    }

    /// A new UID: 16 lowercase alphanumerics, as the API's own.
    pub fn uid(&mut self) -> CompactString {
        uid(&mut self.random)
    }

    /// A random number of 128 bits.
    pub fn number(&mut self) -> u128 {
        (u128::from(self.random.next_u64()) << 64) | u128::from(self.random.next_u64())
    }

    /// How much has been drawn.
    pub(super) fn drawn(&self) -> u128 {
        self.random.get_word_pos()
    }

    /// A source of randomness of its own for each name, which does not depend on what was drawn before.
    pub fn stream(&self, name: &str) -> ChaCha8Rng {
        stream(self.seed, name)
    }

    /// The source of randomness itself, for generated people.
    pub fn random(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }
}
