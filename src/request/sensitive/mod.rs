//! What counts as a credential or as personal data: by the name of a field, and by the form of a text.
//!
//! | file | what it does |
//! |---|---|
//! | `check_digits` | check digits of card and account numbers |
//! | `names` | names of fields, whatever their case and their separators |
//! | `patterns` | texts that are recognized without a name: e-mail addresses, cards, keys in URLs, … |
//! | `visit` | visits the texts of a JSON value with what their names say |
//! | `redact` | hides values in log lines, in reports and in the state |

mod check_digits;
mod names;
mod patterns;
mod redact;
mod visit;

pub use check_digits::{iban_remainder, luhn_sum};
pub use names::{Place, flat_name, is_opaque, is_person, kind_of};
pub use patterns::{Found, find};
pub use redact::{
    HIDDEN, Redactor, is_credential_id, is_credential_kind, redact_credentials, redact_target, redact_text,
    redact_value, sensitive_values, shown_header,
};
pub use visit::visit_value;

/// A kind of credential or of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensitive {
    /// A password, token, key, code or cookie.
    Credential,
    /// A JSON Web Token (RFC 7519).
    Jwt,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The number of a payment card.
    Card,
    /// An international bank account number (ISO 13616).
    Iban,
    /// An IP address.
    Ip,
    /// A first name.
    GivenName,
    /// A last name.
    FamilyName,
    /// A whole name.
    FullName,
    /// The name of an account.
    Login,
    /// A date of birth.
    BirthDate,
    /// A street with its number, or a whole address.
    Street,
    /// A city.
    City,
    /// A postal code.
    PostalCode,
    /// The number of a person or an account: social security, tax, passport, bank.
    Number,
}
