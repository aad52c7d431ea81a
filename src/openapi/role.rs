//! What an operation does, and to which kind of record. [`super::infer`] determines it.

use std::fmt;

use thin_vec::ThinVec;

/// What an operation does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RoleKind {
    /// Lists the records of a collection.
    List,
    /// Creates a record.
    Create,
    /// Reads one record.
    Read,
    /// Changes one record.
    Update,
    /// Removes one record.
    Delete,
    /// Changes several records at once.
    Bulk,
    /// Any other action, on a record or on nothing in particular.
    Action,
    /// The only record at a path.
    Singleton,
    /// Returns computed data.
    #[default]
    Report,
}

/// The roles that a resources file can give to an operation, and their names there.
pub const DECLARED_ROLES: [(&str, RoleKind); 6] = [
    ("list", RoleKind::List),
    ("create", RoleKind::Create),
    ("read", RoleKind::Read),
    ("update", RoleKind::Update),
    ("delete", RoleKind::Delete),
    ("act", RoleKind::Action),
];

impl fmt::Display for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::List => "list",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Bulk => "bulk",
            Self::Action => "action",
            Self::Singleton => "singleton",
            Self::Report => "report",
        })
    }
}

/// What an operation does, and to which kind of record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// The kind of operation.
    pub kind: RoleKind,
    /// The kind of record, in the singular.
    pub resource: Option<String>,
    /// Index, among the path parameters, of the one that identifies the record.
    pub item: Option<usize>,
    /// The path parameters that identify the parents of the record.
    pub parents: ThinVec<Parent>,
    /// Whether another operation creates such records in the collection of the path.
    pub has_create: bool,
    /// Whether clients can learn the ids of such records: they are listed, created or seeded.
    pub is_collection: bool,
}

/// End of the names of fields that name the parent of a record; responses do not show them.
pub const PARENT_FIELD: &str = "_of_path";

/// A path parameter that identifies a parent of the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Index among the path parameters.
    pub index: usize,
    /// Name of the parameter.
    pub name: String,
    /// Kind of the parent record, in the singular.
    pub resource: String,
    /// Number of later parents of the same kind: 1 for `{owner}` in `/repos/{owner}/{repo}/issues`.
    pub later: usize,
    /// Whether an operation creates such records at this place of the path.
    pub can_be_created: bool,
}

impl Parent {
    /// The field in which a record names this parent, whatever the parameter is called in a path.
    pub fn field(&self) -> String {
        match self.later {
            0 => format!("{}{PARENT_FIELD}", self.resource),
            later => format!("{}_{later}{PARENT_FIELD}", self.resource),
        }
    }
}
