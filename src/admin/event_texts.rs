use std::num::NonZeroUsize;

use bytes::Bytes;
use lru::LruCache;
use parking_lot::Mutex;

/// How many texts are stored, and the size up to which they are, bytes.
const MAX_TEXTS: NonZeroUsize = NonZeroUsize::new(256).expect("it is not 0");
const MAX_SIZE: usize = 64 << 10;

/// The texts of the last events, by their positions in the journal: an event is written once for all who follow it.
pub(crate) struct EventTexts(Mutex<LruCache<u64, Bytes>>);

impl Default for EventTexts {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MAX_TEXTS)))
    }
}

impl EventTexts {
    /// The text of an event, which `write` writes if it is not stored. `None` if it has none.
    pub(super) fn text(&self, position: u64, write: impl FnOnce() -> Option<String>) -> Option<Bytes> {
        if let Some(text) = self.0.lock().get(&position) {
            return Some(text.clone());
        }
        let text = Bytes::from(write()?);
        if text.len() <= MAX_SIZE {
            self.0.lock().put(position, text.clone());
        }
        Some(text)
    }
}
