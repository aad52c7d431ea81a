use compact_str::CompactString;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::openapi::random::{stream, uid};

/// The source of ids and of all other randomness of a state: ChaCha8 with one seed.
#[derive(Clone, Debug)]
pub struct Ids {
    random: ChaCha8Rng,
    seed: u64,
}

impl Ids {
    /// The source for a seed.
    pub fn new(seed: u64) -> Self {
        Self { random: ChaCha8Rng::seed_from_u64(seed), seed }
    }

    /// A new UID: 16 lowercase letters and digits.
    pub fn uid(&mut self) -> CompactString {
        uid(&mut self.random)
    }

    /// A random number of 128 bits.
    pub fn number(&mut self) -> u128 {
        (u128::from(self.random.next_u64()) << 64) | u128::from(self.random.next_u64())
    }

    /// Skips what another source of the same seed has already used, so that no id is generated twice.
    pub fn skip_used_by(&mut self, other: &Self) {
        if self.seed == other.seed && self.position() < other.position() {
            self.random = other.random.clone();
        }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How much of the random stream has been used, in words of 32 bits.
    pub fn position(&self) -> u128 {
        self.random.get_word_pos()
    }

    /// Continues at a place in the random stream.
    pub fn set_position(&mut self, position: u128) {
        self.random.set_word_pos(position);
    }

    /// An independent source of randomness for a name; it does not depend on earlier use.
    pub fn stream(&self, name: &str) -> ChaCha8Rng {
        stream(self.seed, name)
    }

    /// The source of randomness itself.
    pub fn random(&mut self) -> &mut ChaCha8Rng {
        &mut self.random
    }
}
