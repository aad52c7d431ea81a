//! Inputs that begin with a valid text now and then, whose first byte selects what the text is.

use libfuzzer_sys::fuzzer_mutate;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Mutates an input, or every twentieth time one of the seeds with its index as the first byte. Returns the new length.
pub(crate) fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32, seeds: &[&str]) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    if random.random_range(0..20) > 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let kind = random.random_range(0..seeds.len());
    let text = seeds[kind].as_bytes();
    let length = text.len().min(max_size.saturating_sub(1));
    data[0] = kind as u8;
    data[1..=length].copy_from_slice(&text[..length]);
    fuzzer_mutate(data, length + 1, max_size)
}
