//! Businesses, OAuth, tokens, roles and webhooks.

pub mod authorization;
pub mod business;
pub mod content_manager;
pub mod identity;
pub mod oauth;
pub mod quick_action;
pub mod role;
pub mod token;
pub mod webhook;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[
        ("businesses.find", business::find),
        ("businesses.create", business::create),
        ("businesses.read", business::read),
        ("businesses.update", business::update),
        ("identities.list", content_manager::list),
        ("identities.replace", content_manager::replace),
        ("identities.remove", content_manager::remove),
        ("quick_actions.update", quick_action::update),
        ("oauth.issue_token", oauth::issue_token),
        ("oauth.issue_service_token", oauth::issue_service_token),
        ("oauth.read_userinfo", identity::read_userinfo),
        ("oauth.authorize", authorization::authorize),
        ("tokens.list", token::list),
        ("tokens.create", token::create),
        ("tokens.revoke", token::revoke),
        ("webhooks.subscribe", webhook::subscribe),
        ("webhooks.unsubscribe", webhook::unsubscribe),
    ],
    after_write: &[("roles.reset_overrides", role::reset_overrides)],
    indexes: &[],
};
