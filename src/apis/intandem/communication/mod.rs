//! Messages.

pub mod message;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[],
    after_write: &[
        ("messages.assign_conversation", message::assign_conversation),
        ("messages.set_channel", message::set_channel),
    ],
    indexes: &[],
};
