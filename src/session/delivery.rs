use std::fmt;

use parking_lot::Mutex;

use crate::request::Notification;

/// A notification in the journal, and what has become of it.
#[derive(Debug)]
pub struct Delivery {
    /// What is sent.
    pub notification: Notification,
    /// What it takes in memory, bytes: an estimate.
    pub(super) size: usize,
    status: Mutex<DeliveryStatus>,
}

/// What has become of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It is not sent, for this reason.
    NotSent(String),
    /// It waits, or is being sent.
    Waiting,
    /// The receiver has accepted it.
    Delivered {
        /// How often it was sent.
        attempts: u32,
        /// The status of the last response.
        status: u16,
    },
    /// The receiver has not accepted it.
    Failed {
        /// How often it was sent.
        attempts: u32,
        /// Why the last attempt failed.
        error: String,
    },
}

/// Sends notifications, off the path of requests.
pub trait NotificationSender: Send + Sync + fmt::Debug {
    /// Takes a delivery over. It returns at once, and sets the status when it is known.
    fn send(&self, delivery: std::sync::Arc<Delivery>);
}

impl Delivery {
    /// What a delivery takes in memory besides its payload, bytes: an estimate.
    const BASE_SIZE: usize = 300;

    /// A notification that waits.
    pub fn new(notification: Notification) -> Self {
        let size = Self::BASE_SIZE + notification.url.len() + notification.payload.to_string().len();
        Self { notification, size, status: Mutex::new(DeliveryStatus::Waiting) }
    }

    /// What has become of it so far.
    pub fn status(&self) -> DeliveryStatus {
        self.status.lock().clone()
    }

    /// Sets what has become of it.
    pub fn set_status(&self, status: DeliveryStatus) {
        *self.status.lock() = status;
    }
}
