/// The number of bytes at the start of a text that JSON does not escape: those before the first quote, backslash or
/// control character.
///
/// It checks eight bytes at once: nearly all texts are too short for a library's search to pay off. For a byte that must be
/// escaped, the subtraction sets a high bit that the byte does not have itself; bits above the first such byte can be
/// wrong, so that only the lowest one counts.
pub fn plain_length(text: &[u8]) -> usize {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let below = |word: u64, bound: u8| word.wrapping_sub(EACH * u64::from(bound)) & !word;
    let is = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let special = (below(word, b' ') | is(word, b'"') | is(word, b'\\')) & (EACH << 7);
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().take_while(|byte| !matches!(byte, ..b' ' | b'"' | b'\\')).count();
    words.len() * 8 + plain
}
