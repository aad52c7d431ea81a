use super::{BehaviourRunner, failed};
use crate::expressions::{EvalError, Expression, Value};
use crate::openapi::{Effect, Notify, Receivers, Resource};
use crate::request::notification::MAX_NOTIFICATIONS;
use crate::request::{ApiError, Notification};

impl BehaviourRunner<'_> {
    /// Takes note of a message to each URL.
    pub(super) fn notify(
        &mut self,
        (resource, effect): (&Resource, &Effect),
        notify: &Notify,
        variables: &[Value],
    ) -> Result<(), ApiError> {
        let wrong = |error| failed(resource, effect.span, &error);
        let sent = self.resources.sent_request(notify.subject, &notify.name);
        let urls = match &notify.to {
            Receivers::Urls(to) => self.evaluated_urls(to, variables).map_err(wrong)?,
            _ => self.callers(resource, sent, notify, variables).map_err(wrong)?,
        };
        if urls.is_empty() {
            return Ok(());
        }
        let payload = self.field_value(resource, effect.span, ("", &notify.payload), variables)?;
        let payload = serde_json::to_value(payload).unwrap_or_default();
        let violation = sent.and_then(|sent| sent.violation(&payload));
        let method = sent.map_or(http::Method::POST, |sent| sent.method.clone());
        for url in urls {
            if self.state.notifications.len() >= MAX_NOTIFICATIONS {
                let message = format!("more than {MAX_NOTIFICATIONS} notifications for one request");
                return Err(failed(resource, effect.span, &EvalError { message }));
            }
            let (event, method, payload) = (notify.name.clone(), method.clone(), payload.clone());
            self.state.notifications.push(Notification { event, method, url, payload, violation: violation.clone() });
        }
        Ok(())
    }

    fn evaluated_urls(&mut self, to: &Expression, variables: &[Value]) -> Result<Vec<String>, EvalError> {
        let to = to.evaluate(variables, self)?;
        let urls = to.elements().map_or_else(|| vec![to.clone()], Iterator::collect);
        let urls = urls.iter().filter_map(Value::as_text).filter(|url| !url.is_empty());
        Ok(urls.map(|url| url.to_string()).collect())
    }
}
