use std::fmt;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::Text;

/// Where in a text something stands: line and column, both from 1, column in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One mistake: where it is, what is wrong, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The place in the text.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to write instead, where that can be said.
    pub help: Option<String>,
}

impl Complaint {
    /// A complaint without advice.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: None }
    }

    /// The same complaint with advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The complaint that something has no entry of that name.
    pub fn missing(place: Place, what: &str, name: &str) -> Self {
        Self::new(place, format!("{what} has no `{name}`")).help(format!("add `{name}: …`"))
    }

    /// The complaint that something is unknown, with the nearest of the known names as advice.
    pub fn unknown(place: Place, what: &str, name: &str, known: &[&str]) -> Self {
        let complaint = Self::new(place, format!("unknown {what} `{name}`"));
        match nearest(name, known.iter().copied()) {
            Some(near) => complaint.help(format!("did you mean `{near}`?")),
            None if known.is_empty() => complaint,
            None => complaint.help(format!("known here: {}", known.join(", "))),
        }
    }
}

/// The known name nearest to a mistyped one, if any is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, known)| *distance <= 1 + known.chars().count().max(name.chars().count()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// The mistakes that a reader has come upon. It goes on behind each, so that all of a file are told at once.
#[derive(Debug, Default)]
pub struct Mistakes(Vec<Complaint>);

impl Mistakes {
    /// What was read, or nothing where it was a mistake, which is noted.
    pub fn note<T>(&mut self, read: Result<T, Complaint>) -> Option<T> {
        read.map_err(|complaint| self.add(complaint)).ok()
    }

    /// Notes a mistake.
    pub fn add(&mut self, complaint: Complaint) {
        self.0.push(complaint);
    }

    /// Notes what is wrong with a part of the file that is read by itself.
    pub fn note_all<T>(&mut self, read: Result<T, Complaints>) -> Option<T> {
        read.map_err(|complaints| self.0.extend(complaints.list)).ok()
    }

    /// How many there are so far.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// A whole value, when nothing was wrong.
    ///
    /// # Errors
    /// The first mistake.
    pub fn first<T>(self, value: T) -> Result<T, Complaint> {
        self.0.into_iter().next().map_or(Ok(value), Err)
    }

    /// What was read of a file, when nothing was wrong. A value is missing only where a mistake was noted.
    ///
    /// # Errors
    /// All mistakes.
    pub fn all<T>(self, source: &Text, value: Option<T>) -> Result<T, Complaints> {
        let list = self.0;
        value.filter(|_| list.is_empty()).ok_or_else(|| Complaints::new(&source.name, &source.text, list))
    }
}

/// Everything that is wrong with one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaints {
    /// The file's name.
    pub file: String,
    /// The file's text, for showing the lines.
    pub text: String,
    /// In the order of the file.
    pub list: Vec<Complaint>,
}

impl Complaints {
    /// The complaints about one file, sorted by place.
    pub fn new(file: impl Into<String>, text: impl Into<String>, mut list: Vec<Complaint>) -> Self {
        list.sort_by_key(|complaint| complaint.place);
        Self { file: file.into(), text: text.into(), list }
    }

    /// The complaints as a person reads them, with the line shown; coloured if asked for.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let mut out = String::new();
        for complaint in &self.list {
            let line = self.text.lines().nth(complaint.place.line.saturating_sub(1)).unwrap_or_default();
            let line: String = line.chars().take(400).collect();
            let start =
                line.char_indices().nth(complaint.place.column.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
            let width = line[start..].find([':', ',', ' ', '}', ']']).unwrap_or(line.len() - start);
            let mut group = Level::ERROR.primary_title(&complaint.message).element(
                Snippet::source(line.as_str())
                    .line_start(complaint.place.line)
                    .path(&self.file)
                    .annotation(AnnotationKind::Primary.span(start..start + width)),
            );
            if let Some(help) = &complaint.help {
                group = group.element(Level::HELP.message(help));
            }
            out.push_str(&renderer.render(&[group]));
            out.push('\n');
        }
        out
    }
}

impl fmt::Display for Complaints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, complaint) in self.list.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            let Place { line, column } = complaint.place;
            write!(f, "{separator}{}:{line}:{column}: {}", self.file, complaint.message)?;
            if let Some(help) = &complaint.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Complaints {}
