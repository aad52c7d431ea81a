//! Random sources and random identifiers. Everything is reproducible for a seed.

use compact_str::CompactString;
use rand::Rng;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// A random source for one purpose. It depends on the seed and the name only, not on earlier draws.
pub fn stream(seed: u64, name: &str) -> ChaCha8Rng {
    let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(name).finalize();
    ChaCha8Rng::from_seed(digest.into())
}

/// A UID: 16 lowercase alphanumeric characters.
pub fn uid(random: &mut impl Rng) -> CompactString {
    const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut uid = [0; 16];
    for half in uid.chunks_mut(8) {
        let mut drawn = random.next_u64();
        for index in half {
            *index = ALPHABET[(drawn % 36) as usize];
            drawn /= 36;
        }
    }
    CompactString::from_utf8(uid).expect("letters and digits are UTF-8")
}

/// A UUID, version 4.
pub fn uuid(random: &mut impl Rng) -> String {
    let hex = format!("{:032x}", random.random::<u128>());
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
