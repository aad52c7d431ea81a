use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use smallvec::{SmallVec, smallvec};

use super::Parking;
use super::rejection::Rejection;
use super::selection::{Intent, Needed, of_api, of_control};
use super::take_up::{Arrival, Origin};
use crate::admin::Admin;
use crate::request::{Request, Response};
use crate::server::{Admission, After, Backend, Pass, Port, Reply};
use crate::session::SessionId;

/// How much longer than for the claim a request waits at most.
const MARGIN: Duration = Duration::from_secs(2);

/// The mock and its control API, with sessions that move between replicas.
pub struct ParkedBackend {
    /// The mock and its control API.
    pub admin: Admin,
    /// Its sessions.
    pub parking: Arc<Parking>,
}

impl Backend for ParkedBackend {
    fn respond(&self, port: Port, request: Request) -> Reply {
        Backend::respond(&self.admin, port, request)
    }

    fn may_take_long(&self, port: Port, request: &Request) -> bool {
        Backend::may_take_long(&self.admin, port, request)
    }

    fn allows_origin(&self, port: Port, origin: &HeaderValue) -> bool {
        Backend::allows_origin(&self.admin, port, origin)
    }

    fn pass_time(&self) {
        Backend::pass_time(&self.admin);
    }

    fn admit(&self, port: Port, request: &mut Request) -> Admission {
        match port {
            Port::Api => self.admit_to_api(request),
            Port::Control if !self.admin.accepts(request) => Admission::At(Pass::default()),
            Port::Control => {
                let new_id = || format!("session-{:016x}", rand::random::<u64>());
                let needed = of_control(request, new_id);
                match needed.is_empty() {
                    true => Admission::At(Pass::default()),
                    false => self.wait_for(Port::Control, SmallVec::from_vec(needed), request),
                }
            }
        }
    }
}

impl ParkedBackend {
    fn admit_to_api(&self, request: &Request) -> Admission {
        let Some((id, intent)) = of_api(&self.parking.mock, request) else { return Admission::At(Pass::default()) };
        match self.parking.ready(id.as_str()) {
            // A session that it may select is the one that it selects, or the token decides.
            Some(session) => Admission::At(Pass { sessions: smallvec![session], ..Pass::default() }),
            None => self.wait_for(Port::Api, smallvec![(id, intent)], request),
        }
    }

    fn wait_for(&self, port: Port, needed: SmallVec<[Needed; 2]>, request: &Request) -> Admission {
        let (parking, request) = (Arc::clone(&self.parking), request.clone());
        Admission::Later(Box::pin(async move {
            let mut pass = Pass::default();
            for (id, intent) in needed {
                match parking.arrive(&id, intent).await {
                    Ok(Arrival { session, origin }) => {
                        pass.sessions.extend(session);
                        if port == Port::Api || origin != Origin::New {
                            pass.state = origin.name().map(HeaderValue::from_static).or(pass.state);
                        }
                    }
                    Err(rejection) => {
                        return Err(Box::new(parking.reject(&rejection, port, &id, &request)));
                    }
                }
                let possible = intent == Intent::Find && port == Port::Api;
                if possible && let Some((selected, Intent::Open)) = of_api(&parking.mock, &request) {
                    // With the session here, its token is known.
                    let arrived = parking.arrive(&selected, Intent::Open).await;
                    pass.sessions.extend(arrived.ok().and_then(|arrival| arrival.session));
                }
                match intent {
                    Intent::Delete => pass.after = Some(after_delete(Arc::clone(&parking), id)),
                    Intent::Seed => pass.after = Some(after_seed(Arc::clone(&parking), id, request.clone())),
                    Intent::Find | Intent::Open => {}
                }
            }
            Ok(pass)
        }))
    }
}

/// What follows a request that deletes a session: its claim and its state are deleted too.
fn after_delete(parking: Arc<Parking>, id: SessionId) -> After {
    Box::new(move |response| {
        Box::pin(async move {
            if response.status == StatusCode::NO_CONTENT {
                let deleted = parking.delete(&id).await;
                parking.report(deleted, "cannot delete a session");
            }
            response
        })
    })
}

/// What follows a request that gives a session its state: the session is claimed, or it ends.
fn after_seed(parking: Arc<Parking>, id: SessionId, request: Request) -> After {
    Box::new(move |response| {
        Box::pin(async move {
            if parking.mock.sessions().find(id.as_str()).is_none() {
                return response;
            }
            match parking.arrive(&id, Intent::Seed).await {
                Ok(_) => response,
                Err(rejection) => {
                    parking.forget_local(id.as_str());
                    parking.reject(&rejection, Port::Control, &id, &request)
                }
            }
        })
    })
}

impl Parking {
    fn reject(&self, rejection: &Rejection, port: Port, id: &SessionId, request: &Request) -> Response {
        self.counters.count_rejection(rejection);
        let retry_after = self.options.lease.as_secs().max(1);
        rejection.response((&self.mock, port), (id, request), retry_after)
    }

    /// Takes up a session in a task of its own, which goes on if the client is gone.
    async fn arrive(self: &Arc<Self>, id: &SessionId, intent: Intent) -> Result<Arrival, Rejection> {
        if let Some(session) = self.ready(id.as_str()) {
            return Ok(Arrival { session: Some(session), origin: Origin::Here });
        }
        let (parking, session) = (Arc::clone(self), id.clone());
        let task = tokio::spawn(async move { parking.take_up(&session, intent).await });
        match tokio::time::timeout(self.options.wait + MARGIN, task).await {
            Ok(Ok(arrival)) => arrival,
            Ok(Err(error)) => Err(Rejection::Unavailable(error.to_string())),
            Err(_) => Err(Rejection::Unavailable("it is being taken up, which takes longer than usual".to_owned())),
        }
    }
}
