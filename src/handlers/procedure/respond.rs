//! Responses of procedures.

use std::sync::Arc;

use compact_str::CompactString;
use smallvec::SmallVec;

use super::Run;
use crate::diagnostics::Span;
use crate::expressions::{Expression, Value};
use crate::handlers::query::ListQuery;
use crate::model::Record;
use crate::openapi::{ListStep, Values};
use crate::request::{ApiError, RecordView, Reply, ReplyPart};

impl Run<'_, '_> {
    /// A response with these members, in the shape of the documented response.
    pub(super) fn reply(&mut self, span: Span, parts: &Values, status: Option<&Expression>) -> Result<Reply, ApiError> {
        let status = status.map(|status| self.value(span, status)).transpose()?;
        let status = status.and_then(|status| status.as_integer()).and_then(|status| u16::try_from(status).ok());
        let parts = self.parts(span, parts)?;
        Ok(Reply { parts, status, ..Reply::empty() })
    }

    /// The page of a list. Views of other records are only made if the query filters or sorts by their fields, and quirks of
    /// theirs are not applied to the response.
    pub(super) fn list(&mut self, span: Span, list: &ListStep) -> Result<Reply, ApiError> {
        let query = match list.is_declared {
            true => ListQuery::declared(self.query, self.operation),
            false => ListQuery::new(self.query, &list.aliases),
        };
        let applied = self.runner.state().applied_quirks();
        let mut records = self.listed(span, list)?;
        if query.reads_fields() {
            records = records.into_iter().map(|record| self.view(span, list, record)).collect::<Result<_, _>>()?;
        }
        self.runner.state().restore_applied(&applied);
        let has_pages = list.has_pages.as_ref().map_or(Ok(true), |pages| self.holds(span, pages))?;
        let views = records.iter().map(RecordView::of);
        let mut views = if has_pages { query.page(views)?.views } else { query.select(views) };
        if list.view.is_some() {
            let records = views.into_iter().map(|view| self.runner.current(view.shared_record())).collect::<Vec<_>>();
            let shown = records.into_iter().map(|record| Ok(RecordView::of(&self.view(span, list, record)?)));
            views = shown.collect::<Result<_, ApiError>>()?;
        }
        let hide = list.hide.as_ref().map(|hide| self.value(span, hide)).transpose()?;
        if let Some(hide) = hide.as_ref().and_then(Value::as_text) {
            views = views.into_iter().map(|view| view.without(hide)).collect();
        }
        Ok(Reply::many(&list.name, views))
    }

    /// The records of a list that fit its condition.
    fn listed(&mut self, span: Span, list: &ListStep) -> Result<Vec<Arc<Record>>, ApiError> {
        let mut records = Vec::new();
        let all = self.value(span, &list.records)?;
        for element in all.elements().into_iter().flatten() {
            let Value::Record(record) = &element else { return Err(self.failed(span, "a list has records")) };
            let record = Arc::clone(record);
            self.variables[list.item] = element;
            if list.condition.as_ref().map_or(Ok(true), |condition| self.holds(span, condition))? {
                records.push(record);
            }
        }
        Ok(records)
    }

    fn view(&mut self, span: Span, list: &ListStep, record: Arc<Record>) -> Result<Arc<Record>, ApiError> {
        let Some(view) = &list.view else { return Ok(record) };
        self.variables[list.item] = Value::Record(record);
        match self.value(span, view)? {
            Value::Record(record) => Ok(record),
            _ => Err(self.failed(span, "`view` is no record")),
        }
    }

    /// The members of a response: those of an object, or the fields of a record.
    fn parts(&mut self, span: Span, parts: &Values) -> Result<SmallVec<[(CompactString, ReplyPart); 1]>, ApiError> {
        let members: Vec<(CompactString, Value)> = match parts {
            Values::Each(each) => {
                let each = each.iter().map(|(name, part)| Ok((name.clone(), self.value(span, part)?)));
                each.collect::<Result<_, ApiError>>()?
            }
            Values::Object(_) => {
                self.fields(span, None, parts)?.into_iter().map(|(name, value)| (name, value.into())).collect()
            }
        };
        let parts = members.into_iter().map(|(name, value)| Ok((name, self.part(span, value)?)));
        parts.collect()
    }

    fn part(&self, span: Span, value: Value) -> Result<ReplyPart, ApiError> {
        let records = |list: &[Value]| {
            let records = list.iter().map(|element| match element {
                Value::Record(record) => Some(RecordView::of(record)),
                _ => None,
            });
            records.collect::<Option<Vec<_>>>()
        };
        Ok(match &value {
            Value::Record(record) => ReplyPart::RecordView(RecordView::of(record)),
            Value::List(list) if let Some(views) = records(list) => ReplyPart::Views(views),
            _ => ReplyPart::FieldValue(value.into_field().map_err(|error| self.failed(span, &error.message))?),
        })
    }
}
