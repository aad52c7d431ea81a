/// How many bytes of a text stand in JSON as they are: those before the first quote, backslash or control character.
///
/// It looks at eight bytes at once: nearly all texts are shorter than what makes a library's search worth its call. In a
/// byte that is odd the highest bit of a difference is set which it does not have itself; above the first odd one it may
/// be set for nothing.
pub fn plain_length(text: &[u8]) -> usize {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let below = |word: u64, bound: u8| word.wrapping_sub(EACH * u64::from(bound)) & !word;
    let is = |word: u64, byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    let (words, rest) = text.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let odd = (below(word, b' ') | is(word, b'"') | is(word, b'\\')) & (EACH << 7);
        if odd != 0 {
            return index * 8 + odd.trailing_zeros() as usize / 8;
        }
    }
    let plain = rest.iter().take_while(|byte| !matches!(byte, ..b' ' | b'"' | b'\\')).count();
    words.len() * 8 + plain
}
