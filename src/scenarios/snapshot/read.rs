//! Reads the key `snapshot` of a scenario.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;

use super::{FaultProgress, KnownResponse, OtherRecord, Snapshot, SnapshotClock, VERSION};
use crate::diagnostics::{Collector, Diagnostic, Key, Span, YamlMap, YamlNode};
use crate::faults::FaultUsage;
use crate::model::{FieldValue, Record};
use crate::request::Response;
use crate::scenarios::read::read_time;
use crate::scenarios::seed::values::exact_json;

/// The highest count. A higher one in a file is as good as this one, and could not be counted up.
const MAX_COUNT: u64 = 1 << 53;

/// The fastest clock, as for the control API.
const MAX_SPEED: f64 = 3_600_000.0;

/// Reads the key; what is invalid in it is collected.
pub(in crate::scenarios) fn read_snapshot(tree: &YamlNode, diagnostics: &mut Collector) -> Snapshot {
    let mut snapshot = Snapshot::default();
    let Some(mut entries) = diagnostics.collect(tree.entries("a snapshot")) else { return snapshot };
    let version = entries.require("version").and_then(read_version);
    // Another version may have any keys.
    if diagnostics.collect(version).is_none() {
        return snapshot;
    }
    snapshot.clock = entries.take("clock").and_then(|tree| diagnostics.collect(read_clock(tree)));
    snapshot.random = entries.take("random").and_then(|tree| diagnostics.collect(tree.count()));
    if let Some(tree) = entries.take("faults") {
        snapshot.faults = diagnostics.collect(read_faults(tree)).unwrap_or_default();
    }
    snapshot.idempotency = list(&mut entries, "idempotency", diagnostics, read_known);
    snapshot.records = list(&mut entries, "records", diagnostics, read_record);
    snapshot.fields = list(&mut entries, "fields", diagnostics, read_fields);
    snapshot.deleted = list(&mut entries, "deleted", diagnostics, read_record);
    let ids = |tree: &YamlNode| tree.list()?.iter().map(|id| id.text().map(str::to_owned)).collect();
    snapshot.hidden_ids = by_kind(&mut entries, "hidden_ids", diagnostics, ids);
    snapshot.numbers = by_kind(&mut entries, "numbers", diagnostics, count);
    entries.finish_with(diagnostics);
    snapshot
}

fn read_version(tree: &YamlNode) -> Result<(), Diagnostic> {
    match tree.count()? {
        VERSION => Ok(()),
        other => {
            let message = format!("version {other} of snapshots is unknown");
            Err(Diagnostic::new(tree.span, message).help(format!("this program reads version {VERSION}")))
        }
    }
}

/// A number that is counted up.
fn count(tree: &YamlNode) -> Result<u64, Diagnostic> {
    tree.count().map(|count| count.min(MAX_COUNT))
}

/// The elements of a list.
fn list<'t, T>(
    entries: &mut YamlMap<'t>,
    name: &'t str,
    diagnostics: &mut Collector,
    read: fn(&YamlNode) -> Result<T, Diagnostic>,
) -> Vec<T> {
    let list = entries.take(name).and_then(|tree| diagnostics.collect(tree.list())).unwrap_or_default();
    list.iter().filter_map(|tree| diagnostics.collect(read(tree))).collect()
}

/// The values of a mapping whose keys are kinds of records.
fn by_kind<'t, T>(
    entries: &mut YamlMap<'t>,
    name: &'t str,
    diagnostics: &mut Collector,
    read: impl Fn(&YamlNode) -> Result<T, Diagnostic>,
) -> Vec<(String, T)> {
    let map = entries.take(name).and_then(|tree| diagnostics.collect(tree.entries("a mapping by kind")));
    let rest = map.map(|mut map| map.rest()).unwrap_or_default();
    rest.into_iter().filter_map(|(key, tree)| Some((key.name.clone(), diagnostics.collect(read(tree))?))).collect()
}

fn read_clock(tree: &YamlNode) -> Result<SnapshotClock, Diagnostic> {
    let mut entries = tree.entries("the clock")?;
    let now = read_time(entries.require("now")?)?;
    let flag = |tree: Option<&YamlNode>| tree.map_or(Ok(false), YamlNode::boolean);
    let (frozen, set) = (flag(entries.take("frozen"))?, flag(entries.take("set"))?);
    let speed = entries.take("speed").map_or(Ok(1.0), read_speed)?;
    entries.finish()?;
    Ok(SnapshotClock { now, frozen, speed, set })
}

fn read_speed(tree: &YamlNode) -> Result<f64, Diagnostic> {
    let speed = tree.to_json().as_f64().filter(|speed| (0.0..=MAX_SPEED).contains(speed));
    speed.ok_or_else(|| tree.expected(&format!("a number from 0 to {MAX_SPEED}")))
}

