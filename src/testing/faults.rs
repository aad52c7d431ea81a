use http::Method;
use serde_json::Value;

use super::MockSession;

/// The faults of a session.
///
/// ```
/// # use serde_json::json;
/// # use standin::Mock;
/// # let contract = r#"
/// # openapi: 3.0.3
/// # info: {title: Shop, version: "1"}
/// # paths: {/v1/orders: {get: {responses: {"200": {description: orders}}}}}
/// # "#;
/// # let mock = Mock::builder().contract("shop.yaml", contract).start();
/// mock.faults().add(json!({"operation": "GET /v1/orders", "status": {"code": 429, "retry_after": 7}, "count": 1}));
/// mock.faults().add(json!({"path": "/v1/**", "reset_peer": {}}));
/// mock.faults().clear();
/// ```
pub struct MockFaults<'s>(&'s MockSession);

impl<'s> MockFaults<'s> {
    pub(super) fn new(session: &'s MockSession) -> Self {
        Self(session)
    }

    /// Adds a fault, a match and one kind as [the control API](crate::faults) has them, and returns its id.
    ///
    /// # Panics
    /// If the fault is malformed.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "`json!` makes a value")]
    pub fn add(&self, fault: Value) -> String {
        let added = self.0.send(Method::POST, "faults", Some(&fault));
        added["id"].as_str().unwrap_or_default().to_owned()
    }

    /// The faults, each with the number of requests in which it took part (`applied`).
    #[track_caller]
    pub fn list(&self) -> Vec<Value> {
        match self.0.send(Method::GET, "faults", None)["faults"].take() {
            Value::Array(faults) => faults,
            _ => Vec::new(),
        }
    }

    /// Removes a fault.
    ///
    /// # Panics
    /// If there is no fault of that id.
    #[track_caller]
    pub fn remove(&self, id: &str) {
        self.0.send(Method::DELETE, &format!("faults/{id}"), None);
    }

    /// Removes all faults.
    #[track_caller]
    pub fn clear(&self) {
        self.0.send(Method::DELETE, "faults", None);
    }
}
