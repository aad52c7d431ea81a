use super::functions::{Functions, Generate, TokenValue};
use super::intandem;
use crate::model::KindIndex;
use crate::request::Handler;

/// The Rust functions of one API, by module.
#[derive(Clone, Copy, Debug)]
pub struct Handlers {
    modules: &'static [&'static Functions],
    generators: &'static [(&'static str, Generate)],
    token_values: &'static [(&'static str, TokenValue)],
}

impl Handlers {
    /// No functions: resources files may not name any.
    pub const NONE: Self = Self { modules: &[], generators: &[], token_values: &[] };

    /// The functions of the API of that name, as `standin.yaml` names them.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "intandem" => Some(Self {
                modules: intandem::FUNCTIONS,
                generators: intandem::GENERATORS,
                token_values: intandem::TOKEN_VALUES,
            }),
            _ => None,
        }
    }

    /// The handlers with their names.
    pub fn handlers(&self) -> impl Iterator<Item = &'static (&'static str, Handler)> + Clone {
        self.modules.iter().flat_map(|module| module.handlers)
    }

    /// By what the functions find records.
    pub fn indexes(&self) -> impl Iterator<Item = KindIndex> {
        self.modules.iter().flat_map(|module| module.indexes).map(|(kind, fields, texts, order)| KindIndex {
            kind: (*kind).into(),
            fields: fields.iter().map(|name| (*name).into()).collect(),
            texts: *texts,
            order: order.clone(),
        })
    }

    /// The generator of a kind of record.
    pub fn generator(&self, kind: &str) -> Option<Generate> {
        self.generators.iter().find(|(known, _)| *known == kind).map(|(_, generate)| *generate)
    }

    /// The function of that name that makes the values of tokens.
    pub fn token_value(&self, name: &str) -> Option<TokenValue> {
        self.token_values.iter().find(|(known, _)| *known == name).map(|(_, derive)| *derive)
    }
}
