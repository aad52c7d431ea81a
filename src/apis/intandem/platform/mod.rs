//! Businesses, OAuth and tokens.

pub mod authorization;
pub mod business;
pub mod identity;
pub mod oauth;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[
        ("businesses.find", business::find),
        ("businesses.create", business::create),
        ("businesses.read", business::read),
        ("businesses.update", business::update),
        ("oauth.issue_token", oauth::issue_token),
        ("oauth.issue_service_token", oauth::issue_service_token),
        ("oauth.read_userinfo", identity::read_userinfo),
        ("oauth.authorize", authorization::authorize),
    ],
    indexes: &[],
};
