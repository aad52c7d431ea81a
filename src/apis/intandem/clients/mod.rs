//! Clients, their matters and search.

pub mod client;
pub mod field;
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
        ("matters.list", matter::list),
        ("matters.read", matter::read),
        ("matters.list_of_client", matter::list_of_client),
        ("matters.create", matter::create_for_client),
        ("matters.nest", matter::nest),
        ("matters.list_tags", matter::list_tags),
        ("matters.add_tag", matter::add_tag),
        ("matters.remove_tag", matter::remove_tag),
        ("matters.add_tags", matter::add_tags),
        ("matters.remove_tags", matter::remove_tags),
        ("fields.list", field::list),
        ("fields.create", field::create),
        ("clients.search", search::search),
    ],
    after_write: &[],
    indexes: &[
        ("client", &["email"], Some(search::texts), Some(client::LIST_ORDER)),
        ("matter", &["client_uid", "client_id"], Some(search::texts), None),
        ("booking", &["client_uid", "client_id"], Some(search::texts), None),
        ("estimate", &["client_uid", "client_id"], Some(search::texts), None),
        ("payment", &["client_uid", "client_id"], Some(search::texts), None),
        ("event_instance", &["client_uid", "client_id"], Some(search::texts), None),
    ],
};
