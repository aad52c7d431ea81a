//! Claims: an object for each session that was ever used, which names the replica that has it.
//!
//! A claim is replaced on the condition that it is still of the version that was read, so that of two replicas one gets it. A
//! folder cannot do that: there each version is a file of its own that only one replica can create, and the highest one counts.

use std::sync::Arc;

use jiff::Timestamp;
use object_store::{PutMode, UpdateVersion};
use serde::{Deserialize, Serialize};

use super::store::{Object, Store, StoreError};

/// The version of the format of claims.
const FORMAT: u32 = 1;

/// The claim of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Claim {
    /// The version of the format.
    pub(super) format: u32,
    /// The id of the session.
    pub(super) session: String,
    /// Whether the owner has it, or had it last.
    pub(super) status: ClaimStatus,
    /// The replica.
    pub(super) owner: Owner,
    /// The number of the claim among those that the owner has written: a replica recognizes its own ones by it.
    pub(super) number: u64,
    /// The state that was stored last; `None` if none was.
    pub(super) saved: Option<Saved>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ClaimStatus {
    /// The owner has the session; its state may be newer than the one that is stored.
    Held,
    /// The stored state is the state. Any replica may take the session up.
    Parked,
}

/// A replica as claims name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// The lease under which it claims; a replica that has lost its lease gets another one.
    pub(super) lease: String,
    /// Its name, for people.
    pub(super) name: String,
    /// The address of its API.
    pub(super) address: String,
}

/// Where the state of a session is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// When it was stored.
    pub(super) at: Timestamp,
    /// The name of the initial state.
    pub(super) start: String,
    /// The key of the snapshot; `None` if the session is as it began.
    pub(super) snapshot: Option<String>,
}

/// The version of a claim in the store.
#[derive(Clone, Debug)]
pub(super) enum ClaimVersion {
    /// As the store names it.
    Tag(UpdateVersion),
    /// The number of the file.
    Number(u64),
}

/// Why a claim is not written.
#[derive(Debug)]
pub(super) enum ClaimError {
    /// It is of another version than expected.
    Changed,
    /// The store fails. Whether the claim was written is unknown.
    Store(StoreError),
}

impl From<StoreError> for ClaimError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The claims of all sessions.
pub(super) struct Claims(Arc<Store>);

impl Claims {
    pub(super) fn new(store: Arc<Store>) -> Self {
        Self(store)
    }

    /// A claim with its version; `None` if the session was never used.
    pub(super) async fn read(&self, session: &str) -> Result<Option<(Claim, ClaimVersion)>, StoreError> {
        if self.0.can_update() {
            let Some(object) = self.0.get(key(session)).await? else { return Ok(None) };
            let version = UpdateVersion { e_tag: object.meta.e_tag.clone(), version: object.meta.version.clone() };
            return Ok(Some((parse(&object)?, ClaimVersion::Tag(version))));
        }
        loop {
            let Some(number) = self.numbers(session).await?.into_iter().max() else { return Ok(None) };
            // A newer version may have replaced it since.
            if let Some(object) = self.0.get(numbered(session, number)).await? {
                return Ok(Some((parse(&object)?, ClaimVersion::Number(number))));
            }
        }
    }

    /// Replaces a claim of a version, or writes the first one.
    ///
    /// # Errors
    /// If the store has another version.
    pub(super) async fn write(
        &self,
        claim: &Claim,
        expected: Option<&ClaimVersion>,
    ) -> Result<ClaimVersion, ClaimError> {
        let text = vec![serde_json::to_string(claim).unwrap_or_default()];
        let written = match expected {
            None if self.0.can_update() => self.0.put(key(&claim.session), text, PutMode::Create).await,
            Some(ClaimVersion::Tag(version)) => {
                self.0.put(key(&claim.session), text, PutMode::Update(version.clone())).await
            }
            None => return self.write_number(claim, 1, text).await,
            Some(ClaimVersion::Number(number)) => return self.write_number(claim, number + 1, text).await,
        };
        match written {
            Ok(written) => Ok(ClaimVersion::Tag(written.into())),
            Err(error) if is_conflict(&error) => self.own_or_changed(claim).await,
            Err(error) => Err(StoreError::from(error).into()),
        }
    }

    async fn write_number(&self, claim: &Claim, number: u64, text: Vec<String>) -> Result<ClaimVersion, ClaimError> {
        match self.0.put(numbered(&claim.session, number), text, PutMode::Create).await {
            Ok(_) => {}
            Err(error) if is_conflict(&error) => return self.own_or_changed(claim).await,
            Err(error) => return Err(StoreError::from(error).into()),
        }
        // A file of a lower number may be missing because a higher one has replaced it.
        let numbers = self.numbers(&claim.session).await?;
        let is_highest = numbers.iter().all(|other| *other <= number);
        for old in numbers.into_iter().filter(|other| *other < number || !is_highest && *other == number) {
            self.0.delete(numbered(&claim.session, old)).await?;
        }
        if is_highest { Ok(ClaimVersion::Number(number)) } else { Err(ClaimError::Changed) }
    }

    /// The version of a claim that was written although the answer to the attempt says that it was not: the client of the store
    /// repeats attempts whose answer is lost.
    async fn own_or_changed(&self, claim: &Claim) -> Result<ClaimVersion, ClaimError> {
        match self.read(&claim.session).await? {
            Some((found, version)) if found == *claim => Ok(version),
            _ => Err(ClaimError::Changed),
        }
    }

    /// Removes the claim of a session, which then counts as never used.
    pub(super) async fn remove(&self, session: &str) -> Result<(), StoreError> {
        if self.0.can_update() {
            return self.0.delete(key(session)).await;
        }
        let mut numbers = self.numbers(session).await?;
        numbers.sort_unstable();
        for number in numbers {
            self.0.delete(numbered(session, number)).await?;
        }
        Ok(())
    }

    async fn numbers(&self, session: &str) -> Result<Vec<u64>, StoreError> {
        let names = self.0.list(format!("claims/{session}")).await?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect())
    }
}

impl Claim {
    /// A claim of a session that is held.
    pub(super) fn held(session: &str, owner: Owner, number: u64, saved: Option<Saved>) -> Self {
        Self { format: FORMAT, session: session.to_owned(), status: ClaimStatus::Held, owner, number, saved }
    }
}

fn key(session: &str) -> String {
    format!("claims/{session}.json")
}

fn numbered(session: &str, number: u64) -> String {
    format!("claims/{session}/{number:010}.json")
}

fn is_conflict(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. })
}

fn parse(object: &Object) -> Result<Claim, StoreError> {
    let invalid = |reason: String| StoreError::Invalid { key: object.meta.location.to_string(), reason };
    let claim: Claim = serde_json::from_slice(&object.content).map_err(|error| invalid(error.to_string()))?;
    match claim.format {
        FORMAT => Ok(claim),
        other => Err(invalid(format!("format {other} of claims is unknown; this program reads format {FORMAT}"))),
    }
}
