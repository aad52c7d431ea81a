//! Faults: responses that come late, slowly, in part, not at all, or as errors.
//!
//! A [`Fault`] is a [`FaultMatch`] and one kind with its settings:
//!
//! ```json
//! {"operation": "GET /v1/orders", "latency": {"ms": 400}}
//! {"path": "/v1/**", "method": "POST", "status": {"code": 429, "retry_after": 7}, "count": 1}
//! ```
//!
//! [`Faults`] are those of one session. What concerns the connection is described by a [`Delivery`], which the server obeys.
//! `kinds` has one file for each kind.

mod delivery;
mod fault;
mod fault_match;
mod kinds;
mod list;

pub use delivery::{Delivery, Ending};
pub use fault::{Fault, FaultId};
pub use fault_match::{CallFacts, FaultMatch, OperationPattern};
pub use kinds::KIND_NAMES;
pub use list::{FaultEffect, FaultUsage, Faults, MAX_FAULTS, RANDOM_STREAM, StatusFault};
