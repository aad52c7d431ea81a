//! Errors in files that people write, and how they are shown.

use std::fmt;

#[cfg(feature = "snippets")]
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::SourceFile;

/// A position in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One error: its position, what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Position in the text.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without help.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    /// The same diagnostic with help.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A diagnostic for a missing entry.
    pub fn missing(span: Span, what: &str, name: &str) -> Self {
        Self::new(span, format!("{what} has no `{name}`")).help(format!("add `{name}: …`"))
    }

    /// A diagnostic for an unknown name, with the most similar known name as help.
    pub fn unknown(span: Span, what: &str, name: &str, known: &[&str]) -> Self {
        let diagnostic = Self::new(span, format!("unknown {what} `{name}`"));
        match nearest(name, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => diagnostic,
            None => diagnostic.help(format!("known here: {}", known.join(", "))),
        }
    }
}

/// The known name most similar to a mistyped one, if any is similar enough.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.chars().count().max(name.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Collects the errors of a file. The reader continues after each, so that all are reported at once.
#[derive(Debug, Default)]
pub struct Collector(Vec<Diagnostic>);

impl Collector {
    /// The value; `None` if it was an error, which is collected.
    pub fn collect<T>(&mut self, read: Result<T, Diagnostic>) -> Option<T> {
        read.map_err(|diagnostic| self.add(diagnostic)).ok()
    }

    /// Collects an error.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// The value of a part of the file that is read separately; `None` if it had errors, which are collected.
    pub fn collect_all<T>(&mut self, read: Result<T, Diagnostics>) -> Option<T> {
        read.map_err(|diagnostics| self.0.extend(diagnostics.list)).ok()
    }

    /// Number of errors so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The value, if there were no errors.
    ///
    /// # Errors
    /// The first error.
    pub fn first<T>(self, value: T) -> Result<T, Diagnostic> {
        self.0.into_iter().next().map_or(Ok(value), Err)
    }

    /// The value of a file, if there were no errors. It is missing only if an error was collected.
    ///
    /// # Errors
    /// All errors.
    pub fn all<T>(self, source: &SourceFile, value: Option<T>) -> Result<T, Diagnostics> {
        let list = self.0;
        value.filter(|_| list.is_empty()).ok_or_else(|| Diagnostics::new(&source.name, &source.text, list))
    }
}

/// All errors of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    /// The file's name.
    pub file: String,
    /// The file's text, to show its lines.
    pub text: String,
    /// The errors, sorted by position.
    pub list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// The errors of one file.
    pub fn new(file: impl Into<String>, text: impl Into<String>, mut list: Vec<Diagnostic>) -> Self {
        list.sort_by_key(|diagnostic| diagnostic.span);
        Self { file: file.into(), text: text.into(), list }
    }

    /// The errors for people, each with its line; with ANSI colours if `colour` is set.
    #[cfg(feature = "snippets")]
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for diagnostic in &self.list {
            let line = self.text.lines().nth(diagnostic.span.line.saturating_sub(1)).unwrap_or_default();
            let line: String = line.chars().take(400).collect();
            let start =
                line.char_indices().nth(diagnostic.span.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
            let width = line[start..].find([':', ',', ' ', '}', ']']).unwrap_or(line.len() - start);
            let mut group = Level::ERROR.primary_title(&diagnostic.message).element(
                Snippet::source(line.as_str())
                    .line_start(diagnostic.span.line)
                    .path(&self.file)
                    .annotation(AnnotationKind::Primary.span(start..start + width)),
            );
            if let Some(help) = &diagnostic.help {
                group = group.element(Level::HELP.message(help));
            }
            out.push_str(&renderer.render(&[group]));
            out.push('\n');
        }
        out
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            let Span { line, column } = diagnostic.span;
            write!(f, "{separator}{}:{line}:{column}: {}", self.file, diagnostic.message)?;
            if let Some(help) = &diagnostic.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
