use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{FieldValue, Fields, Record};

/// What a record takes besides its fields, bytes: an estimate of the nodes of maps that refer to it.
const RECORD_SIZE: usize = 200;

/// What a byte of a body takes at most as a record, bytes: in a list of digits, two bytes of text become a field value of 24.
const BYTES_PER_BYTE: usize = 12;

/// What a record without a body takes at most, bytes.
const EMPTY_RECORD: usize = 4096;

/// The records take the maximum of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the records of all sessions take {} of {} MiB; reset or delete sessions, or start the server with a higher --max-memory",
    used >> 20,
    limit >> 20
)]
pub struct MemoryFull {
    /// The size of all records, bytes.
    pub used: usize,
    /// The maximum, bytes.
    pub limit: usize,
}

/// Counts the bytes of the records that exist, wherever they are held: in sessions, among deleted records, in the journal; and
/// of the orders of lists.
#[derive(Debug)]
pub struct MemoryMeter {
    used: AtomicUsize,
    limit: usize,
}

/// The share of a record or an order in a meter, until it is dropped. A clone of the record has none.
#[derive(Default)]
pub(super) struct Charge(Option<(Arc<MemoryMeter>, usize)>);

impl MemoryMeter {
    /// A meter with a limit, bytes.
    pub fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), limit }
    }

    /// The size of all records, bytes: an estimate.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The maximum size, bytes.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Checks that a request with a body of so many bytes can be served.
    ///
    /// # Errors
    /// If its records could take more memory than there is.
    pub fn room_for_body(&self, size: usize) -> Result<(), MemoryFull> {
        let (used, limit) = (self.used(), self.limit);
        match used.saturating_add(size * BYTES_PER_BYTE + EMPTY_RECORD) <= limit {
            true => Ok(()),
            false => Err(MemoryFull { used, limit }),
        }
    }

    /// Counts a record.
    pub(super) fn charge(self: &Arc<Self>, record: &Record) -> Charge {
        self.charge_size(RECORD_SIZE + fields_size(&record.fields))
    }

    /// Counts what takes that many bytes.
    pub(super) fn charge_size(self: &Arc<Self>, size: usize) -> Charge {
        self.used.fetch_add(size, Ordering::Relaxed);
        Charge(Some((Arc::clone(self), size)))
    }
}

/// Without a limit.
impl Default for MemoryMeter {
    fn default() -> Self {
        Self::new(usize::MAX)
    }
}

impl Charge {
    /// The share, bytes.
    pub(super) fn size(&self) -> usize {
        self.0.as_ref().map_or(0, |(_, size)| *size)
    }

    /// Whether it is a share in that meter.
    pub(super) fn is_of(&self, meter: &Arc<MemoryMeter>) -> bool {
        self.0.as_ref().is_some_and(|(own, _)| Arc::ptr_eq(own, meter))
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        if let Some((meter, size)) = &self.0 {
            meter.used.fetch_sub(*size, Ordering::Relaxed);
        }
    }
}

impl Clone for Charge {
    fn clone(&self) -> Self {
        Self(None)
    }
}

/// What a record is does not depend on its share.
impl PartialEq for Charge {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.size())
    }
}

fn fields_size(fields: &Fields) -> usize {
    fields.own_names_size() + fields.values().map(value_size).sum::<usize>()
}

/// What a value takes, bytes.
pub(super) fn value_size(value: &FieldValue) -> usize {
    let heap = match value {
        FieldValue::Null | FieldValue::Bool(_) | FieldValue::Integer(_) | FieldValue::Decimal(_) => 0,
        FieldValue::Number(digits) => digits.len(),
        // Short texts need no memory of their own.
        FieldValue::Text(text) => {
            if text.is_heap_allocated() {
                text.len()
            } else {
                0
            }
        }
        FieldValue::List(list) => list.iter().map(value_size).sum(),
        FieldValue::Object(fields) => fields_size(fields),
    };
    size_of::<FieldValue>() + heap
}
