//! From a scenario to a world: records, generated people, tokens; every reference is checked.

use std::collections::{HashMap, HashSet};

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::generate;
use super::read::{Scenario, TokenSeed};
use crate::behaviours::plant;
use crate::contract::{Contract, FieldType, Resource, Resources, role};
use crate::exchange::{Clock, Switches, TokenKind, World, time_text};
use crate::gateway::{ClientClaims, client_jwt};
use crate::source::{Complaint, Complaints, Key, Mistakes, Place, Tree};
use crate::store::{Datum, Fields, Record};

/// A scenario could not be seeded: every mistake in it.
pub type SeedError = Complaints;

/// How a world starts.
pub struct Start {
    /// Its clock.
    pub clock: Clock,
    /// What time it is at the start: relative dates of the scenario count from here.
    pub now: Timestamp,
    /// The quirks that are on.
    pub switches: Switches,
    /// The seed, where it is not that of the scenario.
    pub seed: Option<u64>,
}

/// A reference that was written, to be checked when all records are there.
struct Reference {
    place: Place,
    kind: String,
    id: CompactString,
}

impl Scenario {
    /// The world in which this scenario begins.
    ///
    /// # Errors
    /// Unknown plurals and fields, wrong types, references to what is not there.
    pub fn seed(&self, contract: &Contract, start: Start) -> Result<World, SeedError> {
        let mut world = self.sow(contract, start)?;
        if self.examples {
            plant(contract, &mut world);
        }
        Ok(world)
    }

    fn sow(&self, contract: &Contract, start: Start) -> Result<World, SeedError> {
        let resources = &contract.resources;
        let now = start.now;
        let mut world = match &self.base {
            Some(base) => base.sow(contract, start)?,
            None => World::new(start.seed.unwrap_or(self.seed), start.clock, start.switches),
        };
        world.settings = self.settings;
        let mut sowing = Sowing {
            contract,
            resources,
            now,
            references: Vec::new(),
            wrong: Mistakes::default(),
            broken: HashSet::new(),
        };
        for (key, list) in &self.records {
            sowing.records(&mut world, key, list);
        }
        for (key, count) in &self.generate {
            let resource = sowing.resource(key.place, &key.name);
            // What generated records need may be missing only because it could not be read.
            if let Some(resource) = sowing.wrong.note(resource)
                && sowing.wrong.count() == 0
            {
                let filled = generate::fill_up(&mut world, resources, resource, *count, now);
                sowing.wrong.note(filled.map_err(|message| Complaint::new(key.place, message)));
            }
        }
        for token in &self.tokens {
            let sown = sowing.token(&mut world, token);
            sowing.wrong.note(sown);
        }
        sowing.check_references(&world);
        sowing.wrong.all(&self.source, Some(world))
    }
}

struct Sowing<'a> {
    contract: &'a Contract,
    resources: &'a Resources,
    now: Timestamp,
    references: Vec<Reference>,
    wrong: Mistakes,
    /// The ids of records that could not be read. Whoever refers to them makes no second mistake.
    broken: HashSet<String>,
}

impl<'a> Sowing<'a> {
    /// The records under a plural.
    fn records(&mut self, world: &mut World, key: &Key, list: &[Tree]) {
        let resource = match (self.resource(key.place, &key.name), self.kind(&key.name)) {
            (Ok(resource), _) => resource,
            (Err(_), Some(kind)) => return self.free_records(world, &kind, list),
            (Err(complaint), None) => {
                self.wrong.add(complaint);
                return self.broken.extend(list.iter().filter_map(id_of));
            }
        };
        if resource.fields.is_empty() {
            return self.free_records(world, &resource.kind, list);
        }
        for tree in list {
            if self.record(world, resource, tree).is_none() {
                self.broken.extend(id_of(tree));
            }
        }
    }

    fn free_records(&mut self, world: &mut World, kind: &str, list: &[Tree]) {
        for tree in list {
            let sown = self.free_record(world, kind, tree);
            self.wrong.note(sown);
        }
    }

    fn check_references(&mut self, world: &World) {
        let unknown = |reference: &&Reference| {
            world.store.get(&reference.kind, &reference.id).is_none() && !self.broken.contains(reference.id.as_str())
        };
        for reference in self.references.iter().filter(unknown) {
            let ids: Vec<&str> = world.store.all(&reference.kind).map(|record| record.id.as_str()).collect();
            let complaint = Complaint::unknown(reference.place, &reference.kind, &reference.id, &ids);
            let long = complaint.help.as_ref().is_some_and(|help| help.len() > 120);
            self.wrong.add(if long { Complaint { help: None, ..complaint } } else { complaint });
        }
    }

