//! Large batches are opened on two threads of their own: no other request waits for them, and what opening once took stays with two
//! threads instead of with every one that ever helped.

use crate::error::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Each may take 8 MiB, and as much again while it is checked.
const THREADS: usize = 2;
/// Batches that wait for one of them; what they hold is bounded before, by the bytes being read.
const WAITING_MAX: usize = 256;

type Job = Box<dyn FnOnce() + Send>;

pub struct Large(SyncSender<Job>);

impl Large {
    /// The threads end with the last sender.
    pub fn start() -> Self {
        let (jobs, inbox) = sync_channel(WAITING_MAX);
        let inbox = Arc::new(Mutex::new(inbox));
        for number in 0..THREADS {
            let inbox = inbox.clone();
            let work = move || {
                while let Some(job) = next(&inbox) {
                    // Whoever asked hears of it; the thread goes on.
                    let _ = catch_unwind(AssertUnwindSafe(job));
                }
            };
            let started = std::thread::Builder::new().name(format!("door-{number}")).spawn(work);
            if let Err(cause) = started {
                tracing::error!(%cause, "a thread for large batches could not be started");
            }
        }
        Self(jobs)
    }

    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        // The asker may be gone.
        let job: Job = Box::new(move || drop(reply.send(work())));
        self.0.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy { retry_s: 2 },
            TrySendError::Disconnected(_) => Error::Busy { retry_s: 10 },
        })?;
        answer.await.map_err(|cause| Error::internal("the door", cause))?
    }
}

fn next(inbox: &Mutex<Receiver<Job>>) -> Option<Job> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
