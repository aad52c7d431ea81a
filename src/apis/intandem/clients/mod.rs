//! Clients, their matters and search.

pub mod client;
pub(super) mod generate;
pub mod matter;
pub mod search;

use crate::apis::functions::Functions;

pub(super) static FUNCTIONS: Functions = Functions {
    handlers: &[
        ("clients.list", client::list),
        ("clients.create", client::create),
        ("clients.read", client::read),
        ("clients.update", client::update),
        ("clients.delete", client::delete),
        ("clients.search", search::search),
    ],
    indexes: &[
        ("client", &["email"], Some(search::texts), Some(client::LIST_ORDER)),
        ("matter", &["client_uid", "client_id"], Some(search::texts), None),
        ("booking", &["client_uid", "client_id"], Some(search::texts), None),
        ("estimate", &["client_uid", "client_id"], Some(search::texts), None),
        ("payment", &["client_uid", "client_id"], Some(search::texts), None),
        ("event_instance", &["client_uid", "client_id"], Some(search::texts), None),
    ],
};
