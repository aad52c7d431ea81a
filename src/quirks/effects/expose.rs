use crate::diagnostics::{Diagnostic, YamlNode};
use crate::model::Store;
use crate::quirks::Draft;

/// The effect `show: {at, kind, fields}`: at that place of the answer is a record of that kind, or a list of them (`*`),
/// and these of its fields are shown although the contract does not have them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expose {
    /// Where the record is.
    pub at: Vec<String>,
    /// Its kind.
    pub kind: String,
    /// The names of its fields.
    pub fields: Vec<String>,
    /// The ways to its id and to those fields.
    inside: Vec<Vec<String>>,
}

/// The names under which a record has its id.
const IDS: [&str; 2] = ["uid", "id"];

impl Expose {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`show`")?;
        let at: Vec<String> =
            entries.require("at")?.text()?.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let kind = entries.require("kind")?.text()?.to_owned();
        let fields: Vec<String> = entries.require("fields")?.texts()?.into_iter().map(str::to_owned).collect();
        entries.finish()?;
        let names = IDS.iter().copied().chain(fields.iter().map(String::as_str));
        let inside = names.map(|name| at.iter().cloned().chain([name.to_owned()]).collect()).collect();
        Ok(Self { at, kind, fields, inside })
    }

    /// Where it looks in an answer.
    pub fn field_paths(&self) -> impl Iterator<Item = &[String]> {
        self.inside.iter().map(Vec::as_slice)
    }

    /// Shows the fields; says whether anything changed.
    pub fn apply(&self, store: &Store, answer: &mut Draft<'_>) -> bool {
        self.show(store, answer, &self.at)
    }

    fn show(&self, store: &Store, value: &mut Draft<'_>, field_path: &[String]) -> bool {
        match field_path {
            [star, rest @ ..] if star == "*" => {
                value.elements().iter_mut().fold(false, |changed, element| self.show(store, element, rest) | changed)
            }
            [step, rest @ ..] => value.get(step).is_some_and(|below| self.show(store, below, rest)),
            [] => {
                let id = IDS.iter().find_map(|name| value.get(name)?.said());
                let Some(record) = id.and_then(|id| store.get(&self.kind, &id)) else { return false };
                self.fields.iter().fold(false, |changed, name| {
                    let known = serde_json::to_value(record.get(name)).unwrap_or_default();
                    value.put(std::slice::from_ref(name), (&known).into()) | changed
                })
            }
        }
    }
}
