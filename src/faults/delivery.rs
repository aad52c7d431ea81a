use std::time::Duration;

/// How a response is sent, where that differs from sending it whole and at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The time before the response begins.
    pub delay: Duration,
    /// The number of bytes of the body that are sent in a second, at most.
    pub bytes_per_second: Option<u64>,
    /// The body is sent in pieces of this size (bytes), with this time between them.
    pub pieces: Option<(usize, Duration)>,
    /// How the response ends.
    pub ending: Ending,
}

/// How a response ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// With its last byte.
    #[default]
    Whole,
    /// The connection closes after that number of bytes of the body.
    Truncated(usize),
    /// Nothing is sent; the connection is reset.
    Reset,
    /// Nothing is sent; the connection closes after that time, or stays open.
    Silent(Option<Duration>),
}
