//! Which records can have a part of a text: a filter by blocks of records, without the texts themselves.
//!
//! The signature of a block has a bit for each hash of a few bytes in a row that its texts contain. The signatures of a group of
//! blocks are stored by columns: one word has a bit of all blocks of the group, so that a search reads few words from memory. Each
//! record of a block has a word with a bit for each hash, too, so that a search reads few records that do not have the part.

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::Record;
use super::index::{InOrder, Texts};

/// The number of records of a block: those with neighbouring indexes in the order of creation.
const BLOCK_RECORDS: u64 = 256;

/// The number of blocks of a group: the bits of a word.
const GROUP: u64 = u64::BITS as u64;

/// The number of blocks of a group from which it has columns. They take as much memory as the signatures of all its blocks.
const MIN_COLUMNS: usize = 32;

/// The number of blocks of a group with signatures of their own from which they are moved to its columns, if it has any.
const MAX_OWN: usize = 8;

/// The bits in the signature of a block. Each part of a text sets one of them.
const BITS: usize = 1 << 16;

/// The writes to a block after which its signature is made anew, so that texts of earlier versions of records leave it.
const MAX_WRITES: u32 = 1024;

/// The number of bits that are looked at in each group, also if no block has one of them.
const AT_ONCE: usize = 4;

/// From how many blocks a search learns which bits are rare.
const SAMPLES: usize = 16;

/// The signatures of all blocks of records.
#[derive(Clone, Default)]
pub(super) struct Signatures {
    /// By the number of the group. Texts that were added later are only in `blocks`.
    groups: imbl::OrdMap<u64, Group>,
    /// By the number of the block: texts that are not in the columns of its group.
    blocks: imbl::OrdMap<u64, Block>,
    /// By the number of the block: the word of each record.
    words: imbl::OrdMap<u64, Arc<[u64; BLOCK_RECORDS as usize]>>,
}

/// Neighbouring blocks.
#[derive(Clone)]
struct Group {
    /// For each bit of a signature, which blocks have it.
    columns: Arc<[u64]>,
    /// The writes to each block.
    writes: [u32; GROUP as usize],
}

/// A block with a signature of its own.
#[derive(Clone)]
struct Block {
    signature: Arc<[u64; BITS / 64]>,
    writes: u32,
}

impl Signatures {
    /// Adds the texts of the record at a place. `records` are all records, with the new one; `texts` are those of any record.
    pub(super) fn add(&mut self, place: u64, new: &Texts, (texts, records): (fn(&Record) -> Texts, &InOrder)) {
        let number = place / BLOCK_RECORDS;
        let new: Vec<usize> = bits_of(new).collect();
        let words = self.words.entry(number).or_insert_with(|| Arc::new([0; BLOCK_RECORDS as usize]));
        Arc::make_mut(words)[(place % BLOCK_RECORDS) as usize] = word(new.iter().copied());
        if !self.blocks.contains_key(&number) {
            self.begin_block(number);
        }
        let Some(block) = self.blocks.get_mut(&number) else { return };
        block.add(new.into_iter());
        if block.writes > MAX_WRITES {
            *block = Block::new(0);
            records.range(places(number)).for_each(|(_, record)| block.add(bits_of(&texts(record))));
            block.writes = 0;
            if let Some(group) = self.groups.get_mut(&(number / GROUP)) {
                group.forget(number);
            }
        }
    }

    /// Adds a block with a signature of its own. Where it is one too many, the others move to the columns of their group; those of
    /// the last group do when the next one begins.
    fn begin_block(&mut self, number: u64) {
        let group = number / GROUP;
        let writes = self.groups.get(&group).map_or(0, |group| group.writes[(number % GROUP) as usize]);
        if let Some((last, _)) = self.blocks.get_max()
            && *last / GROUP < group
            && self.groups.contains_key(&(*last / GROUP))
        {
            let last = *last / GROUP;
            self.move_blocks(last);
        }
        let most = if self.groups.contains_key(&group) { MAX_OWN } else { MIN_COLUMNS };
        if self.blocks.range(group * GROUP..(group + 1) * GROUP).count() >= most {
            self.move_blocks(group);
        }
        self.blocks.insert(number, Block::new(writes));
    }

    /// Moves the blocks of a group with signatures of their own to its columns.
    fn move_blocks(&mut self, number: u64) {
        let group = self.groups.entry(number).or_insert_with(Group::new);
        let columns = Arc::make_mut(&mut group.columns);
        let numbers: Vec<u64> =
            self.blocks.range(number * GROUP..(number + 1) * GROUP).map(|(block, _)| *block).collect();
        for number in numbers {
            let Some(block) = self.blocks.remove(&number) else { continue };
            block.bits().for_each(|bit| columns[bit] |= 1 << (number % GROUP));
            group.writes[(number % GROUP) as usize] = block.writes;
        }
    }

