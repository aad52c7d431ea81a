//! Notes about contracts. Every note has a stable code that `standin explain` explains.

use std::fmt;

/// How serious a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// An assumption was made; everything is served.
    Info,
    /// A part is ignored, or any value is valid there.
    Warning,
    /// A file or an operation is skipped.
    Error,
}

impl Severity {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The subject of a note. A code is never renamed or reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// A file below a folder could not be read.
    FileUnreadable,
    /// A file is neither valid JSON nor valid YAML.
    FileMalformed,
    /// A mapping has the same key twice.
    KeyRepeated,
    /// A file has an unsupported version.
    VersionUnsupported,
    /// A file has no version.
    VersionMissing,
    /// A file is not a contract.
    NotAContract,
    /// The target of a `$ref` is missing.
    RefDangling,
    /// An operation is not an object.
    OperationMalformed,
    /// An operation violates OpenAPI.
    OperationOdd,
    /// An operation is in two files.
    OperationRepeated,
    /// A resources file names an operation that no contract has.
    OperationMissing,
    /// A path cannot be routed.
    RouteCollides,
    /// A parameter has no name or no valid location.
    ParameterMalformed,
    /// A path has a parameter that is not declared.
    ParameterUndeclared,
    /// A required name has no property.
    RequiredUnknown,
    /// A schema is not a valid JSON Schema.
    SchemaUnusable,
    /// A schema combines so many others that it is not enforced.
    SchemaTooLarge,
    /// No text can be generated for a pattern.
    PatternUnmatched,
    /// An example violates its schema.
    ExampleInvalid,
    /// An operation documents no success.
    SuccessMissing,
}

/// The explanation of a code.
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// Its name in reports and for `standin explain`.
    pub name: &'static str,
    /// How serious it is.
    pub severity: Severity,
    /// What the problem is.
    pub meaning: &'static str,
    /// How standin handles it.
    pub assumed: &'static str,
    /// How to fix it.
    pub advice: &'static str,
}

