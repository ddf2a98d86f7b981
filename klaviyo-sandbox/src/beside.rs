//! Work that takes long, or may have to wait for the account: done beside the runtime's workers, so
//! that other requests go on.

/// Does something on a thread that may block. A panic in it goes on in the caller.
pub(crate) async fn beside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