fn read_faults(tree: &YamlNode) -> Result<FaultProgress, Diagnostic> {
    let mut entries = tree.entries("the progress of faults")?;
    let last_number = entries.take("last_number").map_or(Ok(0), count)?;
    let random = entries.take("random").map(YamlNode::count).transpose()?;
    let mut usage = Vec::new();
    if let Some(tree) = entries.take("usage") {
        for (key, tree) in tree.entries("the usage of faults")?.rest() {
            usage.push((key.clone(), read_usage(tree)?));
        }
    }
    entries.finish()?;
    Ok(FaultProgress { last_number, random, usage })
}

fn read_usage(tree: &YamlNode) -> Result<FaultUsage, Diagnostic> {
    let mut entries = tree.entries("the usage of a fault")?;
    let matched = entries.take("matched").map_or(Ok(0), count)?;
    let applied = entries.take("applied").map_or(Ok(0), count)?;
    let window = entries.take("window").map(read_window).transpose()?;
    entries.finish()?;
    Ok(FaultUsage { matched, applied, window })
}

fn read_window(tree: &YamlNode) -> Result<(Timestamp, u64), Diagnostic> {
    let mut entries = tree.entries("a window")?;
    let window = (read_time(entries.require("begun")?)?, count(entries.require("requests")?)?);
    entries.finish()?;
    Ok(window)
}

fn read_known(tree: &YamlNode) -> Result<KnownResponse, Diagnostic> {
    let mut entries = tree.entries("an idempotency key")?;
    let (key, body) = (read_bytes(entries.require("key")?)?, read_bytes(entries.require("body")?)?);
    let tree = entries.require("response")?;
    entries.finish()?;
    let mut entries = tree.entries("a response")?;
    let status = entries.require("status")?;
    let code = status.count()?;
    let known = u16::try_from(code).ok().filter(|code| (100..600).contains(code));
    let known = known.and_then(|code| StatusCode::from_u16(code).ok());
    let mut response = Response::empty(known.ok_or_else(|| status.expected("a status from 100 to 599"))?);
    for header in entries.take("headers").map_or(Ok(&[][..]), YamlNode::list)? {
        response.headers.push(read_header(header)?);
    }
    response.body = read_bytes(entries.require("body")?)?.into();
    response.meta.caller = entries.take("caller").map_or(Ok(""), YamlNode::text)?.into();
    let named = |tree: &YamlNode| Ok(Key { name: tree.text()?.to_owned(), span: tree.span });
    let operation = entries.take("operation").map(named).transpose()?;
    let quirks = entries.take("quirks").map_or(Ok(&[][..]), YamlNode::list)?;
    let quirks = quirks.iter().map(named).collect::<Result<_, _>>()?;
    entries.finish()?;
    Ok(KnownResponse { key, body, response, operation, quirks })
}

/// A pair of name and value.
fn read_header(tree: &YamlNode) -> Result<(HeaderName, HeaderValue), Diagnostic> {
    let expected = || tree.expected("a header as a list of its name and its value");
    let [name, value] = tree.list()? else { return Err(expected()) };
    let name = HeaderName::from_bytes(name.text()?.as_bytes());
    let value = HeaderValue::from_bytes(value.text()?.as_bytes());
    name.ok().zip(value.ok()).ok_or_else(expected)
}

/// `{text}` or `{base64}`.
fn read_bytes(tree: &YamlNode) -> Result<Vec<u8>, Diagnostic> {
    let mut entries = tree.entries("`text` or `base64`")?;
    let (text, base64) = (entries.take("text"), entries.take("base64"));
    entries.finish()?;
    match (text, base64) {
        (Some(text), None) => Ok(text.text()?.as_bytes().to_vec()),
        (None, Some(encoded)) => {
            let decoded = BASE64_STANDARD.decode(encoded.text()?);
            decoded.map_err(|error| Diagnostic::new(encoded.span, format!("the text is not base64: {error}")))
        }
        _ => Err(tree.expected("either `text` or `base64`")),
    }
}

/// A record with its place.
fn read_record(tree: &YamlNode) -> Result<OtherRecord, Diagnostic> {
    let mut entries = tree.entries("a record of a snapshot")?;
    let place = entries.take("place").map_or(Ok(u64::MAX), YamlNode::count)?;
    Ok(OtherRecord { place: usize::try_from(place).unwrap_or(usize::MAX), ..read_entries(tree.span, entries)? })
}

/// Fields of a record.
fn read_fields(tree: &YamlNode) -> Result<OtherRecord, Diagnostic> {
    read_entries(tree.span, tree.entries("the fields of a record")?)
}

fn read_entries(span: Span, mut entries: YamlMap<'_>) -> Result<OtherRecord, Diagnostic> {
    let kind = entries.require("kind")?.text()?;
    let id = entries.require("id")?.text()?;
    let fields =
        entries.take("fields").map(|tree| tree.entries("the fields").map(|mut fields| fields.rest())).transpose()?;
    entries.finish()?;
    let fields = fields.unwrap_or_default().into_iter();
    let fields = fields.map(|(key, tree)| (key.name.as_str().into(), FieldValue::from(&exact_json(tree)))).collect();
    let record = Record::new(kind, id, fields);
    Ok(OtherRecord { place: 0, span, record })
}
