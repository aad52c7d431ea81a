//! The states of sessions as objects: snapshots with credentials, and the initial states with which the sessions began.

use std::num::NonZeroUsize;
use std::sync::{Arc, Weak};

use jiff::Timestamp;
use lru::LruCache;
use object_store::PutMode;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::claims::Saved;
use super::store::{Store, StoreError};
use crate::diagnostics::SourceFile;
use crate::pipeline::Mock;
use crate::request::{CacheLimits, State};
use crate::scenarios::{SnapshotFormat, load_state, write_snapshot};
use crate::session::{Session, SessionVersion, Start};

/// How many snapshots are written or read at the same time.
pub(super) const MAX_THREADS: usize = 4;
/// How many initial states are known by name.
const KNOWN_STARTS: NonZeroUsize = NonZeroUsize::new(32).expect("not zero");
/// How many characters of its hash name an initial state.
const NAME_LENGTH: usize = 32;

/// The states in a store.
pub(super) struct States {
    store: Arc<Store>,
    mock: Arc<Mock>,
    threads: Arc<Semaphore>,
    /// Initial states by the names of their objects, which exist.
    starts: Mutex<LruCache<String, Weak<Start>>>,
    /// Those that were read: sessions that are taken up share them.
    read: Mutex<LruCache<String, Arc<Start>>>,
}

/// The state of a session that was read.
pub(super) struct Loaded {
    pub(super) start: Arc<Start>,
    /// `None` if the session is as it began.
    pub(super) state: Option<State>,
}

impl States {
    pub(super) fn new(store: Arc<Store>, mock: Arc<Mock>) -> Self {
        let starts = Mutex::new(LruCache::new(KNOWN_STARTS));
        let read = Mutex::new(LruCache::new(KNOWN_STARTS));
        Self { store, mock, threads: Arc::new(Semaphore::new(MAX_THREADS)), starts, read }
    }

    /// Stores the state of a session under a new key, which ends with a number. Returns where it is, and its version.
    pub(super) async fn save(
        &self,
        session: &Arc<Session>,
        number: &str,
        at: Timestamp,
    ) -> Result<(Saved, SessionVersion), StoreError> {
        let (start, state, version) = session.start_and_state();
        let start = self.save_start(&start, at).await?;
        let Some(state) = state else { return Ok((Saved { at, start, snapshot: None }, version)) };
        let id = session.id().clone();
        let key = format!("snapshots/{id}/{number}.json");
        let pieces = self.write(state, id.to_string(), at).await?;
        self.store.put(key.clone(), pieces, PutMode::Overwrite).await?;
        Ok((Saved { at, start, snapshot: Some(key) }, version))
    }

    /// The name of an initial state, which is stored unless it is known to be.
    async fn save_start(&self, start: &Arc<Start>, at: Timestamp) -> Result<String, StoreError> {
        let known = self
            .starts
            .lock()
            .iter()
            .find(|(_, known)| known.as_ptr() == Arc::as_ptr(start))
            .map(|(name, _)| name.clone());
        if let Some(name) = known {
            return Ok(name);
        }
        let pieces = self.write(start.fork(), "start".to_owned(), at).await?;
        let mut hash = Sha256::new();
        pieces.iter().for_each(|piece| hash.update(piece.as_bytes()));
        let name: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let name = name[..NAME_LENGTH].to_owned();
        match self.store.put(start_key(&name), pieces, PutMode::Create).await {
            // Its name says what is in it.
            Ok(_) | Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.starts.lock().put(name.clone(), Arc::downgrade(start));
        Ok(name)
    }

    /// The text of a snapshot with credentials, written on another thread.
    async fn write(&self, state: State, name: String, at: Timestamp) -> Result<Vec<String>, StoreError> {
        let mock = Arc::clone(&self.mock);
        let write = move || {
            let form = (true, SnapshotFormat::Json);
            Ok(write_snapshot(&mock.engine(), state, &name, at, form).into_pieces())
        };
        self.on_thread(write).await
    }

    /// Reads the state of a session.
    pub(super) async fn load(&self, saved: &Saved, at: Timestamp) -> Result<Loaded, StoreError> {
        let start = self.load_start(&saved.start, at).await?;
        let Some(key) = saved.snapshot.clone() else { return Ok(Loaded { start, state: None }) };
        let state = self.read(key, start.fork(), at).await?;
        Ok(Loaded { start, state: Some(state) })
    }

    async fn load_start(&self, name: &str, at: Timestamp) -> Result<Arc<Start>, StoreError> {
        // The name of the own one is known once it is stored.
        let own = self.mock.sessions().start();
        if self.save_start(&own, at).await? == name {
            return Ok(own);
        }
        let known = self.starts.lock().get(name).and_then(Weak::upgrade);
        if let Some(start) = known.or_else(|| self.read.lock().get(name).map(Arc::clone)) {
            return Ok(start);
        }
        let mut state = self.read(start_key(name), own.fork(), at).await?;
        state.store.set_meter(self.mock.sessions().meter());
        let start = Arc::new(Start::new(state, CacheLimits::SMALL));
        self.starts.lock().put(name.to_owned(), Arc::downgrade(&start));
        self.read.lock().put(name.to_owned(), Arc::clone(&start));
        Ok(start)
    }

    async fn read(&self, key: String, before: State, at: Timestamp) -> Result<State, StoreError> {
        let missing = || StoreError::Invalid { key: key.clone(), reason: "it does not exist".to_owned() };
        let object = self.store.get(key.clone()).await?.ok_or_else(missing)?;
        if let Err(full) = self.mock.sessions().meter().room_for_body(object.content.len()) {
            return Err(StoreError::Failed(full.to_string()));
        }
        let mock = Arc::clone(&self.mock);
        let load = move || {
            let invalid = |reason: String| StoreError::Invalid { key: key.clone(), reason };
            let text = std::str::from_utf8(&object.content).map_err(|error| invalid(error.to_string()))?;
            let source = SourceFile::new(key.as_str(), text);
            let loaded = load_state(&mock.engine(), &source, &before, at);
            // The first error is enough to see that the API is another one.
            loaded.map_err(|errors| invalid(errors.to_string().lines().next().unwrap_or_default().to_owned()))
        };
        self.on_thread(load).await
    }

    /// Deletes a snapshot that nothing refers to any more. If that fails it stays as garbage.
    pub(super) async fn delete(&self, saved: Option<&Saved>) {
        if let Some(key) = saved.and_then(|saved| saved.snapshot.clone()) {
            let _ = self.store.delete(key).await;
        }
    }

    /// Runs work that takes long, so that requests are served meanwhile.
    async fn on_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.threads).acquire_owned().await;
        let work = move || {
            let result = work();
            drop(permit);
            result
        };
        let done = tokio::task::spawn_blocking(work).await;
        // A panic is a bug; its message is on stderr.
        done.map_err(|error| StoreError::Failed(error.to_string()))?
    }
}

fn start_key(name: &str) -> String {
    format!("starts/{name}.json")
}
