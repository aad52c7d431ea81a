use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use tokio::time::Instant;

use super::claims::{Claim, ClaimError, ClaimStatus, ClaimVersion, Owner, Saved};
use super::lease::OwnerStatus;
use super::rejection::Rejection;
use super::selection::Intent;
use super::states::Loaded;
use super::{Held, Parking, hand_over};
use crate::session::{Session, SessionId};

/// The time between two looks at a claim whose owner is about to release it.
const POLL: Duration = Duration::from_millis(100);

/// A session that this replica may use, or that does not exist.
pub(super) struct Arrival {
    /// `None` if it does not exist and the request does not begin it.
    pub(super) session: Option<Arc<Session>>,
    pub(super) origin: Origin,
}

/// How a session came to this replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It was here.
    Here,
    /// It begins with this request.
    New,
    /// It was parked, with all its changes.
    Resumed,
    /// Its replica is gone; it has the state that was stored last, and later changes are lost.
    Recovered,
}

impl Origin {
    /// The value of the header that says so.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Here => None,
            Self::New => Some("new"),
            Self::Resumed => Some("resumed"),
            Self::Recovered => Some("recovered"),
        }
    }
}

/// The next step with a session.
pub(super) enum Step {
    Done(Arrival),
    /// The claim has changed meanwhile.
    Again,
    /// Another replica has it. `is_ending` if that releases it soon.
    Wait {
        owner: Owner,
        is_ending: bool,
    },
}

