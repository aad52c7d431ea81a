use std::num::NonZeroUsize;

use bytes::Bytes;
use lru::LruCache;
use parking_lot::Mutex;

use super::redaction::credential_ids;
use crate::request::{Redactor, State};

/// How many texts are stored, and the size up to which they are, bytes.
const MAX_TEXTS: NonZeroUsize = NonZeroUsize::new(256).expect("it is not 0");
const MAX_SIZE: usize = 64 << 10;
/// How many redactors are stored. Most sessions have the same credentials.
const MAX_REDACTORS: NonZeroUsize = NonZeroUsize::new(8).expect("it is not 0");

/// The texts of the last events, by their positions in the journal: an event is written once for all who follow it.
pub(crate) struct EventTexts {
    texts: Mutex<LruCache<u64, Bytes>>,
    /// What hides credentials, by the credentials. It takes more time and memory to make than the texts of many events.
    redactors: Mutex<LruCache<Vec<String>, Redactor>>,
}

impl Default for EventTexts {
    fn default() -> Self {
        let (texts, redactors) = (LruCache::new(MAX_TEXTS), LruCache::new(MAX_REDACTORS));
        Self { texts: Mutex::new(texts), redactors: Mutex::new(redactors) }
    }
}

impl EventTexts {
    /// The text of an event, which `write` writes if it is not stored. `None` if it has none.
    pub(super) fn text(&self, position: u64, write: impl FnOnce() -> Option<String>) -> Option<Bytes> {
        if let Some(text) = self.texts.lock().get(&position) {
            return Some(text.clone());
        }
        let text = Bytes::from(write()?);
        if text.len() <= MAX_SIZE {
            self.texts.lock().put(position, text.clone());
        }
        Some(text)
    }

    /// What hides the credentials of a state.
    pub(super) fn redactor(&self, state: &State) -> Redactor {
        let ids = credential_ids(state);
        self.redactors.lock().get_or_insert_ref(ids.as_slice(), || Redactor::new(&ids)).clone()
    }
}
