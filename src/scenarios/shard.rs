use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several parts of equal size into which work is divided, such as over the jobs of a CI run: `2/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Shard {
    /// From 1 to `count`.
    number: u32,
    count: u32,
}

/// A text is no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the number of the shard and how many there are, such as 2/8; both are from 1 to 10000")]
pub struct ShardError;

/// The maximum number of shards.
const MAX_COUNT: u32 = 10_000;

impl Shard {
    /// Whether the shard has the item at a position of a list, from 0. Neighbours, which often take equally long, are in
    /// different shards.
    pub fn has_position(self, position: usize) -> bool {
        position as u64 % u64::from(self.count) == u64::from(self.number - 1)
    }

    /// Whether the shard has the item of a name. It stays in its shard when other items are added.
    pub fn has_name(self, name: &str) -> bool {
        // FNV-1a: the same on every machine and in every version.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        hash % u64::from(self.count) == u64::from(self.number - 1)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (number, count) = text.split_once('/').ok_or(ShardError)?;
        let shard =
            Self { number: number.parse().map_err(|_| ShardError)?, count: count.parse().map_err(|_| ShardError)? };
        let is_valid = (1..=MAX_COUNT).contains(&shard.count) && (1..=shard.count).contains(&shard.number);
        if is_valid { Ok(shard) } else { Err(ShardError) }
    }
}

impl TryFrom<String> for Shard {
    type Error = ShardError;

    fn try_from(text: String) -> Result<Self, ShardError> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.count)
    }
}
