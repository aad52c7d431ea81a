use serde_json::Value;

use super::{Checking, QuirkFlags};
use crate::openapi::Violation;

/// The size from which reading and validating a body can take long, bytes.
pub const LARGE_BODY: usize = 16 << 10;

/// A large JSON body that was read and validated before the session of its request was locked. It replaces what the stage
/// `validate` would do under the lock, unless what it depends on has changed since.
#[derive(Debug)]
pub struct PreparedBody {
    /// The index of the operation for which it was validated.
    pub operation: usize,
    /// How strictly it was validated.
    pub checking: Checking,
    /// The quirks that were on.
    pub flags: QuirkFlags,
    /// The body as sent.
    pub sent: Value,
    /// The body after coercion.
    pub body: Value,
    /// The indexes of the quirks that have coerced it.
    pub coerced_by: Vec<usize>,
    /// The violations of its schema.
    pub violations: Vec<Violation>,
}

impl PreparedBody {
    /// Whether nothing has changed that it depends on.
    pub fn is_for(&self, operation: Option<usize>, checking: Checking, flags: &QuirkFlags) -> bool {
        operation == Some(self.operation) && checking == self.checking && flags.are_same(&self.flags)
    }
}
