use jiff::{SignedDuration, Timestamp};

/// Where the time of a session comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Clock {
    /// It is always this time.
    Frozen(Timestamp),
    /// It is the time of each request, and before the first request this time.
    Running(Timestamp),
    /// It has been set.
    Set {
        /// The time to which it was set.
        from: Timestamp,
        /// When it was set, by the clock of requests.
        since: Timestamp,
        /// How many seconds pass in one second of the clock of requests.
        speed: f64,
    },
}

impl Clock {
    /// The time at which it starts.
    pub fn start(&self) -> Timestamp {
        match self {
            Self::Frozen(time) | Self::Running(time) => *time,
            Self::Set { from, .. } => *from,
        }
    }

    /// The time when the clock of requests shows `at`. Beyond the range of times it is their last one.
    pub fn time_at(&self, at: Timestamp) -> Timestamp {
        match *self {
            Self::Frozen(time) => time,
            Self::Running(_) => at,
            Self::Set { from, since, speed } => {
                let passed = at.duration_since(since).as_secs_f64().max(0.0) * speed;
                let passed = SignedDuration::try_from_secs_f64(passed).unwrap_or(SignedDuration::MAX);
                // Records show times with milliseconds.
                from.saturating_add(passed).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// This clock with another time. `since` is when it is set, by the clock of requests.
    #[must_use]
    pub fn set_to(self, time: Timestamp, since: Timestamp) -> Self {
        match self {
            Self::Frozen(_) => Self::Frozen(time),
            clock => Self::Set { from: time, since, speed: clock.speed() },
        }
    }

    /// Whether time does not pass.
    pub fn is_frozen(&self) -> bool {
        matches!(self, Self::Frozen(_))
    }

    /// How many seconds pass in one second of the clock of requests, unless it is frozen.
    pub fn speed(&self) -> f64 {
        match self {
            Self::Set { speed, .. } => *speed,
            Self::Frozen(_) | Self::Running(_) => 1.0,
        }
    }
}