    fn resource(&self, place: Place, plural: &str) -> Result<&'a Resource, Complaint> {
        self.resources.plural(plural).ok_or_else(|| {
            let known: Vec<&str> = self.resources.iter().map(|resource| resource.plural.as_str()).collect();
            Complaint::unknown(place, "kind of record", plural, &known)
        })
    }

    /// A kind that no resources file describes, but that a contract has under that plural.
    fn kind(&self, plural: &str) -> Option<String> {
        let kind = role::singular(plural);
        if self.resources.get(&kind).is_some() {
            return None;
        }
        let mut operations = self.contract.operations.iter();
        operations.any(|operation| operation.role.resource.as_deref() == Some(&kind)).then_some(kind)
    }

    /// A record of a kind whose fields nobody described: it says what it says, and relative days are days in it too.
    fn free_record(&mut self, world: &mut World, kind: &str, tree: &Tree) -> Result<(), Complaint> {
        let what = format!("a {kind}");
        let mut entries = tree.entries(&what)?;
        let id = entries.take("id").or_else(|| entries.take("uid"));
        let (place, id) = match id {
            Some(id) => (id.place, CompactString::from(id.text()?)),
            None => (tree.place, world.ids.uid()),
        };
        let mut fields = Fields::new();
        for (key, tree) in entries.rest() {
            fields.set(&key.name, self.undescribed(&key.name, tree)?);
        }
        if world.store.get(kind, &id).is_some() {
            return Err(Complaint::new(place, format!("there are two records of kind {kind} with the id `{id}`")));
        }
        world.store.put(Record { kind: kind.into(), id, fields });
        Ok(())
    }

    /// What a field is called says whether it is a time (`created_at`, `payment_time`) or a day (`due_date`), where it has a
    /// relative one; anything else stays as it is written.
    fn undescribed(&self, name: &str, tree: &Tree) -> Result<Datum, Complaint> {
        let is_relative = tree.text().is_ok_and(|text| text.starts_with("today"));
        Ok(match name.rsplit('_').next() {
            Some("at" | "time") if is_relative => self.time(tree)?.into(),
            Some("date" | "on") if is_relative => self.date(tree)?.to_string().into(),
            _ => Datum::from(&tree.to_json()),
        })
    }

    /// A record of a kind whose fields are known; nothing, when anything in it is wrong.
    fn record(&mut self, world: &mut World, resource: &Resource, tree: &Tree) -> Option<()> {
        let what = format!("a {}", resource.kind);
        let mut entries = self.wrong.note(tree.entries(&what))?;
        let id = entries.take("id").or_else(|| entries.take("uid"));
        let (place, id) = match id {
            Some(id) => (id.place, self.wrong.note(id.text()).map(CompactString::from)),
            None => (tree.place, Some(world.ids.uid())),
        };
        let (mut given, mut missing, mut is_whole) = (Fields::new(), None, true);
        for field in &resource.fields {
            match entries.take(&field.name) {
                Some(tree) => match self.value(&field.kind, tree) {
                    Some(value) => given.set(&field.name, value),
                    None => is_whole = false,
                },
                None if field.required => missing = missing.or(Some(&field.name)),
                None if matches!(field.name.as_str(), "created_at" | "updated_at") => {
                    given.set(&field.name, time_text(self.now));
                }
                None => {}
            }
        }
        // A mistyped name is told in place of the one that is missing because of it.
        let known = self.wrong.count();
        entries.finish_with(&mut self.wrong);
        let is_mistyped = self.wrong.count() > known;
        if let Some(name) = missing.filter(|_| !is_mistyped) {
            return self.wrong.note(Err(Complaint::missing(tree.place, &what, name)));
        }
        let id = id.filter(|_| is_whole && !is_mistyped)?;
        if world.store.get(&resource.kind, &id).is_some() {
            let message = format!("there are two records of kind {} with the id `{id}`", resource.kind);
            return self.wrong.note(Err(Complaint::new(place, message)));
        }
        world.store.put(resource.record(id, given));
        Some(())
    }

    /// The value of a field; nothing, when anything in it is wrong.
    fn value(&mut self, kind: &FieldType, tree: &Tree) -> Option<Datum> {
        let value = match kind {
            FieldType::Text => tree.text().map(Datum::from),
            FieldType::Boolean => tree.truth().map(Datum::from),
            FieldType::Integer => match Datum::from(&tree.to_json()) {
                whole @ Datum::Integer(_) => Ok(whole),
                _ => Err(tree.wrong("a whole number")),
            },
            FieldType::Decimal => {
                let number = Datum::from(&tree.to_json()).as_decimal();
                number.map(Datum::from).ok_or_else(|| tree.wrong("a number"))
            }
            FieldType::Date => self.date(tree).map(|date| date.to_string().into()),
            FieldType::Time => self.time(tree).map(Datum::from),
            FieldType::Any => Ok(Datum::from(&tree.to_json())),
            FieldType::Ref(kind) => tree.text().map(|id| {
                let id = CompactString::from(id);
                self.references.push(Reference { place: tree.place, kind: kind.clone(), id: id.clone() });
                id.into()
            }),
            FieldType::List(element) => {
                let list = self.wrong.note(tree.list())?;
                let values: Vec<Option<Datum>> = list.iter().map(|tree| self.value(element, tree)).collect();
                return values.into_iter().collect::<Option<Vec<Datum>>>().map(Datum::from);
            }
            FieldType::Object(parts) => {
                let mut entries = self.wrong.note(tree.entries("an element"))?;
                let known = self.wrong.count();
                let mut fields = Fields::new();
                for (name, kind) in parts {
                    let value = entries.take(name).and_then(|tree| self.value(kind, tree));
                    fields.set(name, value);
                }
                entries.finish_with(&mut self.wrong);
                return (self.wrong.count() == known).then(|| fields.into());
            }
        };
        self.wrong.note(value)
    }

    /// `2026-02-08`, `today`, `today+10d`, `today-3m`.
    fn date(&self, tree: &Tree) -> Result<Date, Complaint> {
        let text = tree.text()?;
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = match text.strip_prefix("today") {
            None => text.parse().ok(),
            Some("") => Some(today),
            Some(offset) => span_of(offset).and_then(|span| today.checked_add(span).ok()),
        };
        let advice = "write 2026-02-08, today, or today+10d (d, w, m or y)";
        date.ok_or_else(|| Complaint::new(tree.place, format!("`{text}` is no date")).help(advice))
    }

    /// `2026-02-08T10:00:00Z`, or a day as [`Sowing::date`] takes it, at midnight.
    fn time(&self, tree: &Tree) -> Result<CompactString, Complaint> {
        match tree.text()?.parse::<Timestamp>() {
            Ok(time) => Ok(time_text(time)),
            Err(_) => self.date(tree).map(|day| compact_str::format_compact!("{day}T00:00:00.000Z")),
        }
    }

    fn token(&mut self, world: &mut World, seed: &TokenSeed) -> Result<(), Complaint> {
        let mut fields = Fields::new().with("name", seed.key.name.as_str()).with("kind", seed.kind.name());
        let mut value = seed.value.clone();
        if let Some((owner, tree)) = &seed.owner {
            let id = CompactString::from(tree.text()?);
            let Some(record) = world.store.get(owner, &id).cloned() else {
                self.references.push(Reference { place: tree.place, kind: (*owner).to_owned(), id });
                return Ok(());
            };
            fields.set(&format!("{owner}_uid"), &id);
            if matches!(seed.kind, TokenKind::Staff | TokenKind::Client) {
                fields.set("business_uid", record.get("business_uid").clone());
            }
            if seed.kind == TokenKind::Client {
                // A JWT is the same for every seed and on every day, so that it can be written down.
                let jti = hex(&format!("{}/{id}", seed.key.name));
                value = Some(client_jwt(&ClientClaims::lasting(&id, record.text("business_uid"), &jti)).0);
            }
        }
        let value = value.unwrap_or_else(|| hex(&format!("{}/{}", seed.key.name, seed.kind.name())));
        if value.is_empty() || value.contains(|letter: char| !letter.is_ascii_graphic()) {
            let message = format!("the token `{}` cannot stand in a header", seed.key.name);
            return Err(
                Complaint::new(seed.key.place, message).help("give it a value of ASCII letters, without spaces")
            );
        }
        if let Some(other) = world.store.get("token", &value) {
            let message = format!("the tokens `{}` and `{}` have one value", other.text("name"), seed.key.name);
            return Err(Complaint::new(seed.key.place, message));
        }
        world.store.put(Record { kind: "token".into(), id: value.into(), fields });
        Ok(())
    }
}

