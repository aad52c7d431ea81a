//! A small SDK of the inTandem API: clients, packages, sold packages, bookings and payments.

use std::time::Duration;

use serde_json::{Value, json};

/// A function that waits.
pub type Sleep = fn(Duration);

/// The API for one token.
pub struct InTandem {
    agent: ureq::Agent,
    base: String,
    authorization: String,
    sleep: Sleep,
}

/// Why there is no result.
#[derive(Debug)]
pub enum Error {
    /// An error response: status and message.
    Api(u16, String),
    /// The connection broke before there was a response.
    Connection(ureq::Error),
}

impl InTandem {
    /// The API at a base URL, for the value of an Authorization header.
    pub fn new(base: &str, authorization: &str, sleep: Sleep) -> Self {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        Self { agent, base: base.to_owned(), authorization: authorization.to_owned(), sleep }
    }

    pub fn clients(&self) -> Result<Value, Error> {
        Ok(self.send("GET", "/platform/v1/clients", None)?["clients"].take())
    }

    pub fn create_client(&self, first_name: &str) -> Result<Value, Error> {
        let body = json!({"first_name": first_name});
        Ok(self.send("POST", "/platform/v1/clients", Some(body))?["client"].take())
    }

    pub fn packages(&self) -> Result<Value, Error> {
        Ok(self.send("GET", "/platform/v1/payment/packages", None)?["packages"].take())
    }

    pub fn sell(&self, client: &str, package: &str, price: u32) -> Result<Value, Error> {
        let body = json!({"client_id": client, "package_id": package, "price": price});
        Ok(self.send("POST", "/platform/v1/payment/client_packages", Some(body))?["client_package"].take())
    }

    /// Books an appointment; returns the id of its payment request.
    pub fn book(&self, body: Value) -> Result<String, Error> {
        let booked = self.send("POST", "/platform/v1/scheduling/bookings", Some(body))?;
        let path = format!("/platform/v1/scheduling/appointments/{}", text(&booked["booking"]["id"]));
        Ok(text(&self.send("GET", &path, None)?["appointment"]["payment_status"]["uid"]))
    }

    /// The state of a payment request.
    pub fn state(&self, payment_request: &str) -> Result<String, Error> {
        let path = format!("/business/payments/v1/payment_requests/{payment_request}");
        Ok(text(&self.send("GET", &path, None)?["payment_request"]["state"]))
    }

    /// Pays an appointment with a credit; returns the name of the package.
    pub fn redeem(&self, payment_request: &str) -> Result<String, Error> {
        let body = json!({"payment_status_id": payment_request});
        Ok(text(&self.send("POST", "/platform/v1/payment/client_packages/update_usage", Some(body))?["package_name"]))
    }

    pub fn pay(&self, payment_request: &str, amount: u32) -> Result<(), Error> {
        let body = json!({"payment_method": "Cash", "amount": amount});
        self.send("PUT", &format!("/platform/v1/payments/{payment_request}"), Some(body)).map(|_| ())
    }

    /// Sends a request; after a 429 once more when the response says so, and a GET without a response once more at once.
    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, Error> {
        let response = match self.send_once(method, path, body.as_ref()) {
            Ok(response) if response.status() == 429 => {
                let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                (self.sleep)(Duration::from_secs(seconds.unwrap_or(0)));
                self.send_once(method, path, body.as_ref())
            }
            Err(_) if method == "GET" => self.send_once(method, path, body.as_ref()),
            other => other,
        };
        let mut response = response.map_err(Error::Connection)?;
        let mut read: Value = response.body_mut().read_json().unwrap_or_default();
        match response.status().as_u16() {
            200..300 => Ok(read["data"].take()),
            status => Err(Error::Api(status, text(&read["error"]))),
        }
    }

    fn send_once(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json");
        self.agent.run(request.body(body.map(Value::to_string).unwrap_or_default())?)
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