impl Parking {
    /// Makes a session ready for use here: claims it, and reads its state if it was parked.
    pub(super) async fn take_up(&self, id: &SessionId, intent: Intent) -> Result<Arrival, Rejection> {
        let until = Instant::now() + self.options.wait;
        let mut asked = None;
        let locked = self.locks.lock(id.as_str()).await;
        loop {
            if let Some(session) = self.ready(id.as_str()) {
                return Ok(Arrival { session: Some(session), origin: Origin::Here });
            }
            self.lease.ensure().await?;
            match self.step(id, intent).await? {
                Step::Done(arrival) => {
                    drop(locked);
                    self.counters.count_arrival(arrival.origin);
                    return Ok(arrival);
                }
                Step::Again if Instant::now() < until => {}
                Step::Again => return Err(Rejection::Unavailable("its claim changes all the time".to_owned())),
                Step::Wait { owner, is_ending } => {
                    let by = if is_ending { until } else { asked.unwrap_or(until) };
                    if Instant::now() > by.min(until) {
                        return Err(Rejection::Elsewhere(owner));
                    }
                    if !is_ending && asked.is_none() {
                        self.ask_for(id, &owner).await?;
                        asked = Some(Instant::now() + hand_over::WAIT.min(self.options.wait));
                    }
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn step(&self, id: &SessionId, intent: Intent) -> Result<Step, Rejection> {
        let held = self.held.lock().get(id.as_str()).cloned();
        let local = self.mock.sessions().find(id.as_str());
        if let (Some(held), Some(session)) = (held, local.clone()) {
            return self.claim_again(held, session).await;
        }
        match self.claims.read(id.as_str()).await? {
            None => self.begin(id, local, intent, None).await,
            Some((claim, version)) => self.take_claimed(id, (claim, version), local, intent).await,
        }
    }

    /// Claims a session that is here after the lease was lost, or after a claim that may or may not have been written.
    pub(super) async fn claim_again(&self, held: Held, session: Arc<Session>) -> Result<Step, Rejection> {
        let losses = self.lease.losses();
        let claim = self.new_claim(session.id(), held.claim.saved.clone());
        // What the store has is one of two claims of this replica, unless another one has taken the session.
        let read = self.claims.read(session.id()).await?;
        let own = read.filter(|(found, _)| found.owner == held.claim.owner && found.number >= held.claim.number);
        let written = match own {
            Some((_, version)) => self.claims.write(&claim, Some(&version)).await,
            None => Err(ClaimError::Changed),
        };
        match written {
            Ok(version) => {
                self.hold(claim, version, losses, held.saved);
                Ok(Step::Done(Arrival { session: Some(session), origin: Origin::Here }))
            }
            Err(ClaimError::Changed) => {
                self.forget_local(session.id());
                Ok(Step::Again)
            }
            Err(ClaimError::Store(error)) => Err(error.into()),
        }
    }

    /// Removes a session that another replica has taken.
    pub(super) fn forget_local(&self, id: &str) {
        self.held.lock().remove(id);
        self.mock.sessions().remove(id);
    }

    pub(super) fn new_claim(&self, id: &CompactString, saved: Option<Saved>) -> Claim {
        Claim::held(id, self.lease.owner(), self.next_number(), saved)
    }

    /// Claims a session that begins now. `before` is the version of the claim of a session that is lost.
    async fn begin(
        &self,
        id: &SessionId,
        local: Option<Arc<Session>>,
        intent: Intent,
        before: Option<ClaimVersion>,
    ) -> Result<Step, Rejection> {
        // A request that gives a session its state creates it itself, and it is claimed after that.
        if local.is_none() && intent != Intent::Open {
            return Ok(Step::Done(Arrival { session: None, origin: Origin::Here }));
        }
        self.make_room().await?;
        let losses = self.lease.losses();
        let claim = self.new_claim(&id.as_str().into(), None);
        match self.claims.write(&claim, before.as_ref()).await {
            Ok(version) => self.hold(claim, version, losses, None),
            Err(ClaimError::Changed) => return Ok(Step::Again),
            Err(ClaimError::Store(error)) => return Err(error.into()),
        }
        let session = local.unwrap_or_else(|| self.mock.sessions().create_or_find(id, Self::now()));
        Ok(Step::Done(Arrival { session: Some(session), origin: Origin::New }))
    }

    /// Takes a session that some replica has claimed before.
    async fn take_claimed(
        &self,
        id: &SessionId,
        (claim, version): (Claim, ClaimVersion),
        local: Option<Arc<Session>>,
        intent: Intent,
    ) -> Result<Step, Rejection> {
        let is_own = claim.owner == self.lease.owner();
        let origin = match claim.status {
            ClaimStatus::Parked => Origin::Resumed,
            // The attempt to park it or to begin it was cut short.
            ClaimStatus::Held if is_own => Origin::Resumed,
            ClaimStatus::Held => match self.lease.status_of(&claim.owner).await? {
                OwnerStatus::Gone => Origin::Recovered,
                status => {
                    let is_ending = status == OwnerStatus::Ending;
                    return Ok(Step::Wait { owner: claim.owner, is_ending });
                }
            },
        };
        let Some(saved) = &claim.saved else {
            return match intent {
                _ if is_own => self.begin(id, local, intent, Some(version)).await,
                Intent::Seed => self.begin(id, local, intent, Some(version)).await,
                Intent::Delete => {
                    self.claims.remove(id.as_str()).await?;
                    Ok(Step::Done(Arrival { session: None, origin: Origin::Here }))
                }
                _ => Err(Rejection::Lost(claim.owner)),
            };
        };
        if local.is_some() && intent == Intent::Seed {
            // Another replica has begun it at the same time.
            return Err(Rejection::Elsewhere(claim.owner));
        }
        self.make_room().await?;
        let Loaded { start, state } = self.states.load(saved, Self::now()).await?;
        let losses = self.lease.losses();
        let own = self.new_claim(&id.as_str().into(), Some(saved.clone()));
        let version = match self.claims.write(&own, Some(&version)).await {
            Ok(version) => version,
            Err(ClaimError::Changed) => return Ok(Step::Again),
            Err(ClaimError::Store(error)) => return Err(error.into()),
        };
        let Ok(session) = self.mock.sessions().restore(id, start, state, Self::now()) else {
            // It was begun while another request deleted it.
            self.mock.sessions().remove(id.as_str());
            return Ok(Step::Again);
        };
        self.hold(own, version, losses, Some(session.version()));
        session.add_own_event(origin.name().unwrap_or_default(), loss(&claim, saved, origin));
        Ok(Step::Done(Arrival { session: Some(session), origin }))
    }
}

/// What is lost of a session, if anything is.
fn loss(claim: &Claim, saved: &Saved, origin: Origin) -> Option<String> {
    let (name, at) = (&claim.owner.name, saved.at);
    let text = || format!("the replica {name} has ended without storing the session; changes since {at} are lost");
    (origin == Origin::Recovered).then(text)
}