/// Every code with its explanation.
pub static ALL: &[Explanation] = &[
    Explanation {
        code: Code::FileUnreadable,
        name: "file-unreadable",
        severity: Severity::Error,
        meaning: "The file cannot be read: permission denied, a broken link, or larger than 64 MiB.",
        assumed: "the file is skipped",
        advice: "Fix the permissions or the link, or remove the file from the folder.",
    },
    Explanation {
        code: Code::FileMalformed,
        name: "file-malformed",
        severity: Severity::Error,
        meaning: "The file ends in .json, .yaml or .yml, but is neither valid JSON nor valid YAML.",
        assumed: "the file is skipped; the other files are served",
        advice: "Fix the syntax error on the reported line.",
    },
    Explanation {
        code: Code::KeyRepeated,
        name: "key-repeated",
        severity: Severity::Warning,
        meaning: "A mapping of a YAML file has the same key twice.",
        assumed: "the last value of the key",
        advice: "Remove or rename one of the keys. Further repeated keys of the file are reported after that.",
    },
    Explanation {
        code: Code::VersionUnsupported,
        name: "version-unsupported",
        severity: Severity::Error,
        meaning: "The file has a version other than Swagger 2.0 and OpenAPI 3.0, 3.1 or 3.2.",
        assumed: "the file is skipped",
        advice: "Convert the file. For Swagger 1.x there are converters to 2.0.",
    },
    Explanation {
        code: Code::VersionMissing,
        name: "version-missing",
        severity: Severity::Info,
        meaning: "The file has paths, but neither `swagger` nor `openapi`.",
        assumed: "the version is inferred from the content",
        advice: "Add `swagger: \"2.0\"` or `openapi: 3.0.3`.",
    },
    Explanation {
        code: Code::NotAContract,
        name: "not-a-contract",
        severity: Severity::Warning,
        meaning: "The file has neither a version nor paths. It is data, or a part that other files refer to.",
        assumed: "the file has no operations",
        advice: "Nothing, if other files refer to it.",
    },
    Explanation {
        code: Code::RefDangling,
        name: "ref-dangling",
        severity: Severity::Warning,
        meaning: "The target of a `$ref` is missing, or is a file outside the given folders. Nothing is fetched.",
        assumed: "any value is valid",
        advice: "Add the folder with --swagger, or map a URL to a folder with --ref-map URL=FOLDER.",
    },
    Explanation {
        code: Code::OperationMalformed,
        name: "operation-malformed",
        severity: Severity::Error,
        meaning: "The value of a method in a path item is not an object.",
        assumed: "the operation is skipped",
        advice: "Make it an object with `responses`.",
    },
    Explanation {
        code: Code::OperationOdd,
        name: "operation-odd",
        severity: Severity::Info,
        meaning: "The operation violates OpenAPI.",
        assumed: "it is read as far as possible",
        advice: "Fix it for other tools; it is served here.",
    },
    Explanation {
        code: Code::OperationRepeated,
        name: "operation-repeated",
        severity: Severity::Warning,
        meaning: "Another file has an operation with the same method and path.",
        assumed: "the first one is served",
        advice: "Remove one of them.",
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
        meaning: "Two paths of one method match the same requests, or a path cannot be a route.",
        assumed: "the first one is served",
        advice: "Make the paths differ in a literal segment.",
    },
    Explanation {
        code: Code::ParameterMalformed,
        name: "parameter-malformed",
        severity: Severity::Warning,
        meaning: "A parameter has no `name`, or its `in` is invalid.",
        assumed: "the parameter is ignored",
        advice: "Add `name` and `in: path|query|header|cookie`.",
    },
    Explanation {
        code: Code::ParameterUndeclared,
        name: "parameter-undeclared",
        severity: Severity::Info,
        meaning: "The path has a parameter in braces that the operation does not declare.",
        assumed: "a required string",
        advice: "Declare it with `in: path`.",
    },
    Explanation {
        code: Code::RequiredUnknown,
        name: "required-unknown",
        severity: Severity::Info,
        meaning: "A schema requires a name without a property. Some objects require themselves.",
        assumed: "requests can omit it",
        advice: "Declare the property, or remove it from `required`.",
    },
    Explanation {
        code: Code::SchemaUnusable,
        name: "schema-unusable",
        severity: Severity::Warning,
        meaning: "A schema is not a valid JSON Schema, even after OpenAPI's own keywords were translated.",
        assumed: "any value is valid",
        advice: "Fix the keyword in the message.",
    },
    Explanation {
        code: Code::SchemaTooLarge,
        name: "schema-too-large",
        severity: Severity::Warning,
        meaning: "A schema combines more than 10,000 schemas for one value, such as nine branches of `oneOf` with nine branches each, \
                  for several levels.",
        assumed: "its combinations (`allOf`, `oneOf`, `anyOf`, `not`, `if`) are not enforced",
        advice: "Combine fewer schemas, for example with a `discriminator` and one level of `oneOf`.",
    },
    Explanation {
        code: Code::PatternUnmatched,
        name: "pattern-unmatched",
        severity: Severity::Info,
        meaning: "No text was found that matches a pattern and has the allowed length.",
        assumed: "generated text does not match the pattern",
        advice: "Add an `example` to the schema, or fix the pattern.",
    },
    Explanation {
        code: Code::ExampleInvalid,
        name: "example-invalid",
        severity: Severity::Info,
        meaning: "The example of a response violates the schema beside it.",
        assumed: "invalid parts are replaced by values that the schema allows",
        advice: "Fix the example or the schema.",
    },
    Explanation {
        code: Code::SuccessMissing,
        name: "success-missing",
        severity: Severity::Info,
        meaning: "The operation documents no success status.",
        assumed: "200 without a body",
        advice: "Document the success response.",
    },
];

impl Code {
    /// The explanation of the code.
    pub fn explanation(self) -> &'static Explanation {
        ALL.iter().find(|known| known.code == self).expect("every code has an explanation; a test checks it")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.explanation().name)
    }
}

/// A problem of a contract.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    /// Name of the file.
    pub file: String,
    /// JSON pointer into the file; may be empty.
    pub pointer: String,
    /// The kind of problem.
    pub code: Code,
    /// The problem in one sentence.
    pub message: String,
}

impl Note {
    /// A note.
    pub fn new(code: Code, file: &str, pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), pointer: pointer.into(), code, message: message.into() }
    }
}
