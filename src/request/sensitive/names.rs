//! Names of fields that hold credentials or personal data.

use super::Sensitive;
use crate::openapi::{singular, snake};

/// Minimum length of a text that counts as a secret under a name that says little, such as `code`.
const OPAQUE_LENGTH: usize = 16;

/// Ends of names, in lower case without separators, by kind. Earlier rows win.
const NAMES: &[(Sensitive, &[&str])] = &[
    (Sensitive::Email, &["email", "emailaddress", "mail"]),
    (
        Sensitive::Ip,
        &["ip", "ipaddress", "ipaddr", "ipv4", "ipv6", "remoteaddr", "remoteaddress", "forwardedfor", "sourceip"],
    ),
    (
        Sensitive::Credential,
        &[
            "password",
            "passwd",
            "pwd",
            "passphrase",
            "passcode",
            "secret",
            "token",
            "apikey",
            "accesskey",
            "accesskeyid",
            "privatekey",
            "secretkey",
            "signingkey",
            "sharedkey",
            "encryptionkey",
            "authkey",
            "licensekey",
            "idempotencykey",
            "authorization",
            "cookie",
            "cookies",
            "sessionid",
            "sessionkey",
            "jwt",
            "otp",
            "pin",
            "cvv",
            "cvc",
            "cvv2",
            "cvc2",
            "securitycode",
            "verificationcode",
            "confirmationcode",
            "signature",
            "sig",
            "csrf",
            "xsrf",
            "credential",
            "credentials",
            "assertion",
            "samlresponse",
            "codeverifier",
            "passhash",
            "passwordhash",
        ],
    ),
    (
        Sensitive::Phone,
        &[
            "phone",
            "phonenumber",
            "telephone",
            "telephonenumber",
            "tel",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "fax",
            "faxnumber",
            "msisdn",
            "whatsapp",
        ],
    ),
    (Sensitive::Card, &["cardnumber", "creditcard", "creditcardnumber", "ccnumber", "pan", "card"]),
    (Sensitive::Iban, &["iban"]),
    (Sensitive::GivenName, &["firstname", "givenname", "forename", "middlename", "nickname", "preferredname"]),
    (Sensitive::FamilyName, &["lastname", "familyname", "surname", "maidenname"]),
    (Sensitive::Login, &["username", "login", "loginname", "screenname"]),
    (Sensitive::FullName, &["fullname", "nameoncard", "holdername", "staffname", "billingname", "shippingname"]),
    (Sensitive::BirthDate, &["dateofbirth", "birthdate", "birthday", "dob"]),
    (Sensitive::PostalCode, &["zip", "zipcode", "postalcode", "postcode", "plz"]),
    (
        Sensitive::Number,
        &[
            "ssn",
            "socialsecurity",
            "socialsecuritynumber",
            "taxid",
            "taxnumber",
            "taxidentificationnumber",
            "vatid",
            "vatnumber",
            "nationalid",
            "nationalinsurancenumber",
            "passport",
            "passportnumber",
            "driverlicense",
            "driverlicence",
            "driverslicense",
            "licensenumber",
            "identitynumber",
            "idnumber",
            "personalnumber",
            "accountnumber",
            "bankaccount",
            "bankaccountnumber",
            "routingnumber",
            "sortcode",
            "bic",
            "swift",
            "insurancenumber",
            "medicalrecordnumber",
        ],
    ),
    (Sensitive::Street, &["address", "addressline", "street", "streetaddress", "streetname", "streetline"]),
    (Sensitive::City, &["city", "town", "suburb", "locality"]),
];

/// Names that count only as a whole, and only for a value that looks like a secret.
const OPAQUE_NAMES: [&str; 12] = [
    "code",
    "authcode",
    "authorizationcode",
    "key",
    "auth",
    "pass",
    "session",
    "ticket",
    "sid",
    "hash",
    "nonce",
    "state",
];

/// Words before `token` that make it a position in a list.
const PAGING: [&str; 9] = ["page", "next", "prev", "previous", "continuation", "sync", "cursor", "resume", "start"];

/// Words for a person, as the name of a field with a person's name or with an object.
const PERSONS: [&str; 40] = [
    "customer",
    "client",
    "contact",
    "person",
    "user",
    "guest",
    "patient",
    "employee",
    "staffmember",
    "member",
    "owner",
    "author",
    "recipient",
    "sender",
    "buyer",
    "payer",
    "payee",
    "cardholder",
    "accountholder",
    "attendee",
    "student",
    "passenger",
    "traveler",
    "traveller",
    "subscriber",
    "invitee",
    "driver",
    "teacher",
    "doctor",
    "assignee",
    "requester",
    "reporter",
    "signer",
    "beneficiary",
    "participant",
    "applicant",
    "people",
    "resident",
    "billingdetails",
    "insured",
];

/// Names of an object's only value, which is what the object is about.
const OWN_VALUE: [&str; 6] = ["value", "number", "text", "formatted", "raw", "full"];

/// Where a value stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'p> {
    /// The name of the field.
    pub name: &'p str,
    /// The name of the object that has it; empty if there is none.
    pub parent: &'p str,
    /// Whether that object describes a person.
    pub in_person: bool,
}

