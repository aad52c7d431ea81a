//! What was odd in a contract: every note has a stable code that `standin explain` knows.

use std::fmt;

/// How much an oddity costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something was assumed; nothing is lost.
    Info,
    /// A part is left out or taken for anything.
    Warning,
    /// A file or an operation is left out.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a note is about. A code is never renamed and never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A file below a folder could not be read.
    FileUnreadable,
    /// A file is neither JSON nor YAML.
    FileMalformed,
    /// A file is of a version that is not read.
    VersionUnsupported,
    /// A file names no version.
    VersionMissing,
    /// A file is no contract.
    NotAContract,
    /// A `$ref` leads nowhere.
    RefDangling,
    /// An operation is no object.
    OperationMalformed,
    /// An operation departs from OpenAPI.
    OperationOdd,
    /// An operation is in two files.
    OperationRepeated,
    /// A resources file names an operation that no contract has.
    OperationMissing,
    /// A path cannot be routed.
    RouteCollides,
    /// A parameter has no name or no place.
    ParameterMalformed,
    /// A path has a parameter that is not declared.
    ParameterUndeclared,
    /// A name is required that no property has.
    RequiredUnknown,
    /// A schema cannot be compiled.
    SchemaUnusable,
    /// An example breaks its own schema.
    ExampleInvalid,
    /// An operation has no documented success.
    SuccessMissing,
}

/// What a code means.
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// Its name.
    pub name: &'static str,
    /// What it costs.
    pub severity: Severity,
    /// What it means.
    pub meaning: &'static str,
    /// What is assumed.
    pub assumed: &'static str,
    /// What to do.
    pub advice: &'static str,
}

/// Every code, explained.
pub static ALL: &[Explanation] = &[
    Explanation {
        code: Code::FileUnreadable,
        name: "file-unreadable",
        severity: Severity::Error,
        meaning: "The system does not let the file be read, or it is larger than any contract.",
        assumed: "the file is left out",
        advice: "Mend the permissions or the link, or take the file out of the folder.",
    },
    Explanation {
        code: Code::FileMalformed,
        name: "file-malformed",
        severity: Severity::Error,
        meaning: "The file ends in .json, .yaml or .yml and is neither JSON nor YAML.",
        assumed: "the file is left out",
        advice: "Mend the place that is named; the other files are served meanwhile.",
    },
    Explanation {
        code: Code::VersionUnsupported,
        name: "version-unsupported",
        severity: Severity::Error,
        meaning: "The file says that it is of a version other than Swagger 2.0 and OpenAPI 3.0, 3.1 or 3.2.",
        assumed: "the file is left out",
        advice: "Convert it; for Swagger 1.x there are converters to 2.0.",
    },
    Explanation {
        code: Code::VersionMissing,
        name: "version-missing",
        severity: Severity::Info,
        meaning: "The file has paths but neither `swagger` nor `openapi`.",
        assumed: "the version that its content speaks of",
        advice: "Add `swagger: \"2.0\"` or `openapi: 3.0.3`.",
    },
    Explanation {
        code: Code::NotAContract,
        name: "not-a-contract",
        severity: Severity::Warning,
        meaning: "The file has neither a version nor paths: it is data, or a part that other files refer to.",
        assumed: "it has no operations",
        advice: "Nothing, if other files refer to it.",
    },
    Explanation {
        code: Code::RefDangling,
        name: "ref-dangling",
        severity: Severity::Warning,
        meaning: "A `$ref` leads to a file outside the given folders, or to a place that is not there. Nothing is ever \
                  fetched.",
        assumed: "anything is valid there",
        advice: "Add the folder with --swagger, or say where a URL lies with --ref-map URL=FOLDER.",
    },
    Explanation {
        code: Code::OperationMalformed,
        name: "operation-malformed",
        severity: Severity::Error,
        meaning: "Below a path stands something under a method's name that is no object.",
        assumed: "the operation is left out",
        advice: "Make it an object with `responses`.",
    },
    Explanation {
        code: Code::OperationOdd,
        name: "operation-odd",
        severity: Severity::Info,
        meaning: "A strict reader of OpenAPI refuses this operation.",
        assumed: "it is read as far as it goes",
        advice: "Mend it for other tools; it is served here.",
    },
    Explanation {
        code: Code::OperationRepeated,
        name: "operation-repeated",
        severity: Severity::Warning,
        meaning: "Another file has an operation of the same method and path.",
        assumed: "the first one is served",
        advice: "Take one of them out.",
    },
    Explanation {
        code: Code::OperationMissing,
        name: "operation-missing",
        severity: Severity::Info,
        meaning: "The embedded resources describe an operation that these contracts of the same API do not have.",
        assumed: "the rows of that operation are ignored",
        advice: "Nothing, unless the operation should be served: then add the contract that has it.",
    },
    Explanation {
        code: Code::RouteCollides,
        name: "route-collides",
        severity: Severity::Error,
        meaning: "Two paths of one method match the same calls, or the path cannot be a route.",
        assumed: "the first one is served",
        advice: "Make the paths differ in a fixed segment.",
    },
    Explanation {
        code: Code::ParameterMalformed,
        name: "parameter-malformed",
        severity: Severity::Warning,
        meaning: "A parameter has no name, or is `in` a place that there is not.",
        assumed: "the parameter is left out",
        advice: "Give it `name` and `in: path|query|header|cookie`.",
    },
    Explanation {
        code: Code::ParameterUndeclared,
        name: "parameter-undeclared",
        severity: Severity::Info,
        meaning: "The path has a parameter in braces that the operation does not declare.",
        assumed: "a required text",
        advice: "Declare it with `in: path`.",
    },
    Explanation {
        code: Code::RequiredUnknown,
        name: "required-unknown",
        severity: Severity::Info,
        meaning: "A schema requires a name that none of its properties has; some objects require themselves.",
        assumed: "requests may leave it out",
        advice: "Describe the property or take the name out of `required`.",
    },
    Explanation {
        code: Code::SchemaUnusable,
        name: "schema-unusable",
        severity: Severity::Warning,
        meaning: "A schema is no JSON Schema, even after OpenAPI's own words were translated.",
        assumed: "anything is valid",
        advice: "Mend the keyword that is named.",
    },
    Explanation {
        code: Code::ExampleInvalid,
        name: "example-invalid",
        severity: Severity::Info,
        meaning: "The example of an answer breaks the schema beside it.",
        assumed: "what breaks it is replaced by values that the schema allows",
        advice: "Mend whichever of the two is wrong.",
    },
    Explanation {
        code: Code::SuccessMissing,
        name: "success-missing",
        severity: Severity::Info,
        meaning: "The operation documents no status of success.",
        assumed: "200 without a body",
        advice: "Document what it answers.",
    },
];

impl Code {
    /// What the code means.
    pub fn explanation(self) -> &'static Explanation {
        ALL.iter().find(|known| known.code == self).expect("every code is explained; a test holds it")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explanation().name)
    }
}

/// Something that was odd in a contract, and what was assumed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// The file it is about.
    pub file: String,
    /// JSON pointer into the file.
    pub pointer: String,
    /// What kind of oddity it is.
    pub code: Code,
    /// What is odd here.
    pub message: String,
}

impl Note {
    /// A note.
    pub fn new(code: Code, file: &str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), pointer: pointer.into(), code, message: message.into() }
    }
}

/// A name as a step of a JSON pointer.
pub fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