    /// The records that can have that part in a text, in order, each with its place; there may be others among them. `None` if
    /// the part is too short.
    pub(super) fn records_with<'s>(
        &'s self,
        part: &str,
        records: &'s InOrder,
    ) -> Option<impl Iterator<Item = (u64, &'s Arc<Record>)> + use<'s>> {
        let mut bits: Vec<usize> = bits(part).collect();
        if bits.is_empty() {
            return None;
        }
        let wanted = word(bits.iter().copied());
        // Each bit costs a fetch from memory. Those that few blocks have come first, so that most blocks cost few.
        match self.groups.values().next() {
            Some(group) => bits.sort_by_cached_key(|bit| group.columns[*bit].count_ones()),
            None => {
                let samples: Vec<&Block> = self.blocks.values().take(SAMPLES).collect();
                bits.sort_by_cached_key(|bit| samples.iter().filter(|block| block.has(*bit)).count());
            }
        }
        let blocks = self.blocks_with(&bits);
        Some(blocks.into_iter().flat_map(move |number| {
            let words = self.words.get(&number);
            let can_have =
                move |place: u64| words.is_some_and(|words| words[(place % BLOCK_RECORDS) as usize] & wanted == wanted);
            // Most blocks that have all parts have them in different records.
            let range = places(number).any(can_have).then(|| records.range(places(number)));
            let found = range.into_iter().flatten().filter(move |(place, _)| can_have(**place));
            found.map(|(place, record)| (*place, record))
        }))
    }

    /// The blocks with all these bits, in order: those in which texts that have them together can be. The rarest bits come first.
    fn blocks_with(&self, bits: &[usize]) -> Vec<u64> {
        // The first bits are fetched for many groups at once: no fetch waits for another one.
        let (first, rest) = bits.split_at(bits.len().min(AT_ONCE));
        let mut blocks = Vec::new();
        for (number, group) in &self.groups {
            let with = |found: u64, bits: &[usize]| bits.iter().fold(found, |found, bit| found & group.columns[*bit]);
            let mut found = with(u64::MAX, first);
            if found != 0 {
                found = with(found, rest);
            }
            while found != 0 {
                blocks.push(number * GROUP + u64::from(found.trailing_zeros()));
                found &= found - 1;
            }
        }
        let own = self.blocks.iter().filter(|(_, block)| bits.iter().all(|bit| block.has(*bit)));
        blocks.extend(own.map(|(number, _)| *number));
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }
}

impl Group {
    fn new() -> Self {
        Self { columns: std::iter::repeat_n(0, BITS).collect(), writes: [0; GROUP as usize] }
    }

    /// Forgets the texts of a block.
    fn forget(&mut self, block: u64) {
        let others = !(1 << (block % GROUP));
        Arc::make_mut(&mut self.columns).iter_mut().for_each(|column| *column &= others);
    }
}

impl Block {
    fn new(writes: u32) -> Self {
        Self { signature: Arc::new([0; BITS / 64]), writes }
    }

    /// Adds the bits of the texts of a record.
    fn add(&mut self, bits: impl Iterator<Item = usize>) {
        let signature = Arc::make_mut(&mut self.signature);
        for bit in bits {
            signature[bit / 64] |= 1 << (bit % 64);
        }
        self.writes += 1;
    }

    fn has(&self, bit: usize) -> bool {
        self.signature[bit / 64] & 1 << (bit % 64) != 0
    }

    /// The bits that it has.
    fn bits(&self) -> impl Iterator<Item = usize> {
        self.signature.iter().enumerate().flat_map(|(index, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros())?;
                word &= word - 1;
                Some(index * 64 + bit as usize)
            })
        })
    }
}

/// The word of a record whose texts have these bits.
fn word(bits: impl Iterator<Item = usize>) -> u64 {
    // The highest bits of a hash: any others would do.
    bits.fold(0, |word, bit| word | 1 << (bit * 64 / BITS))
}

/// The places of a block.
fn places(block: u64) -> RangeInclusive<u64> {
    block * BLOCK_RECORDS..=block * BLOCK_RECORDS + (BLOCK_RECORDS - 1)
}

/// The bits of the texts of a record.
fn bits_of(texts: &Texts) -> impl Iterator<Item = usize> + '_ {
    texts.iter().flat_map(|text| bits(text))
}

/// The bits of a text in a signature: of three bytes in a row, and of five, which tell more texts apart.
fn bits(text: &str) -> impl Iterator<Item = usize> {
    let windows = |size: usize| text.as_bytes().windows(size);
    windows(3).chain(windows(5)).map(|bytes| {
        // The multiplier of Fibonacci hashing; the highest 16 bits are the best ones.
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
    })
}
