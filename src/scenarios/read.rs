//! Scenario files.
//!
//! ```yaml
//! scenario: music-school
//! about: one line about it
//! extends: music-school                 # begins with an embedded scenario, and adds to it
//! seed: 7                               # of ids and generated people
//! quirks: {profile: observed, switches: [-packages-feature-gate]}
//! checking: lenient                     # or documented, off
//! unknown_ids: refuse                   # or answer
//! examples: true                        # the contract's examples become records, where there are none of the kind
//! records:                              # by plural, fields under the API's own names
//!   clients:
//!     - {id: k4w9zr2tq7mh1xpe, first_name: Nora, business_uid: 7c1e94d02ab85f36}
//! generate: {clients: 36}               # fill up with realistic people
//! tokens:
//!   staff: {kind: staff, staff: 3f90b6a1e7d2c458}
//! params: {my_id: something}            # further variables for steps
//! steps: []                             # a story, replayed by `standin replay`
//! ```

use jiff::Timestamp;
use rust_embed::RustEmbed;

use super::step::{Step, read_steps};
use crate::contract::Resources;
use crate::exchange::{Checking, Settings, TokenKind, UnknownIds};
use crate::quirks::{Profile, Selection};
use crate::source::{Complaint, Complaints, Key, Text, Tree};

#[derive(RustEmbed)]
#[folder = "scenarios/"]
#[include = "*.yaml"]
struct Embedded;

/// A scenario file, read but not yet seeded: references are checked when it is.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file, for complaints.
    pub source: Text,
    /// Its name.
    pub name: String,
    /// The scenario that it begins with, if it builds on one.
    pub base: Option<Box<Scenario>>,
    /// One line about it.
    pub about: String,
    /// The seed of ids and of everything generated.
    pub seed: u64,
    /// Where its clock stands, if it says so.
    pub now: Option<Timestamp>,
    /// The quirks it wants.
    pub quirks: Option<Selection>,
    /// How calls are dealt with, apart from quirks.
    pub settings: Settings,
    /// Whether the examples of contracts become records, of each kind that the scenario has none of.
    pub examples: bool,
    /// The records by plural.
    pub records: Vec<(Key, Vec<Tree>)>,
    /// How many records of a plural there are to be in the end.
    pub generate: Vec<(Key, usize)>,
    /// The tokens.
    pub tokens: Vec<TokenSeed>,
    /// Further variables for steps.
    pub params: Vec<(String, String)>,
    /// A story.
    pub steps: Vec<Step>,
}

/// A token as a scenario declares it.
#[derive(Clone, Debug)]
pub struct TokenSeed {
    /// Under which name steps and lists know it.
    pub key: Key,
    /// Its kind.
    pub kind: TokenKind,
    /// What is sent; worked out when it is not given. That of a client is always a JWT.
    pub value: Option<String>,
    /// Whose it is: `staff`, `client`, `business` or `directory`, with the UID as written.
    pub owner: Option<(&'static str, Tree)>,
}

/// More records than this are not generated.
const MAX_GENERATED: u64 = 100_000;

impl Scenario {
    /// The scenario that is used when none is named.
    pub const DEFAULT: &'static str = "music-school";

    /// The scenario in which workflow documents are told when none is named.
    pub const DOCUMENTS: &'static str = "developers-hub";

    /// The scenario for an API that has no such records.
    pub const EMPTY: &'static str = "empty";

    /// Whether an API has all the kinds of records that this scenario has.
    pub fn fits(&self, resources: &Resources) -> bool {
        self.records.iter().all(|(key, _)| resources.plural(&key.name).is_some())
    }

    /// The names of the embedded scenarios.
    pub fn embedded_names() -> Vec<String> {
        let mut names: Vec<String> =
            Embedded::iter().filter_map(|file| file.strip_suffix(".yaml").map(str::to_owned)).collect();
        names.sort();
        names
    }

    /// The embedded scenario of that name.
    pub fn embedded(name: &str) -> Option<Text> {
        let file = Embedded::get(&format!("{name}.yaml"))?;
        Some(Text::new(format!("scenarios/{name}.yaml"), String::from_utf8_lossy(&file.data)))
    }

