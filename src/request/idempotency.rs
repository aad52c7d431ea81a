use std::collections::VecDeque;

use bytes::Bytes;

use super::Response;

/// The maximum number of keys, and of the bytes of their requests and responses.
const MAX_KEYS: usize = 1000;
const MAX_BYTES: usize = 8 << 20;

/// The responses to requests with an idempotency key, by key; the oldest are forgotten first.
#[derive(Clone, Default)]
pub struct IdempotencyKeys {
    known: VecDeque<Answered>,
    bytes: usize,
    /// The number of responses that have been stored.
    stored: u64,
}

#[derive(Clone)]
struct Answered {
    key: Box<[u8]>,
    body: Bytes,
    response: Response,
}

impl Answered {
    fn size(&self) -> usize {
        self.key.len() + self.body.len() + self.response.body.len()
    }
}

impl IdempotencyKeys {
    /// The body of the request that had a key, and the response to it.
    pub fn find(&self, key: &[u8]) -> Option<(&Bytes, &Response)> {
        let known = self.known.iter().rev().find(|known| *known.key == *key)?;
        Some((&known.body, &known.response))
    }

    /// All keys with the body of their request and the response, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Bytes, &Response)> {
        self.known.iter().map(|known| (&*known.key, &known.body, &known.response))
    }

    /// Forgets the keys for which `is_kept` is false.
    pub fn retain(&mut self, mut is_kept: impl FnMut(&[u8], &Bytes, &Response) -> bool) {
        self.known.retain(|known| is_kept(&known.key, &known.body, &known.response));
        self.bytes = self.known.iter().map(Answered::size).sum();
    }

    /// The number of responses that have been stored, also those that are forgotten.
    pub fn stored(&self) -> u64 {
        self.stored
    }

    /// Stores a response, unless it is too large.
    pub fn store(&mut self, key: &[u8], body: &Bytes, response: &Response) {
        let answered = Answered { key: key.into(), body: body.clone(), response: response.clone() };
        if answered.size() > MAX_BYTES / 4 {
            return;
        }
        self.bytes += answered.size();
        self.stored += 1;
        self.known.push_back(answered);
        while self.known.len() > MAX_KEYS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.known.pop_front() else { return };
            self.bytes -= oldest.size();
        }
    }
}
