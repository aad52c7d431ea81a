//! The object store, with bounds on the time, number and size of operations.

use std::path::Path as FilePath;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    BackoffConfig, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutPayload, PutResult, RetryConfig,
};
use tokio::sync::Semaphore;

use super::http::UreqConnector;

/// How many operations of a store run at the same time; further ones wait.
pub(super) const MAX_OPERATIONS: usize = 16;
/// The maximum size of an object, bytes.
pub(super) const MAX_SIZE: usize = 256 << 20;
/// The time for one operation, with all its attempts, from when it begins to wait for others.
const TIMEOUT: Duration = Duration::from_secs(8);
/// The time in which the client of a store repeats a request that failed.
const RETRY_TIME: Duration = Duration::from_secs(3);
const MAX_RETRIES: usize = 3;

/// An object store or a folder.
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    /// Whether an object can be replaced on the condition that it is of a version.
    can_update: bool,
    operations: Arc<Semaphore>,
}

/// Why an operation of a store fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store gives no answer in time.
    #[error("no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    /// The store or the connection to it fails.
    #[error("{0}")]
    Failed(String),
    /// An object is too large.
    #[error("{key} has {size} bytes; the maximum is {MAX_SIZE}")]
    TooLarge {
        /// The key of the object.
        key: String,
        /// Its size, bytes.
        size: u64,
    },
    /// An object is not what this program writes.
    #[error("{key} cannot be read: {reason}")]
    Invalid {
        /// The key of the object.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A URL that names no store.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreUrlError(String);

/// An object that was read.
pub(super) struct Object {
    pub(super) meta: ObjectMeta,
    pub(super) content: Bytes,
}

impl Store {
    /// The store of a URL (`s3://BUCKET/PREFIX`, `gs://…`, `az://…`, `file:///PATH`) or of the path of a folder, which is
    /// created if it does not exist. Credentials and endpoints of object stores are taken from the environment, such as
    /// `AWS_ACCESS_KEY_ID` and `AWS_ENDPOINT`.
    ///
    /// # Errors
    /// If the URL has another scheme, the environment lacks something, or the folder cannot be created.
    pub fn open(url: &str) -> Result<Self, StoreUrlError> {
        let retry = || RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() },
            max_retries: MAX_RETRIES,
            retry_timeout: RETRY_TIME,
        };
        let failed = |error: object_store::Error| StoreUrlError(error.to_string());
        let (scheme, rest) = url.split_once("://").unwrap_or(("file", url));
        let prefix = Path::from(rest.split_once('/').map_or("", |(_, prefix)| prefix));
        let objects: Arc<dyn ObjectStore> = match scheme {
            "file" => return Self::folder(FilePath::new(rest)),
            "s3" => {
                let builder = AmazonS3Builder::from_env().with_url(url).with_http_connector(UreqConnector);
                Arc::new(PrefixStore::new(builder.with_retry(retry()).build().map_err(failed)?, prefix))
            }
            "gs" => {
                let builder = GoogleCloudStorageBuilder::from_env().with_url(url).with_http_connector(UreqConnector);
                Arc::new(PrefixStore::new(builder.with_retry(retry()).build().map_err(failed)?, prefix))
            }
            "az" => {
                let builder = MicrosoftAzureBuilder::from_env().with_url(url).with_http_connector(UreqConnector);
                Arc::new(PrefixStore::new(builder.with_retry(retry()).build().map_err(failed)?, prefix))
            }
            other => {
                let known =
                    "write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or the path of a folder";
                return Err(StoreUrlError(format!("the scheme `{other}` is unknown; {known}")));
            }
        };
        Ok(Self::new(objects, true))
    }

    fn folder(path: &FilePath) -> Result<Self, StoreUrlError> {
        let failed = |error: &dyn std::fmt::Display| StoreUrlError(format!("the folder cannot be used: {error}"));
        std::fs::create_dir_all(path).map_err(|error| failed(&error))?;
        let files = LocalFileSystem::new_with_prefix(path).map_err(|error| failed(&error))?;
        Ok(Self::new(Arc::new(files), false))
    }

    /// A store. `can_update` is whether it can replace an object on the condition that it is of a version, which a folder
    /// cannot.
    pub fn new(objects: Arc<dyn ObjectStore>, can_update: bool) -> Self {
        Self { objects, can_update, operations: Arc::new(Semaphore::new(MAX_OPERATIONS)) }
    }

    pub(super) fn can_update(&self) -> bool {
        self.can_update
    }

    /// Runs an operation. It goes on in the background if it takes too long, and counts as running until it ends.
    async fn run<T, F>(&self, operation: impl FnOnce(Arc<dyn ObjectStore>) -> F) -> Result<T, object_store::Error>
    where
        T: Send + 'static,
        F: Future<Output = object_store::Result<T>> + Send + 'static,
    {
        let operation = operation(Arc::clone(&self.objects));
        let operations = Arc::clone(&self.operations);
        let task = tokio::spawn(async move {
            let permit = operations.acquire_owned().await;
            let result = operation.await;
            drop(permit);
            result
        });
        let late = |source| object_store::Error::Generic { store: "parking", source };
        match tokio::time::timeout(TIMEOUT, task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) => Err(late(error.into())),
            Err(_) => Err(late(Box::new(StoreError::Timeout))),
        }
    }

    /// Reads an object; `None` if it does not exist.
    pub(super) async fn get(&self, key: String) -> Result<Option<Object>, StoreError> {
        let read = move |objects: Arc<dyn ObjectStore>| async move {
            let path = Path::from(key);
            let found = objects.get(&path).await?;
            let (meta, size) = (found.meta.clone(), found.meta.size);
            if size > MAX_SIZE as u64 {
                let error = StoreError::TooLarge { key: path.to_string(), size };
                return Err(object_store::Error::Generic { store: "parking", source: error.into() });
            }
            Ok(Object { meta, content: found.bytes().await? })
        };
        match self.run(read).await {
            Ok(object) => Ok(Some(object)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes an object.
    ///
    /// # Errors
    /// `AlreadyExists` or `Precondition` if the mode has a condition that is not met.
    pub(super) async fn put(
        &self,
        key: String,
        pieces: Vec<String>,
        mode: PutMode,
    ) -> Result<PutResult, object_store::Error> {
        let size = pieces.iter().map(String::len).sum::<usize>();
        if size > MAX_SIZE {
            let error = StoreError::TooLarge { key, size: size as u64 };
            return Err(object_store::Error::Generic { store: "parking", source: error.into() });
        }
        let payload: PutPayload = pieces.into_iter().map(Bytes::from).collect();
        self.run(move |objects: Arc<dyn ObjectStore>| async move {
            objects.put_opts(&Path::from(key), payload, mode.into()).await
        })
        .await
    }

    /// Deletes an object. One that does not exist is no error.
    pub(super) async fn delete(&self, key: String) -> Result<(), StoreError> {
        match self.run(move |objects: Arc<dyn ObjectStore>| async move { objects.delete(&Path::from(key)).await }).await
        {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The names of the objects directly below a prefix.
    pub(super) async fn list(&self, prefix: String) -> Result<Vec<String>, StoreError> {
        let list = move |objects: Arc<dyn ObjectStore>| async move {
            let found: Vec<ObjectMeta> = objects.list(Some(&Path::from(prefix))).try_collect().await?;
            Ok(found.iter().filter_map(|meta| meta.location.filename().map(str::to_owned)).collect())
        };
        Ok(self.run(list).await?)
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::Generic { source, .. } => match source.downcast::<Self>() {
                Ok(own) => *own,
                Err(other) => Self::Failed(other.to_string()),
            },
            error => Self::Failed(error.to_string()),
        }
    }
}