/// A name in lower case without separators, so that `firstName`, `first_name` and `First-Name` are equal.
pub fn flat_name(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether a name is a word for a person or for several, or an e-mail address, under which a map has a person.
pub fn is_person(name: &str) -> bool {
    name.contains('@') || endings(name).iter().any(|end| PERSONS.contains(&end.as_str()))
}

/// The kind of a value by its place; `None` if it is neither a credential nor personal data.
pub fn kind_of(place: Place<'_>, value: &str) -> Option<Sensitive> {
    let Place { name, parent, in_person } = place;
    let is_inner = OWN_VALUE.contains(&flat_name(name).as_str());
    let named = if is_inner { by_name(parent) } else { by_name(name) };
    let kind = named.or_else(|| by_parent(name, parent, in_person, value))?;
    holds(kind, name, value).then_some(kind)
}

/// What a name alone says about credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialName {
    /// Its values are none.
    No,
    /// Its values are credentials.
    Yes,
    /// Its values are credentials if they look like a secret.
    IfOpaque,
}

impl CredentialName {
    /// What a name says: as [`kind_of`] for a place without a parent, apart from the value.
    pub(super) fn of(name: &str) -> Self {
        let flat = flat_name(name);
        let named = if OWN_VALUE.contains(&flat.as_str()) { None } else { by_name(name) };
        match named {
            Some(Sensitive::Credential) => Self::Yes,
            None if OPAQUE_NAMES.contains(&flat.as_str()) => Self::IfOpaque,
            _ => Self::No,
        }
    }

    /// Whether a value under the name is a credential.
    pub(super) fn accepts(self, name: &str, value: &str) -> bool {
        let is_possible = match self {
            Self::No => false,
            Self::Yes => true,
            Self::IfOpaque => is_opaque(value),
        };
        is_possible && holds(Sensitive::Credential, name, value)
    }
}

/// The kind of a name alone.
fn by_name(name: &str) -> Option<Sensitive> {
    let endings = endings(name);
    let kind =
        |(kind, names): &(Sensitive, &[&str])| endings.iter().any(|end| names.contains(&end.as_str())).then_some(*kind);
    let found = NAMES.iter().find_map(kind);
    let is_position = || PAGING.iter().any(|word| endings.first().is_some_and(|whole| whole.contains(word)));
    let is_token = || endings.iter().any(|end| end == "token");
    found.filter(|kind| *kind != Sensitive::Credential || !is_token() || !is_position())
}

/// The kind of a name that only its surroundings or its value explain.
fn by_parent(name: &str, parent: &str, in_person: bool, value: &str) -> Option<Sensitive> {
    let flat = flat_name(name);
    let below = |names: &[&str]| endings(parent).iter().any(|end| names.contains(&end.as_str()));
    if OPAQUE_NAMES.contains(&flat.as_str()) && is_opaque(value) {
        return Some(Sensitive::Credential);
    }
    match flat.as_str() {
        "name" | "displayname" if in_person || is_person(parent) => Some(Sensitive::FullName),
        "first" | "given" if in_person || is_person(parent) || below(&["name"]) => Some(Sensitive::GivenName),
        "last" | "family" if in_person || is_person(parent) || below(&["name"]) => Some(Sensitive::FamilyName),
        flat if flat.starts_with("line") && below(&["address", "billing", "shipping"]) => Some(Sensitive::Street),
        flat if flat.ends_with("name") && is_person(&flat[..flat.len() - 4]) => Some(Sensitive::FullName),
        _ if is_person(name) && is_persons_name(value) => Some(Sensitive::FullName),
        _ => None,
    }
}

/// The ends of a name, word by word, the whole name first: `customerFirstName` has `customerfirstname`, `firstname`, `name`.
/// Numbers at the end and the ending of a plural are left out.
fn endings(name: &str) -> Vec<String> {
    let snake = snake(name);
    let words: Vec<&str> =
        snake.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for start in 0..words.len() {
        let whole = words[start..].concat();
        let bare = whole.trim_end_matches(|letter: char| letter.is_ascii_digit());
        for end in [whole.as_str(), bare] {
            found.extend([end.to_owned(), singular(end)]);
        }
    }
    found.dedup();
    found
}

/// Whether a value can be of a kind.
fn holds(kind: Sensitive, name: &str, value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let has_letter = value.chars().any(char::is_alphabetic);
    match kind {
        Sensitive::Phone => digits >= 5,
        Sensitive::Card => digits >= if flat_name(name) == "card" { 12 } else { 8 },
        Sensitive::BirthDate | Sensitive::PostalCode => digits >= 2 || (has_letter && digits > 0),
        Sensitive::Number => digits >= 3,
        Sensitive::Iban => digits >= 10,
        Sensitive::Ip => value.parse::<std::net::IpAddr>().is_ok(),
        Sensitive::Email => value.contains('@'),
        Sensitive::Credential | Sensitive::Jwt => has_letter || digits >= 3,
        // A word with digits is an id.
        Sensitive::Street => has_letter && (digits == 0 || value.contains(' ')),
        Sensitive::City => has_letter && digits == 0,
        _ => has_letter,
    }
}

/// Whether a text looks like a secret: long, without spaces, with digits and letters.
pub fn is_opaque(value: &str) -> bool {
    value.len() >= OPAQUE_LENGTH
        && value.contains(|letter: char| letter.is_ascii_digit())
        && value.contains(|letter: char| letter.is_ascii_alphabetic())
        && !value.contains(char::is_whitespace)
        && !value.contains("://")
}

/// Whether a text looks like the name of a person: a few words that begin with a capital.
fn is_persons_name(value: &str) -> bool {
    let words: Vec<&str> = value.split_whitespace().collect();
    let is_name = |word: &&str| {
        word.starts_with(char::is_uppercase)
            && word.chars().all(|letter| letter.is_alphabetic() || matches!(letter, '\'' | '’' | '.' | '-'))
    };
    let is_code = words.len() == 1 && value.chars().all(char::is_uppercase);
    (1..=5).contains(&words.len()) && words.iter().all(is_name) && !is_code
}