/// The id that a record gives itself, whatever else it says.
fn id_of(tree: &Tree) -> Option<String> {
    let mut entries = tree.entries("a record").ok()?;
    let id = entries.take("id").or_else(|| entries.take("uid"));
    id.and_then(|id| id.text().ok()).map(str::to_owned)
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `+10d`, `-3m`: so many days, weeks, months or years.
fn span_of(offset: &str) -> Option<Span> {
    let (number, unit) = offset.split_at_checked(offset.len().checked_sub(1)?)?;
    let number: i64 = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
    match unit {
        "d" => Span::new().try_days(number).ok(),
        "w" => Span::new().try_weeks(number).ok(),
        "m" => Span::new().try_months(number).ok(),
        "y" => Span::new().try_years(number).ok(),
        _ => None,
    }
}

/// What a runner needs to call a world: its tokens by name, and the ids that workflow documents take as given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Tokens by name.
    pub tokens: Vec<(String, String)>,
    /// Variables by name.
    pub params: Vec<(String, String)>,
}

impl Credentials {
    /// The form that other runners read: `{"tokens": {…}, "params": {…}}`.
    pub fn to_json(&self) -> Value {
        let map = |pairs: &[(String, String)]| -> Map<String, Value> {
            pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
        };
        json!({"tokens": map(&self.tokens), "params": map(&self.params)})
    }

