//! Sends notifications to the URLs that the user allows.

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};

use super::remote::Upstream;
use crate::session::{Delivery, DeliveryStatus, NotificationSender};

/// How long to wait before each further attempt.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];
/// How many notifications wait for one receiver at most.
const MAX_WAITING: usize = 10_000;

/// A URL below which notifications are sent: `http://127.0.0.1:9000/hooks`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlPrefix {
    scheme: String,
    authority: Authority,
    /// Without a slash at its end.
    path: String,
}

/// A text is no URL below which notifications can be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write a URL with http:// or https://, such as http://127.0.0.1:9000/hooks")]
pub struct UrlPrefixError;

impl UrlPrefix {
    /// Parses a prefix.
    ///
    /// # Errors
    /// If it is no URL with a host, or has a query.
    pub fn parse(text: &str) -> Result<Self, UrlPrefixError> {
        let (scheme, authority, target) = split(text).ok_or(UrlPrefixError)?;
        match target.contains('?') {
            true => Err(UrlPrefixError),
            false => Ok(Self { scheme, authority, path: target.trim_end_matches('/').to_owned() }),
        }
    }

    /// The path and query of a URL below the prefix. Paths that lead upwards are below none.
    fn target_of(&self, url: &str) -> Option<String> {
        let (scheme, authority, target) = split(url)?;
        let path = target.split('?').next().unwrap_or_default();
        let plain = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
        let leads_up = plain.split(['/', '\\']).any(|segment| segment == "..");
        let rest = path.strip_prefix(self.path.as_str())?;
        let is_below =
            scheme == self.scheme && authority == self.authority && (rest.is_empty() || rest.starts_with('/'));
        (is_below && !leads_up).then_some(target)
    }

    /// The addresses of the host.
    fn resolve(&self) -> std::io::Result<Vec<SocketAddr>> {
        let default = if self.scheme == "https" { 443 } else { 80 };
        let port = self.authority.port_u16().unwrap_or(default);
        let host = self.authority.host().trim_start_matches('[').trim_end_matches(']');
        Ok((host, port).to_socket_addrs()?.collect())
    }
}

/// Scheme, host with port, and path with query of a URL without user.
fn split(url: &str) -> Option<(String, Authority, String)> {
    let url: Uri = url.parse().ok()?;
    let scheme = url.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?.to_owned();
    let authority = url.authority()?.clone();
    let is_plain = !authority.as_str().contains('@') && !authority.host().is_empty();
    is_plain.then(|| (scheme, authority, url.path_and_query().map_or("/", |target| target.as_str()).to_owned()))
}

/// Sends notifications below some URLs, one receiver after the other for each. Redirects are not followed, and the host of
/// a prefix keeps the addresses that it has at the start.
#[derive(Debug)]
pub struct WebhookSender(Vec<Channel>);

#[derive(Debug)]
struct Channel {
    prefix: UrlPrefix,
    queue: SyncSender<(Arc<Delivery>, String)>,
}

impl WebhookSender {
    /// Starts to send below these prefixes.
    ///
    /// # Errors
    /// If the host of a prefix cannot be resolved.
    pub fn start(prefixes: &[UrlPrefix]) -> std::io::Result<Self> {
        let channel = |prefix: &UrlPrefix| {
            let upstream = Upstream::pinned(&format!("{}://{}", prefix.scheme, prefix.authority), prefix.resolve()?);
            let (queue, waiting) = sync_channel(MAX_WAITING);
            thread::Builder::new().name("webhooks".to_owned()).spawn(move || send_all(&upstream, &waiting))?;
            Ok(Channel { prefix: prefix.clone(), queue })
        };
        Ok(Self(prefixes.iter().map(channel).collect::<std::io::Result<_>>()?))
    }
}

impl NotificationSender for WebhookSender {
    fn send(&self, delivery: Arc<Delivery>) {
        let url = &delivery.notification.url;
        let found = self.0.iter().find_map(|channel| Some((channel, channel.prefix.target_of(url)?)));
        let Some((channel, target)) = found else {
            delivery.set_status(DeliveryStatus::NotSent("the URL is below no --deliver-to".to_owned()));
            return;
        };
        if let Err(TrySendError::Full((delivery, _)) | TrySendError::Disconnected((delivery, _))) =
            channel.queue.try_send((delivery, target))
        {
            delivery.set_status(DeliveryStatus::NotSent(format!("{MAX_WAITING} notifications wait already")));
        }
    }
}

fn send_all(upstream: &Upstream, waiting: &Receiver<(Arc<Delivery>, String)>) {
    for (delivery, target) in waiting {
        delivery.set_status(send_one(upstream, &delivery, &target));
    }
}

/// Sends until the receiver responds with success.
fn send_one(upstream: &Upstream, delivery: &Delivery, target: &str) -> DeliveryStatus {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let body = delivery.notification.payload.to_string();
    let mut attempts = 0;
    loop {
        attempts += 1;
        let error = match upstream.send(&delivery.notification.method, target, &headers, body.as_bytes()) {
            Ok(response) if response.status().is_success() => {
                return DeliveryStatus::Delivered { attempts, status: response.status().as_u16() };
            }
            Ok(response) => format!("status {}", response.status().as_u16()),
            Err(error) => error,
        };
        match PAUSES.get(attempts as usize - 1) {
            Some(pause) => thread::sleep(*pause),
            None => return DeliveryStatus::Failed { attempts, error },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::UrlPrefix;

    #[test]
    fn urls_are_below_a_prefix_only_if_host_port_and_path_are() {
        let prefix = UrlPrefix::parse("http://127.0.0.1:9000/hooks").expect("a prefix");
        assert_eq!(prefix.target_of("http://127.0.0.1:9000/hooks/a?b=c"), Some("/hooks/a?b=c".to_owned()));
        assert_eq!(prefix.target_of("http://127.0.0.1:9000/hooks"), Some("/hooks".to_owned()));
        for other in [
            "http://127.0.0.1:9000/hookshot",
            "http://127.0.0.1:9000/",
            "http://127.0.0.1:9001/hooks",
            "https://127.0.0.1:9000/hooks",
            "http://127.0.0.1:9000@other.example/hooks",
            "http://user@127.0.0.1:9000/hooks",
            "http://other.example/hooks",
            "http://127.0.0.1:9000/hooks/../admin",
            "http://127.0.0.1:9000/hooks/%2e%2e/admin",
            "file:///hooks",
            "/hooks",
        ] {
            assert_eq!(prefix.target_of(other), None, "{other}");
        }
    }
}