    /// Whether a text is a scenario file: it has a line that begins with `scenario:`.
    pub fn recognises(text: &str) -> bool {
        text.lines().any(|line| line.starts_with("scenario:"))
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// All mistakes that can be found without knowing which records there are.
    pub fn read(source: &Text) -> Result<Self, Complaints> {
        let tree = Tree::read(source)?;
        read(source, &tree).map_err(|complaint| Complaints::new(&source.name, &source.text, vec![complaint]))
    }
}

fn read(source: &Text, tree: &Tree) -> Result<Scenario, Complaint> {
    let mut entries = tree.entries("a scenario")?;
    let text = |tree: &Tree| tree.text().map(str::to_owned);
    let name = text(entries.need("scenario")?)?;
    let base = match entries.take("extends") {
        None => None,
        Some(tree) => {
            let wanted = tree.text()?;
            let names = Scenario::embedded_names();
            let known: Vec<&str> = names.iter().map(String::as_str).filter(|known| *known != name).collect();
            let text = known.contains(&wanted).then(|| Scenario::embedded(wanted)).flatten();
            let text = text.ok_or_else(|| Complaint::unknown(tree.place, "embedded scenario", wanted, &known))?;
            let base =
                Scenario::read(&text).map_err(|complaints| Complaint::new(tree.place, complaints.to_string()))?;
            Some(Box::new(base))
        }
    };
    let about = entries.take("about").map(text).transpose()?.unwrap_or_default();
    let seed = entries.take("seed").map(Tree::count).transpose()?;
    let seed = seed.or(base.as_ref().map(|base| base.seed)).unwrap_or(0);
    let now = entries.take("now").map(read_time).transpose()?;
    let quirks = entries.take("quirks").map(read_quirks).transpose()?;
    let mut settings = base.as_ref().map(|base| base.settings).unwrap_or_default();
    if let Some(tree) = entries.take("checking") {
        let known = Checking::ALL.map(|(_, name)| name);
        let name = tree.text()?;
        settings.checking =
            Checking::named(name).ok_or_else(|| Complaint::unknown(tree.place, "setting", name, &known))?;
    }
    if let Some(tree) = entries.take("unknown_ids") {
        let known = UnknownIds::ALL.map(|(_, name)| name);
        let name = tree.text()?;
        settings.unknown_ids =
            UnknownIds::named(name).ok_or_else(|| Complaint::unknown(tree.place, "setting", name, &known))?;
    }
    let examples = entries.take("examples").map(Tree::truth).transpose()?.unwrap_or(false);
    let records = match entries.take("records") {
        None => Vec::new(),
        Some(tree) => {
            let lists = tree.entries("the records")?.rest();
            lists
                .into_iter()
                .map(|(key, list)| Ok((key.clone(), list.list()?.to_vec())))
                .collect::<Result<_, Complaint>>()?
        }
    };
    let generate = match entries.take("generate") {
        None => Vec::new(),
        Some(tree) => {
            let counts = tree.entries("`generate`")?.rest();
            let count = |tree: &Tree| match tree.count()? {
                count @ 0..=MAX_GENERATED => Ok(count as usize),
                _ => Err(Complaint::new(tree.place, format!("more than {MAX_GENERATED} are not generated"))),
            };
            counts.into_iter().map(|(key, tree)| Ok((key.clone(), count(tree)?))).collect::<Result<_, Complaint>>()?
        }
    };
    let tokens = match entries.take("tokens") {
        None => Vec::new(),
        Some(tree) => {
            let tokens = tree.entries("the tokens")?.rest();
            tokens.into_iter().map(|(key, tree)| read_token(key, tree)).collect::<Result<_, _>>()?
        }
    };
    let params = match entries.take("params") {
        None => Vec::new(),
        Some(tree) => {
            let params = tree.entries("the params")?.rest();
            params
                .into_iter()
                .map(|(key, tree)| Ok((key.name.clone(), text(tree)?)))
                .collect::<Result<_, Complaint>>()?
        }
    };
    let steps = entries.take("steps").map(read_steps).transpose()?.unwrap_or_default();
    entries.finish()?;
    Ok(Scenario {
        source: source.clone(),
        name,
        base,
        about,
        seed,
        now,
        quirks,
        settings,
        examples,
        records,
        generate,
        tokens,
        params,
        steps,
    })
}

fn read_time(tree: &Tree) -> Result<Timestamp, Complaint> {
    let text = tree.text()?;
    let advice = "write a point in time as 2026-02-08T10:00:00Z";
    text.parse().map_err(|_| Complaint::new(tree.place, format!("`{text}` is no point in time")).help(advice))
}

fn read_quirks(tree: &Tree) -> Result<Selection, Complaint> {
    let mut entries = tree.entries("`quirks`")?;
    let mut selection = Selection::default();
    if let Some(tree) = entries.take("profile") {
        let name = tree.text()?;
        let known = Profile::ALL.map(|(_, name)| name);
        selection.profile =
            Profile::named(name).ok_or_else(|| Complaint::unknown(tree.place, "profile", name, &known))?;
    }
    for tree in entries.take("switches").map(Tree::list).transpose()?.unwrap_or_default() {
        selection
            .change(tree.text()?)
            .map_err(|advice| Complaint::new(tree.place, "a switch has a sign").help(advice))?;
    }
    entries.finish()?;
    Ok(selection)
}

fn read_token(key: &Key, tree: &Tree) -> Result<TokenSeed, Complaint> {
    let mut entries = tree.entries("a token")?;
    let kind_tree = entries.need("kind")?;
    let known = TokenKind::ALL.map(TokenKind::name);
    let kind = TokenKind::named(kind_tree.text()?);
    let kind = kind.ok_or_else(|| {
        Complaint::unknown(kind_tree.place, "kind of token", kind_tree.text().unwrap_or_default(), &known)
    })?;
    let value = entries.take("value").map(|tree| tree.text().map(str::to_owned)).transpose()?;
    let owner = match kind {
        TokenKind::Staff => Some("staff"),
        TokenKind::Client => Some("client"),
        TokenKind::Business => Some("business"),
        TokenKind::Directory | TokenKind::App => Some("directory"),
        TokenKind::Operator | TokenKind::Admin | TokenKind::Internal => None,
    };
    let owner = match owner {
        None => None,
        Some(owner) => Some((owner, entries.need(owner)?.clone())),
    };
    entries.finish()?;
    Ok(TokenSeed { key: key.clone(), kind, value, owner })
}