    /// Reads that form; `params` may be missing.
    pub fn from_json(value: &Value) -> Option<Self> {
        let pairs = |value: Option<&Value>| -> Vec<(String, String)> {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            value
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect()
        };
        let tokens = pairs(value.get("tokens"));
        (!tokens.is_empty()).then(|| Self { tokens, params: pairs(value.get("params")) })
    }

    /// The header that carries the token of that name.
    pub fn authorization(&self, name: &str) -> Option<String> {
        let scheme = if matches!(name, "admin" | "internal") { "Admin" } else { "Bearer" };
        self.token(name).map(|token| format!("{scheme} {token}"))
    }

    /// The token of that name.
    pub fn token(&self, name: &str) -> Option<&str> {
        self.tokens.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The tokens of a world by name.
pub fn tokens(world: &World) -> Vec<(String, String)> {
    world.store.all("token").map(|token| (token.text("name").to_owned(), token.id.to_string())).collect()
}

/// The tokens of a world, and the params that follow from whose they are.
pub fn credentials(world: &World, scenario: &Scenario) -> Credentials {
    let tokens = tokens(world);
    let of_kind = |kind: TokenKind| world.store.all("token").find(|token| token.text("kind") == kind.name());
    let mut params: Vec<(String, String)> = Vec::new();
    let mut add = |names: &[&str], id: &str| {
        if !id.is_empty() {
            params.extend(names.iter().map(|name| ((*name).to_owned(), id.to_owned())));
        }
    };
    if let Some(staff) = of_kind(TokenKind::Staff) {
        let business = staff.text("business_uid");
        add(&["business_id", "business_uid"], business);
        add(&["staff_id", "staff_uid"], staff.text("staff_uid"));
        let service = world.store.all("service").find(|service| service.text("business_uid") == business);
        add(&["service_id"], service.map_or("", |service| &service.id));
    }
    if let Some(client) = of_kind(TokenKind::Client) {
        let client = client.text("client_uid");
        add(&["client_id", "client_uid"], client);
        let matter = world.store.all("matter").find(|matter| matter.text("client_uid") == client);
        add(&["matter_uid"], matter.map_or("", |matter| &matter.id));
    }
    if let Some(directory) = of_kind(TokenKind::Directory) {
        add(&["directory_id"], directory.text("directory_uid"));
    }
    let mut line = vec![scenario];
    while let Some(base) = line.last().and_then(|scenario| scenario.base.as_deref()) {
        line.push(base);
    }
    for scenario in line.into_iter().rev() {
        let given: HashMap<_, _> = scenario.params.iter().cloned().collect();
        params.retain(|(name, _)| !given.contains_key(name));
        params.extend(scenario.params.iter().cloned());
    }
    Credentials { tokens, params }
}
