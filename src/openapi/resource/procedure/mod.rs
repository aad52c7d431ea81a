//! Procedures: what an operation does, as a list of steps with expressions.
//!
//! ```yaml
//! operations:
//!   POST /v1/orders/{id}/ship:
//!     - {find: order, id: path.id, as: order, error: not_found, message: Order not found}
//!     - {reject: order.state != 'paid', field: id, message: The order is not paid}
//!     - {update: order, set: {state: "'shipped'"}, as: order}
//!     - respond: {order: order}
//! ```

mod read;
mod read_step;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use compact_str::CompactString;

use super::RuleError;
use crate::diagnostics::{Diagnostic, SourceFile, Span, YamlNode};
use crate::expressions::{Expression, Kinds};

pub(super) use read::{read_functions, read_named_procedures};

/// The names that every procedure begins with.
pub const REQUEST_VARIABLES: [&str; 3] = ["body", "path", "query"];

/// What an operation does, or what follows when the CRUD handler has written a record.
#[derive(Debug)]
pub struct Procedure {
    /// Its name, or the key of its operation.
    pub name: String,
    /// The file that describes it.
    pub file: SourceFile,
    /// Where its steps are.
    pub span: Span,
    /// The kind of the written record, `record`, if it follows a write.
    pub record: Option<CompactString>,
    /// The names of its parameters, if other procedures call it.
    pub parameters: Vec<CompactString>,
    /// Whether the caller must act for an owner, if the API has owners.
    pub needs_owner: bool,
    node: YamlNode,
    steps: OnceLock<Result<Steps, Diagnostic>>,
}

/// What the procedures and expressions of all files can name.
#[derive(Debug, Default)]
pub struct Names {
    /// Kinds and functions.
    pub kinds: Kinds,
    /// Procedures that others call.
    pub procedures: BTreeMap<String, Procedure>,
}

/// The compiled steps of a procedure.
#[derive(Clone, Debug)]
pub struct Steps {
    /// The steps.
    pub list: Vec<Step>,
    /// Number of variables.
    pub slots: usize,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Whether it happens.
    pub when: Option<Expression>,
    /// What happens.
    pub action: StepAction,
    /// Where it is in its file.
    pub span: Span,
    /// The variables that it is the first to set. They are `null` if it does not happen.
    pub declared: Vec<usize>,
}

/// What a step does. Numbers are indexes of variables.
#[derive(Clone, Debug)]
pub enum StepAction {
    /// Sets variables.
    Let(Vec<(usize, Expression)>),
    /// Looks a record of the caller's owner up, and rejects the request if there is none.
    Find {
        /// The kind of the record.
        kind: CompactString,
        /// Its id.
        id: Expression,
        /// The variable for it.
        slot: usize,
        /// The error if it does not exist.
        rejection: Rejection,
    },
    /// Rejects the request if a member of the body is no text, or empty.
    Require(Vec<String>),
    /// Rejects the request under a condition.
    Reject {
        /// The condition.
        condition: Expression,
        /// The error.
        rejection: Rejection,
    },
    /// Creates a record.
    Create {
        /// Its kind.
        kind: CompactString,
        /// Its id; a new unique one without it.
        id: Option<Expression>,
        /// Its fields.
        set: Values,
        /// The variable for it.
        slot: Option<usize>,
    },
    /// Changes a record, or each of a list.
    Update {
        /// The record, or a list of records.
        records: Expression,
        /// The variable for each while its fields are computed: `target`.
        target: usize,
        /// The fields that change.
        set: Values,
        /// The variable for the last changed record.
        slot: Option<usize>,
    },
    /// Deletes a record, or each of a list.
    Delete(Expression),
    /// Runs steps for each element of a list.
    ForEach {
        /// The list.
        list: Expression,
        /// The variable for an element: `item`.
        item: usize,
        /// The steps.
        steps: Vec<Step>,
    },
    /// Runs another procedure.
    Call {
        /// Its name.
        name: String,
        /// The values of its parameters, in their order.
        arguments: Vec<Expression>,
        /// The variable for what it returns.
        slot: Option<usize>,
    },
    /// Ends the procedure with a value for its caller.
    Return(Expression),
    /// Ends the procedure with a response.
    Respond {
        /// The members of the response.
        parts: Values,
        /// Its status, if it is not the documented one.
        status: Option<Expression>,
    },
    /// Ends the procedure with the page of a list that the query asks for.
    List(Box<ListStep>),
}

/// A response with a page of records.
#[derive(Clone, Debug)]
pub struct ListStep {
    /// The name of the list in the response.
    pub name: CompactString,
    /// The records.
    pub records: Expression,
    /// The variable for one of them: `item`.
    pub item: usize,
    /// Which of them the list has.
    pub condition: Option<Expression>,
    /// The record as the response shows it.
    pub view: Option<Expression>,
    /// A field that the response leaves out.
    pub hide: Option<Expression>,
    /// Other names of fields in the query.
    pub aliases: Vec<(String, String)>,
    /// Whether all parameters that the operation declares filter the list.
    pub is_declared: bool,
    /// Whether the list has pages.
    pub has_pages: Option<Expression>,
}

/// Values of fields.
#[derive(Clone, Debug)]
pub enum Values {
    /// An expression for each.
    Each(Vec<(CompactString, Expression)>),
    /// One expression for all of them: an object.
    Object(Expression),
}

/// The error of a rejected request.
#[derive(Clone, Debug)]
pub struct Rejection {
    /// The kind of error.
    pub error: RuleError,
    /// The status, if it is not that of the kind in the dialect.
    pub status: Option<u16>,
    /// The field that the error is about.
    pub field: Option<String>,
    /// The message.
    pub message: String,
    /// Whether it says that a record named by the request does not exist.
    pub is_unknown_id: bool,
}

impl Procedure {
    /// The compiled steps.
    ///
    /// # Errors
    /// If a step is wrong.
    pub fn steps(&self, names: &Names) -> Result<&Steps, &Diagnostic> {
        self.steps.get_or_init(|| read_step::read_steps(self, names)).as_ref()
    }
}
